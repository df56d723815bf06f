"""The gated recurrent unit on torch tensors, as torch.nn.GRU computes it.

Cho et al. 2014 (arXiv:1406.1078v1): the update gate *keeps*, the reset gate acts after the recurrent product, rows are
packed (reset, update, candidate).  T time, B batch, D input size, H hidden size.  All tensors have one floating dtype
and one device, and so has the result.
"""

import torch
from torch import Tensor
from torch.nn.functional import linear

from solutions.reference.in_torch.arguments import check_sequence, check_step
from solutions.reference.in_torch.lengths import Lengths, blank, real_steps


def gru_step(i: Tensor, h: Tensor, weight_hh: Tensor, bias_hh: Tensor | None) -> Tensor:
    """The step that cell and sequence share: i = W_ih x + b_ih (B, 3H) is at hand, h (B, H) -> h' (B, H)."""
    i_r, i_z, i_n = i.chunk(3, dim=-1)
    h_r, h_z, h_n = linear(h, weight_hh, bias_hh).chunk(3, dim=-1)
    # r = σ(W_ir x + b_ir + W_hr h + b_hr)
    r = torch.sigmoid(i_r + h_r)
    # z = σ(W_iz x + b_iz + W_hz h + b_hz)
    z = torch.sigmoid(i_z + h_z)
    # n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
    n = torch.tanh(i_n + r * h_n)
    # h' = (1 - z) ⊙ n + z ⊙ h
    return (1 - z) * n + z * h


def gru_cell(
    x: Tensor,
    h: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> Tensor:
    """One step, h' = (1 - z) ⊙ n + z ⊙ h.

    x (B, D), h (B, H), weight_ih (3H, D), weight_hh (3H, H), bias_ih (3H,), bias_hh (3H,) -> (B, H).
    A bias that is None counts as zero.  Wrong shapes raise ValueError; what is no floating tensor, mixed dtypes and
    mixed devices raise TypeError.
    """
    check_step(3, x, {"h": h}, weight_ih, weight_hh, bias_ih, bias_hh)
    return gru_step(linear(x, weight_ih, bias_ih), h, weight_hh, bias_hh)


def gru_forward(
    x: Tensor,
    h0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    lengths: Lengths = None,
) -> Tensor:
    """The states h_1 ... h_T of a whole sequence, h_t = gru_cell(x_t, h_{t-1}).

    x (T, B, D), h0 (B, H), the rest and the errors as for `gru_cell` -> (T, B, H).  lengths (B,), integers in 1 ... T:
    past a sequence's length x is not read and the states are zero; `last_state` takes the last real one.
    """
    check_sequence(3, x, {"h0": h0}, weight_ih, weight_hh, bias_ih, bias_hh)
    real = real_steps(x, lengths)
    h, states = h0, []
    # one product gives W_ih x + b_ih for all steps
    for i in linear(blank(x, real), weight_ih, bias_ih):
        h = gru_step(i, h, weight_hh, bias_hh)
        states.append(h)
    return blank(torch.stack(states), real)
