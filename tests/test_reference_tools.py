"""The tools: what finds a wrong gradient, a dead gate, a vanishing one; what counts and what draws weights."""

import re

import numpy as np
import pytest
import torch
from cells import MODULES, draw, run_torch

from solutions import reference
from solutions.reference.counts import parameters, product_flops, state_bytes, state_size, weight_bytes
from solutions.reference.gradients import (
    ARGUMENT_OF,
    central_differences,
    check_gradient,
    complex_step,
    relative_error,
)
from solutions.reference.initialisers import chrono_bias, keep_bias, orthogonal, orthogonal_weight_hh
from solutions.reference.inputs import random_cell, random_weights
from solutions.reference.jacobian import JACOBIANS, jacobian_norms, step_jacobians
from solutions.reference.layers import CELLS
from solutions.reference.liveness import dead_gates, gate_changes

each_cell = pytest.mark.parametrize("cell", CELLS)
SIZE = (5, 2, 3, 4)  # T, B, D, H
WEIGHTS = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


def sequence(cell, size=SIZE):
    """The loss of a sequence as a function of its named arguments, these, and the gradients of the reference."""
    drawn = draw(cell, size)
    arguments = dict(zip(["x", *(f"{s}0" for s in CELLS[cell].states), *WEIGHTS], drawn.single, strict=True))

    def loss(**arguments):
        states = getattr(reference, f"{cell}_forward")(**arguments)
        return (drawn.d_outputs * (states[0] if cell == "lstm" else states)).sum()

    *_, cache = getattr(reference, f"{cell}_forward_cached")(**arguments)
    gradients = CELLS[cell].gradients(drawn.d_outputs, cache, [None] * len(CELLS[cell].states))
    return loss, arguments, gradients


def test_differences_and_the_complex_step_find_the_derivative_of_a_cubic():
    at = np.array([[1.0, -2.0, 0.5], [3.0, 0.1, -1.0]])

    def cubic(a):
        return (a**3).sum()

    assert np.allclose(central_differences(cubic, at), 3 * at**2, rtol=0, atol=1e-8)
    assert np.allclose(complex_step(cubic, at), 3 * at**2, rtol=1e-15)


def test_differences_leave_the_argument_as_it_was_and_take_a_locked_one():
    at = np.array([1.0, 2.0])
    at.flags.writeable = False
    assert np.allclose(central_differences(np.sum, at), 1)
    assert np.array_equal(at, [1, 2])


def test_differences_of_float32_are_refused():
    with pytest.raises(TypeError, match=re.escape("dtype float32; differences need float64")):
        central_differences(np.sum, np.ones(2, np.float32))


def test_the_relative_error_goes_from_zero_to_one():
    a = np.array([3.0, 4.0])
    assert relative_error(a, a) == 0
    assert relative_error(a, -a) == 1
    assert relative_error(a, 0 * a) == 1
    assert relative_error(0 * a, 0 * a) == 0
    assert relative_error(a, 1.01 * a) == pytest.approx(0.01 / 2.01)


@each_cell
def test_all_gradients_of_a_sequence_agree_with_differences(cell):
    loss, arguments, gradients = sequence(cell)
    errors = check_gradient(loss, arguments, gradients)
    assert list(errors) == list(gradients)
    assert all(error < 1e-7 for error in errors.values())


@each_cell
def test_gradients_with_lengths_agree_with_differences(cell):
    drawn = draw(cell, SIZE, lengths=np.array([5, 3]))
    arguments = dict(zip(["x", *(f"{s}0" for s in CELLS[cell].states), *WEIGHTS], drawn.single, strict=True))

    def loss(**arguments):
        states = getattr(reference, f"{cell}_forward")(**arguments, lengths=drawn.lengths)
        return (drawn.d_outputs * (states[0] if cell == "lstm" else states)).sum()

    *_, cache = getattr(reference, f"{cell}_forward_cached")(**arguments, lengths=drawn.lengths)
    gradients = CELLS[cell].gradients(drawn.d_outputs, cache, [None] * len(CELLS[cell].states))
    check_gradient(loss, arguments, gradients)


