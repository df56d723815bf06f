"""Training loops: plain gradient descent, and each clips in its own way.  Measure first, then read.

loop(parameters, gradient_of, max_norm, learning_rate, steps) -> the parameters after so many steps, in new arrays

parameters: arrays by name.  gradient_of(parameters): their gradients, by the same names.  Inside, all parameters are
one long vector, `theta`, and so are their gradients, `g`.
"""

import numpy as np


def _vector(arrays, names):
    return np.concatenate([np.ravel(arrays[name]) for name in names]).astype(float)


def _arrays(vector, like):
    """The vector cut up into arrays by name.  They are views: what changes them changes the vector."""
    ends = np.cumsum([np.size(array) for array in like.values()])
    parts = np.split(vector, ends[:-1])
    return {name: part.reshape(np.shape(like[name])) for name, part in zip(like, parts, strict=True)}


def _gradient(theta, gradient_of, like):
    return _vector(gradient_of(_arrays(theta.copy(), like)), like)


def _clip(vector, max_norm):
    """Make a vector shorter, in place, where it is longer than max_norm."""
    length = np.linalg.norm(vector)
    if length > max_norm:
        vector *= max_norm / length


def loop_a(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        for part in _arrays(g, parameters).values():
            _clip(part, max_norm)
        theta -= learning_rate * g
    return _arrays(theta, parameters)


def loop_b(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    g = np.zeros_like(theta)
    for _ in range(steps):
        g[:] = 0
        _clip(g, max_norm)
        g += _gradient(theta, gradient_of, parameters)
        theta -= learning_rate * g
    return _arrays(theta, parameters)


def loop_c(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        _clip(g, max_norm)
        theta -= learning_rate * g
    return _arrays(theta, parameters)


def loop_d(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        theta -= learning_rate * g
        _clip(g, max_norm)
    return _arrays(theta, parameters)


def loop_e(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        theta -= learning_rate * np.clip(g, -max_norm, max_norm)
    return _arrays(theta, parameters)


# The grader asks about these too.


def loop_f(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        _clip(g.copy(), max_norm)
        theta -= learning_rate * g
    return _arrays(theta, parameters)


def loop_g(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        rate = learning_rate * min(1, max_norm / np.linalg.norm(g))
        theta = theta - rate * g
    return _arrays(theta, parameters)


def loop_h(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    g = np.zeros_like(theta)
    for _ in range(steps):
        _clip(g, max_norm)
        g = _gradient(theta, gradient_of, parameters)
        theta -= learning_rate * g
    return _arrays(theta, parameters)


def loop_i(parameters, gradient_of, max_norm, learning_rate, steps):
    theta = _vector(parameters, parameters)
    for _ in range(steps):
        g = _gradient(theta, gradient_of, parameters)
        g *= max_norm / np.linalg.norm(g)
        theta -= learning_rate * g
    return _arrays(theta, parameters)
