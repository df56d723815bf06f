"""Where a learner's exercises are, and in which order they are meant to be done.

The order is in `exercises/course.json`.  Without that file every folder with frozen cases counts, by name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

FILE = "course.json"
SCHEMA = 1


class NoExercises(Exception):
    """No exercise was found.  The message says where was looked."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the book: its title, and its page in the site."""

    name: str
    title: str
    page: str


@dataclass(frozen=True)
class About:
    """What is said of an assignment before one begins: needs are chapters' titles and assignments' names."""

    title: str = ""
    minutes: int = 0
    packages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Tasks to do with a chapter.  tasks: None for all of the assignment."""

    assignment: str
    tasks: tuple[str, ...] | None = None
    chapter: Chapter | None = None


@dataclass(frozen=True)
class Outline:
    """The exercises in `root`, in the course's order."""

    root: Path
    steps: tuple[Step, ...]
    about: dict[str, About] = field(default_factory=dict)

    @property
    def assignments(self) -> list[str]:
        return list(dict.fromkeys(step.assignment for step in self.steps))

    def notebook(self, assignment: str) -> Path:
        return self.root / assignment / f"{assignment}.ipynb"


def find(start: Path | None = None) -> Outline:
    """The exercises here, in a folder `exercises`, or above.  Raises `NoExercises`."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        for root in (folder / "exercises", folder):
            if (root / FILE).is_file():
                return load(root)
        for root in (folder / "exercises", *([folder] if folder in (start, start.parent) else [])):
            if exercises_in(root):
                return Outline(root, tuple(Step(name) for name in exercises_in(root)))
    raise NoExercises(
        f"No exercises were found in {start} or above it. Go to the folder that holds `exercises`, and try again."
    )


def exercises_in(root: Path) -> list[str]:
    return sorted(file.parent.name for file in root.glob("*/cases.npz"))


def load(root: Path) -> Outline:
    """The outline in `root`, with the folders there that it does not name at its end.

    A damaged file costs the order alone.
    """
    there = exercises_in(root)
    try:
        value = json.loads((root / FILE).read_text(encoding="utf-8"))
        if value["schema"] != SCHEMA:
            raise ValueError("another schema")
        chapters = {name: Chapter(name, **fields) for name, fields in value["chapters"].items()}
        about = {
            name: About(each["title"], each["minutes"], tuple(each["packages"]), tuple(each["needs"]))
            for name, each in value["assignments"].items()
        }
        steps = [
            Step(each["assignment"], each["tasks"] and tuple(each["tasks"]), chapters.get(each["chapter"]))
            for each in value["steps"]
            if each["assignment"] in there
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Outline(root, tuple(Step(name) for name in there))
    named = {step.assignment for step in steps}
    return Outline(root, (*steps, *(Step(name) for name in there if name not in named)), about)
