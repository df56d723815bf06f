"""The words that an assignment's `checks.py` and `mistakes.py` are written in."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from autograder.learner.actions import Action
from autograder.learner.answer import Answer
from autograder.learner.cases import Hint
from autograder.learner.compare import Axes, Disagreement, compare
from autograder.learner.tensors import to_arrays
from autograder.learner.view import seen_through

__all__ = [
    "Called",
    "Disagreement",
    "Mistake",
    "Small",
    "assert_agree",
    "both",
    "in_words",
    "mistake",
    "mistakes_in",
    "rounded",
    "small_cases",
    "small_sizes",
    "visible",
]


@dataclass
class Called:
    """What `submission.call` gives: a call, and what came of it.  `assert_agree` notes here what was wanted.

    action: what was asked, where it was more than to call a function.  before: what was asked before it in this check,
    and probes: the assignment's; both are needed to ask the same of a known mistake.  through: the probe that the
    answer is seen through, if it is.
    """

    function: str
    arguments: list
    answer: Answer
    parameters: Sequence[str] = ()
    want: np.ndarray | dict[str, np.ndarray] | None = None
    axes: Axes = None
    quiet: bool = False
    as_tuple: bool = False
    through: Sequence | None = None
    action: Action | None = None
    before: list[Action] = field(default_factory=list)
    probes: Mapping[str, Callable] = field(default_factory=dict)


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer to a task: what it is called, what to tell the learner, and the code that makes it.

    of: the mistakes that this one is made of, where there are two at once; what to tell is then made from theirs.  Such
    a pair has one function of its own, or none where the two are made in different tasks.  convention: what it has of
    another convention, where it is right in that.
    """

    name: str
    task: str
    hint: str = ""
    function: Callable | None = None
    spoils: tuple[str, ...] | None = None
    convention: str = ""
    of: tuple[Mistake, ...] = ()

    @property
    def functions(self) -> dict[str, Callable]:
        """The wrong functions, by the task that each is an answer to."""
        if self.function is None:
            return {part.task: part.function for part in self.of}
        return {self.task: self.function}

    @property
    def sources(self) -> dict[str, str]:
        """Their code as a learner would have written it."""
        return {task: source_as(task, function) for task, function in self.functions.items()}

    @property
    def told(self) -> Hint:
        """What a learner is told of it."""
        return Hint([(each.task, each.hint) for each in self.of or (self,)], self.convention)


def source_as(task: str, function: Callable) -> str:
    """A function's code under the task's name, without the decorator."""
    lines = inspect.getsource(function).splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if line.startswith(("def ", "class ")))
    return re.sub(rf"\A(def|class) {function.__name__}\b", rf"\1 {task}", "".join(lines[start:]))


def mistake(
    task: str,
    *,
    hint: str = "",
    of: tuple[Callable, ...] = (),
    spoils: tuple[str, ...] | None = None,
    convention: str = "",
) -> Callable[[Callable], Callable]:
    """Enter a wrong answer to `task` into the catalogue.

    The function's name is the mistake's name.  `of` names the two mistakes that it makes at once, instead of a hint.
    `spoils` names the tasks built on this one that then fail too (default: all of them).  `convention` says what the
    function has of another convention, "the gates of ..." say, where it is right in that.
    """

    def enter(function: Callable) -> Callable:
        parts = tuple(part.mistake for part in of)
        shared = convention or shared_convention(parts)
        function.mistake = Mistake(function.__name__, task, hint, function, spoils, shared, parts)
        return function

    return enter


def both(first: Callable, second: Callable) -> Mistake:
    """Two mistakes at once, the second in a later task than the first.  Raises ValueError where it is the same task."""
    parts = first.mistake, second.mistake
    if parts[0].task == parts[1].task:
        names = f"{parts[0].name} and {parts[1].name}"
        raise ValueError(f"{names} are both made in {parts[0].task}. Write a function with @mistake(..., of=(...)).")
    return Mistake("_and_".join(part.name for part in parts), second.mistake.task, of=parts)


