"""A trainer of a class of its own, which every loop uses."""


class Trainer:
    def __init__(self, weights, optimiser, max_norm):
        self.reader = make_reader(weights)
        self.optimiser = optimiser(self.reader.parameters())
        self.max_norm = max_norm

    def step(self, loss):
        """One step; the norm before clipping."""
        self.optimiser.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.reader.parameters(), self.max_norm)
        self.optimiser.step()
        return norm.item()

    @property
    def weights(self):
        return dict(self.reader.state_dict())


def momentum(learning_rate):
    return lambda parameters: torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9)


def masked_loss(logits, targets, lengths):
    packed = nn.utils.rnn.pack_padded_sequence
    rows = packed(logits, lengths, enforce_sorted=False).data
    wanted = packed(targets, lengths, enforce_sorted=False).data
    return nn.CrossEntropyLoss()(rows, wanted)


def summaries(weights, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths.tolist(), enforce_sorted=False)
    return make_gru(weights)(packed)[1].transpose(0, 1).flatten(1)


class Drawn:
    def __init__(self, hidden, seed):
        self.generator, self.bound = torch.Generator().manual_seed(seed), hidden**-0.5

    def uniform(self, *shape):
        return torch.empty(shape).uniform_(-self.bound, self.bound, generator=self.generator)

    def orthogonal(self, size):
        return nn.init.orthogonal_(torch.empty(size, size), generator=self.generator)


def starting_weights(inputs, hidden, outputs, keep, seed):
    drawn = Drawn(hidden, seed)
    none = torch.zeros(hidden)
    half = torch.cat([none, none + keep / 2, none])
    return {
        "out.weight": drawn.uniform(outputs, hidden),
        "out.bias": torch.zeros(outputs),
        "gru.weight_ih_l0": drawn.uniform(3 * hidden, inputs),
        "gru.weight_hh_l0": torch.vstack([drawn.orthogonal(hidden) for _ in "rzn"]),
        "gru.bias_ih_l0": half,
        "gru.bias_hh_l0": half.clone(),
    }


def train_batches(weights, batches, learning_rate, max_norm):
    trainer, losses, norms = Trainer(weights, momentum(learning_rate), max_norm), [], []
    for x, targets, lengths in batches:
        loss = masked_loss(trainer.reader(x)[0], targets, lengths)
        norms.append(trainer.step(loss))
        losses.append(loss.item())
    return trainer.weights, losses, norms


def evaluate(weights, batches, dropout):
    reader = make_reader(weights, dropout).eval()
    pairs = [(masked_loss(reader(x)[0], targets, n).item(), int(n.sum())) for x, targets, n in batches]
    return sum(loss * n for loss, n in pairs) / sum(n for _, n in pairs)


def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    trainer, losses = Trainer(weights, momentum(learning_rate), max_norm), []
    for _ in range(epochs):
        state = None
        for start in range(0, len(codes) - 1, k):
            piece = codes[start : start + k + 1]
            x = functional.one_hot(piece[:-1], len(weights["out.bias"])).to(torch.float32)
            logits, state = trainer.reader(x, state)
            loss = nn.CrossEntropyLoss()(logits.permute(0, 2, 1), piece[1:])
            trainer.step(loss)
            state = state.data
            losses.append(loss.item())
    return trainer.weights, losses


def learn(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(seed)
    trainer = Trainer(weights, lambda parameters: torch.optim.AdamW(parameters, lr=0.03), 1.0)
    for _ in range(updates):
        x, y = draw(generator)
        trainer.step((trainer.reader(x)[0][-1, :, 0] - y).square().mean())
    return trainer.weights
