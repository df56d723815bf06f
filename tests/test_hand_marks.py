"""Written answers, graded by a person without the formgrader: all answers on a page, marks in a table, and back."""

import csv
import dataclasses
import shutil
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from gradebooks import marks
from nbgrader.api import Gradebook
from running import COURSE, run, run_well

from autograder.cli import main
from autograder.course import find_assignment
from autograder.gradebook.entering import opened
from autograder.report import Report, TaskReport, write_report
from autograder.written.table import read_table

QUESTION = "what_a_unit_does"
HOSTILE = (
    "<script>document.title = 'run'</script><img src=x onerror='alert(1)'> [a](javascript:alert(2)) &amp; {{ 7 * 7 }}"
)
LONG = "It keeps its state.\n\nAnd with z = 0 it begins afresh: " + "really, " * 5000
FORMULA = "=cmd|' /C calc'!A1"
ANSWERS = {
    "ada": "It keeps its state.",
    "bob": "It keeps its state.  \r\n",  # the same, but for what nobody sees
    "carl <b>the bold": HOSTILE,
    "dora": LONG,
    "=evil()": FORMULA,
    "erin": "",  # emptied
    "007": "z = 1 keeps, größer, 忘れる",
    "fred": None,  # left as handed out
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with a class that has answered one question, and one notebook that nobody can read."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "exercises"):
        (root / name).symlink_to(COURSE / name)
    shutil.copy(COURSE / "nbgrader_config.py", root)
    release = find_assignment(COURSE, "gru_cell").release
    for student, answer in ANSWERS.items():
        notebook = nbformat.read(release, as_version=4)
        for cell in notebook.cells:
            if answer is not None and cell.metadata.get("nbgrader", {}).get("grade_id") == QUESTION:
                cell.source = answer
        path = root / "submitted" / student / "gru_cell" / "gru_cell.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    broken = root / "submitted" / "gina" / "gru_cell" / "gru_cell.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    (root / "submitted" / "hans").mkdir()
    return root


def report(student: str) -> Report:
    unanswered = [QUESTION] if ANSWERS[student] is None else []
    tasks = [
        TaskReport(name, 1.0, most, "graded") for name, most in (("sigmoid", 1), ("gru_cell", 4), ("gru_forward", 3))
    ]
    fields = dict.fromkeys(["submission_sha256", "assignment_sha256", "grader_version", "key_id"], "")
    where = {"isolation": "weak", "device": "cpu", "seconds": 0.1}
    fields |= {"score": 3.0, "max_score": 8.0, "tasks": tasks, "manual": [QUESTION], "unanswered": unanswered}
    return Report(student=student, assignment="gru_cell", status="graded", **fields, **where)


@pytest.fixture(scope="module")
def imported(course):
    """A gradebook into which the class's reports were imported, to copy."""
    with opened(f"sqlite:///{course / 'gradebook.db'}") as book:
        book.add_assignment("gru_cell")
        book.add_notebook("gru_cell", "gru_cell")
        for task in find_assignment(COURSE, "gru_cell").tasks:
            kind = "markdown" if task.manual else "code"
            book.add_grade_cell(task.name, "gru_cell", "gru_cell", max_score=task.points, cell_type=kind)
            answered_in = task.name if task.manual else f"{task.name}_answer"
            book.add_solution_cell(answered_in, "gru_cell", "gru_cell")
    for student in ANSWERS:
        write_report(report(student), course / "grades")
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    return shutil.copy(course / "gradebook.db", course / "imported.db")


@pytest.fixture
def gradebook(course, imported):
    """The gradebook's address, before any mark was given by hand."""
    shutil.copy(imported, course / "gradebook.db")
    return f"sqlite:///{course / 'gradebook.db'}"


@pytest.fixture(scope="module")
def empty_table(course):
    """The table to fill in, as the command writes it."""
    run_well("autograder", "rubric", "gru_cell", "--answers", "submitted", "--marks", "empty.csv", cwd=course)
    return course / "empty.csv"


@pytest.fixture
def table(empty_table, tmp_path):
    """A copy of it, to fill in."""
    rows = list(csv.DictReader(empty_table.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    return Table(shutil.copy(empty_table, tmp_path / "marks.csv"), rows)


@dataclasses.dataclass
class Table:
    file: Path
    rows: list[dict]

    def fill(self, delimiter: str = ",", encoding: str = "utf-8", **by_student: tuple[str, str]) -> Path:
        """Write the table with (points, comment) given to some."""
        for row in self.rows:
            points, comment = by_student.get(row["student"].strip("'"), (row["points"], row["comment"]))
            row |= {"points": points, "comment": comment}
        with self.file.open("w", newline="", encoding=encoding) as file:
            writer = csv.DictWriter(file, self.rows[0], delimiter=delimiter)
            writer.writeheader()
            writer.writerows(self.rows)
        return self.file

    def line(self, student: str) -> int:
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if line.startswith(f"{student},"))


@pytest.fixture
def enter(course, monkeypatch, capsys):
    """`autograder enter-marks` in the course, in this process, for starting one costs more than all else."""
    monkeypatch.chdir(course)

    def run_it(file, *more):
        code = main(["enter-marks", str(file), *more])
        printed = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=printed.out, stderr=printed.err)

    return run_it


def mark(gradebook: str, student: str) -> tuple:
    """The mark by hand, whether a person must look, and their comment."""
    all_marks = marks(gradebook)
    _, points, needed = all_marks[student, "grade", QUESTION]
    return points, needed, all_marks[student, "comment", QUESTION][1]


# All answers on a page


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said: list[str] = []
        self.inside = False

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag == "pre" and ("dir", "auto") in attributes:
            self.inside = True
            self.said.append("")

    def handle_endtag(self, tag):
        self.inside &= tag != "pre"

    def handle_data(self, data):
        if self.inside:
            self.said[-1] += data


@pytest.fixture(scope="module")
def page(course, tmp_path_factory):
    out = tmp_path_factory.mktemp("rubrics")
    run_well("autograder", "rubric", "gru_cell", "--answers", "submitted", "--out", out, cwd=course)
    return (out / "answers" / "gru_cell" / f"{QUESTION}.html").read_text()


def test_identical_answers_stand_once_and_the_shortest_come_first(page):
    read = Page()
    read.feed(page)
    wanted = sorted({answer.strip() for answer in ANSWERS.values() if answer}, key=len)
    assert [text.strip() for text in read.said] == [text[:20_000].strip() for text in wanted]
    text = " ".join(page.split())
    assert "8 notebooks: 6 with an answer, 5 of them different; 1 left as handed out and 1 emptied" in text
    assert "1 could not be read." in text
    assert "<summary>2 learners</summary><p>ada, bob</p>" in text
    assert f"the whole has {len(LONG.strip())} characters" in text
    assert "gina: The notebook is not JSON" in page
    assert "hans" not in page


def test_nothing_that_a_learner_wrote_runs(page):
    read = Page()
    read.feed(page)
    assert HOSTILE in read.said  # as they wrote it
    assert not read.tags & {"script", "img", "b"} - {"b"}
    assert "carl &lt;b&gt;the bold" in page
    assert not [name for name in read.attributes if name.startswith("on")]
    assert "javascript:" not in "".join(part for part in page.split("<pre")[0::2])


def test_a_browser_runs_nothing_either(page, browser):
    tab = browser.new_page()
    asked = []
    tab.on("dialog", lambda dialog: asked.append(dialog.message))
    tab.set_content(page)
    assert tab.title() == f"gru_cell: {QUESTION}"
    assert not asked
    tab.close()


# The table


def test_the_table_has_a_row_for_each_answer(table):
    assert {row["student"] for row in table.rows} == {
        "ada",
        "bob",
        "carl <b>the bold",
        "dora",
        "'=evil()",
        "erin",
        "007",
    }
    by_student = {row["student"]: row for row in table.rows}
    assert by_student["ada"] == {
        "student": "ada",
        "assignment": "gru_cell",
        "question": QUESTION,
        "points": "",
        "comment": "",
        "max_points": "2",
        "answer_number": by_student["bob"]["answer_number"],
        "answer": "It keeps its state.",
    }
    assert by_student["'=evil()"]["answer"] == f"'{FORMULA}"
    assert (by_student["erin"]["points"], by_student["erin"]["comment"]) == ("0", "There is no answer here.")
    assert len(by_student["dora"]["answer"]) == 20_000


def test_a_table_that_may_hold_marks_is_not_overwritten(course, table):
    before = table.file.read_bytes()
    done = run("autograder", "rubric", "--answers", "submitted", "--marks", table.file, cwd=course)
    assert done.returncode == 2
    assert "is there already and may hold marks" in done.stderr
    assert table.file.read_bytes() == before


# Back into the gradebook

GIVEN = {"ada": ("2", "Well said."), "=evil()": ("0,5", ""), "007": ("1.5", "=1+1"), "dora": ("", "See me.")}


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), ("\t", "utf-8"), (",", "utf-8-sig")])
def test_a_spreadsheet_may_save_the_table_in_its_own_way(table, delimiter, encoding):
    usual = read_table(table.fill(";", "utf-8-sig", **GIVEN))
    assert read_table(table.fill(delimiter, encoding)) == usual


