"""What a right answer to `debugging` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible
from solutions import reference
from solutions.reference import random_cell
from solutions.reference.conventions import GRUConvention
from solutions.reference.in_convention import gru_cell_in

SIZES = "B={0[0]} D={0[1]} H={0[2]}".format
OTHER_SIZES = [(1, 1, 1), (1, 7, 2), (9, 2, 6)]
RESET_BEFORE, WRITING = GRUConvention(reset="before"), GRUConvention(update="write")
NAMES = [(kind, gate) for gate in "rzn" for kind in ("W_i", "W_h", "b_i", "b_h")]


def step_input(rng, batch=2, inputs=3, hidden=4, gates="rzn"):
    """x, h and the weights of these gates by name.  All are large enough to show what is done with them."""
    x, h, *packed = random_cell(rng, 3, batch, inputs, hidden)
    return x, h, {name: 2 * array for name, array in by_name(*packed).items() if name[-1] in gates}


def by_name(*packed):
    """Packed weights under their names in the formulas."""
    blocks = [dict(zip("rzn", np.split(array, 3), strict=True)) for array in packed]
    kinds = dict(zip(("W_i", "W_h", "b_i", "b_h"), blocks, strict=True))
    return {kind + gate: kinds[kind][gate] for kind, gate in NAMES}


def packed(p):
    """Weights by name as the reference has them."""
    return [np.concatenate([p[kind + gate] for gate in "rzn"]) for kind in ("W_i", "W_h", "b_i", "b_h")]


def after(x, h, p):
    """One step of the course's GRU."""
    return reference.gru_cell(x, h, *packed(p))


def before(x, h, p):
    """One step of the GRU that resets the state before the product."""
    return gru_cell_in(RESET_BEFORE, x, h, *packed(p))


def writing(x, h, p):
    """One step of a GRU without a reset gate (it is held at 1) whose update gate writes."""
    gate = {name[:-1] + "r": np.zeros_like(array) for name, array in p.items() if name.endswith("z")}
    return gru_cell_in(WRITING, x, h, *packed(p | gate | {"b_ir": np.full(h.shape[1], 60.0)}))


@visible(2)
@pytest.mark.task("mended_step")
def test_step(submission, rng):
    """One step gives the right state."""
    given = step_input(rng)
    assert_agree(submission.call("mended_step", *given), after(*given))


@visible()
@pytest.mark.task("mended_step")
def test_wide_step(submission, rng):
    """It holds for other sizes: more rows, more units, fewer inputs."""
    given = step_input(rng, 5, 2, 7)
    assert_agree(submission.call("mended_step", *given), after(*given))


@pytest.mark.task("mended_step")
@pytest.mark.parametrize("sizes", OTHER_SIZES, ids=SIZES)
def test_step_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    given = step_input(rng, *sizes)
    assert_agree(submission.call("mended_step", *given), after(*given))


def assert_all_shown(submission, sizes):
    batch, _, hidden = sizes
    reasons = dict.fromkeys(("nothing_to_reset", "reset_gate_open", "candidate_flat", "state_kept"), 0)
    called = submission.call("input_that_shows", *sizes)
    assert_agree(called, {**reasons, "shown": batch * hidden}, through=("what_shows", *sizes))


@visible()
@pytest.mark.task("input_that_shows")
@pytest.mark.parametrize("sizes", [(2, 3, 4), (5, 2, 3)], ids=SIZES)
def test_every_number_shows_it(submission, sizes):
    """Every number of the result is off by more than 0.5."""
    assert_all_shown(submission, sizes)


@pytest.mark.task("input_that_shows")
@pytest.mark.parametrize("sizes", OTHER_SIZES, ids=SIZES)
def test_every_number_shows_it_at_any_size(submission, sizes):
    """It holds for other sizes."""
    assert_all_shown(submission, sizes)


def batches(rng, count, steps, batch):
    """Inputs and targets to train on."""
    return rng.normal(size=(count, steps, batch)), rng.normal(size=(count, batch))


