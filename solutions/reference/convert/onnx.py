"""ONNX: the inputs W, R, B and the attributes of the operators GRU, LSTM and RNN (version 22).

W (directions, gates · H, D), R (directions, gates · H, H), B (directions, 2 · gates · H): the input's biases, then the
recurrent ones.  Rows z, r, h and i, o, f, c.  Source: the operators' own documentation, onnx 1.23.2.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from solutions.reference.conventions import (
    ONNX_DEFAULT,
    ONNX_LINEAR_BEFORE_RESET,
    ONNX_LSTM,
    ONNX_RNN,
    Convention,
)
from solutions.reference.convert.weights import NotConvertible, Weights, cell_of, check_cell, convert

ACTIVATIONS = {"gru": ["Sigmoid", "Tanh"], "lstm": ["Sigmoid", "Tanh", "Tanh"], "rnn": ["Tanh"]}
# They say how the operator runs, not what its weights mean.
HARMLESS = {"direction", "hidden_size", "layout"}


def from_onnx(
    cell: str,
    W: np.ndarray,
    R: np.ndarray,
    B: np.ndarray | None = None,
    P: np.ndarray | None = None,
    **attributes: object,
) -> tuple[Convention, list[Weights]]:
    """The convention and the weights of each direction, forward first.

    cell "gru", "lstm" or "rnn"; attributes as the node has them.  NotConvertible for peepholes (P), other activations,
    clip and input_forget; ValueError for an attribute that is unknown or arrays that are not those of such a node.
    """
    check_cell(cell)
    check_attributes(cell, len(W), attributes)
    if P is not None and np.any(P):
        raise NotConvertible("P holds peepholes: gates that see the memory c. No other convention here has them.")
    convention = onnx_convention(cell, attributes.get("linear_before_reset", 0))
    if not len(W) == len(R) == (len(W) if B is None else len(B)):
        raise ValueError("W, R and B must have one first axis, the directions.")
    if B is None:
        return replace(convention, biases=0), [Weights(*each) for each in zip(W, R, strict=True)]
    return convention, [Weights(w, r, *np.split(b, 2)) for w, r, b in zip(W, R, B, strict=True)]


def to_onnx(
    convention: Convention, weights: Weights | Sequence[Weights]
) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """The inputs W, R, B and the attributes that an operator needs; weights of one direction, or a list of two.

    A GRU's linear_before_reset is 1 where the convention's reset gate acts after the recurrent product, else 0.
    """
    cell, both = cell_of(convention), [weights] if isinstance(weights, Weights) else list(weights)
    after = int(cell == "gru" and convention.reset == "after")
    converted = [convert(each, convention, onnx_convention(cell, after)) for each in both]
    inputs = {
        "W": np.stack([each.weight_ih for each in converted]),
        "R": np.stack([each.weight_hh for each in converted]),
        "B": np.stack([np.concatenate([each.bias_ih, each.bias_hh]) for each in converted]),
    }
    attributes = {"hidden_size": inputs["R"].shape[-1], "direction": "bidirectional" if len(both) == 2 else "forward"}
    return inputs, {**attributes, "linear_before_reset": after} if cell == "gru" else attributes


def check_attributes(cell: str, directions: int, attributes: dict[str, object]) -> None:
    known = {
        "activations",
        "activation_alpha",
        "activation_beta",
        "clip",
        "input_forget",
        "linear_before_reset",
    } | HARMLESS
    if unknown := sorted(set(attributes) - known):
        raise ValueError(
            f"{unknown[0]} is no attribute of an ONNX {cell.upper()}; those are {', '.join(sorted(known))}."
        )
    usual = ACTIVATIONS[cell] * directions
    given = [name.decode() if isinstance(name, bytes) else name for name in attributes.get("activations") or usual]
    if [name.lower() for name in given] != [name.lower() for name in usual]:
        raise NotConvertible(f"activations is {given}; only {usual} is the same cell elsewhere.")
    if attributes.get("clip"):
        raise NotConvertible(
            f"clip is {attributes['clip']}: what goes into the activations is cut off; only no clip converts."
        )
    if attributes.get("input_forget"):
        raise NotConvertible("input_forget is 1: the forget gate is 1 - i. No other convention here couples them.")


def onnx_convention(cell: str, linear_before_reset: object) -> Convention:
    gru = ONNX_LINEAR_BEFORE_RESET if linear_before_reset else ONNX_DEFAULT
    return {"gru": gru, "lstm": ONNX_LSTM, "rnn": ONNX_RNN}[cell]
