"""What a right answer to `gru_bptt` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions import reference
from solutions.gru_bptt import probes
from solutions.reference import random_cell, random_sequence

# How a message counts in each gradient.  The rows of a weight are the packed ones, those of an input the batch's.
WEIGHTS = {"dW_ih": "row input", "dW_hh": "row unit", "db_ih": "row", "db_hh": "row"}
OF_STEP = {"dx": "row input", "dh": "row unit", **WEIGHTS}
OF_SEQUENCE = {"dx": "step row input", "dh0": "row unit", **WEIGHTS}
SIZES = "T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format
LOST = [None, "keep", "candidate", "update", "reset"]


def gates_input(rng, **sizes):
    """x, h and the weights of one step."""
    return random_cell(rng, 3, **sizes)


def right_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    """The reference's gates by name, and the state's part of the candidate."""
    gates = reference.gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    H = h.shape[1]
    return dict(zip("rznu", (*gates, h @ W_hh[2 * H :].T + b_hh[2 * H :]), strict=True))


def step_input(rng, **sizes):
    """What `gru_cell_backward` is called with."""
    x, h, *weights = random_cell(rng, 3, **sizes)
    return rng.normal(size=h.shape), x, h, *weights


def sequence_input(rng, **sizes):
    """What `gru_backward` is called with."""
    x, h0, *weights = random_sequence(rng, 3, **sizes)
    return x, h0, rng.normal(size=(len(x), *h0.shape)), *weights


def right_backward(x, h0, dhs, *weights):
    """The reference's gradients of a sequence."""
    return reference.gru_backward(dhs, reference.gru_forward_cached(x, h0, *weights)[1])


def shifted(arguments, **gates):
    """The same arguments with a number added to the input bias of some blocks, named r, z or n."""
    *others, bias_ih, bias_hh = arguments
    blocks = bias_ih.reshape(3, -1).copy()
    for gate, number in gates.items():
        blocks["rzn".index(gate)] += number
    return *others, blocks.ravel(), bias_hh


def ask_which(submission, step, lost):
    """Give the step, with a dh that has lost one way, and compare the answer with the truth."""
    called = submission.call("dropped_path", probes.dh_without(lost, *step), *step)
    assert_agree(called, truth_of(lost))


def truth_of(lost):
    return {way: np.asarray(way == lost) for way in probes.WAYS}


@visible(2)
@pytest.mark.task("gru_gates")
def test_gates(submission, rng):
    """The gates, the candidate and the state's part of it are right."""
    given = gates_input(rng)
    assert_agree(submission.call("gru_gates", *given), right_gates(*given), as_tuple=True)


@visible()
@pytest.mark.task("gru_gates")
def test_gates_wide(submission, rng):
    """They are right for other sizes: more rows, more units, fewer inputs."""
    given = gates_input(rng, batch=5, inputs=2, hidden=7)
    assert_agree(submission.call("gru_gates", *given), right_gates(*given), as_tuple=True)


@pytest.mark.task("gru_gates")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_gates_any_size(submission, rng, sizes):
    """They are right for other sizes."""
    batch, inputs, hidden = sizes
    given = gates_input(rng, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("gru_gates", *given), right_gates(*given), as_tuple=True)


@visible(3)
@pytest.mark.task("gru_cell_backward")
def test_step_back(submission, rng):
    """All six gradients of one step are right."""
    given = step_input(rng)
    assert_agree(submission.call("gru_cell_backward", *given), reference.gru_cell_backward(*given), axes=OF_STEP)


@visible()
@pytest.mark.task("gru_cell_backward")
def test_step_back_wide(submission, rng):
    """They are right for other sizes: more rows, more units, fewer inputs."""
    given = step_input(rng, batch=5, inputs=2, hidden=7)
    assert_agree(submission.call("gru_cell_backward", *given), reference.gru_cell_backward(*given), axes=OF_STEP)


