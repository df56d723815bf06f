"""einsum for every product, the input's part of all steps before the loop, np.logaddexp and np.searchsorted."""

import numpy as np


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(np.einsum("bd,hd->bh", x, W_ih) + np.einsum("bj,hj->bh", h, W_hh) + (b_ih + b_hh))


def rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    T, B, _ = x.shape
    running = np.ones((T, B), dtype=bool) if lengths is None else np.arange(T)[:, None] < np.asarray(lengths)
    from_input = np.einsum("tbd,hd->tbh", np.where(running[:, :, None], x, 0), W_ih) + b_ih
    states, h = np.empty((T, *h0.shape)), h0
    for t in range(T):
        h = np.tanh(from_input[t] + np.einsum("bj,hj->bh", h, W_hh) + b_hh)
        states[t] = h
    states[~running] = 0
    return states


def cross_entropy(logits, targets):
    of_target = np.einsum("tbk,tbk->tb", logits, np.eye(logits.shape[-1])[targets])
    return (np.logaddexp.reduce(logits, axis=-1) - of_target).mean()


def sample(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    K = b_out.size
    one_hot = np.eye(K)
    h = np.zeros((1, b_ih.size))
    drawn = []
    last = start
    for number in u:
        h = rnn_cell(one_hot[last : last + 1], h, W_ih, W_hh, b_ih, b_hh)
        a = (np.einsum("kh,bh->k", W_out, h) + b_out) / temperature
        cumulative = np.cumsum(np.exp(a - np.logaddexp.reduce(a)))
        last = min(int(np.searchsorted(cumulative, number, side="right")), K - 1)
        drawn.append(last)
    return np.array(drawn)
