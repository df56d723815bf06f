"""Training a GRU, measured: where it starts, what is done inside the cell, and runs that are ill in one way each.

    python experiments/training.py start     first weights and biases; about a CPU minute
    python experiments/training.py inside    dropout and layer norm, and their places; two CPU minutes
    python experiments/training.py lengths   where the last state is read; half a CPU minute
    python experiments/training.py carry     a long text in pieces, with and without the state; seconds
    python experiments/training.py gallery   the curves of right runs and of six with one fault each; one CPU minute
    python experiments/training.py --quick NAME   a few updates of two seeds: to see that it runs, not for figures

Each writes experiments/results/training_NAME.json.  In `start` and `inside` all models, every arm and every
seed, learn side by side as one batch of models; each has its own first weights, data, gradient norm and Adam state.
Models of one seed start from the same draws and read the same data, so that arms differ in what they are about alone.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import lstm
import numpy as np
import torch
from rich.progress import track
from side_by_side import clip_each
from torch import nn

from solutions.reference import orthogonal

RESULTS = Path(__file__).parent / "results"
VERSE = "tiny_characters.json"  # the text of `carry`
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Arm:
    """One kind of model in `start` and `inside`.

    keep: added to the update gate's bias, a number or "chrono"; orthogonal: the three blocks of W_hh; dropout and norm:
    where; scale: what the inputs are multiplied with.
    """

    name: str
    keep: float | str = 0.0
    orthogonal: bool = False
    dropout: str = ""
    norm: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class Plan:
    arms: tuple[Arm, ...]
    length: int
    updates: int
    hidden: int = 16
    seeds: int = 8
    batch: int = 20
    rate: float = 5e-3
    every: int = 20
    clip: float = 1.0
    share: float = 0.25  # that dropout takes


PLACES = ["on the output", "on the state, anew each step", "before W_hh, anew each step", "before W_hh, one mask"]
NORMS = ["on the preactivations", "on the state"]
PLANS = {
    "start": Plan(
        (
            Arm("as PyTorch draws"),
            Arm("orthogonal W_hh", orthogonal=True),
            Arm("bias of z -2", -2.0),
            Arm("bias of z 1", 1.0),
            Arm("bias of z 2", 2.0),
            Arm("bias of z 4", 4.0),
            Arm("chrono", "chrono"),
        ),
        length=60,
        updates=800,
    ),
    "inside": Plan(
        (
            Arm("no dropout"),
            *(Arm(f"dropout {place}", dropout=place) for place in PLACES),
            Arm("norm on the preactivations", norm=NORMS[0]),
            Arm("norm on the state", norm=NORMS[1]),
            Arm("inputs times 30", scale=30.0),
            Arm("inputs times 30, norm on the preactivations", norm=NORMS[0], scale=30.0),
        ),
        length=30,
        updates=1000,
    ),
}


def adding(rng: np.random.Generator, length: int, batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The adding problem, x (T, B, 2), and what is wanted at its end, (B,)."""
    x, wanted = lstm.adding(rng, length, batch)
    return x, wanted[-1]


def as_float(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float32)


def first_weights(plan: Plan) -> Weights:
    """As PyTorch draws them but for what an arm is about; one model for each arm and seed; the rows are r, z, n."""
    hidden, bound, models = plan.hidden, plan.hidden**-0.5, {}
    for arm in plan.arms:
        for seed in range(plan.seeds):
            rng = np.random.default_rng([seed, 0])
            rows = 3 * hidden
            shapes = {"W_ih": (rows, 2), "W_hh": (rows, hidden), "b_ih": rows, "b_hh": rows, "out": hidden, "b_out": 1}
            drawn = {name: rng.uniform(-bound, bound, shape) for name, shape in shapes.items()}
            blocks = np.concatenate([orthogonal(rng, hidden) for _ in range(3)])
            longest = np.log(rng.uniform(1, plan.length - 1, hidden))
            if arm.orthogonal:
                drawn["W_hh"] = blocks
            drawn["b_ih"][hidden : 2 * hidden] += longest if arm.keep == "chrono" else arm.keep
            drawn |= {"gain_i": np.ones(rows), "gain_h": np.ones(rows)}
            for name, array in drawn.items():
                models.setdefault(name, []).append(array)
    return {name: as_float(np.stack(arrays)) for name, arrays in models.items()}


