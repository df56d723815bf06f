"""What a class wrote to the questions that a person grades, gathered question by question."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track

from autograder.course import Assignment, Task
from autograder.handed import Handed, chosen_assignments, find_handed
from autograder.learner.notebook import Cell, Unreadable, answers, cells_of
from autograder.notebook import parse, read_bytes
from autograder.written.rubrics import written_tasks


@dataclass
class Group:
    """All who wrote the same text.  number: its place among those of the question, from 1."""

    text: str
    students: list[str]
    number: int = 0

    @property
    def count(self) -> int:
        return len(self.students)


@dataclass
class Written:
    """The answers to one question: grouped by their text, the shortest first.

    untouched: left as it was handed out, which scores 0 without a person.  emptied: nothing is left in the cell.
    unread: the notebooks that could not be read, and why.  handed_in: how many notebooks there are.
    """

    assignment: Assignment
    task: Task
    asked: str
    groups: list[Group] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    handed_in: int = 0


def gather(course: Path, submitted: Path, name: str | None = None) -> list[Written]:
    """The answers to each written question of one assignment, or of all that were handed in."""
    chosen = [assignment for assignment in chosen_assignments(course, submitted, name) if written_tasks(assignment)]
    return [written for assignment in chosen for written in gather_one(assignment, find_handed(submitted, assignment))]


def gather_one(assignment: Assignment, handed: list[Handed]) -> list[Written]:
    """The answers to each written question of an assignment; how far it is shows on standard error."""
    found = {task.name: Written(assignment, task, asked(assignment, task.name)) for task in written_tasks(assignment)}
    texts: dict[str, dict[str, list[str]]] = {name: {} for name in found}
    console = Console(stderr=True)
    for each in track(handed, assignment.name, console=console, disable=not sys.stderr.isatty(), transient=True):
        cells, problem = read(each)
        for name, written in found.items():
            if problem:
                written.unread[each.student] = problem
            if cells is None:
                continue
            written.handed_in += 1
            text = text_of(name, cells)
            if name not in answers(cells, assignment.cells):
                written.untouched.append(each.student)
            elif not text:
                written.emptied.append(each.student)
            else:
                texts[name].setdefault(text, []).append(each.student)
    for name, written in found.items():
        groups = [Group(text, students) for text, students in texts[name].items()]
        written.groups = sorted(groups, key=lambda group: (len(group.text), group.text))
        for number, group in enumerate(written.groups, start=1):
            group.number = number
    return list(found.values())


def read(handed: Handed) -> tuple[list[Cell] | None, str | None]:
    """The cells of a notebook, or why there are none; neither where nothing was handed in."""
    if handed.problem:
        return None, None
    try:
        return cells_of(parse(read_bytes(handed.path))), None
    except FileNotFoundError:
        return None, None
    except Unreadable as error:
        return None, str(error)
    except Exception as error:  # whatever it is, it is about this file and no other
        return None, f"The notebook cannot be made sense of: {error}."


def text_of(name: str, cells: list[Cell]) -> str:
    """What stands in a graded cell; in the last one, where it is there twice."""
    sources = [cell.source for cell in cells if cell.grade_id == name]
    return "\n".join(sources[-1].splitlines()).strip() if sources else ""


def asked(assignment: Assignment, name: str) -> str:
    """The question: the cell before that of its answer."""
    places = [place for place, cell in enumerate(assignment.cells) if cell.grade_id == name and cell.graded]
    before = assignment.cells[places[0] - 1].source if places and places[0] > 0 else ""
    return before.lstrip("#").strip()
