"""The cells in any convention, in NumPy: every formula with its variants side by side, and no trick for speed.

T time, B batch, D input size, H hidden size.  Arrays are float32 or float64 and of one dtype, and so is the result.
Weights are packed by rows in the convention's order: weight_ih (gates · H, D), weight_hh (gates · H, H), biases
(gates · H,); bias_hh is None in a convention with one bias, and both are in one without.
"""

import numpy as np

from solutions.reference.conventions import (
    Convention,
    GRUConvention,
    LSTMConvention,
    RNNConvention,
    named,
)
from solutions.reference.gru import sigmoid


def by_gate(order: str, packed: np.ndarray | None) -> dict[str, np.ndarray | float]:
    """The blocks of rows by their letters; a bias that is not there is zero."""
    blocks = [0.0] * len(order) if packed is None else np.split(packed, len(order))
    return dict(zip(order, blocks, strict=True))


def gru_cell_in(
    convention: GRUConvention | str,
    x: np.ndarray,
    h: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
) -> np.ndarray:
    """One step of the GRU of that convention (or of that name, "PYTORCH" say): x (B, D), h (B, H) -> (B, H).

    What does not fit raises ValueError or TypeError.
    """
    convention = named(convention, GRUConvention)
    check_weights(convention, weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("B, D", x, {"h": h}, weight_ih, weight_hh)
    return gru_step(convention, x, h, weight_ih, weight_hh, bias_ih, bias_hh)


def gru_step(
    convention: GRUConvention, x: np.ndarray, h: np.ndarray, weight_ih: np.ndarray, weight_hh: np.ndarray, *biases
) -> np.ndarray:
    W, U, b, c = (by_gate(convention.order, packed) for packed in (weight_ih, weight_hh, *biases))
    # r = σ(W_ir x + b_ir + W_hr h + b_hr)
    r = sigmoid(x @ W["r"].T + b["r"] + h @ U["r"].T + c["r"])
    # z = σ(W_iz x + b_iz + W_hz h + b_hz)
    z = sigmoid(x @ W["z"].T + b["z"] + h @ U["z"].T + c["z"])
    if convention.reset == "after":
        # n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
        n = np.tanh(x @ W["n"].T + b["n"] + r * (h @ U["n"].T + c["n"]))
    else:
        # n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn)
        n = np.tanh(x @ W["n"].T + b["n"] + (r * h) @ U["n"].T + c["n"])
    if convention.update == "keep":
        # h' = (1 - z) ⊙ n + z ⊙ h
        return (1 - z) * n + z * h
    # h' = (1 - z) ⊙ h + z ⊙ n
    return (1 - z) * h + z * n


def gru_forward_in(
    convention: GRUConvention | str,
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
) -> np.ndarray:
    """The states h_1 ... h_T of a whole sequence, h_t = gru_cell_in(convention, x_t, h_{t-1}, ...).

    x (T, B, D), h0 (B, H) -> (T, B, H).
    """
    convention = named(convention, GRUConvention)
    check_weights(convention, weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("T, B, D", x, {"h0": h0}, weight_ih, weight_hh)
    h, states = h0, []
    for x_t in x:
        h = gru_step(convention, x_t, h, weight_ih, weight_hh, bias_ih, bias_hh)
        states.append(h)
    return np.stack(states)


def lstm_forward_in(
    convention: LSTMConvention,
    x: np.ndarray,
    h0: np.ndarray,
    c0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The states h_1 ... h_T and c_1 ... c_T of an LSTM without peepholes.

    x (T, B, D), h0 and c0 (B, H) -> two of (T, B, H).
    """
    convention = named(convention, LSTMConvention)
    check_weights(convention, weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("T, B, D", x, {"h0": h0, "c0": c0}, weight_ih, weight_hh)
    W, U, b, d = (by_gate(convention.order, packed) for packed in (weight_ih, weight_hh, bias_ih, bias_hh))
    h, c, states, memories = h0, c0, [], []
    for x_t in x:
        # i = σ(W_ii x + b_ii + W_hi h + b_hi), f and o likewise
        i, f, o = (sigmoid(x_t @ W[gate].T + b[gate] + h @ U[gate].T + d[gate]) for gate in "ifo")
        # g = tanh(W_ig x + b_ig + W_hg h + b_hg)
        g = np.tanh(x_t @ W["g"].T + b["g"] + h @ U["g"].T + d["g"])
        # c' = f ⊙ c + i ⊙ g
        c = f * c + i * g
        # h' = o ⊙ tanh(c')
        h = o * np.tanh(c)
        states.append(h)
        memories.append(c)
    return np.stack(states), np.stack(memories)


def rnn_forward_in(
    convention: RNNConvention,
    x: np.ndarray,
    h0: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None = None,
    bias_hh: np.ndarray | None = None,
) -> np.ndarray:
    """The states h_1 ... h_T of a plain RNN: x (T, B, D), h0 (B, H) -> (T, B, H)."""
    convention = named(convention, RNNConvention)
    check_weights(convention, weight_ih, weight_hh, bias_ih, bias_hh)
    check_inputs("T, B, D", x, {"h0": h0}, weight_ih, weight_hh)
    bias = sum(bias for bias in (bias_ih, bias_hh) if bias is not None)
    h, states = h0, []
    for x_t in x:
        # h' = tanh(W_ih x + b_ih + W_hh h + b_hh)
        h = np.tanh(x_t @ weight_ih.T + h @ weight_hh.T + bias)
        states.append(h)
    return np.stack(states)


def check_weights(
    convention: Convention,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray | None,
    bias_hh: np.ndarray | None,
) -> None:
    """Weights have the shapes and biases of the convention and one floating dtype; else ValueError or TypeError."""
    for name, bias, wanted in [
        ("bias_ih", bias_ih, convention.biases > 0),
        ("bias_hh", bias_hh, convention.biases > 1),
    ]:
        if (bias is not None) != wanted:
            raise ValueError(
                f"{name} is {'None' if wanted else 'given'}; it should be {'an array' if wanted else 'None'}, because "
                f"the convention has biases={convention.biases}."
            )
    both = {"weight_ih": weight_ih, "weight_hh": weight_hh}
    biases = {name: bias for name, bias in [("bias_ih", bias_ih), ("bias_hh", bias_hh)] if bias is not None}
    check_floats({**both, **biases})
    for name, array in both.items():
        if array.ndim != 2:
            raise ValueError(f"{name} has the shape {array.shape}; it should have two axes, rows and columns.")
    hidden, inputs = weight_hh.shape[1], weight_ih.shape[1]
    rows = convention.gates * hidden
    shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, hidden), **dict.fromkeys(biases, (rows,))}
    for name, array in {**both, **biases}.items():
        if array.shape != shapes[name]:
            raise ValueError(
                f"{name} has the shape {array.shape}; it should be {shapes[name]}: {convention.gates} × H rows, with "
                f"H = {hidden}, the columns of weight_hh."
            )


def check_inputs(
    axes: str, x: np.ndarray, states: dict[str, np.ndarray], weight_ih: np.ndarray, weight_hh: np.ndarray
) -> None:
    """x has these axes, each state is (B, H), all as the weights say; else ValueError or TypeError."""
    check_floats({"weight_ih": weight_ih, "x": x, **states})
    inputs, hidden = weight_ih.shape[1], weight_hh.shape[1]
    if x.ndim != len(axes.split(", ")) or x.shape[-1] != inputs or not len(x):
        raise ValueError(f"x has the shape {x.shape}; it should be ({axes}) with D = {inputs}, as weight_ih has.")
    for name, state in states.items():
        if state.shape != (x.shape[-2], hidden):
            raise ValueError(
                f"{name} has the shape {state.shape}; it should be {(x.shape[-2], hidden)}, that is (B, H) with B as "
                "x and H as weight_hh has."
            )


def check_floats(given: dict[str, np.ndarray]) -> None:
    """Floating arrays of one dtype; else TypeError."""
    first, *_ = given
    for name, array in given.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
            kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            raise TypeError(f"{name} must be a NumPy array of a floating dtype; it is {kind}.")
        if array.dtype != given[first].dtype:
            raise TypeError(f"{name} is {array.dtype}, but {first} is {given[first].dtype}. Use one dtype for all.")
