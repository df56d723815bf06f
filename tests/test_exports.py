"""`autograder export` writes what a spreadsheet, Canvas, Moodle and Gradescope document, field by field."""

import csv
import io
import json
import re
import zipfile

import gradebooks
import pytest
from graded import HINT, nothing, report, task, write
from nbgrader.api import Gradebook
from running import COURSE

from autograder.cli import main
from autograder.pages import COLUMNS

FORMULA = "=cmd|' /C calc'!A0"
FLIPPED = ("gru_cell",)


@pytest.fixture
def course(tmp_path):
    """The course, with a deadline: 10 in 100 off for each day begun."""
    root = tmp_path / "course"
    root.mkdir()
    for name in ("solutions", "exercises"):
        (root / name).symlink_to(COURSE / name)
    (root / "course.toml").write_text(
        "[late]\nper_day = 0.1\n[assignments.gru_cell]\ndue = 2026-10-12T12:00:00\n", encoding="utf-8"
    )
    return root


@pytest.fixture
def graded(tmp_path):
    """Ann is right, Bob wrong, Cy late, Dee handed in nothing, one has the name of a formula."""
    return write(
        tmp_path / "grades",
        report("ann", handed_in="2026-10-12T11:00:00+00:00"),
        report("Bob", wrong=FLIPPED),
        report("cy", handed_in="2026-10-13T11:00:00+00:00", unanswered=["what_a_unit_does"]),
        nothing("dee", "missing", "The folder of dee holds no folder gru_cell."),
        report(FORMULA, unanswered=["what_a_unit_does"]),
        report("ann", "rnn", manual=[]),
    )


@pytest.fixture
def export(course, graded, tmp_path, capsys):
    """Runs the command; the path that it wrote, what it printed, and its exit code."""

    def run(form, *options, out="out.csv", code=0):
        path = tmp_path / "out" / out
        command = ["export", str(graded), "--course", str(course), "--format", form, "--out", str(path)]
        assert main([*command, *map(str, options)]) == code
        said = capsys.readouterr()
        return path, said.out + said.err

    return run


def table(path, delimiter=","):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, delimiter=delimiter))


