"""What a check makes of an answer, and where `learn` gets its data.  Public: a learner may read and call all of it."""

import torch
from torch import nn

PARTS = ["gru.weight_ih_l0", "gru.weight_hh_l0", "gru.bias_ih_l0", "gru.bias_hh_l0", "out.weight", "out.bias"]
_drawn = []
_noted = []


# Where `learn` gets its data.


def adding(generator, steps=6, batch=32):
    """Sums to learn: x (T, B, 2), numbers and marks, and y (B,), the sum of the two numbers that are marked."""
    numbers, marks, row = torch.rand(steps, batch, generator=generator), torch.zeros(steps, batch), torch.arange(batch)
    for first, last in [(0, steps // 2), (steps // 2, steps)]:
        marks[torch.randint(first, last, (batch,), generator=generator), row] = 1
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=0)


def watched_adding(generator):
    """As `adding`, and keeps what it gave, for `about_draws`."""
    x, y = adding(generator)
    _drawn.append(x)
    return x, y


def forget_draws():
    """Forget what `watched_adding` gave."""
    _drawn.clear()


def about_draws(learnt, updates):
    """What was drawn for one run of `learn`."""
    firsts = {tuple(x.flatten()[:6].tolist()) for x in _drawn}
    return {
        "there is a batch for each update": len(_drawn) >= updates,
        "every batch is new": len(firsts) == len(_drawn),
        "there is more than one": len(firsts) > 1,
    }


# Seeds.


def stir(seed):
    """Set torch's global generator, and note its state."""
    torch.manual_seed(seed)
    _noted[:] = [torch.get_rng_state()]


def about_seeds(first, again, other):
    """As `about_results`, and whether the global generator has moved."""
    untouched = torch.equal(torch.get_rng_state(), _noted[0])
    return {**about_results(first, again, other), "the global generator is as it was": untouched}


def about_results(first, again, other):
    """Whether the weights of the first two, of the same seed, are alike, and the third's are others."""
    alike = all(torch.equal(first[name], again[name]) for name in first)
    differ = any(not torch.equal(first[name], other[name]) for name in first)
    return {"the same seed gives the same weights": alike, "another seed gives other weights": differ}


# Answers.


def gradient_of_loss(logits, targets, lengths, loss):
    """The gradient of a loss with respect to the logits."""
    asked = logits.clone().requires_grad_()
    value = loss(asked, targets, lengths)
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        raise ValueError("no gradient flows through the loss: it is a plain number, or was detached from its graph")
    value.sum().backward()
    return asked.grad


def as_number(value):
    """A number of any kind, as a tensor of no axes in float32."""
    if isinstance(value, dict | str) or value is None or torch.as_tensor(value).numel() != 1:
        raise ValueError("one number is wanted")
    return torch.as_tensor(value, dtype=torch.float32).reshape(())


def as_trained(value, *names):
    """What a training loop returns: the weights, and a sequence of numbers for each of the other names."""
    wanted = f"a tuple of {1 + len(names)} is wanted, (weights, {', '.join(names)})"
    if not isinstance(value, tuple | list) or len(value) != 1 + len(names):
        raise ValueError(wanted)
    weights, *rest = value
    _refuse_weights(weights)
    return {"weights": dict(weights)} | {name: _numbers(each, name) for name, each in zip(names, rest, strict=True)}


def about_start(weights, inputs, hidden, outputs):
    """What is asked of first weights, whatever was drawn."""
    _refuse_weights(weights)
    rows = 3 * hidden
    shapes = [(rows, inputs), (rows, hidden), (rows,), (rows,), (outputs, hidden), (outputs,)]
    for name, shape in zip(PARTS, shapes, strict=True):
        if tuple(weights[name].shape) != shape:
            raise ValueError(f"`{name}` has shape {tuple(weights[name].shape)}; it should be {shape}")
        if weights[name].dtype != torch.float32:
            raise ValueError(f"`{name}` is {weights[name].dtype}; it should be torch.float32")
    bound = hidden**-0.5
    blocks = weights["gru.weight_hh_l0"].view(3, hidden, hidden)
    return {
        "W_hh^T W_hh of each block": blocks.transpose(1, 2) @ blocks,
        "the blocks of W_hh differ": all(not torch.allclose(blocks[i], blocks[i - 1]) for i in range(3)),
        "both biases together": (weights["gru.bias_ih_l0"] + weights["gru.bias_hh_l0"]).view(3, hidden),
        "gru.weight_ih_l0 is uniform": _looks_uniform(weights["gru.weight_ih_l0"], bound),
        "out.weight is uniform": _looks_uniform(weights["out.weight"], bound),
        "out.bias": weights["out.bias"],
    }


def about_learnt(weights, before, x, y, limit):
    """Whether trained weights add well on data that they have not seen, and whether they are others than before."""
    _refuse_weights(weights)
    for name in PARTS:
        if weights[name].shape != before[name].shape:
            raise ValueError(f"`{name}` has another shape than the weights that `learn` was given")
    gru, out = nn.GRU(x.shape[2], before["out.weight"].shape[1]), nn.Linear(before["out.weight"].shape[1], 1)
    gru.load_state_dict({name[4:]: weights[name] for name in PARTS[:4]})
    out.load_state_dict({name[4:]: weights[name] for name in PARTS[4:]})
    with torch.no_grad():
        error = ((out(gru(x)[0][-1])[:, 0] - y) ** 2).mean().item()
    moved = any(not torch.equal(weights[name], before[name]) for name in PARTS)
    return {"the weights have changed": moved, f"the error on fresh data is below {limit}": error < limit}


def _refuse_weights(weights):
    if not isinstance(weights, dict):
        raise ValueError("weights should be a dictionary {name: tensor}, as a state_dict is")
    for name in PARTS:
        if not isinstance(weights.get(name), torch.Tensor):
            raise ValueError(f"there is no tensor `{name}` among the weights")
    if len(weights) > len(PARTS):
        raise ValueError(f"the weights should be {', '.join(PARTS)}, and nothing else")


def _numbers(values, name):
    try:
        return torch.stack([torch.as_tensor(value, dtype=torch.float32).reshape(()) for value in values])
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} should be a list of numbers") from None


def _looks_uniform(weight, bound):
    """In the bounds, around zero, and as wide as uniform numbers are; for a hundred numbers or more."""
    inside = weight.abs().max() <= bound * (1 + 1e-6)
    return bool(inside and abs(weight.mean()) < 0.25 * bound and 0.45 * bound < weight.std() < 0.7 * bound)
