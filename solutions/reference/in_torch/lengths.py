"""Sequences of several lengths in one batch: each is padded at its end to the longest."""

from collections.abc import Sequence

import torch
from torch import Tensor

Lengths = Tensor | Sequence[int] | None


def checked_lengths(lengths: Tensor | Sequence[int], steps: int, batch: int, device: torch.device) -> Tensor:
    """lengths as a tensor (B,) of int64 on the device; an error in words if they fit no batch of such a size."""
    try:
        given = torch.as_tensor(lengths)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"lengths must be {batch} whole numbers, one a sequence; it is {lengths!r}.") from error
    if given.is_floating_point() or given.is_complex() or given.dtype == torch.bool:
        raise TypeError(f"lengths must hold whole numbers; it holds {given.dtype}.")
    if given.shape != (batch,):
        raise ValueError(f"lengths has the shape {tuple(given.shape)}; it should be ({batch},), one a sequence of x.")
    for row, length in enumerate(given.tolist()):
        if not 1 <= length <= steps:
            raise ValueError(f"lengths[{row}] is {length}; it should be from 1 to {steps}, the steps of x.")
    return given.to(device, torch.int64)


def real_steps(x: Tensor, lengths: Lengths) -> Tensor | None:
    """Which steps of x (T, B, D) are real, True or False (T, B, 1); None if all are (lengths is None)."""
    if lengths is None:
        return None
    steps, batch = x.shape[:2]
    lengths = checked_lengths(lengths, steps, batch, x.device)
    return (torch.arange(steps, device=x.device)[:, None] < lengths)[..., None]


def blank(a: Tensor, real: Tensor | None) -> Tensor:
    """a (T, B, any) with zeros at the steps that are not real, so that padding, even NaN, reaches no gradient."""
    return a if real is None else torch.where(real, a, torch.zeros((), dtype=a.dtype, device=a.device))


def last_state(states: Tensor, lengths: Lengths = None) -> Tensor:
    """The state after the last real step of each sequence, (T, B, H) -> (B, H)."""
    if lengths is None:
        return states[-1]
    steps, batch = states.shape[:2]
    lengths = checked_lengths(lengths, steps, batch, states.device)
    return states[lengths - 1, torch.arange(batch, device=states.device)]


def backwards(a: Tensor, lengths: Lengths = None) -> Tensor:
    """a (T, B, any) with the real steps of each sequence in reverse order; the padding stays where it is."""
    if lengths is None:
        return a.flip(0)
    steps, batch = a.shape[:2]
    lengths = checked_lengths(lengths, steps, batch, a.device)
    t = torch.arange(steps, device=a.device)[:, None]
    source = torch.where(t < lengths, lengths - 1 - t, t)
    return a[source, torch.arange(batch, device=a.device)]
