"""How far back a GRU can feel at its start, beside a plain cell and an LSTM: the norm of ∂h_T/∂s_{T-k} by lag k.

    python experiments/gru_gradient.py            half a CPU minute; writes experiments/results/gru_gradient.json
    python experiments/gru_gradient.py --seeds 2  a quick look

s is the state: h, and for an LSTM h and c together.  All weights and biases are drawn as PyTorch draws them, uniformly
between ±1/sqrt(H); a start may add a number to the bias of the gate that keeps, take an orthogonal W_hh, or multiply
W_hh.  For each seed the starts of one cell share their weights and the random input.  The norm is the spectral norm.
Of a GRU it is also measured what the keep path would leave by itself, the largest entry of the product of the z, and
how large each of the four parts of a step's Jacobian is.  Kept are the median over the seeds and the range that holds
the middle nine tenths of them.
"""

import os

# Before NumPy is loaded, which is when it reads them.
os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import json
import platform
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from solutions.reference import gru_forward, gru_jacobian_paths, jacobian_norms, keep_bias, orthogonal_factor
from solutions.reference.inputs import random_weights

ROOT = Path(__file__).resolve().parent.parent
STEPS, INPUTS, HIDDEN = 100, 3, 64
QUANTILES = [0.05, 0.5, 0.95]
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True)
class Start:
    """cell: by its name.  bias: added to that of the keeping gate.  gain: a factor on W_hh, orthogonal or as drawn."""

    cell: str
    bias: float = 0.0
    gain: float = 1.0
    orthogonal: bool = False

    @property
    def name(self) -> str:
        said = [self.cell.upper()]
        if self.orthogonal:
            said.append("orthogonal")
        if self.bias:
            said.append(f"bias {self.bias:g}")
        if self.gain != 1:
            said.append(f"gain {self.gain:g}")
        return ", ".join(said) if len(said) > 1 else f"{said[0]}, default"


STARTS = [
    Start("rnn"),
    Start("rnn", orthogonal=True),
    *(Start("lstm", bias) for bias in (0, 1, 2, 4)),
    *(Start("gru", bias) for bias in (0, 1, 2, 4)),
    Start("gru", gain=5),
    Start("gru", bias=2, gain=5),
]


def draw(start: Start, seed: int) -> tuple:
    """The input (T, 1, D), the first states and the weights of a start."""
    rng = np.random.default_rng(seed)
    W_ih, W_hh, b_ih, b_hh = random_weights(rng, GATES[start.cell], INPUTS, HIDDEN)
    x, zero = rng.normal(size=(STEPS, 1, INPUTS)), np.zeros((1, HIDDEN))
    if start.orthogonal:
        W_hh = orthogonal_factor(rng.normal(size=(HIDDEN, HIDDEN)))
    if start.bias:
        b_ih = b_ih + keep_bias(start.cell, HIDDEN, start.bias)
    return x, (zero, zero) if start.cell == "lstm" else (zero,), (W_ih, start.gain * W_hh, b_ih, b_hh)


def measure(start: Start, seed: int) -> dict[str, np.ndarray]:
    """The norms by lag from 0 on, (T + 1,), and the factor that a step leaves in the farther half of the lags."""
    x, first, weights = draw(start, seed)
    norms = np.concatenate([[1.0], jacobian_norms(start.cell, x, first, weights)[:, 0]])
    half = STEPS // 2
    found = {"norms": norms, "factor": (norms[STEPS] / norms[half]) ** (1 / (STEPS - half))}
    return {**found, **by_path(x, *first, weights)} if start.cell == "gru" else found


def by_path(x: np.ndarray, h0: np.ndarray, weights: tuple) -> dict[str, np.ndarray]:
    """What the keep path alone leaves by lag, (T + 1,), and the mean norm of each part of a step's Jacobian."""
    before = np.concatenate([h0[None], gru_forward(x, h0, *weights)[:-1]])
    steps = [gru_jacobian_paths(x_t, h, *weights) for x_t, h in zip(x, before, strict=True)]
    # diag(z_T) ... diag(z_{T-k+1}): its norm is its largest entry
    z = np.array([np.diagonal(step["keep"][0]) for step in steps])
    kept = np.cumprod(z[::-1], axis=0).max(axis=1)
    parts = {f"{way} part": norm_of([step[way] for step in steps]) for way in steps[0]}
    return {
        "keep alone": np.concatenate([[1.0], kept]),
        **parts,
        "whole step": norm_of([sum(s.values()) for s in steps]),
    }


def norm_of(matrices: list[np.ndarray]) -> float:
    """The mean of the spectral norms of matrices (1, H, H)."""
    return float(np.linalg.norm(np.concatenate(matrices), ord=2, axis=(1, 2)).mean())


def summary(runs: list[dict]) -> dict[str, dict[str, object]]:
    """The quantiles of each quantity of a start over its seeds, to four digits."""

    def quantiles(quantity: str) -> dict[str, object]:
        values = [run[quantity] for run in runs]
        return {f"{q:.0%}": shortened(np.quantile(values, q, axis=0)) for q in QUANTILES}

    return {quantity: quantiles(quantity) for quantity in runs[0]}


def shortened(values: np.ndarray) -> float | list[float]:
    return [shortened(value) for value in values] if np.ndim(values) else float(f"{values:.4g}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30, help="how many seeds, from 0 on (default: 30)")
    parser.add_argument("--out", type=Path, default=ROOT / "experiments" / "results" / "gru_gradient.json")
    options = parser.parse_args()

    began = time.process_time()
    runs = [[measure(start, seed) for start in STARTS] for seed in track(range(options.seeds), description="seeds")]
    record = {
        "command": "python experiments/gru_gradient.py",
        "seeds": list(range(options.seeds)),
        "sizes": {"T": STEPS, "B": 1, "D": INPUTS, "H": HIDDEN, "dtype": "float64"},
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "cpu_seconds": round(time.process_time() - began),
        "starts": {start.name: summary([run[i] for run in runs]) for i, start in enumerate(STARTS)},
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, indent=1) + "\n")
    print(f"Wrote {options.out}.")


if __name__ == "__main__":
    main()
