"""The gated recurrent unit in NumPy.

Cho et al. 2014 (arXiv:1406.1078v1), in PyTorch's convention: the update gate *keeps*, the reset gate acts after the
recurrent product, rows are packed (reset, update, candidate).  T time, B batch, D input size, H hidden size.
Arrays are float32 or float64 and of one dtype throughout; the result has it too.
"""

import numpy as np


def sigmoid(a: np.ndarray) -> np.ndarray:
    """σ(a) = 1 / (1 + exp(-a)), any shape; finite and silent however large |a| is.

    exp is only taken of -|a|, so it never overflows.
    """
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


def gru_gates(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The reset gate r, the update gate z and the candidate n of one step, each (B, H).

    Arguments as for `gru_cell`.
    """
    i_r, i_z, i_n = np.split(x @ weight_ih.T + bias_ih, 3, axis=-1)
    h_r, h_z, h_n = np.split(h @ weight_hh.T + bias_hh, 3, axis=-1)
    # r = σ(W_ir x + b_ir + W_hr h + b_hr)
    r = sigmoid(i_r + h_r)
    # z = σ(W_iz x + b_iz + W_hz h + b_hz)
    z = sigmoid(i_z + h_z)
    # n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
    n = np.tanh(i_n + r * h_n)
    return r, z, n


def gru_cell(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """One step, h' = (1 - z) ⊙ n + z ⊙ h.

    x (B, D), h (B, H), weight_ih (3H, D), weight_hh (3H, H), bias_ih (3H,), bias_hh (3H,) -> (B, H), a new array.
    """
    _, z, n = gru_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    # h' = (1 - z) ⊙ n + z ⊙ h
    return (1 - z) * n + z * h


def gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """The states h_1 ... h_T of a whole sequence, h_t = gru_cell(x_t, h_{t-1}).

    x (T, B, D), h0 (B, H), the rest as for `gru_cell` -> (T, B, H).
    """
    h, states = h0, []
    for x_t in x:
        h = gru_cell(x_t, h, weight_ih, weight_hh, bias_ih, bias_hh)
        states.append(h)
    return np.stack(states)
