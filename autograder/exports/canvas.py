"""Canvas: the CSV file that its Gradebook imports.

What Canvas reads and writes was taken from its own source (instructure/canvas-lms, AGPL; nothing of it is copied):

https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_exporter.rb
    Header: `Student, ID, SIS User ID, SIS Login ID, Section`, then the instructor's own columns, then
    `<assignment> (<id>)` for each assignment, then totals.  `LastName, FirstName` may stand for `Student`; `Integration
    ID` and `Root Account` may stand before `Section`; `SIS User ID` may be missing.  Then perhaps a row that says
    `Manual Posting`, then the row `    Points Possible`, in which computed columns say `(read only)`.  A score has two
    decimals; `EX` is an excused student, `N/A` one to whom the assignment is not assigned.
https://github.com/instructure/canvas-lms/blob/master/lib/gradebook_importer.rb
    The header needs `Student` and `ID` in its first two columns and `Section` as the last of the student's.  A student
    is found by `ID`, else by `SIS User ID`, else by `SIS Login ID`, else by name; the others may be blank.  An
    assignment is found by the id in brackets, else by its title, and else is made anew, worth what its `Points
    Possible` cell says.
    An empty cell where there was a score takes the score away, so a cell that we have no mark for is given back as it
    was.  Columns may be left out; totals and `(read only)` columns are ignored.
https://community.canvaslms.com/t5/Instructor-Guide/How-do-I-import-grades-in-the-Gradebook/ta-p/807
    The guide: student's name, an ID and Section; the header must stay as Canvas exported it.
https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades
    A university's guide to it: in large courses, upload the changed columns alone, for an uploaded score overwrites.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import CourseError
from autograder.exports.cells import csv_file, is_formula, number
from autograder.exports.roster import Matched, Table, match, read_table, some
from autograder.exports.rows import Row, has_mark
from autograder.learner.results import counted
from autograder.tables import safe

HEADER = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
POINTS = "    Points Possible"
TITLE_AND_ID = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)")
KEPT = {"EX", "N/A"}  # a person's decision, and one that Canvas ignores


@dataclass
class Marks:
    """What is kept of the rows: a number a student and assignment, and what the assignments are worth."""

    by_student: dict[str, dict[str, float]] = field(default_factory=dict)
    worth: dict[str, float] = field(default_factory=dict)


def marks_of(rows: Iterable[Row], zeros: bool) -> Marks:
    """zeros: what was not handed in counts as 0; else it has no mark."""
    marks = Marks()
    for row in rows:
        mine = marks.by_student.setdefault(row.student, {})
        marks.worth[row.assignment] = max(row.max_score, marks.worth.get(row.assignment, 0.0))
        if has_mark(row, zeros):
            mine[row.assignment] = row.final
    return marks


def write_without_roster(marks: Marks, path: Path, titles: Mapping[str, str]) -> list[str]:
    """The student's name is both the name and the `SIS Login ID`; Canvas finds the student by the latter.

    Who cannot be written without harm to a spreadsheet is left out and named.  Returns sentences.
    """
    names = sorted(marks.worth)
    hostile = [student for student in marks.by_student if is_formula(student)]
    with csv_file(path) as rows:
        rows.writerow([*HEADER, *(safe(titles.get(name, name)) for name in names)])
        rows.writerow([POINTS, *[""] * (len(HEADER) - 1), *(number(marks.worth[name]) for name in names)])
        for student, mine in marks.by_student.items():
            if not is_formula(student):
                rows.writerow([student, "", "", student, "", *(cell_of(mine, name) for name in names)])
    said = [
        "Canvas makes a new assignment of each column that it does not know; with --roster, the export of its own "
        "Gradebook, the columns and students are its own."
    ]
    holes = sum(len(mine) < len(names) for student, mine in marks.by_student.items() if not is_formula(student))
    if holes:
        said.append(
            f"{counted(holes, 'student has', 'students have')} an empty cell, and Canvas takes away a score that it "
            "has there; --roster avoids it."
        )
    return said + left_out(hostile)


def left_out(hostile: list[str]) -> list[str]:
    """The sentence about names that a spreadsheet would run as a formula, and that lose their meaning if changed."""
    if not hostile:
        return []
    return [
        f"{counted(len(hostile), 'student is', 'students are')} left out, for a spreadsheet would run the name as a "
        f"formula; enter the grade by hand: {some(hostile)}."
    ]


def cell_of(mine: Mapping[str, float], name: str) -> str:
    return number(mine[name]) if name in mine else ""


def write_with_roster(marks: Marks, roster: Path, path: Path, column: str, titles: Mapping[str, str]) -> list[str]:
    """Canvas's own export with our marks in it: its students in its order, their columns, and our assignments'.

    Other assignments' columns are left out: Canvas leaves what is not in the file as it is, and what is in it may be
    old by then.  Returns sentences, for an instructor.  Raises `CourseError` where the file is no such export.
    """
    table = read_table(roster)
    last = last_of_student(table)
    special = [i for i, row in enumerate(table.rows) if not is_student(row, last)]
    matched = match(table, marks.by_student, column, special)
    places = {name: place_of(name, titles, table, last) for name in sorted(marks.worth)}
    students = {i: marks.by_student[student] for student, i in matched.row_of.items()}
    kept: list[str] = []
    with csv_file(path, table.delimiter) as rows:
        rows.writerow([*table.header[: last + 1], *(header_of(name, places, titles, table) for name in places)])
        for i, row in enumerate(table.rows):
            cells = [new_cell(row, place, students.get(i, {}).get(name)) for name, place in places.items()]
            if is_points(row):
                cells = [points_cell(row, places[name], marks.worth[name]) for name in places]
            kept += [
                row[0] for name, place in places.items() if place and row[place] in KEPT and name in students.get(i, {})
            ]
            rows.writerow([*of_student(row, last, table.header.index("ID")), *cells])
    return about(matched, marks, table, places, titles, kept)


def last_of_student(table: Table) -> int:
    """The column `Section`.  Raises `CourseError` where the file is not what Canvas exports."""
    header = table.header
    sound = header[:2] == ["Student", "ID"] or header[:3] == ["LastName", "FirstName", "ID"]
    if not sound or "Section" not in header:
        raise CourseError(
            f"{table.path} is no Gradebook that Canvas exported: its header should begin with Student, ID and hold "
            "Section. In Canvas: Grades, then Export, then Export Entire Gradebook."
        )
    return header.index("Section")


def is_points(row: list[str]) -> bool:
    return "Points Possible" in row[0]


def is_student(row: list[str], last: int) -> bool:
    """Not the row of points, nor that of assignments posted by hand, nor Canvas's own test student."""
    return not is_points(row) and any(row[: last + 1]) and row[0] != "Student, Test"


