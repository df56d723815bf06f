"""Values cross to another process as a JSON tree and plain arrays, and only if they are plain data."""

import contextlib
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.learner.codec import (
    DTYPES,
    LIMITS,
    Held,
    Limits,
    Malformed,
    Tensor,
    Unsendable,
    array_size,
    decode,
    describe_array,
    encode,
    restore_array,
)

KINDS = ["array", "tensor", "held", "float", "tuple", "dict"]
INTEGERS = st.integers(-(2**63), 2**63 - 1)
ARRAYS = npst.arrays(st.sampled_from(sorted(DTYPES)), npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
LEAVES = st.none() | st.booleans() | INTEGERS | st.floats() | st.text(max_size=9) | ARRAYS
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KINDS, "other"]), inner, max_size=2)
        | st.fixed_dictionaries({"dict": st.lists(st.tuples(st.text(max_size=3), inner).map(list), max_size=3)})
        | st.fixed_dictionaries({"array": st.integers(-2, 4)})
    ),
    max_leaves=12,
)


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


def round_trip(value: object, limits: Limits = LIMITS) -> object:
    """Through the text and the bytes that really cross."""
    tree, arrays = encode(value, limits)
    restored = []
    for array in arrays:
        description = json.loads(json.dumps(describe_array(array)))
        data = array.tobytes()
        assert array_size(description, limits) == len(data)
        restored.append(restore_array(description, data))
    return decode(json.loads(json.dumps(tree, allow_nan=False)), restored, limits)


