"""Every cell, forward and backward, is that of torch: one step, a sequence, rows of any length, layers, directions."""

import numpy as np
import pytest
import torch
from cells import SIZES, assert_near, draw, run_torch

from solutions import reference
from solutions.reference.gru import run as run_gru
from solutions.reference.layers import CELLS, stack_backward, stack_forward, stack_forward_cached
from solutions.reference.lengths import last_state, reverse

PRECISIONS = [(np.float64, 1e-12), (np.float32, 1e-5)]
LAYERS = [(2, False), (1, True), (2, True), (3, True)]
NAMES = list(CELLS)
each_cell = pytest.mark.parametrize("cell", NAMES)
each_precision = pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS, ids=["float64", "float32"])


def step(cell):
    """The function of one step; its result is a tuple of states."""
    function = getattr(reference, f"{cell}_cell")
    return function if cell == "lstm" else lambda *arguments: (function(*arguments),)


def gradients_of(drawn, truncate=None):
    """All gradients of a sequence of one cell."""
    *_, cache = getattr(reference, f"{drawn.cell}_forward_cached")(*drawn.single, lengths=drawn.lengths)
    backward = getattr(reference, f"{drawn.cell}_backward")
    memories = [None] if drawn.cell == "lstm" else []
    return backward(drawn.d_outputs, *memories, cache, *(state[0] for state in drawn.d_last), truncate=truncate)


def assert_gradients(got, want, tolerance, cell):
    """All gradients of one cell, by name."""
    firsts = [f"d{state}0" for state in CELLS[cell].states]
    assert list(got) == ["dx", *firsts, "dW_ih", "dW_hh", "db_ih", "db_hh"]
    wanted = {"dx": want["dx"], **{name: want[name][0] for name in firsts}, **want["cells"][0]}
    for name, array in got.items():
        assert_near(array, wanted[name], tolerance, name)


@each_precision
@pytest.mark.parametrize("size", SIZES, ids=str)
@each_cell
def test_a_sequence_and_its_gradients_are_those_of_torch(cell, size, dtype, tolerance):
    drawn = draw(cell, size, dtype)
    want = run_torch(drawn, torch.from_numpy(drawn.x).dtype)
    states = CELLS[cell].run(drawn.x, tuple(s[0] for s in drawn.first), drawn.weights[0], None)
    assert_near(states[0], want["outputs"], tolerance)
    for state, last in zip(states, want["last"], strict=True):
        assert_near(state[-1], last[0], tolerance)
    assert_gradients(gradients_of(drawn), want, tolerance, cell)


@pytest.mark.parametrize("seed", range(30))
@each_cell
def test_the_gradients_of_thirty_shapes_drawn_at_random_are_those_of_torch(cell, seed):
    size = tuple(np.random.default_rng(seed).integers(1, 12, 4))
    drawn = draw(cell, size)
    assert_gradients(gradients_of(drawn), run_torch(drawn), 1e-12, cell)


@pytest.mark.parametrize("size", SIZES, ids=str)
@each_cell
def test_a_sequence_is_its_steps_one_after_another(cell, size):
    drawn = draw(cell, size)
    states = tuple(state[0] for state in drawn.first)
    whole = CELLS[cell].run(drawn.x, states, drawn.weights[0], None)
    for t, x_t in enumerate(drawn.x):
        states = step(cell)(x_t, *states, *drawn.weights[0])
        for state, of_all in zip(states, whole, strict=True):
            assert_near(of_all[t], state, 1e-15)


@each_cell
def test_gates_that_are_open_or_shut_are_so_in_a_sequence_as_in_a_step(cell):
    drawn = draw(cell, (12, 4, 7, 9))
    x, *states, weight_ih, weight_hh, bias_ih, bias_hh = drawn.single
    bias_ih = bias_ih + np.random.default_rng(1).choice([-1000, -40, 0, 40, 1000], len(bias_ih))
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    whole = CELLS[cell].run(x, tuple(states), weights, None)
    for t, x_t in enumerate(x):
        states = step(cell)(x_t, *states, *weights)
        for state, of_all in zip(states, whole, strict=True):
            assert_near(of_all[t], state, 1e-13)  # a sum of some 40 rounds at 1e-15 of it


