"""Freeze an assignment's visible checks: run them on the solution, and note what each known mistake would answer."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from autograder.catalogue import Catalogue, suspect_answer
from autograder.checks import Check, collect_checks, small_cases_in
from autograder.course import Assignment, CourseError
from autograder.learner import cases as frozen
from autograder.learner.answer import observe
from autograder.source import solution_namespace
from autograder.testing import Called


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


def record(assignment: Assignment) -> frozen.Cases:
    """The frozen cases: each visible check, as often as it asks for, on the solution, with inputs from a public seed.

    Raises `CourseError` where the solution itself fails a check.
    """
    catalogue = Catalogue(assignment)
    namespace = solution_namespace(assignment)
    tasks = {name: frozen.Task(name, catalogue.parameters[name], []) for name in catalogue.tasks}
    checks = collect_checks(assignment)
    for generator in small_cases_in(checks):
        tasks[generator.small_cases_of].small = list(freeze_small(generator, namespace))
    for check in checks:
        if check.visible_cases:
            seen = frozen.Check(check.name, check.title)
            for number in range(check.visible_cases):
                solved = Solved(namespace, catalogue.parameters)
                run(check, solved, number, assignment)
                seen.cases += [freeze(check.task, called, catalogue) for called in solved.calls]
            tasks[check.task].checks.append(seen)
    hints = {mistake.name: mistake.told for mistake in catalogue.mistakes}
    return frozen.Cases(assignment.name, list(tasks.values()), hints)


def run(check: Check, solved: Solved, number: int, assignment: Assignment) -> None:
    try:
        check.run(solved, zlib.crc32(f"{check.name} {number}".encode()))
    except Exception as error:
        why = f"The solution of {assignment.name} fails its own check {check.name}: {error}"
        raise CourseError(why) from error


def freeze(task: str, called: Called, catalogue: Catalogue) -> frozen.Case:
    """A call with what is wanted of it, and what each known mistake answers."""
    known = {suspect.mistake.name: suspect_answer(suspect, called) for suspect in catalogue.suspects[task]}
    return frozen.Case(called.arguments, called.want, called.axes, called.quiet, known)


def freeze_small(generator: Callable, namespace: dict) -> Iterator[frozen.Case]:
    """A generator's small calls with the solution's results."""
    for small in generator(np.random.default_rng(zlib.crc32(generator.__name__.encode()))):
        want = np.asarray(namespace[generator.small_cases_of](*copy.deepcopy(small.arguments)))
        yield frozen.Case(list(small.arguments), want, small.axes, small.quiet, sizes=small.sizes)
