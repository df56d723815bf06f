"""Moodle: a table for the gradebook's import, an assignment's grading worksheet, and its feedback files in a ZIP file.

What Moodle reads was taken from its documentation and its source (moodle/moodle, GPL; nothing of it is copied):

https://docs.moodle.org/405/en/Grade_import
    *Grades, Import, CSV file*: a person maps one column to the user (`useremail`, `useridnumber` or `username`), each
    grade column to a grade item or to a new one, and a feedback column to a grade item's feedback.  Addresses count
    with their case.  Feedback without a grade beside it would take the grade away, so both are always written.
https://github.com/moodle/moodle/blob/main/grade/import/csv/classes/load_data.php
    One user that is not found, or one grade that is no number, and nothing at all is imported.  An empty grade, or
    `-`, takes away the grade that is there: so with one assignment only those rows are written that have a mark.
https://docs.moodle.org/405/en/Assignment_settings#Feedback_types
    *Offline grading worksheet* and *Feedback files*, which must be chosen in the assignment's settings.
https://github.com/moodle/moodle/blob/main/mod/assign/feedback/offline/importgradeslib.php
    The worksheet: `Identifier, Full name, Email address, Status, Grade, Maximum Grade, Grade can be changed, Last
    modified (submission), Last modified (grade), Feedback comments`, with whatever the site adds.  Found again are
    `Identifier` (`Participant 123`), `Grade`, `Last modified (grade)` and `Feedback comments`; the first three must be
    there.  An empty grade is skipped, as is one above the maximum, or one changed in Moodle after the download.
https://github.com/moodle/moodle/blob/main/mod/assign/feedback/file/importziplib.php
    The ZIP file: a folder a person, `<full name>_<participant id>_assignfeedback_file_`, as in the file that *Download
    all submissions* makes, where it is `_assignsubmission_file_`; read are the number after the first `_` and the
    plugin.  With `assignfeedback_file`, a page that has not changed is not sent a second time.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from pathlib import Path

from autograder.course import CourseError
from autograder.exports.canvas import left_out
from autograder.exports.cells import csv_file, is_formula, new_file, number
from autograder.exports.roster import Table, match, plain, read_table
from autograder.exports.rows import Row, has_mark
from autograder.exports.words import as_html, paragraphs
from autograder.learner.results import counted
from autograder.tables import safe

IDENTIFIERS = ("Email address", "ID number", "Username")
WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
COMMENTS = "Feedback comments"
READ = (*WORKSHEET, COMMENTS)  # by Moodle, so they stay letter for letter
PARTICIPANT = re.compile(r"Participant (\d+)")
FOLDER = "{name}_{number}_assignfeedback_file_"
NOT_IN_A_NAME = re.compile(r'[_/\\:*?"<>|\x00-\x1f]')


def write_gradebook(
    rows: Iterable[Row], names: list[str], path: Path, identifier: str, titles: Mapping[str, str], zeros: bool
) -> list[str]:
    """For *Grades, Import, CSV file*: a row a student, and for each assignment a column of grades and one of feedback.

    rows: by student.  names: the assignments.
    """
    hostile: list[str] = []
    holes = 0
    with csv_file(path) as table:
        headers = [titles.get(name, name) for name in names]
        table.writerow([identifier, *(safe(text) for title in headers for text in (title, f"{title} (feedback)"))])
        for student, theirs in groupby(rows, key=lambda row: row.student):
            mine = {row.assignment: grade_and_feedback(row) for row in theirs if has_mark(row, zeros)}
            if mine and is_formula(student):
                hostile.append(student)
            elif mine:
                holes += len(mine) < len(names)
                table.writerow([student, *(text for name in names for text in mine.get(name, ("", "")))])
    said = [f"In Moodle: Grades, Import, CSV file; map {identifier} to the user, and each column to its grade item."]
    if holes:
        said.append(
            f"{counted(holes, 'student has', 'students have')} an empty cell, and Moodle takes away a grade that it "
            "has there. Export one assignment at a time, with --assignment NAME, to leave those alone."
        )
    return said + left_out(hostile)


def grade_and_feedback(row: Row) -> tuple[str, str]:
    return number(row.final), as_html(paragraphs(row))


def read_worksheet(path: Path) -> Table:
    """The worksheet that Moodle exported.  Raises `CourseError` where it is none."""
    table = read_table(path)
    missing = [name for name in WORKSHEET if name not in table.header]
    if missing:
        raise CourseError(
            f"{path} is no grading worksheet of Moodle's: it has no column {', '.join(map(repr, missing))}. In Moodle, "
            "with English as its language: the assignment, View all submissions, Download grading worksheet. Where "
            "that is missing, choose Offline grading worksheet under Feedback types in the assignment's settings."
        )
    return table


def write_worksheet(rows: Iterable[Row], worksheet: Path, path: Path, column: str, zeros: bool) -> list[str]:
    """Fill in the grades and the comments of one assignment; all else stays as Moodle wrote it."""
    table = read_worksheet(worksheet)
    mine = {row.student: grade_and_feedback(row) if has_mark(row, zeros) else None for row in rows}
    matched = match(participants(table, column), mine, column)
    by_row = {i: mine[student] for student, i in matched.row_of.items()}
    grade, comments = table.column("Grade"), table.header.index(COMMENTS) if COMMENTS in table.header else None
    locked, too_much = [], []
    with csv_file(path, table.delimiter) as written:
        written.writerow(table.header)
        for i, row in enumerate(table.rows):
            cells = [text if name in READ else safe(text) for name, text in zip(table.header, row, strict=True)]
            if by_row.get(i):
                cells[grade], feedback = by_row[i]
                if comments is not None:
                    cells[comments] = feedback
                if cell(row, table, "Grade can be changed") == "No":
                    locked.append(row[0])
                if above(cells[grade], cell(row, table, "Maximum Grade")):
                    too_much.append(row[0])
            written.writerow(cells)
    said = [
        f"{counted(len(by_row), 'student was', 'students were')} matched by their {column}.",
        *matched.sentences(worksheet),
    ]
    if comments is None:
        said.append(f"{worksheet} has no column {COMMENTS!r}, so no feedback is in it.")
    if locked:
        said.append(f"{counted(len(locked), 'grade', 'grades')} cannot be changed in Moodle, which will skip them.")
    if too_much:
        said.append(
            f"{counted(len(too_much), 'grade is', 'grades are')} above the Maximum Grade in Moodle, which will skip "
            "them. Raise it first."
        )
    return said


def cell(row: list[str], table: Table, name: str) -> str:
    return row[table.header.index(name)].strip() if name in table.header else ""


def above(grade: str, most: str) -> bool:
    try:
        return float(grade) > float(most.replace(",", "."))
    except ValueError:
        return False


def participants(table: Table, column: str) -> Table:
    """The same table for matching: `123` for `Participant 123`, and `Jane Doe_123` for a name that is there twice.

    The latter is what `autograder collect` calls them.
    """
    if column not in ("Identifier", "Full name"):
        return table
    place, identifier = table.column(column), table.column("Identifier")
    counts = Counter(row[place] for row in table.rows)
    rows = []
    for row in table.rows:
        number = PARTICIPANT.sub(r"\1", row[identifier])
        name = number if column == "Identifier" else row[place] if counts[row[place]] == 1 else f"{row[place]}_{number}"
        rows.append([*row[:place], name, *row[place + 1 :]])
    return Table(table.path, table.header, rows, table.delimiter)


def write_feedback(rows: Iterable[Row], worksheet: Path, path: Path, column: str, page: Callable[[Row], str]) -> int:
    """A ZIP file with a folder a participant, named as Moodle names it, and the student's page in it.

    page: makes the page of a row.  The folders' numbers are the worksheet's.  Returns how many pages there are.
    """
    table = read_worksheet(worksheet)
    lookup = participants(table, column)
    place = lookup.column(column)
    people: dict[str, list[int]] = {}
    for i, row in enumerate(lookup.rows):
        people.setdefault(plain(row[place]), []).append(i)
    count = 0
    with new_file(path) as scratch, zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            found = people.get(plain(row.student), [])
            if len(found) == 1 and not row.report.faulty:
                archive.writestr(entry(f"{folder(table, found[0])}/{row.assignment}.html"), page(row))
                count += 1
    return count


def folder(table: Table, i: int) -> str:
    """A participant's folder.  No `_` in the name: Moodle takes what follows the first for the number."""
    row = table.rows[i]
    found = PARTICIPANT.fullmatch(row[table.column("Identifier")].strip())
    if not found:
        raise CourseError(f"In {table.path} the Identifier {row[0]!r} is not like 'Participant 123'.")
    name = NOT_IN_A_NAME.sub(" ", cell(row, table, "Full name")).strip(" .") or "Participant"
    return FOLDER.format(name=name, number=found[1])


def entry(name: str) -> zipfile.ZipInfo:
    """An entry with a fixed date, so that the same pages make the same file."""
    made = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = 0o644 << 16
    return made
