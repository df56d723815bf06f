"""Put reports into an nbgrader gradebook, as its own autograde would, many at a time and by one writer."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, selectinload
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import Assignment as CourseAssignment
from autograder.course import CourseError, assignment_names, find_assignment
from autograder.gradebook_cells import mend, write_dropped
from autograder.gradebook_dates import enter_due, enter_handed_in, enter_penalties
from autograder.output import reports_in
from autograder.policies import policies_of
from autograder.report import Report

AT_A_TIME = 500
DROPPED_MARKS = "DROPPED_MARKS.csv"
NO_RESPONSE = "No response."  # nbgrader's own word for an answer that was left as it was


@dataclass
class Imported:
    """How many reports went in, how many changed what was there, and how many were left out: faults of ours, and those
    of an assignment that has other tasks now.  mended: what was done to the gradebook's cells, a sentence each."""

    reports: int = 0
    changed: int = 0
    faults: int = 0
    outdated: int = 0
    mended: list[str] = field(default_factory=list)


def import_into(address: str, graded: Path, course: Path | None = None) -> int:
    """The command: enter the reports of a folder, show how far it is, say what came of it; the exit code.

    course: whose releases and dates hold; without one the gradebook's cells stay as they are, and nothing is late.
    """
    paths = sorted((graded / "reports").glob("*/*.json"))
    if not paths:
        raise CourseError(f"{graded} holds no reports. Make some with: autograder grade submitted --out {graded}")
    imported = Imported()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("importing", total=len(paths))
        for imported in import_reports(reports_in(graded), address, course):
            progress.update(bar, completed=imported.reports)
    for sentence in imported.mended:
        print(sentence)
    print(f"{imported.reports} reports; {imported.changed} of them changed the gradebook {address}.")
    if imported.faults:
        print(f"{imported.faults} faults of the grader's own were left out; grade those again.", file=sys.stderr)
    if imported.outdated:
        print(
            f"{imported.outdated} reports were left out: their assignment has other tasks or points now. "
            "Grade it again, and then run the same command again.",
            file=sys.stderr,
        )
    return 1 if imported.faults or imported.outdated else 0


def mend_gradebook(address: str, assignment: CourseAssignment, drop: list[str]) -> int:
    """The command: bring the gradebook's cells up to date, and write what a person gave to dropped ones to a table."""
    for name in set(drop) & {cell.grade_id for cell in assignment.cells}:
        raise CourseError(f"{assignment.name} still has {name}, so its marks stay.")
    with opened(address) as book:
        if book.db().query(Assignment).filter_by(name=assignment.name).one_or_none() is None:
            raise CourseError(f"The gradebook does not know {assignment.name}, so there is nothing to mend.")
        mended = mend(book.db(), assignment, drop)
        if mended.dropped:
            file = assignment.course / DROPPED_MARKS
            write_dropped(mended.dropped, file)
            mended.sentences.append(f"What a person gave to {', '.join(drop)} is in {file} now.")
        book.db.commit()
    print("\n".join(mended.sentences) or f"The gradebook's cells of {assignment.name} are up to date.")
    return 0


def gradebook_address(course: Path) -> str:
    """The database of the course's `nbgrader_config.py`."""
    file = course / "nbgrader_config.py"
    if not file.is_file():
        raise CourseError(f"{course} has no nbgrader_config.py. Name the gradebook: --gradebook sqlite:///gradebook.db")
    config: Config = PyFileConfigLoader(file.name, path=str(course)).load_config()
    return str(config.CourseDirectory.db_url)


def import_reports(reports: Iterable[Report], address: str, course: Path | None = None) -> Iterator[Imported]:
    """Enter the reports; after each few hundred, what is done so far.

    Marks and comments that a person gave stay.  Doing it twice changes nothing the second time.  Raises `CourseError`
    where the gradebook cannot be opened, is locked, or does not know the assignment.
    """
    imported, ours = Imported(), Ours(course) if course else None
    with opened(address) as book:
        waiting = iter(reports)
        while some := list(islice(waiting, AT_A_TIME)):
            enter(some, book.db(), imported, ours)
            book.db.commit()
            yield imported


@contextlib.contextmanager
def opened(address: str) -> Iterator[Gradebook]:
    """The gradebook; what is not committed is undone.  Raises `CourseError` where it cannot be opened or is locked."""
    # nbgrader starts `alembic` by name when it makes a gradebook
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        book = Gradebook(address)
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise CourseError(f"The gradebook {address} cannot be opened: {first_line(error)}") from error
    try:
        yield book
    except OperationalError as error:
        book.db.rollback()
        raise CourseError(
            f"The gradebook {address} cannot be written to: {first_line(error)} "
            "Close what else uses it, and run the same command again: it goes on from there."
        ) from error
    finally:
        book.close()


def first_line(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"{text[0] if text else type(error).__name__}."


class Ours:
    """What the course says of the gradebook, looked up once: which cells an assignment has, and when it is due."""

    def __init__(self, course: Path) -> None:
        self.course, self.policies = course, policies_of(course)
        self.tasks: dict[str, list[tuple[str, float]]] = {}

    def begin(self, assignment: Assignment, session: Session) -> list[str]:
        """Bring the gradebook's assignment up to date, the first time it is met; what was done to it."""
        if assignment.name in self.tasks or assignment.name not in assignment_names(self.course):
            return []
        found = find_assignment(self.course, assignment.name)
        mended = mend(session, found)
        enter_due(assignment, self.policies)
        self.tasks[assignment.name] = [(task.name, task.points) for task in found.tasks if not task.manual]
        return mended.sentences

    def fits(self, report: Report) -> bool:
        """Whether the report is on the tasks that its assignment has now."""
        there = [(task.name, task.max_points) for task in report.tasks]
        return self.tasks.get(report.assignment, there) == there


def enter(reports: list[Report], session: Session, imported: Imported, ours: Ours | None = None) -> None:
    """Enter some reports in one transaction."""
    for name in dict.fromkeys(report.assignment for report in reports):
        assignment = session.query(Assignment).filter_by(name=name).one_or_none()
        if assignment is None:
            raise CourseError(
                f"The gradebook does not know {name}. Run first: nbgrader generate_assignment {name} --force"
            )
        if ours:
            imported.mended += ours.begin(assignment, session)
        group = [report for report in reports if report.assignment == name]
        there = submissions_of([report.student for report in group], assignment, session)
        for report in group:
            imported.reports += 1
            if report.faulty:
                imported.faults += 1
                continue
            if ours and not ours.fits(report):
                imported.outdated += 1
                continue
            if report.status == "missing" and report.student not in there:
                add_student(report.student, session)  # who handed in nothing is in the class, without a submission
                continue
            submission = there.get(report.student) or new_submission(report.student, assignment, session)
            changed = enter_one(report, submission)
            if ours:
                changed |= enter_handed_in(submission, name, report.handed_in, ours.policies)
                changed |= enter_penalties(submission, name, ours.policies)
            imported.changed += changed


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
