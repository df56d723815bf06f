"""What small recurrent networks learn to compute: tasks that ask for one thing each.

    python experiments/computing.py parity     is the number of ones so far odd?     results/computing_parity.json
    python experiments/computing.py parity_end   the same, told at the end only      results/computing_parity_end.json
    python experiments/computing.py counting   a^n b^n: which b is the last?         results/computing_counting.json
    python experiments/computing.py copy       5 symbols again, after 60 steps       results/computing_copy.json
    python experiments/computing.py selective  4 symbols among 20 blanks, again      results/computing_selective.json
    python experiments/computing.py --quick TASK   seconds, few updates, written nowhere: to see that it runs

Each takes a few CPU minutes on one thread.  All seeds of a network learn side by side (side_by_side.py).  The
adding problem is in gru_or_lstm.py.

A results file holds `command`, `versions`, `cpu_seconds`, `settings`, `seeds`, `measure` (what `values` are, in
words), `baseline` (the measure of an answer that remembers nothing), `updates` (when the curves were taken) and
`results`.  There, for each network by name: `kind`, `layers`, `hidden`, `parameters`, `cpu_seconds` (of all its
seeds), `values` (the measure at the end, one number a seed), `curves` (the measure at each of `updates`, one list a
seed), and

    parity      `by_length`: the accuracy for each of `lengths_tested`, one list a seed; `values` are at 100 bits
    counting    `values`: the smallest n that the network gets wrong; `limit` where none below it is wrong
    copy        `accuracy`: share of right symbols at the end, one a seed; `values` are cross-entropies, in nats
    selective   `values`: share of right symbols

`trained`, where there is one, holds the weights of the best model of a network, named as PyTorch names them, for the
book's pictures.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from rich.progress import Progress
from side_by_side import (
    Batch,
    Net,
    Weights,
    as_list,
    asked,
    bit_accuracy,
    bit_loss,
    save,
    symbol_accuracy,
    symbol_loss,
    train,
)
from torch import Tensor

SYMBOLS = 8


@dataclass(frozen=True)
class Task:
    """One experiment; draw(rng, update, batch) makes a training batch, measure what `values` holds."""

    draw: Callable[[np.random.Generator, int, int], Batch]
    loss: Callable[[Tensor, Tensor], Tensor]
    measure: Callable[[Net, Weights, Batch], Tensor]
    words: str
    test: Callable[[], Batch]
    nets: dict[str, Net]
    baseline: float
    rate: float
    updates: int
    every: int
    seeds: int
    batch: int
    last: int | None = None
    also: dict[str, Callable] = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    rate_of: dict[str, float] = field(default_factory=dict)  # of a net that learns with another rate
    keep: tuple[str, ...] = ()  # of which nets one model's weights go into the results


def bits(rng: np.random.Generator, length: int, batch: int) -> Batch:
    """Random bits; wanted after each: is the number of ones so far odd?"""
    x = rng.integers(0, 2, (length, batch))
    return as_floats(x[:, :, None], x.cumsum(axis=0) % 2)


def bits_of_some_length(rng: np.random.Generator, update: int, batch: int) -> Batch:
    """All sequences of an update have one length, 2 to 20, the same for all models."""
    return bits(rng, int(np.random.default_rng([update, 3]).integers(2, 21)), batch)


def counts(largest: int) -> Batch:
    """a^n b^n for every n up to `largest`, padded with zeros; wanted after each b: is it the last?"""
    x, wanted = np.zeros((2 * largest, largest, 2)), np.full((2 * largest, largest), np.nan)
    for n in range(1, largest + 1):
        x[:n, n - 1, 0] = x[n : 2 * n, n - 1, 1] = 1
        wanted[n : 2 * n, n - 1] = 0
        wanted[2 * n - 1, n - 1] = 1
    return as_floats(x, wanted)


def first_wrong(net: Net, weights: Weights, batch: Batch) -> Tensor:
    """The smallest n of a batch of `counts` with a wrong answer after some b; one more than all where none is."""
    answers, wanted = asked(net, weights, batch)
    wrong = ((answers[..., 0] > 0) != (wanted > 0.5)) & ~torch.isnan(wanted)
    wrong = torch.cat([wrong.any(dim=0), torch.ones(len(wanted[0]), 1, dtype=torch.bool)], dim=1)
    return wrong.int().argmax(dim=1) + 1


def symbols_at(places: np.ndarray, rng: np.random.Generator, length: int) -> Batch:
    """A sequence of blanks with random symbols at `places` (B, K), then K calls; wanted at the calls: the symbols.

    D = 10: one input for each symbol, one for a blank, one for a call.
    """
    batch, recalled = places.shape
    symbols = rng.integers(0, SYMBOLS, (batch, recalled))
    codes = np.full((length + recalled, batch), SYMBOLS)
    codes[length:] = SYMBOLS + 1
    codes[places, np.arange(batch)[:, None]] = symbols
    wanted = np.full(codes.shape, -1)
    wanted[length:] = symbols.T
    return torch.tensor(np.eye(SYMBOLS + 2)[codes], dtype=torch.float32), torch.tensor(wanted)


def copied(rng: np.random.Generator, batch: int, recalled: int = 5, wait: int = 60) -> Batch:
    return symbols_at(np.tile(np.arange(recalled), (batch, 1)), rng, recalled + wait)


def selected(rng: np.random.Generator, batch: int, recalled: int = 4, length: int = 24) -> Batch:
    places = np.sort(rng.permuted(np.tile(np.arange(length), (batch, 1)), axis=1)[:, :recalled], axis=1)
    return symbols_at(places, rng, length)


def as_floats(x: np.ndarray, wanted: np.ndarray) -> Batch:
    return torch.tensor(x, dtype=torch.float32), torch.tensor(wanted, dtype=torch.float32)


def of_answers(
    measure: Callable[[Tensor, Tensor], Tensor], last: int | None
) -> Callable[[Net, Weights, Batch], Tensor]:
    return lambda net, weights, batch: measure(*asked(net, weights, batch, last))


def fresh() -> np.random.Generator:
    """The generator of all test data: one test for all seeds, which no training data comes from."""
    return np.random.default_rng(12345)


def nets(inputs: int, outputs: int, hidden: int, layers: tuple[int, ...]) -> dict[str, Net]:
    """The tanh RNN, LSTM, GRU and minGRU with equally many units."""
    found = {kind: Net(kind, inputs, hidden, outputs) for kind in ("RNN", "LSTM", "GRU")}
    for count in layers:
        found[f"minGRU, {count} layer{'s' if count > 1 else ''}"] = Net("minGRU", inputs, hidden, outputs, count)
    return found


PARITY_LENGTHS, LARGEST_N = [20, 40, 100, 200], 100
PARITY = Task(
    draw=bits_of_some_length,
    loss=bit_loss,
    measure=of_answers(bit_accuracy, 1),
    words="accuracy of the last answer, for sequences of 100 bits",
    test=lambda: bits(fresh(), 100, 500),
    nets=nets(1, 1, 32, (1, 2, 3)) | {"GRU, 2 units": Net("GRU", 1, 2, 1)},
    baseline=0.5,
    rate=5e-3,
    updates=1000,
    every=100,
    seeds=6,
    batch=32,
    also={
        "by_length": lambda net, weights: [
            as_list(bit_accuracy(*asked(net, weights, bits(fresh(), length, 500), 1))) for length in PARITY_LENGTHS
        ]
    },
    settings={"lengths_trained": [2, 20], "lengths_tested": PARITY_LENGTHS},
    keep=("GRU, 2 units",),
)
TASKS = {
    "parity": PARITY,
    "parity_end": replace(PARITY, nets=nets(1, 1, 32, ()), last=1, keep=(), updates=1500, batch=64, seeds=8),
    "counting": Task(
        draw=lambda rng, update, batch: counts(batch),
        loss=bit_loss,
        measure=first_wrong,
        words="smallest n that is wrong",
        test=lambda: counts(LARGEST_N),
        nets=nets(2, 1, 10, ()),
        baseline=2.0,  # whoever calls every b the last is right for n = 1
        rate=3e-3,
        rate_of={"RNN": 1e-2},
        updates=3000,
        every=500,
        seeds=5,
        batch=30,
        settings={"n_trained": 30, "limit": LARGEST_N + 1},
        keep=("LSTM", "GRU"),
    ),
    "copy": Task(
        draw=lambda rng, update, batch: copied(rng, batch),
        loss=symbol_loss,
        measure=of_answers(symbol_loss, 5),
        words="cross-entropy of a recalled symbol, in nats",
        test=lambda: copied(fresh(), 500),
        nets=nets(SYMBOLS + 2, SYMBOLS, 64, (2,)),
        baseline=float(np.log(SYMBOLS)),
        rate=5e-3,
        updates=800,
        every=200,
        seeds=3,
        batch=20,
        last=5,
        also={"accuracy": lambda net, weights: as_list(symbol_accuracy(*asked(net, weights, copied(fresh(), 500), 5)))},
        settings={"recalled": 5, "wait": 60},
    ),
    "selective": Task(
        draw=lambda rng, update, batch: selected(rng, batch),
        loss=symbol_loss,
        measure=of_answers(symbol_accuracy, 4),
        words="share of right symbols",
        test=lambda: selected(fresh(), 1000),
        nets=nets(SYMBOLS + 2, SYMBOLS, 64, (1, 2, 3)),
        baseline=1 / SYMBOLS,
        rate=5e-3,
        updates=1200,
        every=100,
        seeds=5,
        batch=64,
        last=4,
        settings={"recalled": 4, "length": 24},
    ),
}


def measured(task: Task, net: Net, rate: float, seeds: list[int], advance: Callable[[], None]) -> tuple[dict, Weights]:
    """Train all seeds of a net; what the results file says of it, and the weights."""
    test, curve = task.test(), []

    def watch(update: int, weights: Weights) -> None:
        advance()
        if update % task.every == 0:
            curve.append(as_list(task.measure(net, weights, test)))

    def draw(rng: np.random.Generator, update: int) -> Batch:
        return task.draw(rng, update, task.batch)

    start = time.process_time()
    weights = train(net, seeds, [rate], draw, task.loss, task.updates, watch, task.last)
    also = {name: also(net, weights) for name, also in task.also.items()}
    if "by_length" in also:
        also["by_length"] = np.transpose(also["by_length"]).tolist()
    about = {"kind": net.kind, "layers": net.layers, "hidden": net.hidden, "parameters": net.parameters()}
    about["cpu_seconds"] = round(time.process_time() - start)
    return about | {"values": curve[-1], "curves": np.transpose(curve).tolist()} | also, weights


def best(task: Task, values: list[float]) -> int:
    return int(np.argmin(values) if task.loss is symbol_loss else np.argmax(values))


def run(name: str, task: Task) -> dict:
    seeds, updates = list(range(task.seeds)), list(range(0, task.updates + 1, task.every))
    results, trained = {}, {}
    with Progress() as progress:
        for arm, net in task.nets.items():
            bar = progress.add_task(arm, total=task.updates + 1)
            rate = task.rate_of.get(arm, task.rate)
            results[arm], weights = measured(task, net, rate, seeds, lambda bar=bar: progress.advance(bar))
            if arm in task.keep:
                model = best(task, results[arm]["values"])
                arrays = {key: tensor[model].detach().numpy().round(5).tolist() for key, tensor in weights.items()}
                trained[arm] = {"seed": model, **arrays}
    settings = {"rate": task.rate, "rate_of": task.rate_of, "batch": task.batch, "clip": 1.0, **task.settings}
    head = {"task": name, "measure": task.words, "baseline": task.baseline, "settings": settings}
    return {**head, "seeds": seeds, "updates": updates, "results": results, "trained": trained}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--quick", action="store_true", help="a few updates of two seeds, written nowhere")
    options = parser.parse_args()
    task = TASKS[options.task]
    if options.quick:
        task = replace(task, updates=4, every=2, seeds=2)
    torch.set_num_threads(1)
    start = time.process_time()
    found = run(options.task, task)
    for arm, result in found["results"].items():
        print(f"{arm:18}", *result["values"])
    if not options.quick:
        save(f"computing_{options.task}", found, start)


if __name__ == "__main__":
    main()
