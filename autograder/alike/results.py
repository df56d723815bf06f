"""Compare a folder of submissions, an assignment at a time, with how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from autograder.alike.compare import compare
from autograder.alike.read import known_streams, read_class
from autograder.alike.report import Result
from autograder.handed import Handed, chosen_assignments, find_handed


def results_of(
    course: Path, submitted: Path, assignment: str | None, least: float, common: int | None = None
) -> list[Result]:
    """What came of each assignment that was handed in, or of one.  Raises `CourseError` where there is none."""
    results = []
    for each in chosen_assignments(course, submitted, assignment):
        read = read_class(each, shown(find_handed(submitted, each), each.name))
        results.append(Result(each.name, read, compare(read.works, known_streams(each), least, common)))
    return results


def shown(handed: Sequence[Handed], name: str) -> Iterator[Handed]:
    """The same, with how far it is on a terminal's standard error."""
    console = Console(stderr=True)
    yield from track(handed, description=name, console=console, disable=not console.is_terminal, transient=True)
