"""Row by row: each sequence of the batch by itself, with the formulas for one vector, and sums in plain loops."""

import numpy as np


def gates_of_one(x, h, W_ih, W_hh, b_ih, b_hh):
    H = len(h)
    a = W_ih @ x + b_ih + W_hh @ h + b_hh
    return sigmoid(a[:H]), sigmoid(a[H : 2 * H]), np.tanh(a[2 * H : 3 * H]), sigmoid(a[3 * H :])


def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    rows = [gates_of_one(x_b, h_b, W_ih, W_hh, b_ih, b_hh) for x_b, h_b in zip(x, h, strict=True)]
    return tuple(np.array([row[k] for row in rows]) for k in range(4))


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    h_next, c_next = np.zeros_like(h), np.zeros_like(c)
    for b in range(len(x)):
        i, f, g, o = gates_of_one(x[b], h[b], W_ih, W_hh, b_ih, b_hh)
        for k in range(len(i)):
            c_next[b, k] = f[k] * c[b, k] + i[k] * g[k]
            h_next[b, k] = o[k] * np.tanh(c_next[b, k])
    return h_next, c_next


def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    hs, cs = np.zeros((len(x), *h0.shape)), np.zeros((len(x), *c0.shape))
    h, c = h0, c0
    for t in range(len(x)):
        hs[t], cs[t] = lstm_cell(x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        h, c = hs[t], cs[t]
    return hs, cs


def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h), np.zeros_like(c)
    dW_ih, dW_hh, db = np.zeros_like(W_ih), np.zeros_like(W_hh), np.zeros_like(b_ih)
    for b in range(len(x)):
        i, f, g, o = gates_of_one(x[b], h[b], W_ih, W_hh, b_ih, b_hh)
        new = f * c[b] + i * g
        d_new = dh_next[b] * o * (1 - np.tanh(new) ** 2)
        d_new = d_new + dc_next[b]
        d_i, d_f, d_g, d_o = d_new * g, d_new * c[b], d_new * i, dh_next[b] * np.tanh(new)
        da = np.hstack([d_i * i * (1 - i), d_f * f * (1 - f), d_g * (1 - g**2), d_o * o * (1 - o)])
        dx[b], dh[b], dc[b] = W_ih.T @ da, W_hh.T @ da, d_new * f
        dW_ih += np.outer(da, x[b])
        dW_hh += np.outer(da, h[b])
        db += da
    return {"dx": dx, "dh": dh, "dc": dc, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db, "db_hh": db}


def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    total = {
        "dx": np.zeros_like(x),
        "dW_ih": np.zeros_like(W_ih),
        "dW_hh": np.zeros_like(W_hh),
        "db_ih": np.zeros_like(b_ih),
        "db_hh": np.zeros_like(b_hh),
    }
    dh, dc = dhs[-1], dcs[-1]
    for t in range(len(x) - 1, -1, -1):
        h = hs[t - 1] if t > 0 else h0
        c = cs[t - 1] if t > 0 else c0
        step = lstm_cell_backward(dh, dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        for name in ("dW_ih", "dW_hh", "db_ih", "db_hh"):
            total[name] += step[name]
        total["dx"][t] = step["dx"]
        dh, dc = step["dh"], step["dc"]
        if t > 0:
            dh, dc = dh + dhs[t - 1], dc + dcs[t - 1]
    total["dh0"], total["dc0"] = dh, dc
    return total
