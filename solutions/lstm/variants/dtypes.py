"""In the precision of its inputs: float32 in, float32 out, and so float64 where that is given; parts as lists."""

import numpy as np


def sigmoid(a):
    one = a.dtype.type(1)
    e = np.exp(-np.abs(a))
    return np.where(a < 0, e, one) / (one + e)


def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    a = np.dot(x, W_ih.T) + np.dot(h, W_hh.T)
    a += b_ih
    a += b_hh
    i, f, g, o = (block.copy() for block in np.array_split(a, 4, axis=1))
    return [sigmoid(i), sigmoid(f), np.tanh(g, dtype=a.dtype), sigmoid(o)]


def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    gates = dict(zip("ifgo", lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh), strict=True))
    new = np.empty(c.shape, dtype=np.result_type(x, h, c))
    np.multiply(gates["f"], c, out=new)
    new += gates["i"] * gates["g"]
    return [gates["o"] * np.tanh(new), new]


def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for t in range(x.shape[0]):
        h, c = lstm_cell(x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        hs += [h]
        cs += [c]
    return hs, cs


def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    one = i.dtype.type(1)
    memory = f * c + i * g
    through = np.array(dc_next, copy=True)
    through += dh_next * o * (one - np.square(np.tanh(memory)))
    da = np.empty((len(x), 4 * h.shape[1]), dtype=i.dtype)
    di, df, dg, do = np.split(da, 4, axis=1)
    di[:] = through * g * (i - i * i)
    df[:] = through * c * (f - f * f)
    dg[:] = through * i * (one - g * g)
    do[:] = dh_next * np.tanh(memory) * (o - o * o)
    out = {"dx": da.dot(W_ih), "dh": da.dot(W_hh), "dc": through * f}
    out["dW_ih"], out["dW_hh"] = da.T.dot(x), da.T.dot(h)
    out["db_ih"] = out["db_hh"] = np.add.reduce(da, axis=0)
    return {name: gradient.tolist() if name == "dc" else gradient for name, gradient in out.items()}


def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    dh, dc, dx, steps = np.zeros_like(h0), np.zeros_like(c0), [], []
    for t in range(len(x) - 1, -1, -1):
        h, c = (h0, c0) if t == 0 else (hs[t - 1], cs[t - 1])
        steps.append(lstm_cell_backward(dh + dhs[t], dc + dcs[t], x[t], h, c, W_ih, W_hh, b_ih, b_hh))
        dh, dc = steps[-1]["dh"], np.array(steps[-1]["dc"])
        dx.append(steps[-1]["dx"])
    sums = {name: sum(step[name] for step in steps) for name in ("dW_ih", "dW_hh", "db_ih", "db_hh")}
    return {"dx": dx[::-1], "dh0": dh, "dc0": dc, **sums}
