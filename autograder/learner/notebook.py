"""What grading needs of a notebook, and which of its cells are run: for a grade, and for a learner who asks beforehand.

Nothing here runs a cell or believes what a file says of itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

FORMAT = 4  # of notebooks; Jupyter has written no other since 2015
LARGEST = 10 << 20
MOST_CELLS = 2_000
UNRUN_TAGS = frozenset({"check", "picture"})


class Unreadable(Exception):
    """A file that is no notebook we can read.  The message is a sentence for the person who handed it in."""


@dataclass(frozen=True)
class Cell:
    """What grading needs of a cell.  `graded` cells carry points; a `solution` cell is the learner's to write.

    formerly: the names that it had in earlier releases.
    """

    kind: str
    source: str
    grade_id: str | None = None
    tags: frozenset[str] = frozenset()
    graded: bool = False
    solution: bool = False
    locked: bool = False
    points: float = 0.0
    formerly: tuple[str, ...] = ()


def fields_of(data: bytes) -> dict:
    """A notebook file's JSON, of whatever format.  Raises `Unreadable`."""
    if not data.strip():
        raise Unreadable("The notebook is an empty file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("The notebook is not UTF-8 text. Save it from Jupyter and hand it in again.") from None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("The notebook is not JSON, so Jupyter could not open it either.") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("nbformat"), int):
        raise Unreadable("The file is JSON, but not a notebook: it does not say which notebook format it has.")
    version = fields["nbformat"]
    if version > FORMAT:
        raise Unreadable(f"The notebook is of format {version}; formats up to {FORMAT} can be read.")
    return fields


def refuse_size(size: int) -> None:
    """Raises `Unreadable` for a file of more bytes than are read."""
    if size > LARGEST:
        raise Unreadable(
            f"The notebook has {size / (1 << 20):.0f} MB; at most {LARGEST >> 20} MB are read. "
            "Clear its outputs and hand it in again."
        )


def refuse_cells(notebook: dict) -> None:
    """Raises `Unreadable` for a notebook of the current format without a list of cells, or with too long a one."""
    if not isinstance(notebook.get("cells"), list):
        raise Unreadable("The notebook holds no list of cells.")
    if len(notebook["cells"]) > MOST_CELLS:
        count = len(notebook["cells"])
        raise Unreadable(f"The notebook has {count} cells; at most {MOST_CELLS} are read. Hand in the exercise alone.")


def cells_of(notebook: dict) -> list[Cell]:
    """The cells of a parsed notebook.  What is of the wrong kind is taken as absent."""
    return [cell_of(cell) for cell in notebook["cells"] if isinstance(cell, dict)]


def cell_of(cell: dict) -> Cell:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    grading = metadata.get("nbgrader")
    grading = grading if isinstance(grading, dict) else {}
    tags, grade_id, points = metadata.get("tags"), grading.get("grade_id"), grading.get("points", 0)
    return Cell(
        kind=str(cell.get("cell_type")),
        source=source if isinstance(source, str) else "",
        grade_id=grade_id if isinstance(grade_id, str) else None,
        tags=frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
        graded=grading.get("grade") is True,
        solution=grading.get("solution") is True,
        locked=grading.get("locked") is True,
        points=float(points) if isinstance(points, int | float) else 0.0,
        formerly=former_names(metadata),
    )


def former_names(metadata: dict) -> tuple[str, ...]:
    """The names that a cell had in earlier releases: `formerly=["old_name"]` in the source."""
    names = metadata.get("formerly")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def new_names(submitted: Iterable[str | None], release: list[Cell]) -> dict[str, str]:
    """What the cells of a notebook made from an earlier release are called now, where that is something else."""
    ours, theirs = {cell.grade_id for cell in release}, set(submitted)
    renamed = {old: cell.grade_id for cell in release for old in cell.formerly if cell.grade_id}
    return {old: new for old, new in renamed.items() if old in theirs - ours and new not in theirs}


def as_now(submitted: list[Cell], release: list[Cell]) -> list[Cell]:
    """A notebook made from an earlier release, its cells called as they are now."""
    names = new_names((cell.grade_id for cell in submitted), release)
    return (
        [replace(cell, grade_id=names.get(cell.grade_id, cell.grade_id)) for cell in submitted] if names else submitted
    )


def cells_to_run(submitted: list[Cell], release: list[Cell]) -> list[tuple[str, str]]:
    """(name, source) of the code cells to run: the release's locked ones first, then the learner's in their order.

    The release decides what a cell with its grade_id is: cells for checks and pictures are left out, locked cells are
    taken from the release (so a deleted import costs nothing), and an answer that was turned into text is code again.
    """
    ours = {cell.grade_id: cell for cell in release if cell.grade_id}
    locked = {name: cell for name, cell in ours.items() if cell.locked and not cell.solution}
    run = [(name, cell.source) for name, cell in locked.items() if cell.kind == "code" and not cell.tags & UNRUN_TAGS]
    for place, cell in enumerate(submitted):
        kind = ours[cell.grade_id].kind if cell.grade_id in ours else cell.kind
        if kind == "code" and cell.grade_id not in locked:
            run.append((cell.grade_id or str(place), cell.source))
    return run


def answers(submitted: list[Cell], release: list[Cell]) -> frozenset[str]:
    """The graded cells that the learner has changed: the written questions that hold an answer."""
    ours = {cell.grade_id: cell.source.strip() for cell in release if cell.grade_id and cell.graded}
    theirs = {cell.grade_id: cell.source.strip() for cell in submitted if cell.grade_id in ours}
    return frozenset(name for name, source in theirs.items() if source != ours[name])
