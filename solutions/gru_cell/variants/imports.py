"""Tools of the standard library and names imported from NumPy, in a helper that makes the step."""

from __future__ import annotations

import operator
from collections import namedtuple
from functools import partial
from itertools import accumulate

from numpy import abs, add, array_split, exp, matmul, multiply, sign, stack, subtract, tanh

Blocks = namedtuple("Blocks", "r z n")


def sigmoid(a):
    e = exp(operator.neg(abs(a)))
    return 0.5 + 0.5 * sign(a) * (1 - e) / (1 + e)


def blocks(v, W, b):
    return Blocks(*array_split(add(matmul(v, W.T), b), 3, axis=-1))


def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    ours, theirs = blocks(x, W_ih, b_ih), blocks(h, W_hh, b_hh)
    r, z = map(sigmoid, map(add, ours[:2], theirs[:2]))
    n = tanh(add(ours.n, multiply(r, theirs.n)))
    return add(n, multiply(z, subtract(h, n)))


def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    step = partial(gru_cell, W_ih=W_ih, W_hh=W_hh, b_ih=b_ih, b_hh=b_hh)
    _, *states = accumulate(x, lambda h, x_t: step(x_t, h), initial=h0)
    return stack(states)