def of_student(row: list[str], last: int, place: int) -> list[object]:
    """The student's columns.  Where there is an ID, Canvas goes by that, and the name need not stay to the letter."""
    names = row[:place]
    return [*(map(safe, names) if row[place] else names), *row[place : last + 1]]


def place_of(name: str, titles: Mapping[str, str], table: Table, last: int) -> int | None:
    """The column of an assignment: the title given for it, with Canvas's id or without, else its own name."""
    wanted = titles.get(name, name)
    found = [
        place
        for place, header in enumerate(table.header)
        if place > last and wanted.casefold() in (header.casefold(), title_of(header).casefold())
    ]
    if len(found) > 1:
        columns = ", ".join(table.header[place] for place in found)
        raise CourseError(f"{table.path} has several columns for {wanted}: {columns}. Choose: --title '{name}=COLUMN'")
    if not found and name in titles:
        assignments = ", ".join(filter(TITLE_AND_ID.fullmatch, table.header)) or "none"
        raise CourseError(f"{table.path} has no column {wanted!r}. Its assignments are: {assignments}.")
    return found[0] if found else None


def title_of(header: str) -> str:
    matched = TITLE_AND_ID.fullmatch(header)
    return matched["title"] if matched else header


def header_of(name: str, places: Mapping[str, int | None], titles: Mapping[str, str], table: Table) -> str:
    place = places[name]
    return table.header[place] if place is not None else titles.get(name, name)


def new_cell(row: list[str], place: int | None, mark: float | None) -> str:
    before = row[place] if place is not None else ""
    return before if mark is None or before in KEPT else number(mark)


def points_cell(row: list[str], place: int | None, worth: float) -> str:
    return row[place] if place is not None else number(worth)


def about(
    matched: Matched,
    marks: Marks,
    table: Table,
    places: Mapping[str, int | None],
    titles: Mapping[str, str],
    kept: list[str],
) -> list[str]:
    said = [
        f"{counted(len(matched.row_of), 'student was', 'students were')} matched by their {matched.column}.",
        *matched.sentences(table.path),
    ]
    new = [titles.get(name, name) for name, place in places.items() if place is None]
    if new:
        said.append(
            f"{table.path} has no column for {', '.join(new)}: Canvas will ask whether to make a new assignment. To "
            "use one that is there: --title 'NAME=TITLE IN CANVAS'"
        )
    worth = next((row for row in table.rows if is_points(row)), None)
    for name, place in places.items():
        if worth and place is not None and as_number(worth[place]) != marks.worth[name]:
            said.append(
                f"{table.header[place]} has {worth[place].strip() or 'no'} points in Canvas, and {name} has "
                f"{number(marks.worth[name])} here; the scores are ours, as they are."
            )
    if kept:
        said.append(
            f"{counted(len(kept), 'cell says', 'cells say')} EX (excused) or N/A in Canvas, and stay so: {some(kept)}."
        )
    return said


def as_number(text: str) -> float | None:
    """A number as Canvas writes it, with a point or a comma before its decimals."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
