"""How fast the recurrent cells are on one processor core, as ratios to torch.nn.GRU.

    python benchmarks/cells.py            some minutes; writes _build/benchmarks/cells.json and cells.svg
    python benchmarks/cells.py --quick    seconds, tiny sizes: to see that it runs, not for figures

All contestants of a size run in turn, round after round, and of each the fastest round counts: what slows the machine
for a while slows them all.  Time is the processor's, not the clock's: waiting for other programs does not count.
Everything is float32 and runs in one thread.  "forward" keeps nothing for a backward pass; "forward and backward" gives
the gradients of the input, the first state and all weights.
"""

import os

# Before NumPy is loaded, which is when it reads them.
os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import importlib.util
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from solutions.reference.inputs import random_weights
from solutions.reference.layers import CELLS

Size = tuple[int, int, int, int]
SIZES: list[Size] = [(1, 100, 64, 128), (32, 100, 64, 128), (64, 256, 128, 256)]  # B, T, D, H
QUICK_SIZES: list[Size] = [(2, 5, 3, 4), (3, 6, 4, 5)]
PASSES = ["forward", "forward and backward"]
BASE = "torch.nn.GRU"
PRODUCTS = "a GRU's products alone"
MODULES = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
Run = Callable[[], np.ndarray | None]


@dataclass
class Contestant:
    """What is measured: a function of no argument; it returns the states of its cell, None if it computes none."""

    name: str
    cell: str
    run: Run


@dataclass
class Inputs:
    """What every contestant of one cell is given, as arrays and as tensors."""

    x: np.ndarray  # (T, B, D)
    first: tuple[np.ndarray, ...]  # (B, H) each
    weights: tuple[np.ndarray, ...]
    d_states: np.ndarray  # (T, B, H)

    def tensors(self) -> tuple[torch.Tensor, ...]:
        """x, the first states and the weights, ready for gradients."""
        return tuple(torch.tensor(array, requires_grad=True) for array in (self.x, *self.first, *self.weights))


def draw(cell: str, size: Size) -> Inputs:
    """Random inputs of a cell, float32."""
    batch, steps, inputs, hidden = size
    rng = np.random.default_rng(0)
    arrays = [
        rng.normal(size=(steps, batch, inputs)),
        *(rng.uniform(-1, 1, (batch, hidden)) for _ in CELLS[cell].states),
        *random_weights(rng, CELLS[cell].gates, inputs, hidden),
        rng.normal(size=(steps, batch, hidden)),
    ]
    x, *first_and_weights, d_states = [array.astype(np.float32) for array in arrays]
    return Inputs(x, tuple(first_and_weights[:-4]), tuple(first_and_weights[-4:]), d_states)


def contestants(size: Size, backward: bool) -> list[Contestant]:
    """All that is measured at a size; our torch too if it is there."""
    found, ours = [], importlib.util.find_spec("solutions.reference.in_torch")
    for cell in CELLS:
        given = draw(cell, size)
        found.append(Contestant(f"NumPy {cell.upper()}", cell, in_numpy(cell, given, backward)))
        if ours:
            found.append(Contestant(f"our torch {cell.upper()}", cell, in_our_torch(cell, given, backward)))
        found.append(Contestant(f"torch.nn.{cell.upper()}", cell, in_module(cell, given, backward)))
    given = draw("gru", size)
    found.append(Contestant("torch.nn.GRUCell in a loop", "gru", in_cell_loop(given, backward)))
    found.append(Contestant(f"{PRODUCTS}, NumPy", "gru", products_in_numpy(given, backward)))
    found.append(Contestant(f"{PRODUCTS}, torch", "gru", products_in_torch(given, backward)))
    return found


def in_numpy(cell: str, given: Inputs, backward: bool) -> Run:
    """The reference in NumPy."""

    def forward() -> np.ndarray:
        return CELLS[cell].run(given.x, given.first, given.weights, None)[0]

    def both() -> np.ndarray:
        states, cache = CELLS[cell].run_cached(given.x, given.first, given.weights, None)
        CELLS[cell].gradients(given.d_states, cache, [None] * len(states))
        return states[0]

    return both if backward else forward


