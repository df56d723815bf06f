"""The three cells beside torch's: random arguments, and what torch computes from them."""

from dataclasses import dataclass

import numpy as np
import torch

from solutions.reference.inputs import random_weights
from solutions.reference.layers import CELLS

MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
SIZES = [
    (1, 1, 1, 1),
    (1, 3, 2, 4),
    (5, 1, 4, 3),
    (4, 2, 1, 6),
    (6, 3, 5, 1),
    (12, 4, 7, 9),
    (3, 2, 5, 4),
]  # T, B, D, H


@dataclass
class Drawn:
    """Random arguments of a sequence or of a stack of layers, and random gradients of what comes out."""

    cell: str
    x: np.ndarray
    first: tuple  # (h0,) or (h0, c0), each (cells, B, H)
    weights: list  # four arrays a cell
    d_outputs: np.ndarray
    d_last: tuple  # like first
    bidirectional: bool = False
    lengths: np.ndarray | None = None

    @property
    def single(self):
        """The arguments of the one cell: x, its first states, its weights."""
        return self.x, *(state[0] for state in self.first), *self.weights[0]


def draw(cell, size, dtype=np.float64, layers=1, bidirectional=False, lengths=None):
    """Arguments drawn anew for each size: nothing is zero, all is random."""
    steps, batch, inputs, hidden = size
    rng = np.random.default_rng([*size, layers, bidirectional])
    directions = 1 + bidirectional
    gates, count = CELLS[cell].gates, layers * directions

    def normal(*shape):
        return rng.normal(size=shape).astype(dtype)

    weights = [
        [array.astype(dtype) for array in random_weights(rng, gates, width, hidden)]
        for width in [inputs] * directions + [directions * hidden] * (count - directions)
    ]
    states = CELLS[cell].states
    return Drawn(
        cell,
        normal(steps, batch, inputs),
        tuple(normal(count, batch, hidden) for _ in states),
        weights,
        normal(steps, batch, directions * hidden),
        tuple(normal(count, batch, hidden) for _ in states),
        bidirectional,
        lengths,
    )


def run_torch(drawn, dtype=torch.float64, truncate=None):
    """Outputs, final states and all gradients as torch.nn has them, in our layout.

    With truncate, chunk after chunk with the states detached between them, the losses added up.
    """
    *_, inputs = drawn.x.shape
    count, _, hidden = drawn.first[0].shape
    layers = count // (1 + drawn.bidirectional)
    module = MODULES[drawn.cell](inputs, hidden, layers, bidirectional=drawn.bidirectional, dtype=dtype)
    with torch.no_grad():
        flat = [array for weights in drawn.weights for array in weights]
        for parameter, array in zip(module.parameters(), flat, strict=True):
            parameter.copy_(torch.from_numpy(array))
    x = torch.tensor(drawn.x, requires_grad=True)
    first = [torch.tensor(state, requires_grad=True) for state in drawn.first]
    outputs, last = forward_torch(module, x, first, drawn.lengths, truncate)
    heads = [(outputs, drawn.d_outputs), *zip(last, drawn.d_last, strict=True)]
    sum((value * torch.from_numpy(d_value)).sum() for value, d_value in heads).backward()
    of_cells = np.array_split(
        np.array([p.grad.numpy() for p in module.parameters()] + [None], dtype=object)[:-1], count
    )
    names = ["dW_ih", "dW_hh", "db_ih", "db_hh"]
    return {
        "outputs": outputs.detach().numpy(),
        "last": [state.detach().numpy() for state in last],
        "dx": x.grad.numpy(),
        **{f"d{n}0": state.grad.numpy() for n, state in zip(CELLS[drawn.cell].states, first, strict=True)},
        "cells": [dict(zip(names, arrays, strict=True)) for arrays in of_cells],
    }


def forward_torch(module, x, first, lengths, truncate):
    """The outputs and the final states, a tuple, of torch's module."""
    states, outputs = first, []
    for start in range(0, len(x), truncate or len(x)):
        states = [state.detach() for state in states] if start else states
        part = x[start : start + (truncate or len(x))]
        if lengths is not None:
            part = torch.nn.utils.rnn.pack_padded_sequence(part, torch.from_numpy(lengths), enforce_sorted=False)
        output, states = module(part, tuple(states) if len(states) > 1 else states[0])
        if lengths is not None:
            output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, total_length=len(x))
        states = states if isinstance(states, tuple) else (states,)
        outputs.append(output)
    return torch.cat(outputs), states


def assert_near(got, want, tolerance, name="it"):
    """The same shape and dtype, and nowhere further apart than the tolerance times the largest value."""
    assert got.shape == want.shape, name
    assert got.dtype == want.dtype, name
    assert np.abs(got - want).max() <= tolerance * max(1, np.abs(want).max()), name
