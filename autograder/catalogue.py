"""The catalogue of an assignment at work: every known mistake, seen from every task that it spoils."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import FunctionType

from autograder.course import Assignment
from autograder.learner.actions import Action, replay
from autograder.learner.answer import Answer
from autograder.learner.compare import same_answer
from autograder.learner.view import seen_through
from autograder.source import solution_namespace, source_cells
from autograder.testing import Called, Mistake, mistakes_in, source_as


@dataclass(frozen=True)
class Suspect:
    """What a task answers where a known mistake was made, in the task itself or in one that it is built on."""

    mistake: Mistake
    task: str
    function: Callable

    @property
    def hint(self) -> str:
        return self.mistake.told.seen_from(self.task)


class Catalogue:
    """All suspects of an assignment, by task: its own mistakes first, then those of the tasks that it calls.

    Two mistakes at once come after all that were made alone.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.mistakes = mistakes_in(assignment.mistakes_module())
        self.tasks = [cell.grade_id for cell in source_cells(assignment) if cell.graded and not cell.solution]
        solution = solution_namespace(assignment)
        self.parameters = {task: parameters_of(solution[task]) for task in self.tasks}
        self.calls = {task: called_tasks(task, self.tasks, solution) for task in self.tasks}
        self.suspects: dict[str, list[Suspect]] = {task: [] for task in self.tasks}
        for mistake in self.mistakes:
            spoiled = self.spoiled_namespace(mistake)
            for task, name in self.names(mistake).items():
                if name == mistake.name:
                    self.suspects[task].append(Suspect(mistake, task, spoiled[task]))
        for task, suspects in self.suspects.items():
            suspects.sort(key=lambda suspect: (len(suspect.mistake.of), task not in suspect.mistake.functions))

    def spoiled_namespace(self, mistake: Mistake) -> dict:
        """The solution's names where this mistake was made: what is built on a wrong function calls the wrong one."""
        namespace = solution_namespace(self.assignment)
        for task, wrong in mistake.functions.items():
            if inspect.isclass(wrong):
                exec(source_as(task, wrong), namespace)
            else:
                namespace[task] = FunctionType(wrong.__code__, namespace, argdefs=wrong.__defaults__)
        return namespace

    def spoiled_tasks(self, mistake: Mistake) -> list[str]:
        """The tasks that score nothing where this mistake was made."""
        if mistake.function is None:
            return [task for task in self.tasks if any(task in self.spoiled_tasks(part) for part in mistake.of)]
        built_on = [task for task in self.tasks if mistake.task in self.calls[task]]
        return [mistake.task, *(built_on if mistake.spoils is None else mistake.spoils)]

    def names(self, mistake: Mistake) -> dict[str, str]:
        """What each task is told that this mistake spoils: of two in different tasks, the first may show alone."""
        if mistake.function is not None:
            return dict.fromkeys(self.spoiled_tasks(mistake), mistake.name)
        shown = {}
        for task in self.spoiled_tasks(mistake):
            parts = [part.name for part in mistake.of if task in self.spoiled_tasks(part)]
            shown[task] = mistake.name if len(parts) > 1 else parts[0]
        return shown

    def name(
        self, task: str, calls: list[Called], named: Collection[str] = (), right: Collection[str] = ()
    ) -> Suspect | None:
        """The known mistake that would have answered every one of these calls as the learner's function did.

        named: those that were found in the tasks before, which are taken first where several answer alike.  right: the
        tasks before that passed; what is made in one of them is not this learner's mistake.
        """
        calls = sorted(calls, key=lambda call: not call.failed)  # what was wrong tells suspects apart the soonest
        possible = [suspect for suspect in self.suspects[task] if not suspect.mistake.functions.keys() & set(right)]
        for suspect in sorted(possible, key=lambda suspect: suspect.mistake.name not in named):
            if calls and all(same_answer(call.answer, suspect_answer(suspect, call), call.quiet) for call in calls):
                return suspect
        return None


def suspect_answer(suspect: Suspect, call: Called) -> Answer:
    action = call.action or Action("call", call.function, call.arguments)
    names = {call.function: suspect.function, suspect.task: suspect.function}
    return seen_through(replay(action, call.before, names, call.probes, call.refused), call.through, call.probes)


def called_tasks(task: str, tasks: list[str], namespace: dict) -> set[str]:
    """The other tasks that a task's solution calls, directly or through each other."""
    found: set[str] = set()
    waiting = [task]
    while waiting:
        names = names_used(namespace[waiting.pop()]) & set(tasks) - found
        found |= names
        waiting += names
    return found - {task}


def names_used(task: Callable) -> set[str]:
    """The names that a function uses, or all of a class's own functions."""
    functions = [task] if inspect.isfunction(task) else filter(inspect.isfunction, vars(task).values())
    return {name for function in functions for name in function.__code__.co_names}


def parameters_of(task: Callable) -> list[str]:
    """A function's parameters; those that a class is made with."""
    code = task.__code__ if inspect.isfunction(task) else task.__init__.__code__
    return list(code.co_varnames[inspect.isclass(task) : code.co_argcount])
