"""An answer seen through a probe: what a learner's result does, where more than one result is right.

A task may ask for weights that make a cell count, say.  Many weights do.  What is compared then is what a public probe
of the assignment makes of them.  For a grade the probe runs with the checks, not where the learner's code does.
"""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from .answer import Answer, Error, cut
from .codec import Unsendable
from .tensors import to_arrays, to_tensors

MOST_NUMBERS = 100_000  # in a value: a probe may take its time over each, and for a grade nobody stops it


def seen_through(answer: Answer, through: Sequence | None, probes: Mapping[str, Callable]) -> Answer:
    """The answer with what the probe makes of its value in the value's place.

    through: a probe's name and what it is given after the value; None leaves the answer as it is.  A probe raises
    ValueError, with a sentence for the learner, for a value that it can make nothing of.
    """
    if not through or answer.error or answer.unsendable:
        return answer
    name, *arguments = through
    if count(answer.value) > MOST_NUMBERS:
        why = f"it holds more than {MOST_NUMBERS} numbers, and no right answer does"
        return replace(answer, value=None, error=Error("Unusable", why))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            seen = probes[name](*to_tensors(copy.deepcopy([answer.value, *arguments])))
        return replace(answer, value=to_arrays(seen))
    except Unsendable as reason:
        return replace(answer, value=None, unsendable=str(reason))
    except Exception as error:
        plain = isinstance(error, ValueError)
        why = str(error) if plain else f"it has another form than is asked for ({type(error).__name__}: {error})"
        return replace(answer, value=None, error=Error("Unusable", cut(why)))


def count(value: object) -> int:
    """How many numbers are in a value, and in an array without any, how many rows."""
    if isinstance(value, np.ndarray):
        return math.prod(max(size, 1) for size in value.shape)
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + sum(map(count, value)) if isinstance(value, list | tuple) else 1
