"""Find what was handed in: a folder of <student>/<assignment>/<assignment>.ipynb."""

from __future__ import annotations

import os
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, CourseError, assignment_names, find_assignment
from autograder.files import why
from autograder.names import as_word, mistakable


@dataclass(frozen=True)
class Handed:
    """One submission: who handed it in, and where its notebook should lie.  problem: why there is nothing to read."""

    student: str
    path: Path
    problem: str | None = None


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`: which students are in it depends on their names alone."""

    number: int = 1
    count: int = 1

    def holds(self, student: str) -> bool:
        return zlib.crc32(os.fsencode(student)) % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


WHOLE = Shard()
MOST_TOLD = 5


def chosen_assignments(course: Path, submitted: Path, assignment: str | None) -> list[Assignment]:
    """The assignment asked for, or those of the course that somebody has handed in."""
    if not submitted.is_dir():
        raise CourseError(f"{submitted} is not a folder. It should hold <student>/<assignment>/<assignment>.ipynb.")
    if not any(not entry.name.startswith(".") for entry in submitted.iterdir()):
        raise CourseError(f"{submitted} is empty. It should hold <student>/<assignment>/<assignment>.ipynb.")
    if assignment:
        return [find_assignment(course, assignment)]
    names = [name for name in assignment_names(course) if any(submitted.glob(f"*/{name}"))]
    if not names:
        raise CourseError(
            f"Nobody in {submitted} has handed in any of this course's assignments "
            f"({', '.join(assignment_names(course))}). It should hold <student>/<assignment>/<assignment>.ipynb."
        )
    return [find_assignment(course, name) for name in names]


def keep_apart(submitted: Path, out: Path) -> None:
    """Raises `CourseError` where the grades would lie among the students."""
    if out.resolve().is_relative_to(submitted.resolve()):
        raise CourseError(
            f"{out} lies in {submitted}, where every folder is a student. Choose another folder with --out."
        )


def worth_knowing(submitted: Path) -> list[str]:
    """What an instructor should know of the students' names, a sentence each."""
    groups = mistakable(entry.name for entry in submitted.iterdir() if not entry.name.startswith("."))
    said = [
        f"The names {' and '.join(map(spelled, group))} differ only in capitals or in how an accent is spelled. They "
        "are graded as so many students, and each keeps a report. If they are one person, put their notebooks into one "
        "folder and remove the other."
        for group in groups[:MOST_TOLD]
    ]
    if len(groups) > MOST_TOLD:
        said.append(f"So do {len(groups) - MOST_TOLD} more.")
    return said


def spelled(name: str) -> str:
    """A name whose letters and accents are told apart, where they are written apart: "zoe\\u0308"."""
    if unicodedata.is_normalized("NFC", name):
        return as_word(name)
    return "".join(f"\\u{ord(c):04x}" if unicodedata.combining(c) else as_word(c) for c in name)


def find_handed(submitted: Path, assignment: Assignment, shard: Shard = WHOLE) -> list[Handed]:
    """A submission for every entry of the folder but hidden ones, whether or not there is a notebook."""
    entries = sorted(
        entry for entry in submitted.iterdir() if not entry.name.startswith(".") and shard.holds(entry.name)
    )
    return [
        Handed(entry.name, entry / assignment.name / assignment.release.name, problem_with(entry, assignment.name))
        for entry in entries
    ]


def problem_with(entry: Path, name: str) -> str | None:
    """Why there is no notebook to read, or None."""
    try:
        return missing_part(entry, name)
    except OSError as error:
        return f"The folder of {entry.name} cannot be looked into: {why(error)}."


def missing_part(entry: Path, name: str) -> str | None:
    folder, notebook = entry / name, entry / name / f"{name}.ipynb"
    if not entry.is_dir():
        return f"{entry.name} is a file; a folder named after the student is wanted."
    if folder.is_symlink():  # it could lead to somebody else's work
        return f"{entry.name}/{name} is a link; a folder with the notebook in it is wanted."
    if not folder.exists():
        return f"The folder of {entry.name} holds no folder {name}."
    if not folder.is_dir():
        return f"{entry.name}/{name} is a file; a folder with the notebook in it is wanted."
    if os.path.lexists(notebook):
        return None
    others = ", ".join(sorted(other.name for other in folder.glob("*.ipynb"))[:3])
    return f"The folder {entry.name}/{name} holds no {name}.ipynb." + (
        f" There is {others}; rename it." if others else ""
    )


def in_batches(handed: Sequence[Handed], size: int) -> Iterator[tuple[Handed, ...]]:
    for start in range(0, len(handed), size):
        yield tuple(handed[start : start + size])
