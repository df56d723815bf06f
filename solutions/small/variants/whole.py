"""Without a loop: products of reshaped arrays, accumulated functions of NumPy, masks."""

import numpy as np


def shared_gradients(dy, x):
    g, v = dy.reshape(-1, dy.shape[-1]), x.reshape(-1, x.shape[-1])
    return g.T @ v, np.ones(len(g)) @ g


def z_replaces(packed):
    block = np.arange(len(packed)) * 3 // len(packed)
    sign = np.where(block == 1, -1.0, 1.0)
    return (packed.T * sign).T


def lamps(presses, on):
    return np.logical_xor.accumulate(np.vstack([on, presses]))[1:]


def half_life_bias(k):
    p = np.exp2(-1 / k)
    return np.pad(np.log(p) - np.log1p(-p), k.size)


def time_constants(z):
    geometric = np.exp(np.average(np.log(z), axis=(0, 1)))
    return 1 / np.log(1 / geometric)


def chosen_errors(valid, test):
    lowest = valid == valid.min(axis=1, keepdims=True)
    return test[lowest]


def paired_factor(a, b, t):
    logs = np.subtract(np.log(a), np.log(b))
    reach = t * np.sqrt(np.var(logs, ddof=1) / logs.size)
    return tuple(np.exp(logs.mean() + reach * np.array([0, -1, 1])))
