"""What a right answer to `bptt` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions.bptt import probes
from solutions.reference import (
    central_differences,
    random_cell,
    random_sequence,
    rnn_backward,
    rnn_cell,
    rnn_cell_backward,
    rnn_forward,
    rnn_forward_cached,
)

AXES = {
    "dx": "step row input",
    "dh0": "row unit",
    "dW_ih": "unit input",
    "dW_hh": "unit from-unit",
    "db_ih": "unit",
    "db_hh": "unit",
}
CELL_AXES = {**AXES, "dx": "row input", "dh": "row unit"}
SIZES = "T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format


def step_of(rng, cell):
    """The arguments of `rnn_cell_backward` for a cell's, and the right gradients."""
    x, h, W_ih, W_hh, _, _ = cell
    dh_next = rng.normal(size=h.shape)
    return (dh_next, x, h, rnn_cell(*cell), W_ih, W_hh), rnn_cell_backward(dh_next, *cell)


def sequence_of(rng, sequence):
    """The arguments of `rnn_backward` for a sequence's: the states among them and a gradient at each."""
    x, h0, *weights = sequence
    hs = rnn_forward(*sequence)
    return x, h0, hs, rng.normal(size=hs.shape), *weights


def gradients_of(arguments, k=None):
    """The right gradients of a sequence, cut after every k steps."""
    x, h0, _, dhs, *weights = arguments
    return rnn_backward(dhs, rnn_forward_cached(x, h0, *weights)[1], truncate=k)


@visible(2)
@pytest.mark.task("numerical_gradient")
@pytest.mark.parametrize("eps", [1e-2, 1e-3])
def test_differences(submission, rng, eps):
    """It gives the central differences of a function of a matrix, for the step that it is given."""
    x = rng.uniform(-1, 1, (2, 3))
    called = submission.call("numerical_gradient", submission.helper("cubic"), x, eps)
    assert_agree(called, central_differences(probes.cubic, x, eps), axes="row column")


@visible()
@pytest.mark.task("numerical_gradient")
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)], ids=["number", "vector", "three-axes"])
def test_differences_any_shape(submission, rng, shape):
    """It takes an array of any shape and returns one like it."""
    x, eps = rng.uniform(-1, 1, shape), 1e-2
    called = submission.call("numerical_gradient", submission.helper("cubic"), x, eps)
    assert_agree(called, central_differences(probes.cubic, x, eps), axes="")


@visible()
@pytest.mark.task("numerical_gradient")
def test_differences_keep_the_shape(submission, rng):
    """The function is given arrays of the shape of x."""
    x, eps = rng.uniform(0.5, 1, (3, 2)), 1e-3
    called = submission.call("numerical_gradient", submission.helper("product_of_rows"), x, eps)
    assert_agree(called, central_differences(probes.product_of_rows, x, eps), axes="row column")


@visible(3)
@pytest.mark.task("rnn_cell_backward")
def test_step(submission, rng):
    """One step gives all six gradients."""
    arguments, want = step_of(rng, random_cell(rng, gates=1))
    assert_agree(submission.call("rnn_cell_backward", *arguments), want, axes=CELL_AXES)


@visible()
@pytest.mark.task("rnn_cell_backward")
def test_wide_step(submission, rng):
    """It holds for other sizes: more rows, more units, fewer inputs."""
    arguments, want = step_of(rng, random_cell(rng, gates=1, batch=5, inputs=2, hidden=7))
    assert_agree(submission.call("rnn_cell_backward", *arguments), want, axes=CELL_AXES)


@pytest.mark.task("rnn_cell_backward")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_step_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    batch, inputs, hidden = sizes
    arguments, want = step_of(rng, random_cell(rng, gates=1, batch=batch, inputs=inputs, hidden=hidden))
    assert_agree(submission.call("rnn_cell_backward", *arguments), want, axes=CELL_AXES)


@visible(2)
@pytest.mark.task("rnn_backward")
def test_sequence(submission, rng):
    """A sequence of five steps, with a loss that looks at every state, gives all six gradients."""
    arguments = sequence_of(rng, random_sequence(rng, gates=1))
    assert_agree(submission.call("rnn_backward", *arguments), gradients_of(arguments), axes=AXES)


@visible()
@pytest.mark.task("rnn_backward")
def test_sequence_of_other_sizes(submission, rng):
    """It holds for other sizes: more rows, fewer inputs."""
    arguments = sequence_of(rng, random_sequence(rng, gates=1, steps=4, batch=5, inputs=2, hidden=3))
    assert_agree(submission.call("rnn_backward", *arguments), gradients_of(arguments), axes=AXES)


