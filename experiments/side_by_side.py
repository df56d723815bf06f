"""Many small recurrent networks that learn side by side, as one batch of models on one thread.

A network of 40 units leaves a processor idle: most of the time of a step goes into starting its many small operations.
Here M networks of one kind take each step together, every array with a leading axis M.  Nothing passes from one model
to another: each has its own first weights, data, learning rate, gradient norm and Adam state.  The cells are PyTorch's
`nn.RNN`, `nn.GRU` and `nn.LSTM` (a test holds them together), and the minGRU of solutions/reference/minimal.py.

Shapes: T time, M models, B batch, D input size, H hidden size, K outputs.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

RESULTS = Path(__file__).parent / "results"
BLOCKS = {"RNN": 1, "minGRU": 2, "GRU": 3, "LSTM": 4}
Weights = dict[str, Tensor]
Batch = tuple[Tensor, Tensor]  # x (T, B, D); wanted (T, B), NaN or -1 where nothing is wanted


@dataclass(frozen=True)
class Net:
    """A kind of network: a recurrent layer, or several, and an affine map of the last one's states to K outputs."""

    kind: str
    inputs: int
    hidden: int
    outputs: int
    layers: int = 1
    forget_bias: float = 0.0  # added to an LSTM's

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The arrays of one model, named as PyTorch names them."""
        rows, found = BLOCKS[self.kind] * self.hidden, {}
        for layer in range(self.layers):
            size = self.hidden if layer else self.inputs
            found |= {f"weight_ih_l{layer}": (rows, size), f"bias_ih_l{layer}": (rows,)}
            if self.kind != "minGRU":
                found |= {f"weight_hh_l{layer}": (rows, self.hidden), f"bias_hh_l{layer}": (rows,)}
        return found | {"out": (self.outputs, self.hidden), "bias_out": (self.outputs,)}

    def parameters(self) -> int:
        return sum(int(np.prod(shape)) for shape in self.shapes().values())


def largest_within(budget: int, **net) -> Net:
    """The net with the most units that has no more than `budget` parameters."""
    hidden = 1
    while Net(hidden=hidden + 1, **net).parameters() <= budget:
        hidden += 1
    return Net(hidden=hidden, **net)


def first_weights(net: Net, seeds: list[int]) -> Weights:
    """Uniform in ±1/sqrt(H), as PyTorch draws them; one model a seed."""
    bound, models = net.hidden**-0.5, []
    for seed in seeds:
        rng = np.random.default_rng([seed, 0])
        drawn = {name: rng.uniform(-bound, bound, shape) for name, shape in net.shapes().items()}
        if net.kind == "LSTM":
            drawn["bias_ih_l0"][net.hidden : 2 * net.hidden] += net.forget_bias
        models.append(drawn)
    return {
        name: torch.tensor(np.stack([model[name] for model in models]), dtype=torch.float32) for name in net.shapes()
    }


def states(net: Net, weights: Weights, x: Tensor) -> Tensor:
    """The last layer's states at every step, from a state of zeros: x (T, M, B, D) -> (T, M, B, H)."""
    for layer in range(net.layers):
        W_ih, b_ih = weights[f"weight_ih_l{layer}"], weights[f"bias_ih_l{layer}"]
        from_x = torch.einsum("tmbd,mkd->tmbk", x, W_ih) + b_ih[:, None]
        if net.kind == "minGRU":
            x = min_gru(from_x)
        else:
            W_hh, b_hh = weights[f"weight_hh_l{layer}"].transpose(1, 2), weights[f"bias_hh_l{layer}"][:, None]
            x = {"RNN": rnn, "GRU": gru, "LSTM": lstm}[net.kind](from_x, W_hh, b_hh)
    return x


def rnn(from_x: Tensor, W_hh: Tensor, b_hh: Tensor) -> Tensor:
    h, found = start(from_x, W_hh), []
    for part in (from_x + b_hh).unbind():
        h = torch.baddbmm(part, h, W_hh).tanh()
        found.append(h)
    return torch.stack(found)


