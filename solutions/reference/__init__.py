"""The oracle: the recurrent cells that every check compares with and that the book executes."""

from solutions.reference.characters import cross_entropy, log_softmax, sample
from solutions.reference.clipping import clip_by_global_norm, global_norm
from solutions.reference.counts import parameters, product_flops, state_bytes, state_size, weight_bytes
from solutions.reference.gradients import central_differences, check_gradient, complex_step, relative_error
from solutions.reference.gru import (
    gru_backward,
    gru_cell,
    gru_cell_backward,
    gru_forward,
    gru_forward_cached,
    gru_gates,
    sigmoid,
)
from solutions.reference.initialisers import (
    chrono_bias,
    keep_bias,
    orthogonal,
    orthogonal_factor,
    orthogonal_weight_hh,
)
from solutions.reference.inputs import random_cell, random_characters, random_logits, random_sequence
from solutions.reference.jacobian import (
    gru_jacobian,
    gru_jacobian_paths,
    jacobian_norms,
    lstm_jacobian,
    rnn_jacobian,
    step_jacobians,
)
from solutions.reference.layers import stack_backward, stack_forward, stack_forward_cached
from solutions.reference.lengths import last_state
from solutions.reference.liveness import dead_gates, gate_changes
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
    "central_differences",
    "check_gradient",
    "chrono_bias",
    "clip_by_global_norm",
    "complex_step",
    "cross_entropy",
    "dead_gates",
    "gate_changes",
    "global_norm",
    "gru_backward",
    "gru_cell",
    "gru_cell_backward",
    "gru_forward",
    "gru_forward_cached",
    "gru_gates",
    "gru_jacobian",
    "gru_jacobian_paths",
    "jacobian_norms",
    "keep_bias",
    "last_state",
    "log_softmax",
    "lstm_backward",
    "lstm_cell",
    "lstm_cell_backward",
    "lstm_forward",
    "lstm_forward_cached",
    "lstm_gates",
    "lstm_jacobian",
    "orthogonal",
    "orthogonal_factor",
    "orthogonal_weight_hh",
    "parameters",
    "product_flops",
    "random_cell",
    "random_characters",
    "random_logits",
    "random_sequence",
    "relative_error",
    "rnn_backward",
    "rnn_cell",
    "rnn_cell_backward",
    "rnn_forward",
    "rnn_forward_cached",
    "rnn_jacobian",
    "sample",
    "sigmoid",
    "stack_backward",
    "stack_forward",
    "stack_forward_cached",
    "state_bytes",
    "state_size",
    "step_jacobians",
    "weight_bytes",
]
