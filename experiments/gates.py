"""What the gates of small trained GRUs do, on a text whose structure is known: `bracketed.py` makes it.

    python experiments/gates.py            about five CPU minutes; writes experiments/results/gates.json
    python experiments/gates.py --quick    seconds, few updates: to see that it runs, not for figures
    python experiments/gates.py --kept     measures once more the models of the last run, kept under _build/

Models of several seeds learn to name the next character: GRUs with PyTorch's first weights, GRUs whose reset gate is
held open, r = 1, from the start, and GRUs whose update gate has a bias with which it keeps to begin with.  All learn
side by side as one batch of models, in one thread; models of one seed start from the same weights but for that, and
read the same data.  Then they read a text that none has seen, and all else is measured on that: what each unit
does, what its state tells of the open bracket, and what goes wrong when a unit or a gate is held still.  The same is
measured on the weights that each model started from, which have learnt nothing.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import json
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from bracketed import CHARACTERS, OUTSIDE, ROUND, SQUARE, draw, spelled
from rich.progress import track
from side_by_side import clip_each

ROOT = Path(__file__).resolve().parent.parent
RESULTS, KEPT = ROOT / "experiments" / "results" / "gates.json", ROOT / "_build" / "gates.pt"
ARMS = ["GRU", "r = 1", "z from 0.95"]
BIAS_OPEN = 100.0  # σ of it is 1 in float32, and its slope 0: the gate stays where it is
BIAS_KEEP = 3.0  # σ(3) = 0.95: the update gate keeps, to begin with, and may learn otherwise
Weights = dict[str, torch.Tensor]  # of M models: W_ih (M, 3H, K), W_hh (M, 3H, H), b_ih, b_hh (M, 3H), out, b_out


@dataclass(frozen=True)
class Plan:
    """The sizes of the experiment."""

    seeds: int = 5
    hidden: int = 32
    updates: int = 2000
    batch: int = 32
    length: int = 100
    rate: float = 1e-2
    clip: float = 1.0
    test_texts: int = 128
    test_length: int = 400
    skipped: int = 20  # characters at the start of a test text that no score counts


def first_weights(plan: Plan) -> Weights:
    """Uniform in ±1/sqrt(H) as PyTorch draws them; the models are the arms, one after another, each with all seeds."""
    hidden, bound, size = plan.hidden, plan.hidden**-0.5, len(CHARACTERS)
    models: dict[str, list] = {name: [] for name in ("W_ih", "W_hh", "b_ih", "b_hh", "out", "b_out")}
    for arm in ARMS:
        for seed in range(plan.seeds):
            rng = np.random.default_rng([seed, 0])
            shapes = [(3 * hidden, size), (3 * hidden, hidden), 3 * hidden, 3 * hidden, (size, hidden), size]
            drawn = [rng.uniform(-bound, bound, shape) for shape in shapes]
            if arm == "r = 1":
                for array in drawn[:4]:
                    array[:hidden] = 0
                drawn[2][:hidden] = BIAS_OPEN
            if arm == "z from 0.95":
                drawn[2][hidden : 2 * hidden] += BIAS_KEEP
            for array, arrays in zip(drawn, models.values(), strict=True):
                arrays.append(array)
    return {name: torch.tensor(np.stack(arrays), dtype=torch.float32) for name, arrays in models.items()}


def logits_of(weights: Weights, characters: torch.Tensor) -> torch.Tensor:
    """What every model says of the next character: (T, M, B) -> (T, M, B, K)."""
    hidden = weights["W_hh"].shape[2]
    x = torch.nn.functional.one_hot(characters, len(CHARACTERS)).float()
    from_x = torch.einsum("tmbk,mgk->tmbg", x, weights["W_ih"]) + weights["b_ih"][:, None]
    W, b = weights["W_hh"].transpose(1, 2), weights["b_hh"][:, None]
    h, states = torch.zeros(*characters.shape[1:], hidden), []
    for i_rz, i_n in zip(from_x[..., : 2 * hidden].unbind(), from_x[..., 2 * hidden :].unbind(), strict=True):
        of_h = torch.baddbmm(b, h, W)
        r, z = (i_rz + of_h[..., : 2 * hidden]).sigmoid().chunk(2, dim=2)
        n = (i_n + r * of_h[..., 2 * hidden :]).tanh()
        h = torch.lerp(n, h, z)
        states.append(h)
    return torch.einsum("tmbh,mkh->tmbk", torch.stack(states), weights["out"]) + weights["b_out"][:, None]


def train(plan: Plan) -> Weights:
    """All models, trained with Adam; the rate falls to zero along a cosine."""
    generators = [np.random.default_rng([seed, 1]) for seed in range(plan.seeds)]
    weights = {name: tensor.requires_grad_() for name, tensor in first_weights(plan).items()}
    adam = torch.optim.Adam(weights.values(), lr=plan.rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, plan.updates)
    for _ in track(range(plan.updates), description="updates"):
        read = np.stack([draw(rng, plan.length + 1, plan.batch)[0] for rng in generators], axis=1)
        read = torch.from_numpy(np.concatenate([read] * len(ARMS), axis=1))
        logits = logits_of(weights, read[:-1])
        losses = torch.nn.functional.cross_entropy(logits.flatten(0, 2), read[1:].flatten(), reduction="none")
        adam.zero_grad()
        losses.view(plan.length, -1, plan.batch).mean(dim=(0, 2)).sum().backward()
        clip_each(weights, plan.clip)
        adam.step()
        schedule.step()
    return {name: tensor.detach() for name, tensor in weights.items()}


# What trained models do


@dataclass(frozen=True)
class Asides:
    """One place for each aside that is measured: text b, opening bracket at `opened`, closing one at `closed`."""

    texts: torch.Tensor
    opened: torch.Tensor
    closed: torch.Tensor
    kind: torch.Tensor  # ROUND or SQUARE


@dataclass(frozen=True)
class Test:
    """A text that no model has seen: characters and open brackets (T, B), and the loss that nobody can beat."""

    characters: torch.Tensor
    bracket: torch.Tensor
    floor: float
    since: torch.Tensor  # characters read since the bracket opened, (T, B); 0 at the bracket, -1 outside


def draw_test(plan: Plan) -> Test:
    characters, bracket, surprise = draw(np.random.default_rng([0, 2]), plan.test_length, plan.test_texts)
    since, count = np.full(bracket.shape, -1), np.full(bracket.shape[1], -1)
    for step, now in enumerate(bracket):
        count = np.where(now == OUTSIDE, -1, count + 1)
        since[step] = count
    floor = float(surprise[plan.skipped :].mean())
    return Test(torch.from_numpy(characters), torch.from_numpy(bracket), floor, torch.from_numpy(since))


def asides(test: Test, shortest: int, after: int = 1) -> Asides:
    """All asides of at least so many characters that close at a place after `after`."""
    was_open = test.bracket[:-1]
    closes = (was_open != OUTSIDE) & (test.bracket[1:] == OUTSIDE) & (test.since[:-1] >= shortest)
    closes[:after] = False
    steps, texts = closes.nonzero(as_tuple=True)
    return Asides(texts, steps - test.since[steps, texts], steps + 1, was_open[steps, texts])


def one_model(weights: Weights, number: int) -> Weights:
    return {name: tensor[number] for name, tensor in weights.items()}


def one_hot(characters: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(characters, len(CHARACTERS)).float()


def read(model: Weights, x: torch.Tensor, first: torch.Tensor | None = None, **held: torch.Tensor) -> Weights:
    """r, z, h (T, B, H) and logits (T, B, K) of one model that reads x (T, B, K).

    held: values for r, z or h, (H,) each, at which units are held at every step; NaN where a unit is free.
    """
    hidden = model["W_hh"].shape[1]
    h = torch.zeros(x.shape[1], hidden) if first is None else first
    found: dict[str, list] = {"r": [], "z": [], "h": []}

    def keep(name: str, value: torch.Tensor) -> torch.Tensor:
        if name in held:
            value = torch.where(held[name].isnan(), value, held[name])
        found[name].append(value)
        return value

    for of_x in (x @ model["W_ih"].T + model["b_ih"]).unbind():
        of_h = h @ model["W_hh"].T + model["b_hh"]
        (i_r, i_z, i_n), (h_r, h_z, h_n) = of_x.split(hidden, dim=1), of_h.split(hidden, dim=1)
        r, z = keep("r", (i_r + h_r).sigmoid()), keep("z", (i_z + h_z).sigmoid())
        h = keep("h", torch.lerp((i_n + r * h_n).tanh(), h, z))
    states = {name: torch.stack(values) for name, values in found.items()}
    return states | {"logits": states["h"] @ model["out"].T + model["b_out"]}


CLOSING = torch.tensor([CHARACTERS.index(")"), CHARACTERS.index("]")])  # by kind - 1


def says_square(logits: torch.Tensor) -> torch.Tensor:
    """Whether a square closing bracket is thought likelier than a round one: (..., K) -> (...)."""
    return logits[..., CLOSING[1]] > logits[..., CLOSING[0]]


def scores(plan: Plan, test: Test, logits: torch.Tensor) -> dict[str, float]:
    """The loss above the floor, and at closing brackets: the loss there, and how often the kind is right."""
    losses = torch.nn.functional.cross_entropy(
        logits[plan.skipped : -1].flatten(0, 1), test.characters[plan.skipped + 1 :].flatten()
    )
    every = asides(test, shortest=1, after=plan.skipped)
    at_close = logits[every.closed - 1, every.texts]
    return {
        "above_floor": float(losses) - test.floor,
        "closing_loss": float(torch.nn.functional.cross_entropy(at_close, CLOSING[every.kind - ROUND])),
        "kind_right": share(says_square(at_close) == (every.kind == SQUARE)),
    }


def share(right: torch.Tensor) -> float:
    return float(right.float().mean())


def units(plan: Plan, test: Test, states: Weights) -> dict[str, torch.Tensor]:
    """Of each unit (H,): its gates on average, three time constants and the measured one, and what it does in asides.

    tells: how often a threshold on the unit's state, chosen on half of the texts, tells round from square on the other
    half, eight or more characters after the bracket.  keeps: what share of its state at the opening bracket is left
    before the closing one, the product of its z; the median over the asides of eight or more characters.
    """
    r, z = (states[name][plan.skipped :] for name in "rz")
    deep, long = test.since >= 8, asides(test, shortest=8)
    sums = torch.cumsum(states["z"].clamp(min=1e-30).double().log(), dim=0)
    product = (sums[long.closed - 1, long.texts] - sums[long.opened, long.texts]).exp()
    return {
        "mean_z": z.mean(dim=(0, 1)),
        "mean_r": r.mean(dim=(0, 1)),
        "z_above_0.9": (z > 0.9).float().mean(dim=(0, 1)),
        "z_below_0.1": (z < 0.1).float().mean(dim=(0, 1)),
        "r_above_0.9": (r > 0.9).float().mean(dim=(0, 1)),
        "r_below_0.1": (r < 0.1).float().mean(dim=(0, 1)),
        "time_of_mean": 1 / (1 - z.double().mean(dim=(0, 1))),
        "mean_time": (1 / (1 - z.double()).clamp(min=1e-6)).mean(dim=(0, 1)),
        "time_of_logs": -1 / z.clamp(min=1e-30).double().log().mean(dim=(0, 1)),
        "measured_time": measured_time(sums[plan.skipped :]),
        "z_at_opening": states["z"][long.opened, long.texts].mean(dim=0),
        "tells": tells(states["h"], deep, test),
        "keeps": product.median(dim=0).values,
    }


def measured_time(sums: torch.Tensor, longest: int = 200) -> torch.Tensor:
    """After how many steps less than 1/e of a state is left, on average over all places where one may start."""
    left = torch.stack([(sums[k:] - sums[:-k]).exp().mean(dim=(0, 1)) for k in range(1, longest)])
    return torch.cat([left > np.exp(-1), torch.zeros(1, left.shape[1])]).float().argmin(dim=0) + 1


def tells(h: torch.Tensor, places: torch.Tensor, test: Test) -> torch.Tensor:
    """How often each unit's state alone tells the kind at those places, (H,)."""
    learn, judge = halves(places)
    square = [(test.bracket == SQUARE)[half] for half in (learn, judge)]
    found = []
    for unit in range(h.shape[2]):
        value = h[..., unit]
        cuts = torch.quantile(value[learn], torch.linspace(0.01, 0.99, 99))
        agree = ((value[learn][:, None] > cuts) == square[0][:, None]).float().mean(dim=0)
        best = int((agree - 0.5).abs().argmax())
        says = (value[judge] > cuts[best]) == (agree[best] > 0.5)
        found.append(share(says == square[1]))
    return torch.tensor(found)


