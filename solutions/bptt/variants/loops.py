"""Plain Python loops over rows, units and inputs; nothing is a matrix product."""

import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    out = np.zeros_like(x)
    flat = out.reshape(-1)
    for place in range(x.size):
        values = []
        for sign in (1, -1):
            moved = x.copy()
            moved.reshape(-1)[place] += sign * eps
            values.append(f(moved))
        flat[place] = (values[0] - values[1]) / (2 * eps)
    return out


def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    (B, D), H = x.shape, h.shape[1]
    g = {
        "dx": np.zeros((B, D)),
        "dh": np.zeros((B, H)),
        "dW_ih": np.zeros((H, D)),
        "dW_hh": np.zeros((H, H)),
        "db_ih": np.zeros(H),
        "db_hh": np.zeros(H),
    }
    for b in range(B):
        for i in range(H):
            da = dh_next[b, i] * (1 - h_next[b, i]) * (1 + h_next[b, i])
            for j in range(D):
                g["dx"][b, j] += da * W_ih[i, j]
                g["dW_ih"][i, j] += da * x[b, j]
            for j in range(H):
                g["dh"][b, j] += da * W_hh[i, j]
                g["dW_hh"][i, j] += da * h[b, j]
            g["db_ih"][i] += da
            g["db_hh"][i] += da
    return g


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    T = x.shape[0]
    total = None
    dx = np.zeros(x.shape)
    back = np.zeros(h0.shape)
    for t in range(T - 1, -1, -1):
        previous = h0 if t == 0 else hs[t - 1]
        part = rnn_cell_backward(dhs[t] + back, x[t], previous, hs[t], W_ih, W_hh)
        dx[t], back = part.pop("dx"), part.pop("dh")
        total = part if total is None else {name: total[name] + part[name] for name in part}
    return {"dx": dx, "dh0": back, **total}


def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    T = x.shape[0]
    dx, total, start = np.zeros(x.shape), None, 0
    while start < T:
        end = min(start + k, T)
        first = h0 if start == 0 else hs[start - 1]
        part = rnn_backward(x[start:end], first, hs[start:end], dhs[start:end], W_ih, W_hh, b_ih, b_hh)
        dx[start:end] = part.pop("dx")
        if total is None:
            total = part
            start = end
            continue
        for name in ("dW_ih", "dW_hh", "db_ih", "db_hh"):
            total[name] += part[name]
        start = end
    return {"dx": dx, **total}
