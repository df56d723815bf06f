"""Arrays filled in place; results are transposed or sliced views of fresh arrays."""

import numpy as np


def shared_gradients(dy, x):
    with_one = np.concatenate([x, np.ones((*x.shape[:2], 1))], axis=2)
    both = np.tensordot(with_one, dy, axes=([0, 1], [0, 1]))
    return both[:-1].T, both[-1]


def z_replaces(packed):
    other = np.array(packed)
    _, z, _ = np.array_split(other, 3)
    np.negative(z, out=z)
    return other[:]


def lamps(presses, on):
    T, B = presses.shape
    all_states = np.zeros((B, T + 1), dtype=bool)
    all_states[:, 0] = on
    for t in range(T):
        np.not_equal(all_states[:, t], presses[t], out=all_states[:, t + 1])
    return all_states.T[1:]


def half_life_bias(k):
    blocks = np.zeros((3, len(k)))
    blocks[1] = -np.log(np.expm1(np.log(2) / k))
    return blocks.ravel()


def time_constants(z):
    logs = np.log(z.transpose(2, 0, 1)).reshape(z.shape[2], -1)
    return np.reciprocal(-logs.mean(axis=1))


def chosen_errors(valid, test):
    order = np.argsort(valid, axis=1)
    return np.take_along_axis(test, order, axis=1)[:, 0]


def paired_factor(a, b, t):
    d = np.log(np.stack([a, 1 / b])).sum(axis=0)
    reach = t * np.linalg.norm(d - d.mean()) / np.sqrt(d.size * (d.size - 1))
    low, factor, high = np.exp(np.linspace(d.mean() - reach, d.mean() + reach, 3))
    return factor, low, high
