"""The plain recurrent network in NumPy, with tanh.

Elman 1990 (Finding structure in time), as PyTorch writes it.  T time, B batch, D input size, H hidden size.
Arrays are float32 or float64 and of one dtype throughout; the result has it too.
"""

from typing import NamedTuple

import numpy as np

from solutions.reference.arguments import Lengths, check_cell, check_count, check_sequence, check_upstream
from solutions.reference.lengths import padding, with_last, without
from solutions.reference.recurrence import input_gradients, outer_sums, project


def rnn_cell(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """One step, h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    x (B, D), h (B, H), weight_ih (H, D), weight_hh (H, H), bias_ih (H,), bias_hh (H,) -> (B, H), a new array.
    Raises TypeError or ValueError for another dtype or shape.  complex128 passes, for the complex step.
    """
    check_cell(1, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h)
    # h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
    return np.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def rnn_cell_backward(
    dh_next: np.ndarray,
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> dict[str, np.ndarray]:
    """The gradients of one step, given dh_next = ∂L/∂h' (B, H).

    The other arguments and the errors as for `rnn_cell`.  Returns dx, dh, dW_ih, dW_hh, db_ih and db_hh, each shaped as
    what it is the gradient of.
    """
    check_cell(1, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h, dh_next=dh_next)
    h_next = rnn_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    # h' = tanh(a), so ∂L/∂a = dh' ⊙ (1 - h'²)
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ weight_ih,
        "dh": da @ weight_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


class RNNCache(NamedTuple):
    """What `rnn_backward` needs of the forward pass."""

    x: np.ndarray  # (T, B, D), zero at the padding
    weight_ih: np.ndarray  # (H, D)
    weight_hh: np.ndarray  # (H, H)
    states: np.ndarray  # (T+1, B, H): h_0 ... h_T, zero at the padding
    padding: np.ndarray | None  # (T, B), see lengths.py


def rnn_forward(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    lengths: Lengths = None,
) -> np.ndarray:
    """The states h_1 ... h_T of a whole sequence, h_t = rnn_cell(x_t, h_{t-1}) to rounding.

    x (T, B, D), h0 (B, H), the rest as for `rnn_cell` -> (T, B, H), a new array.  lengths (B,), integers from 1 to T:
    row b ends after lengths[b] steps, its states are zero from there on; `last_state` finds the final ones.
    Raises TypeError or ValueError for another dtype, shape or length.
    """
    return rnn_forward_cached(x, h0, weight_ih, weight_hh, bias_ih, bias_hh, lengths)[0]


def rnn_forward_cached(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    lengths: Lengths = None,
) -> tuple[np.ndarray, RNNCache]:
    """The states as `rnn_forward` has them, and what `rnn_backward` needs; that is the states again, and no work.

    The cache holds the states and the weights themselves: what is changed in place changes the gradients.
    """
    check_sequence(1, x, (weight_ih, weight_hh, bias_ih, bias_hh), h0=h0)
    (steps, batch, _), hidden = x.shape, h0.shape[1]
    pads = padding(lengths, steps, batch)
    x = without(pads, x)

    # W_ih x + b_ih + b_hh of many steps at once
    projected = project(x, weight_ih[None], (bias_ih + bias_hh)[None])
    weight = np.ascontiguousarray(weight_hh.T)
    states = np.empty((steps + 1, batch, hidden), x.dtype)
    states[0] = h0
    for h, h_next, (a,) in zip(states[:-1], states[1:], projected, strict=True):
        # h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
        np.matmul(h, weight, out=h_next)
        h_next += a
        np.tanh(h_next, out=h_next)
    if pads is not None:
        states[1:][pads] = 0
    return states[1:], RNNCache(x, weight_ih, weight_hh, states, pads)


def rnn_backward(
    d_states: np.ndarray | None, cache: RNNCache, dh_last: np.ndarray | None = None, truncate: int | None = None
) -> dict[str, np.ndarray]:
    """Backpropagation through time (BPTT): the gradients of a sequence.

    d_states (T, B, H) is ∂L/∂h_t as the loss sees each state itself, dh_last (B, H) what it adds at the final states;
    None is zero.
    truncate=k cuts the gradient after every k steps: states are carried on, gradients stay in their chunk of k steps
    (truncated BPTT), as if each chunk began with a state that is a constant; dh0 is that of the first chunk.
    Returns dx, dh0, dW_ih, dW_hh, db_ih and db_hh, each shaped as what it is the gradient of.
    Raises TypeError or ValueError for another dtype or shape, or a k below 1.
    """
    x, weight_ih, weight_hh, states, pads = cache
    check_upstream(states[1:], d_states=(d_states, "T B H"), dh_last=(dh_last, "B H"))
    check_count("truncate", truncate)
    d_states = with_last(d_states, dh_last, states[1:], pads)

    # ∂L/∂a = dh ⊙ (1 - h'²), begun with the slope, which waits for no gradient
    d_a = 1 - states[1:] ** 2
    dh = np.zeros_like(states[0])
    for t in range(len(x) - 1, -1, -1):
        dh += d_states[t]
        d_a[t] *= dh
        # ∂L/∂h = W_hh^T ∂L/∂a
        np.matmul(d_a[t], weight_hh, out=dh)
        if truncate and t and t % truncate == 0:
            dh[:] = 0

    dx, dW_ih, db_ih = input_gradients(d_a[None], x, weight_ih)
    dW_hh, db_hh = outer_sums(d_a[None], states[:-1])
    return {"dx": without(pads, dx), "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}