def slope(theta, x, y):
    """The gradient of mean((h_T - y)²), from the closed form h_T = v Σ_t w^(T-t) x_t."""
    w, v = theta
    back = np.arange(len(x))[::-1]
    seen = np.einsum("t,tb->b", w**back, x)
    error = 2 * (v * seen - y)
    slope_w = v * np.einsum("t,tb->b", back * w ** np.maximum(back - 1, 0), x)
    return np.array([np.mean(error * slope_w), np.mean(error * seen)])


def trained(theta, x, y, max_norm, learning_rate):
    """Gradient descent with clipped gradients."""
    reached = [theta]
    for batch in zip(x, y, strict=True):
        clipped, _ = reference.clip_by_global_norm({"theta": slope(reached[-1], *batch)}, max_norm)
        reached.append(reached[-1] - learning_rate * clipped["theta"])
    return reached[-1]


def training(rng, count=4, steps=6, batch=3, share=1.0, scale=1000.0):
    """Arguments of `train_clipped` whose limit is a share of the middle one of the gradients' norms at the start.

    A step of that length is short, so that what rounding does to one step is not made much larger by the next.  The
    inputs are so large that it makes no difference whether 1e-6 is added to a norm, as PyTorch does.
    """
    theta, (x, y) = rng.uniform([0.9, 0.5], [1.1, 1.5]), batches(rng, count, steps, batch)
    x, y = scale * x, scale * y
    middle = np.median([np.linalg.norm(slope(theta, *each)) for each in zip(x, y, strict=True)])
    return theta, x, y, float(share * middle), rng.uniform(0.02, 0.04) / (min(share, 1) * middle)


@visible(2)
@pytest.mark.task("train_clipped")
def test_some_are_clipped(submission, rng):
    """Some of the gradients are longer than the limit."""
    given = training(rng)
    assert_agree(submission.call("train_clipped", *given), trained(*given), axes="parameter")


@visible()
@pytest.mark.task("train_clipped")
def test_low_limit(submission, rng):
    """The limit is far below the gradients, and the learning rate is high."""
    given = training(rng, count=3, steps=3, batch=2, share=1e-9)
    assert_agree(submission.call("train_clipped", *given), trained(*given), axes="parameter")


@visible()
@pytest.mark.task("train_clipped")
def test_none_is_clipped(submission, rng):
    """No gradient is longer than the limit."""
    given = training(rng, count=3, steps=4, batch=5, share=1000.0)
    assert_agree(submission.call("train_clipped", *given), trained(*given), axes="parameter")


@pytest.mark.task("train_clipped")
@pytest.mark.parametrize("sizes", [(1, 5, 2), (7, 3, 4), (9, 6, 1)], ids="N={0[0]} T={0[1]} B={0[2]}".format)
def test_training_any_size(submission, rng, sizes):
    """It holds for other numbers of batches, lengths and sizes."""
    given = training(rng, *sizes, share=0.8)
    assert_agree(submission.call("train_clipped", *given), trained(*given), axes="parameter")


def sums(rng, size=30):
    """Targets such as another adding problem has: their best constant is not 1."""
    count, low = rng.integers(2, 5), rng.uniform(1, 2)
    return rng.uniform(low, low + 2, (size, count)).sum(axis=1)


@visible(2)
@pytest.mark.task("constant_error")
def test_measured(submission, rng):
    """It is the error of the best constant on these targets."""
    targets = sums(rng)
    want = ((targets[:, None] - targets) ** 2).mean() / 2  # half the mean of all squared differences
    assert_agree(submission.call("constant_error", targets), want)


@pytest.mark.task("constant_error")
@pytest.mark.parametrize("size", [1, 7, 200], ids="N={0}".format)
def test_measured_any_size(submission, rng, size):
    """It holds for other numbers of targets."""
    targets = sums(rng, size)
    want = ((targets[:, None] - targets) ** 2).mean() / 2
    assert_agree(submission.call("constant_error", targets), want)


def moments(count, low, high):
    """The variance of the sum, from the first two moments of one number."""
    mean, square = (low + high) / 2, (low**2 + low * high + high**2) / 3
    return count * (square - mean**2)


