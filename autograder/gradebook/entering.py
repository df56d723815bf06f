"""Put reports into an nbgrader gradebook, as its own autograde would, many at a time and by one writer."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from nbgrader.api import Assignment, Gradebook
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from traitlets.config import Config, PyFileConfigLoader

from autograder.course import Assignment as CourseAssignment
from autograder.course import CourseError, assignment_names, find_assignment, told
from autograder.gradebook.address import with_driver, without_password
from autograder.gradebook.cells import mend, write_dropped
from autograder.gradebook.dates import enter_due
from autograder.gradebook.faults import see_its_age, what_to_do
from autograder.gradebook.rows import Shape, enter
from autograder.output import report_files, reports_in, tell_unsound
from autograder.policies import policies_of
from autograder.report import Report

AT_A_TIME = 2000
DROPPED_MARKS = "DROPPED_MARKS.csv"


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
    count = sum(1 for _ in report_files(graded))
    if not count:
        raise CourseError(f"{graded} holds no reports. Make some with: autograder grade submitted --out {graded}")
    imported, unsound = Imported(), []
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("importing", total=count)
        for imported in import_reports(reports_in(graded, unsound), address, course):
            progress.update(bar, completed=imported.reports)
    for sentence in imported.mended:
        print(sentence)
    named = without_password(with_driver(address))
    print(f"{imported.reports} reports; {imported.changed} of them changed the gradebook {named}.")
    if imported.faults:
        print(f"{imported.faults} faults of the grader's own were left out; grade those again.", file=sys.stderr)
    if imported.outdated:
        print(
            f"{imported.outdated} reports were left out: their assignment has other tasks or points now. "
            "Grade it again, and then run the same command again.",
            file=sys.stderr,
        )
    tell_unsound(unsound)
    return 1 if imported.faults or imported.outdated or unsound else 0


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
    """The database of the course's `nbgrader_config.py`, which the variable GRADEBOOK_URL goes before."""
    if os.environ.get("GRADEBOOK_URL"):
        return os.environ["GRADEBOOK_URL"]
    file = course / "nbgrader_config.py"
    if not file.is_file():
        raise CourseError(f"{course} has no nbgrader_config.py. Name the gradebook: --gradebook sqlite:///gradebook.db")
    try:
        config: Config = PyFileConfigLoader(file.name, path=str(course)).load_config()
    except Exception as error:  # it is Python, and may do anything
        raise CourseError(f"{file} cannot be loaded: {told(error)}") from error
    return str(config.CourseDirectory.db_url)


def import_reports(reports: Iterable[Report], address: str, course: Path | None = None) -> Iterator[Imported]:
    """Enter the reports; after each few thousand, what is done so far.

    Marks and comments that a person gave stay.  Doing it twice changes nothing the second time.  Raises `CourseError`
    where the gradebook cannot be opened, is locked, or does not know the assignment.
    """
    imported, ours = Imported(), Ours(course)
    with opened(address) as book:
        waiting = iter(reports)
        while some := list(islice(waiting, AT_A_TIME)):
            session = book.db()
            for name in dict.fromkeys(report.assignment for report in some):
                imported.mended += ours.begin(name, session)
            entered = [report for report in some if not report.faulty and ours.fits(report)]
            imported.changed += enter(entered, ours.shapes, ours.policies, session.connection())
            session.commit()
            count(some, entered, imported)
            yield imported


def count(some: Sequence[Report], entered: Sequence[Report], imported: Imported) -> None:
    faults = sum(report.faulty for report in some)
    imported.reports += len(some)
    imported.faults += faults
    imported.outdated += len(some) - len(entered) - faults


@contextlib.contextmanager
def opened(address: str) -> Iterator[Gradebook]:
    """The gradebook; what is not committed is undone.  Raises `CourseError` where it cannot be opened or is locked."""
    # nbgrader starts `alembic` by name when it makes a gradebook
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    named = without_password(with_driver(address))
    try:
        see_its_age(with_driver(address))
        book = Gradebook(with_driver(address))
    except (SQLAlchemyError, ValueError, ImportError) as error:
        raise CourseError(f"The gradebook {named} cannot be opened: {first_line(error)}{what_to_do(error)}") from error
    try:
        yield book
    except SQLAlchemyError as error:
        with contextlib.suppress(SQLAlchemyError):  # of a connection that is gone
            book.db.rollback()
        raise CourseError(
            f"The gradebook {named} cannot be written to: {first_line(error)}{what_to_do(error)}"
        ) from error
    finally:
        book.close()


def first_line(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"{(text[0] if text else type(error).__name__).rstrip('.')}."


class Ours:
    """What the course says of the gradebook, looked up once: which cells an assignment has, and when it is due.

    Without a course it says nothing.  shapes: the assignments that were met, as the gradebook knows them now.
    """

    def __init__(self, course: Path | None) -> None:
        self.course, self.policies = course, policies_of(course) if course else None
        self.tasks: dict[str, list[tuple[str, float]]] = {}
        self.shapes: dict[str, Shape] = {}

    def begin(self, name: str, session: Session) -> list[str]:
        """Bring the gradebook's assignment up to date, the first time it is met; what was done to it.

        Raises `CourseError` for one that the gradebook does not know.
        """
        if name in self.shapes:
            return []
        assignment = session.query(Assignment).filter_by(name=name).one_or_none()
        if assignment is None:
            raise CourseError(
                f"The gradebook does not know {name}. Run first: nbgrader generate_assignment {name} --force"
            )
        said = []
        if self.course and name in assignment_names(self.course):
            found = find_assignment(self.course, name)
            said = mend(session, found).sentences
            enter_due(assignment, self.policies)
            self.tasks[name] = [(task.name, task.points) for task in found.tasks if not task.manual]
        session.flush()
        session.expire_all()  # the cells may be others now
        self.shapes[name] = Shape.of(assignment)
        return said

    def fits(self, report: Report) -> bool:
        """Whether the report is on the tasks that its assignment has now."""
        there = [(task.name, task.max_points) for task in report.tasks]
        return self.tasks.get(report.assignment, there) == there
