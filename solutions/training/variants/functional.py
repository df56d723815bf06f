"""Without make_reader: the weights are tensors that require gradients, and the cell is written out."""


def masked_loss(logits, targets, lengths):
    log_p = logits - logits.logsumexp(dim=-1, keepdim=True)
    chosen = (log_p * functional.one_hot(targets, logits.shape[-1])).sum(dim=-1)
    return -sum(chosen[:end, b].sum() for b, end in enumerate(lengths.tolist())) / lengths.sum()


def gru_states(w, x, h):
    states = []
    for x_t in x:
        i = (x_t @ w["weight_ih_l0"].T + w["bias_ih_l0"]).chunk(3, dim=1)
        g = (h @ w["weight_hh_l0"].T + w["bias_hh_l0"]).chunk(3, dim=1)
        r, z = torch.sigmoid(i[0] + g[0]), torch.sigmoid(i[1] + g[1])
        h = (1 - z) * torch.tanh(i[2] + r * g[2]) + z * h
        states.append(h)
    return torch.stack(states)


def summaries(weights, x, lengths):
    ends = []
    for suffix in ("", "_reverse"):
        w = {name: weights[name + suffix] for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")}
        zero = torch.zeros(1, w["weight_hh_l0"].shape[1])
        rows = [x[:end, b : b + 1] for b, end in enumerate(lengths.tolist())]
        ends.append(torch.cat([gru_states(w, row.flip(0) if suffix else row, zero)[-1] for row in rows]))
    return torch.cat(ends, dim=1)


def starting_weights(inputs, hidden, outputs, keep, seed):
    g = torch.Generator(device="cpu").manual_seed(seed)
    bound = torch.tensor(1.0 / hidden).sqrt()

    def uniform(*s):
        return bound * (torch.rand(*s, generator=g) * 2 - 1)

    def orthogonal():
        U, _, V = torch.linalg.svd(torch.randn(hidden, hidden, generator=g))
        return U @ V

    b_ih = torch.zeros(3, hidden)
    b_ih[1] += keep
    return {
        "gru.weight_ih_l0": uniform(3 * hidden, inputs),
        "gru.weight_hh_l0": torch.concat([orthogonal(), orthogonal(), orthogonal()]),
        "gru.bias_ih_l0": b_ih.flatten(),
        "gru.bias_hh_l0": torch.zeros(3 * hidden),
        "out.weight": uniform(outputs, hidden),
        "out.bias": torch.zeros(outputs),
    }


def forward(w, x, h=None):
    gru = {name[4:]: tensor for name, tensor in w.items() if name.startswith("gru.")}
    h = torch.zeros(x.shape[1], w["gru.weight_hh_l0"].shape[1]) if h is None else h
    states = gru_states(gru, x, h)
    return states @ w["out.weight"].T + w["out.bias"], states[-1]


def leaves(weights):
    return {name: tensor.detach().clone().requires_grad_(True) for name, tensor in weights.items()}


def plain(w):
    return {name: tensor.detach() for name, tensor in w.items()}


def clipped_step(loss, w, optimiser, max_norm):
    optimiser.zero_grad()
    loss.backward()
    norm = torch.sqrt(sum(p.grad.square().sum() for p in w.values()))
    if norm > max_norm:
        for p in w.values():
            p.grad.mul_(max_norm / norm)
    optimiser.step()
    return norm


def train_batches(weights, batches, learning_rate, max_norm):
    w = leaves(weights)
    optimiser = torch.optim.SGD(w.values(), lr=learning_rate, momentum=0.9)
    out = []
    for x, targets, lengths in batches:
        loss = masked_loss(forward(w, x)[0], targets, lengths)
        out.append((loss.item(), clipped_step(loss, w, optimiser, max_norm)))
    return plain(w), tuple(loss for loss, _ in out), tuple(norm for _, norm in out)


def evaluate(weights, batches, dropout):
    return np_mean([(masked_loss(forward(weights, x)[0], y, n), n.sum()) for x, y, n in batches])


def np_mean(pairs):
    import numpy as np

    return np.average([float(loss) for loss, _ in pairs], weights=[float(n) for _, n in pairs])


def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    w, losses = leaves(weights), []
    optimiser = torch.optim.SGD(w.values(), lr=learning_rate, momentum=0.9)
    eye = torch.eye(len(weights["out.bias"]))
    for _ in range(epochs):
        h = None
        for t in range(0, len(codes) - 1, k):
            y = codes[t + 1 : t + 1 + k]
            logits, h = forward(w, eye[codes[t : t + len(y)]], h)
            loss = functional.nll_loss(logits.log_softmax(-1).flatten(0, 1), y.flatten())
            clipped_step(loss, w, optimiser, max_norm)
            h = h.detach().clone()
            losses.append(float(loss))
    return plain(w), losses


def learn(weights, draw, seed, updates):
    w, generator = leaves(weights), torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(list(w.values()), lr=0.025)
    for _ in range(updates):
        x, y = draw(generator)
        clipped_step(torch.mean((forward(w, x)[0][-1].flatten() - y) ** 2), w, optimiser, 1.0)
    return plain(w)
