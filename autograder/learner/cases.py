"""The frozen cases of an assignment: what the learner's own check replays.

For each task they hold calls with their arguments, the right results, and what every known mistake would have answered,
so that a mistake can be named without a line of its code or of the solution.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .actions import Action
from .answer import Answer
from .codec import Limits, decode, encode

SCHEMA = 1
ROOMY = Limits(nodes=10_000_000, arrays=1_000_000, text=1 << 20, held=True)


@dataclass
class Case:
    """One call, its right result, how to compare, and the answers of the known mistakes by name.

    action: what is asked, where it is more than to call the task's function; before: what is asked before it.
    """

    arguments: list
    want: np.ndarray | dict[str, np.ndarray]
    axes: str | None = None
    quiet: bool = False
    known: dict[str, Answer] = field(default_factory=dict)
    action: Action | None = None
    before: list[Action] = field(default_factory=list)


@dataclass
class Check:
    """A named property and the cases that show it."""

    name: str
    title: str
    cases: list[Case] = field(default_factory=list)


@dataclass
class Task:
    """A function to write: its parameters' names and its visible checks."""

    name: str
    parameters: list[str]
    checks: list[Check] = field(default_factory=list)


@dataclass
class Hint:
    """What to say about a known mistake, and the task in which it is made."""

    task: str
    text: str

    def seen_from(self, task: str) -> str:
        """The hint for somebody who looks at `task`, which may only be built on the one with the mistake."""
        return self.text if task == self.task else f"This comes from your `{self.task}`. {self.text}"


@dataclass
class Cases:
    """All that a learner's check knows of an assignment.  hints: what to say about each known mistake, by its name."""

    assignment: str
    tasks: list[Task]
    hints: dict[str, Hint]


def save(cases: Cases, path: Path) -> None:
    """Write the file.  An array that occurs many times is stored once."""
    tree, arrays = encode(to_value(cases), ROOMY)
    stored: dict[tuple, int] = {}
    places = [stored.setdefault((array.dtype.str, array.shape, array.tobytes()), len(stored)) for array in arrays]
    entries = {f"a{place}": array for place, array in zip(places, arrays, strict=True)}
    head = json.dumps({"schema": SCHEMA, "tree": tree, "arrays": places}, separators=(",", ":"))
    np.savez_compressed(path, head=np.frombuffer(head.encode(), dtype=np.uint8), **entries)


def load(path: Path) -> Cases:
    """Read the file.  Raises ValueError, in a sentence, for anything that `save` did not write."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            head = json.loads(file["head"].tobytes())
            stored = {name: file[name] for name in file.files if name != "head"}
        if head["schema"] != SCHEMA:
            raise ValueError(f"it is of schema {head['schema']}, and this autograder reads schema {SCHEMA}")
        arrays = [stored[f"a{place}"].copy() for place in head["arrays"]]
        return from_value(decode(head["tree"], arrays, ROOMY))
    except Exception as error:  # a damaged file fails in any way that zip, zlib, JSON or NumPy can
        raise ValueError(
            f"{path} holds no frozen cases that can be read. Take a fresh copy of the exercise."
        ) from error


def find(assignment: str, start: Path | None = None) -> Path:
    """The assignment's `cases.npz`: beside the notebook, in the folder of its name, or in `exercises/` above."""
    start = Path(start or os.getcwd()).resolve()
    for folder in (start, *start.parents):
        candidates = [folder / assignment, folder / "exercises" / assignment]
        if folder.name == assignment:
            candidates.insert(0, folder)
        for candidate in candidates:
            if (candidate / "cases.npz").is_file():
                return candidate / "cases.npz"
    raise FileNotFoundError(
        f"The file cases.npz of the exercise {assignment!r} was not found in {start} or above it. "
        f"Open the notebook in the folder exercises/{assignment}/ that it came in."
    )


def to_value(cases: Cases) -> dict:
    def case_value(case: Case) -> dict:
        known = {name: answer.as_value() for name, answer in case.known.items()}
        fields = {"want": case.want, "axes": case.axes, "quiet": case.quiet, "known": known}
        if case.action is None:
            return {"arguments": case.arguments, **fields}
        return {**fields, "action": vars(case.action), "before": [vars(action) for action in case.before]}

    def check_value(check: Check) -> dict:
        return {"name": check.name, "title": check.title, "cases": [case_value(case) for case in check.cases]}

    def task_value(task: Task) -> dict:
        checks = [check_value(check) for check in task.checks]
        return {"name": task.name, "parameters": task.parameters, "checks": checks}

    tasks = [task_value(task) for task in cases.tasks]
    hints = {name: vars(hint) for name, hint in cases.hints.items()}
    return {"assignment": cases.assignment, "tasks": tasks, "hints": hints}


def from_value(value: dict) -> Cases:
    def case(fields: dict) -> Case:
        known = {name: Answer.from_value(answer) for name, answer in fields["known"].items()}
        if "action" not in fields:
            return Case(**{**fields, "known": known})
        action, before = Action(**fields["action"]), [Action(**each) for each in fields["before"]]
        return Case(**{**fields, "arguments": action.arguments, "known": known, "action": action, "before": before})

    def check(fields: dict) -> Check:
        return Check(**{**fields, "cases": [case(item) for item in fields["cases"]]})

    tasks = [Task(**{**fields, "checks": [check(item) for item in fields["checks"]]}) for fields in value["tasks"]]
    hints = {name: Hint(**fields) for name, fields in value["hints"].items()}
    return Cases(**{**value, "tasks": tasks, "hints": hints})
