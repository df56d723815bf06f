"""minGRU and minLSTM in NumPy (Feng et al. 2024, arXiv:2410.01201, section 3).

What a GRU and an LSTM keep if their gates may look at the input only: then h_t = (1 - z_t) ⊙ h_{t-1} + b_t with z_t and
b_t known for all t beforehand, and a scan runs through time in parallel (scan.py).  There is no reset gate, no output
gate and no tanh; the update gate *writes*, h' = (1 - z) ⊙ h + z ⊙ h̃.

T time, B batch, D input size, H hidden size, float32 or float64 throughout.  One weight and one bias, for there is no
recurrent product: rows are packed (update z, candidate h̃) for the minGRU, weight (2H, D), bias (2H,), and (forget f,
input i, candidate h̃) for the minLSTM, weight (3H, D), bias (3H,).  The packing is ours; the paper has a matrix each.
"""

import numpy as np

from solutions.reference.gru import sigmoid
from solutions.reference.in_convention import check_floats
from solutions.reference.scan import scan_in_logs, scan_in_parallel, scan_in_steps

SCANS = ("steps", "parallel", "logs")


def min_gru_forward(
    x: np.ndarray,
    h0: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    positive: bool = False,
    scan: str = "parallel",
) -> np.ndarray:
    """The states of a minGRU: z = σ(W_z x + b_z), h̃ = W_h x + b_h, h_t = (1 - z) ⊙ h_{t-1} + z ⊙ h̃.

    x (T, B, D), h0 (B, H), weight (2H, D), bias (2H,) -> (T, B, H).
    positive: h̃ = g(W_h x + b_h) with the paper's g > 0 (appendix B), else as it is.
    scan: "steps", "parallel" or "logs" (see scan.py); the last needs positive=True and h0 > 0.
    Errors: ValueError for a wrong shape or value, TypeError for a wrong kind or mixed dtypes.
    """
    check(2, x, h0, weight, bias, positive, scan)
    k, v = np.split(x @ weight.T + bias, 2, axis=-1)
    return mixed(k, v, h0, positive, scan)


def min_lstm_forward(
    x: np.ndarray,
    h0: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    positive: bool = False,
    scan: str = "parallel",
) -> np.ndarray:
    """The states of a minLSTM: f = σ(W_f x + b_f), i = σ(W_i x + b_i), h̃ = W_h x + b_h, h_t = f' ⊙ h_{t-1} + i' ⊙ h̃.

    f' = f / (f + i) and i' = i / (f + i), so f' + i' = 1.  x (T, B, D), h0 (B, H), weight (3H, D), bias (3H,) ->
    (T, B, H).  The rest as for `min_gru_forward`.
    """
    check(3, x, h0, weight, bias, positive, scan)
    k_f, k_i, v = np.split(x @ weight.T + bias, 3, axis=-1)
    # i' = i / (f + i) = σ(log i - log f), a minGRU with this for its gate's pre-activation; log σ(k) = -softplus(-k)
    return mixed(softplus(-k_f) - softplus(-k_i), v, h0, positive, scan)


def mixed(k: np.ndarray, v: np.ndarray, h0: np.ndarray, positive: bool, scan: str) -> np.ndarray:
    """The states h_t = (1 - z) ⊙ h_{t-1} + z ⊙ h̃ with z = σ(k) and h̃ = g(v) or v; k, v (T, B, H), h0 (B, H)."""
    if scan == "logs":
        # log(1 - z) = -softplus(k), log(z ⊙ h̃) = -softplus(-k) + log g(v)
        return scan_in_logs(-softplus(k), -softplus(-k) + log_g(v), np.log(h0))
    z = sigmoid(k)
    b = z * (g(v) if positive else v)
    return scan_in_steps(z, b, h0) if scan == "steps" else scan_in_parallel(z, b, h0)


def softplus(a: np.ndarray) -> np.ndarray:
    """log(1 + exp(a)), which never overflows."""
    return np.logaddexp(0, a)


def g(v: np.ndarray) -> np.ndarray:
    """The paper's positive candidate: v + 1/2 where v >= 0, σ(v) elsewhere."""
    return np.where(v >= 0, v + 0.5, sigmoid(v))


def log_g(v: np.ndarray) -> np.ndarray:
    """log g(v), without the logarithm of a number that rounded to zero."""
    return np.where(v >= 0, np.log(np.maximum(v, 0) + 0.5), -softplus(-v))


def check(
    blocks: int, x: np.ndarray, h0: np.ndarray, weight: np.ndarray, bias: np.ndarray, positive: bool, scan: str
) -> None:
    check_floats({"x": x, "h0": h0, "weight": weight, "bias": bias})
    for name, array, axes in [("x", x, "T, B, D"), ("h0", h0, "B, H")]:
        if array.ndim != len(axes.split(", ")) or not len(array):
            raise ValueError(f"{name} has the shape {array.shape}; it should be ({axes}).")
    (batch, inputs), rows = x.shape[1:], blocks * h0.shape[1]
    shapes = [("h0", h0, (batch, h0.shape[1])), ("weight", weight, (rows, inputs)), ("bias", bias, (rows,))]
    for name, array, shape in shapes:
        if array.shape != shape:
            raise ValueError(
                f"{name} has the shape {array.shape}; it should be {shape}, with B = {batch} and D = {inputs} from x, "
                f"H = {h0.shape[1]} from h0 and {blocks} blocks of rows."
            )
    if scan not in SCANS:
        raise ValueError(f"scan is {scan!r}; it should be one of {', '.join(SCANS)}.")
    if scan == "logs" and not (positive and (h0 > 0).all()):
        raise ValueError('scan="logs" takes logarithms of states: it needs positive=True and h0 > 0 throughout.')
