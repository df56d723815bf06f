"""What was given to a learner with an exercise, from `release.json` beside it: its tasks, their hints, its cells.

The notebook itself is the learner's to change, so it cannot say what it once held.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .notebook import Cell

FILE = "release.json"
SCHEMA = 1


class NotGiven(Exception):
    """The exercise's `release.json` is missing or damaged.  The message says what to do."""


@dataclass(frozen=True)
class Tier:
    """A hint: its title and its Markdown."""

    title: str
    text: str


@dataclass(frozen=True)
class Task:
    """A graded task.  cell: the cell to write it in.  written: a question in words, which a person reads."""

    name: str
    title: str
    points: float
    cell: str
    written: bool = False
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True)
class Given:
    """An exercise as it was given.

    packages: what may be imported besides the standard library.  cell_seconds, call_seconds, seconds: what the grader
    allows for a cell, for a call and in all.
    """

    assignment: str
    title: str
    packages: tuple[str, ...] = ("numpy",)
    cell_seconds: float = 5
    call_seconds: float = 5
    seconds: float = 20
    tasks: tuple[Task, ...] = ()
    cells: tuple[Cell, ...] = field(default=(), repr=False)

    @property
    def coded(self) -> list[Task]:
        return [task for task in self.tasks if not task.written]

    @cached_property
    def sources(self) -> dict[str, str]:
        """The cells' own text by grade_id."""
        return {cell.grade_id: cell.source for cell in self.cells if cell.grade_id}

    def task(self, name: str) -> Task:
        """Raises ValueError, in a sentence, where there is no such task."""
        for task in self.tasks:
            if task.name == name:
                return task
        names = ", ".join(task.name for task in self.coded)
        raise ValueError(f"{self.assignment} has no task {name!r}. Its tasks are {names}.")


def load(folder: Path) -> Given:
    """What was given with the exercise in `folder`.  Raises `NotGiven`."""
    file = folder / FILE
    try:
        return from_value(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NotGiven(f"The file {file} is missing. Take a fresh copy of the exercise's folder.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotGiven(f"{file} cannot be read. Take a fresh copy of the exercise's folder.") from error


def to_value(given: Given) -> dict:
    """Of plain kinds, for JSON."""
    tasks = [{**vars(task), "tiers": [vars(tier) for tier in task.tiers]} for task in given.tasks]
    cells = [{**vars(cell), "tags": sorted(cell.tags), "formerly": list(cell.formerly)} for cell in given.cells]
    packages = list(given.packages)
    plain = {name: getattr(given, name) for name in ("assignment", "title", "cell_seconds", "call_seconds", "seconds")}
    return {"schema": SCHEMA, **plain, "packages": packages, "tasks": tasks, "cells": cells}


def from_value(value: dict) -> Given:
    if value.pop("schema") != SCHEMA:
        raise ValueError("another schema")
    tasks = [Task(**{**task, "tiers": tuple(Tier(**tier) for tier in task["tiers"])}) for task in value.pop("tasks")]
    cells = [
        Cell(**{**cell, "tags": frozenset(cell["tags"]), "formerly": tuple(cell["formerly"])})
        for cell in value.pop("cells")
    ]
    return Given(**{**value, "packages": tuple(value["packages"])}, tasks=tuple(tasks), cells=tuple(cells))