def test_marks_are_entered_as_the_formgrader_would(course, gradebook, table):
    said = run_well("autograder", "enter-marks", table.fill(";", "utf-8-sig", **GIVEN), cwd=course)
    assert said == "5 marks; 5 of them changed the gradebook. 2 rows are not filled in yet.\n"
    assert mark(gradebook, "ada") == (2.0, False, "Well said.")
    assert mark(gradebook, "=evil()") == (0.5, False, None)
    assert mark(gradebook, "007") == (1.5, False, "=1+1")
    assert mark(gradebook, "dora") == (None, True, "See me.")
    assert mark(gradebook, "erin") == (0.0, False, "There is no answer here.")
    assert mark(gradebook, "bob") == (None, True, None)
    with Gradebook(gradebook) as book:
        assert book.find_submission("gru_cell", "ada").score == 5.0


def test_they_stay_when_grades_are_imported_again_and_twice_changes_nothing(course, enter, gradebook, table):
    file = table.fill(**GIVEN)
    enter(file)
    before = marks(gradebook)
    run_well("autograder", "import-gradebook", "grades", cwd=course)
    assert marks(gradebook) == before
    assert "5 marks; 0 of them changed the gradebook." in enter(file).stdout
    assert marks(gradebook) == before


def test_what_takes_another_s_place_is_said_and_an_empty_cell_takes_nothing_away(enter, gradebook, table):
    enter(table.fill(**GIVEN))
    done = enter(table.fill(ada=("1", ""), **{"007": ("", "Better.")}))
    assert done.stdout.splitlines()[:2] == [
        "ada, gru_cell, what_a_unit_does: 2 points become 1.",
        "007, gru_cell, what_a_unit_does: the comment '=1+1' becomes 'Better.'.",
    ]
    assert mark(gradebook, "ada") == (1.0, False, "Well said.")
    assert mark(gradebook, "007") == (1.5, False, "Better.")