@each_cell
def test_all_gradients_of_a_step_are_those_of_the_complex_step(cell):
    states = CELLS[cell].states
    rng = np.random.default_rng(1)
    x, h, *weights = random_cell(rng, gates=CELLS[cell].gates)
    arguments = dict(zip(["x", *states, *WEIGHTS], [x, *[h] * len(states), *weights], strict=True))
    upstream = rng.normal(size=(len(states), *h.shape))
    function = getattr(reference, f"{cell}_cell")

    def loss(**arguments):
        result = function(**arguments)
        return sum((d * out).sum() for d, out in zip(upstream, result if cell == "lstm" else [result], strict=True))

    gradients = getattr(reference, f"{cell}_cell_backward")(*upstream, **arguments)
    for name, gradient in gradients.items():
        argument = ARGUMENT_OF[name]
        exact = complex_step(lambda moved, key=argument: loss(**{**arguments, key: moved}), arguments[argument])
        assert relative_error(gradient, exact) < 1e-15, name


def planted(bug, drawn, cache):
    """The gradients of a backward pass with a bug: one that a learner may write."""
    d_states = drawn.d_outputs
    if bug == "the gates' own path is dropped":
        cache = cache._replace(weight_hh=cache.weight_hh * (np.arange(12) >= 8)[:, None])
    elif bug == "the reset gate's gradient is dropped":
        cache = cache._replace(h_n=0 * cache.h_n)
    elif bug == "the state after the step stands for the one before":
        cache = cache._replace(states=np.concatenate([cache.states[1:], cache.states[-1:]]))
    elif bug == "only the last step is seen":
        d_states = d_states * (np.arange(len(d_states)) == len(d_states) - 1)[:, None, None]
    elif bug == "z and 1 - z have changed places":
        cache = cache._replace(gates=np.stack([cache.gates[:, 0], 1 - cache.gates[:, 1], cache.gates[:, 2]], axis=1))
    return reference.gru_backward(d_states, cache, truncate=2 if bug == "the gradient is cut" else None)


@pytest.mark.parametrize(
    ("bug", "name"),
    [
        ("the gates' own path is dropped", "dh0"),
        ("the reset gate's gradient is dropped", "dW_ih"),
        ("the state after the step stands for the one before", "dW_hh"),
        ("only the last step is seen", "db_hh"),
        ("z and 1 - z have changed places", "dx"),
        ("the gradient is cut", "db_ih"),
    ],
)
def test_a_wrong_gradient_is_found_and_both_numbers_are_said(bug, name):
    loss, arguments, gradients = sequence("gru")
    _, cache = reference.gru_forward_cached(**arguments)
    wrong = planted(bug, draw("gru", SIZE), cache)
    error = relative_error(wrong[name], gradients[name])
    assert error > 1e-4
    with pytest.raises(AssertionError) as caught:
        check_gradient(loss, arguments, {name: wrong[name]})
    first, last = str(caught.value).splitlines()
    found = re.fullmatch(
        rf"{name} is wrong: at \w+\[[\d, ]+\] it is (\S+), the differences give (\S+); .* (\S+)\.", first
    )
    assert abs(float(found[1]) - float(found[2])) > 1e-5
    assert float(found[3]) == pytest.approx(error, rel=0.1)
    assert last.startswith("The arguments: x (5, 2, 3), h0 (2, 4), weight_ih (12, 3)")


def test_a_gradient_of_another_shape_or_of_nan_is_wrong():
    loss, arguments, gradients = sequence("gru")
    said = re.escape("dW_ih has shape (3, 12); it should be that of weight_ih, (12, 3).")
    with pytest.raises(AssertionError, match=said):
        check_gradient(loss, arguments, {"dW_ih": gradients["dW_ih"].T})
    gradients["dx"][1, 0, 2] = np.nan
    with pytest.raises(AssertionError, match=re.escape("at x[1, 0, 2] it is nan")):
        check_gradient(loss, arguments, gradients)


@each_cell
def test_the_jacobian_of_a_step_is_that_of_the_complex_step(cell):
    states = CELLS[cell].states
    rng = np.random.default_rng(2)
    x, h, *weights = random_cell(rng, gates=CELLS[cell].gates)
    at = [h, rng.normal(size=h.shape)][: len(states)]
    got = JACOBIANS[cell](x, *at, *weights)
    function, size = getattr(reference, f"{cell}_cell"), len(states) * h.shape[1]
    assert got.shape == (len(x), size, size)
    for row in range(len(x)):
        for unit in range(size):

            def output(moved, row=row, unit=unit):
                result = function(x, *np.split(moved, len(states), axis=1), *weights)
                return np.concatenate(result if cell == "lstm" else [result], axis=1)[row, unit]

            want = complex_step(output, np.concatenate(at, axis=1))
            assert np.allclose(got[row, unit], want[row], rtol=0, atol=1e-15)
            assert not np.delete(want, row, axis=0).any()


