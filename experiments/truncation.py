"""What can a recurrent network learn whose gradient is cut after every k steps?

The task is an echo: the input is a random sequence of signs, and at each step the output should be the input of `lag`
steps before.  The state is carried over all steps of a sequence; the gradient stays in its chunk of k steps.  Each
combination of a lag and a k is trained from several seeds, all with as many updates and the same data.

The results, with the settings and versions, go to experiments/results/truncation.json.  About 40 seconds of CPU time
a seed.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products only: threads would wait for each other

import argparse
import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from solutions.reference import clip_by_global_norm, orthogonal, rnn_backward, rnn_forward_cached
from solutions.reference.rnn import RNNCache

RESULTS = Path(__file__).parent / "results"
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Settings:
    steps: int = 48  # of a sequence
    batch: int = 32
    hidden: int = 32
    updates: int = 1000
    rate: float = 0.005  # Adam's step
    clip: float = 1.0  # of the norm of all gradients together
    lags: tuple[int, ...] = (3, 6, 9)
    chunks: tuple[int, ...] = (2, 4, 8, 16, 48)
    seeds: int = 5


def first_weights(rng: np.random.Generator, hidden: int) -> Arrays:
    return {
        "W_ih": rng.normal(size=(hidden, 1)) / 2,
        "W_hh": orthogonal(rng, hidden),
        "b_ih": np.zeros(hidden),
        "b_hh": np.zeros(hidden),
        "W_out": rng.normal(size=hidden) / np.sqrt(hidden),
        "b_out": np.zeros(()),
    }


def signs(rng: np.random.Generator, settings: Settings) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=(settings.steps, settings.batch, 1))


def outputs(weights: Arrays, x: np.ndarray, hidden: int) -> tuple[np.ndarray, np.ndarray, RNNCache]:
    """The output at each step, (T, B), and what the way back needs."""
    h0 = np.zeros((x.shape[1], hidden))
    states, cache = rnn_forward_cached(x, h0, *(weights[name] for name in ("W_ih", "W_hh", "b_ih", "b_hh")))
    return states @ weights["W_out"] + weights["b_out"], states, cache


def gradients(weights: Arrays, x: np.ndarray, lag: int, k: int, hidden: int) -> Arrays:
    """Of half the mean squared error over all steps that have an echo, cut after every k steps."""
    out, states, cache = outputs(weights, x, hidden)
    error = np.zeros(out.shape)
    error[lag:] = (out[lag:] - x[:-lag, :, 0]) / out[lag:].size
    back = rnn_backward(error[:, :, None] * weights["W_out"], cache, truncate=k)
    found = {name: back[f"d{name}"] for name in ("W_ih", "W_hh", "b_ih", "b_hh")}
    return found | {"W_out": np.einsum("tb,tbh->h", error, states), "b_out": error.sum()}


def train(seed: int, lag: int, k: int, settings: Settings) -> float:
    """The share of right signs on sequences that were not trained on."""
    rng = np.random.default_rng([seed, lag])  # the same data and first weights for every k
    weights = first_weights(rng, settings.hidden)
    mean = {name: np.zeros(w.shape) for name, w in weights.items()}
    square = {name: np.zeros(w.shape) for name, w in weights.items()}
    for update in range(1, settings.updates + 1):
        found = gradients(weights, signs(rng, settings), lag, k, settings.hidden)
        clipped, _ = clip_by_global_norm(found, settings.clip)
        for name, g in clipped.items():
            mean[name] = 0.9 * mean[name] + 0.1 * g
            square[name] = 0.999 * square[name] + 0.001 * g**2
            step = mean[name] / (1 - 0.9**update) / (np.sqrt(square[name] / (1 - 0.999**update)) + 1e-8)
            weights[name] = weights[name] - settings.rate * step
    x = np.concatenate([signs(rng, settings) for _ in range(10)], axis=1)
    out, *_ = outputs(weights, x, settings.hidden)
    return float((np.sign(out[lag:]) == x[:-lag, :, 0]).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=Settings.seeds, help="how many seeds (default: %(default)s)")
    parser.add_argument("--updates", type=int, default=Settings.updates, help="of each run (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=RESULTS / "truncation.json")
    options = parser.parse_args()

    settings = Settings(seeds=options.seeds, updates=options.updates)
    combinations = [(lag, k) for lag in settings.lags for k in settings.chunks]
    rows = []
    for lag, k in track(combinations, description="lags and chunks"):
        rows.append({"lag": lag, "k": k, "accuracy": [train(seed, lag, k, settings) for seed in range(settings.seeds)]})
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    told = {"settings": asdict(settings), "versions": versions, "results": rows}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(told, indent=1) + "\n")
    print(f"Written to {options.out}.")


if __name__ == "__main__":
    main()
