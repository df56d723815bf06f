"""What a right answer to `small` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check."""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible

SHARED = {"dW": "unit input", "db": "unit"}


def shared_gradients(dy, x):
    """The sum over all steps and rows, one at a time."""
    uses = [(dy[t, b], x[t, b]) for t in range(dy.shape[0]) for b in range(dy.shape[1])]
    return {"dW": sum(np.outer(g, v) for g, v in uses), "db": sum(g for g, _ in uses)}


def z_replaces(packed):
    third = len(packed) // 3
    sign = np.repeat([1.0, -1.0, 1.0], third)
    return sign.reshape(-1, *[1] * (packed.ndim - 1)) * packed


def lamps(presses, on):
    return (np.cumsum(presses, axis=0) + on) % 2 == 1


def half_life_bias(k):
    """σ(b)^k = 1/2, solved without a difference of nearly equal numbers: b = -ln(2^(1/k) - 1)."""
    bias = np.zeros(3 * len(k))
    bias[len(k) : 2 * len(k)] = -np.log(np.expm1(np.log(2) / k))
    return bias


def time_constants(z):
    return -z.shape[0] * z.shape[1] / np.log(z).sum(axis=1).sum(axis=0)


def chosen_errors(valid, test):
    return np.array([errors[np.argmin(judge)] for judge, errors in zip(valid, test, strict=True)])


def paired_factor(a, b, t):
    d = np.log(a) - np.log(b)
    middle = d.sum() / len(d)
    reach = t * np.sqrt(((d - middle) ** 2).sum() / (len(d) - 1) / len(d))
    ends = {"factor": middle, "low": middle - reach, "high": middle + reach}
    return {name: np.asarray(np.exp(end)) for name, end in ends.items()}


def random_uses(rng, steps=4, batch=3, inputs=2, hidden=5):
    return rng.normal(size=(steps, batch, hidden)), rng.normal(size=(steps, batch, inputs))


def random_lamps(rng, steps, batch):
    """Presses and lamps; the first lamp is on and is pressed at the first step, the second is off."""
    presses, on = rng.random((steps, batch)) < 0.6, rng.random(batch) < 0.5
    presses[0, 0] = on[0] = True
    on[1:2] = False
    return presses, on


def random_gates(rng, steps=6, batch=3, hidden=4):
    """Update gates, a unit's own habit each: most of them keep, and some now and then let go."""
    return 1 / (1 + np.exp(-rng.normal(loc=rng.uniform(0, 3, hidden), scale=2, size=(steps, batch, hidden))))


def random_curves(rng, seeds, moments):
    """Validation and test errors whose lowest are at different moments, and never the last."""
    valid, test = np.exp(rng.normal(size=(2, seeds, moments)))
    for s, best in enumerate(rng.integers(0, moments - 1, seeds)):
        valid[s, best] = 0.5 * valid[s].min()
        test[s, (best + 1) % moments] = 0.5 * test[s].min()
    return valid, test


def random_errors(rng, seeds):
    """Errors of two networks that share the luck of their seeds."""
    luck = rng.normal(size=seeds)
    return np.exp(luck + 0.3 * rng.normal(size=seeds)), np.exp(luck + 0.3 * rng.normal(size=seeds) - 0.5)


@visible(2)
@pytest.mark.task("shared_gradients")
def test_all_uses(submission, rng):
    """Every step and every row counts."""
    uses = random_uses(rng)
    called = submission.call("shared_gradients", *uses)
    assert_agree(called, shared_gradients(*uses), axes=SHARED, as_tuple=True)


@pytest.mark.task("shared_gradients")
@pytest.mark.parametrize(
    "sizes", [(1, 6, 3, 2), (7, 1, 2, 3), (5, 4, 6, 1), (3, 2, 1, 8)], ids="T={0[0]} B={0[1]} D={0[2]} H={0[3]}".format
)
def test_uses_of_any_size(submission, rng, sizes):
    """The gradients hold for other lengths and sizes."""
    uses = random_uses(rng, *sizes)
    called = submission.call("shared_gradients", *uses)
    assert_agree(called, shared_gradients(*uses), axes=SHARED, as_tuple=True)


