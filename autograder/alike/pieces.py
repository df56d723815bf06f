"""What a learner wrote: the cells of a submission that are theirs, the release's text left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.learner.notebook import Cell

ADDED = "added cells"
LARGEST_CELL = 100_000  # characters; nobody writes so much by hand


@dataclass(frozen=True)
class Piece:
    """One cell that a learner wrote.  task: whose answer it is, or `ADDED`."""

    task: str
    kind: str  # code or markdown
    source: str


def pieces_of(submitted: Sequence[Cell], release: Sequence[Cell]) -> list[Piece]:
    """The written answers and the added cells, in order; nothing that stands so in the release.

    The release decides what a cell with its grade_id is, so an answer that was turned into text is code again.
    """
    ours = {cell.grade_id: cell for cell in release if cell.grade_id}
    given = {cell.source.strip() for cell in release}
    pieces = []
    for cell in submitted:
        own = ours.get(cell.grade_id)
        if not cell.source.strip() or cell.source.strip() in given or (own and not own.solution):
            continue
        task = own.grade_id.removesuffix("_answer") if own else ADDED
        kind = own.kind if own else cell.kind
        pieces.append(Piece(task, "code" if kind == "code" else "markdown", cell.source))
    return pieces
