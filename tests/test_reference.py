"""The reference is the GRU: torch agrees with it, and it has the properties that the book derives."""

import numpy as np
import pytest

from solutions.reference import gru_cell, gru_forward, gru_gates, random_cell, random_sequence, sigmoid

torch = pytest.importorskip("torch")

SIZES = [(1, 1, 1, 1), (1, 3, 2, 4), (5, 1, 4, 3), (4, 2, 1, 6), (6, 3, 5, 1), (12, 4, 7, 9)]  # T, B, D, H
PRECISIONS = [(np.float64, 1e-12), (np.float32, 1e-6)]


def draw(size, dtype=np.float64):
    steps, batch, inputs, hidden = size
    drawn = random_sequence(np.random.default_rng(size), 3, steps, batch, inputs, hidden)
    return [array.astype(dtype) for array in drawn]


def put_into(module, weights):
    """Give a torch module the weights: its parameters are in the order of ours."""
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(array))
    return module


def assert_near(got, want, tolerance):
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    assert np.abs(got - want).max() <= tolerance * max(1, np.abs(want).max())


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS, ids=["float64", "float32"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_step_is_that_of_torch(size, dtype, tolerance):
    x, h, *weights = draw(size, dtype)
    _, _, inputs, hidden = size
    theirs = put_into(torch.nn.GRUCell(inputs, hidden, dtype=torch.from_numpy(x).dtype), weights)
    with torch.no_grad():
        want = theirs(torch.from_numpy(x[0]), torch.from_numpy(h)).numpy()
    assert_near(gru_cell(x[0], h, *weights), want, tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS, ids=["float64", "float32"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_sequence_is_that_of_torch(size, dtype, tolerance):
    x, h0, *weights = draw(size, dtype)
    _, _, inputs, hidden = size
    theirs = put_into(torch.nn.GRU(inputs, hidden, dtype=torch.from_numpy(x).dtype), weights)
    with torch.no_grad():
        want = theirs(torch.from_numpy(x), torch.from_numpy(h0)[None])[0].numpy()
    assert_near(gru_forward(x, h0, *weights), want, tolerance)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_sigmoid_is_that_of_torch_and_silent_far_out(dtype):
    a = np.concatenate([np.linspace(-1000, 1000, 41), np.linspace(-5, 5, 41)]).astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got = sigmoid(a)
    assert_near(got, torch.sigmoid(torch.from_numpy(a)).numpy(), np.finfo(dtype).eps)


@pytest.mark.parametrize("shape", [(), (1,), (3, 0), (2, 3, 4)], ids=str)
def test_the_sigmoid_keeps_the_shape(shape):
    assert np.shape(sigmoid(np.ones(shape))) == shape


def test_the_sigmoid_is_symmetric_and_grows():
    a = np.linspace(-40, 40, 801)
    assert np.allclose(sigmoid(a) + sigmoid(-a), 1, rtol=0, atol=1e-15)
    assert (np.diff(sigmoid(a)) >= 0).all()
    assert sigmoid(np.zeros(())) == 0.5


def test_where_the_update_gate_is_open_the_state_stays():
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = random_cell(np.random.default_rng(1), gates=3)
    bias_ih[4:8] = 60
    assert np.array_equal(gru_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh), h)


def test_where_both_gates_are_shut_only_the_input_is_seen():
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = random_cell(np.random.default_rng(2), gates=3)
    bias_ih[:8] = -60
    got = gru_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    assert np.allclose(got, np.tanh(x @ weight_ih[8:].T + bias_ih[8:]), rtol=0, atol=1e-15)


def test_the_new_state_lies_between_the_old_one_and_the_candidate():
    cell = random_cell(np.random.default_rng(3), gates=3, batch=50, hidden=7)
    h, new = cell[1], gru_cell(*cell)
    _, z, n = gru_gates(*cell)
    assert ((np.minimum(h, n) <= new) & (new <= np.maximum(h, n))).all()
    assert ((z > 0) & (z < 1)).all()


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_no_state_leaves_the_bounds_of_the_first_and_of_tanh(scale):
    x, h0, *weights = random_sequence(np.random.default_rng(4), gates=3, steps=40)
    states = gru_forward(5 * x, scale * h0, *(scale * weight for weight in weights))
    assert np.abs(states).max() <= max(1, np.abs(scale * h0).max())


@pytest.mark.parametrize("steps", [1, 4])
def test_a_sequence_is_its_steps_one_after_another(steps):
    x, h, *weights = random_sequence(np.random.default_rng(5), gates=3, steps=steps)
    for x_t, state in zip(x, gru_forward(x, h, *weights), strict=True):
        h = gru_cell(x_t, h, *weights)
        assert_near(state, h, 1e-15)


@pytest.mark.parametrize("function", [gru_cell, gru_forward])
def test_the_inputs_stay_as_they_were_and_the_result_is_new(function):
    make = random_cell if function is gru_cell else random_sequence
    inputs = make(np.random.default_rng(6), gates=3)
    before = [array.copy() for array in inputs]
    result = function(*inputs)
    assert all(np.array_equal(array, old) for array, old in zip(inputs, before, strict=True))
    assert not any(np.may_share_memory(array, result) for array in inputs)


def test_the_inputs_of_a_check_hide_no_mistake():
    x, h0, weight_ih, weight_hh, bias_ih, bias_hh = random_sequence(np.random.default_rng(7), gates=3)
    sizes = [*x.shape, h0.shape[1]]
    assert len(set(sizes)) == len(sizes) == 4
    assert all(np.abs(array).min() > 0 for array in (x, h0, weight_ih, weight_hh, bias_ih, bias_hh))
    bound = 1 / np.sqrt(h0.shape[1])
    assert all(np.abs(array).max() <= bound for array in (weight_ih, weight_hh, bias_ih, bias_hh))


def test_the_same_seed_draws_the_same_inputs():
    one, other = (random_cell(np.random.default_rng(8), gates=3) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
