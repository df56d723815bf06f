"""Whole numbers and single precision in the programs, NumPy's own numbers and truths in the answers."""

import numpy as np


def keras_to_torch(kernel, recurrent_kernel, bias):
    def fetch(array):
        z, r, n = np.hsplit(np.atleast_2d(array), 3)
        return np.vstack([r.T, z.T, n.T])

    return {
        "W_ih": fetch(kernel),
        "W_hh": fetch(recurrent_kernel),
        "b_ih": fetch(bias[0])[:, 0],
        "b_hh": fetch(bias[1]).ravel(),
    }


def to_write_convention(W_ih, W_hh, b_ih, b_hh):
    rows = np.arange(len(b_ih)) // W_hh.shape[1] == 1
    W_ih, W_hh, b_ih, b_hh = (np.copy(array) for array in (W_ih, W_hh, b_ih, b_hh))
    for array in (W_ih, W_hh, b_ih, b_hh):
        array[rows] = -array[rows]
    return {"W_ih": W_ih, "W_hh": W_hh, "b_ih": b_ih, "b_hh": b_hh}


def count_parameters(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions = np.int64(2 if bidirectional else 1)
    first = gates * (H * D + H**2 + biases * H)
    upper = gates * (H * H * directions + H**2 + biases * H)
    return directions * (first + (layers - 1) * upper)


def which_convention(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    from_x, from_h = np.hsplit(x @ W_ih.T + b_ih, 3), np.hsplit(h @ W_hh.T + b_hh, 3)
    gates = [1 / (1 + np.exp(-(a + b))) for a, b in zip(from_x[:2], from_h[:2], strict=True)]
    table = np.empty((2, 2, 2))
    for first in (0, 1):
        r, z = gates if first else gates[::-1]
        before = (r * h) @ np.vsplit(W_hh, 3)[2].T + b_hh[-h.shape[1] :]
        for after in (0, 1):
            n = np.tanh(from_x[2] + (r * from_h[2] if after else before))
            table[0, after, first] = np.abs(h + z * (n - h) - h_next).sum()
            table[1, after, first] = np.abs(n + z * (h - n) - h_next).sum()
    answers = np.array(np.unravel_index(table.argmin(), table.shape)) == 1
    return dict(zip(["keeps", "reset_after", "reset_first"], answers, strict=True))


def parity_weights():
    whole = {"W_ih": [[9], [-99], [0]], "W_hh": [[0], [0], [-99]], "b_ih": [0, 20, 0], "b_hh": [0, 20, 0]}
    return {"h0": np.array([-1], np.float32), **{name: np.array(array) for name, array in whole.items()}}


def counter_weights():
    H = 3
    W_ih = np.zeros((3, H, 2), np.float32)
    W_ih[1], W_ih[2, :, 1] = -18, -64
    W_hh = np.zeros((3, H, H), np.float32)
    W_hh[2] = 16 * np.eye(H, k=-1)
    b_ih = np.zeros((3, H), np.float32)
    b_ih[1], b_ih[2, 0] = 9, 8
    return {
        "h0": np.full(H, -1, np.int8),
        "W_ih": W_ih.reshape(3 * H, 2),
        "W_hh": W_hh.reshape(3 * H, H),
        "b_ih": b_ih.ravel(),
        "b_hh": np.zeros(3 * H, bool),
    }


def delay_weights():
    W_hh = np.zeros((6, 2), int)
    W_hh[4, 1] = 10
    return {
        "h0": -np.ones(2, np.float16),
        "W_ih": np.array([[0, 0, 0, 0, 0, 10]]).T,
        "W_hh": W_hh,
        "b_ih": np.repeat([0, -10, 0], 2),
        "b_hh": np.array([0, 0, 0, 0, 0, -5]) * 2,
    }
