"""What is particular to the assignment `gru_bptt`: the ways back to the old state, and mistakes that look alike."""

import numpy as np
import pytest
from running import COURSE

from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.learner import cases as frozen
from autograder.learner.check import Checker
from solutions import reference
from solutions.gru_bptt import probes

ASSIGNMENT = find_assignment(COURSE, "gru_bptt")
CATALOGUE = Catalogue(ASSIGNMENT)
CASES = frozen.load(ASSIGNMENT.released / "cases.npz")


@pytest.fixture
def step():
    rng = np.random.default_rng(0)
    x, h, *weights = reference.random_cell(rng, 3)
    return rng.normal(size=h.shape), x, h, *weights


@pytest.mark.parametrize("mistake", CATALOGUE.mistakes, ids=lambda mistake: mistake.name)
def test_the_learners_check_names_every_mistake_in_every_task_that_it_spoils(mistake):
    check = Checker(CASES, CATALOGUE.spoiled_namespace(mistake))
    named = {task.name: check.result(task.name).mistake for task in CASES.tasks}
    assert {task: name for task, name in named.items() if name} == CATALOGUE.names(mistake)


def test_a_new_mistake_in_the_last_task_is_shown_on_the_smallest_step():
    def sees_the_keep_path_alone(dh, dh_next, x, h, *weights):
        _, z, _ = reference.gru_gates(x, h, *weights)
        lost = bool(np.abs(reference.gru_cell_backward(dh_next, x, h, *weights)["dh"] - dh - dh_next * z).max() < 1e-9)
        return {"keep": lost, "candidate": False, "update": False, "reset": not lost}

    result = Checker(CASES, {"dropped_path": sees_the_keep_path_alone}).result("dropped_path")
    assert "B = 1, D = 1, H = 1, no path lost" in result.unknown
    assert "right = {'keep': False, 'candidate': False, 'update': False, 'reset': False}" in result.snippet.replace(
        "np.array(False)", "False"
    )


def test_the_ways_of_the_probes_are_those_of_the_jacobian(step):
    """The probes know no formula for a gradient; the reference has one for each way."""
    dh_next, *cell = step
    whole = probes.dh_without(None, *step)
    np.testing.assert_allclose(whole, reference.gru_cell_backward(*step)["dh"], rtol=0, atol=1e-14)
    for way, jacobian in reference.gru_jacobian_paths(*cell).items():
        by_this_way = np.einsum("bi,bij->bj", dh_next, jacobian)
        np.testing.assert_allclose(whole - probes.dh_without(way, *step), by_this_way, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("name", "lost"), [("pass_a", "reset"), ("pass_b", "keep"), ("pass_c", "update")])
def test_the_three_passes_lack_what_the_course_says(step, name, lost):
    assert (getattr(probes, name)(*step) == probes.dh_without(lost, *step)).all()
