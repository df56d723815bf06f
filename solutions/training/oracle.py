"""Right answers to `training`, for its checks and for the mistakes that call them."""

import torch
from torch import nn
from torch.nn import functional


class Reader(nn.Module):
    """A GRU and an affine map on each of its states, some of which are dropped in training.

    x (T, B, D), h (1, B, H) or None -> outputs (T, B, K), the last state (1, B, H)
    """

    def __init__(self, inputs, hidden, outputs, dropout=0.0):
        super().__init__()
        self.gru = nn.GRU(inputs, hidden)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, x, h=None):
        states, h = self.gru(x, h)
        return self.out(self.drop(states)), h


def make_reader(weights, dropout=0.0):
    """A Reader with these weights.  It has copies: the weights stay as they are."""
    rows, inputs = weights["gru.weight_ih_l0"].shape
    reader = Reader(inputs, rows // 3, len(weights["out.bias"]), dropout)
    reader.load_state_dict(weights)
    return reader


def make_gru(weights):
    """A bidirectional GRU with these weights."""
    rows, inputs = weights["weight_ih_l0"].shape
    gru = nn.GRU(inputs, rows // 3, bidirectional=True)
    gru.load_state_dict(weights)
    return gru


def masked_loss(logits, targets, lengths):
    """The mean of -log p(target) over the real steps."""
    each = -logits.log_softmax(dim=2).gather(2, targets[:, :, None])[:, :, 0]
    real = (torch.arange(len(logits), device=logits.device)[:, None] < lengths).to(each.dtype)
    return (each * real).sum() / real.sum()


def summaries(weights, x, lengths):
    """Each row alone: the state after its last step, and that of the backward reading after its first."""
    gru = make_gru(weights)
    with torch.no_grad():
        rows = [gru(x[:end, row])[1] for row, end in enumerate(lengths)]
    return torch.stack([h.flatten() for h in rows])


def starting_weights(inputs, hidden, outputs, keep, seed):
    """Uniform input and output weights, orthogonal blocks, a bias for the update gate."""
    generator, bound = torch.Generator().manual_seed(seed), hidden**-0.5
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    bias = torch.zeros(3 * hidden)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(3 * hidden, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(3 * hidden),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


def clip(parameters, max_norm):
    """Shorten the gradients, all by one factor; the norm that they had."""
    norm = torch.cat([p.grad.flatten() for p in parameters]).norm()
    for p in parameters:
        p.grad *= max_norm / max(norm, max_norm)
    return norm


def train(weights, batches, learning_rate, max_norm):
    """One pass over the batches -> weights, losses, norms before clipping."""
    reader = make_reader(weights)
    parameters = list(reader.parameters())
    optimiser = torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norms.append(clip(parameters, max_norm))
        optimiser.step()
        losses.append(loss.detach())
    return reader.state_dict(), torch.stack(losses), torch.stack(norms)


def evaluate(weights, batches, dropout):
    """The mean of -log p(target) over the real steps of all batches."""
    reader = make_reader(weights)
    with torch.no_grad():
        losses = [masked_loss(reader(x)[0], targets, lengths) for x, targets, lengths in batches]
    steps = [lengths.sum() for _, _, lengths in batches]
    return sum(loss * n for loss, n in zip(losses, steps, strict=True)) / sum(steps)


def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    """Truncated backpropagation through time over a text -> weights, the loss of each chunk."""
    reader = make_reader(weights)
    parameters = list(reader.parameters())
    optimiser = torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9)
    known, losses = len(weights["out.bias"]), []
    x, y = functional.one_hot(codes[:-1], known).float(), codes[1:]
    for _ in range(epochs):
        h = None
        for x_part, y_part in zip(x.split(k), y.split(k), strict=True):
            optimiser.zero_grad()
            logits, h = reader(x_part, None if h is None else h.detach())
            loss = functional.cross_entropy(logits.flatten(0, 1), y_part.flatten())
            loss.backward()
            clip(parameters, max_norm)
            optimiser.step()
            losses.append(loss.detach())
    return reader.state_dict(), torch.stack(losses)
