"""Frames: whatever bytes arrive, they are a frame, not yet a frame, or malformed, and never more than may cross."""

import json
import math
import random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.jail.inside.wire import (
    HEAD,
    MAGIC,
    MOST_BODY,
    MOST_HEADER,
    MOST_REQUEST_HEADER,
    REQUEST_LIMITS,
    Frame,
    Frames,
    pack,
    unpack,
)
from autograder.learner.codec import LIMITS, Malformed, Unsendable
from autograder.learner.notebook import LARGEST

VALUE = {"a": np.arange(6.0).reshape(2, 3), "b": [1, None, "é", math.nan, (True,)], "c": np.zeros((0, 4), dtype="<f4")}
WHOLE = pack("answer", 7, VALUE)
FIELDS = {"kind": "answer", "number": 1, "tree": {"array": 0}, "arrays": [["<f8", [2]]]}
KINDS = ["array", "tensor", "held", "float", "tuple", "dict", "kind", "tree"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["<f8", "|b1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KINDS), inner, max_size=3),
    max_leaves=8,
)


def framed(header: bytes, body: bytes = b"") -> bytes:
    return HEAD.pack(MAGIC, len(header), len(body)) + header + body


def take_all(data: bytes) -> list[Frame]:
    frames, taken = Frames(), []
    frames.feed(data)
    while frame := frames.take():
        taken.append(frame)
    return taken


def assert_frames_or_malformed(data: bytes) -> None:
    try:
        taken = take_all(data)
    except Malformed:
        return
    assert all(type(frame) is Frame for frame in taken)


def test_a_frame_with_changed_bytes_is_a_frame_or_malformed():
    draw = random.Random(1)
    for _ in range(5000):
        data = bytearray(WHOLE)
        for _ in range(draw.randint(1, 4)):
            data[draw.randrange(len(data))] = draw.choice(b'0189-.,:[]{}"' + draw.randbytes(13))
        assert_frames_or_malformed(bytes(data))


def test_a_frame_with_a_part_moved_is_a_frame_or_malformed():
    draw = random.Random(2)
    for _ in range(2000):
        start, stop, at, to = (draw.randrange(len(WHOLE)) for _ in range(4))
        assert_frames_or_malformed(WHOLE[:start] + WHOLE[at:to] + WHOLE[stop:])


@given(st.binary(max_size=80), st.binary(max_size=20))
@example(b"[" * 100_000, b"")
@example(b'{"kind": "a", "number": ' + b"9" * 5000 + b', "tree": 1, "arrays": []}', b"")
@example(b"\xff", b"")
@settings(max_examples=100)
def test_any_header_and_body_are_a_frame_or_malformed(header, body):
    assert_frames_or_malformed(framed(header, body))


@given(st.fixed_dictionaries({}, optional=dict.fromkeys((*FIELDS, "more"), JSON)), st.binary(max_size=20))
@settings(max_examples=50)
def test_any_fields_are_a_frame_or_malformed(fields, body):
    assert_frames_or_malformed(framed(json.dumps({**FIELDS, **fields}).encode(), body))


def test_what_is_packed_is_taken_out_again():
    (frame,) = take_all(WHOLE)
    assert (frame.kind, frame.number) == ("answer", 7)
    assert frame.value["a"].tolist() == VALUE["a"].tolist()
    assert frame.value["b"][:3] == [1, None, "é"]
    assert math.isnan(frame.value["b"][3])
    assert frame.value["b"][4] == (True,)
    assert (frame.value["c"].shape, frame.value["c"].dtype) == ((0, 4), np.float32)


def test_a_thousand_numpy_scalars_in_lists_cross():
    """As a loop over rows and units makes them."""
    rows = [[np.float64(row + column) for column in range(40)] for row in range(40)]
    (frame,) = take_all(pack("answer", 1, rows))
    assert np.array_equal(frame.value, rows)


def test_a_frame_may_arrive_byte_by_byte():
    frames = Frames()
    for byte in WHOLE[:-1]:
        frames.feed(bytes([byte]))
        assert frames.take() is None
    frames.feed(WHOLE[-1:])
    assert frames.take().number == 7


def test_frames_may_arrive_together_and_what_follows_waits():
    frames = Frames()
    frames.feed(pack("a", 1, None) + pack("b", 2, None) + WHOLE[:5])
    assert [frames.take().kind, frames.take().kind] == ["a", "b"]
    assert frames.take() is None
    assert frames.pending == WHOLE[:5]


@pytest.mark.parametrize(
    "head",
    [
        HEAD.pack(b"GRU0", 1, 1),
        HEAD.pack(MAGIC, MOST_HEADER + 1, 0),
        HEAD.pack(MAGIC, 2**32 - 1, 0),
        HEAD.pack(MAGIC, 0, MOST_BODY + 1),
        HEAD.pack(MAGIC, 0, 2**64 - 1),
    ],
    ids=["magic", "header", "largest-header", "body", "largest-body"],
)
def test_a_frame_that_announces_too_much_is_refused_before_it_arrives(head):
    frames = Frames()
    frames.feed(head)
    with pytest.raises(Malformed):
        frames.take()


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({"more": 1}, bytes(16)),
        ({"kind": 1}, bytes(16)),
        ({"kind": None}, bytes(16)),
        ({"number": 1.0}, bytes(16)),
        ({"number": True}, bytes(16)),
        ({"number": "1"}, bytes(16)),
        ({"arrays": {}}, bytes(16)),
        ({"arrays": [None]}, bytes(16)),
        ({"arrays": [[["<f8"], [2]]]}, bytes(16)),
        ({"arrays": [["|O", [2]]]}, bytes(16)),
        ({"arrays": [["<f8", [0, 2**60]]]}, b""),
        ({"arrays": []}, b""),
        ({"arrays": [["<f8", [2]]] * 2}, bytes(16)),
        ({"arrays": [["|b1", [0]]] * (LIMITS.arrays + 1)}, b""),
        ({}, bytes(15)),
        ({}, bytes(17)),
        ({}, b""),
        ({"tree": math.nan}, bytes(16)),
        ({"tree": [math.inf]}, bytes(16)),
        ({"tree": {"array": 1}}, bytes(16)),
    ],
    ids=lambda part: repr(part)[:40] if isinstance(part, dict) else f"body{len(part)}",
)
def test_a_frame_that_is_not_sound_is_malformed(changed, body):
    header = json.dumps({**FIELDS, **changed}).encode()
    with pytest.raises(Malformed):
        unpack(header, body)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_frame_that_lacks_a_field_is_malformed(name):
    header = json.dumps({field: value for field, value in FIELDS.items() if field != name}).encode()
    with pytest.raises(Malformed):
        unpack(header, bytes(16))


@pytest.mark.parametrize("header", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_a_header_that_is_no_object_is_malformed(header):
    with pytest.raises(Malformed):
        unpack(header, b"")


def test_only_plain_data_is_packed():
    with pytest.raises(Unsendable):
        pack("call", 1, [print])


@pytest.mark.parametrize("character", ["x", "é", "語", "𝄞"])
def test_every_notebook_that_is_read_can_be_sent(character):
    """The largest source there can be, in the longest spelling that JSON gives it."""
    source = character * (LARGEST // len(character.encode()))
    data = pack("run", 1, {"cells": [["1", source]], "seconds": 5}, REQUEST_LIMITS)
    frames = Frames(REQUEST_LIMITS, MOST_REQUEST_HEADER)
    frames.feed(data)
    assert frames.take().value["cells"][0][1] == source
