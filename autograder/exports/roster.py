"""A table that a learning-management system exported: its people, and which of them our students are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import CourseError
from autograder.files import why
from autograder.learner.results import counted
from autograder.names import as_word

SHOWN = 5  # names in a sentence; the count says how many there are


@dataclass
class Table:
    """Rows of cells as they stand in a file, and how it separates them."""

    path: Path
    header: list[str]
    rows: list[list[str]]
    delimiter: str = ","

    def column(self, name: str) -> int:
        """Where a column stands.  Raises `CourseError` where there is none of that name."""
        if name not in self.header:
            raise CourseError(
                f"{self.path} has no column {name!r}. Its columns are: {', '.join(filter(None, self.header))}."
            )
        return self.header.index(name)


def read_table(path: Path) -> Table:
    """Read a CSV file, with commas or semicolons.  Raises `CourseError` where that cannot be done."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {why(error)}.") from error
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{path} is not UTF-8 text. Export it anew, and do not save it from a spreadsheet."
        ) from error
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise CourseError(f"{path} is not CSV that can be read: {error}.") from error
    if not rows:
        raise CourseError(f"{path} is empty.")
    header, *rest = rows
    for number, row in enumerate(rest, 2):
        if len(row) > len(header):
            raise CourseError(f"Row {number} of {path} has {len(row)} cells, and its header has {len(header)}.")
    return Table(path, header, [row + [""] * (len(header) - len(row)) for row in rest], delimiter)


@dataclass
class Matched:
    """Which row each of our students is, by what one column holds; and who is left over on either side."""

    column: str
    row_of: dict[str, int] = field(default_factory=dict)
    not_in_roster: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)  # what stands in the column more than once: nobody can be told apart
    not_graded: list[str] = field(default_factory=list)
    better: str | None = None  # a column that more of our students are in

    def sentences(self, file: Path) -> list[str]:
        said = []
        if self.not_in_roster:
            said.append(
                f"{counted(len(self.not_in_roster), 'student of ours is', 'students of ours are')} not in the column "
                f"{self.column!r} of {file}, and get no grade there: {some(self.not_in_roster)}."
            )
        if self.better:
            said.append(f"More of them are in the column {self.better!r}: --match {self.better!r}")
        if self.twice:
            said.append(
                f"{counted(len(self.twice), 'student is', 'students are')} in the column {self.column!r} more than "
                "once, or differ in capitals alone, and get no grade: "
                f"{some(self.twice)}. Use another column: --match COLUMN"
            )
        if self.not_graded:
            said.append(
                f"{counted(len(self.not_graded), 'person in', 'people in')} {file} without a report, whose cells stay "
                f"as they were: {some(self.not_graded)}."
            )
        return said


def match(table: Table, students: Iterable[str], column: str, skipped: Iterable[int] = ()) -> Matched:
    """Match by what a column holds, without regard to case: addresses and logins are the same in either.

    skipped: rows that are no student's.
    """
    place, skipped = table.column(column), set(skipped)
    people = {i: row for i, row in enumerate(table.rows) if i not in skipped}
    there: dict[str, list[int]] = {}
    for i, row in people.items():
        there.setdefault(plain(row[place]), []).append(i)
    ours: dict[str, list[str]] = {}
    for student in students:
        ours.setdefault(plain(student), []).append(student)
    matched = Matched(column)
    for name, same in ours.items():
        if len(there.get(name, ())) == len(same) == 1:
            matched.row_of[same[0]] = there[name][0]
        elif name in there:
            matched.twice += same
        else:
            matched.not_in_roster += same
    matched.not_graded = [row[place] or row[0] for row in people.values() if plain(row[place]) not in ours]
    if matched.not_in_roster:
        matched.better = better(table, ours.keys(), people, len(matched.row_of))
    return matched


def better(table: Table, ours: Iterable[str], people: Iterable[int], most: int) -> str | None:
    """The column that holds more of our students than `most`, if there is one."""
    best, names = None, set(ours)
    for place, column in enumerate(table.header):
        found = len(names & {plain(table.rows[i][place]) for i in people})
        if found > most:
            best, most = column, found
    return best


def plain(name: str) -> str:
    return name.strip().casefold()


def some(names: list[str]) -> str:
    """A few names, and how many more."""
    more = len(names) - SHOWN
    return ", ".join(map(as_word, names[:SHOWN])) + (f" and {more} more" if more > 0 else "")
