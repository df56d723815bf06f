"""Compare an answer with what it should be, and say in words what is wrong first.

The learner's own check and the hidden checks both use this module, so both say the same thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .answer import Answer, Error
from .codec import Tensor
from .results import UNWRITTEN

# Of the largest value (or of 1, where all values are smaller).  A right answer in float64 is off by about 1e-15, the
# mildest known mistake by 1e-2, so both sides have room.
TOLERANCES = {"float64": 1e-10, "float32": 1e-5, "float16": 1e-2}
AXES = {2: "row unit", 3: "step row unit"}
Axes = str | dict[str, str] | None  # of the result, or by the names of its entries


@dataclass(frozen=True)
class Finding:
    """What is wrong with an answer.  kind: one word for it.  text: a sentence or two for the learner."""

    kind: str
    text: str


class Disagreement(AssertionError):
    """A check failed; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def compare(
    answer: Answer,
    want: np.ndarray | dict[str, np.ndarray],
    *,
    axes: Axes = None,
    quiet: bool = False,
    as_tuple: bool = False,
    parameters: Sequence[str] = (),
) -> Finding | None:
    """What is wrong with `answer`, or None: errors first, then type, shape, dtype, side effects and values.

    want: an array; a `Tensor` where a torch tensor is wanted; or a dictionary of them, compared entry by entry.
    axes: names of the result's axes, "step row unit" say; "" for none; a dictionary has them by entry.  quiet: warnings
    count.  as_tuple: the entries of `want` are to come in their order, without their names.  parameters: the
    function's, by place.
    """
    if as_tuple and not answer.error and not answer.unsendable:
        finding = find_wrong_tuple(answer.value, list(want))
        if finding:
            return finding
        answer = replace(answer, value=dict(zip(want, answer.value, strict=True)))
    if isinstance(want, dict):
        return find_error(answer.error) or find_wrong_entry(answer, want, axes, quiet, parameters)
    tensor, want = isinstance(want, Tensor), np.asarray(want)
    return (
        find_error(answer.error)
        or find_wrong_kind(answer, want, axes, "a tensor" if tensor else "an array")
        or find_wrong_library(answer.value, tensor)
        or find_not_finite(np.asarray(answer.value), want, axes)
        or find_side_effect(answer, parameters)
        or (find_warning(answer) if quiet else None)
        or find_difference(np.asarray(answer.value), want, axes)
    )


def find_wrong_tuple(value: object, names: list[str]) -> Finding | None:
    """What is wrong with a value that should be a tuple of as many parts as there are names."""
    wanted = f"a tuple ({', '.join(names)}) is wanted"
    if value is None:
        return Finding("type", f"It returned None; {wanted}. Does every path end in a `return`?")
    if not isinstance(value, tuple | list):
        return Finding("type", f"It returned one {type(value).__name__}; {wanted}.")
    if len(value) != len(names):
        return Finding("type", f"It returned {len(value)} values; {wanted}.")
    return None


def find_wrong_entry(
    answer: Answer, want: dict[str, np.ndarray], axes: Axes, quiet: bool, parameters: Sequence[str]
) -> Finding | None:
    """What is wrong with an answer that should be a dictionary, in its first wrong entry."""
    if answer.unsendable:
        return Finding("type", f"What it gave cannot be compared: {answer.unsendable}.")
    if not isinstance(answer.value, dict):
        return Finding("type", f"It gave a {type(answer.value).__name__}; a dictionary is wanted.")
    for name, right in want.items():
        if name not in answer.value:
            return Finding("missing", f"There is no `{name}`.")
        if answer.value[name] is None:
            return Finding("missing", f"`{name}` is None. If it is a gradient, none has flowed back to it.")
        entry = replace(answer, value=answer.value[name])
        own_axes = axes.get(name) if isinstance(axes, dict) else axes
        finding = compare(entry, right, axes=own_axes, quiet=quiet, parameters=parameters)
        if finding:
            return Finding(finding.kind, f"`{name}`: {finding.text}")
    unwanted = [name for name in answer.value if name not in want]
    return Finding("missing", f"There is a `{unwanted[0]}`, which is not wanted.") if unwanted else None


