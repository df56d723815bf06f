"""One-layer modules in a list, their parameters put under the library's names; masks by multiplication."""


def gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    gates = torch.nn.functional.linear(x, W_ih, b_ih)
    h = h0
    outputs = []
    for t in range(x.size(0)):
        hidden = torch.nn.functional.linear(h, W_hh, b_hh)
        x_r, x_z, x_n = torch.chunk(gates[t], 3, -1)
        h_r, h_z, h_n = torch.chunk(hidden, 3, -1)
        reset, update = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        new = torch.tanh(x_n + reset * h_n)
        h = new - update * new + update * h
        outputs.append(h.unsqueeze(0))
    return torch.cat(outputs, 0), outputs[-1].squeeze(0)


def mask(lengths, x):
    return (torch.arange(x.size(0), device=lengths.device).view(-1, 1) < lengths.view(1, -1)).unsqueeze(2)


def gru_layer_padded(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    last = (lengths - 1).view(1, -1, 1).expand(1, -1, outputs.size(2))
    return outputs * mask(lengths, x), outputs.gather(0, last).squeeze(0)


def reverse_padded(x, lengths):
    """Flipped whole, every row begins with its padding; rolled by as much, with its last step."""
    T, B = x.shape[:2]
    t = torch.arange(T, device=x.device)[:, None]
    rolled = x.flip(0)[(t + T - lengths) % T, torch.arange(B, device=x.device)]
    return torch.where(mask(lengths, x), rolled, x)


class OneDirection(nn.Module):
    def __init__(self, inputs, hidden, reverse):
        super().__init__()
        self.reverse = reverse
        shapes = {"weight_ih": (3 * hidden, inputs), "weight_hh": (3 * hidden, hidden)}
        shapes.update(bias_ih=(3 * hidden,), bias_hh=(3 * hidden,))
        for own, shape in shapes.items():
            self.register_parameter(own, nn.Parameter(torch.empty(shape)))
            nn.init.uniform_(self.get_parameter(own), -(hidden**-0.5), hidden**-0.5)

    def forward(self, x, lengths, h0):
        x = reverse_padded(x, lengths) if self.reverse else x
        weights = self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh
        outputs, h_n = gru_layer_padded(x, lengths, h0, *weights)
        return reverse_padded(outputs, lengths) if self.reverse else outputs, h_n


class GRU(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        directions = [False, True] if bidirectional else [False]
        self.hidden_size = hidden_size
        self.blocks = []  # a plain list: the parameters are registered below, under other names
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size * len(directions)
            self.blocks.append([OneDirection(size, hidden_size, reverse) for reverse in directions])
            for block in self.blocks[-1]:
                for name, parameter in block.named_parameters():
                    self.register_parameter(f"{name}_l{layer}{'_reverse' if block.reverse else ''}", parameter)

    def forward(self, x, h0=None, lengths=None):
        T, B = x.size(0), x.size(1)
        lengths = torch.full((B,), T, dtype=torch.long, device=x.device) if lengths is None else lengths
        count = sum(len(blocks) for blocks in self.blocks)
        h0 = torch.zeros(count, B, self.hidden_size, dtype=x.dtype, device=x.device) if h0 is None else h0
        states, finals = iter(h0), []
        for blocks in self.blocks:
            results = [block(x, lengths, next(states)) for block in blocks]
            x = torch.cat([outputs for outputs, _ in results], dim=-1)
            finals += [h_n for _, h_n in results]
        return x, torch.stack(finals, 0)


def stream(layer, chunks, h0=None):
    results = []
    for chunk in chunks:
        results.append(layer(chunk, results[-1][1] if results else h0))
    outputs, states = zip(*results, strict=True)
    return torch.cat(outputs), states[-1]
