"""Values as a JSON tree and a list of plain arrays: how arguments and answers cross to another process or into a file.

A tree holds None, bool, int, finite float and str as they are, a list as a list, and everything else as an object with
one key: {"array": index}, {"tensor": index}, {"float": "nan"}, {"tuple": [...]}, {"dict": [[key, value], ...]},
{"held": name}.  Nothing is ever pickled.
`decode` believes nothing: whatever does not fit raises `Malformed` and no other exception.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

DTYPES = frozenset({"<f2", "<f4", "<f8", "<c8", "<c16", "|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8"})
INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Limits:
    """The most that one value may hold."""

    nodes: int = 20_000
    depth: int = 24
    text: int = 16_384
    arrays: int = 512
    dimensions: int = 8
    array_bytes: int = 32 << 20
    held: bool = False


LIMITS = Limits()


class Tensor(np.ndarray):
    """An array that stands for a torch tensor: how one crosses, and how one is told from NumPy's own arrays."""


@dataclass(frozen=True)
class Held:
    """Stands for what stays in the learner's process: an object made there, a probe, a function.  Its name crosses."""

    name: str


class Malformed(ValueError):
    """A tree or an array that no honest sender would send."""


class Unsendable(TypeError):
    """A value that has no place in a tree: a function, an object, an array of objects, or too much of something."""


def encode(value: object, limits: Limits = LIMITS) -> tuple[object, list[np.ndarray]]:
    """The tree of `value` and its arrays (C order, little-endian).  Raises `Unsendable`."""
    arrays: list[np.ndarray] = []
    seen = size = 0

    def tree(value: object, depth: int) -> object:
        nonlocal seen, size
        seen += 1
        if seen > limits.nodes or depth > limits.depth:
            raise Unsendable("it is nested too deeply or holds too many values")
        if value is None or isinstance(value, bool | str):
            return text(value) if isinstance(value, str) else value
        if isinstance(value, np.bool_ | np.integer | np.float64 | np.float32 | np.float16):
            return tree(value.item(), depth)
        if isinstance(value, np.ndarray | np.generic):
            arrays.append(plain_array(value, limits))
            size += arrays[-1].nbytes
            if len(arrays) > limits.arrays or size > limits.array_bytes:
                raise Unsendable("it is larger than an answer may be")
            return {"tensor" if isinstance(value, Tensor) else "array": len(arrays) - 1}
        if isinstance(value, int):
            if value not in INT64:
                raise Unsendable("an integer does not fit in 64 bits")
            return int(value)
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        if isinstance(value, list):
            return [tree(item, depth + 1) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [tree(item, depth + 1) for item in value]}
        if isinstance(value, dict):
            return {"dict": [[text(key), tree(item, depth + 1)] for key, item in value.items()]}
        if isinstance(value, Held) and limits.held:
            return {"held": text(value.name)}
        raise Unsendable(f"it is of type {type(value).__name__}")

    def text(value: object) -> str:
        if not isinstance(value, str):
            raise Unsendable(f"a dictionary's key is of type {type(value).__name__}, not str")
        if len(value) > limits.text:
            raise Unsendable(f"a text is longer than {limits.text} characters")
        return value.encode("utf-8", "replace").decode("utf-8")  # half a character has no place in a file

    return tree(value, 0), arrays


def plain_array(value: np.ndarray | np.generic, limits: Limits) -> np.ndarray:
    """`value` as an ndarray of a sendable dtype, C order, little-endian."""
    if value.nbytes > limits.array_bytes:
        raise Unsendable("it is larger than an answer may be")
    if value.ndim > limits.dimensions:
        raise Unsendable(f"it is an array of {value.ndim} dimensions")
    array = np.array(value, order="C", copy=True, subok=False)
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if array.dtype.str not in DTYPES:
        raise Unsendable(f"it is an array of {array.dtype}")
    return array


def decode(tree: object, arrays: list[np.ndarray], limits: Limits = LIMITS) -> object:
    """The value of a tree.  Raises `Malformed`."""
    seen = 0
    unused = set(range(len(arrays)))

    def value(node: object, depth: int) -> object:
        nonlocal seen
        seen += 1
        if seen > limits.nodes or depth > limits.depth:
            raise Malformed("nested too deeply or too many values")
        kind = type(node)
        if node is None or kind is bool:
            return node
        if kind is int:
            return node if node in INT64 else fail("an integer out of range")
        if kind is float:
            return node if math.isfinite(node) else fail("a number that JSON does not have")
        if kind is str:
            if len(node) > limits.text or not whole(node):
                fail("a text that is too long, or holds half a character")
            return node
        if kind is list:
            return [value(item, depth + 1) for item in node]
        if kind is dict and len(node) == 1:
            ((key, inner),) = node.items()
            return tagged(key, inner, depth)
        return fail("a value of no known kind")

    def tagged(key: object, inner: object, depth: int) -> object:
        if key in ("array", "tensor") and type(inner) is int and inner in unused:
            unused.discard(inner)  # two places that share one array would change together
            return arrays[inner] if key == "array" else arrays[inner].view(Tensor)
        if key == "float" and type(inner) is str and inner in ("nan", "inf", "-inf"):
            return float(inner)
        if key == "tuple" and type(inner) is list:
            return tuple(value(item, depth + 1) for item in inner)
        if key == "dict" and type(inner) is list:
            return dict(entry(item, depth) for item in inner)
        if key == "held" and limits.held:
            return Held(value(inner, depth + 1)) if type(inner) is str else fail("a name that is no text")
        return fail("a value of no known kind")

    def entry(item: object, depth: int) -> tuple[str, object]:
        if type(item) is not list or len(item) != 2 or type(item[0]) is not str:
            return fail("a dictionary's entry is not a text and a value")
        return value(item[0], depth + 1), value(item[1], depth + 1)

    def fail(why: str):
        raise Malformed(why)

    return value(tree, 0)


def whole(text: str) -> bool:
    """Whether a text holds whole characters only: JSON can spell one half of a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def describe_array(array: np.ndarray) -> list:
    """What `restore_array` needs beside the bytes: [dtype, shape]."""
    return [array.dtype.str, list(array.shape)]


def array_size(description: object, limits: Limits = LIMITS) -> int:
    """The bytes that an array of this description takes.  Raises `Malformed` for any description but a sound one."""
    if type(description) is not list or len(description) != 2:
        raise Malformed("an array's description is not a dtype and a shape")
    dtype, shape = description
    if type(dtype) is not str or dtype not in DTYPES:
        raise Malformed("an array's dtype is not one of those that cross")
    if type(shape) is not list or len(shape) > limits.dimensions:
        raise Malformed("an array's shape is not a short list")
    if not all(type(size) is int and 0 <= size <= limits.array_bytes for size in shape):
        raise Malformed("an array's shape holds something other than sizes")
    # An empty array of huge factors has no bytes, and NumPy still refuses to make it.
    if math.prod(max(size, 1) for size in shape) > limits.array_bytes:
        raise Malformed("an array is too large")
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > limits.array_bytes:
        raise Malformed("an array is too large")
    return size


def restore_array(description: list, data: bytes | memoryview) -> np.ndarray:
    """A private, writable array.  The description has been through `array_size`, and `data` has that size."""
    dtype, shape = description
    raw = np.frombuffer(data, dtype=np.uint8).copy()
    if dtype == "|b1":
        raw = (raw != 0).view(np.uint8)  # a bool that is neither 0 nor 1 is undefined behaviour
    return raw.view(dtype).reshape(shape)