@visible()
@pytest.mark.task("expected_error")
def test_two_numbers(submission):
    """It is right for two numbers between 0 and 1."""
    assert_agree(submission.call("expected_error", 2, 0.0, 1.0), moments(2, 0.0, 1.0))


@visible(2)
@pytest.mark.task("expected_error")
def test_other_numbers(submission, rng):
    """It is right for more numbers, between other limits."""
    given = int(rng.integers(3, 7)), rng.uniform(-2, -1), rng.uniform(1, 3)
    assert_agree(submission.call("expected_error", *given), moments(*given))


@pytest.mark.task("expected_error")
def test_one_number_and_many(submission, rng):
    """It is right for one number, and for many."""
    for count in (1, 60):
        given = count, rng.uniform(0.5, 1), rng.uniform(2, 3)
        assert_agree(submission.call("expected_error", *given), moments(*given))


@visible(2)
@pytest.mark.task("step_like_run")
def test_goes_on(submission, rng):
    """One step gives the state that the sequence would have had."""
    given = step_input(rng, gates="zn")
    assert_agree(submission.call("step_like_run", *given), writing(*given))


@visible()
@pytest.mark.task("step_like_run")
def test_goes_on_wide(submission, rng):
    """It holds for other sizes: more rows, more units, fewer inputs."""
    given = step_input(rng, 5, 2, 7, gates="zn")
    assert_agree(submission.call("step_like_run", *given), writing(*given))


@pytest.mark.task("step_like_run")
@pytest.mark.parametrize("sizes", OTHER_SIZES, ids=SIZES)
def test_goes_on_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    given = step_input(rng, *sizes, gates="zn")
    assert_agree(submission.call("step_like_run", *given), writing(*given))


@visible(2)
@pytest.mark.task("step_as_trained")
def test_trained_step(submission, rng):
    """One step gives the state that the trained model had."""
    given = step_input(rng)
    assert_agree(submission.call("step_as_trained", *given), before(*given))


@visible()
@pytest.mark.task("step_as_trained")
def test_trained_wide_step(submission, rng):
    """It holds for other sizes: more rows, more units, fewer inputs."""
    given = step_input(rng, 5, 2, 7)
    assert_agree(submission.call("step_as_trained", *given), before(*given))


@pytest.mark.task("step_as_trained")
@pytest.mark.parametrize("sizes", OTHER_SIZES, ids=SIZES)
def test_trained_step_any_size(submission, rng, sizes):
    """It holds for other sizes."""
    given = step_input(rng, *sizes)
    assert_agree(submission.call("step_as_trained", *given), before(*given))


def right_result(rng, shape=(5, 4), scale=1.0):
    """What is right, and its largest number."""
    want = scale * rng.uniform(-1, 1, shape)
    return want, np.abs(want).max()


def off(rng, want, size):
    """`want` with an error in every number, the largest just so large."""
    error = rng.uniform(-1, 1, want.shape)
    return want + error * (size / np.abs(error).max())


def one_off(rng, want, size):
    """`want` with an error in one number, of either sign."""
    got, place = want.copy(), tuple(rng.integers(0, want.shape))
    got[place] += size
    return got


def assert_verdict(submission, pairs, verdict):
    """All pairs (got, want) are accepted, or all rejected."""
    for called in submission.map("agrees", pairs):
        assert_agree(called, np.bool_(verdict))


@visible()
@pytest.mark.task("agrees")
def test_float64_is_accepted(submission, rng):
    """It accepts what is right in float64, to the last digit or nearly."""
    want, most = right_result(rng)
    below = -np.abs(want)
    assert_verdict(submission, [(got, want) for got in (want.copy(), off(rng, want, 9e-15 * most))], True)
    assert_verdict(submission, [(off(rng, below, 9e-15 * most), below)], True)


@visible()
@pytest.mark.task("agrees")
def test_float32_is_accepted(submission, rng):
    """It accepts what is right in float32."""
    want, most = right_result(rng)
    got = off(rng, want, 1.8e-6 * most)
    assert_verdict(submission, [(want.astype("f4"), want), (got.astype("f4"), want)], True)


