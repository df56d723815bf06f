"""What is wrong with an answer is said in words: the first thing that is wrong, where it is, and both values."""

import numpy as np
import pytest

from autograder.learner.answer import Answer, Error, observe
from autograder.learner.compare import compare, same_answer

WANT = np.arange(24.0).reshape(2, 3, 4) / 24
# What can be wrong, in the order in which it is said.
ORDER = ["error", "type", "shape", "dtype", "finite", "changed", "shares", "warned", "value"]


def answer_with(faults: list[str]) -> Answer:
    """An answer with all of these faults at once."""
    value = WANT.copy()
    if "value" in faults:
        value = value + 1
    if "finite" in faults:
        value[-1, -1, -1] = np.nan
    if "dtype" in faults:
        value = value.astype(np.float32)
    if "shape" in faults:
        value = value[:1]
    answer = Answer(None if "type" in faults else value)
    answer.error = Error("ValueError", "no") if "error" in faults else None
    answer.changed = [0] if "changed" in faults else []
    answer.shares = [0] if "shares" in faults else []
    answer.warned = ["RuntimeWarning: overflow"] if "warned" in faults else []
    return answer


def said(value: object, want: object = WANT, **how: object) -> str:
    """What is said of a function that returns `value`."""
    finding = compare(value if isinstance(value, Answer) else Answer(value), np.asarray(want), **how)
    return finding.text if finding else "agrees"


@pytest.mark.parametrize("first", range(len(ORDER)), ids=ORDER)
def test_what_comes_first_in_the_order_is_said(first):
    assert compare(answer_with(ORDER[first:]), WANT, quiet=True).kind == ORDER[first]


def test_a_right_answer_agrees():
    assert compare(answer_with([]), WANT, quiet=True) is None


@pytest.mark.parametrize(
    ("dtype", "within", "beyond"),
    [("float64", 1e-11, 1e-9), ("float32", 2e-6, 1e-4), ("float16", 2e-3, 1e-1)],
)
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_the_tolerance_follows_the_dtype_and_the_largest_value(dtype, within, beyond, size):
    want = np.array([0.0, 1.0]).astype(dtype) * np.array(size, dtype)
    scale = max(size, 1)
    near, far = want.copy(), want.copy()
    near[0] += within * scale
    far[0] += beyond * scale
    assert said(near, want) == "agrees"
    assert said(far, want).startswith("First difference")


def test_integers_agree_exactly():
    want = np.array([1, 2])
    assert said([1, 2], want) == "agrees"
    assert said([1, 3], want).startswith("First difference at index 1: yours is 3, right is 2.")


@pytest.mark.parametrize("value", [0.5, np.float64(0.5), np.array(0.5)], ids=["float", "scalar", "array"])
def test_a_single_number_may_be_a_python_float(value):
    assert said(value, 0.5) == "agrees"


@pytest.mark.parametrize(
    "value", [WANT.tolist(), list(WANT), tuple(map(list, WANT)), [list(map(list, WANT[0])), WANT[1]]], ids=range(4)
)
def test_lists_and_tuples_of_the_right_numbers_agree(value):
    assert said(value) == "agrees"


def test_truths_in_an_array_are_compared_one_by_one():
    want = np.array([True, False, True])
    assert said(want.copy(), want) == "agrees"
    told = "First difference at row 0: yours is False, right is True. 3 of 3 numbers differ."
    assert said(~want, want, axes="row") == told


def test_nan_agrees_with_nan_and_with_nothing_else():
    want = np.array([np.nan, 1.0])
    assert said(np.array([np.nan, 1.0]), want) == "agrees"
    assert said(np.array([0.0, 1.0]), want).startswith("First difference at index 0: yours is 0, right is nan.")
    assert said(np.array([np.nan, np.nan]), want) == "The result is nan at index 1; it should be 1."