@each_cell
def test_the_norms_are_those_of_what_torch_carries_back(cell):
    drawn = draw(cell, (6, 2, 3, 4))
    x, weights, first = drawn.x, drawn.weights[0], tuple(state[0] for state in drawn.first)
    norms = jacobian_norms(cell, x, first, weights)
    assert norms.shape == (6, 2)
    steps = step_jacobians(cell, x, first, weights)
    product = np.linalg.multi_dot(steps[::-1, 0])[:4]
    assert norms[-1, 0] == pytest.approx(np.linalg.svd(product, compute_uv=False)[0], rel=1e-12)
    # the gradient of one unit of h_T by h_0 [and c_0] is a row of that product
    drawn.d_outputs[:], drawn.d_outputs[-1, 0, 1] = 0, 1
    for state in drawn.d_last:
        state[:] = 0
    want = run_torch(drawn)
    row = np.concatenate([want[f"d{state}0"][0, 0] for state in CELLS[cell].states])
    assert np.allclose(product[1], row, rtol=0, atol=1e-15)
    assert norms[0, 0] == pytest.approx(np.linalg.norm(steps[-1, 0, :4], 2), rel=1e-12)


def test_a_fresh_gru_forgets_and_one_with_an_open_update_gate_does_not():
    rng = np.random.default_rng(3)
    weight_ih, weight_hh, bias_ih, bias_hh = random_weights(rng, 3, 8, 16)
    x, first = rng.normal(size=(101, 1, 8)), (np.zeros((1, 16)),)
    fresh = jacobian_norms("gru", x, first, (weight_ih, weight_hh, bias_ih, bias_hh))
    kept = jacobian_norms("gru", x, first, (weight_ih, weight_hh, bias_ih + keep_bias("gru", 16, 4), bias_hh))
    assert fresh[-1] < 1e-12
    assert kept[-1] > 0.05


@pytest.mark.parametrize(("inputs", "hidden"), [(1, 1), (3, 4), (64, 128)])
@each_cell
def test_parameters_are_as_many_as_torch_has(cell, inputs, hidden):
    for biases in (0, 2):
        module = MODULES[cell](inputs, hidden, bias=bool(biases))
        assert parameters(cell, inputs, hidden, biases) == sum(p.numel() for p in module.parameters())
    assert parameters(cell, inputs, hidden, 1) == parameters(cell, inputs, hidden, 0) + CELLS[cell].gates * hidden
    assert weight_bytes(cell, inputs, hidden) == sum(p.nbytes for p in module.parameters())


def test_a_gru_has_three_quarters_of_an_lstm():
    for count in (parameters, product_flops, weight_bytes):
        assert 4 * count("gru", 5, 7) == 3 * count("lstm", 5, 7)
    assert 2 * state_size("gru", 7) == state_size("lstm", 7) == 14
    assert state_bytes("lstm", 7, batch=3) == 14 * 3 * 4


@each_cell
def test_the_flops_of_a_batch_are_those_of_its_products(cell):
    _, batch, inputs, hidden = SIZE
    weights = random_weights(np.random.default_rng(4), CELLS[cell].gates, inputs, hidden)
    by_hand = sum(2 * batch * rows * columns for rows, columns in (weight.shape for weight in weights[:2]))
    assert product_flops(cell, inputs, hidden, batch) == by_hand
    assert product_flops(cell, inputs, hidden, batch, steps=9) == 9 * by_hand


@each_cell
def test_every_gate_of_the_reference_is_alive(cell):
    drawn = draw(cell, SIZE)
    changes = gate_changes(cell, getattr(reference, f"{cell}_forward"), drawn.single)
    assert len(changes) == 4 * CELLS[cell].gates
    assert min(changes.values()) > 1e-3
    assert dead_gates(cell, getattr(reference, f"{cell}_forward"), drawn.single) == []


