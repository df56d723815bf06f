"""Long short-term memory on torch tensors, as torch.nn.LSTM computes it.

Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, without peepholes; rows are packed
(input, forget, cell, output).  T time, B batch, D input size, H hidden size.  All tensors have one floating dtype and
one device, and so have the results.
"""

import torch
from torch import Tensor
from torch.nn.functional import linear

from solutions.reference.in_torch.arguments import check_sequence, check_step
from solutions.reference.in_torch.lengths import Lengths, blank, real_steps


def lstm_step(i: Tensor, h: Tensor, c: Tensor, weight_hh: Tensor, bias_hh: Tensor | None) -> tuple[Tensor, Tensor]:
    """The step that cell and sequence share: i = W_ih x + b_ih (B, 4H) is at hand, h and c (B, H) -> h', c' (B, H)."""
    a_i, a_f, a_g, a_o = (i + linear(h, weight_hh, bias_hh)).chunk(4, dim=-1)
    # i = σ(W_ii x + b_ii + W_hi h + b_hi), f and o likewise
    i, f, o = torch.sigmoid(a_i), torch.sigmoid(a_f), torch.sigmoid(a_o)
    # g = tanh(W_ig x + b_ig + W_hg h + b_hg)
    g = torch.tanh(a_g)
    # c' = f ⊙ c + i ⊙ g
    c = f * c + i * g
    # h' = o ⊙ tanh(c')
    return o * torch.tanh(c), c


def lstm_cell(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """One step, c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').

    x (B, D), h and c (B, H), weight_ih (4H, D), weight_hh (4H, H), bias_ih (4H,), bias_hh (4H,) -> h', c', each (B, H).
    A bias that is None counts as zero.  Wrong shapes raise ValueError; what is no floating tensor, mixed dtypes and
    mixed devices raise TypeError.
    """
    check_step(4, x, {"h": h, "c": c}, weight_ih, weight_hh, bias_ih, bias_hh)
    return lstm_step(linear(x, weight_ih, bias_ih), h, c, weight_hh, bias_hh)


def lstm_forward(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor | None = None,
    bias_hh: Tensor | None = None,
    lengths: Lengths = None,
) -> tuple[Tensor, Tensor]:
    """The states h_1 ... h_T and c_1 ... c_T of a whole sequence, h_t, c_t = lstm_cell(x_t, h_{t-1}, c_{t-1}).

    x (T, B, D), h0 and c0 (B, H), the rest and the errors as for `lstm_cell` -> two of (T, B, H).
    lengths (B,), integers in 1 ... T: past a sequence's length x is not read and the states are zero; `last_state`
    takes the last real ones.
    """
    check_sequence(4, x, {"h0": h0, "c0": c0}, weight_ih, weight_hh, bias_ih, bias_hh)
    real = real_steps(x, lengths)
    h, c, states, memories = h0, c0, [], []
    # one product gives W_ih x + b_ih for all steps
    for i in linear(blank(x, real), weight_ih, bias_ih):
        h, c = lstm_step(i, h, c, weight_hh, bias_hh)
        states.append(h)
        memories.append(c)
    return blank(torch.stack(states), real), blank(torch.stack(memories), real)
