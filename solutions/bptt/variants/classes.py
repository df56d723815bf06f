"""A class that keeps the sums and walks back, with column vectors as in the formulas; lists as results."""

import numpy as np


class Back:
    def __init__(self, W_ih, W_hh):
        self.W_ih, self.W_hh = W_ih, W_hh
        self.sums = [np.zeros(W_ih.shape), np.zeros(W_hh.shape), np.zeros(len(W_hh)), np.zeros(len(W_hh))]

    def step(self, dh_next, x, h, h_next):
        da = (dh_next * (1 - h_next**2)).T
        for total, part in zip(self.sums, [da @ x, da @ h, da.sum(1), da.sum(1)], strict=True):
            total += part
        return (self.W_ih.T @ da).T, (self.W_hh.T @ da).T

    @property
    def weights(self):
        return dict(zip(["dW_ih", "dW_hh", "db_ih", "db_hh"], [total.tolist() for total in self.sums], strict=True))


def numerical_gradient(f, x, eps=1e-5):
    def along(place):
        step = np.zeros(x.size)
        step[place] = eps
        step = step.reshape(x.shape)
        return f(x + step) - f(x - step)

    return (np.array([along(place) for place in range(x.size)]) / (2 * eps)).reshape(x.shape).tolist()


def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    back = Back(W_ih, W_hh)
    dx, dh = back.step(dh_next, x, h, h_next)
    return {"dx": dx, "dh": dh, **back.weights}


def walk(x, h0, hs, dhs, W_ih, W_hh, cut):
    back, dh = Back(W_ih, W_hh), 0
    dx = [None] * len(x)
    for t in range(len(x), 0, -1):
        dx[t - 1], dh = back.step(dhs[t - 1] + dh, x[t - 1], hs[t - 2] if t > 1 else h0, hs[t - 1])
        if cut(t - 1):
            dh = dh * 0
    return {"dx": np.array(dx), "dh0": dh, **back.weights}


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    return walk(x, h0, hs, dhs, W_ih, W_hh, lambda t: False)


def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    return walk(x, h0, hs, dhs, W_ih, W_hh, lambda t: t and t % k == 0)
