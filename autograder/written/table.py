"""The table in which a person gives marks by hand: written with empty marks, and read back from any spreadsheet.

CSV, UTF-8, one row for each answer:

    student, assignment, question   whose answer, to what
    points, comment                 to fill in; what is left empty changes nothing
    max_points                      how many points the question has
    answer_number, answer           its number on the page of all answers, the same for identical ones, and its text
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError
from autograder.files import write_text
from autograder.names import as_text, from_cell
from autograder.tables import csv_text
from autograder.written.answers import Written

WANTED = ("student", "assignment", "question", "points", "comment")
COLUMNS = [*WANTED, "max_points", "answer_number", "answer"]
LONGEST = 20_000  # characters of an answer; a spreadsheet's cell holds some more
NUMBER = re.compile(r"\d+(?:[.,]\d*)?")  # 1.5, or 1,5 where a spreadsheet writes it so
FIRST_PROBLEMS = 20
EMPTIED = "There is no answer here."


class WrongRows(CourseError):
    """Rows of a table that cannot be entered."""

    def __init__(self, file: Path, problems: list[str]) -> None:
        more = len(problems) - FIRST_PROBLEMS
        shown = [*problems[:FIRST_PROBLEMS], *([f"... and {more} more."] if more > 0 else [])]
        super().__init__("\n".join([f"Nothing of {file} was entered.", *shown]))


@dataclass(frozen=True)
class Mark:
    """A row that a person filled in.  points or comment: None where that was left empty."""

    line: int
    student: str
    assignment: str
    question: str
    points: float | None
    comment: str | None

    @property
    def place(self) -> tuple[str, str, str]:
        return self.student, self.assignment, self.question

    def __str__(self) -> str:
        return f"line {self.line} ({', '.join(self.place)})"


def write_table(gathered: Iterable[Written], file: Path) -> int:
    """Write the table of a class's answers, and say how many rows it has.

    An answer that was emptied has 0 filled in; one that was left as handed out is not in it, for it has its 0 already.
    Raises `CourseError` where the file is there: it may hold marks.
    """
    if file.exists():
        raise CourseError(f"{file} is there already and may hold marks. Move it away, or name another file.")
    rows = [row for written in gathered for row in rows_to_fill(written)]
    write_text(file, "\ufeff" + csv_text([COLUMNS, *rows]))  # by this mark a spreadsheet knows UTF-8
    return len(rows)


def rows_to_fill(written: Written) -> Iterator[list[object]]:
    """A row for each answer to a question, and for each that was emptied."""
    name, task, most = written.assignment.name, written.task.name, f"{written.task.points:g}"
    for group in written.groups:
        for student in group.students:
            yield [as_text(student), name, task, "", "", most, group.number, as_text(group.text[:LONGEST])]
    for student in written.emptied:
        yield [as_text(student), name, task, "0", EMPTIED, most, "", ""]


def read_table(file: Path) -> tuple[list[Mark], int, list[str]]:
    """The rows that were filled in, how many were not, and what is wrong with others, a sentence each.

    Commas, semicolons or tabs may stand between cells.  Raises `CourseError` where the file is no such table.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CourseError(f"{file} cannot be read: {(error.strerror or '').lower()}.") from error
    except UnicodeDecodeError:
        raise CourseError(f"{file} is not UTF-8. Save it from the spreadsheet as CSV UTF-8.") from None
    first = text.partition("\n")[0]
    between = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    columns = [name.strip().lower() for name in next(rows, [])]
    missing = [name for name in WANTED if name not in columns]
    if missing:
        raise CourseError(f"{file} has no column {', '.join(missing)}. Its first line should be: {','.join(COLUMNS)}")
    marks, empty, problems = [], 0, []
    line = rows.line_num + 1
    try:
        for cells in rows:
            fields = dict(zip(columns, cells, strict=False))
            if any(cell.strip() for cell in cells):
                mark, problem = read_row(line, fields)
                marks += [mark] if mark else []
                problems += [problem] if problem else []
                empty += not (mark or problem)
            line = rows.line_num + 1
    except csv.Error as error:
        raise CourseError(f"{file}, line {line}: this is no CSV ({error}).") from error
    return marks, empty, problems + repeated(marks)


def read_row(line: int, fields: dict[str, str]) -> tuple[Mark | None, str | None]:
    """A row's mark, or what is wrong with it; neither where it was left empty."""
    student, assignment, question, points, comment = (fields.get(name, "") for name in WANTED)
    points, comment = points.strip(), from_cell(comment.strip())
    if not points and not comment:
        return None, None
    mark = Mark(line, from_cell(student), assignment.strip(), question.strip(), None, comment or None)
    if points and not NUMBER.fullmatch(points):
        return None, f"{mark}: {points!r} is no number of points."
    number = float(points.replace(",", ".")) if points else None
    return Mark(line, *mark.place, number, mark.comment), None


def repeated(marks: list[Mark]) -> list[str]:
    first: dict[tuple[str, str, str], Mark] = {}
    return [
        f"{mark}: this answer has a mark in line {first[mark.place].line} already."
        for mark in marks
        if first.setdefault(mark.place, mark) is not mark
    ]