def written(path, *rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return path


# csv


def test_the_table_begins_as_grades_csv_does_and_says_what_is_left(export):
    path, said = export("csv")
    header, *rows = table(path)
    assert header[: len(COLUMNS)] == COLUMNS
    by_student = {(row[0], row[1]): dict(zip(header, row, strict=True)) for row in rows}
    assert len(rows) == 6
    late = by_student["cy", "gru_cell"]
    assert (late["score"], late["late_penalty"], late["final_score"]) == ("8.0", "0.8", "7.2")
    assert (late["handed_in"], late["due"]) == ("2026-10-13T11:00:00+00:00", "2026-10-12T12:00:00+00:00")
    wrong = by_student["Bob", "gru_cell"]
    assert wrong["task_points"] == "sigmoid:1;gru_cell:0;gru_forward:3"
    assert wrong["mistakes"] == "gru_cell:update_gate_flipped"
    assert wrong["mistakes_named"] == "update gate flipped"
    assert "2 written answers have no mark here" in said
    assert "1 submission came late" in said


def test_a_spreadsheet_runs_no_cell_of_it(export):
    path, _ = export("csv")
    feedback = path.with_name("out-feedback.csv")
    cells = [cell for file in (path, feedback) for row in table(file) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_feedback_names_the_mistake_in_a_sentence(export):
    path, _ = export("csv")
    header, *rows = table(path.with_name("out-feedback.csv"))
    assert header == ["student", "assignment", "task", "passed", "points", "max_points", "mistake", "hint"]
    assert ["ann", "gru_cell", "sigmoid", "yes", "1", "1", "", ""] in rows
    (wrong,) = [row for row in rows if row[0] == "Bob" and row[3] == "no"]
    assert wrong[2:7] == ["gru_cell", "no", "0", "4", "update gate flipped"]
    assert wrong[7] == f"This looks like a known mistake: update gate flipped. {HINT}"


# Canvas


HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]


def test_canvas_without_a_roster(export):
    path, said = export("canvas", "--title", "gru_cell=Week 3: GRU")
    assert table(path) == [
        [*HEADER, "Week 3: GRU", "rnn"],
        ["    Points Possible", "", "", "", "", "8", "8"],
        ["Bob", "", "", "Bob", "", "4", ""],
        ["ann", "", "", "ann", "", "8", "8"],
        ["cy", "", "", "cy", "", "7.2", ""],
        ["dee", "", "", "dee", "", "", ""],
    ]
    assert f"enter the grade by hand: {FORMULA}" in said
    assert "3 students have an empty cell" in said


CANVAS = [
    ["Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Section", "Notes", "Essay (7)"],
    ["", "", "", "", "", "", "", "Manual Posting"],
    ["    Points Possible", "", "", "", "", "", "", "5.00"],
    ["+Smith, Ann", "101", "u1", "ANN", "", "A and B", "front row", "4.00"],
    ["Zed, Zoë", "102", "u2", "zed", "", "A", "", ""],
    ["Jones, Bob", "103", "u3", "bob", "", "A", "", "3.00"],
    ["Excused, Cy", "104", "u4", "cy", "", "B", "", ""],
    ["Dee, Dee", "105", "u5", "dee", "", "B", "", ""],
    ["Student, Test", "106", "", "9f8e", "", "A", "", ""],
]
OURS = ["gru_cell (55)", "", "10.00", "2.00", "1.00", "", "EX", "6.00", ""]
TOTALS = ["Final Score", "", "(read only)", "90.00", "", "80.00", "", "", ""]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_canvas_s_own_export_is_filled_in(export, tmp_path, delimiter):
    lines = [[*row, ours, total] for row, ours, total in zip(CANVAS, OURS, TOTALS, strict=True)]
    roster = written(tmp_path / "Grades.csv", *lines, delimiter=delimiter)
    path, said = export("canvas", "--roster", roster, "--assignment", "gru_cell")
    new = ["gru_cell (55)", "", "10.00", "8", "1.00", "4", "EX", "6.00", ""]
    expected = [[*row[:6], cell] for row, cell in zip(CANVAS, new, strict=True)]
    expected[3][0] = "'+Smith, Ann"  # Canvas goes by the ID
    assert table(path, delimiter) == expected
    assert "4 students were matched by their SIS Login ID" in said
    assert f"1 student of ours is not in the column 'SIS Login ID' of {roster}" in said
    assert FORMULA in said
    assert "1 person in" in said
    assert "stay as they were: zed." in said
    assert "1 cell says EX (excused) or N/A in Canvas, and stay so: Excused, Cy" in said
    assert "gru_cell (55) has 10.00 points in Canvas, and gru_cell has 8 here" in said


def test_canvas_by_another_column_and_a_new_assignment(export, tmp_path):
    header, _, points, *people = [row[:7] for row in CANVAS]
    roster = written(tmp_path / "Grades.csv", header, points, *people[:1], [*people[1][:2], "BOB", *people[1][3:]])
    path, said = export("canvas", "--roster", roster, "--match", "SIS User ID", "--zeros")
    assert [row[6:] for row in table(path)] == [["gru_cell", "rnn"], ["8", "8"], ["", ""], ["4", ""]]
    assert "More of them" not in said
    assert "has no column for gru_cell, rnn: Canvas will ask whether to make a new assignment" in said
    _, said = export("canvas", "--roster", roster, "--match", "Student")
    assert "More of them are in the column 'SIS User ID': --match 'SIS User ID'" in said


def test_two_people_of_one_name_get_no_grade_and_are_named(export, tmp_path):
    rows = [CANVAS[0], CANVAS[3], [*CANVAS[3][:1], "999", *CANVAS[3][2:]]]
    _, said = export("canvas", "--roster", written(tmp_path / "Grades.csv", *rows))
    assert (
        "1 student is in the column 'SIS Login ID' more than once, or differ in capitals alone, and get no grade: ann"
        in said
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("Name,Grade\nann,3\n", "is no Gradebook that Canvas exported"),
        ("Student,ID\nann,3,4\n", "Row 2 of"),
        (b"Student,ID,Section\n\xff,1,A\n", "is not UTF-8 text"),
    ],
)
def test_what_is_no_roster_is_refused_in_a_sentence(export, tmp_path, text, sentence):
    roster = tmp_path / "Grades.csv"
    roster.write_bytes(text if isinstance(text, bytes) else text.encode())
    path, said = export("canvas", "--roster", roster, code=2)
    assert sentence in said
    assert not path.exists()


