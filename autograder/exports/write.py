"""The command `autograder export`: choose the format, show how far it is, say what came of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from autograder.course import CourseError, find_assignment
from autograder.exports import canvas, gradescope, moodle
from autograder.exports.rows import Row, Seen, Source, rows_of
from autograder.exports.table import write_table
from autograder.exports.words import about_given, about_late, about_waiting
from autograder.learner.results import counted
from autograder.output import assignments_in, tell_unsound
from autograder.pages import page_alone

OF_FORMAT = {
    "roster": "canvas",
    "worksheet": "moodle",
    "feedback": "moodle",
    "identifier": "moodle",
}


@dataclass(frozen=True)
class Wanted:
    """What to write, and how: see the options of `autograder export`."""

    format: str
    out: Path
    roster: Path | None = None
    worksheet: Path | None = None
    feedback: Path | None = None
    match: str | None = None
    identifier: str | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    zeros: bool = False
    visibility: str = "visible"


def export(course: Path, graded: Path, wanted: Wanted, assignment: str | None, gradebook: str | None) -> int:
    """Write the export; the exit code.  Raises `CourseError` and `CannotWrite`."""
    refuse_nonsense(wanted, assignment)
    if assignment:
        find_assignment(course, assignment)
    source = Source(course, graded, gradebook, assignment)
    seen = Seen()
    said = WRITERS[wanted.format](source, seen, wanted)
    for sentence in (*said, *seen.sentences(gradebook)):
        print(sentence)
    of = counted(len(seen.students), "student", "students")
    print(f"{counted(seen.rows, 'grade', 'grades')} of {of} in {wanted.out}.")
    tell_unsound(seen.unsound)
    return 1 if seen.faults or seen.unsound else 0


def refuse_nonsense(wanted: Wanted, assignment: str | None) -> None:
    for option, form in OF_FORMAT.items():
        if getattr(wanted, option) is not None and wanted.format != form:
            raise CourseError(f"--{option} goes with --format {form}, and the format is {wanted.format}.")
    if wanted.worksheet and not assignment:
        raise CourseError("A grading worksheet is of one assignment. Say which: --assignment NAME")
    if wanted.feedback and not wanted.worksheet:
        raise CourseError(
            "--feedback needs --worksheet, the assignment's grading worksheet from Moodle: its participants' numbers "
            "name the folders."
        )
    if wanted.match and not (wanted.roster or wanted.worksheet):
        raise CourseError("--match names a column of the file that --roster or --worksheet gives, and there is none.")


def shown(source: Source, seen: Seen) -> Iterator[Row]:
    """The rows, with how far they are shown on standard error."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("exporting", total=None)
        for row in rows_of(source, seen):
            progress.update(bar, completed=seen.rows)
            yield row


def write_csv(source: Source, seen: Seen, wanted: Wanted) -> list[str]:
    feedback = write_table(shown(source, seen), wanted.out)
    return [f"The feedback is in {feedback}."]


def write_canvas(source: Source, seen: Seen, wanted: Wanted) -> list[str]:
    marks = canvas.marks_of(shown(source, seen), wanted.zeros)
    if wanted.roster is None:
        return canvas.write_without_roster(marks, wanted.out, wanted.titles)
    column = wanted.match or "SIS Login ID"
    return canvas.write_with_roster(marks, wanted.roster, wanted.out, column, wanted.titles)


def write_moodle(source: Source, seen: Seen, wanted: Wanted) -> list[str]:
    rows = shown(source, seen)
    if wanted.worksheet is None:
        names, identifier = assignments_in(source.graded, source.assignment), wanted.identifier or moodle.IDENTIFIERS[0]
        return moodle.write_gradebook(rows, names, wanted.out, identifier, wanted.titles, wanted.zeros)
    column = wanted.match or "Email address"
    said = moodle.write_worksheet(rows, wanted.worksheet, wanted.out, column, wanted.zeros)
    if wanted.feedback:
        pages = moodle.write_feedback(shown(source, Seen()), wanted.worksheet, wanted.feedback, column, page_of)
        said.append(f"{counted(pages, 'feedback page is', 'feedback pages are')} in {wanted.feedback}.")
    return said


def page_of(row: Row) -> str:
    return page_alone(row.report, [text for text in (about_given(row), about_waiting(row), about_late(row)) if text])


def write_gradescope(source: Source, seen: Seen, wanted: Wanted) -> list[str]:
    count = gradescope.write_results(shown(source, seen), wanted.out, wanted.visibility)
    return [f"{counted(count, 'results.json is', 'files results.json are')} in {wanted.out}/<student>/<assignment>."]


WRITERS = {"csv": write_csv, "canvas": write_canvas, "moodle": write_moodle, "gradescope": write_gradescope}
