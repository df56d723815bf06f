"""Keras on its torch backend: its layers run in our cells, and take what we write."""

import importlib
import re

import numpy as np
import pytest

from solutions.reference.conventions import (
    CHUNG_2014,
    KERAS_LSTM,
    KERAS_RESET_AFTER,
    KERAS_RESET_BEFORE,
    ONNX_DEFAULT,
    ONNX_LSTM,
    PYTORCH,
    PYTORCH_LSTM,
    PYTORCH_RNN,
    GRUConvention,
)
from solutions.reference.convert import NotConvertible, Weights, convert, from_keras, to_keras
from solutions.reference.in_convention import gru_forward_in, lstm_forward_in, rnn_forward_in

FORWARD = {"gru": gru_forward_in, "lstm": lstm_forward_in, "rnn": rnn_forward_in}
LAYER = {"gru": "GRU", "lstm": "LSTM", "rnn": "SimpleRNN"}
T, B, D, H = 5, 2, 3, 4
# All in float32: Keras on torch multiplies matrices in it even where they are float64.
TOLERANCE = 1e-6


# Keras 3.15 gives NumPy its variables without the `copy` that NumPy 2 asks for.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        # Keras reads both when it is imported, and writes a file into its home
        patch.setenv("KERAS_BACKEND", "torch")
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        keras = importlib.import_module("keras")
    assert keras.backend.backend() == "torch"
    return keras


def inputs(cell):
    rng = np.random.default_rng(1)
    states = [rng.uniform(-1, 1, (B, H)).astype(np.float32) for _ in range(1 + (cell == "lstm"))]
    return rng.normal(size=(T, B, D)).astype(np.float32), states


def made(keras, cell, **options):
    """A layer, built, every weight and bias random."""
    layer = getattr(keras.layers, LAYER[cell])(H, return_sequences=True, **options)
    return with_random_weights(layer)


def with_random_weights(layer):
    layer.build((B, T, D))
    rng = np.random.default_rng(2)
    layer.set_weights([rng.uniform(-0.7, 0.7, array.shape) for array in layer.get_weights()])
    return layer


def run_keras(layer, x, states):
    """Keras has the batch first."""
    given = layer(x.swapaxes(0, 1), initial_state=states)
    return given.detach().numpy().swapaxes(0, 1)


def run_ours(cell, convention, x, states, weights):
    result = FORWARD[cell](convention, x, *states, *weights)
    return result[0] if isinstance(result, tuple) else result


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize(
    ("cell", "options", "convention"),
    [
        ("gru", {}, KERAS_RESET_AFTER),
        ("gru", {"reset_after": True}, KERAS_RESET_AFTER),
        ("gru", {"reset_after": False}, KERAS_RESET_BEFORE),
        ("lstm", {}, KERAS_LSTM),
        ("rnn", {}, None),
    ],
)
def test_a_layer_of_keras_runs_in_our_cells(keras, cell, options, convention, use_bias):
    layer, (x, states) = made(keras, cell, use_bias=use_bias, **options), inputs(cell)
    found, weights = from_keras(cell, layer.get_weights(), layer.get_config())
    if use_bias and convention:
        assert found == convention
    assert np.abs(run_ours(cell, found, x, states, weights) - run_keras(layer, x, states)).max() < TOLERANCE


def draw(convention):
    rng, rows = np.random.default_rng(3), convention.gates * H
    shapes = [(rows, D), (rows, H), (rows,), (rows,)][: 2 + convention.biases]
    return Weights(*(rng.uniform(-0.7, 0.7, shape).astype(np.float32) for shape in shapes))


SOURCES = [
    pytest.param("gru", PYTORCH, id="PYTORCH"),
    pytest.param("gru", ONNX_DEFAULT, id="ONNX_DEFAULT"),
    pytest.param("gru", CHUNG_2014, id="CHUNG_2014"),
    pytest.param("gru", GRUConvention(update="write", biases=1, order="nrz"), id="writes, after, one bias, nrz"),
    pytest.param("lstm", PYTORCH_LSTM, id="PYTORCH_LSTM"),
    pytest.param("lstm", ONNX_LSTM, id="ONNX_LSTM"),
    pytest.param("rnn", PYTORCH_RNN, id="PYTORCH_RNN"),
]


