"""Recursion in the place of every loop, a ParameterDict-free module with weights given names, and nested helpers."""


def gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    W_ir, W_iz, W_in = W_ih.tensor_split(3)
    W_hr, W_hz, W_hn = W_hh.tensor_split(3)
    b_ir, b_iz, b_in = b_ih.tensor_split(3)
    b_hr, b_hz, b_hn = b_hh.tensor_split(3)

    def states(t, h):
        if t == len(x):
            return ()
        r = (x[t] @ W_ir.t() + b_ir + h @ W_hr.t() + b_hr).sigmoid()
        z = (x[t] @ W_iz.t() + b_iz + h @ W_hz.t() + b_hz).sigmoid()
        n = (x[t] @ W_in.t() + b_in + r * (h @ W_hn.t() + b_hn)).tanh()
        h = (1 - z).mul(n).add(z.mul(h))
        return (h, *states(t + 1, h))

    found = states(0, h0)
    return torch.stack(found), found[-1]


def gru_layer_padded(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    """Each row by itself, and padded again."""
    T = x.shape[0]
    outputs, last = [], []
    for b, length in enumerate(lengths):
        out, h = gru_layer(x[: int(length), b : b + 1], h0[b : b + 1], W_ih, W_hh, b_ih, b_hh)
        outputs.append(torch.nn.functional.pad(out, (0, 0, 0, 0, 0, T - int(length))))
        last.append(h)
    return torch.cat(outputs, dim=1), torch.cat(last)


def reverse_padded(x, lengths):
    result = x.clone()
    for b in range(x.shape[1]):
        n = lengths[b].item()
        result[:n, b] = torch.flip(x[:n, b], dims=[0])
    return result


class GRU(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        self.H, self.L, self.bidirectional = hidden_size, num_layers, bidirectional

        def weight(*shape):
            return nn.Parameter((torch.rand(*shape) * 2 - 1) / hidden_size**0.5)

        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size * (2 if bidirectional else 1)
            for suffix in ["", "_reverse"] if bidirectional else [""]:
                setattr(self, f"weight_ih_l{layer}{suffix}", weight(3 * hidden_size, size))
                setattr(self, f"weight_hh_l{layer}{suffix}", weight(3 * hidden_size, hidden_size))
                setattr(self, f"bias_ih_l{layer}{suffix}", weight(3 * hidden_size))
                setattr(self, f"bias_hh_l{layer}{suffix}", weight(3 * hidden_size))

    def weights(self, layer, suffix):
        return [getattr(self, f"{name}_l{layer}{suffix}") for name in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]]

    def run(self, layer, x, lengths, h0):
        forward, h_forward = gru_layer_padded(x, lengths, h0[0], *self.weights(layer, ""))
        if not self.bidirectional:
            return forward, h_forward[None]
        turned = reverse_padded(x, lengths)
        reverse, h_reverse = gru_layer_padded(turned, lengths, h0[1], *self.weights(layer, "_reverse"))
        both = torch.cat((forward, reverse_padded(reverse, lengths)), dim=2)
        return both, torch.stack((h_forward, h_reverse))

    def forward(self, x, h0=None, lengths=None):
        directions = 2 if self.bidirectional else 1
        if h0 is None:
            h0 = torch.zeros((self.L * directions, x.shape[1], self.H)).to(x)
        if lengths is None:
            lengths = torch.ones(x.shape[1], dtype=torch.int64, device=x.device) * x.shape[0]

        def up(layer, x):
            states = h0[layer * directions : (layer + 1) * directions]
            x, h = self.run(layer, x, lengths, states)
            if layer == self.L - 1:
                return x, h
            top, h_above = up(layer + 1, x)
            return top, torch.cat([h, h_above])

        return up(0, x)


def stream(layer, chunks, h0=None):
    first, *rest = chunks
    outputs, h = layer(first, h0)
    if not rest:
        return outputs, h
    later, h = stream(layer, rest, h)
    return torch.cat([outputs, later]), h
