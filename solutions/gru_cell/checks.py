"""What a right answer to `gru_cell` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions.reference import gru_cell, gru_forward, random_cell, random_sequence, sigmoid


@visible(2)
@pytest.mark.task("sigmoid")
def test_sigmoid_values(submission, rng):
    """It turns numbers of ordinary size into gates."""
    a = rng.normal(scale=3, size=(3, 4))
    assert_agree(submission.call("sigmoid", a), sigmoid(a), axes="row column")


@visible()
@pytest.mark.task("sigmoid")
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)], ids=["number", "vector", "three-axes"])
def test_sigmoid_any_shape(submission, rng, shape):
    """It takes an array of any shape and returns one like it."""
    a = rng.normal(size=shape)
    assert_agree(submission.call("sigmoid", a), sigmoid(a), axes="")


@visible()
@pytest.mark.task("sigmoid")
def test_sigmoid_far_out(submission, rng):
    """It is finite, and NumPy does not warn, for |a| up to 1000."""
    a = np.array([-1000.0, -720.0, -40.0, 0.0, 40.0, 720.0, 1000.0]) + rng.uniform(-5, 5, 7)
    assert_agree(submission.call("sigmoid", a), sigmoid(a), quiet=True)


@visible(3)
@pytest.mark.task("gru_cell")
def test_one_step(submission, rng):
    """One step gives the right state."""
    cell = random_cell(rng, gates=3)
    assert_agree(submission.call("gru_cell", *cell), gru_cell(*cell))


@visible()
@pytest.mark.task("gru_cell")
def test_wide(submission, rng):
    """It holds for other sizes: more rows, more units, fewer inputs."""
    cell = random_cell(rng, gates=3, batch=5, inputs=2, hidden=7)
    assert_agree(submission.call("gru_cell", *cell), gru_cell(*cell))


@visible()
@pytest.mark.task("gru_cell")
def test_saturated_gates(submission, rng):
    """It stays finite where every gate is fully open or shut."""
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = random_cell(rng, gates=3)
    bias_ih[: 2 * h.shape[1]] += np.tile([1000, -1000], h.shape[1])
    cell = x, h, weight_ih, weight_hh, bias_ih, bias_hh
    assert_agree(submission.call("gru_cell", *cell), gru_cell(*cell))


@pytest.mark.task("gru_cell")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    batch, inputs, hidden = sizes
    cell = random_cell(rng, gates=3, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("gru_cell", *cell), gru_cell(*cell))


@pytest.mark.task("gru_cell")
def test_update_gate_keeps(submission, rng):
    """With z = 1 the state stays as it was."""
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = random_cell(rng, gates=3)
    bias_ih[h.shape[1] : 2 * h.shape[1]] = 60
    assert_agree(submission.call("gru_cell", x, h, weight_ih, weight_hh, bias_ih, bias_hh), h)


@pytest.mark.task("gru_cell")
def test_reset_gate_closed(submission, rng):
    """With r = 0 the candidate sees the input alone."""
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = random_cell(rng, gates=3)
    bias_ih[: h.shape[1]] = -60
    cell = x, h, weight_ih, weight_hh, bias_ih, bias_hh
    assert_agree(submission.call("gru_cell", *cell), gru_cell(*cell))


@visible(2)
@pytest.mark.task("gru_forward")
def test_sequence(submission, rng):
    """A sequence of five steps gives all five states."""
    sequence = random_sequence(rng, gates=3)
    assert_agree(submission.call("gru_forward", *sequence), gru_forward(*sequence))


@visible()
@pytest.mark.task("gru_forward")
def test_sequence_of_one(submission, rng):
    """A sequence of one step works too."""
    sequence = random_sequence(rng, gates=3, steps=1, batch=3, inputs=2, hidden=5)
    assert_agree(submission.call("gru_forward", *sequence), gru_forward(*sequence))


@pytest.mark.task("gru_forward")
@pytest.mark.parametrize(
    "sizes", [(7, 1, 1, 1), (3, 6, 4, 2), (25, 2, 3, 9)], ids="T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format
)
def test_sequence_any_size(submission, rng, sizes):
    """It holds for other lengths and sizes."""
    steps, batch, inputs, hidden = sizes
    sequence = random_sequence(rng, gates=3, steps=steps, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("gru_forward", *sequence), gru_forward(*sequence))


@small_cases("sigmoid")
def small_numbers(rng):
    """Single numbers, then several, then some that are far out."""
    for a in (1.5, -1.5, 0.0):
        yield Small("one number", [np.array(a)], axes="")
    for shape in [(1,), (2,), (1, 1), (1, 2), (2, 1), (2, 2), (2, 2, 2)]:
        yield Small(f"the shape {shape}", [rng.normal(scale=2, size=shape).round(2)], axes="")
    for a in (-20.0, 20.0, -1000.0, 1000.0):
        yield Small("one number", [np.array(a)], axes="", quiet=True)
    yield Small("two numbers", [np.array([-1000.0, 1000.0])], quiet=True)


@small_cases("gru_cell")
def small_cells(rng):
    """One step of every size up to three; then one unit with its gates fully open or shut."""
    for size in small_sizes("B D H", 3):
        cell = random_cell(rng, gates=3, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(cell))
    for reset, update in [(1000, -1000), (-1000, 1000)]:
        *cell, bias_ih, bias_hh = rounded(random_cell(rng, gates=3, batch=1, inputs=1, hidden=1))
        yield Small("B = 1, D = 1, H = 1 and large biases", [*cell, bias_ih + np.array([reset, update, 0]), bias_hh])


@small_cases("gru_forward")
def small_sequences(rng):
    """A sequence of every size up to three."""
    for size in small_sizes("T B D H", 3):
        sequence = random_sequence(rng, 3, size["T"], size["B"], size["D"], size["H"])
        yield Small(in_words(size), rounded(sequence))