@visible(2)
@pytest.mark.task("z_replaces")
def test_weights(submission, rng):
    """It converts a matrix of weights."""
    packed = rng.normal(size=(12, 5))
    assert_agree(submission.call("z_replaces", packed), z_replaces(packed), axes="row column")


@visible()
@pytest.mark.task("z_replaces")
def test_biases(submission, rng):
    """It converts a vector of biases."""
    packed = rng.normal(size=9)
    assert_agree(submission.call("z_replaces", packed), z_replaces(packed), axes="row")


@pytest.mark.task("z_replaces")
@pytest.mark.parametrize("shape", [(3,), (21,), (6, 2), (15, 3), (3, 1)], ids=str)
def test_packed_of_any_shape(submission, rng, shape):
    """The conversion holds for other shapes."""
    packed = rng.normal(size=shape)
    assert_agree(submission.call("z_replaces", packed), z_replaces(packed), axes=("row", "row column")[packed.ndim - 1])


@visible(2)
@pytest.mark.task("lamps")
def test_lamps(submission, rng):
    """Each lamp is right after every step."""
    arguments = random_lamps(rng, 7, 5)
    assert_agree(submission.call("lamps", *arguments), lamps(*arguments), axes="step lamp")


@visible()
@pytest.mark.task("lamps")
def test_untouched(submission, rng):
    """A lamp that nobody touches stays as it was."""
    presses, on = random_lamps(rng, 6, 4)
    presses[:, 1:3] = False
    on[1:3] = True, False
    assert_agree(submission.call("lamps", presses, on), lamps(presses, on), axes="step lamp")


@pytest.mark.task("lamps")
@pytest.mark.parametrize("sizes", [(1, 6), (40, 2), (9, 13)], ids="T={0[0]} B={0[1]}".format)
def test_lamps_of_any_size(submission, rng, sizes):
    """The lamps are right for other lengths and numbers of lamps."""
    arguments = random_lamps(rng, *sizes)
    assert_agree(submission.call("lamps", *arguments), lamps(*arguments), axes="step lamp")


@visible(2)
@pytest.mark.task("half_life_bias")
def test_half_lives(submission, rng):
    """Units get half-lives from two to a hundred steps."""
    k = rng.uniform(2, 100, 4)
    assert_agree(submission.call("half_life_bias", k), half_life_bias(k), axes="row")


@visible()
@pytest.mark.task("half_life_bias")
def test_one_step(submission, rng):
    """A half-life of one step needs no bias."""
    k = np.array([1.0, rng.uniform(3, 9)])
    assert_agree(submission.call("half_life_bias", k), half_life_bias(k), axes="row")


@pytest.mark.task("half_life_bias")
@pytest.mark.parametrize("hidden", [1, 3, 11], ids="H={}".format)
def test_half_lives_of_any_size(submission, rng, hidden):
    """The bias is right for other numbers of units, and for half-lives from a tenth of a step to five hundred."""
    k = np.exp(rng.uniform(np.log(0.1), np.log(500), hidden))
    assert_agree(submission.call("half_life_bias", k), half_life_bias(k), axes="row")


@visible(2)
@pytest.mark.task("time_constants")
def test_recorded(submission, rng):
    """It is right for gates that change from step to step."""
    z = random_gates(rng)
    assert_agree(submission.call("time_constants", z), time_constants(z), axes="unit")


@visible()
@pytest.mark.task("time_constants")
def test_jumpy(submission, rng):
    """A unit that lets go once has lost what it kept before."""
    z = rng.uniform(0.97, 0.999, (9, 2, 3))
    z[rng.integers(9), :, 1] = 0.001
    assert_agree(submission.call("time_constants", z), time_constants(z), axes="unit")


