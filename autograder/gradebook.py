"""Put reports into an nbgrader gradebook, as its own autograde would, many at a time and by one writer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

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
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, selectinload
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import CourseError, told
from autograder.gradebook_faults import add_missing_rows, see_its_age, see_that_it_fits, what_to_do
from autograder.names import as_text
from autograder.output import reports_in, tell_unsound
from autograder.report import Report

AT_A_TIME = 500
NO_RESPONSE = "No response."  # nbgrader's own word for an answer that was left as it was


@dataclass
class Imported:
    """How many reports went in, how many changed what was there, and how many were faults of ours, left out."""

    reports: int = 0
    changed: int = 0
    faults: int = 0


def import_into(address: str, graded: Path) -> int:
    """The command: enter the reports of a folder, show how far it is, say what came of it; the exit code."""
    paths = sorted((graded / "reports").glob("*/*.json"))
    if not paths:
        raise CourseError(f"{graded} holds no reports. Make some with: autograder grade submitted --out {graded}")
    imported, unsound = Imported(), []
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("importing", total=len(paths))
        for imported in import_reports(reports_in(graded, unsound), address):
            progress.update(bar, completed=imported.reports)
    print(f"{imported.reports} reports; {imported.changed} of them changed the gradebook {address}.")
    if imported.faults:
        print(f"{imported.faults} faults of the grader's own were left out; grade those again.", file=sys.stderr)
    tell_unsound(unsound)
    return 1 if imported.faults or unsound else 0


def gradebook_address(course: Path) -> str:
    """The database of the course's `nbgrader_config.py`."""
    file = course / "nbgrader_config.py"
    if not file.is_file():
        raise CourseError(f"{course} has no nbgrader_config.py. Name the gradebook: --gradebook sqlite:///gradebook.db")
    try:
        config: Config = PyFileConfigLoader(file.name, path=str(course)).load_config()
    except Exception as error:  # it is Python, and may do anything
        raise CourseError(f"{file} cannot be loaded: it stops with {told(error)}") from error
    return str(config.CourseDirectory.db_url)


def import_reports(reports: Iterable[Report], address: str) -> Iterator[Imported]:
    """Enter the reports; after each few hundred, what is done so far.

    Marks and comments that a person gave stay.  Doing it twice changes nothing the second time.  Raises `CourseError`
    where the gradebook cannot be opened, is locked, or does not know the assignment.
    """
    imported = Imported()
    # nbgrader starts `alembic` by name when it makes a gradebook
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        see_its_age(address)
        book = Gradebook(address)
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise CourseError(
            f"The gradebook {address} cannot be opened: {first_line(error)}{what_to_do(error)}"
        ) from error
    waiting = iter(reports)
    try:
        while some := list(islice(waiting, AT_A_TIME)):
            enter(some, book.db(), imported)
            book.db.commit()
            yield imported
    except SQLAlchemyError as error:
        book.db.rollback()
        raise CourseError(
            f"The gradebook {address} cannot be written to: {first_line(error)}{what_to_do(error)}"
        ) from error
    finally:
        book.close()


def first_line(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"{(text[0] if text else type(error).__name__).rstrip('.')}."


def enter(reports: list[Report], session: Session, imported: Imported) -> None:
    """Enter some reports in one transaction."""
    for name in dict.fromkeys(report.assignment for report in reports):
        assignment = session.query(Assignment).filter_by(name=name).one_or_none()
        if assignment is None:
            raise CourseError(
                f"The gradebook does not know {name}. Run first: nbgrader generate_assignment {name} --force"
            )
        group = [report for report in reports if report.assignment == name]
        see_that_it_fits(group, assignment)
        add_missing_rows(session, assignment)
        there = submissions_of([as_text(report.student) for report in group], assignment, session)
        for report in group:
            student = as_text(report.student)  # a database takes no half character
            imported.reports += 1
            if report.faulty:
                imported.faults += 1
                continue
            if report.status == "missing" and student not in there:
                add_student(student, session)  # who handed in nothing is in the class, without a submission
                continue
            submission = there.get(student) or new_submission(student, assignment, session)
            imported.changed += enter_one(report, submission)


def submissions_of(students: list[str], assignment: Assignment, session: Session) -> dict[str, SubmittedAssignment]:
    """What the gradebook holds of these students, with all that will be looked at, in a few queries."""
    notebooks = selectinload(SubmittedAssignment.notebooks)
    query = (
        session.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id.in_(students))
        .options(
            notebooks.selectinload(SubmittedNotebook.grades).selectinload(Grade.cell),
            notebooks.selectinload(SubmittedNotebook.comments).selectinload(Comment.cell),
        )
    )
    return {submission.student_id: submission for submission in query}


def new_submission(student: str, assignment: Assignment, session: Session) -> SubmittedAssignment:
    """An empty submission, shaped as nbgrader shapes it."""
    add_student(student, session)
    with session.no_autoflush:  # what is half made must not be written when a query comes between
        submission = SubmittedAssignment(assignment_id=assignment.id, student_id=student)
        for notebook in assignment.notebooks:
            submitted = SubmittedNotebook(notebook=notebook, assignment=submission)
            submitted.grades = [Grade(cell=cell) for cell in [*notebook.grade_cells, *notebook.task_cells]]
            submitted.comments = [Comment(cell=cell) for cell in [*notebook.solution_cells, *notebook.task_cells]]
        session.add(submission)
    return submission


def add_student(student: str, session: Session) -> None:
    if session.get(Student, student) is None:
        session.add(Student(id=student))


def enter_one(report: Report, submission: SubmittedAssignment) -> bool:
    """Set the marks that are the grader's to set; whether anything changed."""
    marks = {task.name: task.points for task in report.tasks} | dict.fromkeys(report.unanswered, 0.0)
    changed = False
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            name = grade.cell.name
            if name in marks or name in report.manual:
                mark = marks.get(name)
                changed |= put(grade, auto_score=mark, needs_manual_grade=needs_a_person(grade, mark))
        for comment in notebook.comments:
            if comment.cell.name in report.manual:
                said = NO_RESPONSE if comment.cell.name in report.unanswered else None
                changed |= put(comment, auto_comment=said)
    return changed


def needs_a_person(grade: Grade, mark: float | None) -> bool:
    """Whether a person must look: where there is no mark yet, and where the one they gave was for other work."""
    if grade.manual_score is None:
        return mark is None
    return bool(grade.needs_manual_grade) or grade.auto_score != mark


def put(row: Grade | Comment, **values: object) -> bool:
    """Set what differs."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)
