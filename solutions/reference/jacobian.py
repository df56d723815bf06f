"""How far back a state can feel: the Jacobian of a state with respect to an earlier one.

By the chain rule it is the product of the Jacobians of the steps between them (Pascanu et al. 2013, arXiv:1211.5063,
equation 5).  The state of an LSTM is h and c, one after the other.  B batch, D input size, H hidden size, S size of the
state: H, for an LSTM 2H.
"""

import numpy as np

from solutions.reference.arguments import Weights
from solutions.reference.gru import gru_gates
from solutions.reference.layers import States, find_cell
from solutions.reference.lstm import lstm_gates
from solutions.reference.recurrence import blocks
from solutions.reference.rnn import rnn_cell


def rnn_jacobian(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """∂h'/∂h of one step, (B, H, H): [b, i, j] is how unit i of h' moves with unit j of h.

    Arguments and errors as for `rnn_cell`; so for the other two cells.
    """
    h_next = rnn_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    # ∂h'/∂h = diag(1 - h'²) W_hh
    return column(1 - h_next**2) * weight_hh


def gru_jacobian_paths(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> dict[str, np.ndarray]:
    """∂h'/∂h of one step by the four places that read h, each (B, H, H): keep, candidate, update and reset.

    They add up to `gru_jacobian`.
    """
    r, z, n = gru_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    W_hr, W_hz, W_hn = blocks(weight_hh, 3)
    h_n = h @ W_hn.T + blocks(bias_hh, 3)[2]
    # ∂h'/∂n = diag(1 - z), ∂n/∂a_n = diag(1 - n²)
    to_a_n = (1 - z) * (1 - n**2)
    return {
        # h' = ... + z ⊙ h: diag(z)
        "keep": diagonal(z),
        # a_n = ... + r ⊙ (W_hn h + b_hn): diag(r) W_hn
        "candidate": column(to_a_n * r) * W_hn,
        # ∂h'/∂z = diag(h - n), ∂z/∂h = diag(z ⊙ (1 - z)) W_hz
        "update": column((h - n) * z * (1 - z)) * W_hz,
        # ∂a_n/∂r = diag(h_n), ∂r/∂h = diag(r ⊙ (1 - r)) W_hr
        "reset": column(to_a_n * h_n * r * (1 - r)) * W_hr,
    }


def gru_jacobian(
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """∂h'/∂h of one step, (B, H, H)."""
    return sum(gru_jacobian_paths(x, h, weight_ih, weight_hh, bias_ih, bias_hh).values())


def lstm_jacobian(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
) -> np.ndarray:
    """∂(h', c')/∂(h, c) of one step, (B, 2H, 2H)."""
    i, f, g, o = lstm_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    W_hi, W_hf, W_hg, W_ho = blocks(weight_hh, 4)
    tanh_c = np.tanh(f * c + i * g)
    # ∂c'/∂h = diag(g ⊙ i ⊙ (1 - i)) W_hi + diag(c ⊙ f ⊙ (1 - f)) W_hf + diag(i ⊙ (1 - g²)) W_hg
    dc_dh = column(g * i * (1 - i)) * W_hi + column(c * f * (1 - f)) * W_hf + column(i * (1 - g**2)) * W_hg
    # ∂c'/∂c = diag(f)
    dc_dc = diagonal(f)
    # ∂h'/∂(h, c) = diag(o ⊙ (1 - tanh²(c'))) ∂c'/∂(h, c), and by way of o: diag(tanh(c') ⊙ o ⊙ (1 - o)) W_ho
    through_c = column(o * (1 - tanh_c**2))
    dh_dh = through_c * dc_dh + column(tanh_c * o * (1 - o)) * W_ho
    dh_dc = through_c * dc_dc
    return np.block([[dh_dh, dh_dc], [dc_dh, dc_dc]])


JACOBIANS = {"rnn": rnn_jacobian, "lstm": lstm_jacobian, "gru": gru_jacobian}


def step_jacobians(cell: str, x: np.ndarray, first: States, weights: Weights) -> np.ndarray:
    """∂s_t/∂s_{t-1} of each step of a sequence: x (T, B, D), first (h0,) or (h0, c0), (B, H) each -> (T, B, S, S)."""
    states = find_cell(cell).run(x, first, weights, None)
    before = [np.concatenate([start[None], state[:-1]]) for start, state in zip(first, states, strict=True)]
    return np.stack([JACOBIANS[cell](x_t, *at, *weights) for x_t, *at in zip(x, *before, strict=True)])


def jacobian_norms(cell: str, x: np.ndarray, first: States, weights: Weights) -> np.ndarray:
    """The largest singular value of ∂h_T/∂s_{T-k} for k = 1 ... T, (T, B): how much of a small change is still felt.

    s is h, for an LSTM (h, c) together.  Arguments as for `step_jacobians`; errors as for the cell's forward function.
    """
    norms, product = [], None
    hidden = first[0].shape[1]
    for jacobian in step_jacobians(cell, x, first, weights)[::-1]:
        # ∂h_T/∂s_{T-k} = ∂h_T/∂s_{T-k+1} ∂s_{T-k+1}/∂s_{T-k}
        product = jacobian[:, :hidden] if product is None else product @ jacobian
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


def column(values: np.ndarray) -> np.ndarray:
    """(B, H) as (B, H, 1): times a matrix it is diag(values) @ matrix."""
    return values[:, :, None]


def diagonal(values: np.ndarray) -> np.ndarray:
    """(B, H) as B diagonal matrices, (B, H, H)."""
    return column(values) * np.eye(values.shape[1], dtype=values.dtype)
