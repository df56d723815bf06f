"""Column vectors as in the formulas, each matrix by its own name; the results are transposed or sliced views."""

import numpy as np


def gru_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    W_ir, W_iz, W_in = np.vsplit(np.column_stack([W_ih, b_ih]), 3)
    W_hr, W_hz, W_hn = np.vsplit(np.column_stack([W_hh, b_hh]), 3)
    x1, h1 = np.vstack([x.T, np.ones(len(x))]), np.vstack([h.T, np.ones(len(h))])
    r, z, u = sigmoid(W_ir @ x1 + W_hr @ h1), sigmoid(W_iz @ x1 + W_hz @ h1), W_hn @ h1
    return r.T, z.T, np.tanh(W_in @ x1 + r * u).T, u.T


def sources(dh_next, x, h, weights):
    r, z, n, u = (gate.T for gate in gru_gates(x, h, *weights))
    d = dh_next.T
    n_bar = d - z * d
    a_n = n_bar - n_bar * n * n
    a_z = d * z * (h.T - n)
    a_z -= a_z * z
    a_r = a_n * u * r
    a_r -= a_r * r
    return z, a_r, a_z, a_n, a_n * r


def gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    D, H = x.shape[1], h.shape[1]
    z, a_r, a_z, a_n, u_bar = sources(dh_next, x, h, (W_ih, W_hh, b_ih, b_hh))
    x1, h1 = np.column_stack([x, np.ones(len(x))]), np.column_stack([h, np.ones(len(h))])
    by_x = np.vstack([part @ x1 for part in (a_r, a_z, a_n)])
    by_h = np.vstack([part @ h1 for part in (a_r, a_z, u_bar)])
    back = z * dh_next.T
    for part, W in zip((a_r, a_z, u_bar), np.vsplit(W_hh, 3), strict=True):
        back += W.T @ part
    dx = sum(W.T @ part for part, W in zip((a_r, a_z, a_n), np.vsplit(W_ih, 3), strict=True))
    return {
        "dx": dx.T,
        "dh": back.T,
        "dW_ih": by_x[:, :D],
        "dW_hh": by_h[:, :H],
        "db_ih": by_x[:, -1],
        "db_hh": by_h[:, -1],
    }


def gru_backward(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh

    def through(t, h):
        """The gradients of steps t and later, and of the state h from which they start."""
        if t == len(x):
            return {"dx": [], "dh0": 0, "dW_ih": 0, "dW_hh": 0, "db_ih": 0, "db_hh": 0}
        _, z, n, _ = gru_gates(x[t], h, *weights)
        later = through(t + 1, z * h + n - z * n)
        here = gru_cell_backward(dhs[t] + later["dh0"], x[t], h, *weights)
        later["dx"].append(here["dx"])
        summed = {name: later[name] + here[name] for name in ("dW_ih", "dW_hh", "db_ih", "db_hh")}
        return {"dx": later["dx"], "dh0": here["dh"], **summed}

    found = through(0, h0)
    found["dx"] = np.stack(found["dx"])[::-1]
    return found


def dropped_path(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    W_hr, W_hz, W_hn = np.vsplit(W_hh, 3)
    z, a_r, a_z, _, u_bar = sources(dh_next, x, h, weights)
    lost = gru_cell_backward(dh_next, x, h, *weights)["dh"].T - dh.T
    size = abs(lost).max()

    def fits(way):
        return bool(size > 1e-12 and abs(way - lost).max() < 1e-9 * abs(way).max())

    by_way = [("reset", W_hr.T @ a_r), ("update", W_hz.T @ a_z), ("candidate", W_hn.T @ u_bar), ("keep", z * dh_next.T)]
    return {name: fits(way) for name, way in by_way}