@pytest.mark.parametrize("size", SIZES, ids=str)
@each_cell
def test_the_gradients_of_a_step_are_those_of_a_sequence_of_one(cell, size):
    drawn = draw(cell, (1, *size[1:]))
    want = run_torch(drawn)
    # the loss sees the only state twice: as an output and as the final one
    upstream = [drawn.d_outputs[0] + drawn.d_last[0][0], *(state[0] for state in drawn.d_last[1:])]
    got = getattr(reference, f"{cell}_cell_backward")(*upstream, drawn.x[0], *drawn.single[1:])
    assert list(got) == ["dx", *(f"d{s}" for s in CELLS[cell].states), "dW_ih", "dW_hh", "db_ih", "db_hh"]
    assert_near(got.pop("dx"), want["dx"][0], 1e-12)
    for state in CELLS[cell].states:
        assert_near(got.pop(f"d{state}"), want[f"d{state}0"][0], 1e-12)
    for name, array in got.items():
        assert_near(array, want["cells"][0][name], 1e-12, name)


def test_the_gradient_of_the_memories_may_be_left_out_or_given():
    drawn = draw("lstm", (4, 2, 3, 5))
    _, _, cache = reference.lstm_forward_cached(*drawn.single)
    seen = np.random.default_rng(1).normal(size=drawn.d_outputs.shape)
    without = reference.lstm_backward(drawn.d_outputs, None, cache)
    zeros = reference.lstm_backward(drawn.d_outputs, np.zeros_like(seen), cache)
    both = reference.lstm_backward(drawn.d_outputs, seen, cache)
    alone = reference.lstm_backward(np.zeros_like(seen), seen, cache)
    for name in without:
        assert np.array_equal(without[name], zeros[name])
        # the gradient is linear in what comes from above
        assert_near(both[name], without[name] + alone[name], 1e-13, name)
        assert np.abs(alone[name]).max() > 1e-3


@pytest.mark.parametrize("truncate", [1, 2, 3, 5, 7, 9, None])
@each_cell
def test_truncated_bptt_is_torch_chunk_by_chunk_with_the_state_detached(cell, truncate):
    drawn = draw(cell, (7, 2, 3, 4))
    assert_gradients(gradients_of(drawn, truncate), run_torch(drawn, truncate=truncate), 1e-12, cell)


@each_cell
def test_truncation_changes_the_gradient(cell):
    drawn = draw(cell, (7, 2, 3, 4))
    whole, cut = gradients_of(drawn), gradients_of(drawn, truncate=3)
    assert all(np.abs(whole[name] - cut[name]).max() > 1e-4 for name in whole)


@each_precision
@pytest.mark.parametrize("lengths", [[5, 3, 1], [1, 1, 1], [5, 5, 5], [2, 5, 4], [4, 2, 3]], ids=str)
@each_cell
def test_rows_of_any_length_are_those_of_a_packed_sequence(cell, lengths, dtype, tolerance):
    drawn = draw(cell, (5, 3, 4, 6), dtype, lengths=np.array(lengths))
    want = run_torch(drawn, torch.from_numpy(drawn.x).dtype)
    states = CELLS[cell].run(drawn.x, tuple(s[0] for s in drawn.first), drawn.weights[0], drawn.lengths)
    assert_near(states[0], want["outputs"], tolerance)
    for state, last in zip(states, want["last"], strict=True):
        assert_near(last_state(state, drawn.lengths), last[0], tolerance)
        assert all((state[length:, row] == 0).all() for row, length in enumerate(lengths))
    assert_gradients(gradients_of(drawn), want, tolerance, cell)


@each_cell
def test_nothing_reads_the_padding_not_even_nan(cell):
    drawn = draw(cell, (5, 3, 4, 6), lengths=np.array([5, 2, 3]))
    clean = gradients_of(drawn)
    drawn.x[2:, 1], drawn.d_outputs[2:, 1] = np.nan, np.nan
    drawn.x[3:, 2], drawn.d_outputs[3:, 2] = np.inf, -np.inf
    for name, array in gradients_of(drawn).items():
        assert np.array_equal(array, clean[name]), name
    assert (clean["dx"][2:, 1] == 0).all()