def find_error(error: Error | None) -> Finding | None:
    if error is None:
        return None
    if error.type == "StateMismatch":
        return Finding("state", f"The weights could not be loaded: {error.message}.")
    if error.type == "Unusable":
        return Finding("type", f"What it returned cannot be used: {error.message.removesuffix('.')}.")
    if error.type == "RefusedCall":
        return Finding("refused", error.message)
    if is_unwritten(error):
        return Finding("unwritten", UNWRITTEN)
    message = f": {error.message.removesuffix('.')}" if error.message else ""
    where = f" The line is `{error.where}`." if error.where else ""
    return Finding("error", f"It raised {error.type}{message}.{where}")


def is_unwritten(error: Error) -> bool:
    """Whether it comes from a stub.  torch raises the type with a message, where a module has no `forward` say."""
    return error.type == "NotImplementedError" and not error.message


def find_wrong_kind(answer: Answer, want: np.ndarray, axes: str | None, noun: str = "an array") -> Finding | None:
    wanted = f"{noun} of shape {shape_text(want, axes)} is wanted"
    if want.ndim == 0:
        wanted = "True or False is wanted" if is_truth(want) else "one number is wanted"
    if answer.unsendable:
        return Finding("type", f"What it returned cannot be compared: {answer.unsendable}. Here {wanted}.")
    if answer.value is None:
        return Finding("type", f"It returned None; {wanted}. Does every path end in a `return`?")
    if not only_numbers(answer.value):
        return Finding("type", f"It returned a {type(answer.value).__name__} that holds no real numbers; {wanted}.")
    try:
        got = np.asarray(answer.value)
    except ValueError:
        return Finding("type", f"It returned a {type(answer.value).__name__} of uneven length; {wanted}.")
    if got.dtype.kind not in "fiub":
        return Finding("type", f"It returned a {type(answer.value).__name__} that holds no real numbers; {wanted}.")
    if got.shape != want.shape:
        hint = " That is its transpose." if got.ndim == 2 and got.shape == want.shape[::-1] else ""
        return Finding("shape", f"The result has shape {got.shape}; it should be {shape_text(want, axes)}.{hint}")
    if isinstance(answer.value, np.ndarray) and got.dtype != want.dtype:
        return Finding("dtype", f"The result is {got.dtype}; it should be {want.dtype}, as the inputs are.")
    return None


def find_wrong_library(value: object, tensor: bool) -> Finding | None:
    """A tensor where one is wanted, and none where NumPy's arrays are."""
    if tensor and not isinstance(value, Tensor):
        return Finding("type", f"It returned a {library_name(value)}; a torch tensor is wanted.")
    if not tensor and isinstance(value, Tensor):
        return Finding("type", "It returned a torch tensor; a NumPy array is wanted.")
    return None


def library_name(value: object) -> str:
    return "NumPy array" if isinstance(value, np.ndarray) else type(value).__name__


def find_not_finite(got: np.ndarray, want: np.ndarray, axes: str | None) -> Finding | None:
    bad = ~np.isfinite(got) & np.isfinite(want)
    if not bad.any():
        return None
    place = first(bad)
    return Finding("finite", f"The result is {got[place]} {at(place, axes)}; it should be {number(want[place])}.")


def find_side_effect(answer: Answer, parameters: Sequence[str]) -> Finding | None:
    def name(place: int) -> str:
        return f"`{parameters[place]}`" if place < len(parameters) else f"argument {place + 1}"

    if answer.changed:
        names = " and ".join(name(place) for place in answer.changed)
        return Finding(
            "changed", f"It changed {names} in place. The inputs belong to the caller: leave them as they are."
        )
    if answer.shares:
        return Finding("shares", f"The result uses the memory of {name(answer.shares[0])}. Return a new array.")
    return None


def find_warning(answer: Answer) -> Finding | None:
    return Finding("warned", f"NumPy warned: {answer.warned[0]}.") if answer.warned else None


def find_difference(got: np.ndarray, want: np.ndarray, axes: str | None) -> Finding | None:
    far = ~near(got, want)
    if not far.any():
        return None
    if is_truth(want):
        return Finding("value", f"Yours is {got}, right is {want}.")
    place = first(far)
    largest = "" if want.dtype == bool else f", the largest by {gaps(got, want)[far].max():.2g}"
    yours, right = two_numbers(got[place], want[place])
    text = f"First difference {at(place, axes)}: yours is {yours}, right is {right}."
    return Finding("value", f"{text} {far.sum()} of {far.size} numbers differ{largest}." if far.size > 1 else text)