# Moodle


def test_moodle_s_gradebook_import(export):
    path, said = export("moodle", "--assignment", "gru_cell", "--identifier", "Username")
    header, *rows = table(path)
    assert header == ["Username", "gru_cell", "gru_cell (feedback)"]
    assert [row[:2] for row in rows] == [["Bob", "4"], ["ann", "8"], ["cy", "7.2"]]  # nobody without a mark
    assert f"<p>gru_cell: 0 of 4 points. This looks like a known mistake: update gate flipped. {HINT}</p>" in rows[0][2]
    assert "<p>0.8 points are taken off because it came late.</p>" in rows[2][2]
    assert FORMULA in said


def test_moodle_takes_no_markup_of_a_learner_s(export, graded):
    write(graded, report("eve", tasks=[task("sigmoid", False, hint=None, unknown="`<script>alert(1)</script>`")]))
    path, _ = export("moodle", "--assignment", "gru_cell")
    assert "<script>" not in path.read_text()
    assert "&lt;script&gt;" in path.read_text()


WORKSHEET = [
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
]
WHEN = ["Monday, 12 October 2026, 1:00 PM", "-"]
PEOPLE = [
    ["Participant 11", "Ann_Marie O'Hara/Smith", "ANN@uni.example", "Submitted", "", "8.00", "Yes", *WHEN, ""],
    ["Participant 12", "@Zed", "zed@uni.example", "No submission", "3.00", "8.00", "Yes", *WHEN, "<p>Kept</p>"],
    ["Participant 13", "Bob Jones", "bob@uni.example", "Submitted", "", "3.00", "No", *WHEN, "<p>Old</p>"],
]


@pytest.fixture
def worksheet(tmp_path, graded):
    write(graded, report("ann@uni.example"), report("Bob@uni.example", wrong=FLIPPED))
    return written(tmp_path / "Grades-GRU.csv", WORKSHEET, *PEOPLE)


def test_moodle_s_grading_worksheet_is_filled_in(export, worksheet):
    path, said = export("moodle", "--worksheet", worksheet, "--assignment", "gru_cell")
    header, ann, zed, bob = table(path)
    assert header == WORKSHEET
    assert ann[4] == "8"
    assert "<p>sigmoid: 1 of 1 points.</p>" in ann[9]
    assert bob[4] == "4"
    assert HINT in bob[9]
    assert zed == ["Participant 12", "'@Zed", *PEOPLE[1][2:]]
    for row, before in ((ann, PEOPLE[0]), (bob, PEOPLE[2])):
        assert row[:4] + row[5:9] == before[:4] + before[5:9]
    assert "2 students were matched by their Email address" in said
    assert "5 students of ours are not in the column 'Email address'" in said
    assert "zed@uni.example" in said
    assert "1 grade cannot be changed in Moodle" in said
    assert "1 grade is above the Maximum Grade" in said


def as_moodle_reads(path):
    """As mod/assign/feedback/file/importziplib.php finds the participant, the plugin and the file in a path."""
    parts = path.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) >= 4 and info[1].isdigit():
            rest = info[4] if len(info) > 4 else ""
            return int(info[1]), f"{info[2]}_{info[3]}", "/".join([rest, *parts]).lstrip("/")
    return None


