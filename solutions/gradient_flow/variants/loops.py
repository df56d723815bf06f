"""Loops over rows and units, and sums written out."""

import math

import numpy as np


def state_jacobian(x, h, W_ih, W_hh, b_ih, b_hh):
    B, H = h.shape
    J = np.empty((B, H, H))
    for b in range(B):
        for i in range(H):
            a = b_ih[i] + b_hh[i]
            for d in range(x.shape[1]):
                a += W_ih[i, d] * x[b, d]
            for j in range(H):
                a += W_hh[i, j] * h[b, j]
            slope = 1 / math.cosh(a) ** 2
            for j in range(H):
                J[b, i, j] = slope * W_hh[i, j]
    return J


def decay_curve(x, h0, W_ih, W_hh, b_ih, b_hh):
    T, B = x.shape[:2]
    norms = np.ones((T + 1, B))
    for b in range(B):
        states = [h0[b : b + 1]]
        for t in range(T):
            states.append(rnn_cell(x[t, b : b + 1], states[t], W_ih, W_hh, b_ih, b_hh))
        product = np.eye(h0.shape[1])
        for k in range(1, T + 1):
            t = T - k
            product = product @ state_jacobian(x[t, b : b + 1], states[t], W_ih, W_hh, b_ih, b_hh)[0]
            norms[k, b] = np.linalg.norm(product, 2)
    return norms


def orthogonal(A):
    Q, R = np.linalg.qr(A)
    for k in range(len(A)):
        if R[k, k] < 0:
            Q[:, k] = -Q[:, k]
    return Q


def clip_by_global_norm(gradients, max_norm):
    total = 0.0
    for g in gradients.values():
        for number in np.ravel(g):
            total += number * number
    norm = math.sqrt(total)
    if norm <= max_norm:
        return gradients, norm
    clipped = {}
    for name in gradients:
        clipped[name] = gradients[name] * max_norm / norm
    return clipped, norm


def clips_too_late(loop, parameters, max_norm, learning_rate):
    def gradient_of(now):
        return {name: 1e6 * max_norm * np.ones(p.shape) for name, p in now.items()}

    after = loop(parameters, gradient_of, max_norm, learning_rate, 3)
    for name, p in parameters.items():
        moved = np.max(np.abs(after[name] - p))
        if moved < 0.5 * 3 * learning_rate * 1e6 * max_norm:
            return False
    return True
