"""PyTorch: the `state_dict` of torch.nn.GRU, LSTM, RNN and of GRUCell, LSTMCell, RNNCell.

Names and layout as the documentation of torch 2.13 gives them; rows r, z, n and i, f, g, o.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from solutions.reference.conventions import PYTORCH, PYTORCH_LSTM, PYTORCH_RNN, Convention
from solutions.reference.convert.weights import NotConvertible, Weights, cell_of, check_cell, convert

CONVENTIONS = {"gru": PYTORCH, "lstm": PYTORCH_LSTM, "rnn": PYTORCH_RNN}


def from_pytorch(
    cell: str, state: Mapping[str, np.ndarray], layer: int = 0, reverse: bool = False
) -> tuple[Convention, Weights]:
    """The convention and the weights of one layer and direction of a `state_dict`.

    cell "gru", "lstm" or "rnn"; state holds arrays or CPU tensors.  ValueError if a name is missing, NotConvertible for
    a projection (proj_size).  That an RNN has tanh and not relu is not written in a state_dict: see to it yourself.
    """
    check_cell(cell)
    end = "" if "weight_ih" in state else suffix(layer, reverse)
    if f"weight_hr{end}" in state:
        raise NotConvertible("This LSTM projects its state (proj_size, weight_hr); no other convention here does.")
    has_bias = f"bias_ih{end}" in state
    names = [f"{name}{end}" for name in (Weights._fields if has_bias else Weights._fields[:2])]
    for name in names:
        if name not in state:
            raise ValueError(f"state has no {name}; it has {', '.join(state)}.")
    weights = Weights(*(np.asarray(state[name]) for name in names))
    return replace(CONVENTIONS[cell], biases=2 if has_bias else 0), weights


def to_pytorch(
    convention: Convention, weights: Weights, layer: int = 0, reverse: bool = False
) -> dict[str, np.ndarray]:
    """The entries of a `state_dict` for one layer and direction, with both biases; NotConvertible where it must be."""
    converted = convert(weights, convention, CONVENTIONS[cell_of(convention)])
    return {f"{name}{suffix(layer, reverse)}": array for name, array in converted._asdict().items()}


def suffix(layer: int, reverse: bool) -> str:
    return f"_l{layer}{'_reverse' if reverse else ''}"
