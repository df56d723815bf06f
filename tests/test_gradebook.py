"""`autograder import-gradebook` enters the grades as nbgrader's own autograde would."""

import contextlib
import csv
import datetime
import json
import shutil
import sqlite3

import pytest
from gradebooks import marks
from nbgrader.api import Gradebook, SubmittedAssignment
from running import COURSE, run, run_well

STUDENTS = ["right-solution", "mistake-update-gate-flipped", "empty-release", "hostile-sys-exit"]
HANDED_IN = {
    "right-solution": "2026-10-14 11:00:00.25 UTC",
    "mistake-update-gate-flipped": "2026-10-14 11:00:00 Europe/Zurich",
    "empty-release": "2026-10-13 00:05:00 +0200",
    "hostile-sys-exit": "no date",
}
DATES = """
timezone = "Europe/Zurich"
[late]
grace = "15 min"
per_day = 0.10
[assignments.gru_cell]
due = 2026-10-12T23:59:00
[extensions.mistake-update-gate-flipped]
gru_cell = 2026-10-14T10:00:00
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with a small class, one of them with nothing to read, graded by `autograder grade`."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "exercises"):
        shutil.copytree(COURSE / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", root)
    run_well("autograder", "demo", "--assignment=gru_cell", cwd=root)
    for student in STUDENTS:
        shutil.copytree(root / "_build" / "demo" / "submitted" / student, root / "submitted" / student)
    (root / "submitted" / "nothing-yet").mkdir()
    (root / "course.toml").write_text(DATES)
    for student, moment in HANDED_IN.items():
        (root / "submitted" / student / "gru_cell" / "timestamp.txt").write_text(moment)
    run_well("autograder", "exercises", "--check", cwd=root)
    run_well("autograder", "grade", "submitted", "--out", "grades", cwd=root)
    run_well("nbgrader", "generate_assignment", "gru_cell", "--force", cwd=root)
    shutil.copy(root / "gradebook.db", root / "empty.db")
    return root


@pytest.fixture
def gradebook(course):
    """A gradebook that knows the assignment and nobody's work; its address."""
    shutil.copy(course / "empty.db", course / "gradebook.db")
    return f"sqlite:///{course / 'gradebook.db'}"


def lateness(gradebook):
    """By student: the deadline of all, the extension, when it was handed in, and what is taken off."""
    with Gradebook(gradebook) as book:
        return {
            each.student_id: (
                *(each.assignment.duedate, each.extension, each.timestamp),
                each.notebooks[0].late_submission_penalty,
            )
            for each in book.db.query(SubmittedAssignment)
        }


def exported(course):
    """What `nbgrader export` makes of the gradebook."""
    run_well("nbgrader", "export", f"--to={course / 'out.csv'}", cwd=course)
    return (course / "out.csv").read_text()


def test_it_is_what_nbgrader_itself_would_have_entered(course, gradebook):
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    imported, ours, dates = exported(course), marks(gradebook), lateness(gradebook)
    shutil.copy(course / "empty.db", course / "gradebook.db")
    shutil.move(course / "submitted" / "nothing-yet", course / "nothing-yet")  # it stops nbgrader
    run_well("nbgrader", "autograde", "gru_cell", cwd=course)
    shutil.move(course / "nothing-yet", course / "submitted" / "nothing-yet")
    theirs = marks(gradebook)
    # nbgrader also comments on the answers to autograded tasks, in the notebooks that it writes
    told = {place for place in theirs if place[1] == "grade" or place[2] == "what_a_unit_does"}
    assert {place: ours[place] for place in told} == {place: theirs[place] for place in told}
    assert lateness(gradebook) == dates
    assert [line for line in imported.splitlines() if "nothing-yet" not in line] == exported(course).splitlines()


def test_lateness_is_entered_as_it_is_in_the_table(course, gradebook):
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    with (course / "grades" / "grades.csv").open(newline="") as file:
        table = {row["student"]: float(row["late_penalty"]) for row in csv.DictReader(file)}
    assert table == pytest.approx(
        {"right-solution": 1.6, "mistake-update-gate-flipped": 0.1} | dict.fromkeys([*STUDENTS[2:], "nothing-yet"], 0)
    )
    entered = lateness(gradebook)
    assert {student: penalty or 0 for student, (*_, penalty) in entered.items()} == {
        student: table[student] for student in STUDENTS
    }
    assert entered["right-solution"][:2] == (datetime.datetime(2026, 10, 12, 21, 59), None)
    assert entered["mistake-update-gate-flipped"][1] == datetime.timedelta(days=1, hours=10, minutes=1)
    assert entered["empty-release"][2] == datetime.datetime(2026, 10, 12, 22, 5)


