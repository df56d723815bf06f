"""What a right answer to `rnn` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions.reference import (
    cross_entropy,
    random_cell,
    random_characters,
    random_logits,
    random_sequence,
    rnn_cell,
    rnn_forward,
    sample,
)

SIZES = "T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format


@visible(3)
@pytest.mark.task("rnn_cell")
def test_one_step(submission, rng):
    """One step gives the right state."""
    cell = random_cell(rng, gates=1)
    assert_agree(submission.call("rnn_cell", *cell), rnn_cell(*cell))


@visible()
@pytest.mark.task("rnn_cell")
def test_wide(submission, rng):
    """It holds for other sizes: more rows, more units, fewer inputs."""
    cell = random_cell(rng, gates=1, batch=5, inputs=2, hidden=7)
    assert_agree(submission.call("rnn_cell", *cell), rnn_cell(*cell))


@visible()
@pytest.mark.task("rnn_cell")
def test_saturated(submission, rng):
    """It stays finite where tanh is at its ends."""
    *cell, bias_ih, bias_hh = random_cell(rng, gates=1)
    cell = *cell, bias_ih + np.array([1000, -1000, 0, 0]), bias_hh
    assert_agree(submission.call("rnn_cell", *cell), rnn_cell(*cell))


@pytest.mark.task("rnn_cell")
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 7, 2), (33, 2, 17)], ids="B={0[0]} D={0[1]} H={0[2]}".format)
def test_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    batch, inputs, hidden = sizes
    cell = random_cell(rng, gates=1, batch=batch, inputs=inputs, hidden=hidden)
    assert_agree(submission.call("rnn_cell", *cell), rnn_cell(*cell))


@visible(2)
@pytest.mark.task("rnn_forward")
def test_sequence(submission, rng):
    """Without lengths, a sequence of five steps gives all five states."""
    sequence = random_sequence(rng, gates=1)
    assert_agree(submission.call("rnn_forward", *sequence), rnn_forward(*sequence))


@visible(2)
@pytest.mark.task("rnn_forward")
def test_lengths(submission, rng):
    """With lengths, each row's states are zero from its own end on."""
    sequence = random_sequence(rng, gates=1, steps=6, batch=4, inputs=3, hidden=5)
    lengths = rng.permutation([6, 4, 1, int(rng.integers(2, 6))])
    assert_agree(submission.call("rnn_forward", *sequence, lengths), rnn_forward(*sequence, lengths))


@visible()
@pytest.mark.task("rnn_forward")
def test_all_rows_end_early(submission, rng):
    """Where every row ends before T, the result still has T steps."""
    sequence = random_sequence(rng, gates=1, steps=7, batch=3, inputs=2, hidden=4)
    lengths = rng.permutation([5, 3, 2])
    assert_agree(submission.call("rnn_forward", *sequence, lengths), rnn_forward(*sequence, lengths))


@visible()
@pytest.mark.task("rnn_forward")
def test_padding_is_not_read(submission, rng):
    """The padding may hold anything, NaN too: it changes nothing."""
    x, *rest = random_sequence(rng, gates=1, steps=5, batch=3, inputs=2, hidden=4)
    lengths = rng.permutation([5, 3, 2])
    x[np.arange(5)[:, None] >= lengths] = np.nan
    assert_agree(submission.call("rnn_forward", x, *rest, lengths), rnn_forward(x, *rest, lengths))


@pytest.mark.task("rnn_forward")
@pytest.mark.parametrize("sizes", [(1, 3, 2, 5), (7, 1, 1, 1), (3, 6, 4, 2), (60, 2, 3, 9)], ids=SIZES)
def test_sequence_any_size(submission, rng, sizes):
    """It holds for other lengths and sizes."""
    steps, batch, inputs, hidden = sizes
    sequence = random_sequence(rng, gates=1, steps=steps, batch=batch, inputs=inputs, hidden=hidden)
    lengths = rng.integers(1, steps + 1, batch)
    calls = submission.map("rnn_forward", [sequence, (*sequence, lengths)])
    assert_agree(calls[0], rnn_forward(*sequence))
    assert_agree(calls[1], rnn_forward(*sequence, lengths))


@visible(2)
@pytest.mark.task("cross_entropy")
def test_mean_loss(submission, rng):
    """It is the mean over all steps and rows."""
    logits, targets = random_logits(rng)
    assert_agree(submission.call("cross_entropy", logits, targets), cross_entropy(logits, targets))


@visible()
@pytest.mark.task("cross_entropy")
def test_positions_of_different_height(submission, rng):
    """It is right, and NumPy does not warn, where some positions have logits near 1000 and others near -1000."""
    logits, targets = random_logits(rng, steps=4, batch=3, classes=5)
    logits += np.where(rng.permutation(12).reshape(4, 3, 1) % 2, 1000, -1000)
    assert_agree(submission.call("cross_entropy", logits, targets), cross_entropy(logits, targets), quiet=True)


@visible()
@pytest.mark.task("cross_entropy")
def test_logits_far_apart(submission, rng):
    """It is right, and NumPy does not warn, where one position has logits from -1000 to 1000."""
    logits, targets = random_logits(rng, steps=4, batch=3, classes=5)
    logits += rng.permuted(np.tile([-1000.0, -400, 0, 400, 1000], (4, 3, 1)), axis=-1)
    targets[0, 0] = logits[0, 0].argmin()
    assert_agree(submission.call("cross_entropy", logits, targets), cross_entropy(logits, targets), quiet=True)


