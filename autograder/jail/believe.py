"""What the grader makes of what a learner's process says of cells and calls.

The process may be subverted, so its words are measured before anybody reads or computes with them: texts are short and
printable, places are places of arguments that there are, and a value is no larger in use than it was on the way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.learner.answer import LONGEST_MESSAGE, Answer, Error
from autograder.learner.codec import LIMITS

LONGEST_NAME, LONGEST_LINE, MOST_WARNINGS = 80, 200, 8
WIDEST_NUMBER = 16  # bytes of a complex number


def sound_errors(errors: object, cells: int) -> list[Error | None]:
    """What stopped each of so many cells.  Raises ValueError for anything that no sound process says."""
    if type(errors) is not list or len(errors) != cells:
        raise ValueError("not one word on each cell")
    return [None if error is None else sound_answer({**vars(Answer()), "error": error}, 0).error for error in errors]


def sound_answer(fields: object, arguments: int) -> Answer:
    """An answer to a call with so many arguments.  Raises ValueError for anything that no sound process says."""
    answer = Answer.from_value(fields)
    if not set(answer.changed + answer.shares) <= set(range(arguments)):
        raise ValueError("a place where there is no argument")
    if bulk(answer.value) > LIMITS.array_bytes:
        raise ValueError("a value that is larger in use than an answer may be")
    error = answer.error
    return Answer(
        value=answer.value,
        error=error and Error(plain(error.type, LONGEST_NAME), plain(error.message), plain(error.where, LONGEST_LINE)),
        unsendable=None if answer.unsendable is None else plain(answer.unsendable),
        changed=sorted(set(answer.changed)),
        shares=sorted(set(answer.shares)),
        warned=[plain(text) for text in answer.warned[:MOST_WARNINGS]],
    )


def plain(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """`text`, at most `longest` characters of it, without any that steers a terminal, a page or a reader's eye."""
    kept = text[:longest]
    return kept if kept.isprintable() else "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in kept)


def bulk(value: object) -> int:
    """The bytes that NumPy may need to make one array of `value`: every item takes as much room as the largest."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    items, largest = 0, WIDEST_NUMBER
    for leaf in leaves(value):
        items += leaf.size if isinstance(leaf, np.ndarray) else 1
        largest = max(largest, 4 * len(leaf) if isinstance(leaf, str) else 0)
    return items * largest


def leaves(value: object) -> Iterator[object]:
    """All that is in nested lists, tuples and dictionaries.  The codec has bounded their depth."""
    if isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value
