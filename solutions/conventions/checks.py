"""What a right answer to `conventions` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import itertools

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions import reference
from solutions.reference import random_cell
from solutions.reference.conventions import KERAS_RESET_AFTER, PYTORCH, GRUConvention
from solutions.reference.convert import Weights, convert, from_keras, to_keras
from solutions.reference.in_convention import gru_cell_in

NAMES = ("W_ih", "W_hh", "b_ih", "b_hh")
AXES = {"W_ih": "row input", "W_hh": "row unit", "b_ih": "row", "b_hh": "row"}
EIGHT = list(itertools.product([True, False], repeat=3))
QUESTIONS = ("keeps", "reset_after", "reset_first")
SIZES = [(2, 3), (5, 2), (1, 1), (3, 17)]


def weights_of(rng, inputs=3, hidden=4):
    """W_ih, W_hh, b_ih and b_hh, all random."""
    return Weights(*random_cell(rng, 3, 2, inputs, hidden)[2:])


def named(weights):
    return dict(zip(NAMES, weights, strict=True))


def keras_arrays(rng, **sizes):
    """What a layer of Keras would give: kernel, recurrent kernel and bias."""
    return to_keras(PYTORCH, weights_of(rng, **sizes))


def from_keras_right(*arrays):
    """The same function's weights in PyTorch's convention."""
    convention, weights = from_keras("gru", arrays, {"reset_after": True})
    assert convention == KERAS_RESET_AFTER
    return named(convert(weights, convention, PYTORCH))


def writing(*weights):
    """The weights of the cell that writes where this one keeps."""
    return named(convert(Weights(*weights), PYTORCH, GRUConvention(update="write")))


def count(gates, D, H, layers=1, bidirectional=False, biases=2):
    """The parameters of a stack, layer by layer and direction by direction."""
    cell, directions = {1: "rnn", 3: "gru", 4: "lstm"}[gates], 1 + bidirectional
    inputs = [D] + [directions * H] * (layers - 1)
    return np.asarray(sum(directions * reference.parameters(cell, size, H, biases) for size in inputs))


def observed(rng, answers, batch=5, inputs=3, hidden=4):
    """What `which_convention` is given: a step's inputs, packed weights, and what such a cell answered in float32."""
    keeps, after, reset_first = answers
    convention = GRUConvention(
        "keep" if keeps else "write", "after" if after else "before", order="rzn" if reset_first else "zrn"
    )
    arguments = [2 * array.astype(np.float32) for array in random_cell(rng, 3, batch, inputs, hidden)]
    h_next = gru_cell_in(convention, *arguments)
    return [*(array.astype(float) for array in arguments), h_next.astype(float)]


def in_short(answers):
    """The cell's convention for a check's name."""
    keeps, after, reset_first = answers
    return f"{'keeps' if keeps else 'writes'}-{'after' if after else 'before'}-{'rzn' if reset_first else 'zrn'}"


def answers_of(answers):
    return {question: np.asarray(answer) for question, answer in zip(QUESTIONS, answers, strict=True)}


def marks(rng, rate, steps, batch):
    """Random ones among zeros.  The first step has none, the fourth one in every row."""
    drawn = (rng.uniform(size=(steps, batch)) < rate).astype(float)
    drawn[0], drawn[3] = 0, 1
    return drawn


def parities(bits):
    return np.cumsum(bits, axis=0) % 2


def counts(count, clear):
    """How many counts since the last clear, three at most."""
    total, totals = np.zeros(count.shape[1]), []
    for more, none in zip(count, clear, strict=True):
        total = np.where(none > 0, 0, np.minimum(total + more, 3))
        totals.append(total)
    return np.stack(totals)


def delayed(bits):
    return np.concatenate([np.zeros_like(bits[:1]), bits[:-1]])


def ask_bits(submission, name, bits, want):
    x = bits[:, :, None]
    assert_agree(submission.call(name), want, axes="step row", through=("read_bits", x))


def ask_counts(submission, count, clear):
    x = np.stack([count, clear], axis=2)
    called = submission.call("counter_weights")
    assert_agree(called, counts(count, clear), axes="step row", through=("read_counts", x))


@visible(2)
@pytest.mark.task("keras_to_torch")
def test_keras(submission, rng):
    """All four arrays are right."""
    given = keras_arrays(rng)
    assert_agree(submission.call("keras_to_torch", *given), from_keras_right(*given), axes=AXES)


@visible()
@pytest.mark.task("keras_to_torch")
def test_keras_square(submission, rng):
    """They are right where there are as many inputs as units, and a forgotten transpose does not show in the shape."""
    given = keras_arrays(rng, inputs=5, hidden=5)
    assert_agree(submission.call("keras_to_torch", *given), from_keras_right(*given), axes=AXES)


@pytest.mark.task("keras_to_torch")
@pytest.mark.parametrize("sizes", SIZES, ids="D={0[0]} H={0[1]}".format)
def test_keras_any_size(submission, rng, sizes):
    """They are right for other sizes."""
    given = keras_arrays(rng, inputs=sizes[0], hidden=sizes[1])
    assert_agree(submission.call("keras_to_torch", *given), from_keras_right(*given), axes=AXES)


@visible(2)
@pytest.mark.task("to_write_convention")
def test_write(submission, rng):
    """All four arrays are right."""
    given = weights_of(rng)
    assert_agree(submission.call("to_write_convention", *given), writing(*given), axes=AXES)


@pytest.mark.task("to_write_convention")
@pytest.mark.parametrize("sizes", SIZES, ids="D={0[0]} H={0[1]}".format)
def test_write_any_size(submission, rng, sizes):
    """They are right for other sizes."""
    given = weights_of(rng, inputs=sizes[0], hidden=sizes[1])
    assert_agree(submission.call("to_write_convention", *given), writing(*given), axes=AXES)