def same_answer(answer: Answer, known: Answer, quiet: bool = False) -> bool:
    """Whether two answers cannot be told apart: how a known mistake is recognised."""
    if answer.error != known.error:
        same_error = answer.error and known.error and answer.error.type == known.error.type
        return bool(same_error and answer.error.message == known.error.message)
    if answer.unsendable or known.unsendable:
        return answer.unsendable == known.unsendable
    if answer.changed != known.changed or answer.shares != known.shares:
        return False
    if quiet and bool(answer.warned) != bool(known.warned):
        return False
    if answer.value is None or known.value is None:
        return answer.value is known.value
    if isinstance(answer.value, dict) and isinstance(known.value, dict):
        return answer.value.keys() == known.value.keys() and all(
            same_answer(replace(answer, value=value), replace(known, value=known.value[name]), quiet)
            for name, value in answer.value.items()
        )
    if isinstance(answer.value, tuple) and isinstance(known.value, tuple):
        return len(answer.value) == len(known.value) and all(
            same_answer(replace(answer, value=value), replace(known, value=other), quiet)
            for value, other in zip(answer.value, known.value, strict=True)
        )
    if not only_numbers(answer.value) or not only_numbers(known.value):
        return False
    try:
        got, want = np.asarray(answer.value), np.asarray(known.value)
    except ValueError:
        return False
    if got.shape != want.shape or got.dtype.kind not in "fiub" or want.dtype.kind not in "fiub":
        return False
    return bool(near(got, want).all())


def is_truth(want: np.ndarray) -> bool:
    """Whether what is wanted is True or False, and no array."""
    return want.dtype == bool and want.ndim == 0


def only_numbers(value: object) -> bool:
    """Whether a value is numbers or arrays, or lists of them.

    Asked before NumPy makes an array of a list: where there is one long text in it, NumPy makes every entry that long.
    """
    if isinstance(value, list | tuple):
        return all(only_numbers(item) for item in value)
    return isinstance(value, np.ndarray | np.generic | int | float)


def near(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Where `got` agrees with `want`, within the tolerance of the wanted dtype; NaN agrees with NaN."""
    finite = np.abs(want[np.isfinite(want)])
    tolerance = TOLERANCES.get(want.dtype.name, 0) * max(1.0, finite.max(initial=0.0))
    return (gaps(got, want) <= tolerance) | (got == want) | (np.isnan(got) & np.isnan(want))


def gaps(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """How far apart they are: floating-point numbers, also where both hold whole numbers or truths."""
    with np.errstate(invalid="ignore"):  # inf - inf
        return np.abs(np.subtract(got, want, dtype=np.result_type(got, want, np.float16)))


def first(where: np.ndarray) -> tuple[int, ...]:
    return tuple(int(index) for index in np.argwhere(where)[0])


def at(place: tuple[int, ...], axes: str | None) -> str:
    """Where `place` is, in words: "at step 0, row 1, unit 2"."""
    names = axis_names(len(place), axes)
    if not place:
        return "in its one number"
    if len(names) != len(place):
        return f"at index {place if len(place) > 1 else place[0]}"
    return "at " + ", ".join(f"{name} {index}" for name, index in zip(names, place, strict=True))


def shape_text(want: np.ndarray, axes: str | None) -> str:
    names = axis_names(want.ndim, axes)
    return f"{want.shape} ({', '.join(names)})" if names else f"{want.shape}"


def axis_names(dimensions: int, axes: str | None) -> list[str]:
    return (AXES.get(dimensions, "") if axes is None else axes).split()


def two_numbers(one: np.generic, other: np.generic) -> tuple[str, str]:
    """Two different numbers with as many digits as it takes to tell them apart; truths as they are."""
    if other.dtype == bool:
        return str(one), str(other)
    for digits in (6, 9, 12, 17):
        texts = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def number(value: np.generic) -> str:
    return f"{value:.6g}"
