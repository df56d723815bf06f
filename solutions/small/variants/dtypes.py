"""In the precision of the inputs: float32 in, float32 out, and so float64 where that is given."""

import numpy as np


def shared_gradients(dy, x):
    dW = np.zeros((dy.shape[-1], x.shape[-1]), dtype=np.result_type(dy, x))
    for dy_t, x_t in zip(dy, x, strict=True):
        dW += np.matmul(dy_t.T, x_t)
    return dW, np.add.reduce(np.add.reduce(dy), dtype=dy.dtype)


def z_replaces(packed):
    H = len(packed) // 3
    other = np.empty_like(packed)
    other[...] = packed
    other[H:-H] = np.negative(packed[H:-H])
    return other


def lamps(presses, on):
    states = np.empty_like(presses)
    for t, pressed in enumerate(presses):
        before = states[t - 1] if t else on
        states[t] = np.where(pressed, ~before, before)
    return states


def half_life_bias(k):
    bias = np.zeros(3 * k.size, dtype=k.dtype)
    p = np.power(k.dtype.type(0.5), 1 / k)
    bias[k.size : -k.size] = -np.log(1 / p - 1)
    return bias


def time_constants(z):
    return np.asarray(-z[..., 0].size / np.sum(np.log(z), axis=(0, 1)), dtype=z.dtype)


def chosen_errors(valid, test):
    chosen = np.empty(len(test), dtype=test.dtype)
    for s, best in enumerate(np.argmin(valid, axis=-1)):
        chosen[s] = test[s, best]
    return chosen


def paired_factor(a, b, t):
    d = np.log(a) - np.log(b)
    middle, spread = d.mean(dtype=d.dtype), d.std(ddof=1) * d.size**-0.5
    return np.exp(middle), np.exp(middle - t * spread), np.exp(middle + t * spread)
