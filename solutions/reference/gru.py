"""The gated recurrent unit in NumPy.

Cho et al. 2014 (arXiv:1406.1078v1), in PyTorch's convention: the update gate *keeps*, the reset gate acts after the
recurrent product, rows are packed (reset, update, candidate).  T time, B batch, D input size, H hidden size.
Arrays are float32 or float64 and of one dtype throughout; the result has it too.
"""

from itertools import repeat
from typing import NamedTuple

import numpy as np

from solutions.reference.arguments import Lengths, Weights, check_cell, check_count, check_sequence, check_upstream
from solutions.reference.lengths import padding, with_last, without
from solutions.reference.recurrence import (
    back_to_input,
    blocks,
    chunks,
    outer_sums,
    project,
    run_length,
    transposed,
)


def sigmoid(a: np.ndarray) -> np.ndarray:
    """σ(a) = 1 / (1 + exp(-a)), any shape; finite and silent however large |a| is.

    exp is only taken of -|a|, so it never overflows.  A complex `a` takes the analytic form (1 + tanh(a/2)) / 2.
    """
    if np.iscomplexobj(a):
        return (1 + np.tanh(a / 2)) / 2
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


def gru_gates(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The reset gate r, the update gate z and the candidate n of one step, each (B, H).

    Arguments and errors as for `gru_cell`.
    """
    check_cell(3, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h)
    i_r, i_z, i_n = np.split(x @ weight_ih.T + bias_ih, 3, axis=-1)
    h_r, h_z, h_n = np.split(h @ weight_hh.T + bias_hh, 3, axis=-1)
    # r = σ(W_ir x + b_ir + W_hr h + b_hr)
    r = sigmoid(i_r + h_r)
    # z = σ(W_iz x + b_iz + W_hz h + b_hz)
    z = sigmoid(i_z + h_z)
    # n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
    n = np.tanh(i_n + r * h_n)
    return r, z, n


def gru_cell(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """One step, h' = (1 - z) ⊙ n + z ⊙ h.

    x (B, D), h (B, H), weight_ih (3H, D), weight_hh (3H, H), bias_ih (3H,), bias_hh (3H,) -> (B, H), a new array.
    Raises TypeError or ValueError for another dtype or shape.  complex128 passes, for the complex step.
    """
    _, z, n = gru_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    # h' = (1 - z) ⊙ n + z ⊙ h
    return (1 - z) * n + z * h


def gru_cell_backward(
    dh_next: np.ndarray,
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> dict[str, np.ndarray]:
    """The gradients of one step, given dh_next = ∂L/∂h' (B, H).

    The other arguments and the errors as for `gru_cell`.  Returns dx, dh, dW_ih, dW_hh, db_ih and db_hh, each shaped as
    what it is the gradient of.
    """
    check_cell(3, x, (weight_ih, weight_hh, bias_ih, bias_hh), h=h, dh_next=dh_next)
    r, z, n = gru_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    h_n = h @ blocks(weight_hh, 3)[2].T + blocks(bias_hh, 3)[2]
    # h' = (1 - z) ⊙ n + z ⊙ h, so ∂L/∂n = dh' ⊙ (1 - z) and ∂L/∂z = dh' ⊙ (h - n); tanh' = 1 - n², σ' = z ⊙ (1 - z)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    # r reaches the candidate through r ⊙ h_n, h_n = W_hn h + b_hn
    da_r = da_n * h_n * r * (1 - r)
    # the input sees the three pre-activations as they are, the state sees the candidate's through r
    d_input = np.concatenate([da_r, da_z, da_n], axis=-1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=-1)
    return {
        "dx": d_input @ weight_ih,
        # back to h along z, and through the candidate and both gates at once
        "dh": dh_next * z + d_state @ weight_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


class GRUCache(NamedTuple):
    """What `gru_backward` needs of the forward pass."""

    x: np.ndarray  # (T, B, D), zero at the padding
    weight_ih: np.ndarray  # (3H, D)
    weight_hh: np.ndarray  # (3H, H)
    states: np.ndarray  # (T+1, B, H): h_0 ... h_T
    gates: np.ndarray  # (T, 3, B, H): r, z and n of each step
    h_n: np.ndarray  # (T, B, H): W_hn h + b_hn of each step
    padding: np.ndarray | None  # (T, B), see lengths.py


def gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    lengths: Lengths = None,
) -> np.ndarray:
    """The states h_1 ... h_T of a whole sequence, h_t = gru_cell(x_t, h_{t-1}) to rounding.

    x (T, B, D), h0 (B, H), the rest as for `gru_cell` -> (T, B, H), a new array.  lengths (B,), integers from 1 to T:
    row b ends after lengths[b] steps, its states are zero from there on; `last_state` finds the final ones.
    Raises TypeError or ValueError for another dtype, shape or length.
    """
    return run(x, h0, (weight_ih, weight_hh, bias_ih, bias_hh), lengths, keep=False).states[1:]


def gru_forward_cached(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    lengths: Lengths = None,
) -> tuple[np.ndarray, GRUCache]:
    """The states as `gru_forward` has them, and what `gru_backward` needs.

    The cache holds the states and the weights themselves: what is changed in place changes the gradients.
    """
    cache = run(x, h0, (weight_ih, weight_hh, bias_ih, bias_hh), lengths, keep=True)
    return cache.states[1:], cache


def run(x: np.ndarray, h0: np.ndarray, weights: Weights, lengths: Lengths, keep: bool) -> GRUCache:
    """All steps in order, every array made before the loop; gates and h_n hold the last step alone unless `keep`."""
    check_sequence(3, x, weights, h0=h0)
    (steps, batch, _), hidden, dtype = x.shape, h0.shape[1], x.dtype
    pads = padding(lengths, steps, batch)
    x = without(pads, x)

    # σ(a) = (1 + tanh(a/2)) / 2 needs one fast function and cannot overflow: the rows of r and z are halved once.
    # It is right to the last bit of 1: a gate below 1e-16 (float32: 6e-8) comes out as 0
    share = np.array([0.5, 0.5, 1], dtype)[:, None]
    weight_ih, weight_hh, bias_ih, bias_hh = (blocks(array, 3) for array in weights)
    bias_ih, bias_hh = share * bias_ih, share * bias_hh
    # W_i x + b_i of many steps at once; r and z add both biases, so theirs of the state goes in here
    bias_ih[:2] += bias_hh[:2]
    projected = project(x, share[..., None] * weight_ih, bias_ih)
    weight = transposed(share[..., None] * weight_hh)
    bias_n = np.tile(bias_hh[2], (batch, 1))

    states = np.empty((steps + 1, batch, hidden), dtype)
    states[0] = h0
    gates = np.empty((steps if keep else 1, 3, batch, hidden), dtype)
    h_n = np.empty((steps if keep else 1, batch, hidden), dtype)
    product, half, one = np.empty((3, batch, hidden), dtype), np.array(0.5, dtype), np.array(1, dtype)
    product_rz, product_n = product[:2], product[2]
    kept = (gates, h_n) if keep else (repeat(gates[0]), repeat(h_n[0]))
    for h, h_next, i, g, h_nt in zip(states, states[1:], projected, *kept, strict=False):
        rz, r, z, n = g[:2], g[0], g[1], g[2]
        np.matmul(h, weight, out=product)
        # r, z = σ(W_i x + b_i + W_h h + b_h)
        np.add(product_rz, i[:2], out=rz)
        np.tanh(rz, out=rz)
        rz += one
        rz *= half
        # h_n = W_hn h + b_hn
        np.add(product_n, bias_n, out=h_nt)
        # n = tanh(W_in x + b_in + r ⊙ h_n)
        np.multiply(r, h_nt, out=product_n)
        np.add(product_n, i[2], out=n)
        np.tanh(n, out=n)
        # h' = (1 - z) ⊙ n + z ⊙ h
        np.subtract(one, z, out=h_next)
        h_next *= n
        np.multiply(z, h, out=product_n)
        h_next += product_n
    if pads is not None:
        states[1:][pads] = 0
    return GRUCache(x, weights[0], weights[1], states, gates, h_n, pads)


def gru_backward(
    d_states: np.ndarray | None, cache: GRUCache, dh_last: np.ndarray | None = None, truncate: int | None = None
) -> dict[str, np.ndarray]:
    """Backpropagation through time (BPTT): the gradients of a sequence.

    d_states (T, B, H) is ∂L/∂h_t as the loss sees each state itself, dh_last (B, H) what it adds at the final states;
    None is zero.
    truncate=k cuts the gradient after every k steps: states are carried on, gradients stay in their chunk of k steps
    (truncated BPTT), as if each chunk began with a state that is a constant; dh0 is that of the first chunk.
    Returns dx, dh0, dW_ih, dW_hh, db_ih and db_hh, each shaped as what it is the gradient of.
    Raises TypeError or ValueError for another dtype or shape, or a k below 1.
    """
    x, weight_ih, weight_hh, states, gates, h_n, pads = cache
    check_upstream(states[1:], d_states=(d_states, "T B H"), dh_last=(dh_last, "B H"))
    check_count("truncate", truncate)
    (steps, batch, _), hidden = x.shape, states.shape[2]
    d_states = with_last(d_states, dh_last, states[1:], pads)

    weight = np.roll(blocks(weight_hh, 3), 1, axis=0)
    dh, back = np.zeros((batch, hidden), x.dtype), np.empty((3, batch, hidden), x.dtype)
    dx, sums = np.empty_like(x), []
    # some steps at once, as many as stay near the processor
    length = min(steps, run_length(batch * hidden, 2**16))
    room = np.empty((4, length, batch, hidden), x.dtype)
    for start, stop in chunks(steps, length):
        # ∂L/∂ what is inside σ and tanh, in blocks (h_n, a_r, a_z, a_n): the state's product made the first three, the
        # input's the last three
        d_a = room[:, : stop - start]
        # what waits for no gradient
        (r, z, n), h_nt = gates[start:stop].swapaxes(0, 1), h_n[start:stop]
        slope_n = (1 - z) * (1 - n * n)
        slope_z = (states[start:stop] - n) * z * (1 - z)
        slope_r = h_nt * r * (1 - r)
        for t in range(stop - 1, start - 1, -1):
            k = t - start
            da_hn, da_r, da_z, da_n = d_a[:, k]
            dh += d_states[t]
            # ∂L/∂a_n = dh ⊙ (1 - z) ⊙ (1 - n²)
            np.multiply(dh, slope_n[k], out=da_n)
            # ∂L/∂a_z = dh ⊙ (h - n) ⊙ z ⊙ (1 - z)
            np.multiply(dh, slope_z[k], out=da_z)
            # ∂L/∂a_r = ∂L/∂a_n ⊙ h_n ⊙ r ⊙ (1 - r)
            np.multiply(da_n, slope_r[k], out=da_r)
            # ∂L/∂h_n = ∂L/∂a_n ⊙ r
            np.multiply(da_n, r[k], out=da_hn)
            # ∂L/∂h = dh ⊙ z + W_hn^T ∂L/∂h_n + W_hr^T ∂L/∂a_r + W_hz^T ∂L/∂a_z
            np.matmul(d_a[:3, k], weight, out=back)
            dh *= z[k]
            for part in back:
                dh += part
            if truncate and t and t % truncate == 0:
                dh[:] = 0
        dx[start:stop] = back_to_input(d_a[1:], weight_ih)
        sums.append((*outer_sums(d_a[1:], x[start:stop]), *outer_sums(d_a[:3], states[start:stop])))

    dW_ih, db_ih, dW_hh, db_hh = (sum(parts) for parts in zip(*sums, strict=True))
    # back to the order r, z, n
    dW_hh, db_hh = np.roll(dW_hh, -hidden, axis=0), np.roll(db_hh, -hidden)
    return {"dx": without(pads, dx), "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}
