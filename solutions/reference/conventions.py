"""One GRU, many conventions: the switch that says which.

Papers and libraries call different functions "GRU", or call one function by other names.  A convention says
- update: does z *keep* the old state, h' = (1 - z) ⊙ n + z ⊙ h, or *write* the new one, h' = (1 - z) ⊙ h + z ⊙ n?
- reset: does r act *after* the recurrent product, r ⊙ (W_hn h + b_hn), or *before* it, W_hn (r ⊙ h) + b_hn?
- biases: two for each gate, one (the input's), or none;
- order: in which order the gates' rows are packed.
The cells that obey it are in in_convention.py.  Of the four only `reset` changes what can be computed: convert/ turns
weights from one convention into another wherever that is possible.
"""

from dataclasses import dataclass
from typing import Literal


def one_of(name: str, value: object, choices: tuple) -> None:
    if value not in choices or isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; it should be {' or '.join(map(repr, choices))}.")


def check_order(order: str, letters: str) -> None:
    if not isinstance(order, str) or sorted(order) != sorted(letters):
        raise ValueError(f"order is {order!r}; it should hold each of the letters {', '.join(letters)} once.")


@dataclass(frozen=True)
class GRUConvention:
    """What "GRU" means: see the top of this file.  A value that is none of those raises ValueError."""

    update: Literal["keep", "write"] = "keep"
    reset: Literal["after", "before"] = "after"
    biases: Literal[2, 1, 0] = 2
    order: str = "rzn"

    gates = 3

    def __post_init__(self) -> None:
        one_of("update", self.update, ("keep", "write"))
        one_of("reset", self.reset, ("after", "before"))
        one_of("biases", self.biases, (2, 1, 0))
        check_order(self.order, "rzn")


@dataclass(frozen=True)
class LSTMConvention:
    """What "LSTM" means: the number of biases and the order of the rows of input, forget, cell (g) and output."""

    biases: Literal[2, 1, 0] = 2
    order: str = "ifgo"

    gates = 4

    def __post_init__(self) -> None:
        one_of("biases", self.biases, (2, 1, 0))
        check_order(self.order, "ifgo")


@dataclass(frozen=True)
class RNNConvention:
    """What "RNN" means, with tanh: the number of biases."""

    biases: Literal[2, 1, 0] = 2

    gates = 1
    order = "h"

    def __post_init__(self) -> None:
        one_of("biases", self.biases, (2, 1, 0))


Convention = GRUConvention | LSTMConvention | RNNConvention

# The tests run these against the library's own code.
PYTORCH = GRUConvention()
KERAS_RESET_AFTER = GRUConvention(order="zrn")
KERAS_RESET_BEFORE = GRUConvention(order="zrn", reset="before", biases=1)
ONNX_LINEAR_BEFORE_RESET = GRUConvention(order="zrn")
ONNX_DEFAULT = GRUConvention(order="zrn", reset="before")
# flax.linen has of the second biases b_hn alone; flax.nnx has none, though its formula shows b_hn (Flax 0.12.8).
FLAX_LINEN = GRUConvention()
FLAX_NNX = GRUConvention(biases=1)
# From cuDNN's user guide as TensorFlow quotes it (tf.contrib.cudnn_rnn.CudnnCompatibleGRUCell).  torch.nn.GRU hands
# cuDNN its weights as they are, so the order is PyTorch's.
CUDNN = GRUConvention()
# From oneDNN's developer guide (doc/primitives/rnn.md); not run.  Gates u, r, o, so z, r, n.  lbr_gru has four biases a
# unit: one each for z and r, two for n; here as two a row, of which those of W_hr and W_hz are zero.
ONEDNN_LBR = GRUConvention(order="zrn")
ONEDNN = GRUConvention(order="zrn", reset="before", biases=1)

# From the papers, as others report them; not run.  Their equations have no biases and a matrix for each gate, so the
# order is ours.  Cho et al. (arXiv:1406.1078) apply the reset gate after the product in version 1 and before it in
# version 3: so says Keras's documentation of reset_after.  Chung et al. (arXiv:1412.3555) write with z what Cho et al.
# keep.
CHO_2014_V1 = GRUConvention(biases=0)
CHO_2014_V3 = GRUConvention(reset="before", biases=0)
CHUNG_2014 = GRUConvention(update="write", reset="before", biases=0)

GRU_CONVENTIONS = {
    "PYTORCH": PYTORCH,
    "CUDNN": CUDNN,
    "ONEDNN": ONEDNN,
    "ONEDNN_LBR": ONEDNN_LBR,
    "CHO_2014_V1": CHO_2014_V1,
    "CHO_2014_V3": CHO_2014_V3,
    "CHUNG_2014": CHUNG_2014,
    "KERAS_RESET_AFTER": KERAS_RESET_AFTER,
    "KERAS_RESET_BEFORE": KERAS_RESET_BEFORE,
    "ONNX_DEFAULT": ONNX_DEFAULT,
    "ONNX_LINEAR_BEFORE_RESET": ONNX_LINEAR_BEFORE_RESET,
    "FLAX_LINEN": FLAX_LINEN,
    "FLAX_NNX": FLAX_NNX,
}

PYTORCH_LSTM = LSTMConvention()
KERAS_LSTM = LSTMConvention(biases=1)  # Keras writes c for g: i, f, c, o
ONNX_LSTM = LSTMConvention(order="iofg")  # ONNX too: i, o, f, c
FLAX_LSTM = LSTMConvention(biases=1)

PYTORCH_RNN = RNNConvention()
KERAS_RNN = RNNConvention(biases=1)
ONNX_RNN = RNNConvention()
FLAX_RNN = RNNConvention(biases=1)


def named(convention: Convention | str, kind: type) -> Convention:
    """The convention itself if it is of that kind, or the GRU convention of that name; ValueError or TypeError else."""
    if isinstance(convention, str) and kind is GRUConvention:
        if convention not in GRU_CONVENTIONS:
            raise ValueError(f"convention is {convention!r}; it should be one of {', '.join(GRU_CONVENTIONS)}.")
        return GRU_CONVENTIONS[convention]
    if not isinstance(convention, kind):
        got = repr(convention) if isinstance(convention, str) else f"of type {type(convention).__name__}"
        raise TypeError(f"convention is {got}; it should be of type {kind.__name__}.")
    return convention
