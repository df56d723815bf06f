"""The assignment `conventions`: its probes against unusable programs, its count against torch, its black box."""

import itertools
import re

import numpy as np
import pytest
import torch
from running import COURSE

from autograder.course import find_assignment
from autograder.learner.check import open_cases
from autograder.source import solution_namespace
from solutions.conventions import probes
from solutions.conventions.checks import EIGHT, count, observed
from solutions.reference import gru_forward

ASSIGNMENT = find_assignment(COURSE, "conventions")
SOLUTION = solution_namespace(ASSIGNMENT)
BITS = (np.random.default_rng(0).uniform(size=(30, 2, 1)) < 0.5).astype(float)


def program(**changed):
    """A right program for one input, with some entries changed."""
    return {**SOLUTION["delay_weights"](), **changed}


def test_a_program_runs_as_the_reference_does():
    rng, H = np.random.default_rng(1), 4
    weights = [rng.normal(size=shape) for shape in [(3 * H, 2), (3 * H, H), (3 * H,), (3 * H,)]]
    h0, x = rng.uniform(-1, 1, H), rng.normal(size=(7, 3, 2))
    named = dict(zip(["W_ih", "W_hh", "b_ih", "b_hh"], weights, strict=True))
    got = probes.run_program({"h0": h0, **named}, x)
    assert np.abs(got - gru_forward(x, np.tile(h0, (3, 1)), *weights)).max() < 1e-14


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "a dictionary with the entries h0, W_ih, W_hh, b_ih, b_hh is wanted; it is None"),
        ([1, 2], "it is of type list"),
        ({}, "there is no `h0` in it"),
        (program(W_ir=np.zeros(2)), "there is a `W_ir` in it"),
        (program(W_hh=np.zeros((2, 3))), "`W_hh` has shape (2, 3); with H = 2, the length of `h0`, and D = 1 it"),
        (program(W_ih=np.zeros((1, 6))), "`W_ih` has shape (1, 6)"),
        (program(b_ih=np.zeros((6, 1))), "`b_ih` has shape (6, 1)"),
        (program(b_hh=0.0), "`b_hh` has shape ()"),
        (program(h0=np.zeros((1, 2))), "`h0` has shape (1, 2); it should be (H,)"),
        (program(h0=[]), "`h0` has shape (0,)"),
        (program(h0=np.zeros(33)), "a number for each of 1 to 32 units"),
        (program(h0=[-1, -1.5]), "`h0` leaves the interval from -1 to 1"),
        (program(b_ih=[0, 0, 0, np.nan, 0, 0]), "`b_ih` holds a number that is not finite"),
        (program(W_hh=np.full((6, 2), -np.inf)), "`W_hh` holds a number that is not finite"),
        (program(W_ih=np.full((6, 1), 1e300)), "`W_ih` holds a number beyond a million"),
        (program(W_ih=[[1], [2, 3]]), "`W_ih` is a list of uneven length"),
        (program(W_ih=["a"] * 6), "`W_ih` is of type list; it should hold real numbers"),
        (program(W_ih=np.zeros((6, 1), complex)), "it should hold real numbers"),
        (program(b_hh=None), "`b_hh` is None; it should hold real numbers"),
        (program(b_hh={}), "`b_hh` is of type dict; it should hold real numbers"),
    ],
)
def test_an_unusable_program_is_refused_in_words(value, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        probes.read_bits(value, BITS)


def test_a_count_needs_three_units():
    with pytest.raises(ValueError, match="a count is read from units 0, 1 and 2, and `h0` has 2 of them"):
        probes.read_counts({**program(), "W_ih": np.zeros((6, 2))}, np.zeros((3, 1, 2)))


def test_what_is_neither_on_nor_off_is_one_half():
    still = {"W_ih": np.zeros((9, 2)), "W_hh": np.zeros((9, 3)), "b_hh": np.zeros(9)}
    still["b_ih"] = np.repeat([0.0, 50.0, 0.0], 3)  # keeps for ever
    for h0, bit, number in [([1, 1, -1], 1, 2), ([0.2, 1, 1], 0.5, 2.5), ([-0.26, -0.25, 0.25], 0, 0.5)]:
        x = np.zeros((4, 2, 2))
        assert (probes.read_bits({"h0": h0, **still}, x) == bit).all()
        assert (probes.read_counts({"h0": h0, **still}, x) == number).all()


def test_the_check_says_why_a_program_cannot_be_used():
    result = open_cases("conventions", {"parity_weights": lambda: program(W_hh=np.zeros((2, 3)))}).result(
        "parity_weights"
    )
    assert "cannot be used: `W_hh` has shape (2, 3)" in str(result)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("gates", "layer"), [(1, torch.nn.RNN), (3, torch.nn.GRU), (4, torch.nn.LSTM)])
def test_the_count_is_torchs(gates, layer, bidirectional):
    for layers, biases in itertools.product([1, 3], [2, 0]):
        network = layer(5, 7, layers, bias=biases > 0, bidirectional=bidirectional)
        assert count(gates, 5, 7, layers, bidirectional, biases) == sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("sizes", [(5, 3, 4), (6, 2, 3), (9, 1, 2), (2, 4, 12)])
def test_the_eight_cells_can_be_told_apart(sizes):
    """On every input that the checks draw, the right cell is nearer than any other by far."""
    for seed in range(20):
        seen = {answers: observed(np.random.default_rng(seed), answers, *sizes)[-1] for answers in EIGHT}
        for one, other in itertools.combinations(seen.values(), 2):
            assert np.abs(one - other).max() > 5e-3