def test_wrong_rows_are_named_by_line_and_nothing_is_entered(enter, gradebook, table):
    before = marks(gradebook)
    table.rows += [
        {**table.rows[0], "student": "7", "points": "1"},
        {**table.rows[0], "student": "nobody", "points": "1"},
        {**table.rows[0], "student": "ada", "points": "1"},
        {**table.rows[0], "student": "bob", "question": "sigmoid", "points": "1"},
        {**table.rows[0], "student": "bob", "assignment": "nonsense", "points": "1"},
    ]
    file = table.fill(
        **{"ada": ("2", ""), "007": ("2.5", ""), "dora": ("-1", ""), "=evil()": ("two", ""), "bob": ("nan", "")}
    )
    for row in table.rows[-2:]:
        row["points"] = "1"
    file = table.fill()
    done = enter(file)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    first, *problems = done.stderr.splitlines()
    assert first == f"Nothing of {file} was entered."
    where = f"(007, gru_cell, {QUESTION})"
    assert f"line {table.line('007')} {where}: 2.5 is more than the 2 points of the question." in problems
    assert f"line {table.line('dora')} (dora, gru_cell, {QUESTION}): '-1' is no number of points." in problems
    assert any("'two' is no number" in problem for problem in problems)
    assert any("'nan' is no number" in problem for problem in problems)
    assert any("(7, " in problem and "It knows '007': has a spreadsheet" in problem for problem in problems)
    assert any("(nobody, " in problem and "knows no such student" in problem for problem in problems)
    assert any(f"has a mark in line {table.line('ada')} already" in problem for problem in problems)
    assert any(
        f"(bob, gru_cell, sigmoid): this is not graded by hand. By hand are graded: {QUESTION}." in p for p in problems
    )
    assert any("knows no assignment 'nonsense'" in problem for problem in problems)
    assert len(problems) == 9
    assert marks(gradebook) == before


def test_who_handed_in_but_is_not_imported_yet(enter, gradebook, table):
    with Gradebook(gradebook) as book:
        book.remove_submission("gru_cell", "ada")
    done = enter(table.fill(ada=("2", "")))
    assert done.returncode == 2
    assert "Enter the grades first: autograder import-gradebook grades" in done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "has no column student, assignment"),
        (b"student,points\nada,2\n", "has no column assignment, question, comment"),
        (
            "student,assignment,question,points,comment\nJürgen,a,b,1,".encode("latin-1"),
            "Save it from the spreadsheet as CSV UTF-8",
        ),
        (None, "cannot be read: no such file"),
    ],
    ids=["empty", "columns", "latin-1", "missing"],
)
def test_what_is_no_such_table(enter, gradebook, tmp_path, content, says):
    file = tmp_path / "marks.csv"
    if content is not None:
        file.write_bytes(content)
    done = enter(file)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_gradebook_that_is_not_there_is_not_made(enter, table, tmp_path):
    done = enter(table.fill(**GIVEN), f"--gradebook=sqlite:///{tmp_path / 'none.db'}")
    assert done.returncode == 2
    assert "There is no gradebook" in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_a_locked_gradebook_is_said_and_left_as_it_was(course, enter, gradebook, table):
    file, before = table.fill(**GIVEN), marks(gradebook)
    with closing(sqlite3.connect(course / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = enter(file)
        other.execute("ROLLBACK")
    assert done.returncode == 2
    assert "locked" in done.stderr
    assert "Nothing was entered." in done.stderr
    assert marks(gradebook) == before
