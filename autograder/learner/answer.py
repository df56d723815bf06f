"""What came of one call of a learner's function: its value, or its error, and what it did beside."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from .codec import Unsendable, encode
from .tensors import to_arrays

LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Error:
    """An exception: its type's name, its message, and the line of the learner's code that raised it."""

    type: str
    message: str = ""
    where: str = ""


@dataclass
class Answer:
    """value: what the function returned.  error: what it raised instead.  unsendable: why the value cannot be seen.

    changed: places of the arguments that it changed.  shares: places of the arguments whose memory its result uses.
    warned: the warnings it caused.
    """

    value: object = None
    error: Error | None = None
    unsendable: str | None = None
    changed: list[int] = field(default_factory=list)
    shares: list[int] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def as_value(self) -> dict:
        """Of plain kinds alone, for `codec.encode`."""
        error = self.error and {"type": self.error.type, "message": self.error.message, "where": self.error.where}
        return {**vars(self), "error": error}

    @classmethod
    def from_value(cls, fields: object) -> Answer:
        """The inverse of `as_value`.  Raises ValueError for anything that it did not make."""
        kinds = {"error": dict | None, "unsendable": str | None, "changed": list, "shares": list, "warned": list}
        if type(fields) is not dict or set(fields) != {"value", *kinds}:
            raise ValueError("an answer lacks a field, or has one too many")
        if not all(isinstance(fields[name], kind) for name, kind in kinds.items()):
            raise ValueError("a field of an answer is of the wrong kind")
        places, texts = fields["changed"] + fields["shares"], list(fields["warned"])
        error = fields["error"]
        if error is not None:
            if set(error) != {"type", "message", "where"}:
                raise ValueError("an answer's error lacks a field")
            texts += error.values()
        if not all(type(place) is int for place in places) or not all(type(text) is str for text in texts):
            raise ValueError("a field of an answer is of the wrong kind")
        return cls(**{**fields, "error": error and Error(**error)})


def observe(function: Callable, arguments: Sequence) -> Answer:
    """Call `function` and note all that came of it.  The arguments are the caller's to spare: they may be changed."""
    before = [[array.tobytes() for array in arrays_in(argument)] for argument in arguments]
    answer = Answer()
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        try:
            answer.value = function(*arguments)
        except BaseException as exception:  # a learner's SystemExit or KeyboardInterrupt ends their call, not ours
            answer.error = describe(exception)
    try:
        answer.value = to_arrays(answer.value)
    except Unsendable as reason:
        answer.value, answer.unsendable = None, str(reason)
    answer.warned = [cut(f"{warning.category.__name__}: {warning.message}") for warning in caught[:8]]
    for place, (argument, held) in enumerate(zip(arguments, before, strict=True)):
        if is_changed(argument, held):
            answer.changed.append(place)
        both_arrays = isinstance(argument, np.ndarray) and isinstance(answer.value, np.ndarray)
        if both_arrays and np.may_share_memory(argument, answer.value):
            answer.shares.append(place)
    try:
        encode(answer.value)
    except Unsendable as reason:
        answer.value, answer.unsendable = None, str(reason)
    return answer


def arrays_in(value: object) -> list[np.ndarray]:
    """An array itself, or the arrays in lists, tuples and dictionaries, in their order."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [array for item in value for array in arrays_in(item)] if isinstance(value, list | tuple) else []


def is_changed(argument: object, held: list[bytes]) -> bool:
    """Whether the arrays in an argument are others than those whose bytes were noted before."""
    try:
        return [array.tobytes() for array in arrays_in(argument)] != held
    except RecursionError:  # a list that was put into itself
        return True


def describe(exception: BaseException) -> Error:
    """An exception in plain text.  Its own __str__ may fail, so that is guarded too."""
    try:
        message = str(exception)
    except BaseException:
        message = "(its message cannot be printed)"
    return Error(cut(type(exception).__name__, 80), cut(message), cut(last_line(exception), 200))


def last_line(exception: BaseException) -> str:
    """The innermost line of a notebook's cell that the exception passed through, as source text."""
    if isinstance(exception, SyntaxError):
        return (exception.text or "").strip()
    frames = traceback.extract_tb(exception.__traceback__, limit=-20)
    cells = [
        frame for frame in frames if frame.filename.startswith(("<cell", "<ipython")) or "ipykernel" in frame.filename
    ]
    return cells[-1].line or "" if cells else ""


def cut(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """`text`, at most `longest` characters of it, as something that any encoding can hold."""
    return text[:longest].encode("utf-8", "replace").decode("utf-8")
