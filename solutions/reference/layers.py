"""Layers on layers, and both directions, of any of the three cells.

What torch.nn.{RNN, LSTM, GRU} do with num_layers and bidirectional: layer l reads the outputs of layer l - 1; a
bidirectional layer has two cells, the second reads each row from its end to its start, and the outputs of the two stand
side by side.  L layers, K directions (1 or 2), and as in gru.py T time, B batch, D input size, H hidden size.  Cell
number l * K + k is direction k of layer l: so are the first states, the final ones and the weights in order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from solutions.reference.arguments import Lengths, Weights, check_arrays
from solutions.reference.gru import gru_backward, gru_forward, gru_forward_cached
from solutions.reference.lengths import last_state, reverse
from solutions.reference.lstm import lstm_backward, lstm_forward, lstm_forward_cached
from solutions.reference.rnn import rnn_backward, rnn_forward, rnn_forward_cached

States = tuple[np.ndarray, ...]  # (h,), for an LSTM (h, c)


@dataclass(frozen=True)
class Cell:
    """The functions of one cell, and how many gates and states it has.  All states come and go as a tuple."""

    gates: int
    states: tuple[str, ...]
    forward: Callable
    forward_cached: Callable
    backward: Callable

    def run(self, x: np.ndarray, first: States, weights: Weights, lengths: Lengths) -> States:
        """The states of all steps, each (T, B, H)."""
        result = self.forward(x, *first, *weights, lengths=lengths)
        return result if isinstance(result, tuple) else (result,)

    def run_cached(self, x: np.ndarray, first: States, weights: Weights, lengths: Lengths) -> tuple[States, Any]:
        """The states of all steps, and what `gradients` needs."""
        *states, cache = self.forward_cached(x, *first, *weights, lengths=lengths)
        return tuple(states), cache

    def gradients(
        self, d_states: np.ndarray | None, cache: Any, d_last: Sequence[np.ndarray | None]
    ) -> dict[str, np.ndarray]:
        """The gradients of a sequence, given those of h_t, (T, B, H), and of each final state, (B, H); None is zero."""
        unseen = (None,) * (len(self.states) - 1)
        return self.backward(d_states, *unseen, cache, *d_last)


CELLS = {
    "rnn": Cell(1, ("h",), rnn_forward, rnn_forward_cached, rnn_backward),
    "lstm": Cell(4, ("h", "c"), lstm_forward, lstm_forward_cached, lstm_backward),
    "gru": Cell(3, ("h",), gru_forward, gru_forward_cached, gru_backward),
}


class StackCache(NamedTuple):
    """What `stack_backward` needs of the forward pass."""

    cell: Cell
    caches: list  # of each cell
    directions: int
    lengths: Lengths
    outputs: np.ndarray  # (T, B, K*H), of the last layer


def stack_forward(
    cell: str,
    x: np.ndarray,
    first: States,
    weights: Sequence[Weights],
    bidirectional: bool = False,
    lengths: Lengths = None,
) -> tuple[np.ndarray, States]:
    """The outputs of the last layer and the final states of all.

    cell is "rnn", "lstm" or "gru"; x (T, B, D); first (h0,), for an LSTM (h0, c0), each (L*K, B, H); weights L*K times
    (weight_ih, weight_hh, bias_ih, bias_hh), where weight_ih of a later layer has K*H columns; lengths as for
    `gru_forward`.  Returns outputs (T, B, K*H) and the final states like `first`.  The final state of the second
    direction is the one at the row's start.
    Raises TypeError or ValueError, and says in which cell, for another dtype, shape, length or number of cells.
    """
    outputs, last, _ = run(cell, x, first, weights, bidirectional, lengths, keep=False)
    return outputs, last


def stack_forward_cached(
    cell: str,
    x: np.ndarray,
    first: States,
    weights: Sequence[Weights],
    bidirectional: bool = False,
    lengths: Lengths = None,
) -> tuple[np.ndarray, States, StackCache]:
    """What `stack_forward` returns, and what `stack_backward` needs."""
    return run(cell, x, first, weights, bidirectional, lengths, keep=True)


def run(
    name: str,
    x: np.ndarray,
    first: States,
    weights: Sequence[Weights],
    bidirectional: bool,
    lengths: Lengths,
    keep: bool,
) -> tuple[np.ndarray, States, StackCache]:
    """All layers in order; no cell's cache is kept unless `keep`."""
    cell, directions = find_cell(name), 1 + bidirectional
    check_stack(cell, first, weights, directions)
    caches, last = [], []
    for start in range(0, len(weights), directions):
        outputs = []
        for number in range(start, start + directions):
            backwards = number > start
            seen = reverse(x, lengths) if backwards else x
            begin = tuple(state[number] for state in first)
            try:
                if keep:
                    states, cache = cell.run_cached(seen, begin, weights[number], lengths)
                    caches.append(cache)
                else:
                    states = cell.run(seen, begin, weights[number], lengths)
            except (TypeError, ValueError) as error:
                raise type(error)(f"In layer {start // directions}, direction {number - start}: {error}") from None
            last.append([last_state(state, lengths) for state in states])
            outputs.append(reverse(states[0], lengths) if backwards else states[0])
        x = np.concatenate(outputs, axis=-1) if bidirectional else outputs[0]
    final = tuple(np.stack(states) for states in zip(*last, strict=True))
    return x, final, StackCache(cell, caches, directions, lengths, x)


