"""What waits for no step is done for all steps at once: the input's part before the loop, the weights' after it."""

import numpy as np


def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    return curves(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def curves(a):
    i, f, g, o = np.split(a, 4, axis=-1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c = f * c + i * g
    return o * np.tanh(c), c


def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    from_x, W = x @ W_ih.T + (b_ih + b_hh), W_hh.T
    hs, cs = np.empty((2, len(x), *h0.shape))
    h, c = h0, c0
    for t, part in enumerate(from_x):
        i, f, g, o = curves(part + h @ W)
        c = cs[t] = f * c + i * g
        h = hs[t] = o * np.tanh(c)
    return hs, cs


def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    h_next, c_next = lstm_cell(x, h, c, *weights)
    back = lstm_backward(x[None], h, c, h_next[None], c_next[None], dh_next[None], dc_next[None], *weights)
    back["dx"] = back["dx"][0]
    back["dh"] = back.pop("dh0")
    back["dc"] = back.pop("dc0")
    return back


def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    H = h0.shape[1]
    h_before, c_before = np.concatenate([h0[None], hs[:-1]]), np.concatenate([c0[None], cs[:-1]])
    i, f, g, o = curves(x @ W_ih.T + b_ih + h_before @ W_hh.T + b_hh)
    shown = np.tanh(cs)
    through_h = o * (1 - shown**2)
    slopes = np.concatenate([g * i * (1 - i), c_before * f * (1 - f), i * (1 - g**2)], axis=2)
    slope_o = shown * o * (1 - o)
    da, dh, dc = np.empty((*x.shape[:2], 4 * H)), np.zeros_like(h0), np.zeros_like(c0)
    for t in range(len(x))[::-1]:
        dh = dh + dhs[t]
        dc = dc + dcs[t] + dh * through_h[t]
        da[t, :, : 3 * H] = np.tile(dc, 3) * slopes[t]
        da[t, :, 3 * H :] = dh * slope_o[t]
        dh, dc = da[t] @ W_hh, dc * f[t]
    flat = da.reshape(-1, 4 * H)
    return {
        "dx": da @ W_ih,
        "dh0": dh,
        "dc0": dc,
        "dW_ih": flat.T @ x.reshape(len(flat), -1),
        "dW_hh": flat.T @ h_before.reshape(len(flat), -1),
        "db_ih": flat.sum(axis=0),
        "db_hh": flat.sum(axis=0),
    }
