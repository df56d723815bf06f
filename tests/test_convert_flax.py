"""Flax: what its own cells computed (tests/make_flax_cells.py), ours compute from its parameters."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from solutions.reference.conventions import CHUNG_2014, FLAX_NNX, KERAS_RESET_AFTER, PYTORCH, PYTORCH_LSTM
from solutions.reference.convert import NotConvertible, Weights, convert, from_flax, to_flax
from solutions.reference.in_convention import gru_forward_in, lstm_forward_in, rnn_forward_in

FORWARD = {"gru": gru_forward_in, "lstm": lstm_forward_in, "rnn": rnn_forward_in}
FROZEN = json.loads((Path(__file__).parent / "flax_cells.json").read_text())
EACH = pytest.mark.parametrize("record", FROZEN, ids=[f"{each['api']}.{each['name']}" for each in FROZEN])
D, H = 3, 4


def params_of(record):
    return {name: {k: np.array(v) for k, v in parts.items()} for name, parts in record["params"].items()}


@EACH
def test_what_flax_computed_our_cells_compute(record):
    convention, weights = from_flax(record["cell"], params_of(record))
    first = [np.array(state) for state in record["first"]][::-1]  # an LSTM's carry is (c, h)
    result = FORWARD[record["cell"]](convention, np.array(record["x"]), *first, *weights)
    got = result[0] if isinstance(result, tuple) else result
    assert np.abs(got - np.array(record["states"])).max() < 1e-14


@EACH
def test_what_we_write_for_flax_has_its_entries_and_its_numbers(record):
    if (record["api"], record["name"]) == ("nnx", "LSTMCell"):
        pytest.skip("of nnx's two LSTM cells, which compute the same, we write the optimised one's parameters")
    params = params_of(record)
    written = to_flax(*from_flax(record["cell"], params), api=record["api"])
    assert {name: set(parts) for name, parts in written.items()} == {name: set(parts) for name, parts in params.items()}
    for name, parts in params.items():
        for part, array in parts.items():
            assert np.array_equal(written[name][part], array)


def test_the_file_is_what_flax_computes_now():
    pytest.importorskip("flax", reason="Flax is not installed; the file holds what version 0.12.8 computed")
    from make_flax_cells import made

    for new, old in zip(made(), FROZEN, strict=True):
        assert new["params"] == old["params"]
        assert np.abs(np.array(new["states"]) - np.array(old["states"])).max() < 1e-14


def draw(convention):
    rng, rows = np.random.default_rng(3), convention.gates * H
    shapes = [(rows, D), (rows, H), (rows,), (rows,)][: 2 + convention.biases]
    return Weights(*(rng.uniform(-0.7, 0.7, shape) for shape in shapes))


@pytest.mark.parametrize("convention", [PYTORCH, KERAS_RESET_AFTER, PYTORCH_LSTM], ids=["torch", "keras", "lstm"])
def test_there_and_back_is_the_same_function(convention):
    cell = "lstm" if convention is PYTORCH_LSTM else "gru"
    rng = np.random.default_rng(4)
    x, first = rng.normal(size=(5, 2, D)), [rng.uniform(-1, 1, (2, H)) for _ in range(1 + (cell == "lstm"))]
    weights = draw(convention)
    found, back = from_flax(cell, to_flax(convention, weights))
    got, want = FORWARD[cell](found, x, *first, *back), FORWARD[cell](convention, x, *first, *weights)
    assert np.abs(np.array(got) - np.array(want)).max() < 1e-14


def test_nnx_has_no_place_for_b_hn():
    with pytest.raises(NotConvertible, match="b_hn is not zero, and the target has no such bias"):
        to_flax(PYTORCH, draw(PYTORCH), api="nnx")
    weights = convert(draw(FLAX_NNX), FLAX_NNX, PYTORCH)
    assert set(to_flax(PYTORCH, weights, api="nnx")["dense_h"]) == {"kernel"}


def test_what_flax_has_no_cell_for_is_refused():
    with pytest.raises(NotConvertible, match="acts before the recurrent product there and after it here"):
        to_flax(CHUNG_2014, draw(CHUNG_2014))
    with pytest.raises(ValueError, match="api is 'haiku'; it should be 'linen' or 'nnx'"):
        to_flax(PYTORCH, draw(PYTORCH), api="haiku")
    params = to_flax(PYTORCH, draw(PYTORCH))
    del params["hz"]
    with pytest.raises(ValueError, match=re.escape("params has no hz; it has ir, iz, in, hr, hn.")):
        from_flax("gru", params)
