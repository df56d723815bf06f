"""The words that an assignment's `checks.py` and `mistakes.py` are written in."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from autograder.learner.actions import Action
from autograder.learner.answer import Answer
from autograder.learner.compare import Disagreement, compare
from autograder.learner.tensors import to_arrays

__all__ = ["Called", "Disagreement", "Mistake", "assert_agree", "mistake", "mistakes_in", "visible"]


@dataclass
class Called:
    """What `submission.call` gives: a call, and what came of it.  `assert_agree` notes here what was wanted.

    action: what was asked, where it was more than to call a function.  before: what was asked before it in this check,
    and probes: the assignment's; both are needed to ask the same of a known mistake.
    """

    function: str
    arguments: list
    answer: Answer
    parameters: Sequence[str] = ()
    want: np.ndarray | dict[str, np.ndarray] | None = None
    axes: str | None = None
    quiet: bool = False
    action: Action | None = None
    before: list[Action] = field(default_factory=list)
    probes: Mapping[str, Callable] = field(default_factory=dict)


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
        start = next(i for i, line in enumerate(lines) if line.startswith(("def ", "class ")))
        return re.sub(rf"\A(def|class) {self.name}\b", rf"\1 {self.task}", "".join(lines[start:]))


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
    marked = [value for value in vars(module).values() if isinstance(getattr(value, "mistake", None), Mistake)]
    return [value.mistake for value in marked if value.mistake.function is value]  # a subclass inherits the mark


def visible(cases: int = 1) -> Callable[[Callable], Callable]:
    """Mark a check as one that learners may see: `cases` draws of it are frozen into the assignment's `cases.npz`."""

    def mark(check: Callable) -> Callable:
        check.visible_cases = cases
        return check

    return mark


def assert_agree(
    called: Called, want: np.ndarray | Mapping[str, np.ndarray], *, axes: str | None = None, quiet: bool = False
) -> None:
    """Raise `Disagreement`, in words, unless the call's answer is `want`.

    called: what `submission.call` gave.  want: the reference's result, or a dictionary of results.  Where one is a
    tensor, a tensor is wanted, on whatever device; where it is an array, an array.  axes: names of the result's axes
    for the message, "step row unit" say.  quiet: NumPy's warnings count.
    """
    want = to_arrays(want)
    called.want, called.axes, called.quiet = want if isinstance(want, dict) else np.asanyarray(want), axes, quiet
    finding = compare(called.answer, called.want, axes=axes, quiet=quiet, parameters=called.parameters)
    if finding:
        raise Disagreement(finding)