def test_a_penalty_is_a_share_of_a_hand_given_mark_too(course, gradebook):
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    with Gradebook(gradebook) as book:
        book.find_grade("what_a_unit_does", "gru_cell", "gru_cell", "right-solution").manual_score = 2
        book.db.commit()
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    assert lateness(gradebook)["right-solution"][-1] == 2


def test_twice_changes_nothing(course, gradebook):
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    before = marks(gradebook)
    assert len(before) == 4 * (4 + 4)  # four students, each with four marks and four comments
    assert "5 reports; 0 of them changed" in run_well("autograder", "import-gradebook", "grades", cwd=course)
    assert marks(gradebook) == before


def test_a_hand_given_mark_and_comment_stay(course, gradebook):
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    place = ("what_a_unit_does", "gru_cell", "gru_cell", "right-solution")
    with Gradebook(gradebook) as book:
        grade = book.find_grade(*place)
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        book.find_comment(*place).manual_comment = "Say what happens to the candidate."
        book.db.commit()
    before = marks(gradebook)
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    assert marks(gradebook) == before
    with Gradebook(gradebook) as book:
        assert book.find_submission("gru_cell", "right-solution").score == 9.5


def test_a_student_with_nothing_to_read_is_in_the_class_without_a_submission(course, gradebook):
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    with Gradebook(gradebook) as book:
        assert book.find_student("nothing-yet")
        assert len(book.assignment_submissions("gru_cell")) == len(STUDENTS)


def test_another_gradebook_can_be_named(course, gradebook, tmp_path):
    other = shutil.copy(course / "empty.db", tmp_path / "other.db")
    run_well("autograder", "import-gradebook", "grades", f"--gradebook=sqlite:///{other}", cwd=course)
    assert len(marks(f"sqlite:///{other}")) > 0


def test_an_assignment_that_the_gradebook_does_not_know(course, tmp_path):
    done = run("autograder", "import-gradebook", "grades", f"--gradebook=sqlite:///{tmp_path / 'new.db'}", cwd=course)
    assert done.returncode == 2
    assert "nbgrader generate_assignment gru_cell --force" in done.stderr


@pytest.mark.parametrize("address", ["sqlite:////no/such/folder/gradebook.db", "not an address", "nosuchsql://x/y"])
def test_a_gradebook_that_cannot_be_opened(course, address):
    done = run("autograder", "import-gradebook", "grades", f"--gradebook={address}", cwd=course)
    assert done.returncode == 2
    assert "cannot be opened" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_gradebook_is_said_and_left_as_it_was(course, gradebook):
    with contextlib.closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = run("autograder", "import-gradebook", "grades", cwd=course)
        other.execute("ROLLBACK")
    assert done.returncode == 2
    assert "locked" in done.stderr
    assert "Traceback" not in done.stderr
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    assert "0 of them changed" in run_well("autograder", "import-gradebook", "grades", cwd=course)


def test_a_folder_without_reports(course, tmp_path):
    done = run("autograder", "import-gradebook", tmp_path, cwd=course)
    assert done.returncode == 2
    assert "holds no reports" in done.stderr


def test_a_fault_of_ours_is_nobody_s_mark(course, gradebook, tmp_path):
    shutil.copytree(course / "grades" / "reports", tmp_path / "reports")
    path = tmp_path / "reports" / "right-solution" / "gru_cell.json"
    report = json.loads(path.read_text())
    report["tasks"][1] |= {"status": "fault", "points": 0}
    path.write_text(json.dumps({**report, "score": 4}))
    done = run("autograder", "import-gradebook", tmp_path, cwd=course)
    assert done.returncode == 1
    assert "1 faults of the grader's own were left out" in done.stderr
    assert not [place for place in marks(gradebook) if place[0] == "right-solution"]