def in_torch(forward: Callable[[], torch.Tensor], leaves: list[torch.Tensor], given: Inputs, backward: bool) -> Run:
    """`forward` without gradients, or with those of all leaves."""
    d_states = torch.from_numpy(given.d_states)

    def alone() -> np.ndarray:
        with torch.no_grad():
            return forward().numpy()

    def both() -> np.ndarray:
        for leaf in leaves:
            leaf.grad = None
        states = forward()
        states.backward(d_states)
        return states.detach().numpy()

    return both if backward else alone


def in_module(cell: str, given: Inputs, backward: bool) -> Run:
    """torch.nn's module."""
    x, *first_and_weights = given.tensors()
    first = tuple(state[None] for state in first_and_weights[:-4])
    module = MODULES[cell](x.shape[2], first[0].shape[2])
    load(module, given)
    leaves = [x, *first_and_weights[:-4], *module.parameters()]
    return in_torch(lambda: module(x, first if len(first) > 1 else first[0])[0], leaves, given, backward)


def in_our_torch(cell: str, given: Inputs, backward: bool) -> Run:
    """The reference in torch."""
    from solutions.reference import in_torch as reference

    arguments, function = given.tensors(), getattr(reference, f"{cell}_forward")

    def forward() -> torch.Tensor:
        states = function(*arguments)
        return states[0] if isinstance(states, tuple) else states

    return in_torch(forward, list(arguments), given, backward)


def in_cell_loop(given: Inputs, backward: bool) -> Run:
    """torch.nn.GRUCell, step by step in Python."""
    x, h0, *_ = given.tensors()
    cell = torch.nn.GRUCell(x.shape[2], h0.shape[1])
    load(cell, given)

    def forward() -> torch.Tensor:
        h, states = h0, []
        for x_t in x:
            h = cell(x_t, h)
            states.append(h)
        return torch.stack(states)

    return in_torch(forward, [x, h0, *cell.parameters()], given, backward)


def load(module: torch.nn.Module, given: Inputs) -> None:
    """Give a module the weights: its parameters are in the order of ours."""
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), given.weights, strict=True):
            parameter.copy_(torch.from_numpy(array))


def products_in_numpy(given: Inputs, backward: bool) -> Run:
    """The matrix products of a GRU and nothing else: what a time loop in NumPy cannot go below."""
    weight_ih, weight_hh = given.weights[:2]
    x, h = given.x.reshape(-1, given.x.shape[2]), given.first[0]
    across, steps = np.ascontiguousarray(weight_hh.T), len(given.x)
    out, back = np.zeros((len(h), len(weight_hh)), h.dtype), np.empty_like(h)
    d_a, states = np.zeros((len(x), len(weight_hh)), h.dtype), given.d_states.reshape(-1, h.shape[1])

    def forward() -> None:
        x @ weight_ih.T
        for _ in range(steps):
            np.matmul(h, across, out=out)

    def both() -> None:
        forward()
        for _ in range(steps):
            np.matmul(out, weight_hh, out=back)
        d_a @ weight_ih, d_a.T @ x, d_a.T @ states

    return both if backward else forward


def products_in_torch(given: Inputs, backward: bool) -> Run:
    """The same products in torch."""
    weight_ih, weight_hh, h = (torch.from_numpy(array) for array in (*given.weights[:2], given.first[0]))
    x, states = (torch.from_numpy(array).flatten(0, 1) for array in (given.x, given.d_states))
    steps = len(given.x)
    out, back = torch.zeros(len(h), len(weight_hh)), torch.empty_like(h)
    d_a = torch.zeros(len(x), len(weight_hh))

    def forward() -> None:
        x @ weight_ih.T
        for _ in range(steps):
            torch.mm(h, weight_hh.T, out=out)

    def both() -> None:
        forward()
        for _ in range(steps):
            torch.mm(out, weight_hh, out=back)
        d_a @ weight_ih, d_a.T @ x, d_a.T @ states

    return both if backward else forward


def check_agree(runs: list[Contestant]) -> None:
    """Raise AssertionError unless all that compute one cell have the same states; it is the untimed first round too."""
    states = {}
    for contestant in runs:
        got = contestant.run()
        if got is not None:
            first, want = states.setdefault(contestant.cell, (contestant.name, got))
            off = np.abs(got - want).max()
            assert off < 1e-5, f"{contestant.name} and {first} differ by {off:.1e}: they do not compute the same cell."


