"""Random inputs that hide no mistake.

All sizes differ (a transposed matrix cannot fit by luck), the state and both biases are random and not zero (what is
multiplied by zero cannot be seen), weights are uniform in ±1/sqrt(H) as PyTorch draws them.
"""

import numpy as np

Arrays = tuple[np.ndarray, ...]


def random_weights(rng: np.random.Generator, gates: int, inputs: int, hidden: int) -> Arrays:
    """weight_ih (gates*H, D), weight_hh (gates*H, H), bias_ih and bias_hh (gates*H,), float64."""
    rows, bound = gates * hidden, 1 / np.sqrt(hidden)
    shapes = [(rows, inputs), (rows, hidden), (rows,), (rows,)]
    return tuple(rng.uniform(-bound, bound, shape) for shape in shapes)


def random_cell(rng: np.random.Generator, gates: int, batch: int = 2, inputs: int = 3, hidden: int = 4) -> Arrays:
    """x (B, D), h (B, H) and the weights of one step."""
    x, h = rng.normal(size=(batch, inputs)), rng.uniform(-1, 1, (batch, hidden))
    return x, h, *random_weights(rng, gates, inputs, hidden)


def random_sequence(
    rng: np.random.Generator, gates: int, steps: int = 5, batch: int = 2, inputs: int = 3, hidden: int = 4
) -> Arrays:
    """x (T, B, D), h0 (B, H) and the weights of a sequence."""
    x, h0 = rng.normal(size=(steps, batch, inputs)), rng.uniform(-1, 1, (batch, hidden))
    return x, h0, *random_weights(rng, gates, inputs, hidden)


def random_logits(rng: np.random.Generator, steps: int = 5, batch: int = 2, classes: int = 4) -> Arrays:
    """logits (T, B, K), float64, and targets (T, B), integers from 0 to K - 1."""
    return rng.normal(scale=2, size=(steps, batch, classes)), rng.integers(0, classes, (steps, batch))


def random_characters(rng: np.random.Generator, draws: int = 60, characters: int = 7, hidden: int = 4) -> tuple:
    """start, uniforms (N,) and the weights of a character model, weight_out (K, H) and bias_out (K,) the last.

    The scales are such that a changed weight changes some of the draws: a model that is too sure of itself, or too
    little moved by its state, would draw the same.  A run of draws can still be the same by chance; compare several.
    """
    start, uniforms = int(rng.integers(characters)), rng.uniform(size=draws)
    weight_out, bias_out = rng.normal(size=(characters, hidden)), rng.normal(scale=0.5, size=characters)
    weights = [2 * weight for weight in random_weights(rng, 1, characters, hidden)]
    return start, uniforms, *weights, weight_out, bias_out
