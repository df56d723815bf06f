"""One affine map of input and state side by side, in a class that holds the weights."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Cell:
    W: np.ndarray
    b: np.ndarray

    @classmethod
    def of(cls, W_ih, W_hh, b_ih, b_hh):
        return cls(np.hstack([W_ih, W_hh]), b_ih + b_hh)

    def __call__(self, x, h):
        return np.tanh(np.concatenate([x, h], axis=1) @ self.W.T + self.b)


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    return Cell.of(W_ih, W_hh, b_ih, b_hh)(x, h)


def rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    cell = Cell.of(W_ih, W_hh, b_ih, b_hh)
    states = []
    for t in range(len(x)):
        states.append(cell(x[t], states[-1] if states else h0))
    states = np.array(states)
    if lengths is not None:
        for b, length in enumerate(lengths):
            states[length:, b] = 0
    return states


def log_softmax(a):
    a = a - a.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


def cross_entropy(logits, targets):
    flat = log_softmax(logits).reshape(-1, logits.shape[-1])
    return float(-flat[np.arange(len(flat)), targets.ravel()].mean())


def sample(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    cell = Cell.of(W_ih, W_hh, b_ih, b_hh)
    K, H = W_out.shape
    h, drawn = np.zeros((1, H)), []
    for number in u:
        previous = drawn[-1] if drawn else start
        h = cell(np.eye(K)[[previous]], h)
        p = np.exp(log_softmax((h @ W_out.T + b_out)[0] / temperature))
        above = np.append(np.cumsum(p)[:-1], 2) > number
        drawn.append(int(above.argmax()))
    return drawn
