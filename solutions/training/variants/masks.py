"""Masks that are multiplied or filled in, gathered outputs, tensors where lists are asked for."""


def mask_of(lengths, steps):
    return (torch.arange(steps).unsqueeze(1) < lengths.unsqueeze(0)).float()


def masked_loss(logits, targets, lengths):
    steps, batch, known = logits.shape
    each = functional.cross_entropy(logits.reshape(-1, known), targets.reshape(-1), reduction="none").reshape(
        steps, batch
    )
    mask = mask_of(lengths, steps).to(each.dtype)
    return (each * mask).sum() / mask.sum()


def summaries(weights, x, lengths):
    gru = make_gru(weights)
    ordered, order = torch.sort(lengths, descending=True)
    packed = nn.utils.rnn.pack_padded_sequence(x[:, order], ordered.cpu())
    with torch.no_grad():
        states, sizes = nn.utils.rnn.pad_packed_sequence(gru(packed)[0])
    hidden = states.shape[2] // 2
    ends = (sizes - 1).view(1, -1, 1).expand(1, len(lengths), hidden)
    forward = states[:, :, :hidden].gather(0, ends)[0]
    both = torch.hstack([forward, states[0, :, hidden:]])
    return both[torch.argsort(order)]


def starting_weights(inputs, hidden, outputs, keep, seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        reader = Reader(inputs, hidden, outputs)
        with torch.no_grad():
            for block in reader.gru.weight_hh_l0.chunk(3):
                block.copy_(nn.init.orthogonal_(torch.empty(hidden, hidden)))
            reader.gru.bias_hh_l0.zero_()
            reader.gru.bias_ih_l0.view(3, hidden).copy_(torch.tensor([0.0, keep, 0.0])[:, None].expand(3, hidden))
            reader.out.weight.uniform_(-(hidden**-0.5), hidden**-0.5)
            reader.out.bias.zero_()
    return reader.state_dict()


def train_batches(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    reader.train()
    params = [p for p in reader.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(params, lr=learning_rate, momentum=0.9)
    losses, norms = torch.zeros(len(batches)), torch.zeros(len(batches))
    for i, (x, targets, lengths) in enumerate(batches):
        logits, _ = reader(x)
        loss = masked_loss(logits, targets, lengths)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        norms[i] = nn.utils.clip_grad_norm_(params, max_norm)
        optimizer.step()
        losses[i] = loss.detach()
    return reader.state_dict(), losses, norms


@torch.no_grad()
def evaluate(weights, batches, dropout):
    reader = make_reader(weights, dropout).eval()
    sums = torch.zeros(2)
    for x, targets, lengths in batches:
        n = lengths.sum()
        sums += torch.stack([masked_loss(reader(x)[0], targets, lengths) * n, n.float()])
    return sums[0] / sums[1]


def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimizer = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    eye = torch.eye(len(weights["out.bias"]))
    losses = []
    for _ in range(epochs):
        h = None
        for x, y in zip(eye[codes[:-1]].split(k), codes[1:].split(k), strict=True):
            optimizer.zero_grad(set_to_none=False)
            logits, h = reader(x, h)
            loss = functional.cross_entropy(logits.transpose(1, 2), y)
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimizer.step()
            h.detach_()
            losses.append(loss.detach())
    return reader.state_dict(), torch.stack(losses)


def learn(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(seed)
    reader = make_reader(weights)
    optimizer = torch.optim.Adam(reader.parameters(), lr=0.02)
    for _ in range(updates):
        x, y = draw(generator)
        optimizer.zero_grad()
        nn.functional.smooth_l1_loss(reader(x)[0][-1, :, 0], y).backward()
        optimizer.step()
    return {name: tensor.clone() for name, tensor in reader.state_dict().items()}
