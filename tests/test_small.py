"""What is particular to the assignment `small`: PyTorch agrees with its answers, and the learner's check names all."""

import numpy as np
import pytest
import torch
from running import COURSE

from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.learner import cases as frozen
from autograder.learner.check import Checker
from autograder.source import solution_namespace

ASSIGNMENT = find_assignment(COURSE, "small")
CATALOGUE = Catalogue(ASSIGNMENT)
CASES = frozen.load(ASSIGNMENT.released / "cases.npz")
SOLUTION = solution_namespace(ASSIGNMENT)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("mistake", CATALOGUE.mistakes, ids=lambda mistake: mistake.name)
def test_the_learners_check_names_every_mistake(mistake):
    check = Checker(CASES, CATALOGUE.spoiled_namespace(mistake), {})
    named = {task.name: check.result(task.name).mistake for task in CASES.tasks}
    assert {task: name for task, name in named.items() if name} == {mistake.task: mistake.name}


def test_the_gradients_are_those_of_torch(rng):
    dy, x = rng.normal(size=(4, 3, 5)), rng.normal(size=(4, 3, 2))
    affine = torch.nn.Linear(2, 5, dtype=torch.float64)
    affine(torch.from_numpy(x)).backward(torch.from_numpy(dy))
    dW, db = SOLUTION["shared_gradients"](dy, x)
    np.testing.assert_allclose(dW, affine.weight.grad.numpy(), atol=1e-13)
    np.testing.assert_allclose(db, affine.bias.grad.numpy(), atol=1e-13)


def test_converted_rows_make_the_same_state_where_z_replaces(rng):
    """torch's cell keeps; from the converted rows its gate comes out as 1 - z."""
    cell, other = (torch.nn.GRUCell(3, 4, dtype=torch.float64) for _ in "ab")
    other.load_state_dict(
        {k: torch.from_numpy(SOLUTION["z_replaces"](w.numpy())) for k, w in cell.state_dict().items()}
    )
    x, h = torch.from_numpy(rng.normal(size=(2, 3))), torch.from_numpy(rng.normal(size=(2, 4)))
    with torch.no_grad():
        # n + z (h - n) from the one, n + (1 - z) (h - n) from the other: together n + h
        from_x, from_h = x @ cell.weight_ih.T + cell.bias_ih, h @ cell.weight_hh.T + cell.bias_hh
        r = torch.sigmoid(from_x[:, :4] + from_h[:, :4])
        n = torch.tanh(from_x[:, 8:] + r * from_h[:, 8:])
        torch.testing.assert_close(cell(x, h) + other(x, h), n + h)


def test_half_is_left_after_a_half_life():
    """A torch cell that sees its biases alone, begun at 1, with a candidate of 0."""
    k = np.array([1.0, 2.0, 5.0, 30.0])
    cell = torch.nn.GRUCell(1, 4, dtype=torch.float64)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.bias_ih.copy_(torch.from_numpy(SOLUTION["half_life_bias"](k)))
        states = [torch.ones(1, 4, dtype=torch.float64)]
        for _ in range(30):
            states.append(cell(torch.zeros(1, 1, dtype=torch.float64), states[-1]))
    assert [states[int(steps)][0, unit].item() for unit, steps in enumerate(k)] == pytest.approx([0.5] * 4)


@pytest.mark.parametrize("name", ["shared_gradients", "z_replaces", "half_life_bias", "time_constants"])
def test_float32_stays_float32(name):
    case = next(task for task in CASES.tasks if task.name == name).checks[0].cases[0]
    arguments = [np.asarray(argument) for argument in case.arguments]
    wanted = SOLUTION[name](*arguments)
    found = SOLUTION[name](*(argument.astype(np.float32) for argument in arguments))
    for got, want in zip(*((each if isinstance(each, tuple) else [each]) for each in (found, wanted)), strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-5)