def test_a_dead_reset_gate_and_a_forgotten_bias_are_found():
    def no_reset(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
        _, z, _ = reference.gru_gates(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
        n = np.tanh((x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)[:, 8:])
        return (1 - z) * n + z * h

    def no_state_bias(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
        return reference.gru_cell(x, h, weight_ih, weight_hh, bias_ih, 0 * bias_hh)

    cell = random_cell(np.random.default_rng(5), gates=3)
    assert dead_gates("gru", no_reset, cell) == [("reset gate", weight) for weight in WEIGHTS]
    gates = ["reset gate", "update gate", "candidate"]
    assert dead_gates("gru", no_state_bias, cell) == [(gate, "bias_hh") for gate in gates]


@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_an_orthogonal_matrix_keeps_lengths_up_to_its_gain(gain):
    q = orthogonal(np.random.default_rng(6), 7, gain)
    assert np.allclose(q.T @ q, gain**2 * np.eye(7), rtol=0, atol=1e-14)
    assert not np.allclose(q, gain * np.eye(7), atol=0.1)


def test_the_signs_of_an_orthogonal_matrix_are_evenly_drawn():
    rng = np.random.default_rng(7)
    corners = np.array([orthogonal(rng, 3)[0, 0] for _ in range(500)])
    assert 0.4 < (corners > 0).mean() < 0.6


@each_cell
def test_each_block_of_weight_hh_is_orthogonal_by_itself(cell):
    weight = orthogonal_weight_hh(np.random.default_rng(8), cell, 5)
    assert weight.shape == (5 * CELLS[cell].gates, 5)
    for block in np.split(weight, CELLS[cell].gates):
        assert np.allclose(block @ block.T, np.eye(5), rtol=0, atol=1e-14)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_keep_bias_alone_keeps_its_share(cell):
    inputs, hidden = 3, 4
    zeros = [0 * weight for weight in random_weights(np.random.default_rng(9), CELLS[cell].gates, inputs, hidden)]
    zeros[2] = keep_bias(cell, hidden, 1.5)
    state = np.random.default_rng(10).uniform(-1, 1, (2, hidden))
    x = np.ones((2, inputs))
    got = reference.gru_cell(x, state, *zeros) if cell == "gru" else reference.lstm_cell(x, state, state, *zeros)[1]
    assert np.allclose(got, state / (1 + np.exp(-1.5)), rtol=0, atol=1e-15)


def test_chrono_biases_spread_memories_evenly_up_to_the_longest():
    hidden, longest = 4000, 50
    bias = chrono_bias(np.random.default_rng(11), "lstm", hidden, longest).reshape(4, hidden)
    assert np.array_equal(bias[0], -bias[1])
    assert not bias[2:].any()
    memory = 1 / (1 - reference.sigmoid(bias[1]))
    assert 2 <= memory.min() < 2.5
    assert longest - 0.5 < memory.max() <= longest
    assert memory.mean() == pytest.approx((2 + longest) / 2, rel=0.02)
    gru = chrono_bias(np.random.default_rng(11), "gru", hidden, longest).reshape(3, hidden)
    assert np.array_equal(gru[1], bias[1])
    assert not gru[0].any()
    assert not gru[2].any()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda rng: parameters("gur", 2, 3), "cell is 'gur'; it should be one of 'rnn', 'lstm', 'gru'."),
        (lambda rng: parameters("gru", 0, 3), "inputs is 0; it should be a whole number from 1 on."),
        (lambda rng: parameters("gru", 2, 3, biases=3), "biases is 3; it should be 0, 1 or 2 for each row."),
        (lambda rng: keep_bias("rnn", 3), "cell is 'rnn', which has no gate that keeps the state"),
        (lambda rng: chrono_bias(rng, "gru", 3, 1), "longest is 1; it should be a number of steps from 2 on."),
        (lambda rng: orthogonal(rng, 2.5), "size is 2.5; it should be a whole number from 1 on."),
    ],
)
def test_a_tool_says_what_it_was_given_and_what_it_wants(call, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        call(np.random.default_rng(0))


def test_the_sigmoid_of_complex_numbers_is_that_of_torch():
    a = np.random.default_rng(12).normal(size=9) + 1j * np.random.default_rng(13).normal(size=9)
    assert np.allclose(reference.sigmoid(a), torch.sigmoid(torch.from_numpy(a)).numpy(), rtol=0, atol=1e-15)
