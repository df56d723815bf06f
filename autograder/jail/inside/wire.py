"""Frames between the grader and the process that runs a learner's code.

A frame is  magic (4 bytes) | header length (u32) | body length (u64) | header (JSON) | body (raw arrays in a row), all
little-endian.  The header holds the frame's kind, its number, the tree of its value and its arrays' descriptions (see
`autograder.learner.codec`).  Lengths are checked before anything is read, and a frame that is not sound raises
`Malformed`.
"""

from __future__ import annotations

import json
import struct
from typing import NamedTuple

from autograder.learner.codec import (
    LIMITS,
    Limits,
    Malformed,
    array_size,
    decode,
    describe_array,
    encode,
    restore_array,
)

MAGIC = b"GRU1"
HEAD = struct.Struct("<4sIQ")
MOST_HEADER, MOST_BODY = 1 << 20, 64 << 20
# What the grader sends is trusted; the largest notebook that is read can be one long cell or very many short ones.
REQUEST_LIMITS = Limits(text=10 << 20, nodes=2_000_000, held=True)
MOST_REQUEST_HEADER = 32 << 20


class Frame(NamedTuple):
    kind: str
    number: int
    value: object


def pack(kind: str, number: int, value: object, limits: Limits = LIMITS) -> bytes:
    """One frame.  Raises `autograder.learner.codec.Unsendable` for a value that cannot cross."""
    tree, arrays = encode(value, limits)
    described = [describe_array(array) for array in arrays]
    header = json.dumps({"kind": kind, "number": number, "tree": tree, "arrays": described}, allow_nan=False).encode()
    body = b"".join(array.tobytes() for array in arrays)
    return HEAD.pack(MAGIC, len(header), len(body)) + header + body


class Frames:
    """Bytes in, frames out: feed it what arrives and take what is complete."""

    def __init__(self, limits: Limits = LIMITS, most_header: int = MOST_HEADER) -> None:
        self.limits = limits
        self.most_header = most_header
        self.pending = bytearray()

    def feed(self, data: bytes) -> None:
        self.pending += data

    def take(self) -> Frame | None:
        """The next frame, or None while it is incomplete.  Raises `Malformed`, after which this object is spent."""
        if len(self.pending) < HEAD.size:
            return None
        magic, header_size, body_size = HEAD.unpack_from(self.pending)
        if magic != MAGIC:
            raise Malformed("a frame does not begin as frames do")
        if header_size > self.most_header or body_size > MOST_BODY:
            raise Malformed("a frame announces more than may cross")
        end = HEAD.size + header_size + body_size
        if len(self.pending) < end:
            return None
        header = bytes(self.pending[HEAD.size : HEAD.size + header_size])
        body = bytes(self.pending[HEAD.size + header_size : end])
        del self.pending[:end]
        return unpack(header, body, self.limits)


def unpack(header: bytes, body: bytes, limits: Limits = LIMITS) -> Frame:
    """The frame of a header and a body.  Raises `Malformed`."""
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError):
        raise Malformed("a frame's header is not JSON") from None
    if type(fields) is not dict or set(fields) != {"kind", "number", "tree", "arrays"}:
        raise Malformed("a frame's header lacks a field, or has one too many")
    kind, number, described = fields["kind"], fields["number"], fields["arrays"]
    if type(kind) is not str or type(number) is not int or type(described) is not list:
        raise Malformed("a field of a frame's header is of the wrong kind")
    if len(described) > limits.arrays:
        raise Malformed("a frame holds too many arrays")
    arrays, start, view = [], 0, memoryview(body)
    for description in described:
        size = array_size(description, limits)
        if start + size > len(body):
            raise Malformed("an array runs past the end of its frame")
        arrays.append(restore_array(description, view[start : start + size]))
        start += size
    if start != len(body):
        raise Malformed("a frame is longer than its arrays")
    return Frame(kind, number, decode(fields["tree"], arrays, limits))
