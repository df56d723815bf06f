"""GRU or LSTM: three tasks, equal parameters, every network with a learning rate of its own, several seeds, and time.

    python experiments/gru_or_lstm.py adding   sum of two marked numbers of 50      results/gru_or_lstm_adding.json
    python experiments/gru_or_lstm.py tally    sums kept, told and begun anew       results/gru_or_lstm_tally.json
    python experiments/gru_or_lstm.py prose    the next character of a small text   results/gru_or_lstm_prose.json
    python experiments/gru_or_lstm.py prose --text FILE   of any other text, printed and written nowhere
    python experiments/gru_or_lstm.py --quick TASK        seconds, few updates, written nowhere: to see that it runs

Each takes a few CPU minutes on one thread.  First every network learns with each of four learning rates, by a
few seeds of its own, and keeps the rate with the lowest median validation error.  Then new seeds learn with that rate
alone.  A network's result for a seed is its test error at the update with the lowest validation error.  Last, the CPU
seconds of an update of one network in its own right are measured, the networks taking turns: of PyTorch's own layers
and of the same cells written out step by step (side_by_side.py).

A results file holds `command`, `versions`, `cpu_seconds`, `task`, `measure`, `baselines` (the measure of answers
without a state), `settings`, `rates`, `sweep_seeds`, `seeds`, `updates` (when the curves were taken) and `results`.
There, for each network by name (RNN, LSTM, "LSTM, forget bias 1", GRU): `kind`, `hidden`, `parameters`,
    sweep               the lowest validation error for each of `rates`, one list of numbers by seed
    rate                the rate that was kept
    values              the result, one number a seed
    valid, test         the errors at each of `updates`, one list a seed
    seconds_per_update  CPU seconds by "torch.nn" and by "written out", one number a round of timing
    cpu_seconds         of sweep and training together, all seeds side by side

The text is experiments/data/prose.txt: what the first nine chapters of this course said at one time, in small letters,
without code, formulas and numbers.  An x stands for a formula.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from lstm import adding, tally
from rich.progress import Progress
from side_by_side import (
    Batch,
    Net,
    Weights,
    as_list,
    asked,
    first_weights,
    largest_within,
    outputs,
    save,
    squared_error,
    symbol_loss,
    train,
)
from torch import Tensor

TEXT = Path(__file__).parent / "data" / "prose.txt"
RATES = [3e-3, 1e-2, 3e-2, 1e-1]
ARMS = {"RNN": {"kind": "RNN"}, "LSTM": {"kind": "LSTM"}}
ARMS |= {"LSTM, forget bias 1": {"kind": "LSTM", "forget_bias": 1.0}, "GRU": {"kind": "GRU"}}


@dataclass(frozen=True)
class Task:
    """draw(rng) makes a training batch; valid and test are one batch each."""

    draw: Callable[[np.random.Generator], Batch]
    valid: Batch
    test: Batch
    loss: Callable[[Tensor, Tensor], Tensor]
    measure: str
    baselines: dict[str, float]
    inputs: int
    outputs: int
    budget: int  # parameters
    updates: int
    settings: dict
    last: int | None = None
    every: int = 50
    sweep_seeds: tuple[int, ...] = (100, 101)
    seeds: tuple[int, ...] = tuple(range(5))
    rounds: int = 12  # of timing


def adding_task() -> Task:
    valid, test = (adding(np.random.default_rng(seed), 50, 500) for seed in (12345, 54321))
    return Task(
        draw=lambda rng: adding(rng, 50, 20),
        valid=valid,
        test=test,
        loss=squared_error,
        measure="mean squared error",
        baselines={"the mean": 1 / 6},
        inputs=2,
        outputs=1,
        budget=4400,
        updates=1000,
        settings={"length": 50, "batch": 20},
        last=1,
    )


def tally_task() -> Task:
    valid, test = (tally(np.random.default_rng(seed), 30, 300) for seed in (12345, 54321))
    return Task(
        draw=lambda rng: tally(rng, 30, 20),
        valid=valid,
        test=test,
        loss=squared_error,
        measure="mean squared error",
        baselines={"the mean": float(test[1].var())},
        inputs=4,
        outputs=1,
        budget=2400,
        updates=1000,
        settings={"length": 30, "batch": 20},
    )


def prose_task(path: Path = TEXT, length: int = 40, batch: int = 16) -> Task:
    """Of every ten paragraphs one is for validation and one for the test."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    lines = [lines[place] for place in np.random.default_rng(0).permutation(len(lines))]
    symbols = sorted({*"\n".join(lines), "\n"})
    code = {symbol: place for place, symbol in enumerate(symbols)}
    held = [lines[0::10], lines[1::10], [line for place, line in enumerate(lines) if place % 10 > 1]]
    valid, test, known = (np.array([code[symbol] for symbol in "\n".join(part) + "\n"]) for part in held)
    if min(map(len, (valid, test, known))) < 2 * (length + 1):
        raise SystemExit(f"{path} is too short: it should have some dozens of paragraphs, a line each.")

    def windows(text: np.ndarray, starts: np.ndarray) -> Batch:
        """Windows of a text as one-hot rows, and their next symbols."""
        codes = text[starts[None] + np.arange(length + 1)[:, None]]
        return torch.tensor(np.eye(len(symbols), dtype=np.float32)[codes[:-1]]), torch.tensor(codes[1:])

    whole = [windows(text, np.arange(0, len(text) - length, length)) for text in (valid, test)]
    return Task(
        draw=lambda rng: windows(known, rng.integers(0, len(known) - length, batch)),
        valid=whole[0],
        test=whole[1],
        loss=lambda answers, wanted: symbol_loss(answers, wanted) / np.log(2),
        measure="bits per character",
        baselines=counted(known, whole[1], len(symbols)),
        inputs=len(symbols),
        outputs=len(symbols),
        budget=16000,
        updates=800,
        settings={
            "length": length,
            "batch": batch,
            "symbols": len(symbols),
            "characters": dict(zip(("valid", "test", "train"), map(len, (valid, test, known)), strict=True)),
        },
        every=50,
    )