@pytest.mark.task("gru_cell_backward")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_step_back_any_size(submission, rng, sizes):
    """They are right for other sizes."""
    batch, inputs, hidden = sizes
    given = step_input(rng, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("gru_cell_backward", *given), reference.gru_cell_backward(*given), axes=OF_STEP)


@pytest.mark.task("gru_cell_backward")
def test_gradient_is_kept(submission, rng):
    """With z = 1 the gradient of the state passes as it is."""
    given = shifted(step_input(rng), z=60)
    want = reference.gru_cell_backward(*given)
    assert np.abs(want["dh"] - given[0]).max() < 1e-15
    assert_agree(submission.call("gru_cell_backward", *given), want, axes=OF_STEP)


@visible(2)
@pytest.mark.task("gru_backward")
def test_sequence_back(submission, rng):
    """All six gradients of a sequence of five steps are right."""
    given = sequence_input(rng)
    assert_agree(submission.call("gru_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@visible()
@pytest.mark.task("gru_backward")
def test_sequence_back_wide(submission, rng):
    """They are right for other lengths and sizes."""
    given = sequence_input(rng, steps=3, batch=4, inputs=2, hidden=6)
    assert_agree(submission.call("gru_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@visible()
@pytest.mark.task("gru_backward")
def test_one_step_sequence(submission, rng):
    """A sequence of one step works too."""
    given = sequence_input(rng, steps=1, batch=3, inputs=2, hidden=5)
    assert_agree(submission.call("gru_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@pytest.mark.task("gru_backward")
@pytest.mark.parametrize("sizes", [(7, 1, 1, 1), (3, 6, 4, 2), (30, 2, 3, 9)], ids=SIZES)
def test_sequence_back_any_size(submission, rng, sizes):
    """All six hold for other lengths, batches and layers."""
    steps, batch, inputs, hidden = sizes
    given = sequence_input(rng, steps=steps, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("gru_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@pytest.mark.task("gru_backward")
def test_only_the_last_state_is_seen(submission, rng):
    """They are right where the loss sees the last state alone, over a state that is kept."""
    x, h0, dhs, *weights = shifted(sequence_input(rng, steps=12), z=4)
    dhs[:-1] = 0
    given = x, h0, dhs, *weights
    assert_agree(submission.call("gru_backward", *given), right_backward(*given), axes=OF_SEQUENCE)


@visible()
@pytest.mark.task("dropped_path")
@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost or "none")
def test_one_way_lost(submission, rng, lost):
    """It finds the way that a backward pass has lost, and says so where none is lost."""
    ask_which(submission, step_input(rng), lost)


@pytest.mark.task("dropped_path")
@pytest.mark.parametrize("shift", [-3, 3])
def test_way_lost_with_other_gates(submission, rng, shift):
    """It holds for other sizes, where update gates are nearly open and where they are nearly shut."""
    for lost in LOST:
        ask_which(submission, shifted(step_input(rng, batch=3, inputs=2, hidden=6), z=shift), lost)


@small_cases("gru_gates")
def small_gates(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        given = gates_input(rng, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(given), as_tuple=("r", "z", "n", "u"))


@small_cases("gru_cell_backward")
def small_steps_back(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        given = step_input(rng, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(given), axes=OF_STEP)


@small_cases("gru_backward")
def small_sequences_back(rng):
    """A sequence of every size up to two, and some of three steps."""
    sizes = [*small_sizes("T B D H", 2), {"T": 3, "B": 1, "D": 1, "H": 1}, {"T": 3, "B": 2, "D": 1, "H": 2}]
    for size in sizes:
        given = sequence_input(rng, steps=size["T"], batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(given), axes=OF_SEQUENCE)


@small_cases("dropped_path")
def small_losses(rng):
    """One unit, then two: each way lost, and none.  What is given of the gradient is not rounded: it is to fit."""
    for hidden in (1, 2):
        for lost in LOST:
            step = rounded(step_input(rng, batch=1, inputs=1, hidden=hidden))
            said = f"{lost} path lost" if lost else "no path lost"
            yield Small(f"B = 1, D = 1, H = {hidden}, {said}", [probes.dh_without(lost, *step), *step])
