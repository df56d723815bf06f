"""Sequences of different lengths in one batch, as PyTorch's packed sequences treat them.

Row b of a batch is lengths[b] steps long; what stands after its end is padding.  No step reads it, the outputs there
are zero, the final state is the one at the row's own end, and no gradient reaches or leaves it.
"""

import numpy as np

from solutions.reference.arguments import Lengths, checked_lengths


def padding(lengths: Lengths, steps: int, batch: int) -> np.ndarray | None:
    """Which steps are padding: bool (T, B), or None where there are no lengths (then nothing is).

    Raises TypeError or ValueError unless lengths are B integers from 1 to T.
    """
    lengths = checked_lengths(lengths, steps, batch)
    return None if lengths is None else np.arange(steps)[:, None] >= lengths


def without(padding: np.ndarray | None, values: np.ndarray) -> np.ndarray:
    """The values (T, B, ...) with zeros at the padding: a copy, or they themselves where nothing is padding."""
    if padding is None:
        return values
    kept = values.copy()
    kept[padding] = 0
    return kept


def last_state(states: np.ndarray, lengths: Lengths = None) -> np.ndarray:
    """The state at the end of each row: states (T, B, H), lengths (B,) or None -> (B, H), a new array."""
    steps, batch, _ = states.shape
    lengths = checked_lengths(lengths, steps, batch)
    return states[-1].copy() if lengths is None else states[lengths - 1, np.arange(batch)]


def with_last(
    d_states: np.ndarray | None, d_last: np.ndarray | None, states: np.ndarray, padding: np.ndarray | None
) -> np.ndarray:
    """What reaches the states (T, B, H) from outside: d_states (T, B, H), and d_last (B, H) at each row's end.

    None is zero.  What stands at the padding of d_states is dropped: the outputs there are constant.
    """
    d_states = np.zeros_like(states) if d_states is None else without(padding, d_states)
    if d_last is None:
        return d_states
    steps, batch, _ = d_states.shape
    ends = steps - 1 if padding is None else (~padding).sum(axis=0) - 1
    d_states = d_states.copy()
    d_states[ends, np.arange(batch)] += d_last
    return d_states


def reverse(values: np.ndarray, lengths: Lengths = None) -> np.ndarray:
    """Each row backwards from its own end, its padding left in place: values (T, B, ...) -> a new array, same shape."""
    steps, batch = values.shape[:2]
    lengths = checked_lengths(lengths, steps, batch)
    if lengths is None:
        return values[::-1].copy()
    step = np.arange(steps)[:, None]
    return values[np.where(step < lengths, lengths - 1 - step, step), np.arange(batch)]
