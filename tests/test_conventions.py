"""Every convention computes what it says, and weights go from one to another exactly or are refused."""

import itertools
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutions.reference import gru_cell, gru_forward
from solutions.reference.conventions import (
    CHO_2014_V1,
    CHO_2014_V3,
    CHUNG_2014,
    GRU_CONVENTIONS,
    KERAS_LSTM,
    KERAS_RESET_BEFORE,
    ONNX_LSTM,
    PYTORCH,
    PYTORCH_LSTM,
    PYTORCH_RNN,
    GRUConvention,
    LSTMConvention,
    RNNConvention,
)
from solutions.reference.convert import NotConvertible, Weights, convert
from solutions.reference.in_convention import gru_cell_in, gru_forward_in, lstm_forward_in, rnn_forward_in

T, B, D, H = 5, 2, 3, 4
GRUS = [
    GRUConvention(update, reset, biases, "".join(order))
    for update in ("keep", "write")
    for reset in ("after", "before")
    for biases in (2, 1, 0)
    for order in itertools.permutations("rzn")
]
LSTMS = [LSTMConvention(biases, "".join(order)) for biases in (2, 1, 0) for order in itertools.permutations("ifgo")]
RNNS = [RNNConvention(biases) for biases in (2, 1, 0)]
FORWARD = {GRUConvention: gru_forward_in, LSTMConvention: lstm_forward_in, RNNConvention: rnn_forward_in}


def draw(convention, seed=1, bias=0.5):
    """x, the states and the weights that fit the convention, all random; biases are 0 if bias is."""
    rng, rows = np.random.default_rng(seed), convention.gates * H
    states = [rng.uniform(-1, 1, (B, H)) for _ in range(1 + isinstance(convention, LSTMConvention))]
    biases = [bias * rng.uniform(-1, 1, rows) for _ in range(convention.biases)]
    weights = Weights(rng.uniform(-0.5, 0.5, (rows, D)), rng.uniform(-0.5, 0.5, (rows, H)), *biases)
    return rng.normal(size=(T, B, D)), states, weights


def run(convention, x, states, weights):
    result = FORWARD[type(convention)](convention, x, *states, *weights)
    return np.concatenate(result if isinstance(result, tuple) else [result])


def assert_same_function(source, target, bias=0.5):
    x, states, weights = draw(source, bias=bias)
    got, want = run(target, x, states, convert(weights, source, target)), run(source, x, states, weights)
    assert np.abs(got - want).max() < 1e-14


def test_pytorchs_convention_is_that_of_the_reference():
    x, (h0,), weights = draw(PYTORCH)
    assert np.abs(gru_forward_in(PYTORCH, x, h0, *weights) - gru_forward(x, h0, *weights)).max() < 1e-15
    assert np.abs(gru_cell_in("PYTORCH", x[0], h0, *weights) - gru_cell(x[0], h0, *weights)).max() < 1e-15


def test_the_four_functions_that_are_called_gru_are_four():
    x, (h0,), weights = draw(PYTORCH)
    four = [
        replace(PYTORCH, update=update, reset=reset) for update in ("keep", "write") for reset in ("after", "before")
    ]
    results = [gru_forward_in(convention, x, h0, *weights) for convention in four]
    for one, other in itertools.combinations(results, 2):
        assert np.abs(one - other).max() > 1e-2


def test_the_formulas_by_hand():
    # one unit, one input: x = 1, h = 2, every weight and bias another number
    W, U = np.array([[0.1], [0.2], [0.3]]), np.array([[-0.4], [0.5], [0.6]])
    b, c = np.array([0.7, -0.8, 0.9]), np.array([0.11, 0.12, 0.13])
    x, h = np.array([[1.0]]), np.array([[2.0]])
    r = 1 / (1 + np.exp(-(0.1 + 0.7 - 0.4 * 2 + 0.11)))
    z = 1 / (1 + np.exp(-(0.2 - 0.8 + 0.5 * 2 + 0.12)))
    after, before = np.tanh(0.3 + 0.9 + r * (0.6 * 2 + 0.13)), np.tanh(0.3 + 0.9 + 0.6 * r * 2 + 0.13)
    for reset, n in [("after", after), ("before", before)]:
        kept = gru_cell_in(GRUConvention(reset=reset), x, h, W, U, b, c)
        written = gru_cell_in(GRUConvention(update="write", reset=reset), x, h, W, U, b, c)
        assert abs(kept.item() - ((1 - z) * n + 2 * z)) < 1e-15
        assert abs(written.item() - (2 * (1 - z) + z * n)) < 1e-15


@pytest.mark.parametrize("target", GRUS, ids=lambda c: f"{c.update}-{c.reset}-{c.biases}-{c.order}")
def test_every_gru_of_the_same_reset_is_reached_from_every_other(target):
    for source in GRUS:
        if source.reset != target.reset:
            continue
        # with b_hn, or with any bias, there may be no place for it: that is tested below
        keeps = target.biases == 2 or source.biases == 0 or (target.biases == 1 and source.biases == 1)
        keeps = keeps or (target.biases == 1 and target.reset == "before")
        assert_same_function(source, target, bias=0.5 if keeps else 0)


