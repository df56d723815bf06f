"""Weights of GRU, LSTM and RNN from one convention or library to another, exactly or not at all.

    convention, weights = from_keras("gru", layer.get_weights(), layer.get_config())
    arrays = to_pytorch(convention, weights)

Every `from_...` gives the library's convention and its weights, packed by rows; every `to_...` takes those of any
convention; `convert` is what lies between.  Only NumPy arrays pass: no library is imported.  "Exactly" is meant of the
mathematics: the two cells then compute one function, and differ by rounding alone.
"""

from solutions.reference.convert.flax import from_flax, to_flax
from solutions.reference.convert.keras import from_keras, to_keras
from solutions.reference.convert.onnx import from_onnx, to_onnx
from solutions.reference.convert.pytorch import from_pytorch, to_pytorch
from solutions.reference.convert.weights import NotConvertible, Weights, convert

__all__ = [
    "NotConvertible",
    "Weights",
    "convert",
    "from_flax",
    "from_keras",
    "from_onnx",
    "from_pytorch",
    "to_flax",
    "to_keras",
    "to_onnx",
    "to_pytorch",
]
