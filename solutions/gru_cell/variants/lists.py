"""Lists of numbers from end to end, and a list of lists as the result."""

from math import exp, tanh


def sigmoid(a):
    if isinstance(a, list):
        return [sigmoid(each) for each in a]
    if hasattr(a, "tolist"):
        return sigmoid(a.tolist())
    return 1 / (1 + exp(-a)) if a > 0 else exp(a) / (1 + exp(a))


def product(W, v, b):
    return [sum(w * x for w, x in zip(row, v, strict=True)) + bias for row, bias in zip(W, b, strict=True)]


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    states = []
    for x_b, h_b in zip(x, h, strict=True):
        H = len(h_b)
        from_x, from_h = product(W_ih, x_b, b_ih), product(W_hh, h_b, b_hh)
        r = sigmoid([from_x[u] + from_h[u] for u in range(H)])
        z = sigmoid([from_x[u] + from_h[u] for u in range(H, 2 * H)])
        n = [tanh(from_x[2 * H + u] + r[u] * from_h[2 * H + u]) for u in range(H)]
        states.append([(1 - z[u]) * n[u] + z[u] * h_b[u] for u in range(H)])
    return states


def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    states = [h0]
    for x_t in x:
        states.append(gru_cell(x_t, states[-1], W_ih, W_hh, b_ih, b_hh))
    return states[1:]
