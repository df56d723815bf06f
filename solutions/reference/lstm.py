"""The long short-term memory in NumPy.

Hochreiter and Schmidhuber 1997 (Long short-term memory), with the forget gate of Gers et al. 2000 (Learning to forget),
in PyTorch's convention: rows are packed (input, forget, cell, output), no peepholes.  T time, B batch, D input size,
H hidden size.  Arrays are float32 or float64 and of one dtype throughout; the results have it too.
"""

from itertools import repeat
from typing import NamedTuple

import numpy as np

from solutions.reference.arguments import Lengths, Weights, check_cell, check_count, check_sequence, check_upstream
from solutions.reference.gru import sigmoid
from solutions.reference.lengths import padding, with_last, without
from solutions.reference.recurrence import (
    blocks,
    chunks,
    input_gradients,
    outer_sums,
    project,
    run_length,
    transposed,
)


def lstm_gates(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The input gate i, the forget gate f, the candidate g and the output gate o of one step, each (B, H).

    Arguments and errors as for `lstm_cell`.
    """
    check_cell(4, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h)
    a_i, a_f, a_g, a_o = np.split(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh, 4, axis=-1)
    # i = σ(W_ii x + b_ii + W_hi h + b_hi)
    i = sigmoid(a_i)
    # f = σ(W_if x + b_if + W_hf h + b_hf)
    f = sigmoid(a_f)
    # g = tanh(W_ig x + b_ig + W_hg h + b_hg)
    g = np.tanh(a_g)
    # o = σ(W_io x + b_io + W_ho h + b_ho)
    o = sigmoid(a_o)
    return i, f, g, o


def lstm_cell(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """One step, c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').

    x (B, D), h and c (B, H), weight_ih (4H, D), weight_hh (4H, H), bias_ih (4H,), bias_hh (4H,) -> h' and c', (B, H)
    each, new arrays.
    Raises TypeError or ValueError for another dtype or shape.  complex128 passes, for the complex step.
    """
    check_cell(4, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h, c=c)
    i, f, g, o = lstm_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    # c' = f ⊙ c + i ⊙ g
    c_next = f * c + i * g
    # h' = o ⊙ tanh(c')
    return o * np.tanh(c_next), c_next


def lstm_cell_backward(
    dh_next: np.ndarray,
    dc_next: np.ndarray,
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> dict[str, np.ndarray]:
    """The gradients of one step, given dh_next = ∂L/∂h' and dc_next = ∂L/∂c', (B, H) each.

    dc_next is the loss's view of c' itself; what reaches c' through h' is added in here.  The other arguments and the
    errors as for `lstm_cell`.  Returns dx, dh, dc, dW_ih, dW_hh, db_ih and db_hh, each shaped as what it is the
    gradient of.
    """
    check_cell(4, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h, c=c, dh_next=dh_next, dc_next=dc_next)
    i, f, g, o = lstm_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    tanh_c = np.tanh(f * c + i * g)
    # h' = o ⊙ tanh(c'), so ∂L/∂o = dh' ⊙ tanh(c'), and c' gets dh' ⊙ o ⊙ (1 - tanh²(c')) besides its own
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    # c' = f ⊙ c + i ⊙ g; σ' = σ ⊙ (1 - σ), tanh' = 1 - tanh²
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=-1)
    return {
        "dx": da @ weight_ih,
        "dh": da @ weight_hh,
        "dc": dc * f,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


class LSTMCache(NamedTuple):
    """What `lstm_backward` needs of the forward pass."""

    x: np.ndarray  # (T, B, D), zero at the padding
    weight_ih: np.ndarray  # (4H, D)
    weight_hh: np.ndarray  # (4H, H)
    states: np.ndarray  # (T+1, B, H): h_0 ... h_T, zero at the padding
    memories: np.ndarray  # (T+1, B, H): c_0 ... c_T, zero at the padding
    gates: np.ndarray  # (T, 4, B, H): i, f, g and o of each step
    tanh_c: np.ndarray  # (T, B, H): tanh(c') of each step
    padding: np.ndarray | None  # (T, B), see lengths.py


def lstm_forward(
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    lengths: Lengths = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The states h_1 ... h_T and c_1 ... c_T of a whole sequence, those of lstm_cell step by step to rounding.

    x (T, B, D), h0 and c0 (B, H), the rest as for `lstm_cell` -> two new arrays (T, B, H).  lengths (B,), integers from
    1 to T: row b ends after lengths[b] steps, its states are zero from there on; `last_state` finds the final ones.
    Raises TypeError or ValueError for another dtype, shape or length.
    """
    cache = run(x, h0, c0, (weight_ih, weight_hh, bias_ih, bias_hh), lengths, keep=False)
    return cache.states[1:], cache.memories[1:]


def lstm_forward_cached(
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    lengths: Lengths = None,
) -> tuple[np.ndarray, np.ndarray, LSTMCache]:
    """The states as `lstm_forward` has them, and what `lstm_backward` needs.

    The cache holds the states and the weights themselves: what is changed in place changes the gradients.
    """
    cache = run(x, h0, c0, (weight_ih, weight_hh, bias_ih, bias_hh), lengths, keep=True)
    return cache.states[1:], cache.memories[1:], cache


def run(x: np.ndarray, h0: np.ndarray, c0: np.ndarray, weights: Weights, lengths: Lengths, keep: bool) -> LSTMCache:
    """All steps in order, every array made before the loop; gates and tanh_c hold the last step alone unless `keep`."""
    check_sequence(4, x, weights, h0=h0, c0=c0)
    (steps, batch, _), hidden, dtype = x.shape, h0.shape[1], x.dtype
    pads = padding(lengths, steps, batch)
    x = without(pads, x)

    # σ(a) = (1 + tanh(a/2)) / 2, so one tanh does for all four: the rows of i, f and o are halved once.
    # It is right to the last bit of 1: a gate below 1e-16 (float32: 6e-8) comes out as 0
    share = np.array([0.5, 0.5, 1, 0.5], dtype)[:, None]
    weight_ih, weight_hh, bias_ih, bias_hh = (blocks(array, 4) for array in weights)
    # W x + b_i + b_h of many steps at once
    projected = project(x, share[..., None] * weight_ih, share * (bias_ih + bias_hh))
    weight = transposed(share[..., None] * weight_hh)

    states, memories = np.empty((2, steps + 1, batch, hidden), dtype)
    states[0], memories[0] = h0, c0
    gates = np.empty((steps if keep else 1, 4, batch, hidden), dtype)
    tanh_c = np.empty((steps if keep else 1, batch, hidden), dtype)
    product, part, half = np.empty((4, batch, hidden), dtype), np.empty((batch, hidden), dtype), np.array(0.5, dtype)
    kept = (gates, tanh_c) if keep else (repeat(gates[0]), repeat(tanh_c[0]))
    before, after = zip(states, memories, strict=True), zip(states[1:], memories[1:], strict=True)
    for (h, c), (h_next, c_next), p, a, tanh_ct in zip(before, after, projected, *kept, strict=False):
        i, f, g, o = a[0], a[1], a[2], a[3]
        # g = tanh(W_ig x + b_ig + W_hg h + b_hg)
        np.matmul(h, weight, out=product)
        np.add(product, p, out=a)
        np.tanh(a, out=a)
        # i, f, o = σ(W_i x + b_i + W_h h + b_h)
        for gate in (a[:2], o):
            gate *= half
            gate += half
        # c' = f ⊙ c + i ⊙ g
        np.multiply(f, c, out=c_next)
        np.multiply(i, g, out=part)
        c_next += part
        # h' = o ⊙ tanh(c')
        np.tanh(c_next, out=tanh_ct)
        np.multiply(o, tanh_ct, out=h_next)
    if pads is not None:
        states[1:][pads] = 0
        memories[1:][pads] = 0
    return LSTMCache(x, weights[0], weights[1], states, memories, gates, tanh_c, pads)


def lstm_backward(
    d_states: np.ndarray | None,
    d_memories: np.ndarray | None,
    cache: LSTMCache,
    dh_last: np.ndarray | None = None,
    dc_last: np.ndarray | None = None,
    truncate: int | None = None,
) -> dict[str, np.ndarray]:
    """Backpropagation through time (BPTT): the gradients of a sequence.

    d_states (T, B, H) is ∂L/∂h_t and d_memories (T, B, H) ∂L/∂c_t as the loss sees each itself, dh_last and dc_last
    (B, H) what it adds at the final ones; None is zero.
    truncate=k cuts the gradient after every k steps: states are carried on, gradients stay in their chunk of k steps
    (truncated BPTT), as if each chunk began with states that are constants; dh0 and dc0 are those of the first chunk.
    Returns dx, dh0, dc0, dW_ih, dW_hh, db_ih and db_hh, each shaped as what it is the gradient of.
    Raises TypeError or ValueError for another dtype or shape, or a k below 1.
    """
    x, weight_ih, weight_hh, states, memories, gates, tanh_c, pads = cache
    whole = {"d_states": (d_states, "T B H"), "d_memories": (d_memories, "T B H")}
    check_upstream(states[1:], **whole, dh_last=(dh_last, "B H"), dc_last=(dc_last, "B H"))
    check_count("truncate", truncate)
    (steps, batch, _), hidden = x.shape, states.shape[2]
    d_states = with_last(d_states, dh_last, states[1:], pads)
    if d_memories is not None or dc_last is not None:
        d_memories = with_last(d_memories, dc_last, memories[1:], pads)

    d_a = np.empty((4, steps, batch, hidden), x.dtype)
    weight = np.ascontiguousarray(blocks(weight_hh, 4))
    dh, dc, part = np.zeros((3, batch, hidden), x.dtype)
    back = np.empty((4, batch, hidden), x.dtype)
    for start, stop in chunks(steps, run_length(batch * hidden, 2**14)):
        # what waits for no gradient, for some steps at once: as many as stay near the processor
        (i, f, g, o), tanh_ct = gates[start:stop].swapaxes(0, 1), tanh_c[start:stop]
        slope_c = o * (1 - tanh_ct * tanh_ct)
        slope_i = g * i * (1 - i)
        slope_f = memories[start:stop] * f * (1 - f)
        slope_g = i * (1 - g * g)
        slope_o = tanh_ct * o * (1 - o)
        for t in range(stop - 1, start - 1, -1):
            k, (da_i, da_f, da_g, da_o) = t - start, d_a[:, t]
            dh += d_states[t]
            # ∂L/∂a_o = dh ⊙ tanh(c') ⊙ o ⊙ (1 - o)
            np.multiply(dh, slope_o[k], out=da_o)
            # dc += dh ⊙ o ⊙ (1 - tanh²(c'))
            np.multiply(dh, slope_c[k], out=part)
            dc += part
            if d_memories is not None:
                dc += d_memories[t]
            # ∂L/∂a_i = dc ⊙ g ⊙ i ⊙ (1 - i)
            np.multiply(dc, slope_i[k], out=da_i)
            # ∂L/∂a_f = dc ⊙ c ⊙ f ⊙ (1 - f)
            np.multiply(dc, slope_f[k], out=da_f)
            # ∂L/∂a_g = dc ⊙ i ⊙ (1 - g²)
            np.multiply(dc, slope_g[k], out=da_g)
            # ∂L/∂c = dc ⊙ f
            dc *= f[k]
            # ∂L/∂h = Σ over gates of W_h^T ∂L/∂a
            np.matmul(d_a[:, t], weight, out=back)
            np.add.reduce(back, axis=0, out=dh)
            if truncate and t and t % truncate == 0:
                dh[:], dc[:] = 0, 0

    dx, dW_ih, db_ih = input_gradients(d_a, x, weight_ih)
    dW_hh, db_hh = outer_sums(d_a, states[:-1])
    return {
        "dx": without(pads, dx),
        "dh0": dh,
        "dc0": dc,
        "dW_ih": dW_ih,
        "dW_hh": dW_hh,
        "db_ih": db_ih,
        "db_hh": db_hh,
    }
