"""What a right answer to `lstm` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions import reference
from solutions.reference import random_cell, random_sequence

# How a message counts in each gradient.  The rows of a weight are the packed ones, those of an input the batch's.
WEIGHTS = {"dW_ih": "row input", "dW_hh": "row unit", "db_ih": "row", "db_hh": "row"}
OF_STEP = {"dx": "row input", "dh": "row unit", "dc": "row unit", **WEIGHTS}
OF_SEQUENCE = {"dx": "step row input", "dh0": "row unit", "dc0": "row unit", **WEIGHTS}


def step_input(rng, **sizes):
    """x, h, c and the weights of one step; c is not bounded as h is."""
    x, h, *weights = random_cell(rng, 4, **sizes)
    return x, h, rng.normal(size=h.shape), *weights


def sequence_input(rng, **sizes):
    """x, h0, c0 and the weights of a sequence."""
    x, h0, *weights = random_sequence(rng, 4, **sizes)
    return x, h0, rng.normal(size=h0.shape), *weights


def upstream(rng, like):
    """Two random gradients of the shape of `like`."""
    return rng.normal(size=like.shape), rng.normal(size=like.shape)


def shifted(arguments, **gates):
    """The same arguments with a number added to the input bias of some gates, named i, f, g or o."""
    *others, bias_ih, bias_hh = arguments
    blocks = bias_ih.reshape(4, -1).copy()
    for gate, number in gates.items():
        blocks["ifgo".index(gate)] += number
    return *others, blocks.ravel(), bias_hh


def backward_input(rng, sequence):
    """What `lstm_backward` is called with: the sequence, its states, and a gradient at each of them."""
    hs, cs = reference.lstm_forward(*sequence)
    return *sequence[:3], hs, cs, *upstream(rng, hs), *sequence[3:]


def right_gates(*arguments):
    """The reference's gates by name."""
    return dict(zip("ifgo", reference.lstm_gates(*arguments), strict=True))


def right_cell(*arguments):
    """The reference's step by name."""
    return dict(zip(("h", "c"), reference.lstm_cell(*arguments), strict=True))


def right_forward(*arguments):
    """The reference's sequence by name."""
    return dict(zip(("hs", "cs"), reference.lstm_forward(*arguments), strict=True))


def right_backward(x, h0, c0, hs, cs, dhs, dcs, *weights):
    """The reference's gradients of a sequence."""
    _, _, cache = reference.lstm_forward_cached(x, h0, c0, *weights)
    return reference.lstm_backward(dhs, dcs, cache)


def gates_input(rng, **sizes):
    """x, h and the weights of one step."""
    return random_cell(rng, 4, **sizes)


@visible(2)
@pytest.mark.task("lstm_gates")
def test_gates(submission, rng):
    """The three gates and the candidate of one step are right."""
    given = gates_input(rng)
    assert_agree(submission.call("lstm_gates", *given), right_gates(*given), as_tuple=True)


@visible()
@pytest.mark.task("lstm_gates")
def test_gates_wide(submission, rng):
    """They are right for other sizes: more rows, more units, fewer inputs."""
    given = gates_input(rng, batch=5, inputs=2, hidden=7)
    assert_agree(submission.call("lstm_gates", *given), right_gates(*given), as_tuple=True)


@pytest.mark.task("lstm_gates")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_gates_any_size(submission, rng, sizes):
    """They are right for other sizes."""
    batch, inputs, hidden = sizes
    given = gates_input(rng, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("lstm_gates", *given), right_gates(*given), as_tuple=True)


@visible(2)
@pytest.mark.task("lstm_cell")
def test_one_step(submission, rng):
    """One step gives the right state and the right cell state."""
    given = step_input(rng)
    assert_agree(submission.call("lstm_cell", *given), right_cell(*given), as_tuple=True)


@visible()
@pytest.mark.task("lstm_cell")
def test_step_wide(submission, rng):
    """It holds for other sizes, and where the cell state is large."""
    x, h, c, *weights = step_input(rng, batch=5, inputs=2, hidden=7)
    given = x, h, 5 * c, *weights
    assert_agree(submission.call("lstm_cell", *given), right_cell(*given), as_tuple=True)


@pytest.mark.task("lstm_cell")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_step_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    batch, inputs, hidden = sizes
    given = step_input(rng, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("lstm_cell", *given), right_cell(*given), as_tuple=True)


@pytest.mark.task("lstm_cell")
def test_memory_is_kept(submission, rng):
    """With f = 1 and i = 0 the cell state stays as it was."""
    given = shifted(step_input(rng), f=60, i=-60)
    assert_agree(submission.call("lstm_cell", *given), {**right_cell(*given), "c": given[2]}, as_tuple=True)


@visible(2)
@pytest.mark.task("lstm_forward")
def test_sequence(submission, rng):
    """A sequence of five steps gives all five states and cell states."""
    given = sequence_input(rng)
    assert_agree(submission.call("lstm_forward", *given), right_forward(*given), as_tuple=True)


@visible()
@pytest.mark.task("lstm_forward")
def test_sequence_of_one(submission, rng):
    """A sequence of one step works too."""
    given = sequence_input(rng, steps=1, batch=3, inputs=2, hidden=5)
    assert_agree(submission.call("lstm_forward", *given), right_forward(*given), as_tuple=True)


@pytest.mark.task("lstm_forward")
@pytest.mark.parametrize(
    "sizes", [(7, 1, 1, 1), (3, 6, 4, 2), (60, 2, 3, 9)], ids="T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format
)
def test_sequence_any_size(submission, rng, sizes):
    """It holds for other lengths and sizes."""
    steps, batch, inputs, hidden = sizes
    given = sequence_input(rng, steps=steps, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("lstm_forward", *given), right_forward(*given), as_tuple=True)