def shared_convention(parts: Sequence[Mistake]) -> str:
    """Two choices of another convention are one together; a choice and a mistake are two mistakes."""
    return " and ".join(part.convention for part in parts) if all(part.convention for part in parts) else ""


def mistakes_in(module: ModuleType) -> list[Mistake]:
    """The catalogue of a `mistakes.py`, in the order in which it is written: its functions, then its list PAIRS."""
    marked = [value for value in vars(module).values() if isinstance(getattr(value, "mistake", None), Mistake)]
    functions = [value.mistake for value in marked if value.mistake.function is value]  # a subclass inherits the mark
    return functions + list(getattr(module, "PAIRS", []))


@dataclass(frozen=True)
class Small:
    """A call that is small enough to be read: what is small about it, in words, and the arguments.

    as_tuple: the names of the result's parts, where it is a tuple.
    """

    sizes: str
    arguments: Sequence
    axes: Axes = None
    quiet: bool = False
    as_tuple: Sequence[str] = ()


def small_cases(task: str) -> Callable[[Callable], Callable]:
    """Mark a generator of `Small` calls of a task, the smallest first; it is given random numbers from a public seed.

    They are frozen into the assignment's `cases.npz`.  The first on which a learner's function fails is shown to them.
    """

    def mark(generator: Callable[[np.random.Generator], Iterator[Small]]) -> Callable:
        generator.small_cases_of = task
        return generator

    return mark


def small_sizes(names: str, largest: int) -> Iterator[dict[str, int]]:
    """Sizes from 1 to `largest` for each of the names, "B D H" say: those that add up to the least first."""
    ladder = itertools.product(range(1, largest + 1), repeat=len(names.split()))
    for sizes in sorted(ladder, key=sum):
        yield dict(zip(names.split(), sizes, strict=True))


def visible(cases: int = 1) -> Callable[[Callable], Callable]:
    """Mark a check as one that learners may see: `cases` draws of it are frozen into the assignment's `cases.npz`."""

    def mark(check: Callable) -> Callable:
        check.visible_cases = cases
        return check

    return mark


def in_words(sizes: Mapping[str, int]) -> str:
    """Sizes as a reader would write them: "B = 1, D = 2, H = 1"."""
    return ", ".join(f"{name} = {number}" for name, number in sizes.items())


def rounded(arrays: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Two digits, which a reader can type, and no zeros, which would hide what they are multiplied with."""
    return [np.where(np.abs(array) < 0.01, 0.01, array.round(2)) for array in arrays]


def assert_agree(
    called: Called,
    want: np.ndarray | Mapping[str, np.ndarray],
    *,
    axes: Axes = None,
    quiet: bool = False,
    as_tuple: bool = False,
    through: Sequence | None = None,
) -> None:
    """Raise `Disagreement`, in words, unless the call's answer is `want`.

    called: what `submission.call` gave.  want: the reference's result, or a dictionary of results.  Where one is a
    tensor, a tensor is wanted, on whatever device; where it is an array, an array.  axes: names of the result's axes
    for the message, "step row unit" say, or a dictionary of them by entry.  quiet: NumPy's warnings count.  as_tuple:
    `want` names the parts of a tuple.  through: a probe's name and what it is given after the answer's value, where
    many values are right: `want` is then what the probe makes of a right one, and the probe runs on this side.
    """
    want = to_arrays(want)
    called.through = through and to_arrays(list(through))
    called.answer = seen_through(called.answer, called.through, called.probes)
    called.want, called.axes, called.quiet = want if isinstance(want, dict) else np.asanyarray(want), axes, quiet
    called.as_tuple = as_tuple
    rules = {"axes": axes, "quiet": quiet, "as_tuple": as_tuple}
    finding = compare(called.answer, called.want, **rules, parameters=called.parameters)
    if finding:
        raise Disagreement(finding)
