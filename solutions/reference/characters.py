"""A character model: a recurrent cell, an affine map to one logit for each character, and what is done with logits.

K characters, T time, B batch, H hidden size.  A character is a whole number from 0 to K - 1, and one-hot as an input.
"""

import numpy as np

from solutions.reference.arguments import check_arrays
from solutions.reference.rnn import rnn_cell


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """log p, p = exp(a) / sum exp(a) over the last axis of the logits a: finite for logits of any size.

    logits (..., K), float32 or float64 -> the same shape and dtype, a new array.
    """
    # log p = (a - m) - log sum exp(a - m), m = max a
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def cross_entropy(logits: np.ndarray, targets: np.ndarray) -> np.floating:
    """The mean over all positions of -log p(target), in nats.

    logits (..., K), float32 or float64, targets (...), integers from 0 to K - 1 -> one number.
    Raises TypeError for targets that are no integers, ValueError for another shape or a target that is no character.
    """
    targets = np.asarray(targets)
    if targets.dtype.kind not in "iu":
        raise TypeError(f"targets has dtype {targets.dtype}; it should hold integers.")
    if targets.shape != logits.shape[:-1]:
        raise ValueError(f"targets has shape {targets.shape}; it should be {logits.shape[:-1]}, as logits has it.")
    if targets.size and not 0 <= targets.min() <= targets.max() < logits.shape[-1]:
        raise ValueError(f"targets runs to {targets.max()}; it should be from 0 to K - 1 = {logits.shape[-1] - 1}.")
    # -log p(target)
    return -np.take_along_axis(log_softmax(logits), targets[..., None], axis=-1).mean()


def sample(
    start: int,
    uniforms: np.ndarray,
    weight_ih: np.ndarray,
    weight_hh: np.ndarray,
    bias_ih: np.ndarray,
    bias_hh: np.ndarray,
    weight_out: np.ndarray,
    bias_out: np.ndarray,
    temperature: float = 1.0,
) -> np.ndarray:
    """Characters drawn one after another from a plain recurrent network, each fed back as the next input.

    start, the first input; uniforms (N,), numbers in [0, 1), one for each draw; weight_ih (H, K), weight_hh (H, H),
    biases (H,), weight_out (K, H), bias_out (K,); the state begins at zero -> (N,), integers, without the start.
    A draw is the first k with p_0 + ... + p_k > u, p = softmax((W_out h + b_out) / temperature), the inverse of the
    cumulative distribution.  Raises TypeError or ValueError for another dtype or shape, a start or a temperature
    outside its range.
    """
    check_arrays(
        {
            "weight_ih": (weight_ih, "H K"),
            "weight_hh": (weight_hh, "H H"),
            "bias_ih": (bias_ih, "H"),
            "bias_hh": (bias_hh, "H"),
            "weight_out": (weight_out, "K H"),
            "bias_out": (bias_out, "K"),
        }
    )
    hidden, characters = weight_ih.shape
    if not 0 <= start < characters:
        raise ValueError(f"start is {start}; it should be from 0 to K - 1 = {characters - 1}.")
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}; it should be above 0.")
    one_hot = np.eye(characters, dtype=weight_ih.dtype)
    h = np.zeros((1, hidden), weight_ih.dtype)
    drawn, last = [], start
    for u in uniforms:
        h = rnn_cell(one_hot[last][None], h, weight_ih, weight_hh, bias_ih, bias_hh)
        # p = softmax((W_out h + b_out) / temperature)
        p = np.exp(log_softmax((weight_out @ h[0] + bias_out) / temperature))
        # the first k with p_0 + ... + p_k > u; the last where rounding leaves the sum below u
        last = min(int(np.searchsorted(np.cumsum(p), u, side="right")), characters - 1)
        drawn.append(last)
    return np.array(drawn, dtype=np.int64)