@pytest.mark.parametrize(
    ("sources", "targets"),
    [([PYTORCH_LSTM, ONNX_LSTM, KERAS_LSTM, LSTMConvention(0, "ogfi")], LSTMS), (RNNS, RNNS)],
    ids=["lstm", "rnn"],
)
def test_every_lstm_and_every_rnn_is_reached(sources, targets):
    for source, target in itertools.product(sources, targets):
        assert_same_function(source, target, bias=0.5 if target.biases or not source.biases else 0)


@given(
    source=st.sampled_from([c for c in GRUS if c.biases == 2]),
    target=st.sampled_from([c for c in GRUS if c.biases == 2]),
    seed=st.integers(0, 1000),
)
def test_there_and_back_is_where_it_was_to_the_last_bit(source, target, seed):
    target = replace(target, reset=source.reset)
    _, _, weights = draw(source, seed)
    back = convert(convert(weights, source, target), target, source)
    assert all(np.array_equal(a, b) for a, b in zip(back, weights, strict=True))


def test_the_other_update_negates_the_rows_of_z_and_no_others():
    _, _, weights = draw(PYTORCH)
    converted = convert(weights, PYTORCH, replace(PYTORCH, update="write"))
    for got, was in zip(converted, weights, strict=True):
        assert np.array_equal(got[H : 2 * H], -was[H : 2 * H])
        assert np.array_equal(got[:H], was[:H])
        assert np.array_equal(got[2 * H :], was[2 * H :])


def test_b_hn_goes_into_b_in_where_the_reset_gate_leaves_it_alone():
    _, _, weights = draw(GRUConvention(reset="before"))
    assert np.array_equal(
        convert(weights, GRUConvention(reset="before"), GRUConvention(reset="before", biases=1)).bias_ih,
        weights.bias_ih + weights.bias_hh,
    )


def test_b_hr_and_b_hz_go_where_b_hn_is_zero():
    _, _, weights = draw(PYTORCH)
    weights.bias_hh[2 * H :] = 0
    x, states, _ = draw(PYTORCH, seed=2)
    one = replace(PYTORCH, biases=1)
    got = run(one, x, states, convert(weights, PYTORCH, one))
    assert np.abs(got - run(PYTORCH, x, states, weights)).max() < 1e-14


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        (PYTORCH, KERAS_RESET_BEFORE, "acts after the recurrent product there and before it here"),
        (KERAS_RESET_BEFORE, PYTORCH, "acts before the recurrent product there and after it here"),
        (CHO_2014_V1, CHO_2014_V3, 'with gru_forward_in and reset="after", or train it anew'),
        (PYTORCH, replace(PYTORCH, biases=1), "b_hn is not zero, and the target has no such bias"),
        (PYTORCH, CHO_2014_V1, "b_hn is not zero, and the target has no such bias"),
        (KERAS_RESET_BEFORE, CHUNG_2014, "The biases are not zero, and the target has none"),
        (PYTORCH_LSTM, replace(ONNX_LSTM, biases=0), "The biases are not zero, and the target has none"),
    ],
)
def test_what_cannot_be_said_in_the_other_convention_is_refused(source, target, text):
    _, _, weights = draw(source)
    with pytest.raises(NotConvertible, match=re.escape(text)):
        convert(weights, source, target)


def test_that_reset_before_and_after_are_two_functions_is_no_rumour():
    # a counterexample to any conversion: r is another for each x, and W (r ⊙ h) mixes the units that r ⊙ (W h) does not
    x, (h0,), weights = draw(CHO_2014_V1)
    after = gru_forward_in(CHO_2014_V1, x, h0, *weights)
    assert np.abs(after - gru_forward_in(CHO_2014_V3, x, h0, *weights)).max() > 1e-3
    # where W_hn is diagonal and has no bias they are one
    weights.weight_hh[2 * H :] = np.diag(np.arange(1.0, H + 1))
    after = gru_forward_in(CHO_2014_V1, x, h0, *weights)
    assert np.abs(after - gru_forward_in(CHO_2014_V3, x, h0, *weights)).max() < 1e-15


def test_what_is_converted_is_new_and_what_it_was_made_from_stays():
    for source in (PYTORCH, PYTORCH_LSTM, PYTORCH_RNN):
        _, _, weights = draw(source)
        before = [array.copy() for array in weights]
        converted = convert(weights, source, source)
        assert all(np.array_equal(a, b) for a, b in zip(weights, before, strict=True))
        assert not any(np.may_share_memory(a, b) for a, b in itertools.product(converted, weights))


