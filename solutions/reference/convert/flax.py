"""Flax 0.12: the parameters of GRUCell, LSTMCell, OptimizedLSTMCell and SimpleCell, of flax.linen and of flax.nnx.

Kernels are transposed.  flax.linen has one entry a gate, {"ir": {"kernel": (D, H), "bias": (H,)}, "hr": ...}; flax.nnx
packs the gates in dense_i and dense_h, (D, gates · H) and (H, gates · H), except in its LSTMCell.  A GRU's bias is the
input's, and flax.linen has b_hn besides; flax.nnx has not, though its formula shows one.  An LSTM's bias is the
recurrent one.
Source: flax/linen/recurrent.py and flax/nnx/nn/recurrent.py, Flax 0.12.8.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from solutions.reference.conventions import FLAX_LINEN, FLAX_LSTM, FLAX_NNX, FLAX_RNN, Convention
from solutions.reference.convert.weights import Weights, cell_of, check_cell, convert

CONVENTIONS = {"gru": FLAX_LINEN, "lstm": FLAX_LSTM, "rnn": FLAX_RNN}
Params = Mapping[str, Mapping[str, np.ndarray]]


def from_flax(cell: str, params: Params) -> tuple[Convention, Weights]:
    """The convention and the weights of a cell: params are linen's ["params"] or nnx's `to_pure_dict`, as arrays.

    cell "gru", "lstm" or "rnn" (SimpleCell).  ValueError if an entry is missing.  Other activations and SimpleCell's
    residual are not written in the parameters: see to them yourself.
    """
    check_cell(cell)
    (weight_ih, bias_ih), (weight_hh, bias_hh) = (gathered(cell, params, side) for side in "ih")
    biases = [bias for bias in (bias_ih, bias_hh) if bias is not None]
    return replace(CONVENTIONS[cell], biases=len(biases)), Weights(weight_ih, weight_hh, *biases)


def gathered(cell: str, params: Params, side: str) -> tuple[np.ndarray, np.ndarray | None]:
    """weight (gates · H, columns) and bias (gates · H,) or None, of the input's side "i" or the recurrent one "h"."""
    names = [f"dense_{side}"] if f"dense_{side}" in params else entries(cell, side)
    # `if` is no name in Python: nnx writes if_
    names = [f"{name}_" if name == "if" and "if_" in params else name for name in names]
    for name in names:
        if name not in params:
            raise ValueError(f"params has no {name}; it has {', '.join(params)}.")
    parts = [params[name] for name in names]
    weight = np.concatenate([np.asarray(part["kernel"]).T for part in parts])
    if not any("bias" in part for part in parts):
        return weight, None
    zero = np.zeros(len(weight) // len(parts), weight.dtype)
    return weight, np.concatenate([np.asarray(part.get("bias", zero)) for part in parts])


def entries(cell: str, side: str) -> list[str]:
    """linen's names in the order of the rows: ir, iz, in or hi, hf, hg, ho; i or h of the SimpleCell."""
    return [side] if cell == "rnn" else [f"{side}{gate}" for gate in CONVENTIONS[cell].order]


def to_flax(convention: Convention, weights: Weights, api: str = "linen") -> dict[str, dict[str, np.ndarray]]:
    """The parameters of flax.linen's cell, or with api "nnx" of flax.nnx's GRUCell, OptimizedLSTMCell, SimpleCell.

    NotConvertible for a GRU whose reset gate acts before the recurrent product, and for nnx if b_hn is not zero.
    """
    if api not in ("linen", "nnx"):
        raise ValueError(f"api is {api!r}; it should be 'linen' or 'nnx'.")
    cell = cell_of(convention)
    target = FLAX_NNX if (cell, api) == ("gru", "nnx") else CONVENTIONS[cell]
    converted = convert(weights, convention, target)
    if api == "nnx":
        of_input, of_state = (None, converted.bias_ih) if cell == "lstm" else (converted.bias_ih, None)
        return {"dense_i": entry(converted.weight_ih, of_input), "dense_h": entry(converted.weight_hh, of_state)}
    gates, biases = len(target.order), linen_biases(cell, converted)
    made = {}
    for side, weight in [("i", converted.weight_ih), ("h", converted.weight_hh)]:
        for name, block, bias in zip(entries(cell, side), np.split(weight, gates), biases[side], strict=True):
            made[name] = entry(block, bias)
    return made


def linen_biases(cell: str, weights: Weights) -> dict[str, list[np.ndarray | None]]:
    """The biases of both sides, gate by gate, None where linen has none."""
    if cell == "rnn":
        return {"i": [weights.bias_ih], "h": [None]}
    if cell == "lstm":
        return {"i": [None] * 4, "h": np.split(weights.bias_ih, 4)}
    i_r, i_z, i_n = np.split(weights.bias_ih, 3)
    h_r, h_z, h_n = np.split(weights.bias_hh, 3)
    return {"i": [i_r + h_r, i_z + h_z, i_n], "h": [None, None, h_n]}


def entry(weight: np.ndarray, bias: np.ndarray | None) -> dict[str, np.ndarray]:
    kernel = {"kernel": np.ascontiguousarray(weight.T)}
    return kernel if bias is None else {**kernel, "bias": bias}
