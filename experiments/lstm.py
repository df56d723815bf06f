"""What the parts of an LSTM are for, measured: the forget gate's first bias, and each gate taken away.

    python experiments/lstm.py forget_bias    about four CPU minutes; writes experiments/results/lstm_forget_bias.json
    python experiments/lstm.py ablation       about three CPU minutes; writes experiments/results/lstm_ablation.json
    python experiments/lstm.py --quick NAME   seconds, few steps: to see that it runs, not for figures

All models of an experiment, every arm and every seed, learn side by side as one batch of models, in one thread.  Each
has its own first weights, data, gradient norm and Adam state; nothing passes from one to another.  Models of one seed
start from the same weights and read the same data, so that arms differ in what they are about alone.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import json
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from side_by_side import clip_each

RESULTS = Path(__file__).parent / "results"
Batch = tuple[torch.Tensor, torch.Tensor]  # x (T, B, D) and the wanted output (T, B), NaN where none is wanted


@dataclass(frozen=True)
class Arm:
    """One kind of model.

    bias: added to the forget gate's, a number or "chrono"; write: added to the input gate's; without: what is missing.
    """

    name: str
    bias: float | str = 0.0
    without: str = ""
    write: float = 0.0


@dataclass(frozen=True)
class Plan:
    """An experiment: its task, arms and sizes; longest is the lag that chrono initialisation is told of."""

    task: Callable[[np.random.Generator, int, int], Batch]
    arms: tuple[Arm, ...]
    length: int
    hidden: int
    updates: int
    seeds: int = 8
    batch: int = 20
    rate: float = 5e-3
    every: int = 50
    clip: float = 1.0


def adding(rng: np.random.Generator, length: int, batch: int) -> Batch:
    """Random numbers in [0, 1], two of them marked, one in each half; wanted at the end: their sum."""
    numbers, marks = rng.uniform(size=(length, batch)), np.zeros((length, batch))
    rows = np.arange(batch)
    for low, high in [(0, length // 2), (length // 2, length)]:
        marks[rng.integers(low, high, batch), rows] = 1
    wanted = np.full((length, batch), np.nan)
    wanted[-1] = (numbers * marks).sum(axis=0)
    return as_tensors(np.stack([numbers, marks], axis=2), wanted)


def tally(rng: np.random.Generator, length: int, batch: int) -> Batch:
    """Random numbers in [-1, 1] and three flags: take it, start anew, tell.

    Wanted at each step: where "tell" is set the sum of what was taken since the last new start, else 0.
    """
    numbers = rng.uniform(-1, 1, (length, batch))
    take, anew, tell = (rng.uniform(size=(3, length, batch)) < np.array([0.2, 0.08, 0.25])[:, None, None]).astype(float)
    total, wanted = np.zeros(batch), np.zeros((length, batch))
    for t in range(length):
        total = (1 - anew[t]) * total + take[t] * numbers[t]
        wanted[t] = tell[t] * total
    return as_tensors(np.stack([numbers, take, anew, tell], axis=2), wanted)


def as_tensors(x: np.ndarray, wanted: np.ndarray) -> Batch:
    return torch.tensor(x, dtype=torch.float32), torch.tensor(wanted, dtype=torch.float32)


BIASES = [Arm(str(bias), float(bias)) for bias in (0, 1, 2, 4)]
STARTS = (*BIASES, Arm("4, input gate -4", 4.0, write=-4.0), Arm("chrono", "chrono"))
MISSING = ["", "input gate", "forget gate", "output gate", "tanh of c", "own input gate"]
PLANS = {
    "forget_bias": Plan(adding, STARTS, length=60, hidden=16, updates=1500),
    "ablation": Plan(
        tally, tuple(Arm(f"without {part}" if part else "all parts", 1.0, part) for part in MISSING), 30, 16, 1500
    ),
}


def first_weights(plan: Plan, inputs: int) -> dict[str, torch.Tensor]:
    """Uniform in ±1/sqrt(H) as PyTorch draws them, one model for each arm and seed; the rows are i, f, g, o."""
    hidden, bound = plan.hidden, plan.hidden**-0.5
    models: dict[str, list] = {"W_ih": [], "W_hh": [], "b": [], "out": [], "b_out": []}
    for arm in plan.arms:
        for seed in range(plan.seeds):
            rng = np.random.default_rng([seed, 0])
            shapes = {
                "W_ih": (4 * hidden, inputs),
                "W_hh": (4 * hidden, hidden),
                "b": 4 * hidden,
                "out": hidden,
                "b_out": 1,
            }
            drawn = {name: rng.uniform(-bound, bound, shape) for name, shape in shapes.items()}
            if arm.bias == "chrono":
                kept = np.log(rng.uniform(1, plan.length - 1, hidden))
                drawn["b"][: 2 * hidden] = np.concatenate([-kept, kept])
            else:
                drawn["b"][hidden : 2 * hidden] += arm.bias
                drawn["b"][:hidden] += arm.write
            for name, array in drawn.items():
                models[name].append(array)
    return {name: torch.tensor(np.stack(arrays), dtype=torch.float32) for name, arrays in models.items()}


def outputs(plan: Plan, weights: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """What every model answers at every step: x (T, M, B, D) -> (T, M, B)."""
    (_, models, batch, _), hidden = x.shape, plan.hidden
    masks = {part: mask_of(plan, part) for part in MISSING[1:]}
    from_x = torch.einsum("tmbd,mkd->tmbk", x, weights["W_ih"]) + weights["b"][:, None]
    W, h = weights["W_hh"].transpose(1, 2), torch.zeros(models, batch, hidden)
    c, states = h, []
    for part_of_x in from_x.unbind():
        a = torch.baddbmm(part_of_x, h, W)
        i, f, g, o = a.chunk(4, dim=2)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        if masks["own input gate"] is not None:
            i = torch.where(masks["own input gate"], 1 - f, i)
            i, f, o = (
                torch.where(masks[part], torch.ones(()), gate)
                for part, gate in zip(MISSING[1:4], (i, f, o), strict=True)
            )
        c = f * c + i * g
        shown = torch.tanh(c)
        if masks["tanh of c"] is not None:
            shown = torch.where(masks["tanh of c"], c, shown)
        h = o * shown
        states.append(h)
    return torch.einsum("tmbh,mh->tmb", torch.stack(states), weights["out"]) + weights["b_out"]


def mask_of(plan: Plan, part: str) -> torch.Tensor | None:
    """Which models lack a part, (M, 1, 1); None where no model of the plan lacks any."""
    if not any(arm.without for arm in plan.arms):
        return None
    return torch.tensor([arm.without == part for arm in plan.arms]).repeat_interleave(plan.seeds)[:, None, None]


def squared_error(answer: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Of each model, averaged over what is wanted: (T, M, B) each -> (M,)."""
    asked = ~torch.isnan(wanted)
    gap = torch.where(asked, answer - torch.nan_to_num(wanted), torch.zeros(()))
    return (gap**2).sum(dim=(0, 2)) / asked.sum(dim=(0, 2))