@pytest.mark.parametrize("convention", GRU_CONVENTIONS)
def test_float32_stays_float32(convention):
    x, states, weights = draw(GRU_CONVENTIONS[convention])
    x, h0, *weights = (a.astype(np.float32) for a in (x, *states, *(w for w in weights if w is not None)))
    assert gru_forward_in(convention, x, h0, *weights).dtype == np.float32


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"update": "keeps"}, "update is 'keeps'; it should be 'keep' or 'write'."),
        ({"reset": None}, "reset is None; it should be 'after' or 'before'."),
        ({"biases": 3}, "biases is 3; it should be 2 or 1 or 0."),
        ({"biases": True}, "biases is True; it should be 2 or 1 or 0."),
        ({"order": "rzz"}, "order is 'rzz'; it should hold each of the letters r, z, n once."),
        ({"order": "rz"}, "order is 'rz'; it should hold each of the letters r, z, n once."),
        ({"order": 3}, "order is 3; it should hold each of the letters r, z, n once."),
    ],
)
def test_a_convention_that_is_none_is_refused(values, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        GRUConvention(**values)


def test_an_order_of_the_lstm_that_is_none_is_refused():
    with pytest.raises(ValueError, match="order is 'ifco'; it should hold each of the letters i, f, g, o once"):
        LSTMConvention(order="ifco")


@pytest.mark.parametrize(
    ("convention", "error", "text"),
    [
        ("PYTORHC", ValueError, "convention is 'PYTORHC'; it should be one of PYTORCH, CUDNN,"),
        (3, TypeError, "convention is of type int; it should be of type GRUConvention."),
        (PYTORCH_LSTM, TypeError, "convention is of type LSTMConvention; it should be of type GRUConvention."),
    ],
)
def test_an_unknown_convention_is_refused(convention, error, text):
    x, (h0,), weights = draw(PYTORCH)
    with pytest.raises(error, match=re.escape(text)):
        gru_forward_in(convention, x, h0, *weights)
    if convention != PYTORCH_LSTM:
        with pytest.raises(error, match=re.escape(text)):
            convert(weights, PYTORCH, convention)


def test_one_cell_does_not_become_another():
    _, _, weights = draw(PYTORCH)
    with pytest.raises(TypeError, match="convention is of type LSTMConvention; it should be of type GRUConvention"):
        convert(weights, PYTORCH, PYTORCH_LSTM)


@pytest.mark.parametrize(
    ("changed", "error", "text"),
    [
        ({"bias_hh": None}, ValueError, "bias_hh is None; it should be an array, because the convention has biases=2."),
        (
            {"weight_ih": np.ones((D, 3 * H))},
            ValueError,
            "weight_ih has the shape (3, 12); it should be (12, 12): 3 × H",
        ),
        ({"weight_hh": np.ones((H, 3 * H))}, ValueError, "it should be (36, "),
        ({"weight_hh": np.ones(3 * H)}, ValueError, "weight_hh has the shape (12,); it should have two axes"),
        ({"bias_ih": np.ones(H)}, ValueError, "bias_ih has the shape (4,); it should be (12,): 3 × H rows, with H = 4"),
        ({"x": np.ones((T, B, D + 1))}, ValueError, "x has the shape (5, 2, 4); it should be (T, B, D) with D = 3"),
        ({"x": np.ones((B, D))}, ValueError, "x has the shape (2, 3); it should be (T, B, D) with D = 3"),
        ({"x": np.ones((0, B, D))}, ValueError, "x has the shape (0, 2, 3); it should be (T, B, D) with D = 3"),
        ({"h0": np.ones((1, H))}, ValueError, "h0 has the shape (1, 4); it should be (2, 4), that is (B, H)"),
        ({"h0": np.ones((B, H), np.float32)}, TypeError, "h0 is float32, but weight_ih is float64. Use one dtype"),
        ({"x": np.ones((T, B, D), int)}, TypeError, "x must be a NumPy array of a floating dtype; it is int64."),
        ({"weight_hh": None}, TypeError, "weight_hh must be a NumPy array of a floating dtype; it is NoneType."),
    ],
)
def test_what_does_not_fit_is_refused_in_words(changed, error, text):
    x, (h0,), weights = draw(PYTORCH)
    given = {"x": x, "h0": h0, **weights._asdict()}
    gru_forward_in(PYTORCH, **given)
    with pytest.raises(error, match=re.escape(text)):
        gru_forward_in(PYTORCH, **{**given, **changed})


def test_a_bias_that_the_convention_has_not_is_refused():
    x, (h0,), weights = draw(PYTORCH)
    with pytest.raises(ValueError, match="bias_hh is given; it should be None, because the convention has biases=1"):
        gru_forward_in(KERAS_RESET_BEFORE, x, h0, *weights)


def test_no_library_is_imported_to_convert_its_weights():
    said = "import sys, solutions.reference.convert, solutions.reference.minimal as m; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "numpy" in loaded
    assert not loaded & {"torch", "keras", "onnx", "flax", "jax"}