def counted(known: np.ndarray, test: Batch, symbols: int) -> dict[str, float]:
    """Bits per character by counts of single characters and of pairs, one added to each count."""
    before, after = test[0].argmax(dim=2).numpy().ravel(), test[1].numpy().ravel()
    single, pairs = np.ones(symbols), np.ones((symbols, symbols))
    np.add.at(single, known, 1)
    np.add.at(pairs, (known[:-1], known[1:]), 1)
    pairs /= pairs.sum(axis=1, keepdims=True)
    return {
        "how frequent a character is": float(-np.log2(single / single.sum())[after].mean()),
        "the character before": float(-np.log2(pairs[before, after]).mean()),
    }


TASKS = {"adding": adding_task, "tally": tally_task, "prose": prose_task}


def net_of(task: Task, arm: str) -> Net:
    return largest_within(task.budget, inputs=task.inputs, outputs=task.outputs, **ARMS[arm])


def curves(task: Task, net: Net, seeds: list[int], rates: list[float], advance: Callable) -> dict[str, np.ndarray]:
    """Validation and test errors along training: (rates, seeds, updates)."""
    found = {"valid": [], "test": []}

    def watch(update: int, weights: Weights) -> None:
        advance()
        if update % task.every == 0:
            for part, batch in [("valid", task.valid), ("test", task.test)]:
                found[part].append(as_list(task.loss(*asked(net, weights, batch, task.last))))

    train(net, seeds, rates, lambda rng, update: task.draw(rng), task.loss, task.updates, watch, task.last)
    return {part: np.transpose(errors).reshape(len(rates), len(seeds), -1) for part, errors in found.items()}


def trained(task: Task, arm: str, advance: Callable) -> dict:
    """The sweep and then the training of an arm, as the results file has them."""
    net, start = net_of(task, arm), time.process_time()
    sweep = np.nanmin(curves(task, net, list(task.sweep_seeds), RATES, advance)["valid"], axis=2)
    rate = RATES[int(np.argmin(np.median(sweep, axis=1)))]
    final = {part: errors[0] for part, errors in curves(task, net, list(task.seeds), [rate], advance).items()}
    best = final["valid"].argmin(axis=1)
    return {
        "kind": net.kind,
        "hidden": net.hidden,
        "parameters": net.parameters(),
        "sweep": sweep.tolist(),
        "rate": rate,
        "values": final["test"][np.arange(len(best)), best].tolist(),
        **{part: errors.tolist() for part, errors in final.items()},
        "cpu_seconds": round(time.process_time() - start),
    }


