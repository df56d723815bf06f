"""The networks that learn side by side are PyTorch's, their tasks have right answers, and the scripts run."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from solutions.reference.in_torch.minimal import min_gru_forward

FOLDER = Path(__file__).parent.parent / "experiments"


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_model_is_torchs_layer(script, kind):
    side = script("side_by_side")
    net = side.Net(kind, inputs=3, hidden=5, outputs=2)
    weights, x = side.first_weights(net, [0, 1, 2]), torch.randn(7, 3, 4, 3)
    for model, answers in enumerate(side.outputs(net, weights, x).unbind(1)):
        layer = getattr(torch.nn, kind)(3, 5)
        layer.load_state_dict({name: w[model] for name, w in weights.items() if name.endswith("_l0")})
        with torch.no_grad():
            right = layer(x[:, model])[0] @ weights["out"][model].T + weights["bias_out"][model]
        torch.testing.assert_close(answers, right, atol=1e-5, rtol=0)


def test_a_model_of_two_layers_is_the_references_min_gru_twice(script):
    side = script("side_by_side")
    net = side.Net("minGRU", inputs=3, hidden=5, outputs=2, layers=2)
    weights, x = side.first_weights(net, [0, 1]), torch.randn(7, 2, 4, 3)
    for model, states in enumerate(side.states(net, weights, x).unbind(1)):
        right = x[:, model]
        for layer in range(2):
            arrays = (weights[f"{name}_l{layer}"][model] for name in ("weight_ih", "bias_ih"))
            right = min_gru_forward(right, torch.zeros(4, 5), *arrays)
        torch.testing.assert_close(states, right, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("kind", "forget_bias"), [("GRU", 0.0), ("LSTM", 1.0)])
def test_each_model_learns_as_if_alone(script, kind, forget_bias):
    """Two rates and two seeds at once give what torch's Adam and clipping give a model by itself."""
    side, computing = script("side_by_side"), script("computing")
    net = side.Net(kind, 1, 4, 1, forget_bias=forget_bias)

    def draw(rng, update):
        return computing.bits(rng, 5, 8)

    together = side.train(net, [0, 1], [0.01, 0.1], draw, side.bit_loss, updates=5)

    alone = {name: w.requires_grad_() for name, w in side.first_weights(net, [1]).items()}
    adam, rng = torch.optim.Adam(alone.values(), lr=0.1), np.random.default_rng([1, 1])
    for update in range(5):
        x, wanted = draw(rng, update)
        adam.zero_grad()
        side.bit_loss(side.outputs(net, alone, x[:, None]), wanted[:, None]).sum().backward()
        torch.nn.utils.clip_grad_norm_(alone.values(), 1.0)
        adam.step()
    for name, w in alone.items():
        torch.testing.assert_close(together[name][3], w[0], atol=1e-4, rtol=0)


def test_parity_counting_and_recall_want_the_right_answers(script):
    computing = script("computing")
    x, wanted = computing.bits(np.random.default_rng(0), 9, 20)
    assert torch.equal(wanted[-1], x.sum(dim=0)[:, 0] % 2)
    assert torch.equal((wanted[1:] + wanted[:-1]) % 2, x[1:, :, 0])

    x, wanted = computing.counts(4)
    assert "".join("ab "[row.argmax() if row.any() else 2] for row in x[:, 2].numpy()) == "aaabbb  "
    torch.testing.assert_close(wanted[3:6, 2], torch.tensor([0.0, 0.0, 1.0]))
    assert torch.isnan(wanted[[0, 1, 2, 6, 7], 2]).all()

    for draw in (computing.copied, computing.selected):
        x, wanted = draw(np.random.default_rng(0), 6)
        recalled = int((wanted[:, 0] >= 0).sum())
        for sequence, right in zip(x.unbind(1), wanted.unbind(1), strict=True):
            codes = sequence.argmax(dim=1)
            assert codes[codes < computing.SYMBOLS].tolist() == right[-recalled:].tolist()
            assert (codes[-recalled:] == computing.SYMBOLS + 1).all()


def test_a_hand_made_counter_is_right_up_to_where_it_is_not(script):
    """A plain unit far from tanh's bends adds a little for each a and takes it off for each b."""
    side, computing = script("side_by_side"), script("computing")
    net, step = side.Net("RNN", 2, 1, 1), 1e-3
    weights = {
        "weight_ih_l0": torch.tensor([[[step, -step]]]),
        "weight_hh_l0": torch.ones(1, 1, 1),
        "out": -torch.ones(1, 1, 1),
        "bias_out": torch.full((1, 1), step / 2),
        **{name: torch.zeros(1, 1) for name in ("bias_ih_l0", "bias_hh_l0")},
    }
    assert computing.first_wrong(net, weights, computing.counts(20)).tolist() == [21]
    weights["bias_out"] -= step  # says "last" one too late
    assert computing.first_wrong(net, weights, computing.counts(20)).tolist() == [1]


def test_prose_is_split_by_paragraphs_and_counts_are_a_baseline(script, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("\n".join(["ab" * 300] * 40) + "\n")
    task = script("gru_or_lstm").prose_task(text)
    assert task.inputs == 3
    x, wanted = task.draw(np.random.default_rng(0))
    assert torch.equal(x[1:].argmax(dim=2), wanted[:-1])
    assert 0.9 < task.baselines["how frequent a character is"] < 1.1
    assert task.baselines["the character before"] < 0.1


@pytest.mark.parametrize("name", ["parity", "parity_end", "counting", "copy", "selective"])
def test_a_task_of_computing_runs_and_says_what_it_found(script, name, monkeypatch):
    computing = script("computing")
    monkeypatch.setattr(computing, "PARITY_LENGTHS", [5])
    found = computing.run(name, replace(computing.TASKS[name], updates=1, every=1, seeds=2, test=small_test(name)))
    same_form(found, json.loads((FOLDER / "results" / f"computing_{name}.json").read_text()))


def small_test(name):
    import computing

    of = {name: lambda rng: computing.bits(rng, 10, 5) for name in ("parity", "parity_end")}
    of |= {"counting": lambda rng: computing.counts(5)}
    of |= {"copy": lambda rng: computing.copied(rng, 5), "selective": lambda rng: computing.selected(rng, 5)}
    return lambda: of[name](np.random.default_rng(0))


@pytest.mark.parametrize("name", ["tally", "prose"])
def test_a_task_of_gru_or_lstm_runs_and_says_what_it_found(script, name):
    module = script("gru_or_lstm")
    task = module.TASKS[name]()
    few = {part: task.draw(np.random.default_rng(0)) for part in ("valid", "test")}
    task = replace(task, updates=1, every=1, sweep_seeds=(100,), seeds=(0, 1), rounds=0, **few)
    same_form(module.run(name, task), json.loads((FOLDER / "results" / f"gru_or_lstm_{name}.json").read_text()))


def same_form(found: dict, committed: dict) -> None:
    """The committed results are of this script: the same names throughout, and a number a seed."""
    assert found.keys() == committed.keys() - {"command", "versions", "cpu_seconds"}
    assert found["settings"].keys() == committed["settings"].keys()
    assert found["results"].keys() == committed["results"].keys()
    for part in (found, committed):
        for result in part["results"].values():
            assert len(result["values"]) == len(part["seeds"])
    for arm, result in found["results"].items():
        assert result.keys() == committed["results"][arm].keys()
        sizes = ("kind", "hidden", "parameters")
        assert [result[size] for size in sizes] == [committed["results"][arm][size] for size in sizes]
