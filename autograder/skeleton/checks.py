"""What a right answer to `skeleton` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check.

Each check belongs to a task, draws its inputs from `rng`, and compares with the reference.  Learners see the cases of
those that are `visible`, and the first line of their docstrings.
"""

import numpy as np
import pytest

from autograder.testing import Small, assert_agree, in_words, rounded, small_cases, small_sizes, visible


def reference(x, s0, a):
    """What is right, written another way than the answer: the share of every number in the average of every step."""
    steps = np.arange(len(x))
    shares = (1 - a) * np.tril(a ** np.abs(np.subtract.outer(steps, steps)))
    return shares @ x + np.outer(a ** (steps + 1), s0)


def drawn(rng, steps=5, rows=3):
    """A sequence, a start that is not 0, and a share that is not one half."""
    return rng.normal(size=(steps, rows)), rng.normal(size=rows), rng.choice([0.3, 0.8])


@visible(3)
@pytest.mark.task("leaky_average")
def test_sequence(submission, rng):
    """It is right for a sequence of five steps."""
    given = drawn(rng)
    assert_agree(submission.call("leaky_average", *given), reference(*given), axes="step row")


@visible()
@pytest.mark.task("leaky_average")
def test_one_step(submission, rng):
    """It is right for a sequence of one step."""
    given = drawn(rng, steps=1)
    assert_agree(submission.call("leaky_average", *given), reference(*given), axes="step row")


@pytest.mark.task("leaky_average")
@pytest.mark.parametrize("sizes", [(1, 1), (7, 2), (40, 6)], ids="T={0[0]} B={0[1]}".format)
def test_any_size(submission, rng, sizes):
    """It is right for other sizes."""
    given = drawn(rng, *sizes)
    assert_agree(submission.call("leaky_average", *given), reference(*given), axes="step row")


@small_cases("leaky_average")
def small_sequences(rng):
    """A sequence of every size up to three: the first that fails is shown to who made a mistake that has no name."""
    for size in small_sizes("T B", 3):
        x, s0, a = drawn(rng, size["T"], size["B"])
        yield Small(in_words(size), [*rounded([x, s0]), a])
