"""What a right answer to `training` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest
import torch

from autograder.testing import assert_agree, visible
from solutions.training import oracle, probes

LIMIT = 0.05
SIZES = "T={0[0]} B={0[1]} K={0[2]}".format
ADDED = {"the weights have changed": True, f"the error on fresh data is below {LIMIT}": True}
SAME = {"the same seed gives the same weights": True, "another seed gives other weights": True}


def float32(array):
    return torch.from_numpy(np.asarray(array, np.float32))


def some_lengths(rng, steps, batch):
    """In no order: the longest is `steps`, the others are shorter, and all differ where there is room."""
    shorter = rng.choice(np.arange(1, steps), batch - 1, replace=batch > steps)
    return torch.from_numpy(rng.permutation(np.append(np.sort(shorter)[::-1], steps)))


def falling_lengths(rng, steps, batch):
    """Never sorted, neither way."""
    while True:
        lengths = some_lengths(rng, steps, batch)
        gaps = lengths.diff()
        if (gaps > 0).any() and (gaps < 0).any():
            return lengths


def some_logits(rng, steps, batch, known, scale=2.0):
    logits = float32(rng.normal(size=(steps, batch, known)) * scale)
    targets = torch.from_numpy(rng.integers(0, known, (steps, batch)))
    return logits, targets, some_lengths(rng, steps, batch)


def reader_weights(rng, inputs, hidden, outputs, scale=1.0):
    """Of a Reader, all random, the biases too."""
    bound = scale * hidden**-0.5
    shapes = [(3 * hidden, inputs), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,), (outputs, hidden), (outputs,)]
    return {name: float32(rng.uniform(-bound, bound, shape)) for name, shape in zip(probes.PARTS, shapes, strict=True)}


def some_batches(rng, count, inputs=3, known=5):
    """Batches of different sizes, with padding that is no zeros."""
    batches = []
    for number in range(count):
        steps, batch = 6 - number % 2, 3 + number
        _, targets, lengths = some_logits(rng, steps, batch, known)
        batches.append((float32(rng.normal(size=(steps, batch, inputs))), targets, lengths))
    return batches


def first_norms(weights, batches, rate):
    return oracle.train(weights, batches, rate, 1e9)[2]


@visible(3)
@pytest.mark.task("masked_loss")
def test_loss(submission, rng):
    """It is the mean over the real steps, however long each row is."""
    given = some_logits(rng, 6, 3, 4)
    assert_agree(submission.call("masked_loss", *given), oracle.masked_loss(*given), axes="")


@pytest.mark.task("masked_loss")
@pytest.mark.parametrize("sizes", [(4, 5, 3), (9, 2, 7), (3, 4, 2)], ids=SIZES)
def test_loss_of_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    given = some_logits(rng, *sizes)
    assert_agree(submission.call("masked_loss", *given), oracle.masked_loss(*given), axes="")


@visible()
@pytest.mark.task("masked_loss")
def test_loss_gradient(submission, rng):
    """Gradients flow through it: those of the real steps' logits, and zeros in the padding."""
    logits, targets, lengths = some_logits(rng, 5, 4, 3)
    leaf = logits.clone().requires_grad_()
    oracle.masked_loss(leaf, targets, lengths).backward()
    called = submission.probe("gradient_of_loss", logits, targets, lengths, submission.function("masked_loss"))
    assert_agree(called, leaf.grad, axes="step row character")


@visible()
@pytest.mark.task("masked_loss")
def test_loss_of_large_logits(submission, rng):
    """It stays finite for large logits, whose softmax is rounded to 0 and has no logarithm."""
    given = some_logits(rng, 5, 3, 4, scale=300.0)
    assert_agree(submission.call("masked_loss", *given), oracle.masked_loss(*given), axes="")


def gru_weights(rng, inputs, hidden):
    rows, bound = 3 * hidden, hidden**-0.5
    shapes = {"weight_ih_l0": (rows, inputs), "weight_hh_l0": (rows, hidden), "bias_ih_l0": rows, "bias_hh_l0": rows}
    shapes |= {f"{name}_reverse": shape for name, shape in shapes.items()}
    return {name: float32(rng.uniform(-bound, bound, shape)) for name, shape in shapes.items()}


