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
