"""One product a gate, blocks taken by slices, a clipped exponent and a preallocated result."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-np.clip(a, -700, 700)))


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[-1]
    R, Z, N = slice(0, H), slice(H, 2 * H), slice(2 * H, None)
    r = sigmoid(np.dot(x, W_ih[R].T) + b_ih[R] + np.dot(h, W_hh[R].T) + b_hh[R])
    z = sigmoid(np.dot(x, W_ih[Z].T) + b_ih[Z] + np.dot(h, W_hh[Z].T) + b_hh[Z])
    n = np.tanh(np.dot(x, W_ih[N].T) + b_ih[N] + np.multiply(r, np.dot(h, W_hh[N].T) + b_hh[N]))
    new = np.empty(h.shape)
    new[...] = z * h
    new += (1.0 - z) * n
    return new


def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    states = np.empty(x.shape[:2] + h0.shape[1:])
    h = h0.copy()
    for t, x_t in enumerate(x):
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states[t] = h
    return states
