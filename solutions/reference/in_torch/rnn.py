"""The plain recurrent network on torch tensors (Elman 1990), as torch.nn.RNN with tanh computes it.

T time, B batch, D input size, H hidden size.  All tensors have one floating dtype and one device, and so has the
result.
"""

import torch
from torch import Tensor
from torch.nn.functional import linear

from solutions.reference.in_torch.arguments import check_sequence, check_step
from solutions.reference.in_torch.lengths import Lengths, blank, real_steps


def rnn_step(i: Tensor, h: Tensor, weight_hh: Tensor, bias_hh: Tensor | None) -> Tensor:
    """The step that cell and sequence share: i = W_ih x + b_ih (B, H) is at hand, h (B, H) -> h' (B, H)."""
    # h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
    return torch.tanh(i + linear(h, weight_hh, bias_hh))


def rnn_cell(
    x: Tensor,
    h: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> Tensor:
    """One step, h' = tanh(W_ih x + b_ih + W_hh h + b_hh).

    x (B, D), h (B, H), weight_ih (H, D), weight_hh (H, H), bias_ih (H,), bias_hh (H,) -> (B, H).
    A bias that is None counts as zero.  Wrong shapes raise ValueError; what is no floating tensor, mixed dtypes and
    mixed devices raise TypeError.
    """
    check_step(1, x, {"h": h}, weight_ih, weight_hh, bias_ih, bias_hh)
    return rnn_step(linear(x, weight_ih, bias_ih), h, weight_hh, bias_hh)


def rnn_forward(
    x: Tensor,
    h0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    lengths: Lengths = None,
) -> Tensor:
    """The states h_1 ... h_T of a whole sequence, h_t = rnn_cell(x_t, h_{t-1}).

    x (T, B, D), h0 (B, H), the rest and the errors as for `rnn_cell` -> (T, B, H).  lengths (B,), integers in 1 ... T:
    past a sequence's length x is not read and the states are zero; `last_state` takes the last real one.
    """
    check_sequence(1, x, {"h0": h0}, weight_ih, weight_hh, bias_ih, bias_hh)
    real = real_steps(x, lengths)
    h, states = h0, []
    # one product gives W_ih x + b_ih for all steps
    for i in linear(blank(x, real), weight_ih, bias_ih):
        h = rnn_step(i, h, weight_hh, bias_hh)
        states.append(h)
    return blank(torch.stack(states), real)