def who(plan: Plan, chosen: Callable[[Arm], bool]) -> torch.Tensor | None:
    """Which models belong to the chosen arms, (M, 1, 1); None where no arm does."""
    flags = [chosen(arm) for arm in plan.arms]
    return torch.tensor(flags).repeat_interleave(plan.seeds)[:, None, None] if any(flags) else None


def normalised(a: torch.Tensor, parts: int) -> torch.Tensor:
    """Each of the parts of the last axis, brought to mean 0 and variance 1."""
    parted = a.unflatten(-1, (parts, -1))
    return torch.layer_norm(parted, parted.shape[-1:]).flatten(-2)


def outputs(plan: Plan, weights: Weights, x: torch.Tensor, rng: torch.Generator | None = None) -> torch.Tensor:
    """What every model answers after the last step: x (T, M, B, 2) -> (M, B).  rng: for dropout; None for none."""
    hidden, (_, models, batch, _) = plan.hidden, x.shape
    scale = torch.tensor([arm.scale for arm in plan.arms]).repeat_interleave(plan.seeds)[:, None, None]
    dropped = {place: who(plan, lambda arm, place=place: arm.dropout == place) for place in PLACES}
    dropped = {place: models for place, models in dropped.items() if rng is not None and models is not None}
    inner, outer = (who(plan, lambda arm, norm=norm: arm.norm == norm) for norm in NORMS)

    def thinned(h: torch.Tensor, place: str, mask: torch.Tensor | None = None) -> torch.Tensor:
        if place not in dropped:
            return h
        return torch.where(dropped[place], h * (new_mask() if mask is None else mask), h)

    def new_mask() -> torch.Tensor:
        kept = torch.rand(models, batch, hidden, generator=rng) >= plan.share
        return kept / (1 - plan.share)

    one_mask = new_mask() if dropped else None
    from_x = torch.einsum("tmbd,mkd->tmbk", scale * x, weights["W_ih"])
    if inner is not None:
        from_x = torch.where(inner, normalised(from_x, 3) * weights["gain_i"][:, None], from_x)
    from_x = from_x + weights["b_ih"][:, None]
    W, h = weights["W_hh"].transpose(1, 2), torch.zeros(models, batch, hidden)
    for i in from_x.unbind():
        read = thinned(thinned(h, PLACES[2]), PLACES[3], one_mask)
        from_h = torch.bmm(read, W)
        if inner is not None:
            from_h = torch.where(inner, normalised(from_h, 3) * weights["gain_h"][:, None], from_h)
        from_h = from_h + weights["b_hh"][:, None]
        r, z = torch.sigmoid(i[..., : 2 * hidden] + from_h[..., : 2 * hidden]).chunk(2, dim=-1)
        n = torch.tanh(i[..., 2 * hidden :] + r * from_h[..., 2 * hidden :])
        h = (1 - z) * n + z * h
        h = thinned(h, PLACES[1])
        if outer is not None:
            h = torch.where(outer, normalised(h, 1), h)
    h = thinned(h, PLACES[0])
    return torch.einsum("mbh,mh->mb", h, weights["out"]) + weights["b_out"]


