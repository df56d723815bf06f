"""What can be wrong with a gradebook: its age, its state, and an assignment in it that is another version of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alembic.script import ScriptDirectory
from nbgrader.api import Assignment, BaseCell, Comment, Grade, GradeCell, SolutionCell, SubmittedNotebook, TaskCell
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import and_, create_engine, inspect, select, text
from sqlalchemy.orm import Session

from autograder.course import CourseError
from autograder.names import as_word
from autograder.report import Report

UPGRADE = (
    "Bring it up to date, which puts a copy of a SQLite file beside it first: "
    "nbgrader db upgrade --CourseDirectory.db_url={address}"
)
ADVICE = {  # by what the database says
    "locked": "Close what else uses it, the Formgrader say, and run the same command again: it goes on from there.",
    "readonly": "Give yourself the right to write the file and its folder, and run the same command again.",
    "unable to open": "Is its folder there, and may you write in it?",
    "disk is full": "Free some space, and run the same command again: it goes on from there.",
    "not a database": "Name another file, or put a copy of the gradebook in its place.",
    "malformed": "The file is damaged. Put a copy of the gradebook in its place.",
}


def what_to_do(error: Exception) -> str:
    """What to do about an error of the database's, where it is a known one; begins with a space."""
    said = str(getattr(error, "orig", None) or error)
    return next((f" {advice}" for sign, advice in ADVICE.items() if sign in said), "")


def see_its_age(address: str) -> None:
    """Raises `CourseError` where another version of nbgrader made the gradebook.  Changes nothing in it."""
    engine = create_engine(address)
    try:
        tables = inspect(engine).get_table_names()
        if not tables:
            return  # a new one
        if Grade.__tablename__ not in tables:
            raise CourseError(f"{engine.url} is a database of something else. Name another one with --gradebook.")
        with engine.connect() as connection:
            asked = text("SELECT version_num FROM alembic_version")
            version = connection.execute(asked).scalar() if "alembic_version" in tables else None
    finally:
        engine.dispose()
    known = [revision.revision for revision in ScriptDirectory(ALEMBIC_DIR).walk_revisions()]  # the newest first
    if version in known[1:] or version is None:
        hint = UPGRADE.format(address=engine.url.render_as_string())
        raise CourseError(f"The gradebook {engine.url} was made by an older nbgrader, and stays as it is. {hint}")
    if version != known[0]:
        raise CourseError(
            f"The gradebook {engine.url} was made by a newer nbgrader than the one here, and stays as it is (its "
            f"version is {version}). Install that nbgrader, or name another gradebook: --gradebook sqlite:///gradebook.db"
        )


def see_that_it_fits(reports: Iterable[Report], assignment: Assignment) -> None:
    """Raises `CourseError` where reports know tasks or points that the gradebook's assignment does not."""
    cells = {cell.name: cell.max_score for notebook in assignment.notebooks for cell in notebook.grade_cells}
    for report in reports:
        why = misfit(report, cells)
        if why:
            raise CourseError(
                f"The gradebook's {report.assignment} is another version than what {as_word(report.student)} was "
                f"graded by: {why}. Grade again, or enter the new version, and then run the same command again: "
                f"nbgrader generate_assignment {report.assignment} --force"
            )


def misfit(report: Report, cells: Mapping[str, float]) -> str | None:
    for name in [task.name for task in report.tasks] + report.manual:
        if name not in cells:
            return f"it has no cell {name}"
    for task in report.tasks:
        if cells[task.name] != task.max_points:
            return f"{task.name} has {cells[task.name]:g} points there and {task.max_points:g} in the report"
    return None


def add_missing_rows(session: Session, assignment: Assignment) -> None:
    """Give every submission a mark and a comment for each cell, as nbgrader does for one that is new.

    It does not for those that there were when a cell was added to the assignment, and no mark could be entered then.
    """
    for row, kinds in ((Grade, (GradeCell, TaskCell)), (Comment, (SolutionCell, TaskCell))):
        lacking = (
            select(SubmittedNotebook.id, BaseCell.id)
            .join(BaseCell, BaseCell.notebook_id == SubmittedNotebook.notebook_id)
            .outerjoin(row, and_(row.notebook_id == SubmittedNotebook.id, row.cell_id == BaseCell.id))
            .where(SubmittedNotebook.notebook_id.in_([notebook.id for notebook in assignment.notebooks]))
            .where(BaseCell.type.in_([kind.__name__ for kind in kinds]), row.id.is_(None))
        )
        session.add_all(row(notebook_id=notebook, cell_id=cell) for notebook, cell in session.execute(lacking))
