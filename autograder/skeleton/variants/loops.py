"""A number at a time, with plain Python, into an array that is there before."""

import numpy as np


def leaky_average(x, s0, a):
    averages = np.zeros((len(x), len(s0)))
    for b in range(len(s0)):
        s = float(s0[b])
        for t in range(len(x)):
            s += (1 - a) * (float(x[t, b]) - s)
            averages[t, b] = s
    return averages
