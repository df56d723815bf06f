"""Keras 3: the weights of keras.layers.GRU, LSTM and SimpleRNN, as `get_weights` gives and `set_weights` takes them.

Kernels are transposed, (D, gates · H) and (H, gates · H); columns z, r, h and i, f, c, o.  A GRU with reset_after has
its two biases in one array (2, 3H); all others have one bias.  A Bidirectional layer lists the forward layer's arrays,
then the backward one's.  Source: keras/src/layers/rnn/{gru,lstm,simple_rnn}.py, Keras 3.15.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from solutions.reference.conventions import (
    KERAS_LSTM,
    KERAS_RESET_AFTER,
    KERAS_RESET_BEFORE,
    KERAS_RNN,
    Convention,
)
from solutions.reference.convert.weights import NotConvertible, Weights, cell_of, check_cell, convert

ACTIVATIONS = {"activation": "tanh", "recurrent_activation": "sigmoid"}


def from_keras(cell: str, arrays: Sequence[np.ndarray], config: Mapping[str, object]) -> tuple[Convention, Weights]:
    """The convention and the weights of a layer: arrays from `layer.get_weights()`, config from `layer.get_config()`.

    cell "gru", "lstm" or "rnn" (SimpleRNN).  NotConvertible if an activation is not the default; ValueError if the
    arrays are not those of such a layer.
    """
    check_cell(cell)
    for name, usual in ACTIVATIONS.items():
        if config.get(name, usual) != usual:
            raise NotConvertible(f"{name} is {config[name]!r}; only {usual!r} is the same cell elsewhere.")
    use_bias = config.get("use_bias", True)
    if len(arrays) != 2 + bool(use_bias):
        raise ValueError(
            f"arrays holds {len(arrays)} arrays; a layer with use_bias={use_bias} has {2 + bool(use_bias)}. "
            "Of a Bidirectional layer give one half at a time."
        )
    convention = keras_convention(cell, config.get("reset_after", True))
    kernel, recurrent, *bias = (np.asarray(array) for array in arrays)
    if not bias:
        return replace(convention, biases=0), Weights(kernel.T, recurrent.T)
    if bias[0].ndim != convention.biases:
        raise ValueError(
            f"The bias has the shape {bias[0].shape}; it should have {convention.biases} axes. "
            "Is reset_after in config that of the layer which the arrays are from?"
        )
    return convention, Weights(kernel.T, recurrent.T, *(bias[0] if convention.biases == 2 else bias))


def to_keras(convention: Convention, weights: Weights) -> list[np.ndarray]:
    """The arrays for `layer.set_weights`.

    The layer has use_bias=True.  A GRU has reset_after=True if the convention's reset gate acts after the recurrent
    product, False if before; so every convention has its layer.
    """
    cell = cell_of(convention)
    target = keras_convention(cell, cell == "gru" and convention.reset == "after")
    weight_ih, weight_hh, *biases = convert(weights, convention, target)
    bias = np.stack(biases) if target.biases == 2 else biases[0]
    return [np.ascontiguousarray(weight_ih.T), np.ascontiguousarray(weight_hh.T), bias]


def keras_convention(cell: str, reset_after: object) -> Convention:
    gru = KERAS_RESET_AFTER if reset_after else KERAS_RESET_BEFORE
    return {"gru": gru, "lstm": KERAS_LSTM, "rnn": KERAS_RNN}[cell]
