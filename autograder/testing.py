"""The words that an assignment's `checks.py` and `mistakes.py` are written in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from autograder.learner.answer import Answer
from autograder.learner.compare import Disagreement, compare

__all__ = ["Called", "Disagreement", "Mistake", "assert_agree", "mistake", "mistakes_in", "visible"]


@dataclass
class Called:
    """What `submission.call` gives: a call, and what came of it.  `assert_agree` notes here what was wanted."""

    function: str
    arguments: list
    answer: Answer
    parameters: Sequence[str] = ()
    want: np.ndarray | None = None
    axes: str | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer to a task: what it is called, what to tell the learner, and the code that makes it."""

    name: str
    task: str
    hint: str
    function: Callable
    spoils: tuple[str, ...] | None = None

    @property
    def source(self) -> str:
        """The code as a learner would have written it: under the task's name, without the decorator."""
        lines = inspect.getsource(self.function).splitlines(keepends=True)
        start = next(i for i, line in enumerate(lines) if line.startswith("def "))
        return "".join(lines[start:]).replace(f"def {self.name}(", f"def {self.task}(", 1)


def mistake(task: str, *, hint: str, spoils: tuple[str, ...] | None = None) -> Callable[[Callable], Callable]:
    """Enter a wrong answer to `task` into the catalogue.

    The function's name is the mistake's name.  `spoils` names the tasks built on this one that then fail too (default:
    all of them).
    """

    def enter(function: Callable) -> Callable:
        function.mistake = Mistake(function.__name__, task, hint, function, spoils)
        return function

    return enter


def mistakes_in(module: ModuleType) -> list[Mistake]:
    """The catalogue of a `mistakes.py`, in the order in which it is written."""
    return [value.mistake for value in vars(module).values() if hasattr(value, "mistake")]


def visible(cases: int = 1) -> Callable[[Callable], Callable]:
    """Mark a check as one that learners may see: `cases` draws of it are frozen into the assignment's `cases.npz`."""

    def mark(check: Callable) -> Callable:
        check.visible_cases = cases
        return check

    return mark


def assert_agree(called: Called, want: np.ndarray, *, axes: str | None = None, quiet: bool = False) -> None:
    """Raise `Disagreement`, in words, unless the call's answer is `want`.

    called: what `submission.call` gave.  want: the reference's result.  axes: names of the result's axes for
    the message, "step row unit" say.  quiet: NumPy's warnings count.
    """
    called.want, called.axes, called.quiet = np.asarray(want), axes, quiet
    finding = compare(called.answer, want, axes=axes, quiet=quiet, parameters=called.parameters)
    if finding:
        raise Disagreement(finding)
