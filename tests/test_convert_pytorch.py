"""PyTorch: what a state_dict holds runs in our cells, and what we write torch.nn loads and runs to the same states."""

import re

import numpy as np
import pytest
import torch

from solutions.reference.conventions import (
    CHUNG_2014,
    KERAS_RESET_AFTER,
    ONNX_LSTM,
    PYTORCH,
    GRUConvention,
    LSTMConvention,
    RNNConvention,
)
from solutions.reference.convert import NotConvertible, Weights, convert, from_pytorch, to_pytorch
from solutions.reference.in_convention import gru_forward_in, lstm_forward_in, rnn_forward_in

FORWARD = {"gru": gru_forward_in, "lstm": lstm_forward_in, "rnn": rnn_forward_in}
GATES = {"gru": 3, "lstm": 4, "rnn": 1}
T, B, D, H = 5, 2, 3, 4
CELLS = pytest.mark.parametrize("cell", GATES)


def inputs(cell):
    rng = np.random.default_rng(1)
    states = [rng.uniform(-1, 1, (B, H)) for _ in range(1 + (cell == "lstm"))]
    return rng.normal(size=(T, B, D)), states


def run_torch(module, cell, x, states):
    hx = tuple(torch.from_numpy(state)[None] for state in states)
    with torch.no_grad():
        return module(torch.from_numpy(x), hx if cell == "lstm" else hx[0])[0].numpy()


def run_ours(cell, convention, x, states, weights):
    result = FORWARD[cell](convention, x, *states, *weights)
    return result[0] if isinstance(result, tuple) else result


@CELLS
@pytest.mark.parametrize("bias", [True, False])
def test_a_module_of_torch_runs_in_our_cells(cell, bias):
    torch.manual_seed(2)
    module = getattr(torch.nn, cell.upper())(D, H, bias=bias, dtype=torch.float64)
    x, states = inputs(cell)
    convention, weights = from_pytorch(cell, module.state_dict())
    assert convention.biases == (2 if bias else 0)
    assert np.abs(run_ours(cell, convention, x, states, weights) - run_torch(module, cell, x, states)).max() < 1e-14


@CELLS
def test_each_layer_and_direction_is_found(cell):
    module = getattr(torch.nn, cell.upper())(D, H, num_layers=2, bidirectional=True)
    state = module.state_dict()
    for layer in (0, 1):
        for reverse in (False, True):
            _, weights = from_pytorch(cell, state, layer, reverse)
            end = f"l{layer}{'_reverse' if reverse else ''}"
            assert np.array_equal(weights.weight_hh, state[f"weight_hh_{end}"])
            assert next(iter(to_pytorch(PYTORCH, draw(PYTORCH), layer, reverse))) == f"weight_ih_{end}"


@CELLS
def test_a_cell_of_torch_is_read_too(cell):
    module = getattr(torch.nn, f"{cell.upper()}Cell")(D, H)
    assert np.array_equal(from_pytorch(cell, module.state_dict())[1].bias_hh, module.bias_hh.detach())


def draw(convention):
    rng, rows = np.random.default_rng(3), convention.gates * H
    shapes = [(rows, D), (rows, H), (rows,), (rows,)][: 2 + convention.biases]
    return Weights(*(rng.uniform(-0.7, 0.7, shape) for shape in shapes))


@pytest.mark.parametrize(
    ("cell", "convention"),
    [
        ("gru", PYTORCH),
        ("gru", KERAS_RESET_AFTER),
        ("gru", GRUConvention(update="write", biases=1, order="nrz")),
        ("gru", GRUConvention(update="write", biases=0, order="znr")),
        ("lstm", ONNX_LSTM),
        ("lstm", LSTMConvention(biases=1, order="gofi")),
        ("rnn", RNNConvention(biases=1)),
    ],
    ids=str,
)
def test_torch_loads_what_we_write_and_runs_to_the_same_states(cell, convention):
    weights, (x, states) = draw(convention), inputs(cell)
    module = getattr(torch.nn, cell.upper())(D, H, dtype=torch.float64)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in to_pytorch(convention, weights).items()})
    assert np.abs(run_torch(module, cell, x, states) - run_ours(cell, convention, x, states, weights)).max() < 1e-14


def test_there_and_back_is_where_it_was():
    weights = draw(KERAS_RESET_AFTER)
    convention, back = from_pytorch("gru", to_pytorch(KERAS_RESET_AFTER, weights))
    assert all(np.array_equal(a, b) for a, b in zip(convert(back, convention, KERAS_RESET_AFTER), weights, strict=True))


def test_what_torch_has_no_cell_for_is_refused():
    with pytest.raises(NotConvertible, match="acts before the recurrent product there and after it here"):
        to_pytorch(CHUNG_2014, draw(CHUNG_2014))
    with pytest.raises(NotConvertible, match=r"projects its state \(proj_size, weight_hr\)"):
        from_pytorch("lstm", torch.nn.LSTM(D, H, proj_size=2).state_dict())


def test_a_layer_that_is_not_there_is_refused():
    state = torch.nn.GRU(D, H).state_dict()
    with pytest.raises(ValueError, match=re.escape("state has no weight_ih_l1; it has weight_ih_l0, weight_hh_l0,")):
        from_pytorch("gru", state, layer=1)
    with pytest.raises(ValueError, match="cell is 'elman'; it should be one of gru, lstm, rnn"):
        from_pytorch("elman", state)
    with pytest.raises(TypeError, match="convention is of type str; it should be one of GRUConvention, LSTMConvention"):
        to_pytorch("PYTORCH", draw(PYTORCH))
