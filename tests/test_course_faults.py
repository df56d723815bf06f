"""A course whose code does not load, a key that is none, folders in one another: a sentence, and nothing lost."""

import json
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from running import COURSE

from autograder.batches import close_pools, judge_batch
from autograder.catalogue import Catalogue
from autograder.cli import main
from autograder.course import CourseError, course_key, find_assignment
from autograder.demo import solved
from autograder.grade import Dates, How, batches_of
from autograder.jail.levels import best_level
from autograder.judge import GONE, Judge
from autograder.output import held, keep, kept
from autograder.report import CannotWrite, report_path


@pytest.fixture
def course(tmp_path) -> Path:
    """A course with one assignment and one submission, for a test to spoil."""
    for folder in ("solutions/gru_cell", "solutions/reference", "exercises/gru_cell"):
        shutil.copytree(COURSE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "solutions" / "__init__.py", tmp_path / "solutions")
    hand_in(tmp_path, "ana")
    yield tmp_path
    if str(tmp_path) in sys.path:
        sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "solutions"]:
        del sys.modules[name]


def hand_in(course: Path, student: str) -> Path:
    path = course / "submitted" / student / "gru_cell" / "gru_cell.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solved(find_assignment(COURSE, "gru_cell")), path)
    return path


@pytest.fixture
def grade(course, capsys):
    """Runs `autograder grade` on the course; its exit code and what it said."""

    def grade(submitted: str = "submitted", out: str = "grades") -> tuple[int, str]:
        command = ["grade", str(course / submitted), "--out", str(course / out), "--course", str(course), "--jobs=1"]
        code = main([*command, "--isolation", best_level()])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out + said.err

    return grade


def spoil(course: Path, name: str, old: str, new: str) -> None:
    path = course / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_course_that_is_well_is_graded_without_a_word_too_many(grade):
    code, said = grade()
    assert code == 0
    assert said.startswith("1 submissions: 1 graded.\nIsolation level:")


def test_a_check_that_does_not_load_is_told_with_its_line(course):
    (course / "solutions" / "gru_cell" / "checks.py").write_text("import numpy\n\ndef test_one(:\n")
    with pytest.raises(CourseError, match=r"(?s)gru_cell/checks.py cannot be loaded. Mend it.*line 3.*SyntaxError"):
        Judge(find_assignment(course, "gru_cell"), course_key(course), best_level())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import numpy\n1 / 0\n", r"mistakes.py cannot be loaded: .*ZeroDivisionError: .* \(.*mistakes.py, line 2\)"),
        ("def f(:\n", r"mistakes.py cannot be loaded: SyntaxError: .* \(.*mistakes.py, line 1\)"),
        (None, r"mistakes.py cannot be loaded: FileNotFoundError"),
    ],
)
def test_a_catalogue_that_does_not_load_is_told_with_its_line(course, text, words):
    file = course / "solutions" / "gru_cell" / "mistakes.py"
    file.unlink() if text is None else file.write_text(text)
    for _ in range(2):  # the second time too
        with pytest.raises(CourseError, match=words):
            Catalogue(find_assignment(course, "gru_cell"))


def test_a_solution_that_does_not_run_is_told_with_its_cell(course, grade):
    spoil(course, "solutions/gru_cell/gru_cell.py", "### BEGIN SOLUTION", "### BEGIN SOLUTION\n    1 +")
    code, said = grade()
    assert code == 2
    assert "solutions/gru_cell/gru_cell.py does not run: the cell sigmoid_answer stops with SyntaxError" in said


def test_a_source_that_is_no_text(course, grade):
    (course / "solutions" / "gru_cell" / "gru_cell.py").write_bytes(b"\xff\xfe")
    code, said = grade()
    assert code == 2
    assert "solutions/gru_cell/gru_cell.py cannot be read as a notebook: UnicodeDecodeError" in said


@pytest.mark.parametrize(("text", "words"), [("{", "cannot be used. The notebook is not JSON"), (None, "is missing.")])
def test_a_release_that_is_no_notebook(course, grade, text, words):
    file = course / "exercises" / "gru_cell" / "gru_cell.ipynb"
    file.unlink() if text is None else file.write_text(text)
    code, said = grade()
    assert code == 2
    assert f"{file} {words}" in said
    assert said.endswith("with: autograder exercises gru_cell\n")


def test_a_release_that_is_older_than_its_source_is_said_and_holds(course, grade):
    spoil(
        course, "solutions/gru_cell/gru_cell.py", "import numpy as np", "import numpy as np\n\nnp.seterr(all='ignore')"
    )
    code, said = grade()
    assert code == 0
    assert "is not what" in said
    assert "the cell setup differs. Grades go by what was released." in said


