"""minGRU and minLSTM on torch tensors (Feng et al. 2024, arXiv:2410.01201, section 3).

The functions of solutions/reference/minimal.py, which says what they leave out of a GRU and how weights are packed:
here on any device, in any floating dtype, and differentiable by autograd.  T time, B batch, D input size, H hidden
size.
"""

import torch
from torch import Tensor
from torch.nn.functional import linear, logsigmoid, relu

from solutions.reference.in_torch.arguments import check_kinds

SCANS = ("steps", "parallel", "logs")


def min_gru_forward(
    x: Tensor, h0: Tensor, weight: Tensor, bias: Tensor, positive: bool = False, scan: str = "parallel"
) -> Tensor:
    """The states of a minGRU: z = σ(W_z x + b_z), h̃ = W_h x + b_h, h_t = (1 - z) ⊙ h_{t-1} + z ⊙ h̃.

    x (T, B, D), h0 (B, H), weight (2H, D), bias (2H,) -> (T, B, H).
    positive: h̃ = g(W_h x + b_h) with the paper's g > 0 (appendix B), else as it is.
    scan: "steps", "parallel" or "logs"; the last needs positive=True and h0 > 0, else its result is NaN.
    Errors: ValueError for a wrong shape or value, TypeError for a wrong kind, mixed dtypes or mixed devices.
    """
    check(2, x, h0, weight, bias, positive, scan)
    k, v = linear(x, weight, bias).chunk(2, dim=-1)
    return mixed(k, v, h0, positive, scan)


def min_lstm_forward(
    x: Tensor, h0: Tensor, weight: Tensor, bias: Tensor, positive: bool = False, scan: str = "parallel"
) -> Tensor:
    """The states of a minLSTM: f = σ(W_f x + b_f), i = σ(W_i x + b_i), h̃ = W_h x + b_h, h_t = f' ⊙ h_{t-1} + i' ⊙ h̃.

    f' = f / (f + i) and i' = i / (f + i), so f' + i' = 1.  x (T, B, D), h0 (B, H), weight (3H, D), bias (3H,) ->
    (T, B, H).  The rest as for `min_gru_forward`.
    """
    check(3, x, h0, weight, bias, positive, scan)
    k_f, k_i, v = linear(x, weight, bias).chunk(3, dim=-1)
    # i' = i / (f + i) = σ(log i - log f): a minGRU with this for the gate's pre-activation
    return mixed(logsigmoid(k_i) - logsigmoid(k_f), v, h0, positive, scan)


def mixed(k: Tensor, v: Tensor, h0: Tensor, positive: bool, scan: str) -> Tensor:
    """The states h_t = (1 - z) ⊙ h_{t-1} + z ⊙ h̃ with z = σ(k) and h̃ = g(v) or v; k, v (T, B, H), h0 (B, H)."""
    if scan == "logs":
        # log(1 - z) = log σ(-k), log(z ⊙ h̃) = log σ(k) + log g(v)
        return scan_in_logs(logsigmoid(-k), logsigmoid(k) + log_g(v), torch.log(h0))
    z = torch.sigmoid(k)
    b = z * (g(v) if positive else v)
    return scan_in_steps(z, b, h0) if scan == "steps" else scan_in_parallel(z, b, h0)


def scan_in_steps(z: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """h_t = (1 - z_t) ⊙ h_{t-1} + b_t, one step after another; z, b (T, ...), h0 (...) -> (T, ...)."""
    h, states = h0, []
    for z_t, b_t in zip(z, b, strict=True):
        # h_t = (1 - z_t) ⊙ h_{t-1} + b_t
        h = h + (b_t - z_t * h)
        states.append(h)
    return torch.stack(states)


def scan_in_parallel(z: Tensor, b: Tensor, h0: Tensor) -> Tensor:
    """The same by doubling (Hillis & Steele 1986), log2 T dependent steps; see solutions/reference/scan.py."""
    b = torch.cat([b[:1] + h0 - z[:1] * h0, b[1:]])
    shift = 1
    while shift < len(z):
        # (z_t, b_t) after (z_{t-shift}, b_{t-shift}), for all t at once: (z + z' - z z', b + b' - z b')
        later, z_before, b_before = z[shift:], z[:-shift], b[:-shift]
        b = torch.cat([b[:shift], b[shift:] + (b_before - later * b_before)])
        z = torch.cat([z[:shift], later + (z_before - later * z_before)])
        shift *= 2
    return b


def scan_in_logs(log_a: Tensor, log_b: Tensor, log_h0: Tensor) -> Tensor:
    """The same in logarithms, for a = 1 - z, b, h0 > 0 (the paper's appendix B); scan.py says how it rounds."""
    # A_t = Σ_{s<=t} log a_s
    A = torch.cumsum(log_a, dim=0)
    terms = torch.cat([log_h0[None], log_b - A])
    # h_t = exp(A_t + log Σ_{s<=t} exp(log b_s - A_s)), where the sum begins with h_0
    return torch.exp(A + torch.logcumsumexp(terms, dim=0)[1:])


def g(v: Tensor) -> Tensor:
    """The paper's positive candidate: v + 1/2 where v >= 0, σ(v) elsewhere."""
    return torch.where(v >= 0, v + 0.5, torch.sigmoid(v))


def log_g(v: Tensor) -> Tensor:
    """log g(v); relu keeps the branch that is not taken from sending NaN into the gradient."""
    return torch.where(v >= 0, torch.log(relu(v) + 0.5), logsigmoid(v))


def check(blocks: int, x: Tensor, h0: Tensor, weight: Tensor, bias: Tensor, positive: bool, scan: str) -> None:
    check_kinds({"x": x, "h0": h0, "weight": weight, "bias": bias})
    for name, tensor, axes in [("x", x, "T, B, D"), ("h0", h0, "B, H")]:
        if tensor.dim() != len(axes.split(", ")) or not len(tensor):
            raise ValueError(f"{name} has the shape {tuple(tensor.shape)}; it should be ({axes}).")
    (batch, inputs), rows = x.shape[1:], blocks * h0.shape[1]
    shapes = [("h0", h0, (batch, h0.shape[1])), ("weight", weight, (rows, inputs)), ("bias", bias, (rows,))]
    for name, tensor, shape in shapes:
        if tensor.shape != shape:
            raise ValueError(
                f"{name} has the shape {tuple(tensor.shape)}; it should be {shape}, with B = {batch} and D = {inputs} "
                f"from x, H = {h0.shape[1]} from h0 and {blocks} blocks of rows."
            )
    if scan not in SCANS:
        raise ValueError(f"scan is {scan!r}; it should be one of {', '.join(SCANS)}.")
    if scan == "logs" and not positive:
        raise ValueError('scan="logs" takes logarithms of states: it needs positive=True and h0 > 0 throughout.')
