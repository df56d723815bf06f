"""What a right answer to `gradient_flow` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions import reference
from solutions.reference import random_cell, random_sequence

# The training loops of probes.py, and whether each clips too late.
FIVE = {"loop_a": False, "loop_b": True, "loop_c": False, "loop_d": True, "loop_e": False}
OTHERS = {"loop_f": True, "loop_g": False, "loop_h": True, "loop_i": False}


def decay_curve(x, h0, *weights):
    """The reference's norms, with lag 0 before them."""
    return np.concatenate([np.ones((1, len(h0))), reference.jacobian_norms("rnn", x, (h0,), weights)])


def random_gradients(rng, norm, hidden=4, inputs=3):
    """Gradients by the names of the parameters, with this global norm."""
    shapes = {"W_ih": (hidden, inputs), "W_hh": (hidden, hidden), "b_ih": (hidden,)}
    drawn = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return {name: g * (norm / reference.global_norm(drawn)) for name, g in drawn.items()}


def clipped(gradients, max_norm):
    """What `clip_by_global_norm` should return, part by part."""
    arrays, norm = reference.clip_by_global_norm(gradients, max_norm)
    return {"clipped": arrays, "norm": np.asarray(norm)}


@visible(3)
@pytest.mark.task("state_jacobian")
def test_one_step(submission, rng):
    """Every row of the batch has the right Jacobian."""
    cell = random_cell(rng, gates=1)
    assert_agree(submission.call("state_jacobian", *cell), reference.rnn_jacobian(*cell), axes="row to from")


@pytest.mark.task("state_jacobian")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (9, 2, 6)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    cell = random_cell(rng, 1, *sizes)
    assert_agree(submission.call("state_jacobian", *cell), reference.rnn_jacobian(*cell), axes="row to from")


@visible(2)
@pytest.mark.task("decay_curve")
def test_curve(submission, rng):
    """Five steps give the norms of six lags."""
    sequence = random_sequence(rng, gates=1)
    assert_agree(submission.call("decay_curve", *sequence), decay_curve(*sequence), axes="lag row")


@visible()
@pytest.mark.task("decay_curve")
def test_growing_curve(submission, rng):
    """It holds where the norms grow."""
    x, h0, W_ih, W_hh, b_ih, b_hh = random_sequence(rng, gates=1, steps=4, batch=3, inputs=2, hidden=6)
    sequence = 0.1 * x, 0.1 * h0, W_ih, 3 * W_hh, 0.1 * b_ih, 0.1 * b_hh
    assert_agree(submission.call("decay_curve", *sequence), decay_curve(*sequence), axes="lag row")


@pytest.mark.task("decay_curve")
@pytest.mark.parametrize(
    "sizes", [(1, 3, 2, 5), (7, 1, 1, 1), (30, 2, 3, 8)], ids="T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format
)
def test_curve_of_any_size(submission, rng, sizes):
    """It holds for other lengths and sizes."""
    sequence = random_sequence(rng, 1, *sizes)
    assert_agree(submission.call("decay_curve", *sequence), decay_curve(*sequence), axes="lag row")


@visible(2)
@pytest.mark.task("orthogonal")
def test_factor(submission, rng):
    """It is the orthogonal factor with the right signs."""
    A = rng.normal(size=(4, 4))
    assert_agree(submission.call("orthogonal", A), reference.orthogonal_factor(A), axes="row column")


@visible()
@pytest.mark.task("orthogonal")
def test_factor_of_negative_diagonal(submission, rng):
    """It holds for a matrix that has nothing but negative numbers on its diagonal."""
    A = rng.normal(size=(5, 5)) - 4 * np.eye(5)
    assert_agree(submission.call("orthogonal", A), reference.orthogonal_factor(A), axes="row column")


@pytest.mark.task("orthogonal")
@pytest.mark.parametrize("size", [1, 2, 3, 12], ids="H={0}".format)
def test_factor_of_any_size(submission, rng, size):
    """It holds for other sizes."""
    for _ in range(3):
        A = rng.normal(size=(size, size))
        assert_agree(submission.call("orthogonal", A), reference.orthogonal_factor(A), axes="row column")