def stack_backward(
    d_outputs: np.ndarray, cache: StackCache, d_last: Sequence[np.ndarray | None] | None = None
) -> dict[str, Any]:
    """The gradients of all layers, given d_outputs = ∂L/∂outputs (T, B, K*H).

    d_last is ∂L/∂ of the final states, in order and shape as `stack_forward` returns them, None for those that the loss
    does not see.  Returns dx (T, B, D), dh0 [and dc0] (L*K, B, H), and cells: for each cell its dW_ih, dW_hh, db_ih and
    db_hh.
    Raises TypeError or ValueError for another dtype or shape.
    """
    cell, caches, directions, lengths, outputs = cache
    check_arrays({"outputs": (outputs, "T B N"), "d_outputs": (d_outputs, "T B N")})
    d_last = d_last or (None,) * len(cell.states)
    found = [{}] * len(caches)
    for start in reversed(range(0, len(caches), directions)):
        d_x = 0
        for direction, d_states in enumerate(np.split(d_outputs, directions, axis=-1)):
            number = start + direction
            d_number = [None if state is None else state[number] for state in d_last]
            d_states = reverse(d_states, lengths) if direction else d_states
            found[number] = cell.gradients(d_states, caches[number], d_number)
            d_seen = found[number].pop("dx")
            d_x = d_x + (reverse(d_seen, lengths) if direction else d_seen)
        d_outputs = d_x
    d_first = {f"d{state}0": np.stack([gradients.pop(f"d{state}0") for gradients in found]) for state in cell.states}
    return {"dx": d_outputs, **d_first, "cells": found}


def find_cell(name: str) -> Cell:
    """The cell of this name, or ValueError."""
    if name not in CELLS:
        raise ValueError(f"cell is {name!r}; it should be one of {', '.join(map(repr, CELLS))}.")
    return CELLS[name]


def check_stack(cell: Cell, first: States, weights: Sequence[Weights], directions: int) -> None:
    """Raise ValueError unless there are a state and weights for each cell."""
    wanted = f"({', '.join(f'{state}0' for state in cell.states)})"
    if not isinstance(first, tuple | list) or len(first) != len(cell.states):
        got = f"{len(first)} arrays" if isinstance(first, tuple | list) else type(first).__name__
        raise ValueError(f"first is {got}; it should be {len(cell.states)} in a tuple, {wanted}.")
    if not weights or len(weights) % directions:
        raise ValueError(
            f"weights are those of {len(weights)} cells; they should be of one or more layers of {directions}."
        )
    for name, state in zip(cell.states, first, strict=True):
        if np.ndim(state) != 3 or len(state) != len(weights):
            raise ValueError(
                f"{name}0 has shape {np.shape(state)}; it should be (L*K, B, H) with L*K = {len(weights)}, "
                f"one for each of the weights."
            )
