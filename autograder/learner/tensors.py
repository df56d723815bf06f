"""Tensors of torch as arrays that are marked as such, and back.  torch itself is never imported here.

Neither what a tensor requires of autograd nor how it was computed crosses: its numbers do, with their shape and dtype.
"""

from __future__ import annotations

import sys

import numpy as np

from .codec import LIMITS, Held, Tensor, Unsendable


def to_arrays(value: object) -> object:
    """`value` with a `Tensor` for each torch tensor in it.  The memory stays the tensor's own where it can.

    Raises `Unsendable` for a tensor that NumPy has no array for, or for more values than an answer may hold.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return value
    seen = 0

    def walk(value: object, depth: int) -> object:
        nonlocal seen
        seen += 1
        if seen > LIMITS.nodes or depth > LIMITS.depth:
            raise Unsendable("it is nested too deeply or holds too many values")
        if isinstance(value, torch.Tensor):
            return array_of(torch, value)
        if isinstance(value, list):
            return [walk(item, depth + 1) for item in value]
        if isinstance(value, tuple):
            return tuple(walk(item, depth + 1) for item in value)
        if isinstance(value, dict):
            return {key: walk(item, depth + 1) for key, item in value.items()}
        return value

    try:
        return walk(value, 0)
    except Unsendable:
        raise
    except Exception as error:  # a container of the learner's own may do anything when it is read
        raise Unsendable(f"reading it raised {type(error).__name__}") from None


def in_full_precision() -> None:
    """Let a GPU compute float32 in float32.

    Else cuDNN rounds it to ten bits, which no tolerance of a float32 check allows for.
    """
    backends = sys.modules["torch"].backends
    backends.cudnn.allow_tf32 = backends.cuda.matmul.allow_tf32 = False


def array_of(torch: object, tensor: object) -> Tensor:
    """A tensor's numbers.  A subclass is asked nothing: torch's own functions read it."""
    try:
        with torch._C.DisableTorchFunctionSubclass():
            if tensor.layout is not torch.strided:
                raise Unsendable("it is a sparse tensor; a dense one can be compared")
            if tensor.is_meta:
                raise Unsendable("it is a tensor on the device 'meta', which has a shape and no numbers")
            if tensor.is_quantized:
                raise Unsendable("it is a quantised tensor")
            return np.asarray(torch.Tensor.numpy(tensor, force=True)).view(Tensor)
    except Unsendable:
        raise
    except Exception as error:  # bfloat16, and whatever else torch has and NumPy has not
        raise Unsendable(f"it is a tensor that cannot be read ({str(error)[:200]})") from None


def to_tensors(value: object, held: dict[str, object] | None = None, device: str = "cpu") -> object:
    """`value` with a torch tensor for each `Tensor` in it, and what is held for each `Held`.

    On the CPU a tensor has the memory of its array.
    """
    if isinstance(value, Tensor):
        return sys.modules["torch"].from_numpy(np.asarray(value)).to(device)
    if isinstance(value, Held):
        return (held or {})[value.name]
    if isinstance(value, list | tuple):
        items = [to_tensors(item, held, device) for item in value]
        return items if isinstance(value, list) else tuple(items)  # of a named tuple, too
    if isinstance(value, dict):
        return {key: to_tensors(item, held, device) for key, item in value.items()}
    return value
