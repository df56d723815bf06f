"""Put reports into an nbgrader gradebook, as its own autograde would, many at a time and by one writer.

A class of a hundred thousand submissions is a million rows, so rows are written by table rather than object by object.
They are those that nbgrader 0.9.6 makes (`nbgrader.api`): a submission has its notebooks, and these a grade for each
cell with points and a comment for each cell to answer.
"""

from __future__ import annotations

import datetime
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Column, Connection, Select, Table, bindparam, insert, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import CourseError
from autograder.database import with_driver, without_password
from autograder.exports.late import taken_off
from autograder.names import as_text
from autograder.output import report_files, reports_in
from autograder.policies import Policies, policies_of
from autograder.policies import handed_in as moment_of
from autograder.report import Report

AT_A_TIME = 2000
NO_DATES = Policies()
NO_RESPONSE = "No response."  # nbgrader's own word for an answer that was left as it was
STUDENTS, SUBMISSIONS, NOTEBOOKS, GRADES, COMMENTS = (
    each.__table__ for each in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)


@dataclass
class Imported:
    """How many reports went in, how many changed what was there, and how many were faults of ours, left out."""

    reports: int = 0
    changed: int = 0
    faults: int = 0


@dataclass(frozen=True)
class Shape:
    """An assignment as the gradebook knows it: its id, and its notebooks with their cells."""

    id: str
    notebooks: list[NotebookShape]


@dataclass(frozen=True)
class NotebookShape:
    """grades: the cells with points, by id; comments: those to answer.  Both with their names."""

    id: str
    grades: dict[str, str]
    comments: dict[str, str]


@dataclass
class Rows:
    """New rows and changed ones, by table, that are written together."""

    new: dict[Table, list[dict]] = field(
        default_factory=lambda: {table: [] for table in (STUDENTS, SUBMISSIONS, NOTEBOOKS, GRADES, COMMENTS)}
    )
    changed: dict[Table, dict[tuple[str, ...], list[dict]]] = field(default_factory=dict)

    def put(self, table: Table, old: Mapping[str, Any], **values: Any) -> bool:
        """Note what differs from the old row; whether anything does."""
        if all(old[name] == value for name, value in values.items()):
            return False
        rows = self.changed.setdefault(table, {}).setdefault(tuple(values), [])
        rows.append({"row_id": old["id"], **{f"new_{name}": value for name, value in values.items()}})
        return True

    def write(self, connection: Connection) -> None:
        for table, rows in self.new.items():
            if rows:
                connection.execute(insert(table), rows)
        for table, by_columns in self.changed.items():
            for names, rows in by_columns.items():
                values = {name: bindparam(f"new_{name}") for name in names}
                connection.execute(update(table).where(table.c.id == bindparam("row_id")).values(values), rows)


def import_into(address: str, graded: Path, course: Path) -> int:
    """The command: enter the reports of a folder, show how far it is, say what came of it; the exit code."""
    paths = sum(1 for _ in report_files(graded))
    if not paths:
        raise CourseError(f"{graded} holds no reports. Make some with: autograder grade submitted --out {graded}")
    policies = policies_of(course)
    imported = Imported()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("importing", total=paths)
        for imported in import_reports(reports_in(graded), address, policies):
            progress.update(bar, completed=imported.reports)
    named = without_password(with_driver(address))
    print(f"{imported.reports} reports; {imported.changed} of them changed the gradebook {named}.")
    if imported.faults:
        print(f"{imported.faults} faults of the grader's own were left out; grade those again.", file=sys.stderr)
    return 1 if imported.faults else 0


def gradebook_address(course: Path) -> str:
    """The database of the course's `nbgrader_config.py`, which the variable GRADEBOOK_URL goes before."""
    if os.environ.get("GRADEBOOK_URL"):
        return os.environ["GRADEBOOK_URL"]
    file = course / "nbgrader_config.py"
    if not file.is_file():
        raise CourseError(f"{course} has no nbgrader_config.py. Name the gradebook: --gradebook sqlite:///gradebook.db")
    config: Config = PyFileConfigLoader(file.name, path=str(course)).load_config()
    return str(config.CourseDirectory.db_url)


def opened(address: str) -> Gradebook:
    """The gradebook, made if it is not there.  Close it.  Raises `CourseError` where it cannot be opened."""
    # nbgrader starts `alembic` by name when it makes a gradebook
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    address = with_driver(address)
    try:
        return Gradebook(address)
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise CourseError(
            f"The gradebook {without_password(address)} cannot be opened: {first_line(error)}{advice(error)}"
        ) from error


