"""The smallest case on which a wrong function is still wrong, as code for a notebook's cell.

The cases are public, and what is said is made of them alone: nothing that a learner's function gave back enters it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from .answer import Answer
from .cases import Case, Task
from .compare import Finding, compare, near

UNKNOWN = "This mistake is not in the catalogue."
WHAT_FAILS = {
    "unwritten": "it is not written yet",
    "error": "it raises an error",
    "type": "its result is of another type",
    "missing": "its result has other entries",
    "state": "its weights cannot be loaded",
    "shape": "its result has another shape",
    "dtype": "its result has another dtype",
    "finite": "its result is not finite",
    "changed": "it changes its arguments",
    "shares": "its result uses the memory of an argument",
    "warned": "NumPy warns",
    "value": "its result differs",
}
FEW_DIGITS, ALL_DIGITS = 6, 17


def tell_smallest(task: Task, ask: Callable[[Sequence], Answer | None]) -> tuple[str, str | None]:
    """What to say of a mistake that has no name, and the smallest case as code, if one of the small cases fails.

    ask: calls the learner's function with a case's arguments; None where it cannot be called any more.
    """
    for case in task.small:
        answer = ask(case.arguments)
        if answer is None:
            return UNKNOWN, None
        finding = compare(answer, case.want, **case.rules)
        if finding:
            told = f"The smallest case that still fails has {case.sizes}. Paste it into a cell and run it."
            return f"{UNKNOWN} {told}", snippet(task, case, finding, answer)
    if not task.small:
        return UNKNOWN, None
    return f"{UNKNOWN} None of its {len(task.small)} small cases fails, up to {largest(task.small)}.", None


def largest(cases: Iterable[Case]) -> str:
    """The sizes of the case that holds the most numbers."""
    return max(cases, key=lambda case: sum(np.size(argument) for argument in case.arguments)).sizes


def snippet(task: Task, case: Case, finding: Finding, answer: Answer) -> str:
    """Code that makes the arguments, calls the function and shows its result beside the right one."""
    digits = digits_that_show(answer, case) if finding.kind == "value" else FEW_DIGITS
    lines = [f"# {case.sizes}: {WHAT_FAILS[finding.kind]}."]
    given = task.parameters[: len(case.arguments)]  # the others have defaults
    for name, argument in zip(given, case.arguments, strict=True):
        lines.append(f"{name} = {literal(argument, ALL_DIGITS)}")
    lines += [
        f"yours = {task.name}({', '.join(given)})",
        f"right = {literal(tuple(case.want.values()) if case.as_tuple else case.want, digits)}",
        'print("yours:", yours, "right:", right, sep="\\n")',
    ]
    return "\n".join(lines)


def digits_that_show(answer: Answer, case: Case) -> int:
    """Few digits of the right result, unless they hide the first difference."""
    got, want = answer.value, case.want
    if isinstance(want, dict):
        pairs = zip(got if case.as_tuple else map(got.get, want), want.values(), strict=True)
        got, want = next((np.asarray(got), want) for got, want in pairs if not near(np.asarray(got), want).all())
    if want.dtype == bool:
        return FEW_DIGITS
    few = np.vectorize(lambda number: shortened(number, FEW_DIGITS), otypes=[want.dtype])(want)
    off = np.abs(np.asarray(got) - want)[~near(np.asarray(got), want)].max()
    return FEW_DIGITS if off > 10 * np.abs(few - want).max() else ALL_DIGITS


def literal(value: object, digits: int) -> str:
    """A value as Python code."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {literal(part, digits)}" for name, part in value.items()) + "}"
    if isinstance(value, tuple):
        return f"({', '.join(literal(part, digits) for part in value)})"
    if not isinstance(value, np.ndarray):
        return repr(value)
    numbers = [repr(shortened(number, digits)) for number in value.ravel().tolist()]
    dtype = "" if value.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{value.dtype.name}"
    return f"np.array({nested(numbers, value.shape)}{dtype})"


def nested(texts: list[str], shape: tuple[int, ...]) -> str:
    """The entries of an array as a list of lists."""
    if not shape:
        return texts[0]
    each = len(texts) // shape[0] if shape[0] else 0
    rows = [nested(texts[row * each : (row + 1) * each], shape[1:]) for row in range(shape[0])]
    return f"[{', '.join(rows)}]"


def shortened(number: float, digits: int) -> float:
    return float(f"{number:.{digits}g}") if isinstance(number, float) else number
