"""Column vectors as in the formulas; the results are transposed or sliced views of fresh arrays."""

import numpy as np


def sigmoid(a):
    halves = np.stack([np.minimum(a, 0), np.minimum(np.negative(a), 0)])
    numerator, other = np.exp(halves)
    return np.stack([numerator / (numerator + other), other])[0]


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    X, S, H = x.T, h.T, h.shape[1]
    from_x, from_h = W_ih @ X + b_ih[:, None], W_hh @ S + b_hh[:, None]
    gates = sigmoid(from_x + from_h)
    r, z = gates[:H], gates[H : 2 * H]
    n = np.tanh(from_x[-H:] + r * from_h[-H:])
    return ((1 - z) * n + z * S).T


def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    (T, B, _), H = x.shape, h0.shape[1]
    batch_first = np.zeros((B, T + 1, H))
    batch_first[:, 0] = h0
    for t in range(T):
        batch_first[:, t + 1] = gru_cell(x[t], batch_first[:, t], W_ih, W_hh, b_ih, b_hh)
    return batch_first[:, 1:].swapaxes(0, 1)
