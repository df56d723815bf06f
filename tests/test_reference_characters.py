"""The character model: its loss and its draws, against torch and against what they should be."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from solutions.reference import cross_entropy, log_softmax, random_characters, random_logits, sample

COURSE = Path(__file__).parent.parent
TRAINED = json.loads((COURSE / "experiments" / "results" / "tiny_characters.json").read_text())


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_cross_entropy_is_that_of_torch(rng, shift):
    logits, targets = random_logits(rng, 6, 3, 5)
    logits[::2] += shift
    ours = cross_entropy(logits, targets)
    theirs = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits).flatten(0, 1), torch.from_numpy(targets).ravel()
    )
    assert np.isclose(ours, theirs.item(), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_softmax_adds_up_to_one_and_keeps_the_dtype(rng, dtype):
    logits = rng.normal(scale=300, size=(4, 2, 6)).astype(dtype)
    result = log_softmax(logits)
    assert result.dtype == dtype
    assert np.allclose(np.exp(result).sum(axis=-1), 1, rtol=1e-5)
    assert np.isfinite(result).all()


def test_cross_entropy_refuses_what_fits_not(rng):
    logits, targets = random_logits(rng)
    with pytest.raises(TypeError, match="integers"):
        cross_entropy(logits, targets.astype(float))
    with pytest.raises(ValueError, match=r"targets has shape \(2, 5\)"):
        cross_entropy(logits, targets.T)
    with pytest.raises(ValueError, match="from 0 to K - 1 = 3"):
        cross_entropy(logits, targets + 4)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_sample_draws_what_a_network_of_torch_asks_for(rng, temperature):
    start, uniforms, *weights, weight_out, bias_out = random_characters(rng)
    layer = torch.nn.RNN(len(bias_out), len(weights[-1]), dtype=torch.float64)
    drawn = sample(start, uniforms, *weights, weight_out, bias_out, temperature)
    with torch.no_grad():
        for parameter, weight in zip(layer.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(weight))
        read = torch.eye(len(bias_out), dtype=torch.float64)[[start, *drawn[:-1]]]
        logits = layer(read)[0] @ torch.from_numpy(weight_out).T + torch.from_numpy(bias_out)
        sums = torch.softmax(logits / temperature, dim=-1).cumsum(dim=-1).numpy()
    assert drawn.dtype == np.int64
    assert np.array_equal(drawn, (sums[:, :-1] <= uniforms[:, None]).sum(axis=1))


def test_sample_draws_as_often_as_the_probabilities_say(rng):
    _, _, *weights, weight_out, bias_out = random_characters(rng, characters=3)
    without_memory = [np.zeros_like(weight) for weight in weights]
    drawn = sample(0, rng.uniform(size=4000), *without_memory, weight_out, bias_out)
    shares = np.bincount(drawn, minlength=3) / 4000
    assert np.allclose(shares, np.exp(log_softmax(bias_out)), atol=0.03)


def test_sample_takes_the_first_at_zero_and_the_last_just_below_one(rng):
    start, _, *weights = random_characters(rng)
    assert list(sample(start, np.array([0, np.nextafter(1, 0)]), *weights)) == [0, 6]


def test_sample_refuses_what_fits_not(rng):
    start, uniforms, *weights = random_characters(rng)
    with pytest.raises(ValueError, match="start is 7"):
        sample(7, uniforms, *weights)
    with pytest.raises(ValueError, match="temperature is 0"):
        sample(start, uniforms, *weights, 0)
    with pytest.raises(ValueError, match="weight_out"):
        sample(start, uniforms, *weights[:-2], weights[-2].T, weights[-1])


def test_the_weights_in_the_notebook_are_those_that_were_trained():
    source = (COURSE / "solutions" / "rnn" / "rnn.py").read_text()
    written = re.search(r'WEIGHTS = """\n(.*?)"""', source, flags=re.S)[1]
    assert base64.b64decode(written) == base64.b64decode(TRAINED["weights"])
    characters = TRAINED["characters"].replace("\n", "\\n")
    assert f'characters = "{characters}"' in source
    assert f"K, H = len(characters), {TRAINED['hidden']}\n" in source
    best = min(TRAINED["runs"], key=lambda run: run["loss_rounded"])
    assert TRAINED["kept_seed"] == best["seed"]