@visible(2)
@pytest.mark.task("lstm_cell_backward")
def test_step_back(submission, rng):
    """All seven gradients of one step are right."""
    given = step_input(rng)
    given = *upstream(rng, given[1]), *given
    want = reference.lstm_cell_backward(*given)
    assert_agree(submission.call("lstm_cell_backward", *given), want, axes=OF_STEP)


@visible()
@pytest.mark.task("lstm_cell_backward")
def test_step_back_wide(submission, rng):
    """They are right for other sizes: more rows, more units, fewer inputs."""
    given = step_input(rng, batch=5, inputs=2, hidden=7)
    given = *upstream(rng, given[1]), *given
    want = reference.lstm_cell_backward(*given)
    assert_agree(submission.call("lstm_cell_backward", *given), want, axes=OF_STEP)


@pytest.mark.task("lstm_cell_backward")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_step_back_any_size(submission, rng, sizes):
    """They are right for other sizes."""
    batch, inputs, hidden = sizes
    given = step_input(rng, batch=batch, inputs=inputs, hidden=hidden)
    given = *upstream(rng, given[1]), *given
    want = reference.lstm_cell_backward(*given)
    assert_agree(submission.call("lstm_cell_backward", *given), want, axes=OF_STEP)


@pytest.mark.task("lstm_cell_backward")
def test_only_the_state_is_seen(submission, rng):
    """They are right where the loss sees h' alone, and where it sees c' alone."""
    given = step_input(rng)
    dh_next, dc_next = upstream(rng, given[1])
    for upper in [(dh_next, 0 * dc_next), (0 * dh_next, dc_next)]:
        want = reference.lstm_cell_backward(*upper, *given)
        assert_agree(submission.call("lstm_cell_backward", *upper, *given), want, axes=OF_STEP)


@pytest.mark.task("lstm_cell_backward")
def test_gradient_is_kept(submission, rng):
    """With f = 1, i = 0 and o = 0 the gradient of the cell state passes as it is."""
    given = shifted(step_input(rng), f=60, i=-60, o=-60)
    given = *upstream(rng, given[1]), *given
    want = reference.lstm_cell_backward(*given)
    assert np.abs(want["dc"] - given[1]).max() < 1e-15
    assert_agree(submission.call("lstm_cell_backward", *given), want, axes=OF_STEP)


@visible(2)
@pytest.mark.task("lstm_backward")
def test_backward(submission, rng):
    """All seven gradients of a sequence of five steps are right."""
    given = backward_input(rng, sequence_input(rng))
    assert_agree(submission.call("lstm_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@visible()
@pytest.mark.task("lstm_backward")
def test_backward_wide(submission, rng):
    """They are right for other lengths and sizes."""
    given = backward_input(rng, sequence_input(rng, steps=3, batch=4, inputs=2, hidden=6))
    assert_agree(submission.call("lstm_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@pytest.mark.task("lstm_backward")
@pytest.mark.parametrize(
    "sizes", [(7, 1, 1, 1), (1, 3, 2, 5), (3, 6, 4, 2), (30, 2, 3, 9)], ids="T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format
)
def test_backward_any_size(submission, rng, sizes):
    """They are right for other lengths and sizes, a single step too."""
    steps, batch, inputs, hidden = sizes
    given = backward_input(rng, sequence_input(rng, steps=steps, batch=batch, inputs=inputs, hidden=hidden))
    assert_agree(submission.call("lstm_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@pytest.mark.task("lstm_backward")
def test_only_the_last_state_is_seen(submission, rng):
    """They are right where the loss sees the last state alone, over a memory that is kept."""
    x, h0, c0, hs, cs, dhs, dcs, *weights = backward_input(rng, shifted(sequence_input(rng, steps=12), f=4))
    dhs[:-1], dcs[:] = 0, 0
    given = x, h0, c0, hs, cs, dhs, dcs, *weights
    assert_agree(submission.call("lstm_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@small_cases("lstm_gates")
def small_gates(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        given = gates_input(rng, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(given), as_tuple=("i", "f", "g", "o"))


@small_cases("lstm_cell")
def small_cells(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        given = step_input(rng, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(given), as_tuple=("h", "c"))


@small_cases("lstm_forward")
def small_sequences(rng):
    """A sequence of every size up to three."""
    for size in small_sizes("T B D H", 3):
        given = sequence_input(rng, steps=size["T"], batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(given), as_tuple=("hs", "cs"))


@small_cases("lstm_cell_backward")
def small_steps_back(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        given = step_input(rng, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded([*upstream(rng, given[1]), *given]), axes=OF_STEP)


@small_cases("lstm_backward")
def small_backward(rng):
    """A sequence of every size up to two, and some of three steps.  The states are not rounded: they are to fit."""
    sizes = [*small_sizes("T B D H", 2), {"T": 3, "B": 1, "D": 1, "H": 1}, {"T": 3, "B": 2, "D": 1, "H": 2}]
    for size in sizes:
        sequence = sequence_input(rng, steps=size["T"], batch=size["B"], inputs=size["D"], hidden=size["H"])
        x, h0, c0, hs, cs, dhs, dcs, *weights = backward_input(rng, rounded(sequence))
        yield Small(in_words(size), [x, h0, c0, hs, cs, *rounded([dhs, dcs]), *weights], axes=OF_SEQUENCE)