@pytest.mark.parametrize("lengths", [None, [5, 2, 4]], ids=["full", "lengths"])
@pytest.mark.parametrize(("layers", "bidirectional"), LAYERS)
@each_cell
def test_layers_and_directions_are_those_of_torch(cell, layers, bidirectional, lengths):
    lengths = lengths and np.array(lengths)
    drawn = draw(cell, (5, 3, 4, 6), layers=layers, bidirectional=bidirectional, lengths=lengths)
    want = run_torch(drawn)
    arguments = cell, drawn.x, drawn.first, drawn.weights, bidirectional, lengths
    outputs, last, cache = stack_forward_cached(*arguments)
    assert_near(outputs, want["outputs"], 1e-12)
    for state, of_torch in zip(last, want["last"], strict=True):
        assert_near(state, of_torch, 1e-12)
    plain, last_plain = stack_forward(*arguments)
    assert np.array_equal(plain, outputs)
    assert all(np.array_equal(a, b) for a, b in zip(last_plain, last, strict=True))

    got = stack_backward(drawn.d_outputs, cache, drawn.d_last)
    assert list(got) == ["dx", *(f"d{state}0" for state in CELLS[cell].states), "cells"]
    for name in list(got)[:-1]:
        assert_near(got[name], want[name], 1e-12, name)
    for ours, theirs in zip(got["cells"], want["cells"], strict=True):
        for name, array in ours.items():
            assert_near(array, theirs[name], 1e-12, name)


@each_cell
def test_a_loss_that_sees_no_final_state_needs_no_gradient_of_it(cell):
    drawn = draw(cell, (5, 3, 4, 6), layers=2)
    _, _, cache = stack_forward_cached(cell, drawn.x, drawn.first, drawn.weights)
    zeros = tuple(np.zeros_like(state) for state in drawn.d_last)
    without, given = stack_backward(drawn.d_outputs, cache), stack_backward(drawn.d_outputs, cache, zeros)
    assert np.array_equal(without["dx"], given["dx"])


@pytest.mark.parametrize("cuts", [[1], [4], [2, 3], [1, 2, 3, 4, 5, 6]], ids=str)
@each_cell
def test_a_stream_in_chunks_is_the_whole(cell, cuts):
    drawn = draw(cell, (7, 3, 4, 6), layers=2)
    whole, last = stack_forward(cell, drawn.x, drawn.first, drawn.weights)
    states, parts = drawn.first, []
    for chunk in np.split(drawn.x, cuts):
        part, states = stack_forward(cell, chunk, states, drawn.weights)
        parts.append(part)
    assert_near(np.concatenate(parts), whole, 1e-15)
    for state, of_whole in zip(states, last, strict=True):
        assert_near(state, of_whole, 1e-15)


def test_a_forward_pass_alone_keeps_one_step_of_what_only_the_backward_pass_needs():
    drawn = draw("gru", (5, 3, 4, 6))
    x, h0, *weights = drawn.single
    assert run_gru(x, h0, tuple(weights), None, keep=False).h_n.shape == (1, 3, 6)
    assert run_gru(x, h0, tuple(weights), None, keep=True).h_n.shape == (5, 3, 6)


@each_cell
def test_more_steps_than_go_at_once_through_the_backward_pass(cell):
    drawn = draw(cell, (1100, 4, 2, 8))  # 32 numbers a step, 2^14 at once
    assert_gradients(gradients_of(drawn), run_torch(drawn), 1e-11, cell)


@pytest.mark.parametrize("lengths", [None, [4, 1, 3]], ids=["full", "lengths"])
def test_a_reversed_row_begins_at_its_own_end_and_twice_is_the_row(lengths):
    lengths = lengths and np.array(lengths)
    values = np.arange(24).reshape(4, 3, 2)
    turned = reverse(values, lengths)
    assert np.array_equal(turned[0], last_state(values, lengths))
    assert np.array_equal(reverse(turned, lengths), values)