def measure(runs: list[Contestant], seconds: float) -> dict[str, float]:
    """The least processor time of each, in seconds, of as many rounds as there is time for, at least five."""
    best, rounds, end = {contestant.name: np.inf for contestant in runs}, 0, time.perf_counter() + seconds
    while rounds < 5 or time.perf_counter() < end:
        for contestant in runs:
            start = time.process_time()
            contestant.run()
            best[contestant.name] = min(best[contestant.name], time.process_time() - start)
        rounds += 1
        tell(f"  round {rounds}, {max(0, end - time.perf_counter()):.0f} s left ")
    tell("")
    return best


def tell(text: str) -> None:
    """One line of progress, on a terminal over the last one."""
    if sys.stderr.isatty():
        print(f"\r{text:60}", end="" if text else "\r", file=sys.stderr, flush=True)


def measure_all(sizes: list[Size], seconds: float) -> list[dict]:
    """One row for each size, pass and contestant: milliseconds, and the ratio to torch.nn.GRU."""
    rows = []
    for backward, what in enumerate(PASSES):
        for size in sizes:
            print(f"{what}, B={size[0]} T={size[1]} D={size[2]} H={size[3]}", file=sys.stderr, flush=True)
            runs = contestants(size, bool(backward))
            check_agree(runs)
            best = measure(runs, seconds)
            rows += [
                {"pass": what, "size": size, "name": name, "milliseconds": 1e3 * took, "ratio": took / best[BASE]}
                for name, took in best.items()
            ]
    return rows


def machine() -> dict[str, object]:
    """Where the figures come from: without it they say little."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas of numpy": np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"],
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "dtype": "float32",
        "time": "the least processor time of interleaved rounds",
    }


def table(rows: list[dict]) -> str:
    """The ratios as text: a line for each contestant, a column for each size and pass."""
    columns = list(dict.fromkeys((row["pass"], tuple(row["size"])) for row in rows))
    ratio = {(row["name"], row["pass"], tuple(row["size"])): row["ratio"] for row in rows}
    names = list(dict.fromkeys(row["name"] for row in rows))
    lines = ["Time as a share of torch.nn.GRU's; less is faster.  Sizes are (B, T, D, H)."]
    for what in PASSES:
        sizes = [size for of, size in columns if of == what]
        lines += ["", f"{what:32}" + "".join(f"{size!s:>22}" for size in sizes)]
        lines += [f"{name:32}" + "".join(f"{ratio[name, what, size]:22.2f}" for size in sizes) for name in names]
    return "\n".join(lines)


def draw_plot(rows: list[dict], path: Path) -> None:
    """The ratios as points on a line for each contestant, one panel a pass; SVG."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "cells"
    import matplotlib.pyplot as plt

    names = list(dict.fromkeys(row["name"] for row in rows))[::-1]
    sizes = list(dict.fromkeys(tuple(row["size"]) for row in rows))
    figure, panels = plt.subplots(1, len(PASSES), figsize=(10, 5), sharex=True, sharey=True, layout="constrained")
    for panel, what in zip(panels, PASSES, strict=True):
        panel.axvline(1, color="0.6", linewidth=1)
        for size, marker in zip(sizes, "os^", strict=False):
            found = {row["name"]: row["ratio"] for row in rows if row["pass"] == what and tuple(row["size"]) == size}
            panel.plot([found[name] for name in names], names, marker, label=f"(B, T, D, H) = {size}")
        panel.set(title=what, xscale="log", xlabel="time / time of torch.nn.GRU")
        panel.set_xticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
        panel.grid(axis="x", color="0.9")
        panel.minorticks_off()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(sizes))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table, write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny sizes and few rounds: to see that it runs")
    parser.add_argument("--seconds", type=float, default=30, help="for each size and pass (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("_build/benchmarks"), help="folder (default: %(default)s)")
    options = parser.parse_args(arguments)

    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = measure_all(QUICK_SIZES, 0) if options.quick else measure_all(SIZES, options.seconds)
    print(table(rows))
    found = {"machine": machine(), "quick": options.quick, "rows": rows}
    (options.out / "cells.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw_plot(rows, options.out / "cells.svg")
    print(f"\nWritten: {options.out / 'cells.json'} and {options.out / 'cells.svg'}")


if __name__ == "__main__":
    main()