def test_moodle_s_feedback_files(export, worksheet, tmp_path):
    archive = tmp_path / "feedback.zip"
    _, said = export("moodle", "--worksheet", worksheet, "--assignment", "gru_cell", "--feedback", archive)
    with zipfile.ZipFile(archive) as pages:
        names = pages.namelist()
        assert sorted(map(as_moodle_reads, names)) == [
            (11, "assignfeedback_file", "gru_cell.html"),
            (13, "assignfeedback_file", "gru_cell.html"),
        ]
        assert "Ann Marie O'Hara Smith_11_assignfeedback_file_/gru_cell.html" in names
        (bob,) = [pages.read(name).decode() for name in names if "_13_" in name]
    assert HINT in bob
    assert "index.html" not in bob  # it leads nowhere
    assert "2 feedback pages are in" in said


def test_moodle_by_participant_and_by_a_name_that_is_there_twice(export, tmp_path, graded):
    write(graded, report("12"), report("Jane Doe_21"))
    rows = [PEOPLE[1], *([f"Participant {i}", "Jane Doe", "", "", "", "8.00", "Yes", *WHEN, ""] for i in (21, 22))]
    sheet = written(tmp_path / "sheet.csv", WORKSHEET, *rows)
    for column, grades in {"Identifier": ["8", "", ""], "Full name": ["3.00", "8", ""]}.items():
        path, _ = export("moodle", "--worksheet", sheet, "--assignment", "gru_cell", "--match", column)
        assert [row[4] for row in table(path)[1:]] == grades


def test_what_is_no_worksheet_is_refused_in_a_sentence(export, tmp_path):
    sheet = written(tmp_path / "sheet.csv", ["Bewertungsnummer", "Bewertung"], ["1", "2"])
    _, said = export("moodle", "--worksheet", sheet, "--assignment", "gru_cell", code=2)
    assert "no column 'Identifier', 'Grade', 'Last modified (grade)'" in said
    assert "with English as its language" in said


# Gradescope


VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
FIELDS = {  # those of the specification, and what each may hold
    "score": lambda value: isinstance(value, float) and value >= 0,
    "execution_time": lambda value: isinstance(value, int | float),
    "output": lambda value: isinstance(value, str),
    "output_format": FORMATS.__contains__,
    "test_output_format": FORMATS.__contains__,
    "test_name_format": FORMATS.__contains__,
    "visibility": VISIBILITIES.__contains__,
    "stdout_visibility": VISIBILITIES.__contains__,
    "extra_data": lambda value: isinstance(value, dict),
    "tests": lambda value: isinstance(value, list),
    "leaderboard": lambda value: value == [],
}
TEST_FIELDS = {
    "score": lambda value: isinstance(value, float),
    "max_score": lambda value: isinstance(value, float),
    "status": {"passed", "failed"}.__contains__,
    "name": lambda value: isinstance(value, str),
    "name_format": FORMATS.__contains__,
    "number": lambda value: re.fullmatch(r"\d+(\.\d+)*", value),
    "output": lambda value: isinstance(value, str),
    "output_format": FORMATS.__contains__,
    "tags": lambda value: all(isinstance(tag, str) for tag in value),
    "visibility": VISIBILITIES.__contains__,
    "extra_data": lambda value: isinstance(value, dict),
}


def check_results(results):
    """That every field is one of the specification's and holds what that allows."""
    assert results.keys() <= FIELDS.keys()
    assert {"score", "output", "tests"} <= results.keys()
    assert all(FIELDS[name](value) for name, value in results.items())
    for each in results["tests"]:
        assert each.keys() == TEST_FIELDS.keys()
        assert all(TEST_FIELDS[name](value) for name, value in each.items()), each
    return results