@pytest.mark.parametrize(("cell", "convention"), SOURCES)
def test_keras_takes_what_we_write_and_runs_to_the_same_states(keras, cell, convention):
    weights, (x, states) = draw(convention), inputs(cell)
    layer = made(keras, cell, **({"reset_after": convention.reset == "after"} if cell == "gru" else {}))
    layer.set_weights(to_keras(convention, weights))
    assert np.abs(run_keras(layer, x, states) - run_ours(cell, convention, x, states, weights)).max() < TOLERANCE


@pytest.mark.parametrize(("cell", "convention"), SOURCES)
def test_there_and_back_is_the_same_function(cell, convention):
    weights, (x, states) = draw(convention), inputs(cell)
    config = {"reset_after": getattr(convention, "reset", None) == "after"}
    found, back = from_keras(cell, to_keras(convention, weights), config)
    got = run_ours(cell, found, x, states, back)
    assert np.abs(got - run_ours(cell, convention, x, states, weights)).max() < TOLERANCE


def test_from_keras_to_pytorch_and_back_is_where_it_was(keras):
    layer = made(keras, "gru")
    convention, weights = from_keras("gru", layer.get_weights(), layer.get_config())
    arrays = to_keras(PYTORCH, convert(weights, convention, PYTORCH))
    assert all(np.array_equal(a, b) for a, b in zip(arrays, layer.get_weights(), strict=True))


def test_a_bidirectional_layer_is_two_halves(keras):
    layer = with_random_weights(keras.layers.Bidirectional(keras.layers.GRU(H, return_sequences=True)))
    x, (h0,) = inputs("gru")
    output = layer(x.swapaxes(0, 1), initial_state=[h0, h0]).detach().numpy().swapaxes(0, 1)
    arrays = layer.get_weights()
    config = layer.forward_layer.get_config()
    forward, backward = (from_keras("gru", half, config) for half in (arrays[:3], arrays[3:]))
    assert np.abs(output[..., :H] - run_ours("gru", forward[0], x, [h0], forward[1])).max() < TOLERANCE
    assert np.abs(output[..., H:] - run_ours("gru", backward[0], x[::-1], [h0], backward[1])[::-1]).max() < TOLERANCE


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"recurrent_activation": "hard_sigmoid"},
            "recurrent_activation is 'hard_sigmoid'; only 'sigmoid' is the same",
        ),
        ({"activation": "relu"}, "activation is 'relu'; only 'tanh' is the same cell elsewhere."),
    ],
)
def test_other_activations_are_refused(keras, options, text):
    layer = made(keras, "gru", **options)
    with pytest.raises(NotConvertible, match=re.escape(text)):
        from_keras("gru", layer.get_weights(), layer.get_config())


def test_reset_before_does_not_become_pytorch(keras):
    layer = made(keras, "gru", reset_after=False)
    convention, weights = from_keras("gru", layer.get_weights(), layer.get_config())
    with pytest.raises(NotConvertible, match="acts before the recurrent product there and after it here"):
        convert(weights, convention, PYTORCH)


@pytest.mark.parametrize(
    ("count", "config", "text"),
    [
        (2, {}, "arrays holds 2 arrays; a layer with use_bias=True has 3."),
        (3, {"use_bias": False}, "arrays holds 3 arrays; a layer with use_bias=False has 2."),
        (3, {"reset_after": False}, "The bias has the shape (2, 12); it should have 1 axes."),
    ],
)
def test_arrays_that_are_of_another_layer_are_refused(count, config, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        from_keras("gru", to_keras(PYTORCH, draw(PYTORCH))[:count], config)
