"""Padding named by a target that is ignored, the two directions read one by one, and one loop for both trainings."""


def masked_loss(logits, targets, lengths):
    marked = targets.clone()
    for row, end in enumerate(lengths):
        marked[end:, row] = -100
    return functional.cross_entropy(logits.permute(1, 2, 0), marked.T)


def one_direction(weights, x, suffix):
    hidden = weights["weight_hh_l0"].shape[1]
    gru = nn.GRU(x.shape[2], hidden)
    gru.load_state_dict(
        {name: weights[name + suffix] for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")}
    )
    return gru(x)[0]


def summaries(weights, x, lengths):
    rows = torch.arange(x.shape[1])
    flipped = torch.zeros_like(x)
    for row, end in enumerate(lengths):
        flipped[:end, row] = x[:end, row].flip(0)
    forward = one_direction(weights, x, "")[lengths - 1, rows]
    backward = one_direction(weights, flipped, "_reverse")[lengths - 1, rows]
    return torch.cat((forward, backward), -1)


def starting_weights(inputs, hidden, outputs, keep, seed):
    g = torch.Generator().manual_seed(seed)
    a = hidden ** (-1 / 2)
    W_ih = torch.nn.init.uniform_(torch.zeros(3, hidden, inputs), -a, a, generator=g)
    W_hh = torch.linalg.qr(torch.randn(3, hidden, hidden, generator=g)).Q
    bias = torch.tensor([0.0, keep, 0.0]).repeat_interleave(hidden)
    out = torch.nn.init.uniform_(torch.zeros(outputs, hidden), -a, a, generator=g)
    return dict(
        zip(
            ["gru.weight_ih_l0", "gru.weight_hh_l0", "gru.bias_ih_l0", "gru.bias_hh_l0", "out.weight", "out.bias"],
            [W_ih.view(-1, inputs), W_hh.reshape(-1, hidden), bias, 0 * bias, out, torch.zeros(outputs)],
            strict=True,
        )
    )


def steps_of(weights, losses_of, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for loss in losses_of(reader):
        optimiser.zero_grad()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(reader.parameters(), max_norm).item())
        optimiser.step()
        losses.append(loss.item())
    return reader.state_dict(), losses, norms


def train_batches(weights, batches, learning_rate, max_norm):
    def losses_of(reader):
        for x, targets, lengths in batches:
            yield masked_loss(reader(x)[0], targets, lengths)

    return steps_of(weights, losses_of, learning_rate, max_norm)


def evaluate(weights, batches, dropout):
    reader = make_reader(weights)
    total = sum(masked_loss(reader(x)[0], y, n) * n.sum() for x, y, n in batches)
    return float(total / sum(n.sum() for _, _, n in batches))


def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    x, y = functional.one_hot(codes, len(weights["out.bias"])).float()[:-1], codes[1:]

    def losses_of(reader):
        for _ in range(epochs):
            h = None
            for start in range(0, len(x), k):
                logits, h = reader(x[start : start + k], h)
                h = h.detach()
                yield functional.cross_entropy(logits.flatten(0, 1), y[start : start + k].flatten())

    return steps_of(weights, losses_of, learning_rate, max_norm)[:2]


def learn(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(seed)

    def losses_of(reader):
        for _ in range(updates):
            x, y = draw(generator)
            yield (reader(x)[0][-1, :, 0] - y).pow(2).mean()

    return steps_of(weights, losses_of, 0.1, 1.0)[0]