def test_gradescope_s_results(export, graded):
    write(graded, report("../Eve", wrong=FLIPPED))
    path, _ = export("gradescope", "--visibility", "after_published", out="results")
    found = {file.parent.parent.name: file for file in path.glob("*/gru_cell/results.json")}
    assert len(found) == 6
    assert all(len(file.relative_to(path).parts) == 3 for file in path.rglob("results.json"))
    for file in found.values():
        assert check_results(json.loads(file.read_text()))["visibility"] == "after_published"
    results = json.loads(found["cy"].read_text())
    assert results["score"] == 7.2
    assert "0.8 points are taken off" in results["output"]
    (bob,) = [json.loads(file.read_text()) for name, file in found.items() if name.startswith("Bob")]
    wrong = bob["tests"][1]
    assert (wrong["score"], wrong["max_score"], wrong["status"]) == (0, 4, "failed")
    assert HINT in wrong["output"]
    assert wrong["tags"] == ["mistake", "update_gate_flipped"]
    missing = json.loads(found["dee"].read_text())
    assert (missing["score"], missing["output"]) == (0, "The folder of dee holds no folder gru_cell.")


# marks of a person


def test_marks_that_a_person_gave_reach_the_exports(export, tmp_path, graded, course, capsys):
    address = f"sqlite:///{tmp_path / 'gradebook.db'}"
    gradebooks.make(address)
    only = write(tmp_path / "one", *(report(name, wrong=FLIPPED) for name in ("ann", "Bob")))
    assert main(["import-gradebook", str(only), "--course", str(course), "--gradebook", address]) == 0
    with Gradebook(address) as book:
        answer = book.find_grade("what_a_unit_does", "gru_cell", "gru_cell", "ann")
        answer.manual_score, answer.needs_manual_grade = 1.5, False
        book.find_grade("gru_cell", "gru_cell", "gru_cell", "ann").manual_score = 3  # before what the checks gave
        book.find_grade("sigmoid", "gru_cell", "gru_cell", "ann").extra_credit = 0.25
        book.db.commit()
        assert book.find_submission("gru_cell", "ann").score == 8.75
    capsys.readouterr()
    options = ["--course", str(course), "--gradebook", address, "--out", str(tmp_path / "canvas.csv")]
    assert main(["export", str(only), "--format", "canvas", *options]) == 0
    assert [(row[0], row[5]) for row in table(tmp_path / "canvas.csv")[1:]] == [
        ("    Points Possible", "10"),
        ("Bob", "4"),
        ("ann", "8.75"),
    ]
    assert "1 written answer waits for a person's mark" in capsys.readouterr().out
    _, said = export("csv", "--gradebook", address)
    assert "3 reports are not in the gradebook" in said  # cy, the formula, and ann's rnn


# what makes no sense, and faults


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["csv", "--roster", "x"], "--roster goes with --format canvas"),
        (["moodle", "--worksheet", "x"], "Say which: --assignment NAME"),
        (["moodle", "--feedback", "x"], "--feedback needs --worksheet"),
        (["canvas", "--match", "ID"], "--match names a column of the file that --roster or --worksheet gives"),
        (["canvas", "--roster", "/no/such"], "/no/such cannot be read"),
        (["csv", "--assignment", "nosuch"], "This course has no assignment 'nosuch'"),
        (["csv", "--assignment", "lstm"], "holds no report on lstm"),
        (["csv", "--gradebook", "nosuchsql://x/y"], "cannot be opened"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(export, options, sentence):
    path, said = export(*options, code=2)
    assert sentence in said
    assert not path.exists()


def test_a_folder_without_reports_and_a_place_that_cannot_be_written(export, course, tmp_path, capsys):
    empty = ["export", str(tmp_path / "no"), "--course", str(course), "--format", "csv", "--out", str(tmp_path / "x")]
    assert main(empty) == 2
    assert "holds no reports" in capsys.readouterr().err
    (tmp_path / "out").write_text("a file where a folder is wanted")
    _, said = export("csv", code=1)
    assert "cannot be written" in said


def test_a_fault_of_ours_is_nobody_s_mark(export, graded):
    write(graded, nothing("ann", "fault", "The grader failed here."))
    path, said = export("canvas", "--assignment", "gru_cell", code=1)
    assert ["ann", "", "", "ann", "", ""] in table(path)
    assert "1 fault of the grader's own has no mark" in said
