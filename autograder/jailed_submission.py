"""The `submission` of a check where it is judged: it runs in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.jail.host import Lost
from autograder.learner.actions import Action
from autograder.learner.answer import Answer
from autograder.learner.check import missing_function, not_a_function
from autograder.submission import Submission
from autograder.testing import Called
from autograder.work import TaskWork, Work

if TYPE_CHECKING:
    from autograder.judge import Judge


class JailedSubmission(Submission):
    """The `submission` of a check: actions cross to the learner's process, and what comes back is data."""

    def __init__(self, judge: Judge, work: Work, task: TaskWork, device: str = "cpu") -> None:
        super().__init__(judge.catalogue.parameters, judge.probes, judge.runtime.refused)
        self.judge, self.work, self.task, self.device = judge, work, task, device

    def ask(self, actions: Sequence[Action]) -> list[Answer | str | None]:
        if self.task.lost or self.work.stopped:
            self.task.lost = self.task.lost or self.work.stopped
            raise self.task.lost
        started = time.monotonic()
        try:
            if self.device not in self.task.children:
                self.begin()
            seconds = min(self.judge.budget.call_seconds * len(actions), self.seconds_left())
            return self.task.children[self.device].perform(actions, seconds)
        except Lost as lost:
            self.task.lost = lost
            raise
        finally:
            self.work.seconds += time.monotonic() - started

    def begin(self) -> None:
        """Start the task's process for this device, and run the notebook in it."""
        budget, probes = self.judge.budget, self.judge.runtime.probes
        self.task.children[self.device] = child = self.judge.spawn(self.device)
        try:
            if probes is not None:
                child.learn(probes, self.seconds_left())
            child.refuse(self.refused, self.seconds_left())
            self.task.errors = child.run(self.work.cells, budget.cell_seconds, self.seconds_left())
        except Lost as lost:
            self.work.stopped = lost
            raise

    def note(self, called: list[Called]) -> None:
        self.task.calls += called

    def seconds_left(self) -> float:
        return max(0.1, self.judge.budget.seconds - self.work.seconds)

    def missing(self, action: Action, kind: str | None) -> str:
        """Why there is no such function or class, and which cell's error may be the reason."""
        name = action.name
        what, word = ("class", "class") if action.kind == "new" else ("function", "def")
        if kind is not None:
            return not_a_function(name, kind, what)
        stopped = [(cell, error) for cell, error in zip(self.work.cells, self.task.errors, strict=True) if error]
        stopped.sort(key=lambda pair: f"{word} {name}" not in pair[0][1])
        if stopped:
            (_, error) = stopped[0]
            message = f": {error.message}" if error.message else ""
            where = f" at `{error.where}`" if error.where else ""
            return f"There is no {what} `{name}`. A cell stopped with {error.type}{message}{where}."
        return missing_function(name, None, False, what)