@visible()
@pytest.mark.task("count_parameters")
@pytest.mark.parametrize("gates", [3, 4], ids=["GRU", "LSTM"])
def test_one_layer(submission, gates):
    """One layer is counted right, with two biases, with one and with none."""
    for biases in (2, 1, 0):
        given = gates, 10, 16, 1, False, biases
        assert_agree(submission.call("count_parameters", *given), count(*given))


@visible()
@pytest.mark.task("count_parameters")
def test_a_stack(submission):
    """Three layers are counted right, in one direction and in two."""
    for bidirectional in (False, True):
        given = 3, 10, 16, 3, bidirectional, 2
        assert_agree(submission.call("count_parameters", *given), count(*given))


@pytest.mark.task("count_parameters")
def test_any_network(submission, rng):
    """Other networks are counted right."""
    for gates, bidirectional, biases in itertools.product((1, 3, 4), (False, True), (2, 1, 0)):
        D, H, layers = (int(size) for size in rng.integers([1, 2, 1], [40, 40, 6]))
        given = gates, D, H, layers, bidirectional, biases
        assert_agree(submission.call("count_parameters", *given), count(*given))


@visible()
@pytest.mark.task("which_convention")
@pytest.mark.parametrize("answers", EIGHT, ids=in_short)
def test_which(submission, rng, answers):
    """It is right about this one of the eight cells."""
    assert_agree(submission.call("which_convention", *observed(rng, answers)), answers_of(answers))


@pytest.mark.task("which_convention")
@pytest.mark.parametrize("sizes", [(6, 2, 3), (9, 1, 2), (2, 4, 12)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_which_any_size(submission, rng, sizes):
    """It is right about each of the eight for other sizes."""
    for answers in EIGHT:
        given = observed(rng, answers, *sizes)
        assert_agree(submission.call("which_convention", *given), answers_of(answers))


@visible()
@pytest.mark.task("parity_weights")
def test_parity(submission, rng):
    """It is right over forty steps of random bits."""
    bits = marks(rng, 0.5, 40, 4)
    ask_bits(submission, "parity_weights", bits, parities(bits))


@visible()
@pytest.mark.task("parity_weights")
def test_parity_is_held(submission, rng):
    """It is right over two hundred steps: with a single 1 in row 0, ones alone in row 1, and few ones in the others."""
    bits = marks(rng, 0.02, 200, 4)
    bits[4:, 0], bits[:, 1] = 0, 1
    ask_bits(submission, "parity_weights", bits, parities(bits))


@pytest.mark.task("parity_weights")
@pytest.mark.parametrize("rate", [0.0, 0.2, 0.8, 1.0])
def test_parity_of_any_bits(submission, rng, rate):
    """It is right over two hundred steps with more ones, and with less."""
    bits = marks(rng, rate, 200, 3)
    ask_bits(submission, "parity_weights", bits, parities(bits))


@visible()
@pytest.mark.task("counter_weights")
def test_counter(submission, rng):
    """It counts right over forty steps."""
    ask_counts(submission, marks(rng, 0.5, 40, 4), marks(rng, 0.15, 40, 4)[::-1])


@visible()
@pytest.mark.task("counter_weights")
def test_count_is_held(submission, rng):
    """It holds its count over two hundred steps: after a single mark in row 0, with few marks in the others."""
    count, clear = marks(rng, 0.03, 200, 4), marks(rng, 0.01, 200, 4)[::-1]
    count[4:, 0], clear[:-4, 0] = 0, 0
    ask_counts(submission, count, clear)


@pytest.mark.task("counter_weights")
@pytest.mark.parametrize("rates", [(0.9, 0.05), (0.2, 0.4), (1.0, 0.0), (0.05, 0.02)])
def test_any_counts(submission, rng, rates):
    """It counts right where the marks are many, and where they are few."""
    count, clear = marks(rng, rates[0], 200, 3), marks(rng, rates[1], 200, 3)[::-1]
    ask_counts(submission, count, clear)


@visible()
@pytest.mark.task("delay_weights")
def test_delay(submission, rng):
    """It says over forty steps what the bit of the step before was."""
    bits = marks(rng, 0.5, 40, 4)
    ask_bits(submission, "delay_weights", bits, delayed(bits))


@pytest.mark.task("delay_weights")
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_any_delay(submission, rng, rate):
    """It does so over two hundred steps."""
    bits = marks(rng, rate, 200, 3)
    ask_bits(submission, "delay_weights", bits, delayed(bits))


@small_cases("keras_to_torch")
def small_layers(rng):
    """A layer of every size up to three."""
    for size in small_sizes("D H", 3):
        arrays = keras_arrays(rng, inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(arrays), axes=AXES)


@small_cases("to_write_convention")
def small_weights(rng):
    """Weights of every size up to three."""
    for size in small_sizes("D H", 3):
        weights = weights_of(rng, inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(weights), axes=AXES)


@small_cases("count_parameters")
def small_networks(rng):
    """Networks that can be counted on paper."""
    for size in small_sizes("D H layers", 2):
        for bidirectional, biases in itertools.product((False, True), (2, 1, 0)):
            words = f"{in_words(size)}, {'two directions' if bidirectional else 'one direction'}, biases = {biases}"
            yield Small(words, [3, *size.values(), bidirectional, biases])


@small_cases("which_convention")
def small_observations(rng):
    """One step of a cell with few inputs and units, for each of the eight cells."""
    for batch, inputs, hidden in [(3, 1, 2), (4, 2, 2), (5, 2, 3)]:
        for answers in EIGHT:
            words = in_words({"B": batch, "D": inputs, "H": hidden})
            yield Small(words, observed(rng, answers, batch, inputs, hidden))