@visible()
@pytest.mark.task("agrees")
def test_numbers_near_zero(submission, rng):
    """It accepts an error that is small beside the largest number, in a number that is itself near zero."""
    want, most = right_result(rng)
    want[1] *= 1e-7
    want[2, 1:3] = 0
    got = off(rng, want, 1.5e-6 * most)
    assert_verdict(submission, [(got.astype("f4"), want), (off(rng, want, 9e-15 * most), want)], True)


@visible()
@pytest.mark.task("agrees")
@pytest.mark.parametrize("scale", [1e4, 1e-6], ids=["large", "small"])
def test_scale(submission, rng, scale):
    """It judges large and small arrays alike: right ones pass."""
    want, most = right_result(rng, (3, 2, 4), scale)
    got = off(rng, want, 1.5e-6 * most).astype("f4")
    assert_verdict(submission, [(got, want), (off(rng, want, 9e-15 * most), want)], True)


@visible()
@pytest.mark.task("agrees")
def test_small_and_wrong(submission, rng):
    """It rejects what is wrong where all numbers are small."""
    want, most = right_result(rng, scale=1e-6)
    wrong = [off(rng, want, 0.5 * most).astype("f4"), (1.1 * want).astype("f4"), 0 * want]
    assert_verdict(submission, [(got, want) for got in wrong], False)


@visible()
@pytest.mark.task("agrees")
def test_all_a_little_wrong(submission, rng):
    """It rejects an array in which all numbers are a little wrong."""
    want, most = right_result(rng)
    wrong = [off(rng, want, 2e-3 * most), 1.05 * want, (0.9 * want).astype("f4"), off(rng, want, 0.05).astype("f4")]
    wrong.append(off(rng, want, 1.2e-3 * most).astype("f4"))
    assert_verdict(submission, [(got, want) for got in wrong], False)


@visible()
@pytest.mark.task("agrees")
def test_one_number_wrong(submission, rng):
    """It rejects an array in which one number of many is wrong, too large or too small."""
    want, most = right_result(rng, (6, 10, 20))
    wrong = [one_off(rng, want, size * most).astype("f4") for size in (1.2e-3, -1.2e-3)]
    wrong += [one_off(rng, want, size * most) for size in (0.05, -0.05)]
    assert_verdict(submission, [(got, want) for got in wrong], False)


@visible()
@pytest.mark.task("agrees")
def test_float64_computed_in_float32(submission, rng):
    """It rejects what is in float64 and has the error of float32."""
    want, most = right_result(rng)
    uneven = want * np.array([1, 1e-8, 1e-8, 1e-8])  # a number near zero is off by as much as the others
    got = uneven.copy()
    got[0, 1] += 1e-6 * np.abs(uneven).max()
    even = rng.uniform(0.5, 1, want.shape)  # a bar that goes with each number is as loose as one for the whole array
    pairs = [(off(rng, even, 1.2e-7 * even.max()), even), (off(rng, want, 1e-6 * most), want), (got, uneven)]
    assert_verdict(submission, pairs, False)


@visible()
@pytest.mark.task("agrees")
def test_stretched(submission, rng):
    """It rejects an array of another shape, even where NumPy would stretch it and all its numbers are right."""
    row = rng.uniform(0.5, 1, (1, 4))
    want = np.repeat(row, 3, axis=0)
    assert_verdict(submission, [(row, want), (row[0], want), (want[None], want)], False)


@visible()
@pytest.mark.task("agrees")
def test_other_shape(submission, rng):
    """It rejects an array of a shape that does not fit, and raises no error."""
    want, _ = right_result(rng, (3, 4))
    assert_verdict(submission, [(want.T.copy(), want), (want[:, :3].copy(), want), (want.ravel(), want)], False)


@visible()
@pytest.mark.task("agrees")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=["NaN", "infinity", "minus-infinity"])
def test_not_finite(submission, rng, value):
    """It rejects an array with a number that is none, or infinite."""
    want, _ = right_result(rng)
    wrong = want.copy()
    wrong[tuple(rng.integers(0, want.shape))] = value
    zero, beside = want.copy(), want.copy()
    zero[0, 0], beside[0, 0] = 0, value
    pairs = [(wrong, want), (wrong.astype("f4"), want), (np.full(want.shape, value), want), (beside, zero)]
    assert_verdict(submission, pairs, False)


