"""Microseconds per time step of a GRU on an NVIDIA GPU: torch.nn.GRU, our module on its fused path, and our loop.

The table is the map for a faster kernel.  float32 is measured without TF32.  Times are medians over repeats between
CUDA events, after warm-up; forward alone (no gradients) and forward with backward.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch

from solutions.reference.in_torch import GRU

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
HIDDEN = (64, 128, 192, 256, 512, 768, 1024)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python benchmarks/gpu_cells.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="cpu only tries out the command")
    made.add_argument("--steps", type=int, default=256, help="time steps T (default 256)")
    made.add_argument("--batch", type=int, default=32, help="sequences B (default 32)")
    made.add_argument("--repeats", type=int, default=20, help="timed runs of each (default 20)")
    made.add_argument("--quick", action="store_true", help="one small size and few runs: does the command work?")
    made.add_argument("--out", type=Path, metavar="FILE", help="also write the table to this file, as JSON")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write it if asked; 2 if there is no GPU to measure."""
    given = parser().parse_args(arguments)
    if given.device == "cuda" and not torch.cuda.is_available():
        print("torch finds no NVIDIA GPU here. `--device cpu --quick` tries the command out.", file=sys.stderr)
        return 2
    if given.device == "cpu":
        torch.set_num_threads(1)  # on a busy machine more are far slower
    steps, repeats, sizes = (8, 2, (64,)) if given.quick else (given.steps, given.repeats, HIDDEN)
    rows = []
    print(f"T = {steps}, B = {given.batch}, D = H; microseconds per step on {name_of(given.device)}")
    print(f"{'H':>5} {'dtype':>5} {'pass':>17} {'torch.nn.GRU':>13} {'ours, fused':>13} {'our loop':>13}")
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        for hidden in sizes:
            for dtype in DTYPES:
                for backward in (False, True):
                    rows.append(measure(given.device, hidden, dtype, backward, steps, given.batch, repeats))
                    print(as_text(rows[-1]), flush=True)
    if given.out:
        about = {"machine": name_of(given.device), "torch": torch.__version__, "steps": steps, "batch": given.batch}
        given.out.write_text(json.dumps({**about, "microseconds_per_step": rows}, indent=1) + "\n")
    return 0


def measure(device: str, hidden: int, dtype: str, backward: bool, steps: int, batch: int, repeats: int) -> dict:
    """One row: the three modules with the same weights, timed in turn so that all meet the same machine."""
    torch.manual_seed(0)
    how = {"device": device, "dtype": DTYPES[dtype]}
    theirs = torch.nn.GRU(hidden, hidden, **how)
    modules = {
        "torch": theirs,
        "fused": GRU(hidden, hidden, fused=True, **how),
        "loop": GRU(hidden, hidden, fused=False, **how),
    }
    for module in modules.values():
        module.load_state_dict(theirs.state_dict())
    x = torch.randn(steps, batch, hidden, **how)
    runs = {name: pass_of(module, x, backward) for name, module in modules.items()}
    times = {name: [] for name in runs}
    for repeat in range(repeats + 2):
        for name, run in runs.items():
            seconds = timed(run, device)
            if repeat >= 2:  # the first two warm up
                times[name].append(seconds)
    each = {name: round(1e6 * median(seconds) / steps, 3) for name, seconds in times.items()}
    return {"H": hidden, "dtype": dtype, "pass": "forward, backward" if backward else "forward", **each}


def pass_of(module: torch.nn.Module, x: torch.Tensor, backward: bool) -> Callable[[], None]:
    def forward_alone() -> None:
        with torch.no_grad():
            module(x)

    def both() -> None:
        module.zero_grad()
        module(x)[0].sum().backward()

    return both if backward else forward_alone


def timed(run: Callable[[], None], device: str) -> float:
    """Seconds of one run: between two events on the GPU, by the clock on the CPU."""
    if device == "cpu":
        start = time.perf_counter()
        run()
        return time.perf_counter() - start
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    run()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) / 1e3


def as_text(row: dict) -> str:
    times = " ".join(f"{row[name]:13.2f}" for name in ("torch", "fused", "loop"))
    return f"{row['H']:5} {row['dtype']:>5} {row['pass']:>17} {times}"


def name_of(device: str) -> str:
    return (
        torch.cuda.get_device_name()
        if device == "cuda"
        else f"{platform.machine()} CPU, {torch.get_num_threads()} threads"
    )


if __name__ == "__main__":
    sys.exit(main())
