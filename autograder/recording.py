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
from autograder.learner.actions import Action, load_probes, perform
from autograder.learner.answer import Answer
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


def record(assignment: Assignment) -> frozen.Cases:
    """The frozen cases: each visible check, as often as it asks for, on the solution, with inputs from a public seed.

    Raises `CourseError` where the solution itself fails a check.
    """
    catalogue = Catalogue(assignment)
    namespace, probes = solution_namespace(assignment), load_probes(runtime_of(assignment).probes)
    tasks = {name: frozen.Task(name, catalogue.parameters[name], []) for name in catalogue.tasks}
    checks = collect_checks(assignment)
    for generator in small_cases_in(checks):
        tasks[generator.small_cases_of].small = list(freeze_small(generator, namespace))
    for check in checks:
        if check.visible_cases:
            seen = frozen.Check(check.name, check.title)
            for number in range(check.visible_cases):
                solved = Solved(namespace, catalogue.parameters, probes)
                run(check, solved, number, assignment)
                seen.cases += [
                    freeze(check.task, called, catalogue) for called in solved.calls if called.want is not None
                ]
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
    case = frozen.Case(called.arguments, called.want, called.axes, called.quiet, called.as_tuple, known)
    if called.before or called.action.kind != "call" or called.probes:
        case.action, case.before, case.through = called.action, called.before, called.through
    return case


def freeze_small(generator: Callable, namespace: dict) -> Iterator[frozen.Case]:
    """A generator's small calls with the solution's results."""
    for small in generator(np.random.default_rng(zlib.crc32(generator.__name__.encode()))):
        want = namespace[generator.small_cases_of](*copy.deepcopy(small.arguments))
        if small.as_tuple:
            want = dict(zip(small.as_tuple, want, strict=True))
        elif isinstance(want, dict):
            want = {name: np.asarray(part) if isinstance(part, bool) else part for name, part in want.items()}
        else:
            want = np.asarray(want)
        rules = {"axes": small.axes, "quiet": small.quiet, "as_tuple": bool(small.as_tuple)}
        yield frozen.Case(list(small.arguments), want, **rules, sizes=small.sizes)