def test_a_release_with_other_points_than_its_source_is_refused(course, grade):
    spoil(course, "solutions/gru_cell/gru_cell.py", '"points": 4', '"points": 6')
    code, said = grade()
    assert code == 2
    assert said.endswith("Run: autograder exercises gru_cell\n")


def test_answers_alone_make_no_release_older(course, grade):
    spoil(course, "solutions/gru_cell/gru_cell.py", "### BEGIN SOLUTION", "### BEGIN SOLUTION\n    # a comment")
    assert "is not what" not in grade()[1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Path.mkdir, "cannot be read or made: is a directory. Mend that, or set AUTOGRADER_KEY."),
        (lambda file: file.write_bytes(b"\xff"), "cannot be read or made: it is not text."),
        (lambda file: file.symlink_to("/no/such/key"), "cannot be read or made: no such file"),
        (lambda file: file.write_text("\n"), "is empty. Put back a copy of it; or delete it, and a new one is made."),
    ],
)
def test_a_course_key_that_is_none(course, monkeypatch, make, words):
    monkeypatch.setenv("AUTOGRADER_KEY", "")
    make(course / ".course-key")
    with pytest.raises(CourseError) as raised:
        course_key(course)
    assert words in str(raised.value)


def test_a_course_key_is_made_once_and_whole(course, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_KEY", "")
    key = course_key(course)
    assert course_key(course) == key
    assert (course / ".course-key").stat().st_mode & 0o777 == 0o600
    assert not list(course.glob(".new-*"))


@pytest.mark.parametrize("out", ["submitted", "submitted/grades", "submitted/ana/grades"])
def test_grades_that_would_lie_among_the_students(course, grade, out):
    before = sorted(course.rglob("*"))
    code, said = grade(out=out)
    assert code == 2
    assert "where every folder is a student. Choose another folder with --out." in said
    assert sorted(course.rglob("*")) == before


def test_students_whose_names_differ_in_capitals_or_accents_keep_a_report_each(course, grade):
    students = ["ana", "Ana", "zoë", "zoe\u0308"]
    for student in students[1:]:
        hand_in(course, student)
    code, said = grade()
    assert code == 0
    assert "The names Ana and ana differ only in capitals or in how an accent is spelled." in said
    assert "The names zoe\\u0308 and zoë differ only" in said
    reports = [json.loads(path.read_text())["student"] for path in course.glob("grades/reports/*/*.json")]
    assert sorted(reports) == sorted(students)
    assert "4 of them were graded before" in grade()[1]


# what goes away, or fails, while a class is graded


@pytest.fixture
def graded(course, grade) -> Path:
    """The grades of the course's one submission."""
    assert grade()[0] == 0
    return course / "grades"


def judged(course: Path, out: Path, before=lambda: None):
    """What comes of the course's submission, where something happens after the run has begun."""
    how = How(isolation=best_level(), regrade=True)
    (batch,) = batches_of(
        course, course / "submitted", out, [find_assignment(course, "gru_cell")], how, Dates("", None)
    )
    before()
    try:
        return judge_batch(batch)
    finally:
        close_pools()


def test_a_notebook_that_goes_away_while_it_is_graded_costs_no_mark(course, graded):
    path = report_path(graded, "ana", "gru_cell")
    before = path.read_bytes()
    outcome = judged(course, graded, lambda: shutil.rmtree(course / "submitted"))
    assert (outcome.reports[0].status, outcome.reports[0].message) == ("fault", GONE)
    assert "went away: no such file or directory" in outcome.faults[0]
    assert path.read_bytes() == before


def test_a_disk_that_fails_is_no_student_s_fault(course, graded, monkeypatch):
    def fails(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("autograder.judge.read_bytes", fails)
    assert judged(course, graded).reports[0].status == "fault"
    assert kept("ana", "gru_cell", graded).status == "graded"


def test_a_fault_is_kept_where_there_is_nothing_better(graded, tmp_path):
    report = kept("ana", "gru_cell", graded)
    report.status = "fault"
    keep(report, tmp_path / "elsewhere")
    assert kept("ana", "gru_cell", tmp_path / "elsewhere").faulty


@pytest.mark.parametrize("take_away", [shutil.rmtree, lambda out: out.rename(out.with_name("moved"))])
def test_a_folder_of_grades_that_goes_away_is_said(tmp_path, take_away):
    out = tmp_path / "grades"

    def run() -> None:
        with held(out):
            take_away(out)
            (out / "reports").mkdir(parents=True)

    with pytest.raises(CannotWrite, match="was removed or replaced while this ran"):
        run()