def updates_of_torch(task: Task, net: Net) -> Callable[[Batch], None]:
    """One training update of PyTorch's own layer."""
    torch.manual_seed(0)
    layer = getattr(torch.nn, net.kind)(net.inputs, net.hidden)
    out = torch.nn.Linear(net.hidden, net.outputs)
    weights = [*layer.parameters(), *out.parameters()]
    adam = torch.optim.Adam(weights, lr=1e-3)

    def update(batch: Batch) -> None:
        answers = out(layer(batch[0])[0][-task.last if task.last else 0 :])
        wanted = batch[1][-task.last if task.last else 0 :]
        adam.zero_grad()
        task.loss(answers[:, None], wanted[:, None]).sum().backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()

    return update


def updates_written_out(task: Task, net: Net) -> Callable[[Batch], None]:
    """One training update of a single model of side_by_side.py, with the same optimizer."""
    weights = {name: tensor.requires_grad_() for name, tensor in first_weights(net, [0]).items()}
    adam = torch.optim.Adam(weights.values(), lr=1e-3)

    def update(batch: Batch) -> None:
        answers = outputs(net, weights, batch[0][:, None], task.last)
        adam.zero_grad()
        task.loss(answers, batch[1][-task.last if task.last else 0 :, None]).sum().backward()
        torch.nn.utils.clip_grad_norm_(weights.values(), 1.0)
        adam.step()

    return update


def timed(task: Task, advance: Callable) -> dict[str, dict[str, list[float]]]:
    """CPU seconds of an update of each arm, by both ways, a number a round; in a round each takes its turn."""
    batch = task.draw(np.random.default_rng(0))
    kinds = [arm for arm in ARMS if ARMS[arm].get("forget_bias") is None]  # a bias takes no time
    ways = {"torch.nn": updates_of_torch, "written out": updates_written_out}
    ready = {(arm, way): make(task, net_of(task, arm)) for arm in kinds for way, make in ways.items()}
    found = {key: [] for key in ready}
    for round_ in range(-1, task.rounds):
        advance()
        for key, update in ready.items():
            start = time.process_time()
            for _ in range(5):
                update(batch)
            if round_ >= 0:  # the first warms up
                found[key].append(float(f"{(time.process_time() - start) / 5:.4g}"))
    return {arm: {way: found[arm.partition(",")[0], way] for way in ways} for arm in ARMS}


def run(name: str, task: Task) -> dict:
    results = {}
    with Progress() as progress:
        for arm in ARMS:
            bar = progress.add_task(arm, total=2 * (task.updates + 1))
            results[arm] = trained(task, arm, lambda bar=bar: progress.advance(bar))
        bar = progress.add_task("timing", total=task.rounds + 1)
        for arm, seconds in timed(task, lambda: progress.advance(bar)).items():
            results[arm]["seconds_per_update"] = seconds
    return {
        "task": name,
        "measure": task.measure,
        "baselines": task.baselines,
        "settings": {"budget": task.budget, "clip": 1.0, "optimizer": "Adam", **task.settings},
        "rates": RATES,
        "sweep_seeds": list(task.sweep_seeds),
        "seeds": list(task.seeds),
        "updates": list(range(0, task.updates + 1, task.every)),
        "results": results,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--text", type=Path, help="for prose: another text, a paragraph a line; written nowhere")
    parser.add_argument("--quick", action="store_true", help="a few updates of two seeds, written nowhere")
    options = parser.parse_args()
    task = prose_task(options.text) if options.text else TASKS[options.task]()
    if options.quick:
        task = replace(task, updates=4, every=2, sweep_seeds=(100,), seeds=(0, 1), rounds=1)
    torch.set_num_threads(1)
    start = time.process_time()
    found = run(options.task, task)
    for arm, result in found["results"].items():
        print(f"{arm:20} {result['hidden']:3} units, rate {result['rate']}:", *result["values"])
    if not (options.quick or options.text):
        save(f"gru_or_lstm_{options.task}", found, start)


if __name__ == "__main__":
    main()
