"""Read the submissions of an assignment for a comparison.  What cannot be read is named, and stops nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.alike.compare import Work
from autograder.alike.pieces import LARGEST_CELL, Piece, pieces_of
from autograder.alike.tokens import Stream, imports, parsed, streams_of
from autograder.course import Assignment
from autograder.handed import Handed
from autograder.notebook import Cell, Unreadable, read_cells
from autograder.source import source_cells


@dataclass
class Class:
    """What there is to compare.  missing: how many handed in nothing.

    left: who and why, of what could not be read.
    """

    works: list[Work] = field(default_factory=list)
    missing: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def read_class(assignment: Assignment, handed: Iterable[Handed]) -> Class:
    """The works of those who handed in something."""
    read, aliases = Class(), aliases_of(assignment.cells)
    for each in handed:
        try:
            cells = None if each.problem else read_cells(each.path)
            if cells is not None:
                read.works.append(work_of(each.student, pieces_of(cells, assignment.cells), aliases, read))
        except FileNotFoundError:
            cells = None
        except Unreadable as error:
            read.left.append((each.student, str(error)))
            continue
        except Exception as error:  # whatever it is, it is about this file and no other
            read.left.append((each.student, f"The notebook cannot be made sense of ({type(error).__name__})."))
            continue
        read.missing += cells is None
    return read


def work_of(student: str, pieces: list[Piece], aliases: dict[str, str], read: Class) -> Work:
    """What a student wrote; a cell that is too large for it is left out and named."""
    kept, streams = [], []
    for piece, stream in zip(pieces, streams_of(pieces, aliases), strict=True):
        if stream is None:
            size = f"{len(piece.source):,} characters; at most {LARGEST_CELL:,} are compared"
            read.left.append((student, f"A cell of {piece.task} has {size}."))
            continue
        kept.append(piece)
        streams.append(stream)
    return Work(student, kept, streams)


def known_streams(assignment: Assignment) -> list[Stream]:
    """What the release and the course's own answer hold: whoever writes the same has written what was to be written."""
    aliases = aliases_of(assignment.cells)
    release = [Piece(cell.grade_id or "", cell.kind, cell.source) for cell in assignment.cells]
    answer = pieces_of(source_cells(assignment), assignment.cells)
    return [stream for stream in streams_of([*release, *answer], aliases) if stream is not None]


def aliases_of(cells: Iterable[Cell]) -> dict[str, str]:
    """The names that the release's cells import, and what each stands for."""
    trees = [parsed(Piece("", cell.kind, cell.source)) for cell in cells if cell.kind == "code"]
    found: dict[str, str] = {}
    for node in (node for tree in trees if tree is not None for node in ast.walk(tree)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= imports(node)
    return found
