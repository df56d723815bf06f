"""Loops over rows and units, and lists of lists for the programs."""

import math

import numpy as np


def keras_to_torch(kernel, recurrent_kernel, bias):
    D, H = kernel.shape[0], recurrent_kernel.shape[0]
    W_ih, W_hh = np.empty((3 * H, D), kernel.dtype), np.empty((3 * H, H), kernel.dtype)
    b_ih, b_hh = np.empty(3 * H, kernel.dtype), np.empty(3 * H, kernel.dtype)
    for to, since in ((0, 1), (1, 0), (2, 2)):
        for unit in range(H):
            row, column = to * H + unit, since * H + unit
            for d in range(D):
                W_ih[row, d] = kernel[d, column]
            for k in range(H):
                W_hh[row, k] = recurrent_kernel[k, column]
            b_ih[row], b_hh[row] = bias[0, column], bias[1, column]
    return {"b_hh": b_hh, "b_ih": b_ih, "W_hh": W_hh, "W_ih": W_ih}


def to_write_convention(W_ih, W_hh, b_ih, b_hh):
    H, result = len(b_ih) // 3, {}
    for name, array in {"W_ih": W_ih, "W_hh": W_hh, "b_ih": b_ih, "b_hh": b_hh}.items():
        result[name] = np.array([-row if H <= place < 2 * H else row for place, row in enumerate(array)])
    return result


def count_parameters(gates, D, H, layers=1, bidirectional=False, biases=2):
    total, width = 0, D
    for _ in range(layers):
        for _ in range(2 if bidirectional else 1):
            for _ in range(gates):
                total += H * width + H * H + biases * H
        width = H + H if bidirectional else H
    return total


def which_convention(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    H = h.shape[1]

    def dot(row, vector):
        return sum(float(a) * float(b) for a, b in zip(row, vector, strict=True))

    def sigma(a):
        return 1 / (1 + math.exp(-a))

    scores = []
    for keeps in (False, True):
        for after in (False, True):
            for first in (False, True):
                R, Z = (0, H) if first else (H, 0)
                worst = 0.0
                for v, s, wanted in zip(x, h, h_next, strict=True):
                    r = [sigma(dot(W_ih[R + i], v) + b_ih[R + i] + dot(W_hh[R + i], s) + b_hh[R + i]) for i in range(H)]
                    z = [sigma(dot(W_ih[Z + i], v) + b_ih[Z + i] + dot(W_hh[Z + i], s) + b_hh[Z + i]) for i in range(H)]
                    for i in range(H):
                        N = 2 * H + i
                        if after:
                            heard = r[i] * (dot(W_hh[N], s) + b_hh[N])
                        else:
                            heard = dot(W_hh[N], [a * b for a, b in zip(r, s, strict=True)]) + b_hh[N]
                        n = math.tanh(dot(W_ih[N], v) + b_ih[N] + heard)
                        new = (1 - z[i]) * n + z[i] * s[i] if keeps else z[i] * n + (1 - z[i]) * s[i]
                        worst = max(worst, abs(new - wanted[i]))
                scores.append((worst, keeps, after, first))
    _, keeps, after, first = min(scores)
    return {"keeps": keeps, "reset_after": after, "reset_first": first}


def parity_weights():
    return {"h0": [-1], "W_ih": [[0], [-16], [0]], "W_hh": [[0], [0], [-5]], "b_ih": [5, 8, 0], "b_hh": [0, 0, 0]}


def counter_weights():
    # the reset gate clears: with r = 0 only b_in is left, and it says off
    return {
        "h0": [-1, -1, -1],
        "W_ih": [[0, -20], [0, -20], [0, -20], [-20, -20], [-20, -20], [-20, -20], [0, 0], [0, 0], [0, 0]],
        "W_hh": [[0, 0, 0]] * 7 + [[5, 0, 0], [0, 5, 0]],
        "b_ih": [10, 10, 10, 10, 10, 10, -5, -5, -5],
        "b_hh": [0, 0, 0, 0, 0, 0, 12, 6, 6],
    }


def delay_weights():
    return {
        "h0": [-0.5, -0.5],
        "W_ih": [[0]] * 5 + [[6]],
        "W_hh": [[0, 0]] * 4 + [[0, 20], [0, 0]],
        "b_ih": [0, 0, -8, -8, 0, -3],
        "b_hh": [0] * 6,
    }