@pytest.mark.task("cross_entropy")
@pytest.mark.parametrize("sizes", [(1, 1, 2), (6, 5, 3), (2, 3, 40)], ids="T={0[0]} B={0[1]} K={0[2]}".format)
def test_loss_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    logits, targets = random_logits(rng, *sizes)
    assert_agree(submission.call("cross_entropy", logits, targets), cross_entropy(logits, targets))


def assert_right_draws(submission, models):
    """Compare the draws of several models: those of one may be right by chance."""
    for called, model in zip(submission.map("sample", models), models, strict=True):
        assert_agree(called, sample(*model), axes="draw")


@visible(2)
@pytest.mark.task("sample")
def test_draws(submission, rng):
    """It draws the characters that the uniform numbers ask for."""
    assert_right_draws(submission, [random_characters(rng), random_characters(rng, hidden=5)])


@visible()
@pytest.mark.task("sample")
def test_temperature(submission, rng):
    """A temperature divides the logits."""
    temperatures = rng.uniform(0.3, 0.6), rng.uniform(1.8, 3), rng.uniform(0.3, 0.6)
    assert_right_draws(submission, [(*random_characters(rng, hidden=5), each) for each in temperatures])


@visible()
@pytest.mark.task("sample")
def test_logits_of_a_thousand(submission, rng):
    """It draws rightly where logits are near 1000."""
    models = [random_characters(rng, characters=5, hidden=3), random_characters(rng, characters=5, hidden=6)]
    assert_right_draws(submission, [(*model, bias_out + 1000) for *model, bias_out in models])


@visible()
@pytest.mark.task("sample")
def test_uniform_numbers_at_the_ends(submission, rng):
    """It draws the first character for u = 0, and the last for the largest u below 1."""
    start, uniforms, *weights = random_characters(rng, draws=12)
    uniforms = np.where(np.arange(12) % 3, uniforms, np.where(np.arange(12) % 2, 0, np.nextafter(1, 0)))
    model = start, uniforms, *weights
    assert_agree(submission.call("sample", *model), sample(*model), axes="draw")


@pytest.mark.task("sample")
@pytest.mark.parametrize("sizes", [(30, 2, 1), (50, 12, 6), (25, 3, 9)], ids="N={0[0]} K={0[1]} H={0[2]}".format)
def test_draws_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    model = random_characters(rng, *sizes)
    assert_agree(submission.call("sample", *model), sample(*model), axes="draw")


@small_cases("rnn_cell")
def small_cells(rng):
    """One step of every size up to three; then one unit at the ends of tanh."""
    for size in small_sizes("B D H", 3):
        cell = random_cell(rng, gates=1, batch=size["B"], inputs=size["D"], hidden=size["H"])
        yield Small(in_words(size), rounded(cell))
    for large in (1000, -1000):
        *cell, bias_ih, bias_hh = rounded(random_cell(rng, gates=1, batch=1, inputs=1, hidden=1))
        yield Small("B = 1, D = 1, H = 1 and a large bias", [*cell, bias_ih + large, bias_hh])


@small_cases("rnn_forward")
def small_sequences(rng):
    """A sequence of every size up to three without lengths, then with them, then with NaN in the padding."""
    for size in small_sizes("T B D H", 3):
        yield Small(in_words(size), rounded(random_sequence(rng, 1, size["T"], size["B"], size["D"], size["H"])))
    for size in small_sizes("T B", 3):
        sequence = rounded(random_sequence(rng, 1, size["T"], size["B"], 1, 1))
        lengths = rng.integers(1, size["T"] + 1, size["B"])
        yield Small(f"{in_words(size)}, D = 1, H = 1 and lengths", [*sequence, lengths])
    x, *rest = rounded(random_sequence(rng, 1, 2, 1, 1, 1))
    x[1] = np.nan
    yield Small("T = 2, B = 1, D = 1, H = 1 and NaN in the padding", [x, *rest, np.array([1])])


@small_cases("cross_entropy")
def small_losses(rng):
    """Logits of every size up to three, then some that are large."""
    for size in small_sizes("T B K", 3):
        logits, targets = random_logits(rng, size["T"], size["B"], size["K"])
        yield Small(in_words(size), [*rounded([logits]), targets])
    for far in (
        [[[1000.0, 999.0]]],
        [[[-1000.0, -999.0]]],
        [[[0.0, 1000.0]]],
        [[[1000.0, 1001.0]], [[-1000.0, -999.0]]],
    ):
        logits = np.array(far)
        told = f"T = {len(logits)}, B = 1, K = 2 and large logits"
        yield Small(told, [logits, np.zeros(logits.shape[:2], dtype=int)], quiet=True)


@small_cases("sample")
def small_samples(rng):
    """One draw, two and three from up to three characters, then more; then with a temperature, then large logits."""
    for size in small_sizes("N K H", 3):
        for _ in range(3):
            yield Small(in_words(size), small_model(rng, size["N"], size["K"], size["H"]), axes="draw")
    for draws in (6, 12):
        told = {"N": draws, "K": 3, "H": 2}
        for temperature in (0.5, 2.0):
            model = [*small_model(rng, draws, 3, 2), temperature]
            yield Small(f"{in_words(told)} and temperature {temperature}", model, axes="draw")
        *model, bias_out = small_model(rng, draws, 3, 2)
        yield Small(f"{in_words(told)} and large logits", [*model, bias_out + 1000], axes="draw")
    start, _, *weights = small_model(rng, 2, 3, 2)
    yield Small("u = 0 and the largest u below 1", [start, np.array([0, np.nextafter(1, 0)]), *weights], axes="draw")


def small_model(rng, draws, characters, hidden):
    start, uniforms, *weights = random_characters(rng, draws, characters, hidden)
    return [start, np.floor(100 * uniforms) / 100, *rounded(weights)]
