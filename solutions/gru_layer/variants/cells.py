"""A list of cells, as modules that share the GRU's parameters, and steps frozen where a row has ended."""

from torch.nn import functional as F


class Cell:
    """One step of one layer in one direction."""

    def __init__(self, W_ih, W_hh, b_ih, b_hh):
        self.of_input, self.of_state = (W_ih, b_ih), (W_hh, b_hh)

    def __call__(self, x, h):
        H = h.size(-1)
        gates_x, gates_h = F.linear(x, *self.of_input), F.linear(h, *self.of_state)
        r, z = torch.split(torch.sigmoid(gates_x[:, : 2 * H] + gates_h[:, : 2 * H]), H, dim=1)
        n = torch.tanh(torch.addcmul(gates_x[:, 2 * H :], r, gates_h[:, 2 * H :]))
        return torch.lerp(n, h, z)


def gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    cell, states = Cell(W_ih, W_hh, b_ih, b_hh), [h0]
    for x_t in x.unbind(0):
        states.append(cell(x_t, states[-1]))
    return torch.stack(states[1:]), states[-1]


def gru_layer_padded(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    cell, h, outputs = Cell(W_ih, W_hh, b_ih, b_hh), h0, []
    for t, x_t in enumerate(x):
        alive = (t < lengths).unsqueeze(-1).to(h.dtype)
        h = alive * cell(x_t, h) + (1 - alive) * h
        outputs.append(alive * h)
    return torch.stack(outputs), h


def reverse_padded(x, lengths):
    steps = torch.arange(len(x), device=x.device).unsqueeze(1).expand(-1, x.size(1))
    place = torch.where(steps < lengths, lengths - steps - 1, steps)
    return x.gather(0, place.unsqueeze(-1).expand_as(x))


class GRU(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        self.hidden_size = hidden_size
        self.passes = [f"l{k}{end}" for k in range(num_layers) for end in ("", "_reverse")[: 1 + bidirectional]]
        self.both = bidirectional
        bound = 1 / hidden_size**0.5
        for place, name in enumerate(self.passes):
            below = input_size if place <= bidirectional else hidden_size * (1 + bidirectional)
            for kind, shape in [
                ("weight_ih", (below,)),
                ("weight_hh", (hidden_size,)),
                ("bias_ih", ()),
                ("bias_hh", ()),
            ]:
                parameter = nn.Parameter(torch.empty(3 * hidden_size, *shape))
                nn.init.uniform_(parameter, -bound, bound)
                setattr(self, f"{kind}_{name}", parameter)

    def forward(self, x, h0=None, lengths=None):
        if lengths is None:
            lengths = torch.tensor([x.size(0)] * x.size(1), device=x.device)
        if h0 is None:
            h0 = torch.zeros(len(self.passes), x.size(1), self.hidden_size, dtype=x.dtype, device=x.device)
        outputs, finals = [], []
        for h, name in zip(h0, self.passes, strict=True):
            weights = [getattr(self, f"{kind}_{name}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            if name.endswith("_reverse"):
                y, h_n = gru_layer_padded(reverse_padded(x, lengths), lengths, h, *weights)
                outputs.append(reverse_padded(y, lengths))
            else:
                y, h_n = gru_layer_padded(x, lengths, h, *weights)
                outputs.append(y)
            finals.append(h_n)
            if len(outputs) == 1 + self.both:
                x, outputs = torch.cat(outputs, 2), []
        return x, torch.stack(finals)


def stream(layer, chunks, h0=None):
    parts = []
    for chunk in chunks:
        part, h0 = layer(chunk, h0)
        parts += [part]
    return torch.cat(parts, 0), h0
