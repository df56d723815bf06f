"""Loops over every axis, and plain arithmetic on single numbers."""

import math

import numpy as np


def shared_gradients(dy, x):
    T, B, H = dy.shape
    dW, db = np.zeros((H, x.shape[2])), np.zeros(H)
    for t in range(T):
        for b in range(B):
            dW += np.outer(dy[t, b], x[t, b])
            db += dy[t, b]
    return dW, db


def z_replaces(packed):
    H = packed.shape[0] // 3
    other = packed.copy()
    for row in range(H, 2 * H):
        other[row] = -packed[row]
    return other


def lamps(presses, on):
    states = np.empty(presses.shape, dtype=bool)
    for b in range(presses.shape[1]):
        lamp = on[b]
        for t in range(presses.shape[0]):
            if presses[t, b]:
                lamp = not lamp
            states[t, b] = lamp
    return states


def half_life_bias(k):
    H = k.size
    bias = np.zeros(3 * H)
    for unit in range(H):
        bias[H + unit] = -math.log(2 ** (1 / k[unit]) - 1)
    return bias


def time_constants(z):
    T, B, H = z.shape
    times = np.empty(H)
    for unit in range(H):
        total = 0.0
        for t in range(T):
            for b in range(B):
                total += math.log(z[t, b, unit])
        times[unit] = -T * B / total
    return times


def chosen_errors(valid, test):
    results = []
    for s in range(len(valid)):
        best = 0
        for u in range(1, len(valid[s])):
            if valid[s, u] < valid[s, best]:
                best = u
        results.append(test[s, best])
    return np.array(results)


def paired_factor(a, b, t):
    d = [math.log(x) - math.log(y) for x, y in zip(a, b, strict=True)]
    mean = sum(d) / len(d)
    variance = sum((each - mean) ** 2 for each in d) / (len(d) - 1)
    reach = t * math.sqrt(variance / len(d))
    return math.exp(mean), math.exp(mean - reach), math.exp(mean + reach)
