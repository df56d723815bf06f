"""A row of the batch at a time, collected in lists; the result is put together at the end."""

import numpy as np

BLOCKS = ("r", "z", "n")


def row_gates(x, h, W, U, b, c):
    r = sigmoid(W["r"] @ x + b["r"] + U["r"] @ h + c["r"])
    z = sigmoid(W["z"] @ x + b["z"] + U["z"] @ h + c["z"])
    u = U["n"] @ h + c["n"]
    return r, z, np.tanh(W["n"] @ x + b["n"] + r * u), u


def named(*packed):
    return [dict(zip(BLOCKS, np.split(array, 3), strict=True)) for array in packed]


def gru_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    weights = named(W_ih, W_hh, b_ih, b_hh)
    rows = [row_gates(*row, *weights) for row in zip(x, h, strict=True)]
    return tuple(np.array(gate) for gate in zip(*rows, strict=True))


def row_back(d, x, h, W, U, b, c):
    r, z, n, u = row_gates(x, h, W, U, b, c)
    to_n = d * (1 - z) * (1 - n**2)
    for_x = {"r": to_n * u * r * (1 - r), "z": d * (h - n) * z * (1 - z), "n": to_n}
    for_h = {**for_x, "n": to_n * r}
    ways = {"keep": d * z, **{k: U[k].T @ for_h[k] for k in BLOCKS}}
    dx = sum(W[k].T @ for_x[k] for k in BLOCKS)
    outer = [np.vstack([np.outer(part[k], seen) for k in BLOCKS]) for part, seen in [(for_x, x), (for_h, h)]]
    biases = [np.hstack([part[k] for k in BLOCKS]) for part in (for_x, for_h)]
    return dx, ways, outer + biases


def gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    weights = named(W_ih, W_hh, b_ih, b_hh)
    rows = [row_back(*row, *weights) for row in zip(dh_next, x, h, strict=True)]
    found = {"dx": np.array([dx for dx, _, _ in rows])}
    found["dh"] = np.array([sum(ways.values()) for _, ways, _ in rows])
    for place, name in enumerate(["dW_ih", "dW_hh", "db_ih", "db_hh"]):
        found[name] = sum(shared[place] for _, _, shared in rows)
    return found


def gru_backward(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    before = []
    h = h0
    for x_t in x:
        before.append(h)
        _, z, n, _ = gru_gates(x_t, h, *weights)
        h = z * h + (1 - z) * n
    back = []
    coming = np.zeros_like(h0)
    for x_t, h_t, d_t in zip(x[::-1], before[::-1], dhs[::-1], strict=True):
        back.append(gru_cell_backward(d_t + coming, x_t, h_t, *weights))
        coming = back[-1]["dh"]
    whole = {name: sum(step[name] for step in back) for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]}
    return {"dx": [step["dx"].tolist() for step in back[::-1]], "dh0": coming, **whole}


def dropped_path(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    weights = named(W_ih, W_hh, b_ih, b_hh)
    answers = {"keep": [], "n": [], "z": [], "r": []}
    for given, *row in zip(dh, dh_next, x, h, strict=True):
        _, ways, _ = row_back(*row, *weights)
        for name, way in ways.items():
            others = sum(other for key, other in ways.items() if key != name)
            answers[name].append(np.abs(others - given).max() < 1e-9 < np.abs(way).max())
    found = {name: np.all(each) for name, each in answers.items()}
    return {"keep": found["keep"], "candidate": found["n"], "update": found["z"], "reset": found["r"]}
