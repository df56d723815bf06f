"""Products by einsum, and programs whose gates read the state."""

import numpy as np


def keras_to_torch(kernel, recurrent_kernel, bias):
    H = recurrent_kernel.shape[0]
    place = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    return {
        "W_ih": np.einsum("dk->kd", kernel)[place],
        "W_hh": np.einsum("jk->kj", recurrent_kernel)[place],
        "b_ih": bias[0, place],
        "b_hh": bias[1][place],
    }


def to_write_convention(W_ih, W_hh, b_ih, b_hh):
    H = W_hh.shape[1]
    turn = np.diag(np.r_[np.ones(H), -np.ones(H), np.ones(H)])
    return {
        "W_ih": np.einsum("kj,jd->kd", turn, W_ih),
        "W_hh": np.einsum("kj,jd->kd", turn, W_hh),
        "b_ih": turn @ b_ih,
        "b_hh": turn @ b_hh,
    }


def count_parameters(gates, D, H, layers=1, bidirectional=False, biases=2):
    shapes = []
    for layer in range(layers):
        width = D if layer == 0 else H * (1 + bidirectional)
        shapes += [(gates * H, width), (gates * H, H), (biases, gates * H)] * (1 + bidirectional)
    return int(np.sum([np.prod(shape) for shape in shapes]))


def which_convention(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    found, smallest = {}, np.inf
    for order in ([0, 1, 2], [1, 0, 2]):
        W, U = (array.reshape(3, h.shape[1], -1)[order] for array in (W_ih, W_hh))
        b, c = (array.reshape(3, -1)[order][:, None] for array in (b_ih, b_hh))
        a, g = np.einsum("ghd,bd->gbh", W, x) + b, np.einsum("ghk,bk->gbh", U, h) + c
        r, z = 0.5 + 0.5 * np.tanh((a + g)[:2] / 2)
        for after in (True, False):
            n = np.tanh(a[2] + (r * g[2] if after else np.einsum("hk,bk->bh", U[2], r * h) + c[2]))
            for keeps, new in ((True, n + z * (h - n)), (False, h + z * (n - h))):
                size = np.linalg.norm(new - h_next)
                if size < smallest:
                    smallest = size
                    found = {"keeps": keeps, "reset_after": after, "reset_first": order == [0, 1, 2]}
    return found


def parity_weights():
    # unit 1 is always the opposite of unit 0, and each writes what the other was
    return {
        "h0": np.array([-1.0, 1.0]),
        "W_ih": np.array([0, 0, -20, -20, 0, 0], float)[:, None],
        "W_hh": np.concatenate([np.zeros((4, 2)), 6 * np.eye(2)[::-1]]),
        "b_ih": np.array([10, 10, 10, 10, 0, 0], float),
        "b_hh": np.zeros(6),
    }


def counter_weights():
    # a unit writes at a count only where the one before it is on: the update gate looks, the candidate always says on
    W_hz = np.array([[0, 0, 0], [-20, 0, 0], [0, -20, 0]])
    W_iz = np.array([[-20, -40], [-20, -80], [-20, -80]])
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), W_iz, [[0, -20]] * 3]).astype(float),
        "W_hh": np.concatenate([np.zeros((3, 3)), W_hz, np.zeros((3, 3))]).astype(float),
        "b_ih": np.array([0, 0, 0, 10, 30, 30, 5, 5, 5], float),
        "b_hh": np.zeros(9),
    }


def delay_weights():
    # unit 1 keeps as long as the bit does not change
    return {
        "h0": np.array([-1.0, -1.0]),
        "W_ih": np.array([0, 0, 0, 0, 0, 40], float)[:, None],
        "W_hh": np.concatenate([np.zeros((4, 2)), [[0, 9], [0, 0]]]),
        "b_ih": np.array([3, 0, -9, -9, 0, -20], float),
        "b_hh": np.zeros(6),
    }
