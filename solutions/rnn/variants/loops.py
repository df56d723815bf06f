"""Explicit loops over rows, units and characters; results written into arrays made beforehand."""

import math

import numpy as np


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    B, H = h.shape
    new = np.zeros((B, H))
    for b in range(B):
        for i in range(H):
            a = b_ih[i] + b_hh[i]
            for j in range(x.shape[1]):
                a += W_ih[i, j] * x[b, j]
            for j in range(H):
                a += W_hh[i, j] * h[b, j]
            new[b, i] = math.tanh(a)
    return new


def rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    T, B, _ = x.shape
    states = np.zeros((T, B, h0.shape[1]))
    for b in range(B):
        h = h0[b : b + 1]
        for t in range(T if lengths is None else int(lengths[b])):
            h = rnn_cell(x[t, b : b + 1], h, W_ih, W_hh, b_ih, b_hh)
            states[t, b] = h[0]
    return states


def cross_entropy(logits, targets):
    T, B, _ = logits.shape
    total = 0.0
    for t in range(T):
        for b in range(B):
            largest = max(logits[t, b])
            total += largest + math.log(sum(math.exp(a - largest) for a in logits[t, b])) - logits[t, b, targets[t, b]]
    return total / (T * B)


def sample(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    K = len(b_out)
    h, character = np.zeros((1, len(b_hh))), start
    drawn = np.zeros(len(u), dtype=int)
    for n in range(len(u)):
        x = np.zeros((1, K))
        x[0, character] = 1
        h = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
        a = [(sum(W_out[k] * h[0]) + b_out[k]) / temperature for k in range(K)]
        e = [math.exp(each - max(a)) for each in a]
        total, character = 0.0, K - 1
        for k in range(K):
            total += e[k] / sum(e)
            if total > u[n]:
                character = k
                break
        drawn[n] = character
    return drawn
