"""Batch-first inside, the library's class for its parameters alone, and a scan over the cell."""

from itertools import accumulate
from typing import NamedTuple


class Weights(NamedTuple):
    W_ih: torch.Tensor
    W_hh: torch.Tensor
    b_ih: torch.Tensor
    b_hh: torch.Tensor


def step(h, gates, w):
    H = h.shape[-1]
    own = torch.addmm(w.b_hh, h, w.W_hh.mT)
    r = torch.sigmoid(gates[:, :H] + own[:, :H])
    z = torch.sigmoid(gates[:, H : 2 * H] + own[:, H : 2 * H])
    n = torch.tanh(gates[:, 2 * H :] + r * own[:, 2 * H :])
    return torch.where(z < 0, h, (1 - z) * n + z * h)


def gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    w = Weights(W_ih, W_hh, b_ih, b_hh)
    x = x.transpose(0, 1)
    gates = x.matmul(w.W_ih.mT) + w.b_ih
    states = list(accumulate(gates.unbind(1), lambda h, g: step(h, g, w), initial=h0))[1:]
    return torch.stack(states, dim=1).transpose(0, 1), states[-1]


def gru_layer_padded(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    w, h, outputs = Weights(W_ih, W_hh, b_ih, b_hh), h0, torch.zeros_like(h0).repeat(len(x), 1, 1)
    for t in range(int(lengths.max())):
        alive = torch.nonzero(lengths > t).flatten()
        new = step(h[alive], x[t, alive] @ w.W_ih.mT + w.b_ih, w)
        h = h.index_put((alive,), new)
        outputs[t, alive] = new
    return outputs, h


def reverse_padded(x, lengths):
    result = torch.empty_like(x)
    for length in torch.unique(lengths).tolist():
        rows = lengths == length
        part = x[:, rows]
        result[:, rows] = torch.cat([part[:length].flip((0,)), part[length:]])
    return result


class GRU(nn.GRU):
    """`nn.GRU` makes the parameters; its own forward is never called."""

    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        suffixes = ["", "_reverse"] if self.bidirectional else [""]
        finals = []
        for layer in range(self.num_layers):
            halves = []
            for suffix in suffixes:
                weights = (
                    getattr(self, f"{kind}_l{layer}{suffix}")
                    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                )
                start = x.new_zeros(x.shape[1], self.hidden_size) if h0 is None else h0[len(finals)]
                there = x
                if suffix:
                    there = x.flip(0) if lengths is None else reverse_padded(x, lengths)
                if lengths is None:
                    out, last = gru_layer(there, start, *weights)
                    out = out.flip(0) if suffix else out
                else:
                    out, last = gru_layer_padded(there, lengths, start, *weights)
                    out = reverse_padded(out, lengths) if suffix else out
                halves.append(out)
                finals.append(last)
            x = torch.cat(halves, dim=2)
        return x, torch.stack(finals, dim=0).contiguous()


def stream(layer, chunks, h0=None):
    def outputs(h):
        for chunk in chunks:
            out, h = layer(chunk, h)
            yield out, h

    outs, states = zip(*outputs(h0), strict=True)
    return torch.vstack(outs), states[-1]