def halves(places: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The places in the first half of the texts, and those in the second: (T, B) each."""
    first = torch.arange(places.shape[1]) < places.shape[1] // 2
    return places & first, places & ~first


BINS = [(1, 1), (2, 3), (4, 7), (8, 11), (12, 15), (16, 23)]


def probe(h: torch.Tensor, test: Test) -> list[float]:
    """How often the best linear reading of all units tells the kind, by characters since the bracket, on new texts."""
    found = []
    for low, high in BINS:
        learn, judge = halves((test.since >= low) & (test.since <= high))
        inputs, wanted = with_one(h[learn]), (test.bracket[learn] == SQUARE).double() * 2 - 1
        gram = inputs.T @ inputs + 1e-3 * torch.eye(inputs.shape[1], dtype=torch.double)
        reading = torch.linalg.solve(gram, inputs.T @ wanted)
        found.append(share((with_one(h[judge]) @ reading > 0) == (test.bracket[judge] == SQUARE)))
    return found


def with_one(h: torch.Tensor) -> torch.Tensor:
    return torch.cat([h.double(), torch.ones(len(h), 1, dtype=torch.double)], dim=1)


def held_still(plan: Plan, test: Test, model: Weights, states: Weights) -> dict:
    """Scores when a gate is held in all units, and when a unit's state is held at its mean, one unit after another."""
    means = {name: states[name][plan.skipped :].mean(dim=(0, 1)) for name in "rzh"}
    x, free = one_hot(test.characters), torch.full_like(means["h"], torch.nan)

    def score(**held: torch.Tensor) -> dict[str, float]:
        return scores(plan, test, read(model, x, **held)["logits"])

    of_units = []
    for unit in range(len(free)):
        held = free.clone()
        held[unit] = means["h"][unit]
        of_units.append(score(h=held))
    return {
        "gates": {
            "r = 1": score(r=torch.ones_like(free)),
            "r at its mean": score(r=means["r"]),
            "z at its mean": score(z=means["z"]),
        },
        "units": {name: [each[name] for each in of_units] for name in of_units[0]},
    }


def exchanged(test: Test, model: Weights, states: Weights, chosen: torch.Tensor, before: int = 4) -> float:
    """How often the closing bracket that a model expects changes when units are given the other kind's state.

    Four characters before the bracket closes, each chosen unit gets what it has on average inside asides of the other
    kind, plus what it differs by from its own kind's average.
    """
    long, deep = asides(test, shortest=8), test.since >= 8
    means = torch.stack([states["h"][deep & (test.bracket == kind)].mean(dim=0) for kind in (ROUND, SQUARE)])
    own = long.kind - ROUND
    h = states["h"][long.closed - before, long.texts]
    h = torch.where(chosen, h + means[1 - own] - means[own], h)
    steps = long.closed + torch.arange(1 - before, 0)[:, None]
    logits = read(model, one_hot(test.characters[steps, long.texts]), h)["logits"][-1]
    return share(says_square(logits) != says_square(states["logits"][long.closed - 1, long.texts]))


LAGS = 40


def connectivity(test: Test, model: Weights) -> dict:
    """‖∂a / ∂x_{t-k}‖ by the lag k, as Madsen (2019) has it, at closing brackets of asides of 12 to 30 characters.

    a is the closing bracket's logit minus the other kind's.  Mean over one aside a text; and for the same places how
    often the opening bracket has the largest value of all characters inside the aside and itself, and how often the
    expected kind changes when the opening bracket is exchanged for the other.
    """
    long = asides(test, shortest=12, after=LAGS + 1)
    first = [int((long.texts == text).nonzero()[0]) for text in long.texts.unique()]
    texts, opened, closed, kind = (getattr(long, name)[first] for name in ("texts", "opened", "closed", "kind"))
    near = closed - opened <= 30
    texts, opened, closed, kind = texts[near], opened[near], closed[near], kind[near]
    columns = torch.arange(len(texts))
    characters = test.characters[:, texts]
    x = one_hot(characters).requires_grad_()
    at_close = read(model, x)["logits"][closed - 1, columns]
    (at_close[columns, CLOSING[kind - 1]] - at_close[columns, CLOSING[2 - kind]]).sum().backward()
    norms = x.grad.norm(dim=2)
    by_lag = torch.stack([norms[closed - 1 - lag, columns] for lag in range(LAGS)])
    within = torch.arange(LAGS)[:, None] <= closed - 1 - opened
    largest = torch.where(within, by_lag, torch.zeros(())).argmax(dim=0)
    other = characters.clone()
    other[opened, columns] = torch.tensor([CHARACTERS.index("["), CHARACTERS.index("(")])[kind - 1]
    changed = read(model, one_hot(other))["logits"][closed - 1, columns]
    return {
        "mean": by_lag.mean(dim=1),
        "at_opening": float(norms[opened, columns].mean()),
        "others_inside": float(by_lag[within & (torch.arange(LAGS)[:, None] < closed - 1 - opened)].mean()),
        "opening_is_largest": share(largest == closed - 1 - opened),
        "changes_if_exchanged": share(says_square(changed) != says_square(at_close)),
        "asides": len(texts),
    }


def measure(plan: Plan, test: Test, model: Weights, trained: bool) -> dict:
    """All that is said of one model."""
    with torch.no_grad():
        states = read(model, one_hot(test.characters))
        of_units = units(plan, test, states)
        latch = (of_units["tells"] > 0.9) & (of_units["keeps"] > 0.5)
        found = {"scores": scores(plan, test, states["logits"]), "units": of_units, "probe": probe(states["h"], test)}
        if trained:
            best = torch.zeros_like(latch)
            best[of_units["tells"].argmax()] = True
            found["held"] = held_still(plan, test, model, states)
            found["exchanged"] = {
                "best unit": exchanged(test, model, states, best),
                "latches": exchanged(test, model, states, latch),
                "all but latches": exchanged(test, model, states, ~latch),
                "all units": exchanged(test, model, states, torch.ones_like(latch)),
            }
    return found | {"connectivity": connectivity(test, model)}


def rounded(found: object, digits: int = 4) -> object:
    """The same with lists for tensors and few digits, ready for JSON."""
    if isinstance(found, dict):
        return {name: rounded(value, digits) for name, value in found.items()}
    if isinstance(found, torch.Tensor):
        found = found.tolist()
    if isinstance(found, list):
        return [rounded(value, digits) for value in found]
    return float(f"{found:.{digits}g}") if isinstance(found, float) else found


def keep_best(arm: str, found: list[dict], plan: Plan, weights: Weights) -> dict:
    """The weights of the seed whose loss is lowest, as nested lists."""
    seed = int(np.argmin([model["scores"]["above_floor"] for model in found]))
    return {"seed": seed, "weights": one_model(weights, ARMS.index(arm) * plan.seeds + seed)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few updates of two seeds, written nowhere")
    parser.add_argument("--kept", action="store_true", help="train nothing: measure the models of the last run")
    options = parser.parse_args()
    plan = Plan(seeds=2, updates=4, batch=4, test_texts=32, test_length=200) if options.quick else Plan()
    torch.set_num_threads(1)
    start = time.process_time()
    if options.kept:
        if not KEPT.is_file():
            parser.error(f"There are no models in {KEPT}. Run it once without --kept.")
        seconds, weights = torch.load(KEPT)
    else:
        weights = train(plan)
        seconds = time.process_time() - start
        if not options.quick:
            KEPT.parent.mkdir(exist_ok=True)
            torch.save((seconds, weights), KEPT)
    start = time.process_time()
    test, untrained = draw_test(plan), first_weights(plan)
    models = {}
    for number in track(range(len(ARMS) * plan.seeds), description="models"):
        arm, seed = ARMS[number // plan.seeds], number % plan.seeds
        models.setdefault(arm, []).append(measure(plan, test, one_model(weights, number), trained=True))
        if arm == "GRU":
            models.setdefault("untrained", []).append(measure(plan, test, one_model(untrained, number), trained=False))
        print(arm, seed, rounded(models[arm][-1]["scores"]))
    found = {
        "command": "python experiments/gates.py",
        "settings": asdict(plan) | {"arms": ARMS, "bins": BINS},
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__},
        "cpu_seconds": round(seconds + time.process_time() - start),
        "characters": CHARACTERS,
        "floor": test.floor,
        "models": models,
        "text": [spelled(text) for text in test.characters.T[:8].numpy()],
        "kept": {arm: keep_best(arm, models[arm], plan, weights) for arm in ("GRU", "z from 0.95")},
    }
    if not options.quick:
        RESULTS.write_text(json.dumps(rounded(found)) + "\n")


if __name__ == "__main__":
    main()
