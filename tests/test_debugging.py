"""What is particular to the assignment `debugging`: symptoms are as its text says, and its own check names too."""

import io
import re
from contextlib import redirect_stdout

import matplotlib.pyplot as plt
import numpy as np
import pytest
from running import COURSE

from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.learner import cases as frozen
from autograder.learner.actions import load_probes
from autograder.learner.check import Checker
from autograder.runtime import runtime_of
from autograder.source import solution_namespace, source_cells
from solutions.debugging.checks import after, before, step_input, writing

ASSIGNMENT = find_assignment(COURSE, "debugging")
CATALOGUE = Catalogue(ASSIGNMENT)
CASES = frozen.load(ASSIGNMENT.released / "cases.npz")
PROBES = load_probes(runtime_of(ASSIGNMENT).probes)


@pytest.fixture(scope="module")
def notebook():
    """The names of the solved notebook, its pictures drawn, and what each of those cells printed."""
    plt.switch_backend("Agg")
    names, printed = solution_namespace(ASSIGNMENT), {}
    for cell in source_cells(ASSIGNMENT):
        if "picture" in cell.tags:
            with redirect_stdout(io.StringIO()) as out:
                exec(cell.source, names)
            printed[cell.grade_id] = out.getvalue()
            plt.close("all")
    return names, printed


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]


@pytest.mark.parametrize("mistake", CATALOGUE.mistakes, ids=lambda mistake: mistake.name)
def test_the_learners_check_names_every_mistake_in_every_task_that_it_spoils(mistake):
    check = Checker(CASES, CATALOGUE.spoiled_namespace(mistake), PROBES)
    named = {task.name: check.result(task.name).mistake for task in CASES.tasks}
    assert {task: name for task, name in named.items() if name} == CATALOGUE.names(mistake)


def test_four_of_twelve_arrays_do_nothing_in_program_1_and_all_do_something_in_the_mended(notebook):
    _, printed = notebook
    reset, update, candidate = map(numbers, printed["symptom_1"].splitlines())
    assert reset == [0] * 4
    assert min(update + candidate) > 0.1
    assert len(numbers(printed["alive"])) == 12
    assert min(numbers(printed["alive"])) > 0.01


def test_the_lazy_input_shows_nothing_and_the_random_one_in_places_little(notebook):
    _, printed = notebook
    lazy, thorough = map(numbers, printed["lazy_test"].splitlines())
    assert lazy == [0, 0]
    assert thorough[0] < 0.01
    assert 0.1 < thorough[1] < 0.5


def test_the_limit_has_no_effect_in_program_2_and_the_mended_training_falls(notebook):
    names, _ = notebook
    losses = names["losses"]
    loose, tight = losses(names["program_2"], 1000.0), losses(names["program_2"], 1.0)
    assert loose == tight
    assert max(tight) > 5 * tight[0]
    assert losses(names["train_clipped"], 1000.0) == loose  # no gradient is longer than 1000
    mended = losses(names["train_clipped"], 1.0)
    assert max(mended) < 1.1 * mended[0]
    assert mended[-1] < 0.5 * mended[0]


def test_who_answers_1_has_learned_something_on_nearly_every_test_set(notebook):
    names, printed = notebook
    assert int(re.search(r"on (\d+) of 20", printed["symptom_3"])[1]) >= 15
    targets = np.random.default_rng(0).uniform(size=(100_000, 2)).sum(axis=1)
    assert abs(names["constant_error"](targets) - names["expected_error"](2, 0, 1)) < 0.003


def test_program_4_jumps_where_its_functions_meet(notebook):
    _, printed = notebook
    assert numbers(printed["symptom_4"])[0] > 0.5
    assert numbers(printed["mended_4"])[0] < 1e-12


def test_the_logbook_of_program_5_is_that_of_its_cell(notebook):
    """The typed states are those of the cell that resets before, to the last digit that is typed."""
    names, printed = notebook
    x, p = names["trained_model"]()
    h = np.zeros((1, 3))
    for x_t, logged in zip(x, names["logged"], strict=True):
        h = before(x_t, h, p)
        assert np.abs(h - logged).max() < 5.1e-5
    apart = [numbers(line)[-1] for line in printed["symptom_5"].splitlines()]
    assert apart[0] == 0
    assert min(apart[1:]) > 0.05
    assert [numbers(line)[-1] for line in printed["mended_5"].splitlines()] == [0] * 5


def test_program_6_lets_all_pass_but_what_is_no_number_and_the_mended_only_what_is_right(notebook):
    _, printed = notebook
    verdicts = [line.split()[-1] for line in printed["symptom_6"].splitlines()]
    assert verdicts == ["passes"] * 5 + ["fails"] + ["passes"] * 2
    assert [line.split()[-1] for line in printed["mended_6"].splitlines()] == ["passes"] + ["fails"] * 7


def test_the_programs_have_just_their_own_bug(notebook):
    """Each is right where its bug is out of play: no reset to be done, no gate half open, no clipping."""
    names, _ = notebook
    rng = np.random.default_rng(0)
    x, h, p = step_input(rng, 5, 2, 7)
    shut = p | {"b_ir": p["b_ir"] + 60}  # r is 1
    assert np.allclose(names["program_1"](x, h, shut), after(x, h, shut), atol=1e-14)
    assert np.allclose(names["run_4"](x[None], h, p)[0], writing(x, h, p), atol=1e-14)
    half = p | {name: 0 * p[name] for name in ("W_iz", "W_hz", "b_iz", "b_hz")}  # z is one half
    assert np.allclose(names["step_4"](x, h, half), writing(x, h, half), atol=1e-14)


def test_what_shows_counts_each_number_once():
    """A random input is taken apart as the program and the right step have it."""
    names = solution_namespace(ASSIGNMENT)
    for seed in range(20):
        x, h, p = step_input(np.random.default_rng(seed), 4, 2, 5)
        p = {name: np.clip(3 * array, -10, 10) for name, array in p.items()}
        counts = PROBES["what_shows"]((x, h, p), 4, 2, 5)
        assert sum(counts.values()) == 20
        assert counts["shown"] == (np.abs(names["program_1"](x, h, p) - after(x, h, p)) > 0.5).sum()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, h, p: (x, h), "a tuple (x, h, p) is wanted"),
        (lambda x, h, p: (x.T, h, p), "`x` has shape (2, 4); for B=4, D=2, H=5 it should be (4, 2)"),
        (lambda x, h, p: (x, h, {k: v for k, v in p.items() if k != "b_hn"}), "p has no `b_hn`"),
        (lambda x, h, p: (x, h, p | {"b_hn": 11 * np.ones(5)}), "`b_hn` holds a number that is not between"),
        (lambda x, h, p: (x, np.nan * h, p), "`h` holds a number that is not between"),
        (lambda x, h, p: (x, h, p | {"b_hn": "all"}), "`b_hn` is no array of numbers"),
    ],
)
def test_an_input_that_cannot_be_used_is_told_why(change, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        PROBES["what_shows"](change(*step_input(np.random.default_rng(0), 4, 2, 5)), 4, 2, 5)