def test_infinity_agrees_with_infinity_of_the_same_sign():
    want = np.array([np.inf, 1.0])
    assert said(np.array([np.inf, 1.0]), want) == "agrees"
    assert "yours is -inf, right is inf" in said(np.array([-np.inf, 1.0]), want)


def test_the_first_step_row_and_unit_that_differ_are_named_with_both_values():
    got = WANT.copy()
    got[1, 0, 2] = -3
    got[1, 2, 0] = 5
    assert said(got) == (
        "First difference at step 1, row 0, unit 2: yours is -3, right is 0.583333. "
        "2 of 24 numbers differ, the largest by 4.2."
    )


@pytest.mark.parametrize(
    ("axes", "place"), [(None, "row 1, unit 2"), ("row column", "row 1, column 2"), ("", "index (1, 2)")]
)
def test_the_axes_have_the_names_that_the_check_gives_them(axes, place):
    got = WANT[0].copy()
    got[1, 2] += 1
    assert said(got, WANT[0], axes=axes).startswith(f"First difference at {place}: ")


def test_of_a_single_number_no_place_is_named():
    assert said(0.25, 0.5) == "First difference in its one number: yours is 0.25, right is 0.5."


@pytest.mark.parametrize("gap", [1e-2, 1e-5, 1e-7, 1e-9])
def test_the_two_values_are_written_so_that_they_differ(gap):
    text = said(np.array([0.5 + gap]), [0.5])
    yours, right = text.removeprefix("First difference at index 0: yours is ").rstrip(".").split(", right is ")
    assert yours != right


@pytest.mark.parametrize("value", [[True, False], np.array([1, 0], dtype=np.int8).tolist(), [np.float16(1), 0.0]])
def test_other_numbers_are_compared_as_numbers(value):
    assert said(value, [1.0, 0.0]) == "agrees"
    assert said(value, [1.0, 0.5]).startswith("First difference at index 1")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "It returned None; an array of shape (2, 3, 4) (step, row, unit) is wanted."),
        ("text", "It returned a str that holds no real numbers"),
        ({"h": WANT}, "It returned a dict that holds no real numbers"),
        (WANT + 0j, "It returned a ndarray that holds no real numbers"),
        ([1, "2"], "It returned a list that holds no real numbers"),
        ([1, None], "It returned a list that holds no real numbers"),
        ([[1, 2], [3]], "It returned a list of uneven length"),
        ([WANT, WANT[0]], "It returned a list of uneven length"),
        (Answer(unsendable="it is of type function"), "What it returned cannot be compared: it is of type function."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value[:12],
)
def test_what_is_no_array_of_numbers_is_said_to_be_none(value, words):
    assert said(value).startswith(words)


@pytest.mark.parametrize("value", [["x" * 16_000, *[""] * 2_000], [["x" * 16_000], *[[1.0]] * 2_000]])
def test_text_among_numbers_does_not_grow_in_memory(value):
    """NumPy would make every entry as long as the longest: a gigabyte from a few kilobytes."""
    import tracemalloc

    tracemalloc.start()
    said(value)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 << 20


def test_a_result_of_the_wrong_shape_is_told_both_shapes():
    assert said(WANT[0]) == "The result has shape (3, 4); it should be (2, 3, 4) (step, row, unit)."
    assert said(0.5) == "The result has shape (); it should be (2, 3, 4) (step, row, unit)."
    assert said([], WANT[0]) == "The result has shape (0,); it should be (3, 4) (row, unit)."


def test_a_transposed_result_is_recognised():
    assert said(WANT[0].T, WANT[0]).endswith("That is its transpose.")
    assert "transpose" not in said(WANT[0, :2].T, WANT[0])


def test_an_array_of_the_wrong_dtype_is_told_both():
    assert said(WANT.astype(np.float32)) == "The result is float32; it should be float64, as the inputs are."
    assert said(WANT, WANT.astype(np.float32)) == "The result is float64; it should be float32, as the inputs are."


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_placed(bad):
    got = WANT.copy()
    got[0, 2, 1] = bad
    assert said(got) == f"The result is {bad} at step 0, row 2, unit 1; it should be 0.375."


