"""The frozen cases of an assignment: what the learner's own check replays.

For each task they hold calls with their arguments, the right results, and what every known mistake would have answered,
so that a mistake can be named without a line of its code or of the solution.
"""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .actions import Action
from .answer import Answer
from .codec import Limits, array_size, decode, describe_array, encode, restore_array
from .compare import Axes
from .refused import Refused

SCHEMA = 3
ROOMY = Limits(nodes=10_000_000, arrays=1_000_000, text=1 << 20, held=True)


@dataclass
class Case:
    """One call, its right result, how to compare, and the answers of the known mistakes by name.

    action: what is asked, where it is more than to call the task's function; before: what is asked before it; through:
    the probe that the answer is seen through, and its other arguments.
    sizes: what is small about it, in words, where it is one of a task's small cases.
    """

    arguments: list
    want: np.ndarray | dict[str, np.ndarray]
    axes: Axes = None
    quiet: bool = False
    as_tuple: bool = False
    known: dict[str, Answer] = field(default_factory=dict)
    sizes: str = ""
    action: Action | None = None
    before: list[Action] = field(default_factory=list)
    through: list | None = None

    @property
    def rules(self) -> dict:
        """How to compare, as `compare` is told."""
        return {"axes": self.axes, "quiet": self.quiet, "as_tuple": self.as_tuple}


@dataclass
class Check:
    """A named property and the cases that show it."""

    name: str
    title: str
    cases: list[Case] = field(default_factory=list)


@dataclass
class Task:
    """A function to write: its parameters' names, its visible checks, and small cases, the smallest first."""

    name: str
    parameters: list[str]
    checks: list[Check] = field(default_factory=list)
    small: list[Case] = field(default_factory=list)


@dataclass
class Hint:
    """What to say about a known mistake.

    texts: the task in which it is made and what to do about it; two such for two mistakes at once.  convention: what it
    has of another convention, where it is right in that.
    """

    texts: list[tuple[str, str]]
    convention: str = ""

    @property
    def kind(self) -> str:
        """`mistake`, `pair` or `convention`."""
        return "convention" if self.convention else "pair" if len(self.texts) > 1 else "mistake"

    def seen_from(self, task: str) -> str:
        """The hint for somebody who looks at `task`, which may only be built on the one with the mistake."""

        def origin(own: str) -> str:
            return "" if own == task else f"This comes from your `{own}`. "

        one_task = len({own for own, _ in self.texts}) == 1
        lead = origin(self.texts[0][0]) if one_task else ""
        if self.convention:
            lead += f"Your function is right in another convention: it has {self.convention}. "
        said = [text if one_task else origin(own) + text for own, text in self.texts]
        if len(said) > 1:
            said = [f"({place}) {text}" for place, text in enumerate(said, 1)]
        return lead + " ".join(said)


@dataclass
class Cases:
    """All that a learner's check knows of an assignment.

    hints: what to say about each known mistake, by its name.  refused: the calls that the exercise refuses.
    """

    assignment: str
    tasks: list[Task]
    hints: dict[str, Hint]
    refused: Refused | None = None


def save(cases: Cases, path: Path) -> None:
    """Write the file.  An array that occurs many times is stored once, and all of them lie in one block."""
    tree, arrays = encode(to_value(cases), ROOMY)
    stored: dict[tuple, np.ndarray] = {}
    for array in arrays:
        stored.setdefault((array.dtype.str, array.shape, array.tobytes()), array)
    number = {key: place for place, key in enumerate(stored)}
    head = {
        "schema": SCHEMA,
        "tree": tree,
        "arrays": [number[array.dtype.str, array.shape, array.tobytes()] for array in arrays],
        "stored": [describe_array(array) for array in stored.values()],
    }
    text = json.dumps(head, separators=(",", ":")).encode()
    block = b"".join(array.tobytes() for array in stored.values())
    with path.open("wb") as file:  # whatever its name ends in
        np.savez_compressed(file, head=np.frombuffer(text, dtype=np.uint8), block=np.frombuffer(block, dtype=np.uint8))


def load(path: Path) -> Cases:
    """Read the file.  Raises ValueError, in a sentence, for anything that `save` did not write."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            head, block = json.loads(file["head"].tobytes()), file["block"].tobytes()
        if head["schema"] != SCHEMA:
            raise ValueError(f"it is of schema {head['schema']}, and this autograder reads schema {SCHEMA}")
        ends = list(itertools.accumulate(array_size(description, ROOMY) for description in head["stored"]))
        parts = [block[start:end] for start, end in itertools.pairwise([0, *ends])]
        arrays = [restore_array(head["stored"][place], parts[place]) for place in head["arrays"]]
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
        fields = {name: getattr(case, name) for name in ("want", "axes", "quiet", "as_tuple", "sizes")}
        fields["known"] = known
        if case.action is None:
            return {"arguments": case.arguments, **fields}
        through = {"through": case.through} if case.through else {}
        return {**fields, **through, "action": vars(case.action), "before": [vars(action) for action in case.before]}

    def check_value(check: Check) -> dict:
        return {"name": check.name, "title": check.title, "cases": [case_value(case) for case in check.cases]}

    def task_value(task: Task) -> dict:
        checks, small = [check_value(check) for check in task.checks], [case_value(case) for case in task.small]
        return {"name": task.name, "parameters": task.parameters, "checks": checks, "small": small}

    tasks = [task_value(task) for task in cases.tasks]
    hints = {name: vars(hint) for name, hint in cases.hints.items()}
    refused = {"refused": cases.refused.as_value()} if cases.refused else {}
    return {"assignment": cases.assignment, "tasks": tasks, "hints": hints, **refused}


def from_value(value: dict) -> Cases:
    def case(fields: dict) -> Case:
        known = {name: Answer.from_value(answer) for name, answer in fields["known"].items()}
        if "action" not in fields:
            return Case(**{**fields, "known": known})
        action, before = Action(**fields["action"]), [Action(**each) for each in fields["before"]]
        return Case(**{**fields, "arguments": action.arguments, "known": known, "action": action, "before": before})

    def check(fields: dict) -> Check:
        return Check(**{**fields, "cases": [case(item) for item in fields["cases"]]})

    def task(fields: dict) -> Task:
        checks, small = [check(item) for item in fields["checks"]], [case(item) for item in fields["small"]]
        return Task(**{**fields, "checks": checks, "small": small})

    hints = {name: Hint(**fields) for name, fields in value["hints"].items()}
    refused = Refused.from_value(value["refused"]) if "refused" in value else None
    return Cases(value["assignment"], [task(fields) for fields in value["tasks"]], hints, refused)
