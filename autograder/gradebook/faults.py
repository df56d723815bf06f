"""What can be wrong with a gradebook: its age, its state, and an assignment in it that is another version of ours."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from nbgrader.api import Grade
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import create_engine, inspect, text

from autograder.course import CourseError

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
    "password authentication": "Put the right one into the address, or into the variable PGPASSWORD.",
    "no password": "Put it into the address, or into the variable PGPASSWORD.",
    "does not exist": "Make it first: createdb NAME, or createuser NAME for a user.",
    "refused": "Is the server running, at this host and port?",
    "No such file": "Is the server running, at this host and port?",
    "resolve host": "Is the host's name right?",
    "connection is closed": "Is the server still running? Run the same command again: it goes on from there.",
    "terminating connection": "Is the server still running? Run the same command again: it goes on from there.",
    "server closed": "Is the server still running? Run the same command again: it goes on from there.",
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