@visible()
@pytest.mark.task("rnn_backward")
def test_sequence_of_one(submission, rng):
    """A sequence of one step works too."""
    arguments = sequence_of(rng, random_sequence(rng, gates=1, steps=1, batch=3, inputs=2, hidden=5))
    assert_agree(submission.call("rnn_backward", *arguments), gradients_of(arguments), axes=AXES)


@pytest.mark.task("rnn_backward")
def test_loss_at_the_end(submission, rng):
    """A loss that looks at the last state alone is felt at every step."""
    x, h0, hs, dhs, *weights = sequence_of(rng, random_sequence(rng, gates=1, steps=6))
    dhs[:-1] = 0
    arguments = x, h0, hs, dhs, *weights
    assert_agree(submission.call("rnn_backward", *arguments), gradients_of(arguments), axes=AXES)


@pytest.mark.task("rnn_backward")
@pytest.mark.parametrize("sizes", [(7, 1, 1, 1), (3, 6, 4, 2), (40, 2, 3, 9)], ids=SIZES)
def test_sequence_any_size(submission, rng, sizes):
    """It holds for other lengths and sizes."""
    arguments = sequence_of(rng, random_sequence(rng, 1, *sizes))
    assert_agree(submission.call("rnn_backward", *arguments), gradients_of(arguments), axes=AXES)


@visible()
@pytest.mark.task("truncated_backward")
@pytest.mark.parametrize(("steps", "k"), [(5, 2), (7, 3), (6, 2)], ids=["T=5 k=2", "T=7 k=3", "T=6 k=2"])
def test_chunks(submission, rng, steps, k):
    """The gradient stays in its chunk of k steps."""
    arguments = sequence_of(rng, random_sequence(rng, gates=1, steps=steps))
    assert_agree(submission.call("truncated_backward", *arguments, k), gradients_of(arguments, k), axes=AXES)


@visible()
@pytest.mark.task("truncated_backward")
@pytest.mark.parametrize(("steps", "k"), [(4, 1), (3, 5)], ids=["each step a chunk", "one chunk"])
def test_extreme_chunks(submission, rng, steps, k):
    """It holds where each step is a chunk, and where there is one chunk alone."""
    arguments = sequence_of(rng, random_sequence(rng, gates=1, steps=steps, batch=3, inputs=2, hidden=5))
    assert_agree(submission.call("truncated_backward", *arguments, k), gradients_of(arguments, k), axes=AXES)


@pytest.mark.task("truncated_backward")
@pytest.mark.parametrize(("sizes", "k"), [((12, 2, 4, 3), 5), ((30, 3, 2, 7), 4), ((8, 1, 1, 1), 3)])
def test_chunks_any_size(submission, rng, sizes, k):
    """It holds for other lengths, sizes and chunks."""
    arguments = sequence_of(rng, random_sequence(rng, 1, *sizes))
    assert_agree(submission.call("truncated_backward", *arguments, k), gradients_of(arguments, k), axes=AXES)


@small_cases("rnn_cell_backward")
def small_steps(rng):
    """One step of every size up to three."""
    for size in small_sizes("B D H", 3):
        cell = rounded(random_cell(rng, 1, size["B"], size["D"], size["H"]))
        (dh_next, *arguments), _ = step_of(rng, cell)
        yield Small(in_words(size), [*rounded([dh_next]), *arguments], axes=CELL_AXES)


def small_sequence(rng, size):
    """The arguments of `rnn_backward`; only the states have more than two digits."""
    sequence = rounded(random_sequence(rng, 1, size["T"], size["B"], size["D"], size["H"]))
    x, h0, hs, dhs, *weights = sequence_of(rng, sequence)
    return [x, h0, hs, *rounded([dhs]), *weights]


@small_cases("rnn_backward")
def small_sequences(rng):
    """A sequence of every size up to two, then longer ones of one unit."""
    for size in small_sizes("T B D H", 2):
        yield Small(in_words(size), small_sequence(rng, size), axes=AXES)
    for steps in (3, 4):
        size = {"T": steps, "B": 1, "D": 1, "H": 1}
        yield Small(in_words(size), small_sequence(rng, size), axes=AXES)


@small_cases("truncated_backward")
def small_chunks(rng):
    """One unit over up to five steps, then all other sizes up to two."""
    for steps, k in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3), (4, 2), (4, 3), (5, 2), (5, 3)]:
        size = {"T": steps, "B": 1, "D": 1, "H": 1}
        yield Small(in_words({**size, "k": k}), [*small_sequence(rng, size), k], axes=AXES)
    for size in small_sizes("B D H", 2):
        size = {"T": 3, **size}
        yield Small(in_words({**size, "k": 2}), [*small_sequence(rng, size), 2], axes=AXES)