def first_line(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"{(text[0] if text else type(error).__name__).rstrip('.')}."


ADVICE = {  # by what PostgreSQL's client says
    "password": "Put the right one into the address, or into the variable PGPASSWORD.",
    "does not exist": "Make it first: createdb NAME, or createuser NAME for a user.",
    "refused": "Is the server running, at this host and port?",
    "No such file": "Is the server running, at this host and port?",
    "could not translate host": "Is the host's name right?",
    "Name or service": "Is the host's name right?",
}


def advice(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error)
    return next((f" {what}" for sign, what in ADVICE.items() if sign in text and "psycopg" in repr(error)), "")


def import_reports(reports: Iterable[Report], address: str, policies: Policies = NO_DATES) -> Iterator[Imported]:
    """Enter the reports; after each few thousand, what is done so far.

    Marks and comments that a person gave stay.  Doing it twice changes nothing the second time.  Raises `CourseError`
    where the gradebook cannot be opened, is locked, or does not know the assignment.
    """
    imported = Imported()
    book = opened(address)
    shapes: dict[str, Shape] = {}
    waiting = iter(reports)
    try:
        while some := list(islice(waiting, AT_A_TIME)):
            shapes |= {name: shape_of(name, book) for name in {r.assignment for r in some} - shapes.keys()}
            with book.engine.begin() as connection:
                enter(some, shapes, connection, policies, imported)
            yield imported
    except SQLAlchemyError as error:
        again = "Close what else uses it, and run" if isinstance(error, OperationalError) else "Run"
        raise CourseError(
            f"The gradebook {without_password(with_driver(address))} cannot be written to: {first_line(error)} "
            f"{again} the same command again: it goes on from there."
        ) from error
    finally:
        book.close()


def shape_of(name: str, book: Gradebook) -> Shape:
    """Raises `CourseError` for an assignment that the gradebook does not know."""
    assignment = book.db.query(Assignment).filter_by(name=name).one_or_none()
    if assignment is None:
        raise CourseError(f"The gradebook does not know {name}. Run first: nbgrader generate_assignment {name} --force")
    notebooks = [
        NotebookShape(
            notebook.id,
            {cell.id: cell.name for cell in [*notebook.grade_cells, *notebook.task_cells]},
            {cell.id: cell.name for cell in [*notebook.solution_cells, *notebook.task_cells]},
        )
        for notebook in assignment.notebooks
    ]
    shape = Shape(assignment.id, notebooks)
    book.db.rollback()  # which ends the transaction that reading began
    return shape


def enter(
    reports: Sequence[Report],
    shapes: Mapping[str, Shape],
    connection: Connection,
    policies: Policies,
    imported: Imported,
) -> None:
    """Enter some reports in one transaction."""
    sound = [report for report in reports if not report.faulty]
    imported.reports += len(reports)
    imported.faults += len(reports) - len(sound)
    rows = Rows()
    there = submissions_of(sound, shapes, connection)
    add_students(sound, connection, rows)
    old = Old.of(list(there.values()), shapes.values(), connection)
    for report in sound:
        shape = shapes[report.assignment]
        submission = there.get((as_text(report.student), shape.id))
        if submission is not None:
            imported.changed += change(report, submission, old, policies, rows)
        elif report.status != "missing":  # who handed in nothing is in the class, without a submission
            add_submission(report, shape, policies, rows)
            imported.changed += 1
    rows.write(connection)


def submissions_of(
    reports: Sequence[Report], shapes: Mapping[str, Shape], connection: Connection
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The submissions that the gradebook holds, by student and the assignment's id."""
    asked = (
        select(SUBMISSIONS.c.id, SUBMISSIONS.c.student_id, SUBMISSIONS.c.assignment_id, SUBMISSIONS.c.timestamp)
        .where(SUBMISSIONS.c.student_id.in_({as_text(report.student) for report in reports}))
        .where(SUBMISSIONS.c.assignment_id.in_({shapes[report.assignment].id for report in reports}))
    )
    found = connection.execute(asked).mappings()
    wanted = {(as_text(report.student), shapes[report.assignment].id) for report in reports}
    by_place = {(row["student_id"], row["assignment_id"]): row for row in found}
    return {place: row for place, row in by_place.items() if place in wanted}


def add_students(reports: Sequence[Report], connection: Connection, rows: Rows) -> None:
    students = {as_text(report.student) for report in reports}
    known = set(connection.execute(select(STUDENTS.c.id).where(STUDENTS.c.id.in_(students))).scalars())
    rows.new[STUDENTS] = [{"id": student} for student in sorted(students - known)]


@dataclass
class Old:
    """The notebooks, grades and comments of some submissions, as they are: by what each is a part of."""

    notebooks: dict[str, list[dict[str, Any]]]
    grades: dict[str, list[dict[str, Any]]]
    comments: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, submissions: Sequence[Mapping[str, Any]], shapes: Iterable[Shape], connection: Connection) -> Old:
        """Asked by assignment: so the database's own indices serve, which begin with the notebook and the cell."""
        old = cls({}, {}, {})
        for shape in shapes:
            ids = [submission["id"] for submission in submissions if submission["assignment_id"] == shape.id]
            for notebook in shape.notebooks:
                whole = rows_in(NOTEBOOKS, NOTEBOOKS.c.notebook_id, [notebook.id], NOTEBOOKS.c.assignment_id, ids)
                mine = gather(old.notebooks, connection, whole, "assignment_id", ids)
                for into, table, cells in (
                    (old.grades, GRADES, notebook.grades),
                    (old.comments, COMMENTS, notebook.comments),
                ):
                    part = rows_in(table, table.c.cell_id, [*cells], table.c.notebook_id, mine)
                    gather(into, connection, part, "notebook_id", mine, cells)
        return old


def rows_in(table: Table, first: Column, firsts: Sequence[str], second: Column, seconds: Sequence[str]) -> Select:
    return select(table).where(first.in_(firsts)).where(second.in_(seconds))


def gather(
    found: dict[str, list[dict[str, Any]]],
    connection: Connection,
    query: Select,
    parent: str,
    ids: Sequence[str],
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Put rows to their parents, with the names of their cells; the rows' ids."""
    rows = [dict(row) for row in connection.execute(query).mappings()] if ids else []
    for row in rows:
        if names is not None:
            row["name"] = names[row["cell_id"]]
        found.setdefault(row[parent], []).append(row)
    return [row["id"] for row in rows]


def add_submission(report: Report, shape: Shape, policies: Policies, rows: Rows) -> None:
    """A new submission, shaped as nbgrader shapes it, with the marks that are the grader's to set."""
    marks = marks_of(report)
    submission = new_id()
    penalty = taken_off(report, policies, report.score) or None
    rows.new[SUBMISSIONS].append(
        {
            "id": submission,
            "assignment_id": shape.id,
            "student_id": as_text(report.student),
            "timestamp": handed_in(report),
        }
    )
    for notebook in shape.notebooks:
        submitted = new_id()
        rows.new[NOTEBOOKS].append(
            {
                "id": submitted,
                "assignment_id": submission,
                "notebook_id": notebook.id,
                "flagged": False,
                "late_submission_penalty": penalty,
            }
        )
        penalty = None  # it is taken off once
        for cell, name in notebook.grades.items():
            mark = marks.get(name)
            needed = mark is None  # a cell that the report does not know waits as well
            rows.new[GRADES].append(
                {
                    "id": new_id(),
                    "notebook_id": submitted,
                    "cell_id": cell,
                    "auto_score": mark,
                    "needs_manual_grade": needed,
                }
            )
        for cell, name in notebook.comments.items():
            rows.new[COMMENTS].append(
                {
                    "id": new_id(),
                    "notebook_id": submitted,
                    "cell_id": cell,
                    "auto_comment": NO_RESPONSE if name in report.unanswered else None,
                }
            )


def change(report: Report, submission: Mapping[str, Any], old: Old, policies: Policies, rows: Rows) -> bool:
    """Set the marks that are the grader's to set; whether anything changed."""
    marks = marks_of(report)
    changed = False
    if handed_in(report) is not None:
        changed |= rows.put(SUBMISSIONS, submission, timestamp=handed_in(report))
    notebooks = old.notebooks.get(submission["id"], [])
    grades = [grade for notebook in notebooks for grade in old.grades.get(notebook["id"], [])]
    for grade in grades:
        name = grade["name"]
        if name in marks or name in report.manual:
            mark = marks.get(name)
            changed |= rows.put(GRADES, grade, auto_score=mark, needs_manual_grade=needs_a_person(grade, mark))
    for notebook in notebooks:
        for comment in old.comments.get(notebook["id"], []):
            if comment["name"] in report.manual:
                said = NO_RESPONSE if comment["name"] in report.unanswered else None
                changed |= rows.put(COMMENTS, comment, auto_comment=said)
    penalty = taken_off(report, policies, score_of(grades, marks)) or None
    for notebook in notebooks:
        changed |= rows.put(NOTEBOOKS, notebook, late_submission_penalty=penalty)
        penalty = None
    return changed


def new_id() -> str:
    """An id as long as nbgrader's, 32 hexadecimal digits; later ones sort after, so an index grows at its end."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


def marks_of(report: Report) -> dict[str, float]:
    """The marks that are the grader's to set: of the tasks, and 0 for a question that was not answered."""
    return {task.name: task.points for task in report.tasks} | dict.fromkeys(report.unanswered, 0.0)


def score_of(grades: Iterable[Mapping[str, Any]], marks: Mapping[str, float]) -> float:
    """The score as nbgrader counts it: a person's mark before the grader's, and extra credit on top."""
    score = 0.0
    for grade in grades:
        mark = grade["manual_score"] if grade["manual_score"] is not None else marks.get(grade["name"])
        score += (mark or 0.0) + (grade["extra_credit"] or 0.0)
    return max(0.0, score)


def handed_in(report: Report) -> datetime.datetime | None:
    """When it was handed in, as nbgrader keeps it: in UTC, without saying so."""
    moment = moment_of(report)
    return moment and moment.replace(tzinfo=None)


def needs_a_person(grade: Mapping[str, Any], mark: float | None) -> bool:
    """Whether a person must look: where there is no mark yet, and where the one they gave was for other work."""
    if grade["manual_score"] is None:
        return mark is None
    return bool(grade["needs_manual_grade"]) or grade["auto_score"] != mark
