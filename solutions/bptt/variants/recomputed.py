"""Every step made anew from its inputs instead of taken from `hs`; the input and the state in one product."""

import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    x = x.copy()
    gradient = np.ones(x.shape)
    for entry, value in np.ndenumerate(x):
        x[entry] = value - eps
        gradient[entry] = -f(x)
        x[entry] = value + eps
        gradient[entry] += f(x)
        x[entry] = value
    gradient /= 2 * eps
    return gradient


def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    slope = 1 / np.cosh(np.arctanh(h_next)) ** 2
    da = np.multiply(dh_next, slope)
    ones = np.ones(len(x))
    return {
        "dW_hh": np.dot(h.T, da).T,
        "dW_ih": np.dot(x.T, da).T,
        "db_hh": ones @ da,
        "db_ih": ones @ da,
        "dh": np.dot(W_hh.T, da.T).T,
        "dx": np.dot(W_ih.T, da.T).T,
    }


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    states = [h0]
    for x_t in x:
        states.append(np.tanh(np.hstack([x_t, states[-1]]) @ np.hstack([W_ih, W_hh]).T + (b_ih + b_hh)))
    dh, dx = np.zeros(h0.shape), []
    dW, db = 0, 0
    while len(states) > 1:
        h_next, h = states.pop(), states[-1]
        t = len(states) - 1
        da = (dh + dhs[t]) * (1 - h_next**2)
        dW = dW + da.T @ np.hstack([x[t], h])
        db = db + da.sum(0)
        dx.append(da @ W_ih)
        dh = da @ W_hh
    D = x.shape[-1]
    return {"dx": np.array(dx[::-1]), "dh0": dh, "dW_ih": dW[:, :D], "dW_hh": dW[:, D:], "db_ih": db, "db_hh": db}


def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    result = None
    for chunk_x, chunk_hs, chunk_dhs in zip(*(pieces(a, k) for a in (x, hs, dhs)), strict=True):
        now = rnn_backward(chunk_x, h0, chunk_hs, chunk_dhs, W_ih, W_hh, b_ih, b_hh)
        h0 = chunk_hs[-1]
        if result is None:
            result = now
            continue
        result["dx"] = np.concatenate([result["dx"], now["dx"]])
        for name in result.keys() - {"dx", "dh0"}:
            result[name] = result[name] + now[name]
    return result


def pieces(array, k):
    return np.split(array, range(k, len(array), k))
