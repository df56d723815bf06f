"""Lists of numbers from end to end, and lists as results."""

from math import exp, log, tanh


def affine(W, v, b):
    return [sum(w * x for w, x in zip(row, v, strict=True)) + bias for row, bias in zip(W, b, strict=True)]


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    return [
        [tanh(i + j) for i, j in zip(affine(W_ih, x_b, b_ih), affine(W_hh, h_b, b_hh), strict=True)]
        for x_b, h_b in zip(x, h, strict=True)
    ]


def rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = [row if t < length else [0.0] * len(row) for row, length in zip(h, lengths, strict=True)]
        states.append(h)
    return states


def loss(logits, target):
    largest = max(logits)
    return log(sum(exp(a - largest) for a in logits)) + largest - logits[target]


def cross_entropy(logits, targets):
    losses = [loss(list(a), y) for rows, ys in zip(logits, targets, strict=True) for a, y in zip(rows, ys, strict=True)]
    return sum(losses) / len(losses)


def pick(p, u):
    total = 0.0
    for k, each in enumerate(p):
        total += each
        if total > u:
            return k
    return len(p) - 1


def sample(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, drawn = [[0.0] * len(b_hh)], [start]
    for each in u:
        x = [[float(k == drawn[-1]) for k in range(len(b_out))]]
        h = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
        a = [logit / temperature for logit in affine(W_out, h[0], b_out)]
        e = [exp(logit - max(a)) for logit in a]
        drawn.append(pick([part / sum(e) for part in e], each))
    return drawn[1:]