def draw(plan: Plan, generators: list[np.random.Generator], batch: int) -> Batch:
    """A batch for every seed, the same for all arms: (T, M, B, D) and (T, M, B)."""
    batches = [plan.task(rng, plan.length, batch) for rng in generators]
    x, wanted = (torch.stack(parts, dim=1) for parts in zip(*batches, strict=True))
    arms = len(plan.arms)
    return x.repeat(1, arms, 1, 1), wanted.repeat(1, arms, 1)


def train(plan: Plan) -> dict:
    """All models' test errors, every so many updates."""
    generators = [np.random.default_rng([seed, 1]) for seed in range(plan.seeds)]
    test = draw(plan, [np.random.default_rng([seed, 2]) for seed in range(plan.seeds)], 200)
    weights = {name: tensor.requires_grad_() for name, tensor in first_weights(plan, test[0].shape[3]).items()}
    adam = torch.optim.Adam(weights.values(), lr=plan.rate)
    updates, errors = [], []
    for update in track(range(plan.updates + 1), description="updates"):
        if update % plan.every == 0:
            with torch.no_grad():
                errors.append(squared_error(outputs(plan, weights, test[0]), test[1]).tolist())
            updates.append(update)
        x, wanted = draw(plan, generators, plan.batch)
        adam.zero_grad()
        squared_error(outputs(plan, weights, x), wanted).sum().backward()
        clip_each(weights, plan.clip)
        adam.step()
    curves = np.array(errors).T.reshape(len(plan.arms), plan.seeds, -1)
    known = test[1][~torch.isnan(test[1])]
    return {
        "updates": updates,
        "errors": {arm.name: curve.round(6).tolist() for arm, curve in zip(plan.arms, curves, strict=True)},
        "error_of_the_mean": round(float(known.var()), 6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", choices=PLANS)
    parser.add_argument("--quick", action="store_true", help="a few updates of two seeds, written nowhere")
    options = parser.parse_args()
    plan = PLANS[options.experiment]
    if options.quick:
        plan = Plan(**{**vars(plan), "updates": 4, "every": 2, "seeds": 2})
    torch.set_num_threads(1)
    start = time.process_time()
    found = train(plan)
    settings = {**vars(plan), "task": plan.task.__name__, "arms": [vars(arm) for arm in plan.arms]}
    versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
    found = {"settings": settings, "versions": versions, "cpu_seconds": round(time.process_time() - start), **found}
    print(json.dumps({name: np.array(curve)[:, -1].tolist() for name, curve in found["errors"].items()}, indent=1))
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"lstm_{options.experiment}.json").write_text(json.dumps(found, indent=None) + "\n")


if __name__ == "__main__":
    main()
