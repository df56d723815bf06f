"""Column vectors as in the formulas, each matrix by its own name; the results are transposed or sliced views."""

import numpy as np


def by_name(W_ih, W_hh, b_ih, b_hh):
    both = np.hstack([W_ih, W_hh, (b_ih + b_hh)[:, None]])
    return np.vsplit(both, 4)


def stacked(x, h):
    return np.vstack([x.T, h.T, np.ones(len(x))])


def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    seen = stacked(x, h)
    i, f, g, o = (W @ seen for W in by_name(W_ih, W_hh, b_ih, b_hh))
    return sigmoid(i).T, sigmoid(f).T, np.tanh(g).T, sigmoid(o).T


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    new = np.zeros((2, *h.shape))
    new[1] = f * c
    new[1] += i * g
    new[0] = np.tanh(new[1])
    new[0] *= o
    return new[0], new[1]


def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    batch_first = np.zeros((2, len(h0), len(x) + 1, h0.shape[1]))
    batch_first[0, :, 0], batch_first[1, :, 0] = h0, c0
    for t in range(len(x)):
        before = batch_first[0, :, t], batch_first[1, :, t]
        batch_first[0, :, t + 1], batch_first[1, :, t + 1] = lstm_cell(x[t], *before, W_ih, W_hh, b_ih, b_hh)
    hs, cs = batch_first[:, :, 1:].swapaxes(1, 2)
    return hs, cs


def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    D = x.shape[1]
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    dc_all = dh_next * o
    dc_all *= 1 - np.tanh(c_next) ** 2
    dc_all += dc_next
    of_blocks = [
        (dc_all * g * i * (1 - i)).T,
        (dc_all * c * f * (1 - f)).T,
        (dc_all * i * (1 - g**2)).T,
        (dh_next * np.tanh(c_next) * o * (1 - o)).T,
    ]
    seen = stacked(x, h)
    d_seen = sum(W.T @ d for W, d in zip(by_name(W_ih, W_hh, b_ih, b_hh), of_blocks, strict=True))
    d_both = np.vstack([d @ seen.T for d in of_blocks])
    return {
        "dx": d_seen[:D].T,
        "dh": d_seen[D:-1].T,
        "dc": dc_all * f,
        "dW_ih": d_both[:, :D],
        "dW_hh": d_both[:, D:-1],
        "db_ih": d_both[:, -1],
        "db_hh": d_both[:, -1],
    }


def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh

    def back(t, dh, dc):
        """What reaches h0, c0, the weights and all inputs up to step t."""
        if t < 0:
            return {"dh0": dh, "dc0": dc, "dx": [], "dW_ih": 0, "dW_hh": 0, "db_ih": 0, "db_hh": 0}
        before = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        here = lstm_cell_backward(dh + dhs[t], dc + dcs[t], x[t], *before, *weights)
        found = back(t - 1, here["dh"], here["dc"])
        found["dx"].append(here["dx"])
        return found | {name: found[name] + here[name] for name in ("dW_ih", "dW_hh", "db_ih", "db_hh")}

    found = back(len(x) - 1, 0, 0)
    return found | {"dx": np.stack(found["dx"])}
