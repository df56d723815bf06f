"""Plain Python loops over rows and units, with the math module's functions."""

import math

import numpy as np


def sigmoid(a):
    out = np.empty_like(a)
    for index, value in np.ndenumerate(a):
        out[index] = 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
    return out


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    B, H = h.shape
    new = np.zeros((B, H))
    for b in range(B):
        for u in range(H):
            from_x = [W_ih[g * H + u] @ x[b] + b_ih[g * H + u] for g in range(3)]
            from_h = [W_hh[g * H + u] @ h[b] + b_hh[g * H + u] for g in range(3)]
            r = float(sigmoid(np.array(from_x[0] + from_h[0])))
            z = float(sigmoid(np.array(from_x[1] + from_h[1])))
            n = math.tanh(from_x[2] + r * from_h[2])
            new[b, u] = (1 - z) * n + z * h[b, u]
    return new


def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    T = x.shape[0]
    states = np.zeros((T, *h0.shape))
    for t in range(T):
        previous = h0 if t == 0 else states[t - 1]
        states[t] = gru_cell(x[t], previous, W_ih, W_hh, b_ih, b_hh)
    return states
