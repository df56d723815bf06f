"""The gates experiment measures what it says: the text has the chances that it names, and what is held is held."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

FOLDER = Path(__file__).parent.parent / "experiments"


@pytest.fixture
def experiment(script):
    return script("gates")


@pytest.fixture
def text(experiment):
    return sys.modules["bracketed"]


@pytest.fixture
def plan(experiment):
    return replace(experiment.Plan(), seeds=2, hidden=5, batch=3, length=20, test_texts=6, test_length=120)


@pytest.fixture
def test_text(experiment, plan):
    return experiment.draw_test(plan)


def test_chances_are_chances_and_the_text_has_them(text):
    assert np.allclose(text.CHANCES.sum(axis=1), 1)
    characters, _, surprise = text.draw(np.random.default_rng(0), 300, 200)
    # What is drawn is as surprising as its chances say: the mean of -log p is the entropy, state by state.
    state, entropy = np.zeros(200, int), []
    logs = np.log(text.CHANCES, where=text.CHANCES > 0, out=np.zeros_like(text.CHANCES))
    for step in characters:
        entropy.append(-(text.CHANCES[state] * logs[state]).sum(axis=1))
        state = text.NEXTS[state, step]
    assert abs(np.mean(entropy) - surprise.mean()) < 0.01


def test_each_bracket_is_closed_by_its_own_and_words_inside_are_words_outside(text):
    characters, open_bracket, _ = text.draw(np.random.default_rng(1), 400, 20)
    known = {word for words in text.WORDS.values() for word in words}
    for place in range(20):
        now, inside = "", ([], [])
        for character, bracket in zip(text.spelled(characters[:, place]), open_bracket[:, place], strict=True):
            if character in "([":
                assert not now
                now = text.BRACKETS[character]
            elif character in ")]":
                assert character == now
                now = ""
            inside[bool(now)].append(character)
            assert ["", ")", "]"].index(now) == bracket
        for letters in inside:
            words = "".join(c if c.isalpha() else " " for c in letters).split()
            assert set(words[1:-1]) <= known


def test_models_are_torchs_gru(experiment, text, plan):
    weights = experiment.first_weights(plan)
    read = torch.from_numpy(text.draw(np.random.default_rng(0), 12, 3)[0])
    x = experiment.one_hot(read)
    logits = experiment.logits_of(weights, read[:, None].expand(-1, 6, -1))
    for number in range(6):
        model = experiment.one_model(weights, number)
        layer = torch.nn.GRU(x.shape[2], plan.hidden)
        with torch.no_grad():
            for parameter, name in zip(layer.parameters(), ["W_ih", "W_hh", "b_ih", "b_hh"], strict=True):
                parameter.copy_(model[name])
            wanted = layer(x)[0]
        states = experiment.read(model, x)
        assert torch.allclose(states["h"], wanted, atol=1e-6)
        assert torch.allclose(states["logits"], logits[:, number], atol=1e-5)
        assert (states["r"] == 1).all() == (experiment.ARMS[number // 2] == "r = 1")


def test_a_reset_gate_held_open_learns_nothing_and_stays_open(experiment, plan):
    weights = experiment.train(replace(plan, updates=2))
    for number in range(6):
        reset = experiment.one_model(weights, number)["W_hh"][: plan.hidden]
        assert (reset == 0).all() == (experiment.ARMS[number // 2] == "r = 1")


def test_what_is_held_is_held_and_the_rest_is_free(experiment, plan, test_text):
    model = experiment.one_model(experiment.first_weights(plan), 0)
    x, free = experiment.one_hot(test_text.characters), torch.full((plan.hidden,), torch.nan)
    held = free.clone()
    held[2] = 0.25
    states = experiment.read(model, x, h=held)
    assert (states["h"][..., 2] == 0.25).all()
    assert (states["h"][..., 1] != 0.25).any()
    assert torch.equal(experiment.read(model, x, z=free)["h"], experiment.read(model, x)["h"])


def test_asides_are_where_they_are_said_to_be(experiment, text, test_text):
    found = experiment.asides(test_text, shortest=4)
    assert len(found.texts)
    for place, opened, closed, kind in zip(found.texts, found.opened, found.closed, found.kind, strict=True):
        letters = text.spelled(test_text.characters[:, place].numpy())[opened : closed + 1]
        assert letters[0] + letters[-1] == {experiment.ROUND: "()", experiment.SQUARE: "[]"}[int(kind)]
        assert len(letters) >= 6
        assert not set(letters[1:-1]) & set("()[]")


def test_a_unit_that_holds_the_bracket_is_found_to_tell_and_to_keep(experiment, plan, test_text):
    """A state that is +1 in square asides and -1 in round ones, and z that keeps in one unit and not in the other."""
    kind = (test_text.bracket - 1.5).float()
    noise = torch.rand(kind.shape, generator=torch.Generator().manual_seed(0))
    states = {
        "r": torch.ones(*kind.shape, 2),
        "z": torch.stack([torch.full_like(kind, 0.99), torch.full_like(kind, 0.1)], dim=2),
        "h": torch.stack([kind, noise], dim=2),
    }
    units = experiment.units(plan, test_text, states)
    assert units["tells"][0] == 1
    assert units["tells"][1] < 0.8
    assert units["keeps"][0] > 0.7
    assert units["keeps"][1] < 1e-6
    assert torch.allclose(units["time_of_logs"], -1 / torch.tensor([0.99, 0.1]).double().log())
    assert units["measured_time"].tolist() == [100, 1]
