"""A course on disk: what it holds, the key that hidden inputs are drawn with, and the hash of what was graded."""

import re
import shutil
import stat

import pytest

from autograder.course import Assignment, CourseError, Key, assignment_names, course_key, find_assignment, find_course
from autograder.report import Report


@pytest.fixture
def copy(course, tmp_path):
    """A copy of what an assignment is made of, to change."""
    for folder in ("solutions/gru_cell", "solutions/reference", "exercises/gru_cell"):
        shutil.copytree(course / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


# Finding it.


def test_the_course_is_the_nearest_folder_with_solutions(copy, monkeypatch):
    monkeypatch.chdir(copy / "exercises" / "gru_cell")
    assert find_course() == copy


def test_a_course_that_is_named_must_be_one(copy, tmp_path):
    assert find_course(copy) == copy
    with pytest.raises(CourseError, match=r"exercises is no course: it has no folder solutions/\.$"):
        find_course(copy / "exercises")


def test_outside_of_a_course_there_is_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=r"^No course was found: .* Use --course DIR\.$"):
        find_course()


def test_only_a_folder_with_a_source_is_an_assignment(course):
    assert "gru_cell" in assignment_names(course)
    assert "reference" not in assignment_names(course)


@pytest.mark.parametrize("name", ["nonsense", "reference", "", "../gru_cell", "gru_cell/"])
def test_an_assignment_that_there_is_not_gets_the_names_of_those_there_are(course, name):
    with pytest.raises(CourseError, match=r"^This course has no assignment '.*'\. It has: .*gru_cell.*\.$"):
        find_assignment(course, name)


def test_the_points_are_those_of_the_release(assignment):
    tasks = [(task.name, task.points, task.manual) for task in assignment.tasks]
    assert tasks == [
        ("sigmoid", 1, False),
        ("gru_cell", 4, False),
        ("gru_forward", 3, False),
        ("what_a_unit_does", 2, True),
    ]


def test_without_a_release_it_is_said_how_to_make_one(copy):
    (copy / "exercises" / "gru_cell" / "gru_cell.ipynb").unlink()
    with pytest.raises(CourseError, match=r"gru_cell\.ipynb is missing\. Make it with: autograder exercises gru_cell"):
        _ = Assignment(copy, "gru_cell").tasks


# The key.


@pytest.fixture
def no_key(monkeypatch):
    """No key is in the environment."""
    monkeypatch.delenv("AUTOGRADER_KEY")


def test_the_key_is_made_on_first_use_and_kept(tmp_path, no_key):
    first = course_key(tmp_path)
    assert len(first.secret) == 64
    assert course_key(tmp_path) == first
    assert (tmp_path / ".course-key").read_text().strip() == first.secret


def test_nobody_else_may_read_the_key(tmp_path, no_key):
    course_key(tmp_path)
    assert stat.S_IMODE((tmp_path / ".course-key").stat().st_mode) == 0o600


def test_two_courses_have_two_keys(tmp_path, no_key):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert course_key(tmp_path / "one") != course_key(tmp_path / "two")


def test_the_key_in_the_environment_wins_and_makes_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_KEY", " secret\n")
    assert course_key(tmp_path) == Key("secret")
    assert not (tmp_path / ".course-key").exists()
    (tmp_path / ".course-key").write_text("another")
    assert course_key(tmp_path) == Key("secret")


def test_an_empty_key_in_the_environment_is_none(tmp_path, monkeypatch):
    (tmp_path / ".course-key").write_text("mine\n")
    monkeypatch.setenv("AUTOGRADER_KEY", "  ")
    assert course_key(tmp_path) == Key("mine")


def test_an_empty_key_file_is_refused(tmp_path, no_key):
    (tmp_path / ".course-key").write_text("\n")
    with pytest.raises(CourseError, match=r"\.course-key is empty\. Put back a copy of it; or delete it"):
        course_key(tmp_path)


def test_the_id_names_the_key_without_giving_it_away():
    one, other = Key("secret one"), Key("secret two")
    assert one.id == Key("secret one").id != other.id
    assert re.fullmatch("[0-9a-f]{12}", one.id)
    assert "secret" not in one.id
    assert int(one.id, 16) not in (one.seed(), one.seed("id"))


def test_a_seed_is_the_same_for_the_same_names_and_another_for_others():
    key = Key("secret")
    names = ("ada", "gru_cell", "one_step")
    assert key.seed(*names) == key.seed(*names)
    others = [("bob", *names[1:]), ("ada", "lstm_cell", "one_step"), ("ada", "gru_cell", "wide")]
    seeds = {key.seed(*names), Key("other").seed(*names), *(key.seed(*other) for other in others)}
    assert len(seeds) == 5


def test_names_are_not_run_together_in_a_seed():
    key = Key("secret")
    assert key.seed("ab", "c") != key.seed("a", "bc") != key.seed("abc")


def test_a_seed_takes_a_name_that_is_no_utf8():
    key = Key("secret")
    assert key.seed("caf\udce9") != key.seed("caf\udce8")


# The hash.


def sha(course) -> str:
    return Assignment(course, "gru_cell").sha256


def test_the_same_files_have_the_same_hash_wherever_they_lie(course, copy):
    assert sha(copy) == sha(course)


@pytest.mark.parametrize(
    "name",
    [
        "solutions/gru_cell/checks.py",
        "solutions/gru_cell/mistakes.py",
        "solutions/gru_cell/gru_cell.py",
        "solutions/reference/gru.py",
        "solutions/reference/inputs.py",
        "exercises/gru_cell/gru_cell.ipynb",
    ],
)
def test_a_file_that_can_change_a_grade_changes_the_hash(copy, name):
    before = sha(copy)
    with (copy / name).open("a") as file:
        file.write("\n")
    assert sha(copy) != before


def test_a_new_module_of_the_reference_changes_the_hash(copy):
    before = sha(copy)
    (copy / "solutions" / "reference" / "more.py").touch()
    assert sha(copy) != before


def test_what_python_leaves_behind_does_not_change_the_hash(copy):
    before = sha(copy)
    (copy / "solutions" / "gru_cell" / "__pycache__").mkdir()
    (copy / "solutions" / "gru_cell" / "__pycache__" / "checks.pyc").write_bytes(b"x")
    assert sha(copy) == before


# The report: a score is sound or there is none.


def report(**changed: object) -> Report:
    fields = {"student": "ada", "assignment": "gru_cell", "status": "graded", "score": 1.0, "max_score": 8.0}
    fields |= dict.fromkeys(["submission_sha256", "assignment_sha256", "grader_version", "key_id"], "")
    fields |= {"isolation": "weak", "device": "cpu", "seconds": 0.1, "tasks": [], "manual": []}
    return Report(**{**fields, **changed})


@pytest.mark.parametrize("score", [0.0, 3.5, 8.0])
def test_a_score_within_the_points_is_sound(score):
    assert report(score=score).score == score


@pytest.mark.parametrize(
    "changed",
    [{"score": -1.0}, {"score": 8.5}, {"score": float("nan")}, {"score": float("inf")}, {"status": "passed"}],
    ids=str,
)
def test_any_other_score_or_status_is_the_instructor_s_error(changed):
    with pytest.raises(ValueError, match=r"^a report of ada is not sound"):
        report(**changed)
