"""Begin a new assignment: a small one that works, in a folder of its own, to be changed bit by bit."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from autograder.course import CourseError
from autograder.files import replacing_folder, why
from autograder.report import CannotWrite

SKELETON = Path(__file__).parent / "skeleton"
NAME, TITLE, POINTS = "skeleton", "A leaky average", 3
PARTS = ("skeleton.py", "checks.py", "mistakes.py", "rubric.md", "variants/*.py")
TAKEN = {"reference"}  # the folder of the course's own oracle


def begin(course: Path, name: str, title: str = TITLE, points: float = POINTS) -> Path:
    """Make `solutions/NAME`; the folder.  All of it is made or nothing.

    Raises `CourseError` for a name that cannot be one or is taken, and `CannotWrite`.
    """
    folder = course / "solutions" / name
    refuse(course, name, title)
    try:
        with replacing_folder(folder) as fresh:
            for part in (path for pattern in PARTS for path in sorted(SKELETON.glob(pattern))):
                place = fresh / part.relative_to(SKELETON)
                place.parent.mkdir(exist_ok=True)
                text = adapted(part.read_text(encoding="utf-8"), name, title, points)
                place.with_stem(place.stem.replace(NAME, name)).write_text(text, encoding="utf-8")
            (fresh / "__init__.py").write_text(f'"""The assignment `{name}`."""\n', encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be made: {why(error)}.") from error
    return folder


def refuse(course: Path, name: str, title: str) -> None:
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or name in TAKEN:
        raise CourseError(
            f"{name!r} cannot be the name of an assignment. Give one of small letters, digits and _ that begins with a "
            "letter and is no word of Python's, moving_average say."
        )
    if not title.strip() or "\n" in title:
        raise CourseError(f"{title!r} is no title; give one line of text.")
    for folder in (course / "solutions" / name, course / "exercises" / name):
        if folder.exists():
            raise CourseError(f"{folder} is there already. Nothing was changed; choose another name.")


def adapted(text: str, name: str, title: str, points: float) -> str:
    """A file of the skeleton for a new assignment."""
    text = text.replace(NAME, name).replace(f"# # {TITLE}\n", f"# # {title.strip()}\n")
    text = text.replace(f'"points": {POINTS},', f'"points": {points:g},')
    return text.replace(f"({POINTS} points)", f"({points:g} point{'s' * (points != 1)})")
