"""From one convention to another: three steps that are exact, and one that is impossible."""

from typing import NamedTuple

import numpy as np

from solutions.reference.conventions import Convention, GRUConvention, LSTMConvention, RNNConvention, named
from solutions.reference.in_convention import by_gate, check_weights


class NotConvertible(ValueError):
    """No weights of the other convention compute the same function; the message says why and what to do."""


class Weights(NamedTuple):
    """weight_ih (gates · H, D), weight_hh (gates · H, H), bias_ih and bias_hh (gates · H,) or None."""

    weight_ih: np.ndarray
    weight_hh: np.ndarray
    bias_ih: np.ndarray | None = None
    bias_hh: np.ndarray | None = None


CELLS = {GRUConvention: "gru", LSTMConvention: "lstm", RNNConvention: "rnn"}


def cell_of(convention: Convention) -> str:
    """gru, lstm or rnn; TypeError for what is no convention."""
    if type(convention) not in CELLS:
        kinds = ", ".join(kind.__name__ for kind in CELLS)
        raise TypeError(f"convention is of type {type(convention).__name__}; it should be one of {kinds}.")
    return CELLS[type(convention)]


def check_cell(cell: str) -> None:
    if cell not in CELLS.values():
        raise ValueError(f"cell is {cell!r}; it should be one of {', '.join(CELLS.values())}.")


def convert(weights: Weights, source: Convention | str, target: Convention | str) -> Weights:
    """The weights that compute under `target` what `weights` compute under `source`.

    - The other order: the blocks of rows change places.
    - The other update: the rows of z change sign, because σ(-a) = 1 - σ(a).
    - Fewer biases: b_ih + b_hh, except b_hn where the reset gate multiplies it; none where the sum is zero.
    - The other reset: NotConvertible.
    Source and target are both of one cell: GRU (a name will do), LSTM or RNN; else TypeError.  New arrays throughout.
    """
    kind = GRUConvention if isinstance(source, str) else type(source)
    source, target = named(source, kind), named(target, kind)
    check_weights(source, *weights)
    if kind is GRUConvention and source.reset != target.reset:
        raise NotConvertible(
            f"The reset gate acts {source.reset} the recurrent product there and {target.reset} it here. "
            "r ⊙ (W h) and W (r ⊙ h) are different functions, so no weights make them agree. "
            f'Run the cell as it is, with gru_forward_in and reset="{source.reset}", or train it anew.'
        )
    if kind is GRUConvention and source.update != target.update:
        weights = Weights(*(with_z_negated(array, source.order) for array in weights))
    weights = with_biases(weights, target, source.order)
    return Weights(*(reordered(array, source.order, target.order) for array in weights))


def reordered(packed: np.ndarray | None, source: str, target: str) -> np.ndarray | None:
    """The blocks of rows in the target's order, a new array."""
    if packed is None:
        return None
    blocks = by_gate(source, packed)
    return np.concatenate([blocks[gate] for gate in target])


def with_z_negated(packed: np.ndarray | None, order: str) -> np.ndarray | None:
    """The rows of z with the other sign: what was kept is now written."""
    if packed is None:
        return None
    blocks = by_gate(order, packed)
    return np.concatenate([-blocks[gate] if gate == "z" else blocks[gate] for gate in order])


def with_biases(weights: Weights, target: Convention, order: str) -> Weights:
    """The weights with as many biases as the target has; NotConvertible if it has no place for one that is not zero."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    none = np.zeros(len(weight_ih), weight_ih.dtype)
    bias_ih, bias_hh = (none if bias is None else bias for bias in (bias_ih, bias_hh))
    if target.biases == 2:
        return Weights(weight_ih, weight_hh, bias_ih, bias_hh)
    # the reset gate multiplies b_hn, and so it is no part of a sum
    if isinstance(target, GRUConvention) and target.reset == "after" and by_gate(order, bias_hh)["n"].any():
        raise NotConvertible(
            "b_hn is not zero, and the target has no such bias. The reset gate multiplies it, r ⊙ (W_hn h + b_hn), so "
            "it cannot join b_in. Convert to a convention with biases=2, or train with b_hn held at zero."
        )
    bias = bias_ih + bias_hh
    if target.biases == 1:
        return Weights(weight_ih, weight_hh, bias)
    if bias.any():
        raise NotConvertible(
            "The biases are not zero, and the target has none. Convert to the same convention with biases: "
            "dataclasses.replace(convention, biases=1)."
        )
    return Weights(weight_ih, weight_hh)