@visible(2)
@pytest.mark.task("summaries")
def test_summaries(submission, rng):
    """Each row gives what it would give alone, whatever stands in the padding."""
    x, lengths = float32(rng.normal(size=(6, 4, 2))), falling_lengths(rng, 6, 4)
    weights = gru_weights(rng, 2, 3)
    assert_agree(submission.call("summaries", weights, x, lengths), oracle.summaries(weights, x, lengths))


@pytest.mark.task("summaries")
@pytest.mark.parametrize("sizes", [(9, 5, 3, 2), (5, 3, 1, 4)], ids="T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format)
def test_summaries_of_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    steps, batch, inputs, hidden = sizes
    x, lengths = float32(rng.normal(size=(steps, batch, inputs))), falling_lengths(rng, steps, batch)
    weights = gru_weights(rng, inputs, hidden)
    assert_agree(submission.call("summaries", weights, x, lengths), oracle.summaries(weights, x, lengths))


def start_of(submission, rng):
    keep, seed = round(rng.uniform(0.5, 2.0), 2), int(rng.integers(1000, 10**6))
    submission.probe("stir", int(rng.integers(10**6)))
    want = probes.about_start(oracle.starting_weights(30, 7, 20, keep, seed), 30, 7, 20)
    called = submission.call("starting_weights", 30, 7, 20, keep, seed)
    axes = {"W_hh^T W_hh of each block": "block row column", "both biases together": "block unit", "out.bias": "output"}
    assert_agree(called, want, axes=axes, through=("about_start", 30, 7, 20))


@visible(2)
@pytest.mark.task("starting_weights")
def test_start(submission, rng):
    """The weights are as the table says."""
    start_of(submission, rng)


@pytest.mark.task("starting_weights")
def test_start_again(submission, rng):
    """They are so for other seeds."""
    start_of(submission, rng)


@visible()
@pytest.mark.task("starting_weights")
def test_start_is_of_the_seed(submission, rng):
    """The same seed gives the same weights, another gives others, and the global generator stays as it was."""
    seed, other = (int(number) for number in rng.choice(10**6, 2, replace=False))
    submission.probe("stir", int(rng.integers(10**6)))
    first = submission.new("starting_weights", 5, 4, 3, 1.0, seed)
    submission.probe("stir", int(rng.integers(10**6)))
    again = submission.new("starting_weights", 5, 4, 3, 1.0, seed)
    third = submission.new("starting_weights", 5, 4, 3, 1.0, other)
    want = {**SAME, "the global generator is as it was": True}
    assert_agree(submission.probe("about_seeds", first, again, third), want)


def trained_on(submission, rng, count, share):
    """The limit is a share of the smallest norm that there would be without it."""
    weights, batches = reader_weights(rng, 3, 4, 5), some_batches(rng, count)
    rate = round(rng.uniform(0.4, 0.6), 2)
    max_norm = float(share * first_norms(weights, batches, rate).min())
    want = probes.as_trained(oracle.train(weights, batches, rate, max_norm), "losses", "norms")
    called = submission.call("train_batches", weights, batches, rate, max_norm)
    assert_agree(called, want, axes={"losses": "batch", "norms": "batch"}, through=("as_trained", "losses", "norms"))


@visible(2)
@pytest.mark.task("train_batches")
def test_train(submission, rng):
    """Four batches whose gradients are all too long leave the right weights, losses and norms."""
    trained_on(submission, rng, 4, 0.4)


@visible()
@pytest.mark.task("train_batches")
def test_train_without_limit(submission, rng):
    """Three batches whose gradients are short enough are not clipped."""
    trained_on(submission, rng, 3, 50.0)


@pytest.mark.task("train_batches")
@pytest.mark.parametrize("count", [1, 6])
def test_train_other_counts(submission, rng, count):
    """It holds for one batch and for many."""
    trained_on(submission, rng, count, 0.3)


@visible(2)
@pytest.mark.task("evaluate")
def test_evaluate(submission, rng):
    """Every real step of every batch counts the same, and nothing is dropped."""
    weights, batches = reader_weights(rng, 3, 4, 5, scale=4.0), some_batches(rng, 4)
    submission.probe("stir", int(rng.integers(10**6)))
    called = submission.call("evaluate", weights, batches, 0.5)
    assert_agree(called, oracle.evaluate(weights, batches, 0.5), axes="", through=("as_number",))


@pytest.mark.task("evaluate")
@pytest.mark.parametrize("count", [1, 7])
def test_evaluate_other_counts(submission, rng, count):
    """It holds for one batch and for many."""
    weights, batches = reader_weights(rng, 2, 6, 3, scale=4.0), some_batches(rng, count, inputs=2, known=3)
    submission.probe("stir", int(rng.integers(10**6)))
    called = submission.call("evaluate", weights, batches, 0.3)
    assert_agree(called, oracle.evaluate(weights, batches, 0.3), axes="", through=("as_number",))


def chunks_of(submission, rng, steps, batch, known, k, epochs):
    weights = reader_weights(rng, known, 3 + known % 3, known)
    codes = torch.from_numpy(rng.integers(0, known, (steps + 1, batch)))
    rate, max_norm = round(rng.uniform(0.4, 0.6), 2), round(rng.uniform(0.2, 0.3), 2)
    want = probes.as_trained(oracle.train_chunks(weights, codes, k, rate, max_norm, epochs), "losses")
    called = submission.call("train_chunks", weights, codes, k, rate, max_norm, epochs)
    assert_agree(called, want, axes={"losses": "chunk"}, through=("as_trained", "losses"))


@visible(2)
@pytest.mark.task("train_chunks")
def test_chunks(submission, rng):
    """Two epochs over a text of eleven predictions in chunks of four leave the right weights and losses."""
    chunks_of(submission, rng, 11, 2, 5, 4, 2)


@visible()
@pytest.mark.task("train_chunks")
def test_chunks_without_rest(submission, rng):
    """So they do where nothing is left over: eight predictions in chunks of four, one epoch."""
    chunks_of(submission, rng, 8, 3, 4, 4, 1)


@pytest.mark.task("train_chunks")
@pytest.mark.parametrize(
    "sizes", [(12, 3, 4, 3, 2), (7, 2, 6, 5, 3)], ids="N-1={0[0]} B={0[1]} K={0[2]} k={0[3]}".format
)
def test_chunks_of_any_size(submission, rng, sizes):
    """It holds for other texts and chunks, also where nothing is left over."""
    chunks_of(submission, rng, *sizes)


@visible()
@pytest.mark.task("learn")
def test_draws(submission, rng):
    """Each update has a new batch."""
    submission.probe("forget_draws")
    weights, seed = oracle.starting_weights(2, 5, 1, 1.0, 0), int(rng.integers(1, 10**6))
    learnt = submission.new("learn", weights, submission.helper("watched_adding"), seed, 4)
    want = {"there is a batch for each update": True, "every batch is new": True, "there is more than one": True}
    assert_agree(submission.probe("about_draws", learnt, 4), want)


@visible()
@pytest.mark.task("learn")
def test_results_are_of_the_seed(submission, rng):
    """The same seed gives the same weights, whatever was drawn before, and another seed gives others."""
    seed, other = (int(number) for number in 1 + rng.choice(10**6, 2, replace=False))
    weights, results = oracle.starting_weights(2, 5, 1, 1.0, 0), []
    for each in (seed, seed, other):
        submission.probe("stir", int(rng.integers(10**6)))
        results.append(submission.new("learn", weights, submission.helper("adding"), each, 3))
    assert_agree(submission.probe("about_results", *results), SAME)


@visible()
@pytest.mark.task("learn")
def test_it_has_learnt(submission, rng):
    """After 150 updates the weights add well on sequences that they have not seen."""
    weights = oracle.starting_weights(2, 12, 1, 1.0, int(rng.integers(10**6)))
    seed, fresh = int(rng.integers(1, 10**6)), torch.Generator().manual_seed(int(rng.integers(10**6)))
    called = submission.call("learn", weights, submission.helper("adding"), seed, 150)
    assert_agree(called, ADDED, through=("about_learnt", weights, *probes.adding(fresh, batch=300), LIMIT))