def same(a: object, b: object) -> bool:
    """Equal in value and in kind, through and through; NaN is equal to NaN."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    return a == b


@given(VALUES)
@settings(max_examples=50)
def test_what_crosses_arrives_as_it_was(value):
    assert same(round_trip(value), value)


@given(TREES)
@settings(max_examples=100)
def test_any_tree_is_a_value_or_malformed(tree):
    with contextlib.suppress(Malformed):
        decode(tree, [np.zeros(2), np.zeros(())])


@given(st.lists(TREES | st.lists(st.integers(-3, 2**70), max_size=9), max_size=3) | TREES)
@settings(max_examples=100)
def test_any_description_of_an_array_has_a_bounded_size_or_is_malformed(description):
    try:
        size = array_size(description)
    except Malformed:
        return
    assert restore_array(description, bytes(size)).nbytes == size <= LIMITS.array_bytes


@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (3, 0, 2)], ids=str)
@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_an_array_keeps_its_dtype_and_shape(dtype, shape):
    array = np.ones(shape, dtype)
    assert same(round_trip(array), array)


@pytest.mark.parametrize("shape", [(), (0,), (2, 3)], ids=str)
def test_a_tensor_crosses_as_one_and_an_array_as_an_array(shape):
    array = np.ones(shape, "<f4")
    assert [type(each) for each in round_trip([array.view(Tensor), array])] == [Tensor, np.ndarray]
    assert same(round_trip(array.view(Tensor)), array.view(Tensor))


def test_what_is_held_crosses_by_name_to_the_learners_process_alone():
    there = Limits(held=True)
    assert round_trip([Held("a"), {"b": Held("é")}], there) == [Held("a"), {"b": Held("é")}]
    with pytest.raises(Unsendable, match="of type Held"):
        encode(Held("a"))
    with pytest.raises(Malformed):
        decode({"held": "a"}, [])
    for name in (None, 3, ["a"], "x" * (LIMITS.text + 1), "\ud800"):
        with pytest.raises(Malformed):
            decode({"held": name}, [], there)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308])
def test_a_float_that_json_does_not_have_crosses_too(value):
    got = round_trip(value)
    assert same(got, value)
    assert math.copysign(1, got) == math.copysign(1, value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3).T,
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(6.0)[::-2],
        np.arange(6, dtype=">f8"),
        np.ma.masked_array([1.0, 2.0]),
        np.arange(4.0).reshape(2, 2).view(np.recarray),
    ],
    ids=["transposed", "fortran", "strided", "big-endian", "masked", "subclass"],
)
def test_an_odd_array_arrives_as_a_plain_one_with_its_values(array):
    got = round_trip(array)
    assert type(got) is np.ndarray
    assert got.flags.c_contiguous
    assert got.dtype == array.dtype.newbyteorder("<")
    assert (got == np.asarray(array)).all()


def test_an_array_that_arrives_is_private_and_can_be_written_to():
    data = np.arange(3.0).tobytes()
    array = restore_array(["<f8", [3]], data)
    array += 1
    assert data == np.arange(3.0).tobytes()


def test_no_byte_of_a_bool_array_is_anything_but_0_or_1():
    array = restore_array(["|b1", [3]], bytes([0, 2, 255]))
    assert array.view(np.uint8).tolist() == [0, 1, 1]


@pytest.mark.parametrize("scalar", [np.float64(0.5), np.float32(0.5), np.int32(3), np.bool_(True)], ids=repr)
def test_a_numpy_scalar_arrives_as_that_number(scalar):
    assert np.asarray(round_trip(scalar)) == scalar


def test_half_a_character_crosses_as_a_question_mark():
    """Python and JSON can hold one half of a pair; no file can."""
    assert round_trip(["a\ud800", {"\udfff": 1}]) == ["a?", {"?": 1}]


class Reduces:
    """Would leave a trace if anything pickled or copied it."""

    traces: list = []  # noqa: RUF012  shared on purpose

    def __reduce__(self):
        self.traces.append("reduced")
        return str, ()


@pytest.mark.parametrize("wrap", [lambda it: it, lambda it: [it], lambda it: np.array([it], dtype=object)])
def test_nothing_is_pickled(wrap):
    with pytest.raises(Unsendable):
        encode(wrap(Reduces()))
    assert not Reduces.traces


ENDLESS: list = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    "value",
    [
        test_nothing_is_pickled,
        object(),
        {1, 2},
        b"bytes",
        1 + 2j,
        2**63,
        -(2**63) - 1,
        {1: "a key that is no text"},
        np.array([None]),
        np.array(["text"]),
        np.array(["2024-01-01"], dtype="datetime64[D]"),
        np.zeros(2, dtype=[("a", float)]),
        np.zeros(2, dtype=np.longdouble),
        ENDLESS,
        nested(LIMITS.depth + 1),
        [0] * LIMITS.nodes,
        "x" * (LIMITS.text + 1),
        {"x" * (LIMITS.text + 1): 0},
        np.zeros((1,) * (LIMITS.dimensions + 1)),
        np.zeros(LIMITS.array_bytes + 1, dtype=np.uint8),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_cross_is_refused_where_it_starts(value):
    with pytest.raises(Unsendable, match=r"\w"):
        encode(value)


@pytest.mark.parametrize(
    "tree",
    [
        {"array": 1},
        {"tensor": 1},
        {"tensor": "0"},
        {"array": -1},
        {"array": True},
        {"array": 0.0},
        {"array": "0"},
        {"float": "1.0"},
        {"float": "NaN"},
        {"float": 1},
        {"tuple": {}},
        {"dict": {}},
        {"dict": [["a"]]},
        {"dict": [["a", 1, 2]]},
        {"dict": [[1, 2]]},
        {"dict": [{"a": 1}]},
        {"dict": [["x" * (LIMITS.text + 1), 1]]},
        {},
        {"tuple": [], "dict": []},
        {"object": []},
        math.nan,
        -math.inf,
        2**63,
        b"bytes",
        (1, 2),
        object(),
        nested(LIMITS.depth + 1),
        [0] * LIMITS.nodes,
        "x" * (LIMITS.text + 1),
        "\ud800",
        {"dict": [["\udfff", 1]]},
    ],
    ids=lambda tree: repr(tree).partition(" at 0x")[0][:30].encode("unicode_escape").decode(),
)
def test_a_tree_that_no_sender_makes_is_malformed(tree):
    with pytest.raises(Malformed):
        decode(tree, [np.zeros(2)])


def test_one_array_cannot_stand_in_many_places():
    """Or a small message would grow to any size on the other side."""
    with pytest.raises(Malformed):
        decode([{"array": 0}, {"array": 0}], [np.zeros(2)])


@pytest.mark.parametrize(
    "description",
    [
        None,
        {},
        [],
        ["<f8"],
        ["<f8", [2], 0],
        [["<f8"], [2]],
        [{"<f8": 1}, [2]],
        [None, [2]],
        [8, [2]],
        ["O", [2]],
        ["|O", [2]],
        ["f8", [2]],
        [">f8", [2]],
        ["<U4", [2]],
        ["|V8", [2]],
        ["<M8[ns]", [2]],
        ["<f8,<f8", [2]],
        ["<f8", None],
        ["<f8", 2],
        ["<f8", "2"],
        ["<f8", {"2": 2}],
        ["<f8", [-1]],
        ["<f8", [True]],
        ["<f8", [2.0]],
        ["<f8", ["2"]],
        ["<f8", [None]],
        ["<f8", [1] * (LIMITS.dimensions + 1)],
        ["<f8", [2**70]],
        ["<f8", [LIMITS.array_bytes // 8 + 1]],
        ["|u1", [2**13, 2**13]],
        ["<f8", [0, 2**62]],
        ["<f8", [0, 2**24, 2**24]],
        ["<f8", [2**24, 0, 2**24]],
    ],
    ids=repr,
)
def test_a_description_that_no_sender_makes_is_malformed(description):
    with pytest.raises(Malformed):
        array_size(description)


@pytest.mark.parametrize(
    ("limits", "fits", "too_much"),
    [
        (Limits(nodes=3), [1, 2], [1, 2, 3]),
        (Limits(depth=2), [[1]], [[[1]]]),
        (Limits(text=2), "ab", "abc"),
        (Limits(text=2), {"ab": 1}, {"abc": 1}),
        (Limits(arrays=1), [np.zeros(1)], [np.zeros(1), np.zeros(1)]),
        (Limits(dimensions=1), np.zeros(2), np.zeros((2, 1))),
        (Limits(array_bytes=16), np.zeros(2), np.zeros(3)),
    ],
    ids=["nodes", "depth", "text", "key", "arrays", "dimensions", "bytes"],
)
def test_a_limit_holds_for_the_sender(limits, fits, too_much):
    assert same(round_trip(fits, limits), fits)
    with pytest.raises(Unsendable):
        encode(too_much, limits)


@pytest.mark.parametrize(
    ("limits", "too_much"),
    [
        (Limits(nodes=3), [1, 2, 3]),
        (Limits(depth=2), [[[1]]]),
        (Limits(text=2), "abc"),
        (Limits(text=2), {"dict": [["abc", 1]]}),
    ],
    ids=["nodes", "depth", "text", "key"],
)
def test_a_limit_holds_for_the_receiver(limits, too_much):
    decode(too_much, [])
    with pytest.raises(Malformed):
        decode(too_much, [], limits)
