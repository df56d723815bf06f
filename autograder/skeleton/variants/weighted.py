"""No loop: the weights of a step's past, a product for all steps."""

import numpy as np


def leaky_average(x, s0, a):
    T = len(x)
    everything = np.concatenate([s0[None, :], x])
    age = np.arange(1, T + 1)[:, None] - np.arange(T + 1)
    weights = np.where(age >= 0, a ** np.maximum(age, 0.0), 0.0)
    weights[:, 1:] *= 1 - a
    return weights @ everything