@pytest.mark.task("agrees")
@pytest.mark.parametrize("scale", [300.0, 2e-5], ids=["large", "small"])
def test_cells(submission, rng, scale):
    """It accepts a right cell in float32, and rejects one whose reset gate has moved; also where numbers are scaled."""
    x, h, p = step_input(rng, 3, 2, 5)
    want = scale * after(x, h, p)
    arrays = [array.astype("f4") for array in (x, h, *packed(p))]
    right = np.float32(scale) * reference.gru_cell(*arrays)
    assert_verdict(submission, [(right, want)], True)
    assert_verdict(submission, [(scale * before(x, h, p), want), ((scale * before(x, h, p)).astype("f4"), want)], False)


@pytest.mark.task("agrees")
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3, 4, 5)], ids=["one", "vector", "four-axes"])
def test_any_shape(submission, rng, shape):
    """It takes arrays of any shape."""
    want, most = right_result(rng, shape)
    assert_verdict(submission, [(off(rng, want, 1.8e-6 * most).astype("f4"), want)], True)
    assert_verdict(submission, [(one_off(rng, want, -1.2e-3 * most).astype("f4"), want)], False)


def small_step(rng, size, gates="rzn"):
    """The arguments of a step, of two digits each."""
    x, h, p = step_input(rng, size["B"], size["D"], size["H"], gates)
    return [*rounded([x, h]), dict(zip(p, rounded(p.values()), strict=True))]


@small_cases("mended_step")
def small_steps(rng):
    """One step of every size up to two."""
    for size in small_sizes("B D H", 2):
        yield Small(in_words(size), small_step(rng, size))


@small_cases("step_like_run")
def small_steps_on(rng):
    """One step of every size up to two."""
    for size in small_sizes("B D H", 2):
        yield Small(in_words(size), small_step(rng, size, "zn"))


@small_cases("step_as_trained")
def small_trained_steps(rng):
    """One step of every size up to two."""
    for size in small_sizes("B D H", 2):
        yield Small(in_words(size), small_step(rng, size))


@small_cases("train_clipped")
def small_training(rng):
    """Every number of batches, length and size up to two; the limit is below all gradients, then above all."""
    for size in small_sizes("N T B", 2):
        theta, x, y, max_norm, _ = training(rng, size["N"], size["T"], size["B"], scale=1.0)
        for limit, where in [(0.1 * max_norm, "below all gradients"), (10 * max_norm, "above all gradients")]:
            arguments = [*rounded([theta, x, y]), round(float(limit), 3), 0.1]
            yield Small(f"{in_words(size)} and a limit {where}", arguments, axes="parameter")


@small_cases("constant_error")
def small_targets(rng):
    """Up to three targets."""
    for size in (1, 2, 3):
        yield Small(in_words({"N": size}), rounded([sums(rng, size)]))


@small_cases("expected_error")
def small_formula(rng):
    """One number and two, between 0 and 1 and between 1 and 3."""
    for count in (1, 2):
        for low, high in [(0.0, 1.0), (1.0, 3.0)]:
            yield Small(f"count = {count}, from {low:g} to {high:g}", [count, low, high])


@small_cases("agrees")
def small_verdicts(rng):
    """Two numbers, right and wrong, in both dtypes."""
    pair = np.array([1.0, -0.5])
    for dtype, rounding in [("f8", 1e-14), ("f4", 1e-6)]:
        name = np.dtype(dtype).name
        yield Small(f"two right numbers in {name}", [pair.astype(dtype), pair])
        yield Small(f"two numbers in {name} with the error of rounding", [(pair + rounding).astype(dtype), pair])
        yield Small(f"one wrong number in {name}", [(pair - np.array([0.0, 0.002])).astype(dtype), pair])
    yield Small("an error of a millionth in float64", [pair + 1e-6, pair])
    yield Small("one number where there should be two", [pair[:1], np.ones(2)])
    yield Small("three numbers where there should be two", [np.ones(3), pair])