def draw(plan: Plan, generators: list[np.random.Generator], batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A batch for every seed, the same for all arms: (T, M, B, 2) and (M, B)."""
    batches = [adding(rng, plan.length, batch) for rng in generators]
    x, y = torch.stack([x for x, _ in batches], dim=1), torch.stack([y for _, y in batches])
    return x.repeat(1, len(plan.arms), 1, 1), y.repeat(len(plan.arms), 1)


def side_by_side(plan: Plan) -> dict:
    """All models' test errors, every so many updates.  Nothing is dropped in a test."""
    generators = [np.random.default_rng([seed, 1]) for seed in range(plan.seeds)]
    x_test, y_test = draw(plan, [np.random.default_rng([seed, 2]) for seed in range(plan.seeds)], 200)
    weights = {name: tensor.requires_grad_() for name, tensor in first_weights(plan).items()}
    adam, dropout = torch.optim.Adam(weights.values(), lr=plan.rate), torch.Generator().manual_seed(0)
    updates, errors = [], []
    for update in track(range(plan.updates + 1), description="updates"):
        if update % plan.every == 0:
            with torch.no_grad():
                errors.append(((outputs(plan, weights, x_test) - y_test) ** 2).mean(dim=1).tolist())
            updates.append(update)
        x, y = draw(plan, generators, plan.batch)
        adam.zero_grad()
        ((outputs(plan, weights, x, dropout) - y) ** 2).mean(dim=1).sum().backward()
        clip_each(weights, plan.clip)
        adam.step()
    curves = np.array(errors).T.reshape(len(plan.arms), plan.seeds, -1)
    return {
        "seeds": list(range(plan.seeds)),
        "updates": updates,
        "errors": {arm.name: curve.round(6).tolist() for arm, curve in zip(plan.arms, curves, strict=True)},
    }


# Models one by one, of torch.nn.GRU.


class Reader(nn.Module):
    """A GRU and an affine map: x (T, B, D) and a state -> outputs (T, B, K) and the last state."""

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.gru, self.out = nn.GRU(inputs, hidden), nn.Linear(hidden, outputs)

    def forward(self, x: torch.Tensor, h: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        states, h = self.gru(x, h)
        return self.out(states), h


def lengths(seeds: int = 8, updates: int = 400, longest: int = 30) -> dict:
    """The adding problem with sequences of 6 to `longest` steps, padded with zeros: the error of two ways to read."""
    ways, curves, every = ["at its own end", "at step T"], {}, 20
    for way in ways:
        for seed in track(range(seeds), description=way):
            torch.manual_seed(seed)
            model, rng = Reader(2, 16, 1), np.random.default_rng([seed, 1])
            adam, curve = torch.optim.Adam(model.parameters(), lr=1e-2), []
            test = padded(np.random.default_rng([seed, 2]), longest, 300)
            for update in range(updates + 1):
                if update % every == 0:
                    with torch.no_grad():
                        curve.append(error_of(model, way, *test).item())
                adam.zero_grad()
                error_of(model, way, *padded(rng, longest, 20)).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                adam.step()
            curves.setdefault(way, []).append(np.round(curve, 6).tolist())
    return {"seeds": list(range(seeds)), "updates": list(range(0, updates + 1, every)), "errors": curves}


def padded(rng: np.random.Generator, longest: int, batch: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Adding problems of lengths from 6 to `longest`, zeros after each end: x (T, B, 2), sums (B,), lengths (B,)."""
    ends = rng.integers(6, longest + 1, batch)
    x, y = torch.zeros(longest, batch, 2), torch.zeros(batch)
    for row, end in enumerate(ends):
        one, total = adding(rng, int(end), 1)
        x[:end, row], y[row] = one[:, 0], total[0]
    return x, y, torch.tensor(ends)


def error_of(model: Reader, way: str, x: torch.Tensor, y: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
    answers, _ = model(x)
    answer = answers[-1] if way == "at step T" else answers[ends - 1, torch.arange(len(ends))]
    return ((answer[:, 0] - y) ** 2).mean()


def carry(seeds: int = 8, updates: int = 400, k: int = 8, lanes: int = 8) -> dict:
    """A verse read in pieces of k characters: the loss at each place of a piece, the state carried or begun anew."""
    record = json.loads((RESULTS / VERSE).read_text())
    text, known = record["verse"], record["characters"]
    codes = torch.tensor([known.index(character) for character in text])
    long = len(codes) // lanes
    stream = codes[: lanes * long].view(lanes, long).T  # (time, lane)
    pieces = [(stream[t : t + k], stream[t + 1 : t + k + 1]) for t in range(0, long - k, k)]
    found = {}
    for way in ["carried", "begun anew"]:
        for seed in track(range(seeds), description=way):
            torch.manual_seed(seed)
            model = Reader(len(known), 32, len(known))
            adam, h = torch.optim.Adam(model.parameters(), lr=1e-2), None
            for update in range(updates):
                if update % len(pieces) == 0 or way == "begun anew":
                    h = None
                x, y = pieces[update % len(pieces)]
                adam.zero_grad()
                logits, h = model(nn.functional.one_hot(x, len(known)).float(), h)
                nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten()).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                adam.step()
                h = h.detach()
            found.setdefault(way, []).append(loss_by_place(model, pieces, len(known), way == "carried"))
    return {"seeds": list(range(seeds)), "k": k, "lanes": lanes, "updates": updates, "loss_by_place": found}


@torch.no_grad()
def loss_by_place(model: Reader, pieces: list, known: int, carried: bool) -> list[float]:
    """The mean loss at each place of a piece, over all pieces but the first."""
    h, losses = None, []
    for x, y in pieces:
        logits, h = model(nn.functional.one_hot(x, known).float(), h if carried else None)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
        losses.append(loss.view(x.shape).mean(dim=1))
    return torch.stack(losses[1:]).mean(dim=0).numpy().round(4).tolist()


@dataclass(frozen=True)
class Fault:
    """One run of the gallery, by what is wrong with it."""

    rate: float = 0.03
    momentum: bool = False
    clip: float | None = 1.0
    shuffled: bool = True
    leak: bool = False
    mask: bool = True
    reset: bool = True


GALLERY = {
    "nothing": Fault(),
    "learning rate too high": Fault(rate=1.0),
    "no clipping": Fault(rate=0.5, momentum=True, clip=None),
    "momentum, clipped": Fault(rate=0.5, momentum=True),
    "not shuffled": Fault(shuffled=False),
    "leak": Fault(leak=True),
    "no mask": Fault(mask=False),
    "state not reset": Fault(reset=False),
}
LONGEST = 24


def running_sums(rng: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Numbers in [0, 1], a third of them marked; wanted at each step: the sum of the marked ones so far, less its mean.

    x (T, N, 2), wanted (T, N), lengths (N,) from 6 to T; all zeros in the padding
    """
    ends = rng.integers(6, LONGEST + 1, count)
    real = np.arange(LONGEST)[:, None] < ends
    numbers, marks = rng.uniform(size=(2, LONGEST, count)) * real
    marks = (marks > 2 / 3).astype(float)
    wanted = (np.cumsum(numbers * marks, axis=0) - np.arange(1, LONGEST + 1)[:, None] / 6) * real
    return as_float(np.stack([numbers, marks], axis=2)), as_float(wanted), torch.tensor(ends)


def gallery(seeds: int = 5, epochs: int = 16, count: int = 512, batch: int = 32) -> dict:
    """The losses of runs with one fault each, and with none.

    train and valid: as the person at the screen sees them, fault and all; honest: what the model is worth, on real
    steps, each sequence begun from zeros, with nothing told.
    """
    curves: dict = {}
    for name, fault in GALLERY.items():
        for seed in track(range(seeds), description=name):
            torch.manual_seed(seed)
            rng = np.random.default_rng([seed, 1])
            train, valid = running_sums(rng, count), running_sums(rng, 256)
            if not fault.shuffled:  # as they would lie in a file that is sorted by what is wanted
                train = columns(train, torch.argsort(train[1].sum(dim=0)))
            model = Reader(2 + fault.leak, 24, 1)
            one = run_of(model, fault, rng, train, valid, epochs, batch)
            for key, curve in one.items():
                curves.setdefault(name, {}).setdefault(key, []).append(
                    [round(v, 5) if np.isfinite(v) else None for v in curve]
                )
    return {"seeds": list(range(seeds)), "every": 4, "batches": count // batch, "curves": curves}


def run_of(model: Reader, fault: Fault, rng: np.random.Generator, train: tuple, valid: tuple, epochs: int, batch: int):
    if fault.momentum:
        optimiser = torch.optim.SGD(model.parameters(), lr=fault.rate, momentum=0.9)
    else:
        optimiser = torch.optim.Adam(model.parameters(), lr=fault.rate)
    h, found = None, {"train": [], "valid": [], "honest": []}
    for update, rows in enumerate(order_of(rng, train[2], fault.shuffled, epochs, batch)):
        loss, h = loss_of(model, fault, *columns(train, torch.tensor(rows)), h=None if fault.reset else h)
        if update % 4 == 0:
            with torch.no_grad():
                found["train"].append(loss.item())
                found["valid"].append(loss_of(model, fault, *valid)[0].item())
                found["honest"].append(loss_of(model, Fault(), *told_nothing(fault, valid))[0].item())
        optimiser.zero_grad()
        loss.backward()
        if fault.clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), fault.clip)
        optimiser.step()
        h = h.detach()
    return found


def order_of(rng: np.random.Generator, ends: torch.Tensor, shuffled: bool, epochs: int, batch: int) -> Iterator:
    for _ in range(epochs):
        order = rng.permutation(len(ends)) if shuffled else np.arange(len(ends))
        yield from order.reshape(-1, batch)


def columns(data: tuple, rows: torch.Tensor) -> tuple:
    """Some of the sequences: x (T, N, 2), wanted (T, N), lengths (N,)."""
    return data[0][:, rows], data[1][:, rows], data[2][rows]


def told_nothing(fault: Fault, data: tuple) -> tuple:
    """The data as they would come in use: where the model has a place for the answer, it holds zeros."""
    x, wanted, ends = data
    return (torch.cat([x, torch.zeros_like(x[:, :, :1])], dim=2) if fault.leak else x), wanted, ends


def loss_of(model: Reader, fault: Fault, x, wanted, ends, h=None) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss that is reported: over real steps, or, where the mask is missing, over all."""
    answers, h = model(torch.cat([x, wanted[:, :, None]], dim=2) if fault.leak else x, h)
    each = (answers[:, :, 0] - wanted) ** 2
    real = torch.arange(len(wanted))[:, None] < ends if fault.mask else torch.ones_like(wanted, dtype=torch.bool)
    return each[real].mean(), h


LOOPS = {"lengths": lengths, "carry": carry, "gallery": gallery}
FEW = {
    "lengths": {"seeds": 2, "updates": 20},
    "carry": {"seeds": 2, "updates": 8},
    "gallery": {"seeds": 2, "epochs": 1, "count": 128},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", choices=[*PLANS, *LOOPS])
    parser.add_argument("--quick", action="store_true", help="a few updates of two seeds, written nowhere")
    options = parser.parse_args()
    name = options.experiment
    torch.set_num_threads(1)
    start = time.process_time()
    if name in PLANS:
        plan = PLANS[name]
        if options.quick:
            plan = Plan(**{**vars(plan), "updates": 4, "every": 2, "seeds": 2})
        found = {"settings": {**vars(plan), "arms": [vars(arm) for arm in plan.arms]}, **side_by_side(plan)}
        print(json.dumps({arm: np.array(curve)[:, -1].round(4).tolist() for arm, curve in found["errors"].items()}))
    else:
        found = LOOPS[name](**(FEW[name] if options.quick else {}))
        if name == "gallery":
            found["settings"] = {fault: vars(each) for fault, each in GALLERY.items()}
    versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
    head = {"command": f"python experiments/training.py {name}", "versions": versions}
    found = {**head, "cpu_seconds": round(time.process_time() - start), **found}
    if not options.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"training_{name}.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
