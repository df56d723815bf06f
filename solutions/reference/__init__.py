"""The oracle: the recurrent cells that every check compares with and that the book executes."""

from solutions.reference.gru import (
    gru_backward,
    gru_cell,
    gru_cell_backward,
    gru_forward,
    gru_forward_cached,
    gru_gates,
    sigmoid,
)
from solutions.reference.inputs import random_cell, random_sequence
from solutions.reference.layers import stack_backward, stack_forward, stack_forward_cached
from solutions.reference.lengths import last_state
from solutions.reference.lstm import (
    lstm_backward,
    lstm_cell,
    lstm_cell_backward,
    lstm_forward,
    lstm_forward_cached,
    lstm_gates,
)
from solutions.reference.rnn import rnn_backward, rnn_cell, rnn_cell_backward, rnn_forward, rnn_forward_cached

__all__ = [
    "gru_backward",
    "gru_cell",
    "gru_cell_backward",
    "gru_forward",
    "gru_forward_cached",
    "gru_gates",
    "last_state",
    "lstm_backward",
    "lstm_cell",
    "lstm_cell_backward",
    "lstm_forward",
    "lstm_forward_cached",
    "lstm_gates",
    "random_cell",
    "random_sequence",
    "rnn_backward",
    "rnn_cell",
    "rnn_cell_backward",
    "rnn_forward",
    "rnn_forward_cached",
    "sigmoid",
    "stack_backward",
    "stack_forward",
    "stack_forward_cached",
]
