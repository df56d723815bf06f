"""Freeze an assignment's visible checks: run them on the solution, and note what each known mistake would answer."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Sequence

import pytest

from autograder.catalogue import Catalogue, suspect_answer
from autograder.course import Assignment, CourseError
from autograder.learner import cases as frozen
from autograder.learner.actions import Action, load_probes, perform
from autograder.learner.answer import Answer
from autograder.plugin import ChecksPlugin, check_name, check_title, round_of, run_checks, task_of
from autograder.runtime import runtime_of
from autograder.source import solution_namespace
from autograder.submission import Submission
from autograder.testing import Called


class Solved(Submission):
    """The solution as a submission; keeps what was asked of it."""

    def __init__(self, namespace: dict, parameters: dict[str, list[str]], probes: dict[str, Callable]) -> None:
        super().__init__(parameters, probes)
        self.namespace = namespace
        self.held: dict[str, object] = dict(probes)
        self.calls: list[Called] = []

    def ask(self, actions: Sequence[Action]) -> list[Answer | str | None]:
        return [perform(copy.deepcopy(action), self.namespace, self.held) for action in actions]

    def missing(self, action: Action, kind: str | None) -> str:
        return f"The solution defines no `{action.name}`."

    def note(self, called: list[Called]) -> None:
        self.calls += called


class Recorder(ChecksPlugin):
    """Runs each visible check as often as it asks for, on the solution, with inputs from a public seed."""

    def __init__(self, assignment: Assignment, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.namespace = solution_namespace(assignment)
        self.probes = load_probes(runtime_of(assignment).probes)
        self.checks: dict[tuple[str, str], frozen.Check] = {}
        self.failures: list[str] = []

    def rounds(self, check: object) -> int:
        return getattr(check, "visible_cases", 0)

    def seed(self, item: pytest.Item) -> int:
        return zlib.crc32(f"{check_name(item)} {round_of(item)}".encode())

    def open_submission(self, item: pytest.Item) -> Solved:
        item.solved = Solved(self.namespace, self.catalogue.parameters, self.probes)
        return item.solved

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self.rounds(item.function)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        report = yield
        if call.excinfo is not None:
            self.failures.append(f"{check_name(item)}: {call.excinfo.value}")
        elif call.when == "call":
            check = frozen.Check(check_name(item), check_title(item))
            check = self.checks.setdefault((task_of(item), check.name), check)
            check.cases += [
                self.freeze(task_of(item), called) for called in item.solved.calls if called.want is not None
            ]
        return report

    def freeze(self, task: str, called: Called) -> frozen.Case:
        known = {suspect.mistake.name: suspect_answer(suspect, called) for suspect in self.catalogue.suspects[task]}
        case = frozen.Case(called.arguments, called.want, called.axes, called.quiet, known)
        if called.before or called.action.kind != "call" or called.probes:
            case.action, case.before = called.action, called.before
        return case


def record(assignment: Assignment) -> frozen.Cases:
    """The frozen cases.  Raises `CourseError` where the solution itself fails a check."""
    catalogue = Catalogue(assignment)
    recorder = Recorder(assignment, catalogue)
    run_checks(assignment, recorder)
    if recorder.failures:
        raise CourseError(f"The solution of {assignment.name} fails its own checks: {'; '.join(recorder.failures)}")
    tasks = []
    for name in catalogue.tasks:
        checks = [check for (task, _), check in recorder.checks.items() if task == name]
        tasks.append(frozen.Task(name, catalogue.parameters[name], checks))
    hints = {mistake.name: frozen.Hint(mistake.task, mistake.hint) for mistake in catalogue.mistakes}
    return frozen.Cases(assignment.name, tasks, hints)