@visible(2)
@pytest.mark.task("clip_by_global_norm")
def test_long_gradients(submission, rng):
    """Gradients above the limit are made shorter, all by one factor."""
    max_norm = rng.uniform(1, 3)
    gradients = random_gradients(rng, norm=max_norm * rng.uniform(4, 6))
    called = submission.call("clip_by_global_norm", gradients, max_norm)
    assert_agree(called, clipped(gradients, max_norm), axes="", as_tuple=True)


@visible()
@pytest.mark.task("clip_by_global_norm")
def test_short_gradients(submission, rng):
    """Gradients below the limit keep their values."""
    max_norm = rng.uniform(1, 3)
    gradients = random_gradients(rng, norm=max_norm * rng.uniform(0.3, 0.7))
    called = submission.call("clip_by_global_norm", gradients, max_norm)
    assert_agree(called, clipped(gradients, max_norm), axes="", as_tuple=True)


@visible()
@pytest.mark.task("clip_by_global_norm")
def test_zero_gradients(submission, rng):
    """Gradients of zero stay zero, and NumPy does not warn."""
    gradients = random_gradients(rng, norm=0)
    called = submission.call("clip_by_global_norm", gradients, rng.uniform(1, 3))
    assert_agree(called, clipped(gradients, 1.0), axes="", as_tuple=True, quiet=True)


@pytest.mark.task("clip_by_global_norm")
@pytest.mark.parametrize("names", [("W",), ("b", "W_hh", "V", "c")], ids=["one-array", "four-arrays"])
def test_any_gradients(submission, rng, names):
    """It holds for other names, shapes and limits."""
    shapes = [(3,), (2, 5), (2, 3, 4), ()]
    for max_norm in (1e-3, 0.5, 40.0):
        gradients = {name: np.asarray(rng.normal(size=shape)) for name, shape in zip(names, shapes, strict=False)}
        called = submission.call("clip_by_global_norm", gradients, max_norm)
        assert_agree(called, clipped(gradients, max_norm), axes="", as_tuple=True)


def ask_of_loop(submission, rng, name, truth):
    """Two calls with other parameters, limits and learning rates, one slow and one fast."""
    for learning_rate in (rng.uniform(0.001, 0.002), rng.uniform(2, 4)):
        parameters = random_gradients(rng, norm=3, hidden=rng.integers(3, 6), inputs=2)
        arguments = submission.helper(name), parameters, rng.uniform(0.5, 2), learning_rate
        assert_agree(submission.call("clips_too_late", *arguments), np.asarray(truth))


@visible()
@pytest.mark.task("clips_too_late")
@pytest.mark.parametrize("name", FIVE)
def test_five_loops(submission, rng, name):
    """It is right about each of the five loops, whatever the numbers."""
    ask_of_loop(submission, rng, name, FIVE[name])


@pytest.mark.task("clips_too_late")
@pytest.mark.parametrize("name", OTHERS)
def test_other_loops(submission, rng, name):
    """It is right about other loops."""
    ask_of_loop(submission, rng, name, OTHERS[name])


@small_cases("state_jacobian")
def small_cells(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        yield Small(in_words(size), rounded(random_cell(rng, 1, size["B"], size["D"], size["H"])), axes="row to from")


@small_cases("decay_curve")
def small_sequences(rng):
    """A sequence of every size up to three."""
    for size in small_sizes("T B D H", 3):
        sequence = random_sequence(rng, 1, size["T"], size["B"], size["D"], size["H"])
        yield Small(in_words(size), rounded(sequence), axes="lag row")


@small_cases("orthogonal")
def small_matrices(rng):
    """Matrices of up to three rows, each with either sign."""
    for size in (1, 2, 3):
        A = rounded([rng.normal(size=(size, size))])[0]
        yield Small(in_words({"H": size}), [A], axes="row column")
        yield Small(in_words({"H": size}) + " and the other sign", [-A], axes="row column")
