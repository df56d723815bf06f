"""The recurrence alone in the loop; all products with the weights' other factors at once, after it."""

import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    gradient = np.empty(x.shape)
    with np.nditer(x, flags=["multi_index"]) as entries:
        for entry in entries:
            above, below = x.copy(), x.copy()
            above[entries.multi_index] = entry + eps
            below[entries.multi_index] = entry - eps
            gradient[entries.multi_index] = (f(above) - f(below)) / 2 / eps
    return gradient


def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    g = rnn_backward(x[None], h, h_next[None], dh_next[None], W_ih, W_hh, None, None)
    g["dx"], g["dh"] = g["dx"][0], g.pop("dh0")
    return g


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    return truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, len(x))


def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    T = len(x)
    before = np.concatenate([h0[None], hs[:-1]])
    da = 1 - np.square(hs)
    dh, dh0 = np.zeros_like(h0), None
    for t in range(T)[::-1]:
        da[t] *= dhs[t] + dh
        dh = da[t] @ W_hh
        if t == 0:
            dh0 = dh
        elif t % k == 0:
            dh = np.zeros_like(dh)
    flat = da.reshape(-1, da.shape[-1])
    return {
        "db_hh": flat.sum(0),
        "db_ih": flat.sum(0),
        "dW_hh": flat.T @ before.reshape(len(flat), -1),
        "dW_ih": flat.T @ x.reshape(len(flat), -1),
        "dh0": dh0,
        "dx": da @ W_ih,
    }
