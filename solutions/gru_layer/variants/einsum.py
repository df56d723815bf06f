"""Einsum with a gate's axis, outputs written into a tensor made for them, lengths by sorting nothing and selecting."""

import math


def gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    T, B, D = x.shape
    H = h0.shape[-1]
    W, U, b, c = W_ih.view(3, H, D), W_hh.view(3, H, H), b_ih.view(3, 1, H), b_hh.view(3, 1, H)
    from_x = torch.einsum("tbd,ghd->tgbh", x, W) + b
    outputs = x.new_empty(T, B, H)
    h = h0
    for t in range(T):
        from_h = torch.einsum("bk,ghk->gbh", h, U) + c
        r = torch.sigmoid(from_x[t, 0] + from_h[0])
        z = torch.sigmoid(from_x[t, 1] + from_h[1])
        n = torch.tanh(from_x[t, 2] + r * from_h[2])
        h = n + z * (h - n)
        outputs[t] = h
    return outputs, h


def gru_layer_padded(x, lengths, h0, *weights):
    T = x.shape[0]
    outputs, _ = gru_layer(x, h0, *weights)
    is_last = torch.nn.functional.one_hot(lengths - 1, T).to(x.dtype)
    is_real = is_last.flip(1).cumsum(1).flip(1)
    return torch.einsum("tbh,bt->tbh", outputs, is_real), torch.einsum("tbh,bt->bh", outputs, is_last)


def reverse_padded(x, lengths):
    rows = []
    for row, length in zip(x.unbind(1), lengths.tolist(), strict=True):
        rows.append(torch.cat([row[:length].flip(0), row[length:]]))
    return torch.stack(rows, dim=1)


class GRU(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.num_directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            for direction in range(self.num_directions):
                in_size = input_size if layer == 0 else self.num_directions * hidden_size
                suffix = f"l{layer}" + "_reverse" * direction
                self.register_parameter("weight_ih_" + suffix, nn.Parameter(torch.zeros(3 * hidden_size, in_size)))
                self.register_parameter("weight_hh_" + suffix, nn.Parameter(torch.zeros(3 * hidden_size, hidden_size)))
                self.register_parameter("bias_ih_" + suffix, nn.Parameter(torch.zeros(3 * hidden_size)))
                self.register_parameter("bias_hh_" + suffix, nn.Parameter(torch.zeros(3 * hidden_size)))
        with torch.no_grad():
            for weight in self.parameters():
                weight.uniform_(-1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def forward(self, x, h0=None, lengths=None):
        T, B, _ = x.shape
        if h0 is None:
            h0 = x.new_zeros((self.num_layers * self.num_directions, B, self.hidden_size))
        if lengths is None:
            lengths = x.new_full((B,), T, dtype=torch.long)
        h_n = torch.empty_like(h0)
        parameters = list(self.parameters())
        for layer in range(self.num_layers):
            halves = []
            for direction in range(self.num_directions):
                k = layer * self.num_directions + direction
                inputs = reverse_padded(x, lengths) if direction else x
                out, h_n[k] = gru_layer_padded(inputs, lengths, h0[k], *parameters[4 * k : 4 * k + 4])
                halves.append(reverse_padded(out, lengths) if direction else out)
            x = torch.cat(halves, -1)
        return x, h_n


def stream(layer, chunks, h0=None):
    outputs, h = layer(chunks[0], h0)
    for chunk in chunks[1:]:
        more, h = layer(chunk, h)
        outputs = torch.cat([outputs, more])
    return outputs, h
