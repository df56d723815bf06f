"""What waits for no step is done for all steps at once: the slopes before the walk, the weights' gradients after it."""

import numpy as np


def split_products(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=-1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=-1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    return r, z, np.tanh(i_n + r * u), u


def gru_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    return split_products(x, h, W_ih, W_hh, b_ih, b_hh)


def gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    back = gru_backward(x[None], h, dh_next[None], W_ih, W_hh, b_ih, b_hh)
    back["dh"] = back.pop("dh0")
    back["dx"] = back["dx"][0]
    return back


def gru_backward(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    steps, H = len(x), h0.shape[1]
    before = np.empty((steps + 1, *h0.shape))
    before[0] = h0
    for t in range(steps):
        _, z, n, _ = split_products(x[t], before[t], W_ih, W_hh, b_ih, b_hh)
        before[t + 1] = n + z * (before[t] - n)
    before = before[:-1]
    r, z, n, u = split_products(x, before, W_ih, W_hh, b_ih, b_hh)
    slope_n = (1 - z) * (1 - n**2)
    slopes = np.concatenate([slope_n * u * r * (1 - r), (before - n) * z * (1 - z), slope_n * r], axis=2)
    d_state, dn, dh = np.empty_like(slopes), np.empty_like(n), 0
    for t in range(steps - 1, -1, -1):
        dh = dh + dhs[t]
        dn[t] = dh * slope_n[t]
        d_state[t] = np.tile(dh, 3) * slopes[t]
        dh = dh * z[t] + d_state[t] @ W_hh
    d_input = d_state.copy()
    d_input[:, :, 2 * H :] = dn
    return {
        "dx": np.tensordot(d_input, W_ih, 1),
        "dh0": dh,
        "dW_ih": np.tensordot(d_input, x, ((0, 1), (0, 1))),
        "dW_hh": np.tensordot(d_state, before, ((0, 1), (0, 1))),
        "db_ih": d_input.sum((0, 1)),
        "db_hh": d_state.sum((0, 1)),
    }


def dropped_path(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    weights = [W_ih, W_hh, b_ih, b_hh]
    H = h.shape[1]
    r, z, n, u = gru_gates(x, h, *weights)
    slope_n = dh_next * (1 - z) * (1 - n**2)
    parts = slope_n * u * r * (1 - r), dh_next * (h - n) * z * (1 - z), slope_n * r
    ways = [part @ W_hh[k * H : (k + 1) * H] for k, part in enumerate(parts)]
    keep = gru_cell_backward(dh_next, x, h, *weights)["dh"] - sum(ways)
    names = ["reset", "update", "candidate", "keep"]
    without = [sum([*ways, keep]) - way for way in [*ways, keep]]
    return {name: np.allclose(dh, left) for name, left in zip(names, without, strict=True)}
