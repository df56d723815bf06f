"""The report on alike answers: a list of pairs, a page that shows each pair side by side, and the data beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.alike.compare import (
    ENOUGH,
    ENOUGH_IN_A_TASK,
    ENOUGH_IN_PROSE,
    Compared,
    Pair,
    Share,
    Work,
    shared_lines,
)
from autograder.alike.fingerprints import RUN, RUN_OF_WORDS
from autograder.alike.read import Class
from autograder.files import replacing_folder, write_text
from autograder.names import as_text
from autograder.pages import rendered
from autograder.tables import csv_text

MOST_PAGES = 1000  # of pairs; the table holds them all
ALL_CODE = "all code"
COLUMNS = [
    *("assignment", "pair", "first", "second", "similarity", "part", "first_own", "second_own"),
    *("first_shared", "second_shared", "share", "enough"),
]


@dataclass
class Result:
    """One assignment: who was read, and what came of it."""

    assignment: str
    read: Class
    compared: Compared

    @property
    def numbered(self) -> list[tuple[int, Pair]]:
        return list(enumerate(self.compared.pairs, 1))

    @property
    def groups(self) -> list[tuple[list[str], list[tuple[int, Pair]]]]:
        """Each group of three or more, with its pairs."""
        return [
            (members, [each for each in self.numbered if each[1].first in members]) for members in self.compared.groups
        ]

    @property
    def alone(self) -> list[tuple[int, Pair]]:
        """The pairs that are in no group."""
        grouped = {student for members in self.compared.groups for student in members}
        return [each for each in self.numbered if each[1].first not in grouped]


@dataclass(frozen=True)
class Line:
    """A line of a learner's cell: its text, and whether the other has it too."""

    text: str
    shared: bool


def write_alike(results: list[Result], out: Path, least: float) -> None:
    """Write `index.html`, `alike.csv`, `alike.json` and the pages in `pairs/`, in place of those of an earlier run."""
    with replacing_folder(out / "pairs") as folder:
        for result in results:
            for number, pair in result.numbered[:MOST_PAGES]:
                (folder / page_name(result.assignment, number)).write_text(
                    page(result, number, pair), encoding="utf-8", errors="backslashreplace"
                )
    write_text(out / "alike.csv", csv_text(table(results)))
    write_text(out / "alike.json", json.dumps([as_data(result) for result in results], indent=1) + "\n")
    text = rendered(
        "alike.html",
        results=results,
        least=least,
        page_name=page_name,
        most_pages=MOST_PAGES,
        run=RUN,
        run_of_words=RUN_OF_WORDS,
        enough=ENOUGH,
        enough_in_a_task=ENOUGH_IN_A_TASK,
        enough_in_prose=ENOUGH_IN_PROSE,
    )
    write_text(out / "index.html", text)


def page_name(assignment: str, number: int) -> str:
    return f"{assignment}-{number:04}.html"


def page(result: Result, number: int, pair: Pair) -> str:
    first, second = (result.compared.works[student] for student in (pair.first, pair.second))
    tasks = sorted(pair.tasks, key=lambda task: -pair.tasks[task].first_shared)
    cells = [(task, side(first, second, task), side(second, first, task)) for task in tasks]
    return rendered("alike_pair.html", assignment=result.assignment, number=number, pair=pair, cells=cells)


def side(work: Work, other: Work, task: str) -> list[list[Line]]:
    """The cells of one student's answer to a task, line by line; what the other has too is marked.

    Marked is only what counts: of the student's own, and neither the course's nor many others'.
    """
    common = work.everything & other.everything
    shown = []
    for piece, stream in zip(work.pieces, work.streams, strict=True):
        if piece.task == task:
            marked = shared_lines(stream, common)
            lines = enumerate(as_text(piece.source).split("\n"))
            shown.append([Line(text, place in marked and bool(text.strip())) for place, text in lines])
    return shown


def parts(pair: Pair) -> Iterator[tuple[str, Share]]:
    yield ALL_CODE, pair.code
    yield from pair.tasks.items()


def table(results: list[Result]) -> Iterator[list[object]]:
    """A row for each pair and part."""
    yield COLUMNS
    for result in results:
        for number, pair in result.numbered:
            for part, share in parts(pair):
                yield [
                    *(result.assignment, number, as_text(pair.first), as_text(pair.second)),
                    *(round(pair.similarity, 3), part, share.first, share.second),
                    *(share.first_shared, share.second_shared, round(share.value, 3), share.enough),
                ]


def as_data(result: Result) -> dict:
    compared = result.compared
    return {
        "assignment": result.assignment,
        "compared": len(compared.works) - len(compared.little),
        "missing": result.read.missing,
        "left_out": [{"student": as_text(student), "why": why} for student, why in result.read.left],
        "too_little_of_their_own": [as_text(student) for student in compared.little],
        "common_above": compared.common,
        "widespread_runs": compared.widespread,
        "groups": [[as_text(student) for student in group] for group in compared.groups],
        "pairs": [
            {
                "pair": number,
                "first": as_text(pair.first),
                "second": as_text(pair.second),
                "similarity": round(pair.similarity, 3),
                "parts": [
                    {"part": part, **vars(share), "share": round(share.value, 3), "enough": share.enough}
                    for part, share in parts(pair)
                ],
            }
            for number, pair in result.numbered
        ],
    }
