"""Read the submissions of an assignment for a comparison.  What cannot be read is named, and stops nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.alike.compare import Work
from autograder.alike.pieces import LARGEST_CELL, Piece, pieces_of
from autograder.alike.tokens import BROKEN, Stream, broken_tokens, imports, made_stream, parsed, streams_of
from autograder.course import Assignment
from autograder.handed import Handed
from autograder.learner.notebook import Cell, Unreadable
from autograder.notebook import read_cells
from autograder.source import source_cells
from autograder.testing import mistakes_in


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
    """What the release and the course's own answers hold: the solution, its variants and the known mistakes.

    Whoever writes the same has met one of the forms that the task is known to take.
    """
    aliases = aliases_of(assignment.cells)
    given = [Piece(cell.grade_id or "", cell.kind, cell.source) for cell in assignment.cells]
    given += pieces_of(source_cells(assignment), assignment.cells)
    answers = [variant.read_text(encoding="utf-8") for variant in assignment.variants]
    answers += [source for mistake in mistakes_in(assignment.mistakes_module()) for source in mistake.sources.values()]
    known = [given, *([Piece("", "code", source)] for source in answers)]  # each with the names that it chose itself
    streams = [each for pieces in known for each in streams_of(pieces, aliases) if each is not None]
    codes = [piece for pieces in known for piece in pieces if piece.kind == "code"]
    slipped = (made_stream(BROKEN, broken_tokens(piece.source)) for piece in codes)  # as where the rest is no Python
    return [*streams, *slipped]


def aliases_of(cells: Iterable[Cell]) -> dict[str, str]:
    """The names that the release's cells import, and what each stands for."""
    trees = [parsed(Piece("", cell.kind, cell.source)) for cell in cells if cell.kind == "code"]
    found: dict[str, str] = {}
    for node in (node for tree in trees if tree is not None for node in ast.walk(tree)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= imports(node)
    return found
