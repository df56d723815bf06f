"""The recurrent cells on torch tensors: on any device, in any floating dtype, differentiable by autograd.

Functions take the arguments of the NumPy reference, by the same names and in the same shapes.  The modules `RNN`,
`LSTM` and `GRU` are torch.nn's with our own time loop.  Importing this package imports torch, which takes seconds.
"""

from solutions.reference.in_torch.gru import gru_cell, gru_forward
from solutions.reference.in_torch.lengths import last_state
from solutions.reference.in_torch.lstm import lstm_cell, lstm_forward
from solutions.reference.in_torch.modules import GRU, LSTM, RNN
from solutions.reference.in_torch.rnn import rnn_cell, rnn_forward

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "gru_cell",
    "gru_forward",
    "last_state",
    "lstm_cell",
    "lstm_forward",
    "rnn_cell",
    "rnn_forward",
]
