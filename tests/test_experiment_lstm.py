"""The LSTM experiments measure what they say: models are LSTMs, parts go missing, tasks have right answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

FILE = Path(__file__).parent.parent / "experiments" / "lstm.py"


@pytest.fixture
def experiment(script):
    return script("lstm")


def of_torch(weights, model, x):
    """What torch.nn.LSTM answers with the weights of one model: x (T, B, D) -> (T, B)."""
    layer = torch.nn.LSTM(x.shape[2], weights["W_hh"].shape[2])
    values = [
        weights["W_ih"][model],
        weights["W_hh"][model],
        weights["b"][model],
        torch.zeros_like(weights["b"][model]),
    ]
    with torch.no_grad():
        for parameter, value in zip(layer.parameters(), values, strict=True):
            parameter.copy_(value)
        return layer(x)[0] @ weights["out"][model] + weights["b_out"][model]


@pytest.mark.parametrize("name", ["forget_bias", "ablation"])
def test_models_with_all_parts_are_torchs_lstm(experiment, name):
    plan = replace(experiment.PLANS[name], seeds=2, length=12)
    x, _ = experiment.draw(plan, [np.random.default_rng(seed) for seed in range(2)], 3)
    weights = experiment.first_weights(plan, x.shape[3])
    answers = experiment.outputs(plan, weights, x)
    for place, arm in enumerate(plan.arms):
        for seed in range(2):
            model = 2 * place + seed
            near = torch.allclose(answers[:, model], of_torch(weights, model, x[:, model]), atol=1e-5)
            assert near == (not arm.without), arm


def test_arms_of_one_seed_differ_in_the_biases_alone(experiment):
    plan = replace(experiment.PLANS["forget_bias"], seeds=2)
    weights = experiment.first_weights(plan, 2)
    hidden = plan.hidden
    for model in range(0, 2 * len(plan.arms), 2):
        assert torch.equal(weights["W_hh"][model], weights["W_hh"][0])
        assert torch.equal(weights["b"][model, 2 * hidden :], weights["b"][0, 2 * hidden :])


def test_the_adding_problem_wants_the_sum_of_the_marked(experiment):
    x, wanted = experiment.adding(np.random.default_rng(0), 10, 5)
    assert (x[:5, :, 1].sum(dim=0) == 1).all()
    assert (x[5:, :, 1].sum(dim=0) == 1).all()
    assert torch.allclose((x[..., 0] * x[..., 1]).sum(dim=0), wanted[-1])
    assert torch.isnan(wanted[:-1]).all()


def test_the_tally_starts_anew_takes_and_tells(experiment):
    x, wanted = experiment.tally(np.random.default_rng(0), 50, 4)
    total = torch.zeros(4)
    for step, right in zip(x, wanted, strict=True):
        number, take, anew, tell = step.unbind(dim=1)
        total = torch.where(anew > 0, 0, total) + take * number
        assert torch.allclose(right, tell * total, atol=1e-6)


def test_gradients_are_clipped_for_each_model(experiment):
    weights = {"W": torch.zeros(2, 3, requires_grad=True), "b": torch.zeros(2, 1, requires_grad=True)}
    (weights["W"] @ torch.tensor([3.0, 0.0, 0.0]) * torch.tensor([1.0, 0.1]) + weights["b"][:, 0] * 0).sum().backward()
    experiment.clip_each(weights, 1.0)
    assert torch.allclose(weights["W"].grad.norm(dim=1), torch.tensor([1.0, 0.3]))
