"""The experiments on training measure what they say: models are GRUs, parts are in their places, faults are real."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

FILE = Path(__file__).parent.parent / "experiments" / "training.py"


@pytest.fixture
def experiment(script):
    return script("training")


def of_torch(weights, model, x, scale):
    """What torch.nn.GRU answers after the last step with the weights of one model: x (T, B, 2) -> (B,)."""
    gru = torch.nn.GRU(2, weights["W_hh"].shape[2])
    with torch.no_grad():
        for parameter, name in zip(gru.parameters(), ["W_ih", "W_hh", "b_ih", "b_hh"], strict=True):
            parameter.copy_(weights[name][model])
        return gru(scale * x)[0][-1] @ weights["out"][model] + weights["b_out"][model]


@pytest.mark.parametrize("name", ["start", "inside"])
def test_models_without_a_norm_are_torchs_gru_when_nothing_is_dropped(experiment, name):
    plan = replace(experiment.PLANS[name], seeds=2, length=12)
    x, _ = experiment.draw(plan, [np.random.default_rng(seed) for seed in range(2)], 3)
    weights = experiment.first_weights(plan)
    answers = experiment.outputs(plan, weights, x)
    for place, arm in enumerate(plan.arms):
        for model in (2 * place, 2 * place + 1):
            near = torch.allclose(answers[model], of_torch(weights, model, x[:, model], arm.scale), atol=1e-5)
            assert near == (not arm.norm), arm


def test_dropout_touches_the_arms_that_have_it_alone(experiment):
    plan = replace(experiment.PLANS["inside"], seeds=1, length=12)
    x, _ = experiment.draw(plan, [np.random.default_rng(0)], 3)
    weights = experiment.first_weights(plan)
    whole = experiment.outputs(plan, weights, x)
    thinned = experiment.outputs(plan, weights, x, torch.Generator().manual_seed(0))
    for arm, one, other in zip(plan.arms, whole, thinned, strict=True):
        assert torch.equal(one, other) == (not arm.dropout), arm


def test_starts_are_what_they_are_called(experiment):
    plan = replace(experiment.PLANS["start"], seeds=1)
    weights, hidden = experiment.first_weights(plan), plan.hidden
    z = slice(hidden, 2 * hidden)
    for place, arm in enumerate(plan.arms):
        blocks = weights["W_hh"][place].view(3, hidden, hidden)
        near = torch.allclose(blocks.transpose(1, 2) @ blocks, torch.eye(hidden), atol=1e-5)
        assert near == arm.orthogonal
        added = weights["b_ih"][place] - weights["b_ih"][0]
        assert torch.equal(added[:hidden], torch.zeros(hidden))
        if arm.keep == "chrono":
            scale = 1 + torch.exp(added[z])
            assert 2 <= scale.min() <= scale.max() <= plan.length
        else:
            assert torch.allclose(added[z], torch.full((hidden,), float(arm.keep)), atol=1e-6)


def test_reading_at_the_own_end_does_not_see_the_padding(experiment):
    torch.manual_seed(0)
    model, (x, y, ends) = experiment.Reader(2, 5, 1), experiment.padded(np.random.default_rng(0), 12, 8)
    other = x.clone()
    for row, end in enumerate(ends):
        other[end:, row] = 1.0
    for way, same in [("at its own end", True), ("at step T", False)]:
        errors = [experiment.error_of(model, way, each, y, ends) for each in (x, other)]
        assert torch.allclose(*errors) == same


def test_the_gallery_wants_running_sums_and_a_mask_leaves_the_padding_out(experiment):
    x, wanted, ends = experiment.running_sums(np.random.default_rng(0), 5)
    steps = torch.arange(1, len(x) + 1)[:, None]
    real = steps <= ends
    assert torch.allclose(((x[..., 0] * x[..., 1]).cumsum(dim=0) - steps / 6) * real, wanted, atol=1e-5)
    torch.manual_seed(0)
    model, other = experiment.Reader(2, 4, 1), torch.where(real, wanted, 9.0)
    for fault, same in [(experiment.Fault(), True), (experiment.Fault(mask=False), False)]:
        losses = [experiment.loss_of(model, fault, x, each, ends)[0] for each in (wanted, other)]
        assert torch.equal(*losses) == same
