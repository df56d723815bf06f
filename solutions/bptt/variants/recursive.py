"""Recursions: over time, over chunks and over the axes of an array."""

import numpy as np


def numerical_gradient(f, x, eps=1e-5):
    moved = np.array(x)

    def entries(place):
        if len(place) == x.ndim:
            pair = []
            for step in (-eps, eps):
                moved[place] = x[place] + step
                pair.append(f(moved))
            moved[place] = x[place]
            return (pair[1] - pair[0]) / (eps + eps)
        return [entries((*place, index)) for index in range(x.shape[len(place)])]

    return np.array(entries(()))


def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next - dh_next * h_next**2
    both = da.T @ np.hstack([x, h, np.ones((len(x), 1))])
    to_both = da @ np.hstack([W_ih, W_hh])
    D, H = x.shape[1], h.shape[1]
    return {
        "dx": to_both[:, :D],
        "dh": to_both[:, D:],
        "dW_ih": both[:, :D],
        "dW_hh": both[:, D : D + H],
        "db_ih": both[:, -1],
        "db_hh": both[:, -1],
    }


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    """The first step, after all the steps behind it."""
    if len(x) == 1:
        upstream, later = dhs[0], None
    else:
        later = rnn_backward(x[1:], hs[0], hs[1:], dhs[1:], W_ih, W_hh, b_ih, b_hh)
        upstream = dhs[0] + later["dh0"]
    now = rnn_cell_backward(upstream, x[0], h0, hs[0], W_ih, W_hh)
    now["dh0"], now["dx"] = now.pop("dh"), now["dx"][None]
    return merge(now, later) if later else now


def merge(first, rest):
    added = {name: first[name] + rest[name] for name in first if name[1] in "Wb"}
    return {"dx": np.concatenate([first["dx"], rest["dx"]]), "dh0": first["dh0"], **added}


def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    weights = W_ih, W_hh, b_ih, b_hh
    first = rnn_backward(x[:k], h0, hs[:k], dhs[:k], *weights)
    if len(x) <= k:
        return first
    return merge(first, truncated_backward(x[k:], hs[k - 1], hs[k:], dhs[k:], *weights, k))