def gru(from_x: Tensor, W_hh: Tensor, b_hh: Tensor) -> Tensor:
    h, found, H = start(from_x, W_hh), [], W_hh.shape[1]
    for part in from_x.unbind():
        from_h = torch.baddbmm(b_hh, h, W_hh)
        r, z = (part[..., : 2 * H] + from_h[..., : 2 * H]).sigmoid().chunk(2, dim=2)
        n = torch.addcmul(part[..., 2 * H :], r, from_h[..., 2 * H :]).tanh()
        h = torch.lerp(n, h, z)  # n + z ⊙ (h - n)
        found.append(h)
    return torch.stack(found)


def lstm(from_x: Tensor, W_hh: Tensor, b_hh: Tensor) -> Tensor:
    h = c = start(from_x, W_hh)
    found, H = [], W_hh.shape[1]
    for part in (from_x + b_hh).unbind():
        a = torch.baddbmm(part, h, W_hh)
        i, f, _, o = a.sigmoid().chunk(4, dim=2)
        c = f * c + i * a[..., 2 * H : 3 * H].tanh()
        h = o * c.tanh()
        found.append(h)
    return torch.stack(found)


def min_gru(from_x: Tensor) -> Tensor:
    """h' = (1 - z) ⊙ h + z ⊙ h̃, where neither z nor h̃ sees a state; rows z, h̃."""
    k, v = from_x.chunk(2, dim=3)
    z = k.sigmoid()
    a, b, found = 1 - z, z * v, []
    h = torch.zeros_like(v[0])
    for a_t, b_t in zip(a.unbind(), b.unbind(), strict=True):
        h = torch.addcmul(b_t, a_t, h)
        found.append(h)
    return torch.stack(found)


def start(from_x: Tensor, W_hh: Tensor) -> Tensor:
    return torch.zeros(*from_x.shape[1:3], W_hh.shape[1])


def outputs(net: Net, weights: Weights, x: Tensor, last: int | None = None) -> Tensor:
    """What every model answers, at every step or the `last` few: x (T, M, B, D) -> (T, M, B, K)."""
    found = states(net, weights, x)[-last if last else 0 :]
    return torch.einsum("tmbh,mkh->tmbk", found, weights["out"]) + weights["bias_out"][:, None]


# losses of each model: answers (T, M, B, K) and wanted (T, M, B) -> (M,)


def squared_error(answers: Tensor, wanted: Tensor) -> Tensor:
    asked = ~torch.isnan(wanted)
    gap = torch.where(asked, answers[..., 0] - torch.nan_to_num(wanted), torch.zeros(()))
    return (gap**2).sum(dim=(0, 2)) / asked.sum(dim=(0, 2))