def test_an_error_is_told_with_its_message_and_its_line():
    error = Error("ValueError", "operands could not be broadcast", "return x + h")
    assert said(Answer(error=error)) == (
        "It raised ValueError: operands could not be broadcast. The line is `return x + h`."
    )
    assert said(Answer(error=Error("KeyError"))) == "It raised KeyError."


def test_a_function_that_is_not_written_yet_is_told_so():
    assert said(Answer(error=Error("NotImplementedError"))) == "It is not written yet."


def test_what_torch_has_not_implemented_is_not_called_unwritten():
    error = Error("NotImplementedError", 'Module [GRU] is missing the required "forward" function')
    assert said(Answer(error=error)).startswith("It raised NotImplementedError: Module [GRU] is missing")


def test_arguments_that_were_changed_have_the_names_of_the_parameters():
    answer = Answer(WANT, changed=[1, 0, 2])
    assert said(answer, parameters=["x", "h"]).startswith("It changed `h` and `x` and argument 3 in place.")


def test_a_result_that_uses_an_arguments_memory_is_told_whose():
    text = said(Answer(WANT, shares=[1]), parameters=["x", "h"])
    assert text == "The result uses the memory of `h`. Return a new array."


def test_a_warning_counts_only_where_quiet_is_asked_for():
    answer = Answer(WANT, warned=["RuntimeWarning: overflow encountered in exp"])
    assert said(answer) == "agrees"
    assert said(answer, quiet=True) == "NumPy warned: RuntimeWarning: overflow encountered in exp."


# What `observe` notes of a call.


def add_in_place(x, h):
    h += x
    return h.copy()


def give_back(x, h):
    return h[:1]


def warn(x, h):
    return np.exp(1e4 * h)


def fail(x, h):
    raise KeyError("W_hh")


def leave(x, h):
    raise SystemExit


@pytest.mark.parametrize(
    ("function", "noted"),
    [
        (add_in_place, {"changed": [1]}),
        (give_back, {"shares": [1]}),
        (warn, {"warned": ["RuntimeWarning: overflow encountered in exp"]}),
        (fail, {"error": Error("KeyError", "'W_hh'", ""), "value": None}),
        (leave, {"error": Error("SystemExit", "", ""), "value": None}),
        (lambda x, h: print, {"unsendable": "it is of type builtin_function_or_method", "value": None}),
        (lambda x: x, {"value": None}),
    ],
    ids=["changed", "shares", "warned", "error", "exit", "unsendable", "arguments"],
)
def test_all_that_came_of_a_call_is_noted(function, noted):
    answer = observe(function, [np.ones(2), np.ones(2)])
    assert {name: getattr(answer, name) for name in noted} == noted


def test_an_argument_with_nan_is_not_taken_for_a_changed_one():
    assert observe(lambda x: 1.0, [np.array([np.nan])]).changed == []


def test_an_exception_that_cannot_be_printed_is_noted_too():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def raises():
        raise Mute

    assert observe(raises, []).error.message == "(its message cannot be printed)"


def test_a_long_message_is_cut():
    def raises():
        raise ValueError("x" * 10_000)

    assert len(observe(raises, []).error.message) == 500


def test_an_answer_survives_its_plain_form():
    answer = Answer(1.0, Error("A", "b", "c"), None, [0], [1], ["w"])
    assert Answer.from_value(answer.as_value()) == answer


@pytest.mark.parametrize(
    "changed",
    [
        {"more": 1},
        {"error": 7},
        {"error": {"type": "A"}},
        {"error": {"type": 1, "message": "", "where": ""}},
        {"unsendable": 1},
        {"changed": 1},
        {"changed": ["0"]},
        {"changed": [True]},
        {"shares": {}},
        {"shares": [0.0]},
        {"warned": None},
        {"warned": [b""]},
    ],
    ids=repr,
)
def test_a_plain_form_of_the_wrong_kinds_is_refused(changed):
    with pytest.raises(ValueError, match="an answer"):
        Answer.from_value({**Answer(1.0).as_value(), **changed})


