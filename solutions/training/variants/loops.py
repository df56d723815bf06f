"""Everything by loops over rows and steps, and by hand: the mask, the clipping, the momentum."""


def masked_loss(logits, targets, lengths):
    total, count = 0.0, 0
    for b, end in enumerate(lengths.tolist()):
        for t in range(end):
            total = total - torch.log_softmax(logits[t, b], dim=0)[targets[t, b]]
            count += 1
    return total / count


def summaries(weights, x, lengths):
    gru, rows = make_gru(weights), []
    for b in range(x.shape[1]):
        _, h = gru(x[: lengths[b], b : b + 1])
        rows.append(torch.cat([h[0, 0], h[1, 0]]))
    return torch.stack(rows)


def starting_weights(inputs, hidden, outputs, keep, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    a = 1 / hidden**0.5
    weights = {}
    weights["out.bias"] = torch.zeros(outputs)
    weights["out.weight"] = (2 * torch.rand(outputs, hidden, generator=g) - 1) * a
    weights["gru.bias_ih_l0"] = torch.zeros(3 * hidden)
    weights["gru.bias_hh_l0"] = torch.zeros(3 * hidden)
    for unit in range(hidden):
        weights["gru.bias_hh_l0"][hidden + unit] = keep
    weights["gru.weight_hh_l0"] = torch.zeros(3 * hidden, hidden)
    for gate in range(3):
        Q, R = torch.linalg.qr(torch.randn(hidden, hidden, generator=g))
        weights["gru.weight_hh_l0"][gate * hidden : (gate + 1) * hidden] = Q * torch.sign(torch.diag(R))
    weights["gru.weight_ih_l0"] = (2 * torch.rand(3 * hidden, inputs, generator=g) - 1) * a
    return weights


def train_batches(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    velocity = {name: None for name, _ in reader.named_parameters()}
    losses, norms = [], []
    for x, targets, lengths in batches:
        loss = masked_loss(reader(x)[0], targets, lengths)
        gradients = torch.autograd.grad(loss, list(reader.parameters()))
        norm = sum((g**2).sum() for g in gradients).sqrt()
        factor = min(1.0, max_norm / norm.item())
        with torch.no_grad():
            for (name, p), g in zip(reader.named_parameters(), gradients, strict=True):
                velocity[name] = factor * g if velocity[name] is None else 0.9 * velocity[name] + factor * g
                p -= learning_rate * velocity[name]
        losses.append(float(loss))
        norms.append(float(norm))
    return {name: p.detach() for name, p in reader.named_parameters()}, losses, norms


def evaluate(weights, batches, dropout):
    reader = make_reader(weights, dropout)
    reader.train(False)
    total, count = 0.0, 0
    for x, targets, lengths in batches:
        logits, _ = reader(x)
        for b, end in enumerate(lengths.tolist()):
            total += functional.cross_entropy(logits[:end, b], targets[:end, b], reduction="sum").item()
            count += end
    return total / count


def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    opt = torch.optim.SGD(list(reader.parameters()), lr=learning_rate, momentum=0.9)
    known = weights["out.bias"].shape[0]
    N, B = codes.shape
    losses = []
    for _ in range(epochs):
        h = torch.zeros(1, B, weights["gru.weight_hh_l0"].shape[1])
        start = 0
        while start < N - 1:
            end = min(start + k, N - 1)
            h = h.detach()
            total = 0.0
            for t in range(start, end):
                x = torch.zeros(1, B, known)
                for b in range(B):
                    x[0, b, codes[t, b]] = 1
                logits, h = reader(x, h)
                total = total + functional.cross_entropy(logits[0], codes[t + 1])
            loss = total / (end - start)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(list(reader.parameters()), max_norm)
            opt.step()
            losses.append(loss.item())
            start = end
    return reader.state_dict(), losses


def learn(weights, draw, seed, updates):
    g = torch.Generator()
    g.manual_seed(seed)
    reader = make_reader(weights)
    opt = torch.optim.RMSprop(reader.parameters(), lr=0.01)
    step = 0
    while step < updates:
        x, y = draw(g)
        out, _ = reader(x)
        loss = ((out[-1].squeeze(1) - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    return reader.state_dict()
