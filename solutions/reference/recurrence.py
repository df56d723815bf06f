"""What the sequences of all cells share: the products that wait for no state, before the time loop and after it.

A cell with G gates has its rows packed in G blocks of H.  In here a gate is an axis, and the values of one gate at one
step, (B, H), lie side by side in memory.
"""

from collections.abc import Iterator

import numpy as np


def blocks(packed: np.ndarray, gates: int) -> np.ndarray:
    """The packed rows with an axis for the gates: (G*H, ...) -> (G, H, ...), a view where there can be one."""
    return packed.reshape(gates, -1, *packed.shape[1:])


def transposed(weight: np.ndarray) -> np.ndarray:
    """A weight in blocks, (G, H, N), each transposed and contiguous: what is (B, N) times it is (G, B, H)."""
    return np.ascontiguousarray(weight.swapaxes(1, 2))


def project(x: np.ndarray, weight_ih: np.ndarray, bias: np.ndarray) -> Iterator[np.ndarray]:
    """W x_t + b of each step in order, (G, B, H); x (T, B, D), weight_ih (G, H, D), bias (G, H).

    Many steps are multiplied at once, as many as stay near the processor until they are used.  The next ones take their
    place.
    """
    steps, batch, inputs = x.shape
    gates, hidden, _ = weight_ih.shape
    weight = weight_ih.swapaxes(1, 2)
    length = min(steps, run_length(batch * hidden, 2**17))
    room = np.empty((gates, length * batch, hidden), x.dtype)
    for start in range(0, steps, length):
        part = x[start : start + length].reshape(-1, inputs)
        product = np.matmul(part, weight, out=room[:, : len(part)])
        product += bias[:, None]
        yield from product.reshape(gates, -1, batch, hidden).swapaxes(0, 1)


def run_length(size: int, numbers: int) -> int:
    """How many steps have about so many numbers together, where one has `size`."""
    return max(1, numbers // size)


def chunks(steps: int, length: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of runs of so many steps, the last run first."""
    for stop in range(steps, 0, -length):
        yield max(0, stop - length), stop


def input_gradients(d_a: np.ndarray, x: np.ndarray, weight_ih: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx (T, B, D), dW_ih (G*H, D) and db_ih (G*H,), given d_a (G, T, B, H), the gradient of W_ih x_t + b_ih."""
    return back_to_input(d_a, weight_ih), *outer_sums(d_a, x)


def back_to_input(d_a: np.ndarray, weight_ih: np.ndarray) -> np.ndarray:
    """dx (T, B, D), given d_a (G, T, B, H), the gradient of W_ih x_t + b_ih."""
    gates, steps, batch, hidden = d_a.shape
    # dx_t = Σ over gates of W_ih^T da_t
    d_x = (d_a.reshape(gates, -1, hidden) @ blocks(weight_ih, gates)).sum(axis=0)
    return d_x.reshape(steps, batch, -1)


def outer_sums(d_a: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """dW (G*H, N) and db (G*H,), given d_a (G, T, B, H), the gradient of W seen_t + b; seen (T, B, N)."""
    gates, hidden, size = len(d_a), d_a.shape[-1], seen.shape[-1]
    flat = d_a.reshape(gates, -1, hidden)
    # dW = Σ over t and rows of da_t seen_t^T: one product for all steps
    d_weight = flat.swapaxes(1, 2) @ seen.reshape(-1, size)
    # db = Σ over t and rows of da_t, first the rows: two short sums lose less than a long one
    d_bias = d_a.sum(axis=2).sum(axis=1)
    return d_weight.reshape(-1, size), d_bias.reshape(-1)