@pytest.mark.parametrize("fields", [None, [], "text", {}])
def test_a_plain_form_that_is_no_form_is_refused(fields):
    with pytest.raises(ValueError, match="an answer"):
        Answer.from_value(fields)


# How a known mistake is recognised: two answers that cannot be told apart.


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Answer(WANT), Answer(WANT + 1e-12), True),
        (Answer(WANT.tolist()), Answer(WANT), True),
        (Answer(WANT), Answer(WANT + 1e-3), False),
        (Answer(WANT), Answer(WANT[0]), False),
        (Answer(WANT), Answer(None), False),
        (Answer(None), Answer(None), True),
        (Answer(WANT), Answer(WANT, changed=[1]), False),
        (Answer(WANT, shares=[1]), Answer(WANT), False),
        (Answer(WANT, warned=["w"]), Answer(WANT), True),
        (Answer(error=Error("A", "b", "one")), Answer(error=Error("A", "b", "other")), True),
        (Answer(error=Error("A", "b")), Answer(error=Error("A", "c")), False),
        (Answer(error=Error("A", "b")), Answer(None), False),
        (Answer(unsendable="a"), Answer(unsendable="a"), True),
        (Answer(unsendable="a"), Answer(WANT), False),
        (Answer("text"), Answer(WANT), False),
        (Answer([[1], [2, 3]]), Answer(WANT), False),
        (Answer(np.array([np.nan])), Answer(np.array([np.nan])), True),
    ],
)
def test_answers_are_the_same_when_nothing_tells_them_apart(one, other, same):
    assert same_answer(one, other) is same


def test_a_warning_tells_answers_apart_where_quiet_is_asked_for():
    assert not same_answer(Answer(WANT, warned=["w"]), Answer(WANT), quiet=True)


STEP = {"h": np.arange(6.0).reshape(2, 3) / 6, "c": np.arange(6.0).reshape(2, 3) / 3}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((STEP["h"], STEP["c"]), None),
        ([STEP["h"], STEP["c"]], None),
        (None, "It returned None; a tuple (h, c) is wanted. Does every path end in a `return`?"),
        (STEP["h"], "It returned one ndarray; a tuple (h, c) is wanted."),
        ((STEP["h"],), "It returned 1 values; a tuple (h, c) is wanted."),
        ((STEP["h"], STEP["c"][:1]), "`c`: The result has shape (1, 3)"),
        ((STEP["c"], STEP["h"]), "`h`: First difference at row 0, unit 1"),
    ],
)
def test_the_parts_of_a_tuple_are_told_by_their_names(value, words):
    finding = compare(Answer(value), STEP, as_tuple=True)
    assert (finding and finding.text[: len(words)]) == words


def test_each_entry_of_a_dictionary_has_axes_of_its_own():
    want = {"dx": WANT, "dW": WANT[0], "db": WANT[0, 0]}
    axes = {"dx": "step row input", "dW": "row input"}
    for name, where in [("dx", "step 1, row 0, input 0"), ("dW", "row 1, input 0"), ("db", "index 1")]:
        wrong = want[name].copy()
        wrong[1:] += 1
        finding = compare(Answer({**want, name: wrong}), want, axes=axes)
        assert finding.text.startswith(f"`{name}`: First difference at {where}: ")


def test_tuples_are_the_same_answer_part_by_part():
    one, other = Answer((np.ones((2, 3)), np.ones(2))), Answer((np.ones((2, 3)), np.zeros(2)))
    assert same_answer(one, Answer((np.ones((2, 3)), np.ones(2))))
    assert not same_answer(one, other)
    assert not same_answer(one, Answer((np.ones((2, 3)),)))
