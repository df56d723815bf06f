"""minGRU and minLSTM: the scans agree with the steps, in NumPy and in torch, and their rounding is measured."""

import itertools
import re

import numpy as np
import pytest
import torch
from devices import IN_FLOAT64
from hypothesis import given
from hypothesis import strategies as st

from solutions.reference import minimal, scan
from solutions.reference.in_torch import minimal as in_torch

T, B, D, H = 7, 2, 3, 4
BLOCKS = {"min_gru": 2, "min_lstm": 3}
CELLS = pytest.mark.parametrize("cell", BLOCKS)
WAYS = [(False, "steps"), (False, "parallel"), (True, "steps"), (True, "parallel"), (True, "logs")]
EACH_WAY = pytest.mark.parametrize(("positive", "way"), WAYS)


def draw(cell, steps=T, batch=B, inputs=D, hidden=H, forget=0.0):
    """x, h0 > 0, weight and bias, all random; `forget` is added to the biases that make the gates forget."""
    rng, rows = np.random.default_rng(1), BLOCKS[cell] * hidden
    weight, bias = rng.uniform(-1, 1, (rows, inputs)) / np.sqrt(inputs), rng.uniform(-0.5, 0.5, rows)
    # z of the minGRU writes; f of the minLSTM keeps
    bias[:hidden] += forget if cell == "min_gru" else -forget
    return rng.normal(size=(steps, batch, inputs)), rng.uniform(0.1, 1, (batch, hidden)), weight, bias


def run(cell, *given, **how):
    return getattr(minimal, f"{cell}_forward")(*given, **how)


def torch_on(device):
    """The same on a device: arrays in, an array out."""

    def run_torch(cell, *given, **how):
        tensors = [torch.from_numpy(array).to(device) for array in given]
        return getattr(in_torch, f"{cell}_forward")(*tensors, **how).cpu().numpy()

    return run_torch


EACH_LIBRARY = [
    run,
    *(
        pytest.param(torch_on(*device.values), marks=device.marks, id=f"torch-{device.values[0]}")
        for device in IN_FLOAT64
    ),
]


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def by_the_paper(cell, x, h, weight, bias, positive):
    """The paper's formulas as they stand, with the division of the minLSTM."""
    states = []
    for x_t in x:
        *gates, v = np.split(x_t @ weight.T + bias, BLOCKS[cell], axis=-1)
        candidate = np.where(v >= 0, v + 0.5, sigmoid(v)) if positive else v
        if cell == "min_gru":
            z = sigmoid(gates[0])
            h = (1 - z) * h + z * candidate
        else:
            f, i = map(sigmoid, gates)
            h = f / (f + i) * h + i / (f + i) * candidate
        states.append(h)
    return np.stack(states)


@CELLS
@EACH_WAY
@pytest.mark.parametrize("steps", [1, 2, 3, 8, 37])
@pytest.mark.parametrize("compute", EACH_LIBRARY)
def test_every_way_is_the_papers_formula(cell, positive, way, steps, compute):
    given = draw(cell, steps)
    got = compute(cell, *given, positive=positive, scan=way)
    want = by_the_paper(cell, *given, positive)
    assert got.dtype == np.float64
    assert got.shape == want.shape
    assert np.abs(got - want).max() < 1e-13


@CELLS
def test_the_gates_see_the_input_only(cell):
    x, h0, weight, bias = draw(cell)
    differences = run(cell, x, h0 + 1, weight, bias) - run(cell, x, h0, weight, bias)
    # h_t is linear in h_0, with the same slope for every h_0
    assert np.abs(run(cell, x, h0 + 2, weight, bias) - run(cell, x, h0, weight, bias) - 2 * differences).max() < 1e-14


@given(steps=st.integers(1, 70), seed=st.integers(0, 1000))
def test_the_scan_by_doubling_is_the_scan_in_steps_for_any_length(steps, seed):
    rng = np.random.default_rng(seed)
    z, b, h0 = rng.uniform(0, 1, (steps, 3)), rng.normal(size=(steps, 3)), rng.normal(size=3)
    before = [array.copy() for array in (z, b, h0)]
    assert np.abs(scan.scan_in_parallel(z, b, h0) - scan.scan_in_steps(z, b, h0)).max() < 1e-13
    assert all(np.array_equal(array, old) for array, old in zip((z, b, h0), before, strict=True))


def error(cell, compute, way, forget, steps=1024):
    """The largest error in float32 as a share of the largest state, against steps in float64 from the same numbers."""
    single = [array.astype(np.float32) for array in draw(cell, steps, 4, 32, 64, forget)]
    want = run(cell, *(array.astype(np.float64) for array in single), positive=True, scan="steps")
    got = compute(cell, *single, positive=True, scan=way)
    assert got.dtype == np.float32
    return np.abs(got - want).max() / np.abs(want).max()


@CELLS
@pytest.mark.parametrize("forget", [-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0])
@pytest.mark.parametrize("compute", EACH_LIBRARY)
def test_the_scan_by_doubling_rounds_in_the_seventh_digit_whatever_the_gates(cell, forget, compute):
    assert error(cell, compute, "parallel", forget) < 5e-7


@CELLS
@pytest.mark.parametrize("forget", [-8.0, 0.0, 8.0])
@pytest.mark.parametrize("compute", EACH_LIBRARY)
def test_a_thousand_steps_round_in_the_sixth_digit_at_most(cell, forget, compute):
    assert error(cell, compute, "steps", forget) < 2e-6


@CELLS
@pytest.mark.parametrize("compute", EACH_LIBRARY)
def test_the_scan_in_logarithms_loses_three_digits_where_gates_forget_fast(cell, compute):
    slow, fast = (error(cell, compute, "logs", forget) for forget in (0.0, 8.0))
    assert 1e-6 < slow < fast
    assert 1e-4 < fast < 1e-2


