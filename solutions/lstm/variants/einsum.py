"""Every product as an einsum over named axes, blocks as an axis of their own."""

import numpy as np


def sigmoid(a):
    return (1 + np.tanh(a / 2)) / 2


def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    a = np.einsum("bd,khd->kbh", x, W_ih.reshape(4, H, -1)) + np.einsum("bj,khj->kbh", h, W_hh.reshape(4, H, H))
    a += (b_ih + b_hh).reshape(4, 1, H)
    i, f, o = sigmoid(a[[0, 1, 3]])
    return i, f, np.tanh(a[2]), o


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c = np.einsum("kbh,kbh->bh", np.stack([f, i]), np.stack([c, g]))
    return o * np.tanh(c), c


def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    states = np.empty((2, len(x) + 1, *h0.shape))
    states[:, 0] = h0, c0
    for t in range(len(x)):
        states[:, t + 1] = lstm_cell(x[t], *states[:, t], W_ih, W_hh, b_ih, b_hh)
    return states[0, 1:], states[1, 1:]


def preactivation_gradients(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    shown = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o / np.cosh(f * c + i * g) ** 2
    slopes = np.stack([i - i * i, f - f * f, 1 - g * g, o - o * o])
    return np.stack([dc * g, dc * c, dc * i, dh_next * shown]) * slopes, dc * f


def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    da, dc = preactivation_gradients(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh)
    H = h.shape[1]
    bias = np.einsum("kbh->kh", da).reshape(4 * H)
    return {
        "db_hh": bias,
        "db_ih": bias,
        "dW_hh": np.einsum("kbh,bj->khj", da, h).reshape(W_hh.shape),
        "dW_ih": np.einsum("kbh,bd->khd", da, x).reshape(W_ih.shape),
        "dc": dc,
        "dh": np.einsum("kbh,khj->bj", da, W_hh.reshape(4, H, H)),
        "dx": np.einsum("kbh,khd->bd", da, W_ih.reshape(4, H, -1)),
    }


def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    T, H = len(x), h0.shape[1]
    before_h, before_c = np.concatenate([h0[None], hs[:-1]]), np.concatenate([c0[None], cs[:-1]])
    da, dh, dc = np.empty((T, 4, *h0.shape)), np.zeros(h0.shape), np.zeros(c0.shape)
    for t in range(T - 1, -1, -1):
        args = dhs[t] + dh, dcs[t] + dc, x[t], before_h[t], before_c[t]
        da[t], dc = preactivation_gradients(*args, W_ih, W_hh, b_ih, b_hh)
        dh = np.einsum("kbh,khj->bj", da[t], W_hh.reshape(4, H, H))
    bias = np.einsum("tkbh->kh", da).ravel()
    return {
        "dx": np.einsum("tkbh,khd->tbd", da, W_ih.reshape(4, H, -1)),
        "dh0": dh,
        "dc0": dc,
        "dW_ih": np.einsum("tkbh,tbd->khd", da, x).reshape(W_ih.shape),
        "dW_hh": np.einsum("tkbh,tbj->khj", da, before_h).reshape(W_hh.shape),
        "db_ih": bias,
        "db_hh": bias.copy(),
    }
