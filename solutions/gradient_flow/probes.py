"""Training loops: plain gradient descent, and each clips in its own way.  Measure first, then read.

loop(parameters, gradient_of, max_norm, learning_rate, steps) -> the parameters after so many steps, in new arrays

parameters: arrays by name.  gradient_of(parameters): their gradients, by the same names.
"""

import numpy as np


def _copies(arrays):
    return {name: np.array(array, dtype=float) for name, array in arrays.items()}


def _norm(gradients):
    return np.sqrt(sum(np.sum(g**2) for g in gradients.values()))


def _clip(gradients, max_norm):
    """Scale all gradients, in place, so that their norm is at most max_norm."""
    norm = _norm(gradients)
    if norm > max_norm:
        for g in gradients.values():
            g *= max_norm / norm


def _step(parameters, gradients, learning_rate):
    for name, g in gradients.items():
        parameters[name] -= learning_rate * g


def loop_a(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = _copies(gradient_of(parameters))
        for name, g in gradients.items():
            _clip({name: g}, max_norm)
        _step(parameters, gradients, learning_rate)
    return parameters


def loop_b(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    gradients = {name: np.zeros_like(p) for name, p in parameters.items()}
    for _ in range(steps):
        for g in gradients.values():
            g[...] = 0
        _clip(gradients, max_norm)
        for name, g in gradient_of(parameters).items():
            gradients[name] += g
        _step(parameters, gradients, learning_rate)
    return parameters


def loop_c(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = _copies(gradient_of(parameters))
        _clip(gradients, max_norm)
        _step(parameters, gradients, learning_rate)
    return parameters


def loop_d(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = _copies(gradient_of(parameters))
        _step(parameters, gradients, learning_rate)
        _clip(gradients, max_norm)
    return parameters


def loop_e(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = {name: np.clip(g, -max_norm, max_norm) for name, g in gradient_of(parameters).items()}
        _step(parameters, gradients, learning_rate)
    return parameters


# The grader asks about these too.


def loop_f(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = _copies(gradient_of(parameters))
        _clip(_copies(gradients), max_norm)
        _step(parameters, gradients, learning_rate)
    return parameters


def loop_g(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = _copies(gradient_of(parameters))
        scale = max_norm / max(_norm(gradients), max_norm)
        for name in parameters:
            parameters[name] = parameters[name] - learning_rate * scale * gradients[name]
    return parameters


def loop_h(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    gradients = {name: np.zeros_like(p) for name, p in parameters.items()}
    for _ in range(steps):
        _clip(gradients, max_norm)
        gradients = _copies(gradient_of(parameters))
        _step(parameters, gradients, learning_rate)
    return parameters


def loop_i(parameters, gradient_of, max_norm, learning_rate, steps):
    parameters = _copies(parameters)
    for _ in range(steps):
        gradients = _copies(gradient_of(parameters))
        _step(parameters, gradients, learning_rate * max_norm / _norm(gradients))
    return parameters
