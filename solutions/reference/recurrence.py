"""What the sequences of all cells share: the products that wait for no state, before the time loop and after it.

A cell with G gates has its rows packed in G blocks of H.  In here a gate is an axis, and the values of one gate at one
step, (B, H), lie side by side in memory.
"""

from collections.abc import Iterator

import numpy as np


def blocks(packed: np.ndarray, gates: int) -> np.ndarray:
    """The packed rows with an axis for the gates: (G*H, ...) -> (G, H, ...), a view where there can be one."""
    return packed.reshape(gates, -1, *packed.shape[1:])


def transposed(weight_hh: np.ndarray) -> np.ndarray:
    """weight_hh in blocks, (G, H, H), each transposed and contiguous: h @ it is (G, B, H)."""
    return np.ascontiguousarray(weight_hh.swapaxes(1, 2))


def project(x: np.ndarray, weight_ih: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """W x_t + b for all steps at once: x (T, B, D), weight_ih (G, H, D), bias (G, H) -> (T, G, B, H), a view."""
    steps, batch, inputs = x.shape
    gates, hidden, _ = weight_ih.shape
    product = x.reshape(-1, inputs) @ weight_ih.swapaxes(1, 2)
    product += bias[:, None]
    return product.reshape(gates, steps, batch, hidden).swapaxes(0, 1)


def chunks(steps: int, size: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of runs of steps, the last run first, each of about 2^14 numbers where a step has `size`."""
    length = max(1, 2**14 // size)
    for stop in range(steps, 0, -length):
        yield max(0, stop - length), stop


def input_gradients(d_a: np.ndarray, x: np.ndarray, weight_ih: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (T, B, D), dW_ih (G*H, D) and db_ih (G*H,), given d_a (G, T, B, H), the gradient of W_ih x_t + b_ih."""
    d_weight, d_bias = outer_sums(d_a, x)
    # dx_t = Σ over gates of W_ih^T da_t
    flat = d_a.reshape(len(d_a), -1, d_a.shape[-1])
    d_x = (flat @ blocks(weight_ih, len(d_a))).sum(axis=0)
    return d_x.reshape(x.shape), d_weight, d_bias


def outer_sums(d_a: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """dW (G*H, N) and db (G*H,), given d_a (G, T, B, H), the gradient of W seen_t + b; seen (T, B, N)."""
    gates, hidden, size = len(d_a), d_a.shape[-1], seen.shape[-1]
    flat = d_a.reshape(gates, -1, hidden)
    # dW = Σ over t and rows of da_t seen_t^T: one product for all steps
    d_weight = flat.swapaxes(1, 2) @ seen.reshape(-1, size)
    # db = Σ over t and rows of da_t, first the rows: two short sums lose less than a long one
    d_bias = d_a.sum(axis=2).sum(axis=1)
    return d_weight.reshape(-1, size), d_bias.reshape(-1)
