"""A class that holds the weights and remembers its steps; the sequence goes back through the steps it remembered."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Layer:
    W_ih: np.ndarray
    W_hh: np.ndarray
    b_ih: np.ndarray
    b_hh: np.ndarray
    steps: list = field(default_factory=list)

    def gates(self, x, h):
        a = x @ self.W_ih.T + h @ self.W_hh.T + (self.b_ih + self.b_hh)
        H = h.shape[-1]
        s = sigmoid(a)
        return s[:, :H], s[:, H : 2 * H], np.tanh(a[:, 2 * H : 3 * H]), s[:, 3 * H :]

    def step(self, x, h, c):
        i, f, g, o = self.gates(x, h)
        new = i * g + f * c
        self.steps.append((x, h, c, i, f, g, o, new))
        return np.tanh(new) * o, new

    def back(self, dh, dc):
        x, h, c, i, f, g, o, new = self.steps.pop()
        t = np.tanh(new)
        dc = dc + o * dh - o * dh * t * t
        da = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 + g) * (1 - g), dh * t * o * (1 - o)])
        shares = {"dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(0), "db_hh": np.ones(len(da)) @ da}
        return {"dx": da @ self.W_ih, "dh": da @ self.W_hh, "dc": f * dc}, shares


def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    return Layer(W_ih, W_hh, b_ih, b_hh).gates(x, h)


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    return Layer(W_ih, W_hh, b_ih, b_hh).step(x, h, c)


def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    layer, pairs = Layer(W_ih, W_hh, b_ih, b_hh), [(h0, c0)]
    for x_t in x:
        pairs.append(layer.step(x_t, *pairs[-1]))
    hs, cs = zip(*pairs[1:], strict=True)
    return np.array(hs), np.array(cs)


def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    layer = Layer(W_ih, W_hh, b_ih, b_hh)
    layer.step(x, h, c)
    own, shares = layer.back(dh_next, dc_next)
    return own | shares


def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    layer, h, c = Layer(W_ih, W_hh, b_ih, b_hh), h0, c0
    for x_t in x:
        h, c = layer.step(x_t, h, c)
    dh, dc, dx, total = 0, 0, [], None
    while layer.steps:
        t = len(layer.steps) - 1
        own, shares = layer.back(dhs[t] + dh, dcs[t] + dc)
        dx.insert(0, own["dx"])
        dh, dc = own["dh"], own["dc"]
        total = {name: share + total[name] for name, share in shares.items()} if total else shares
    return {"dx": np.array(dx), "dh0": dh, "dc0": dc} | total
