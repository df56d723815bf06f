"""What is particular to the assignment `gradient_flow`: its loops, and mistakes that look alike one task on."""

import numpy as np
import pytest
import torch
from running import COURSE

from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.learner import cases as frozen
from autograder.learner.actions import load_probes
from autograder.learner.answer import observe
from autograder.learner.check import Checker
from autograder.learner.compare import compare
from autograder.runtime import runtime_of
from solutions import reference
from solutions.gradient_flow.checks import FIVE, OTHERS

ASSIGNMENT = find_assignment(COURSE, "gradient_flow")
CATALOGUE = Catalogue(ASSIGNMENT)
CASES = frozen.load(ASSIGNMENT.released / "cases.npz")
LOOPS = load_probes(runtime_of(ASSIGNMENT).probes)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("mistake", CATALOGUE.mistakes, ids=lambda mistake: mistake.name)
def test_the_learners_check_names_every_mistake_in_every_task_that_it_spoils(mistake):
    check = Checker(CASES, CATALOGUE.spoiled_namespace(mistake), LOOPS)
    named = {task.name: check.result(task.name).mistake for task in CASES.tasks}
    assert {task: name for task, name in named.items() if name} == CATALOGUE.names(mistake)


def test_a_mistake_that_answers_like_one_of_an_earlier_task_keeps_its_own_name():
    """The product of transposed Jacobians and a product in the wrong order have the same norms."""
    mistakes = {mistake.name: mistake for mistake in CATALOGUE.mistakes}
    for name in ("jacobian_transposed", "product_on_the_left"):
        check = Checker(CASES, CATALOGUE.spoiled_namespace(mistakes[name]), LOOPS)
        assert check.result("decay_curve").mistake == name


def small_steps(loop, gradients, max_norm=1.0, learning_rate=0.5):
    start = {name: np.zeros_like(g) for name, g in gradients.items()}
    after = loop(start, lambda _: gradients, max_norm, learning_rate, 1)
    return {name: -array / learning_rate for name, array in after.items()}


def test_every_loop_has_its_truth():
    assert LOOPS.keys() == (FIVE | OTHERS).keys()


@pytest.mark.parametrize(("name", "too_late"), (FIVE | OTHERS).items())
def test_the_step_of_a_loop_that_clips_too_late_is_the_gradient(rng, name, too_late):
    gradients = {"W": rng.uniform(50, 60, (3, 2)), "b": rng.uniform(50, 60, 4)}
    step = small_steps(LOOPS[name], gradients)
    assert all(np.allclose(step[key], g) for key, g in gradients.items()) == too_late


@pytest.mark.parametrize("name", ["loop_c", "loop_g"])
def test_the_right_loops_clip_as_the_reference_does(rng, name):
    for size in (0.01, 50):
        gradients = {"W": size * rng.normal(size=(3, 2)), "b": size * rng.normal(size=4)}
        step, (want, _) = small_steps(LOOPS[name], gradients), reference.clip_by_global_norm(gradients, 1.0)
        assert all(np.allclose(step[key], want[key], rtol=1e-12) for key in want)


# the reference


@pytest.mark.parametrize("size", [0.0, 0.1, 7.0])
def test_the_reference_clips_as_torch_does_but_for_its_small_number(rng, size):
    gradients = {"W": size * rng.normal(size=(3, 2)), "b": size * rng.normal(size=4)}
    clipped, norm = reference.clip_by_global_norm(gradients, 1.5)
    parameters = [torch.nn.Parameter(torch.from_numpy(g.copy())) for g in gradients.values()]
    for parameter, g in zip(parameters, gradients.values(), strict=True):
        parameter.grad = torch.from_numpy(g.copy())
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(parameters, 1.5).item(), rel=1e-12)
    for mine, parameter in zip(clipped.values(), parameters, strict=True):
        np.testing.assert_allclose(mine, parameter.grad.numpy(), rtol=2e-6)
    assert reference.global_norm(clipped) == pytest.approx(min(norm, 1.5), rel=1e-14)


def test_the_reference_makes_new_arrays(rng):
    gradients = {"W": rng.normal(size=(3, 2))}
    clipped, _ = reference.clip_by_global_norm(gradients, 100.0)
    assert not np.shares_memory(clipped["W"], gradients["W"])


@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_a_limit_that_is_none_is_refused(limit):
    with pytest.raises(ValueError, match="should be a number above 0"):
        reference.clip_by_global_norm({"W": np.ones(2)}, limit)


def test_the_orthogonal_factor_is_orthogonal_and_has_a_positive_triangle(rng):
    matrix = rng.normal(size=(6, 6))
    Q = reference.orthogonal_factor(matrix)
    R = Q.T @ matrix
    np.testing.assert_allclose(Q.T @ Q, np.eye(6), atol=1e-14)
    np.testing.assert_allclose(R, np.triu(R), atol=1e-13)
    assert (np.diag(R) > 0).all()


def test_an_orthogonal_factor_wants_a_square():
    with pytest.raises(ValueError, match="should be square"):
        reference.orthogonal_factor(np.ones((2, 3)))


# what the check notices


def test_arrays_that_are_changed_inside_a_dictionary_are_noticed():
    def change(given):
        given["b"] *= 2

    def exchange(given):
        given["b"] = given["b"] * 2

    for function in (change, exchange):
        assert observe(function, [{"a": np.ones(2), "b": np.ones(3)}]).changed == [0]
    assert observe(lambda lists: lists[1].sort(), [[np.ones(1), np.array([2.0, 1.0])]]).changed == [0]
    assert observe(len, [{"a": np.ones(2)}]).changed == []


@pytest.mark.parametrize("value", [True, np.True_, 1, np.array(True)])
def test_a_truth_value_in_any_form_is_right(value):
    assert compare(observe(lambda: value, []), np.asarray(True)) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (False, "Yours is False, right is True."),
        (None, "It returned None; True or False is wanted."),
        ("yes", "True or False is wanted."),
        (np.ones(2), "has shape (2,)"),
    ],
)
def test_a_wrong_truth_value_is_told_in_words(value, text):
    assert text in compare(observe(lambda: value, []), np.asarray(True)).text