def bit_loss(answers: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of a bit, in nats."""
    asked = ~torch.isnan(wanted)
    loss = binary_cross_entropy_with_logits(answers[..., 0], torch.nan_to_num(wanted), reduction="none")
    return (loss * asked).sum(dim=(0, 2)) / asked.sum(dim=(0, 2))


def symbol_loss(answers: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of one symbol of K, in nats; -1 where none is wanted."""
    loss = cross_entropy(answers.permute(0, 3, 1, 2), wanted, ignore_index=-1, reduction="none")
    return loss.sum(dim=(0, 2)) / (wanted >= 0).sum(dim=(0, 2))


def bit_accuracy(answers: Tensor, wanted: Tensor) -> Tensor:
    asked = ~torch.isnan(wanted)
    return (((answers[..., 0] > 0) == (wanted > 0.5)) & asked).sum(dim=(0, 2)) / asked.sum(dim=(0, 2))


def symbol_accuracy(answers: Tensor, wanted: Tensor) -> Tensor:
    asked = wanted >= 0
    return ((answers.argmax(dim=3) == wanted) & asked).sum(dim=(0, 2)) / asked.sum(dim=(0, 2))


def clip_each(weights: Weights, largest: float) -> None:
    """Shorten the gradient of each model, over all its weights together, to `largest` where it is longer."""
    used = [w for w in weights.values() if w.grad is not None]
    norm = torch.sqrt(sum((w.grad**2).flatten(1).sum(dim=1) for w in used))
    factor = (largest / norm).clamp(max=1)
    for w in used:
        w.grad *= factor.view(-1, *[1] * (w.dim() - 1))


class Adam:
    """Adam with a learning rate for each model, after the gradient of each is cut to a norm of 1."""

    def __init__(self, weights: Weights, rates: list[float]):
        self.weights, self.steps = list(weights.values()), 0
        self.rates = torch.tensor(rates)
        self.means = [torch.zeros_like(w) for w in self.weights]
        self.squares = [torch.zeros_like(w) for w in self.weights]

    def step(self) -> None:
        self.steps += 1
        gradients = [w.grad for w in self.weights]
        factor = 1 / torch.sqrt(sum((g**2).flatten(1).sum(dim=1) for g in gradients)).clamp(min=1)
        with torch.no_grad():
            for w, g, mean, square in zip(self.weights, gradients, self.means, self.squares, strict=True):
                per_model = (-1, *[1] * (w.dim() - 1))
                g = g * factor.view(per_model)
                mean.lerp_(g, 0.1)
                square.lerp_(g**2, 0.001)
                root = (square / (1 - 0.999**self.steps)).sqrt() + 1e-8
                w -= self.rates.view(per_model) * (mean / (1 - 0.9**self.steps)) / root
                w.grad = None


def repeated(batches: list[Batch], arms: int) -> Batch:
    """One batch a seed, the same for each arm: x (T, arms * seeds, B, D), wanted (T, arms * seeds, B)."""
    x, wanted = (torch.stack(parts, dim=1) for parts in zip(*batches, strict=True))
    return x.repeat(1, arms, 1, 1), wanted.repeat(1, arms, 1)


def train(
    net: Net,
    seeds: list[int],
    rates: list[float],
    draw: Callable[[np.random.Generator, int], Batch],
    loss: Callable[[Tensor, Tensor], Tensor],
    updates: int,
    watch: Callable[[int, Weights], None] = lambda update, weights: None,
    last: int | None = None,
) -> Weights:
    """Train a model for each rate and seed (all seeds of the first rate first) and give their weights.

    draw(rng, update): a batch, by the generator of a seed.  watch(update, weights) is called before each update and
    after the last.  last: only so many last steps are read and wanted.
    """
    seeds_of_all = seeds * len(rates)
    weights = {name: tensor.requires_grad_() for name, tensor in first_weights(net, seeds_of_all).items()}
    adam = Adam(weights, [rate for rate in rates for _ in seeds])
    generators = [np.random.default_rng([seed, 1]) for seed in seeds]
    for update in range(updates):
        with torch.no_grad():
            watch(update, weights)
        x, wanted = repeated([draw(rng, update) for rng in generators], len(rates))
        loss(outputs(net, weights, x, last), wanted[-last if last else 0 :]).sum().backward()
        adam.step()
    with torch.no_grad():
        watch(updates, weights)
    return weights


def asked(net: Net, weights: Weights, batch: Batch, last: int | None = None) -> tuple[Tensor, Tensor]:
    """Answers of all models to one batch, and what was wanted, repeated for each model."""
    models = len(weights["out"])
    x, wanted = (tensor[:, None].expand(-1, models, *tensor.shape[1:]) for tensor in batch)
    with torch.no_grad():
        return outputs(net, weights, x, last), wanted[-last if last else 0 :]


def as_list(values: Tensor) -> list[float]:
    return [float(f"{value:.5g}") for value in values.flatten().tolist()]


def save(name: str, found: dict, started: float) -> None:
    """Write results/NAME.json: the command, versions and CPU seconds, then what was found."""
    command = " ".join(["python", f"experiments/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
    head = {"command": command, "versions": versions, "cpu_seconds": round(time.process_time() - started)}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(head | found) + "\n")
