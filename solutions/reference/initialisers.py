"""Where learning starts: weights and biases drawn so that a gradient gets through.

Each returns new float64 arrays and takes its randomness from `rng`.  A bias of a gate goes into one of the two biases;
in both it would count twice.  `random_weights` in inputs.py draws as PyTorch does.
"""

import numpy as np

from solutions.reference.counts import check_sizes
from solutions.reference.layers import find_cell
from solutions.reference.recurrence import blocks

# The gate that keeps the state, as the number of its block of rows.
KEEPS = {"lstm": 1, "gru": 1}


def orthogonal(rng: np.random.Generator, size: int, gain: float = 1.0) -> np.ndarray:
    """A random matrix Q (size, size) with Q^T Q = gain² I: all its singular values are `gain`.

    Saxe et al. 2013 (arXiv:1312.6120).  Q of a QR decomposition of normal numbers, its columns turned to where R has a
    positive diagonal: without that Q is not uniform (Mezzadri 2007, arXiv:math-ph/0609050).
    """
    check_sizes(size=size)
    return gain * orthogonal_factor(rng.normal(size=(size, size)))


def orthogonal_factor(matrix: np.ndarray) -> np.ndarray:
    """The Q of the QR decomposition in which R has a positive diagonal: there is one such for an invertible matrix.

    (N, N) -> (N, N).  Raises ValueError for another shape.
    """
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"matrix has shape {matrix.shape}; it should be square.")
    q, r = np.linalg.qr(matrix)
    # Q R = (Q S)(S R) for the signs S of R's diagonal
    return q * np.sign(np.diag(r))


def orthogonal_weight_hh(rng: np.random.Generator, cell: str, hidden: int, gain: float = 1.0) -> np.ndarray:
    """weight_hh (G*H, H) with an orthogonal block for each gate."""
    return np.concatenate([orthogonal(rng, hidden, gain) for _ in range(find_cell(cell).gates)])


def keep_bias(cell: str, hidden: int, value: float = 1.0) -> np.ndarray:
    """bias_ih (G*H,), `value` for the gate that keeps the state and zero for the others.

    That gate is the forget gate of an LSTM (Gers et al. 2000; 1 in Jozefowicz et al. 2015) and the update gate of a GRU
    where z keeps, as here.  A gate that sees its bias alone keeps the share σ(value) a step.
    Raises ValueError for a cell that has no such gate.
    """
    check_keeps(cell)
    check_sizes(hidden=hidden)
    bias = np.zeros(find_cell(cell).gates * hidden)
    blocks(bias, find_cell(cell).gates)[KEEPS[cell]] = value
    return bias


def chrono_bias(rng: np.random.Generator, cell: str, hidden: int, longest: float) -> np.ndarray:
    """bias_ih (G*H,) for memories of 2 to `longest` steps, spread evenly over the units; bias_hh is to be zero.

    Chrono initialisation, Tallec and Ollivier 2018 (arXiv:1804.11188): b_f = log u with u uniform in 1 ... longest - 1,
    and b_i = -b_f for an LSTM.  A gate that sees its bias alone is then σ(log u) = u / (1 + u), and a unit forgets the
    share 1 / (1 + u) a step: it remembers for 1 + u steps.  For a GRU the update gate takes b_f, since here z keeps;
    1 - z lets the new in, so that no second bias is wanted.
    Raises ValueError for a cell without such a gate, or where longest is below 2.
    """
    if not longest >= 2:
        raise ValueError(f"longest is {longest!r}; it should be a number of steps from 2 on.")
    # b_f = log u, u ~ U(1, longest - 1)
    kept = np.log(rng.uniform(1, longest - 1, hidden))
    bias = keep_bias(cell, hidden, kept)
    if cell == "lstm":
        # b_i = -b_f
        blocks(bias, 4)[0] = -kept
    return bias


def check_keeps(cell: str) -> None:
    """Raise ValueError unless the cell has a gate that keeps the state."""
    find_cell(cell)
    if cell not in KEEPS:
        raise ValueError(f"cell is {cell!r}, which has no gate that keeps the state; it should be 'lstm' or 'gru'.")
