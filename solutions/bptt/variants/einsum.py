"""Einstein's summation in every product, and a difference of two evaluations along a basis of moves."""

import numpy as np
from numpy import einsum


def numerical_gradient(f, x, eps=1e-5):
    moves = eps * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(f(x + move) - f(x - move)) / (2 * eps) for move in moves]).reshape(x.shape)


def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    da = einsum("bi,bi->bi", dh_next, 1 - h_next * h_next)
    db = einsum("bi->i", da)
    return {
        "dx": einsum("bi,ij->bj", da, W_ih),
        "dh": einsum("bi,ij->bj", da, W_hh),
        "dW_ih": einsum("bi,bj->ij", da, x),
        "dW_hh": einsum("bi,bj->ij", da, h),
        "db_ih": db,
        "db_hh": db.copy(),
    }


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    slopes, states = 1 - hs**2, np.stack([h0, *hs])
    da, back = [], np.zeros(h0.shape)
    for upstream, slope in zip(dhs[::-1], slopes[::-1], strict=True):
        da.insert(0, (upstream + back) * slope)
        back = einsum("bi,ij->bj", da[0], W_hh)
    da = np.array(da)
    return {
        "dx": einsum("tbi,ij->tbj", da, W_ih),
        "dh0": back,
        "dW_ih": einsum("tbi,tbj->ij", da, x),
        "dW_hh": einsum("tbi,tbj->ij", da, states[:-1]),
        "db_ih": einsum("tbi->i", da),
        "db_hh": einsum("tbi->i", da),
    }


def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    states = np.stack([h0, *hs])
    cuts = list(range(0, len(x), k))
    parts = [rnn_backward(x[c : c + k], states[c], hs[c : c + k], dhs[c : c + k], W_ih, W_hh, b_ih, b_hh) for c in cuts]
    summed = {name: sum(part[name] for part in parts) for name in ("dW_ih", "dW_hh", "db_ih", "db_hh")}
    return summed | {"dx": np.vstack([part["dx"] for part in parts]), "dh0": parts[0]["dh0"]}
