"""The learner's own check: replay the frozen cases on the functions of a notebook and say what is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from . import cases as frozen
from .actions import Action, load_probes, replay
from .answer import Answer
from .compare import compare, is_unwritten, same_answer
from .refused import Refused
from .results import CheckResult, TaskResult
from .smallest import tell_smallest
from .view import seen_through

if TYPE_CHECKING:
    from .hints import Opened


class Checker:
    """`check("gru_cell")` judges the function of that name in the notebook it was opened in, and says what it found.

    exercise: the exercise's folder, for what is kept of the learner's work (see `evidence`); without it nothing is.
    """

    def __init__(
        self,
        cases: frozen.Cases,
        namespace: Mapping[str, object],
        probes: Mapping[str, Callable] | None = None,
        exercise: Path | None = None,
    ) -> None:
        self.cases = cases
        self.namespace = namespace
        self.probes = probes or {}
        self.exercise = exercise
        self.opened: dict[str, int] = {}

    def __call__(self, task: str | None = None) -> None:
        """Check one task, or all of them, and show what came of it."""
        names = [task] if task else [each.name for each in self.cases.tasks]
        results = [self.result(name) for name in names]
        for result in results:
            show(result)
        self.keep(results)
        # nbgrader's own commands look for an exception, not at what is shown
        if "NBGRADER_EXECUTION" in os.environ and not all(result.passed for result in results):
            raise AssertionError("\n".join(repr(result) for result in results if not result.passed))

    def hint(self, task: str, tier: int | None = None) -> Opened:
        """Open the next hint on a task; or show one by its number."""
        from .hints import open_hint

        if self.exercise is None:
            raise ValueError("The exercise's folder is not known, and so not its hints.")
        opened = open_hint(self.exercise, task, tier, self.opened.get(task, 0))
        self.opened[task] = opened.open
        return opened

    def keep(self, results: Sequence[TaskResult]) -> None:
        """Keep what passed; where that fails, say so once."""
        if self.exercise is None:
            return
        from . import evidence  # not where the exercises are checked in a page, which keeps nothing

        hashes = {result.name: evidence.cell_hash(self.namespace.get(result.name)) for result in results}
        problem = evidence.note(self.exercise, results, hashes)
        if problem:
            print(problem)

    def result(self, task: str) -> TaskResult:
        """Check one task and return what came of it."""
        return judge(self.cases, self.find_task(task), self.namespace, self.probes)

    def find_task(self, name: str) -> frozen.Task:
        for task in self.cases.tasks:
            if task.name == name:
                return task
        names = ", ".join(repr(task.name) for task in self.cases.tasks)
        raise ValueError(f"{self.cases.assignment} has no task {name!r} to check. Its tasks are {names}.")

    def __repr__(self) -> str:
        return f"The check of {self.cases.assignment}: call it with the name of a task."


def open_cases(assignment: str, namespace: Mapping[str, object], start: Path | None = None) -> Checker:
    """The check of an assignment for the functions in `namespace`."""
    file = frozen.find(assignment, start)
    return Checker(frozen.load(file), namespace, probes_beside(file), file.parent)


def probes_beside(file: Path) -> dict[str, Callable]:
    """The assignment's public helpers, where it has any.  Raises ModuleNotFoundError, in a sentence."""
    probes = file.with_name("probes.py")
    try:
        return load_probes(probes.read_text() if probes.is_file() else None)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The exercise {file.parent.name!r} needs the package {error.name}, which is not installed here. "
            f"Run: python -m pip install {error.name}",
            name=error.name,
        ) from error


def judge(
    cases: frozen.Cases, task: frozen.Task, namespace: Mapping[str, object], probes: Mapping[str, Callable]
) -> TaskResult:
    """Run a task's frozen cases on the function in `namespace`, and name the mistake where it is a known one."""
    function = namespace.get(task.name)
    missing = missing_function(task.name, function, task.name in namespace)
    if missing:
        return TaskResult(task.name, [CheckResult(check.name, False, missing, check.title) for check in task.checks])
    results, seen = [], []
    for check in task.checks:
        message = ""
        for case in check.cases:
            action = case.action or Action("call", task.name, case.arguments)
            answer = seen_through(ask(action, case.before, namespace, probes, cases.refused), case.through, probes)
            seen.append((case, answer))
            parameters = task.parameters if action.kind == "call" else ()  # a module's arguments are not its class's
            finding = compare(answer, case.want, **case.rules, parameters=parameters)
            message = message or (finding.text if finding else "")
        results.append(CheckResult(check.name, not message, message, check.title))
    result = TaskResult(task.name, results)
    if not result.passed:
        result.mistake = choose(known_mistakes(seen), cases, task, namespace, probes)
        if result.mistake:
            hint = cases.hints[result.mistake]
            result.kind, result.hint = hint.kind, hint.seen_from(task.name)
        elif is_written(answer for _, answer in seen):
            result.unknown, result.snippet = tell_smallest(
                task,
                lambda arguments: ask(Action("call", task.name, list(arguments)), (), namespace, probes, cases.refused),
            )
    return result


def ask(
    action: Action,
    before: Sequence[Action],
    namespace: Mapping,
    probes: Mapping[str, Callable],
    refused: Refused | None,
) -> Answer:
    """What came of an action, on copies of the arguments.  The learner may interrupt it."""
    answer = replay(action, before, namespace, probes, refused)
    if answer.error and answer.error.type == "KeyboardInterrupt":
        raise KeyboardInterrupt
    return answer


def is_written(answers: Iterable[Answer]) -> bool:
    """Whether a function is more than its stub, so that there is something to say about it."""
    return any(not answer.error or not is_unwritten(answer.error) for answer in answers)


def missing_function(name: str, function: object, defined: bool, what: str = "function") -> str | None:
    """Why there is nothing to call, or None."""
    if not defined:
        return f"There is no {what} `{name}`. Run the cell that defines it."
    if not callable(function):
        return not_a_function(name, type(function).__name__, what)
    return None


def not_a_function(name: str, kind: str, what: str = "function") -> str:
    return f"`{name}` is of type {kind}, not a {what}."


def known_mistakes(seen: list[tuple[frozen.Case, Answer]]) -> list[str]:
    """The known mistakes that would have answered every case just as the learner's function did."""
    return [
        name
        for name in (seen[0][0].known if seen else ())
        if all(name in case.known and same_answer(answer, case.known[name], case.quiet) for case, answer in seen)
    ]


def choose(
    names: list[str],
    cases: frozen.Cases,
    task: frozen.Task,
    namespace: Mapping[str, object],
    probes: Mapping[str, Callable],
) -> str | None:
    """The first of the mistakes that answer alike; but one that is found in a task before is taken first.

    None that is made in a task before which passes: the learner has not made it.
    """
    made_in = {name: {origin for origin, _ in cases.hints[name].texts} for name in names}
    if len(names) > 1 or any(origins != {task.name} for origins in made_in.values()):
        before = takewhile(lambda each: each is not task, cases.tasks)
        results = [judge(cases, each, namespace, probes) for each in before]
        right, named = {each.name for each in results if each.passed}, [each.mistake for each in results]
        names = [name for name in names if not made_in[name] & right]
        names = [name for name in names if name in named] or names
    return names[0] if names else None


def show(result: TaskResult) -> None:
    """As HTML in a notebook, as text elsewhere."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from IPython.display import display

        display(result)
    else:
        print(result)