@CELLS
@EACH_WAY
@pytest.mark.parametrize("size", [100.0, 1000.0])
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("compute", EACH_LIBRARY)
def test_gates_that_are_all_but_0_or_1_stay_finite_and_silent(cell, positive, way, size, sign, compute):
    x, h0, weight, bias = draw(cell)
    weight[:H], bias[:H] = 0, sign * size  # z, or f
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        states = compute(cell, x, h0, weight, bias, positive=positive, scan=way)
    tolerance = 1e-11 if way == "logs" and size == 1000.0 else 1e-12  # A_t is in the thousands
    keeps = sign < 0 if cell == "min_gru" else sign > 0
    v = x @ weight[-H:].T + bias[-H:]
    candidate = np.where(v >= 0, v + 0.5, sigmoid(v)) if positive else v
    # f = 1 shares with i, f' = 1 / (1 + i)
    if keeps and cell == "min_lstm":
        want = by_the_paper(cell, x, h0, weight, bias, positive)
    else:
        want = np.broadcast_to(h0, states.shape) if keeps else candidate
    assert np.abs(states - want).max() < tolerance


def test_both_gates_of_the_minlstm_may_be_shut_at_once():
    x, h0, weight, bias = draw("min_lstm")
    weight[: 2 * H], bias[: 2 * H] = 0, -1000  # f and i round to zero, and yet f' = i' = 1/2
    states = run("min_lstm", x, h0, weight, bias)
    assert np.abs(states[0] - (h0 + x[0] @ weight[2 * H :].T + bias[2 * H :]) / 2).max() < 1e-14


@CELLS
@EACH_WAY
@pytest.mark.parametrize("device", IN_FLOAT64)
def test_autograd_agrees_with_finite_differences(cell, positive, way, device):
    given = [torch.from_numpy(array).to(device).requires_grad_() for array in draw(cell)]
    forward = getattr(in_torch, f"{cell}_forward")
    assert torch.autograd.gradcheck(
        lambda *tensors: forward(*tensors, positive=positive, scan=way), given, eps=1e-6, atol=1e-8, rtol=1e-6
    )


@CELLS
@pytest.mark.parametrize(("positive", "way"), WAYS[2:])
@pytest.mark.parametrize("device", IN_FLOAT64)
def test_no_gradient_is_lost_in_the_branch_of_g_not_taken(cell, positive, way, device):
    x, h0, weight, bias = draw(cell)
    given = [torch.from_numpy(array).to(device).requires_grad_() for array in (30 * x, h0, weight, bias)]
    getattr(in_torch, f"{cell}_forward")(*given, positive=positive, scan=way).sum().backward()
    assert all(torch.isfinite(tensor.grad).all() for tensor in given)


@CELLS
@pytest.mark.parametrize("forward", EACH_LIBRARY)
@pytest.mark.parametrize("way", ["parallel", "logs"])
def test_the_future_does_not_reach_the_past(cell, forward, way):
    x, *rest = draw(cell)
    changed = x.copy()
    changed[4:] += 1
    before, after = (forward(cell, each, *rest, positive=True, scan=way) for each in (x, changed))
    assert np.array_equal(before[:4], after[:4])
    assert (before[4] != after[4]).all()


@CELLS
@pytest.mark.parametrize("compute", EACH_LIBRARY)
@pytest.mark.parametrize(
    ("changed", "how", "error", "text"),
    [
        ({"x": np.ones((B, D))}, {}, ValueError, "x has the shape (2, 3); it should be (T, B, D)."),
        ({"x": np.ones((0, B, D))}, {}, ValueError, "x has the shape (0, 2, 3); it should be (T, B, D)."),
        ({"h0": np.ones((1, B, H))}, {}, ValueError, "h0 has the shape (1, 2, 4); it should be (B, H)."),
        ({"h0": np.ones((3, H))}, {}, ValueError, "h0 has the shape (3, 4); it should be (2, 4), with B = 2 and D = 3"),
        ({"weight": np.ones((H, D))}, {}, ValueError, "weight has the shape (4, 3); it should be ("),
        ({"bias": np.ones(H)}, {}, ValueError, "bias has the shape (4,); it should be ("),
        ({"bias": np.ones(H, np.float32)}, {}, TypeError, "bias "),
        ({"x": np.ones((T, B, D), int)}, {}, TypeError, "x must be "),
        ({}, {"scan": "blelloch"}, ValueError, "scan is 'blelloch'; it should be one of steps, parallel, logs."),
        ({}, {"scan": "logs"}, ValueError, 'scan="logs" takes logarithms of states: it needs positive=True'),
    ],
)
def test_what_does_not_fit_is_refused_in_words(cell, compute, changed, how, error, text):
    given = dict(zip(["x", "h0", "weight", "bias"], draw(cell), strict=True))
    with pytest.raises(error, match="^" + re.escape(text)):
        compute(cell, *{**given, **changed}.values(), **how)


def test_logarithms_want_a_positive_state():
    x, h0, weight, bias = draw("min_gru")
    h0[1, 2] = 0
    with pytest.raises(ValueError, match=re.escape("needs positive=True and h0 > 0 throughout.")):
        run("min_gru", x, h0, weight, bias, positive=True, scan="logs")


def test_g_is_positive_and_its_logarithm_is_that():
    v = np.linspace(-30, 30, 121)
    assert (minimal.g(v) > 0).all()
    assert np.abs(np.log(minimal.g(v)) - minimal.log_g(v)).max() < 1e-14
    assert np.isfinite(minimal.log_g(np.array([-1e4, 1e4]))).all()
    for one, other in itertools.pairwise(minimal.g(v)):
        assert one < other
