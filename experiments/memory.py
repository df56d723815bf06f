"""How far back a plain recurrent network can feel, at its start: the norm of ∂h_T/∂h_{T-k} for several starts of W_hh.

    python experiments/memory.py            about half a minute; writes experiments/results/memory.json
    python experiments/memory.py --seeds 3  a quick look

For each seed the input, the weights of the input and the biases are the same for all starts; W_hh alone differs, and in
one row the input's size.  The norm is the spectral norm.  What is kept is the median over the seeds and the range that
holds the middle nine tenths of them.
"""

import os

# Before NumPy is loaded, which is when it reads them.
os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import json
import platform
from pathlib import Path

import numpy as np
from rich.progress import track

from solutions.reference import jacobian_norms, orthogonal_factor
from solutions.reference.inputs import random_weights

ROOT = Path(__file__).resolve().parent.parent
STEPS, INPUTS, HIDDEN = 100, 3, 64
QUANTILES = [0.05, 0.5, 0.95]
# Name, what W_hh is made from, its gain, the input's size.
STARTS = [
    ("uniform, as PyTorch draws it", "uniform", 1.0, 1.0),
    ("normal, gain 1", "normal", 1.0, 1.0),
    ("normal, gain 1.5", "normal", 1.5, 1.0),
    ("orthogonal", "orthogonal", 1.0, 1.0),
    ("orthogonal, inputs a tenth", "orthogonal", 1.0, 0.1),
    ("orthogonal, gain 1.5", "orthogonal", 1.5, 1.0),
]


def recurrent_weights(rng: np.random.Generator, uniform: np.ndarray) -> dict[str, np.ndarray]:
    """W_hh (H, H) of each kind: entries in ±1/sqrt(H), normal of variance 1/H, orthogonal."""
    normal = rng.normal(size=(HIDDEN, HIDDEN))
    return {"uniform": uniform, "normal": normal / np.sqrt(HIDDEN), "orthogonal": orthogonal_factor(normal)}


def measure(seed: int) -> dict[str, dict[str, np.ndarray]]:
    """For each start the norms by lag, (T + 1,), and of W_hh the largest singular value and eigenvalue."""
    rng = np.random.default_rng(seed)
    W_ih, uniform, b_ih, b_hh = random_weights(rng, 1, INPUTS, HIDDEN)
    x, h0 = rng.normal(size=(STEPS, 1, INPUTS)), np.zeros((1, HIDDEN))
    kinds = recurrent_weights(rng, uniform)
    found = {}
    for name, kind, gain, size in STARTS:
        W_hh = gain * kinds[kind]
        norms = jacobian_norms("rnn", size * x, (h0,), (W_ih, W_hh, b_ih, b_hh))[:, 0]
        found[name] = {
            "norms": np.concatenate([[1.0], norms]),
            "spectral norm": np.linalg.norm(W_hh, ord=2),
            "spectral radius": np.abs(np.linalg.eigvals(W_hh)).max(),
        }
    return found


def summary(runs: list[dict], name: str) -> dict[str, dict[str, list]]:
    """The quantiles of each quantity of a start over the runs."""

    def quantiles(quantity: str) -> dict[str, list]:
        values = [run[name][quantity] for run in runs]
        return {f"{q:.0%}": np.quantile(values, q, axis=0).tolist() for q in QUANTILES}

    return {quantity: quantiles(quantity) for quantity in runs[0][name]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30, help="how many seeds, from 0 on (default: 30)")
    parser.add_argument("--out", type=Path, default=ROOT / "experiments" / "results" / "memory.json")
    options = parser.parse_args()

    runs = [measure(seed) for seed in track(range(options.seeds), description="seeds")]
    record = {
        "command": "python experiments/memory.py",
        "seeds": list(range(options.seeds)),
        "sizes": {"T": STEPS, "B": 1, "D": INPUTS, "H": HIDDEN, "dtype": "float64"},
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "starts": {name: summary(runs, name) for name, *_ in STARTS},
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, indent=1) + "\n")
    print(f"Wrote {options.out}.")


if __name__ == "__main__":
    main()
