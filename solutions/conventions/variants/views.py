"""Blocks as a first axis: the three blocks are rows of a view, and another order is another list of indices."""

import numpy as np


def blocks(array):
    return array.reshape(3, -1, *array.shape[1:])


def keras_to_torch(kernel, recurrent_kernel, bias):
    turned = [np.ascontiguousarray(array.T) for array in (kernel, recurrent_kernel)] + list(bias)
    swapped = [blocks(array)[[1, 0, 2]].reshape(array.shape) for array in turned]
    return dict(zip(("W_ih", "W_hh", "b_ih", "b_hh"), swapped, strict=True))


def to_write_convention(W_ih, W_hh, b_ih, b_hh):
    sign = np.repeat([1, -1, 1], W_hh.shape[1])
    return {"W_ih": sign[:, None] * W_ih, "W_hh": (sign * W_hh.T).T, "b_ih": sign * b_ih, "b_hh": b_hh * sign}


def count_parameters(gates, D, H, layers=1, bidirectional=False, biases=2):
    both = 1 + int(bidirectional)
    rows = both * layers * gates * H
    return rows * (H + biases) + both * gates * H * (D + (layers - 1) * both * H)


def which_convention(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    gap = {}
    for number in range(8):
        keeps, after, first = (bool(number >> bit & 1) for bit in range(3))
        a = blocks((x @ W_ih.T + b_ih).T)
        g = blocks((h @ W_hh.T + b_hh).T)
        r, z = 1 / (1 + np.exp(-(a + g)[:2])) if first else 1 / (1 + np.exp(-(a + g)[1::-1]))
        inner = r * g[2] if after else blocks(W_hh)[2] @ (r * h.T) + blocks(b_hh)[2][:, None]
        n = np.tanh(a[2] + inner)
        z = z if keeps else 1 - z
        gap[number] = np.square(n + z * (h.T - n) - h_next.T).mean()
    number = min(gap, key=gap.get)
    return {"reset_first": number >= 4, "reset_after": number % 4 >= 2, "keeps": number % 2 == 1}


def packed(h0, *entries, D=1):
    """A program from single entries: (array, block, unit, column or None, value)."""
    H = len(h0)
    arrays = {
        "W_ih": np.zeros((3, H, D)),
        "W_hh": np.zeros((3, H, H)),
        "b_ih": np.zeros((3, H)),
        "b_hh": np.zeros((3, H)),
    }
    for name, block, unit, *column, value in entries:
        arrays[name][("rzn".index(block), unit, *column)] = value
    return {
        "h0": np.array(h0, float),
        **{name: array.reshape(3 * H, *array.shape[2:]) for name, array in arrays.items()},
    }


def parity_weights():
    return packed([-1], ("b_hh", "z", 0, 12), ("W_ih", "z", 0, 0, -24), ("W_hh", "n", 0, 0, -30))


def counter_weights():
    everyone = range(3)
    waits = [("b_ih", "z", unit, 9) for unit in everyone]
    writes = [("W_ih", "z", unit, column, -25) for unit in everyone for column in (0, 1)]
    clears = [("W_ih", "n", unit, 1, -40) for unit in everyone]
    # unit 2 fills first, then unit 0, then unit 1
    fills = [("b_ih", "n", 2, 6), ("W_hh", "n", 0, 2, 12), ("W_hh", "n", 1, 0, 12)]
    return packed([-1, -1, -1], *waits, *writes, *clears, *fills, D=2)


def delay_weights():
    never = [("b_ih", "z", unit, -15) for unit in (0, 1)]
    # unit 1 holds the bit turned round
    return packed(
        [-1, 1], *never, ("W_ih", "n", 1, 0, -20), ("b_ih", "n", 1, 10), ("b_hh", "r", 0, 10), ("W_hh", "n", 0, 1, -5)
    )
