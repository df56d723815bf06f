"""What is written down of a release, for the learner's half to look up: its tasks, their hints and its cells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Assignment
from autograder.learner import given
from autograder.learner.notebook import Cell
from autograder.notebook import read_cells
from autograder.runtime import runtime_of

HINT = re.compile(r"<details><summary>(.*?)</summary>\s*(.*?)</details>", re.DOTALL)
HEADING = re.compile(r"^#+ (?:\d+\. )?(.*?)(?: \([\d +]+ points?\))?$", re.MULTILINE)


def given_with(assignment: Assignment, notebook: Path) -> given.Given:
    """What the released notebook gives a learner."""
    cells, runtime = read_cells(notebook), runtime_of(assignment)
    named = tuple(cell for cell in cells if cell.grade_id)
    title = HEADING.search(cells[0].source) if cells else None
    return given.Given(
        assignment.name,
        title[1] if title else assignment.name,
        runtime.packages,
        runtime.budget.cell_seconds,
        runtime.budget.call_seconds,
        runtime.budget.seconds,
        tuple(task_at(cells, place) for place, cell in enumerate(cells) if cell.graded),
        named,
    )


def task_at(cells: list[Cell], place: int) -> given.Task:
    """The task whose points stand in the cell at `place`: its answer is that cell itself, or the last one above."""
    cell = cells[place]
    if cell.solution:
        title = heading_above(cells[:place]) or cell.grade_id
        return given.Task(cell.grade_id, title, cell.points, cell.grade_id, written=True)
    answer = next((at for at in range(place - 1, -1, -1) if cells[at].solution), place)
    text = next(texts_above(cells[:answer]), "")
    tiers = tuple(given.Tier(title.strip(), hint.strip()) for title, hint in HINT.findall(text))
    title = heading_above(cells[:answer]) or cell.grade_id
    return given.Task(cell.grade_id, title, cell.points, cells[answer].grade_id or "", tiers=tiers)


def texts_above(cells: list[Cell]) -> Iterator[str]:
    """The texts that stand above what follows these cells, the nearest first."""
    return (cell.source for cell in reversed(cells) if cell.kind == "markdown" and not cell.solution)


def heading_above(cells: list[Cell]) -> str:
    """The nearest heading, without its number and its points."""
    return next((HEADING.findall(text)[-1] for text in texts_above(cells) if HEADING.search(text)), "")


def as_text(value: dict) -> str:
    """The file's text: a line a cell, so that a change shows as one."""
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
