"""Lists of numbers from end to end, and lists as results."""

from math import exp, log, prod, sqrt
from statistics import fmean, stdev


def shared_gradients(dy, x):
    dy = [row for step in dy.tolist() for row in step]
    x = [row for step in x.tolist() for row in step]
    columns = list(zip(*dy, strict=True))
    inputs = list(zip(*x, strict=True))
    dW = [[sum(g * v for g, v in zip(gs, vs, strict=True)) for vs in inputs] for gs in columns]
    return [dW, [sum(gs) for gs in columns]]


def negated(row):
    return [-number for number in row] if isinstance(row, list) else -row


def z_replaces(packed):
    rows = packed.tolist()
    H = len(rows) // 3
    return rows[:H] + [negated(row) for row in rows[H:-H]] + rows[-H:]


def lamps(presses, on):
    states, on = [], on.tolist()
    for pressed in presses.tolist():
        on = [was != press for was, press in zip(on, pressed, strict=True)]
        states.append(on)
    return states


def half_life_bias(k):
    zeros = [0.0] * len(k)
    return [*zeros, *(-log(2 ** (1 / each) - 1) for each in k.tolist()), *zeros]


def time_constants(z):
    units = zip(*(row for step in z.tolist() for row in step), strict=True)
    means = [prod(number ** (1 / (len(z) * len(z[0]))) for number in unit) for unit in units]
    return [-1 / log(mean) for mean in means]


def chosen_errors(valid, test):
    return [
        min(zip(judge, errors, strict=True))[1] for judge, errors in zip(valid.tolist(), test.tolist(), strict=True)
    ]


def paired_factor(a, b, t):
    d = [log(x / y) for x, y in zip(a, b, strict=True)]
    middle, reach = fmean(d), t * stdev(d) / sqrt(len(d))
    return [exp(middle + sign * reach) for sign in (0, -1, 1)]
