"""The gradient-flow experiment measures what it says, and its committed record holds what the book claims."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

ROOT = Path(__file__).parent.parent
FILE = ROOT / "experiments" / "gru_gradient.py"
RECORD = json.loads((ROOT / "experiments" / "results" / "gru_gradient.json").read_text())


@pytest.fixture
def experiment(script):
    return script("gru_gradient")


def test_the_norms_are_those_of_torchs_own_gradients(experiment):
    """One GRU of the experiment, its Jacobian over seven steps by PyTorch's automatic differentiation."""
    start = experiment.Start("gru", bias=2)
    x, (h0,), weights = experiment.draw(start, seed=3)
    layer = torch.nn.GRU(experiment.INPUTS, experiment.HIDDEN, dtype=torch.float64)
    with torch.no_grad():
        for parameter, weight in zip(layer.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(weight))
        before = layer(torch.from_numpy(x[:-7]), torch.from_numpy(h0)[None])[1]
    last = torch.from_numpy(x[-7:])
    jacobian = torch.autograd.functional.jacobian(lambda h: layer(last, h)[1].ravel(), before)
    norm = np.linalg.norm(jacobian.numpy().reshape(experiment.HIDDEN, -1), ord=2)
    assert experiment.measure(start, 3)["norms"][7] == pytest.approx(norm, rel=1e-10)


def test_the_record_is_what_the_script_makes(experiment):
    """Of the first seed every number lies near the range that is recorded for all of them."""
    start = experiment.STARTS[6]
    assert start.name == "GRU, default"
    kept, found = RECORD["starts"][start.name], experiment.measure(start, 0)
    assert kept.keys() == found.keys()
    for quantity, quantiles in kept.items():
        low, high = np.array(quantiles["5%"]), np.array(quantiles["95%"])
        assert (np.array(found[quantity]) > 0.2 * low).all()
        assert (np.array(found[quantity]) < 5 * high).all()


def test_the_record_holds_what_the_book_claims():
    at_100 = {name: start["norms"]["50%"][100] for name, start in RECORD["starts"].items()}
    assert at_100["GRU, default"] < 1e-12 < at_100["RNN, orthogonal"]
    assert at_100["GRU, bias 4"] > 0.05
    in_order = [at_100[f"GRU, {name}"] for name in ("default", "bias 1", "bias 2", "bias 4")]
    assert in_order == sorted(in_order)
    assert at_100["GRU, gain 5"] > 1
    assert at_100["GRU, bias 4, reset 4"] > 1.5 * at_100["GRU, bias 4"]
    assert at_100["GRU, reset 4"] < 1e-9
    assert len(RECORD["seeds"]) >= 10


def test_a_quick_run_writes_its_record(experiment, monkeypatch, tmp_path):
    monkeypatch.setattr(experiment, "STARTS", [experiment.Start("rnn"), experiment.Start("gru", bias=4)])
    monkeypatch.setattr(sys, "argv", ["gru_gradient.py", "--seeds", "1", "--out", str(tmp_path / "found.json")])
    experiment.main()
    record = json.loads((tmp_path / "found.json").read_text())
    assert list(record["starts"]) == ["RNN, default", "GRU, bias 4"]
    assert record["seeds"] == [0]
