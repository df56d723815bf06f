"""Freeze an assignment's visible checks: run them on the solution, and note what each known mistake would answer."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from autograder.catalogue import Catalogue, suspect_answer
from autograder.course import Assignment, CourseError
from autograder.learner import cases as frozen
from autograder.learner.answer import observe
from autograder.plugin import ChecksPlugin, check_name, check_title, round_of, run_checks, task_of
from autograder.source import solution_namespace
from autograder.testing import Called, Small


class Solved:
    """The solution as a submission; keeps what was asked of it."""

    def __init__(self, namespace: dict, parameters: dict[str, list[str]]) -> None:
        self.namespace = namespace
        self.parameters = parameters
        self.calls: list[Called] = []

    def call(self, name: str, *arguments: object) -> Called:
        answer = observe(self.namespace[name], copy.deepcopy(arguments))
        self.calls.append(Called(name, list(arguments), answer, self.parameters[name]))
        return self.calls[-1]

    def map(self, name: str, calls: Sequence[Sequence]) -> list[Called]:
        return [self.call(name, *arguments) for arguments in calls]


class Recorder(ChecksPlugin):
    """Runs each visible check as often as it asks for, on the solution, with inputs from a public seed."""

    def __init__(self, assignment: Assignment, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.namespace = solution_namespace(assignment)
        self.checks: dict[tuple[str, str], frozen.Check] = {}
        self.small: dict[str, list[frozen.Case]] = {}
        self.failures: list[str] = []

    def rounds(self, check: object) -> int:
        return getattr(check, "visible_cases", 0)

    def seed(self, item: pytest.Item) -> int:
        return zlib.crc32(f"{check_name(item)} {round_of(item)}".encode())

    def open_submission(self, item: pytest.Item) -> Solved:
        item.solved = Solved(self.namespace, self.catalogue.parameters)
        return item.solved

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for thing in [thing for module in {item.module for item in items} for thing in vars(module).values()]:
            if hasattr(thing, "small_cases_of"):
                self.small[thing.small_cases_of] = list(self.freeze_small(thing))
        items[:] = [item for item in items if self.rounds(item.function)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        report = yield
        if call.excinfo is not None:
            self.failures.append(f"{check_name(item)}: {call.excinfo.value}")
        elif call.when == "call":
            check = frozen.Check(check_name(item), check_title(item))
            check = self.checks.setdefault((task_of(item), check.name), check)
            check.cases += [self.freeze(task_of(item), called) for called in item.solved.calls]
        return report

    def freeze(self, task: str, called: Called) -> frozen.Case:
        known = {suspect.mistake.name: suspect_answer(suspect, called) for suspect in self.catalogue.suspects[task]}
        return frozen.Case(called.arguments, called.want, called.axes, called.quiet, known)

    def freeze_small(self, generator: Callable[[np.random.Generator], Iterator[Small]]) -> Iterator[frozen.Case]:
        """A generator's small calls with the solution's results."""
        task = generator.small_cases_of
        for small in generator(np.random.default_rng(zlib.crc32(generator.__name__.encode()))):
            want = np.asarray(self.namespace[task](*copy.deepcopy(small.arguments)))
            yield frozen.Case(list(small.arguments), want, small.axes, small.quiet, sizes=small.sizes)


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
        tasks.append(frozen.Task(name, catalogue.parameters[name], checks, recorder.small.get(name, [])))
    hints = {mistake.name: mistake.told for mistake in catalogue.mistakes}
    return frozen.Cases(assignment.name, tasks, hints)
