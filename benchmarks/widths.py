"""A GRU's time as a share of an LSTM's, at one width after another: when do three blocks take 3/4 of the time of four?

    python benchmarks/widths.py            about a minute; writes _build/benchmarks/widths.json
    python benchmarks/widths.py --quick    seconds, small widths: to see that it runs, not for figures

Both cells are those of NumPy's reference, written in the same way, so that what differs is the cell; torch's modules
run beside them.  Forward passes in float32, in one thread.  All contestants of a size run in turn, round after round,
and of each the least processor time counts, as in `cells.py`.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import json
import sys
from pathlib import Path

import torch
from cells import Contestant, check_agree, draw, in_module, in_numpy, machine, measure, products_in_numpy
from rich.progress import track

BATCHES, WIDTHS, STEPS = [1, 32], [16, 32, 64, 128, 256, 512, 1024], 20
PRODUCTS = "a GRU's products alone"


def contestants(batch: int, width: int) -> list[Contestant]:
    """A GRU and an LSTM with D = H, in NumPy and in torch, and the matrix products of the GRU by themselves."""
    found = []
    for cell in ("gru", "lstm"):
        given = draw(cell, (batch, STEPS, width, width))
        found.append(Contestant(f"NumPy {cell.upper()}", cell, in_numpy(cell, given, backward=False)))
        found.append(Contestant(f"torch.nn.{cell.upper()}", cell, in_module(cell, given, backward=False)))
    given = draw("gru", (batch, STEPS, width, width))
    return [*found, Contestant(PRODUCTS, "gru", products_in_numpy(given, backward=False))]


def row(batch: int, width: int, seconds: float) -> dict:
    """The two ratios of a size, and what share of the NumPy GRU's time its products take."""
    runs = contestants(batch, width)
    check_agree(runs)
    took = measure(runs, seconds)
    return {
        "batch": batch,
        "width": width,
        "NumPy": took["NumPy GRU"] / took["NumPy LSTM"],
        "torch": took["torch.nn.GRU"] / took["torch.nn.LSTM"],
        "products": took[PRODUCTS] / took["NumPy GRU"],
        "milliseconds": {name: 1e3 * seconds for name, seconds in took.items()},
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two small widths and few rounds")
    parser.add_argument("--seconds", type=float, default=4, help="for each size (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("_build/benchmarks"), help="folder (default: %(default)s)")
    options = parser.parse_args(arguments)

    torch.set_num_threads(1)
    widths, seconds = ([4, 6], 0.0) if options.quick else (WIDTHS, options.seconds)
    sizes = [(batch, width) for batch in BATCHES for width in widths]
    rows = [row(*size, seconds) for size in track(sizes, description="sizes", disable=not sys.stderr.isatty())]
    print(f"{'batch':>6}{'width':>7}{'NumPy':>8}{'torch':>8}{'products':>10}")
    for r in rows:
        print(f"{r['batch']:6}{r['width']:7}{r['NumPy']:8.2f}{r['torch']:8.2f}{r['products']:10.2f}")
    options.out.mkdir(parents=True, exist_ok=True)
    command = "python benchmarks/widths.py"
    found = {"command": command, "machine": machine(), "steps": STEPS, "quick": options.quick, "rows": rows}
    (options.out / "widths.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"\nWritten: {options.out / 'widths.json'}")


if __name__ == "__main__":
    main()