@pytest.mark.task("time_constants")
@pytest.mark.parametrize("sizes", [(1, 4, 3), (12, 1, 5), (30, 2, 1)], ids="T={0[0]} B={0[1]} H={0[2]}".format)
def test_recorded_of_any_size(submission, rng, sizes):
    """The time constants are right for other lengths and sizes."""
    z = random_gates(rng, *sizes)
    assert_agree(submission.call("time_constants", z), time_constants(z), axes="unit")


@visible(2)
@pytest.mark.task("chosen_errors")
def test_curves(submission, rng):
    """Each run is judged at its own best moment."""
    curves = random_curves(rng, 4, 7)
    assert_agree(submission.call("chosen_errors", *curves), chosen_errors(*curves), axes="seed")


@pytest.mark.task("chosen_errors")
@pytest.mark.parametrize("sizes", [(1, 5), (6, 3), (5, 30)], ids="S={0[0]} U={0[1]}".format)
def test_curves_of_any_size(submission, rng, sizes):
    """The results are right for other numbers of seeds and moments."""
    curves = random_curves(rng, *sizes)
    assert_agree(submission.call("chosen_errors", *curves), chosen_errors(*curves), axes="seed")


@visible(2)
@pytest.mark.task("paired_factor")
def test_five_seeds(submission, rng):
    """Five pairs give the factor and its interval."""
    arguments = *random_errors(rng, 5), 2.776
    assert_agree(submission.call("paired_factor", *arguments), paired_factor(*arguments), axes="", as_tuple=True)


@pytest.mark.task("paired_factor")
@pytest.mark.parametrize(("seeds", "t"), [(2, 12.706), (8, 2.365), (13, 1.782)], ids="S={}".format)
def test_any_number_of_seeds(submission, rng, seeds, t):
    """The factor and its interval are right for other numbers of seeds and other t."""
    arguments = *random_errors(rng, seeds), t
    assert_agree(submission.call("paired_factor", *arguments), paired_factor(*arguments), axes="", as_tuple=True)


@small_cases("shared_gradients")
def small_uses(rng):
    """Every size up to two."""
    for size in small_sizes("T B D H", 2):
        uses = random_uses(rng, size["T"], size["B"], size["D"], size["H"])
        yield Small(in_words(size), rounded(uses), axes=SHARED, as_tuple=("dW", "db"))


@small_cases("z_replaces")
def small_packed(rng):
    """Biases, then weights."""
    for shape in [(3,), (6,), (3, 1), (3, 2), (6, 1), (6, 2)]:
        yield Small(
            f"the shape {shape}", rounded([rng.normal(size=shape)]), axes="row column" if len(shape) > 1 else "row"
        )


@small_cases("lamps")
def few_lamps(rng):
    """Every size up to three."""
    for size in small_sizes("T B", 3):
        yield Small(in_words(size), list(random_lamps(rng, size["T"], size["B"])), axes="step lamp")


@small_cases("half_life_bias")
def few_half_lives(rng):
    """One unit, then two."""
    for k in ([1.0], [2.0], [10.0], [0.5], [1.0, 5.0], [3.0, 20.0]):
        yield Small(in_words({"H": len(k)}), [np.array(k)], axes="row")


@small_cases("time_constants")
def few_gates(rng):
    """Every size up to two."""
    for size in small_sizes("T B H", 2):
        z = rng.uniform(0.2, 0.95, (size["T"], size["B"], size["H"])).round(2)
        yield Small(in_words(size), [z], axes="unit")


@small_cases("chosen_errors")
def short_curves(rng):
    """One run, then two and three."""
    for seeds, moments in [(1, 2), (1, 3), (2, 2), (2, 3), (3, 2)]:
        curves = random_curves(rng, seeds, moments)
        yield Small(in_words({"S": seeds, "U": moments}), rounded(curves), axes="seed")


@small_cases("paired_factor")
def few_seeds(rng):
    """Two seeds, then three."""
    for seeds in (2, 2, 3):
        errors = rounded(random_errors(rng, seeds))
        yield Small(in_words({"S": seeds}), [*errors, 2.0], axes="", as_tuple=("factor", "low", "high"))
