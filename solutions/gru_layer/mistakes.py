"""Known mistakes in `gru_layer`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake calls the other tasks' functions by name, as a learner's would; it costs its own task and every later one that
is built on it, unless `spoils` says which.  `nn.GRU` lends the classes its weights, to keep them short; its `forward`
is not called.  At the end are pairs, two mistakes at once.
"""
# ruff: noqa: F821, N801

import torch
from torch import nn

from autograder.testing import both, mistake

# gru_layer


@mistake(
    "gru_layer",
    hint="Your update gate is flipped: z and 1 - z have changed places. z says how much of the old state stays: h' "
    "= (1 - z) ⊙ n + z ⊙ h.",
    convention="the update gate the other way round, z ⊙ n + (1 - z) ⊙ h",
)
def update_gate_flipped(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = z * torch.tanh(i_n + r * h_n) + (1 - z) * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="Your reset gate multiplies the state before the product, W_hn (r ⊙ h). Here it multiplies the result, "
    "bias included: r ⊙ (W_hn h + b_hn).",
    convention="the reset gate before the product, W_hn (r ⊙ h) + b_hn",
)
def reset_before_the_product(x, h0, W_ih, W_hh, b_ih, b_hh):
    (W_r, W_z, W_n), (b_r, b_z, b_n) = W_hh.chunk(3), b_hh.chunk(3)
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h @ W_r.T + b_r), torch.sigmoid(i_z + h @ W_z.T + b_z)
        n = torch.tanh(i_n + (r * h) @ W_n.T + b_n)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="The bias b_hn stands outside of the reset gate. r multiplies the whole of the state's part of the "
    "candidate: r ⊙ (W_hn h + b_hn).",
)
def candidate_bias_outside_the_reset(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih + b_hh:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="Nothing resets your candidate: r has to multiply the state's part of it, r ⊙ (W_hn h + b_hn).",
)
def reset_gate_unused(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        _, i_z, i_n = i.chunk(3, dim=-1)
        _, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        z = torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="Your reset gate and your update gate have changed places: you take the first H rows for z. Here the rows "
    "are packed in PyTorch's order r, z, n.",
    convention="the rows in the order z, r, n of Keras and ONNX",
)
def rows_as_in_keras(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_z, i_r, i_n = i.chunk(3, dim=-1)
        h_z, h_r, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="The bias b_hh is missing. There are two: W_ih x has b_ih, and W_hh h has b_hh.",
)
def no_recurrent_bias(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="The state is not carried: each step begins at h0. After a step, the new state is the next one's h.",
)
def each_step_from_h0(x, h0, W_ih, W_hh, b_ih, b_hh):
    outputs = []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h0 @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        outputs.append((1 - z) * torch.tanh(i_n + r * h_n) + z * h0)
    return torch.stack(outputs), outputs[-1]


@mistake(
    "gru_layer",
    hint="Your layer starts from zeros, whatever h0 is. The state before the first step is h0.",
)
def first_state_ignored(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = torch.zeros_like(h0), []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs), h


@mistake(
    "gru_layer",
    hint="The numbers are right, but the state is cut off from its past at each step (`detach`, `.data`, a new "
    "tensor made of it): no gradient flows back from one step to the one before. Leave the state in the "
    "graph.",
)
def state_detached(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
        h = h.detach()
    return torch.stack(outputs), outputs[-1]


@mistake(
    "gru_layer",
    hint="Your outputs are in single precision where the inputs are in double: a tensor is made without a dtype, "
    "as `torch.zeros(T, B, H)` is, and what is written into it is rounded. Take the dtype and the device from "
    "the inputs (`x.new_zeros(...)`), or collect the states in a list and stack them.",
)
def outputs_in_float32(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, torch.zeros(len(x), *h0.shape)
    for t, i in enumerate(x @ W_ih.T + b_ih):
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs[t] = h
    return outputs, h


@mistake(
    "gru_layer",
    hint="Your outputs have the batch first, (B, T, H). Here sequences are time-first, in and out: stack the "
    "states along axis 0.",
)
def outputs_batch_first(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs, dim=1), h


@mistake(
    "gru_layer",
    spoils=(),
    hint="Your final state has an axis for the layer, (1, B, H), as nn.GRU's has. This function is one layer: h_n "
    "is (B, H), as h0 is.",
)
def final_state_with_a_layers_axis(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        h = (1 - z) * torch.tanh(i_n + r * h_n) + z * h
        outputs.append(h)
    return torch.stack(outputs), h[None]


@mistake(
    "gru_layer",
    hint="The steps are to be yours: you called the library's own GRU. Write r, z, n and the new state with "
    "products, sigmoid and tanh, and loop over the steps. In a cell of your own you may compare with nn.GRU.",
)
def the_librarys_own_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    layer = nn.GRU(x.shape[2], h0.shape[1], dtype=x.dtype, device=x.device)
    weights = dict(zip(dict(layer.named_parameters()), [W_ih, W_hh, b_ih, b_hh], strict=True))
    outputs, h_n = torch.func.functional_call(layer, weights, (x, h0[None]))
    return outputs, h_n[0]


@mistake(
    "gru_layer",
    hint="The steps are to be yours: you call the library's own cell. Write the four lines of a step with products, "
    "sigmoid and tanh. In a cell of your own you may compare with nn.GRUCell.",
)
def the_librarys_own_cell(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, outputs = h0, []
    for x_t in x:
        h = torch.gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        outputs.append(h)
    return torch.stack(outputs), h


# gru_layer_padded


@mistake(
    "gru_layer_padded",
    hint="Your final state is the one after the last step of the batch: for a short row it has read the padding. "
    "Take each row's state after its own last step, index lengths - 1.",
)
def final_state_after_the_padding(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, h_n = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    real = (torch.arange(len(x), device=x.device)[:, None] < lengths)[:, :, None]
    return torch.where(real, outputs, 0), h_n


@mistake(
    "gru_layer_padded",
    hint="Your final state is zero for every row that is shorter than the batch: it is taken where there is "
    "padding, after that was set to zero. Take it at each row's own last step, index lengths - 1.",
)
def final_state_zero(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    real = (torch.arange(len(x), device=x.device)[:, None] < lengths)[:, :, None]
    outputs = torch.where(real, outputs, 0)
    return outputs, outputs[-1]


@mistake(
    "gru_layer_padded",
    hint="You set the padded inputs to zero and run on. Zeros do not stop a GRU: its biases and its state move it "
    "on. Take each row's state after its own last step, index lengths - 1.",
)
def padded_inputs_set_to_zero(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    real = (torch.arange(len(x), device=x.device)[:, None] < lengths)[:, :, None]
    outputs, h_n = gru_layer(torch.where(real, x, 0), h0, W_ih, W_hh, b_ih, b_hh)
    return torch.where(real, outputs, 0), h_n


@mistake(
    "gru_layer_padded",
    hint="Your rows are one step too long: a row of length 3 has the steps 0, 1 and 2. Step t is real where t < "
    "lengths, and the last one is lengths - 1.",
)
def one_step_too_many(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    steps, rows = (torch.arange(size, device=x.device) for size in x.shape[:2])
    real = (steps[:, None] <= lengths)[:, :, None]
    return torch.where(real, outputs, 0), outputs[lengths.clamp(max=len(x) - 1), rows]


@mistake(
    "gru_layer_padded",
    hint="Your final states are right, but the outputs go on in the padding. They are zero there: a sum or a mean "
    "over the outputs must not count what no row has said.",
)
def outputs_go_on_in_the_padding(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    return outputs, outputs[lengths - 1, torch.arange(x.shape[1], device=x.device)]


@mistake(
    "gru_layer_padded",
    hint="Your final states are right, but in the padding your outputs repeat them. The state stays as it is "
    "there; the outputs are zero.",
)
def last_state_repeated_in_the_padding(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    steps, rows = (torch.arange(size, device=x.device) for size in x.shape[:2])
    outputs = outputs[torch.minimum(steps[:, None], lengths - 1), rows]
    return outputs, outputs[-1]


@mistake(
    "gru_layer_padded",
    hint="All your rows end where the longest ends. `lengths` has a number for each row: the mask is (T, B), and "
    "the final states come from as many different steps.",
)
def all_rows_as_long_as_the_longest(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    longest = int(lengths.max())
    outputs, h_n = gru_layer(x[:longest], h0, W_ih, W_hh, b_ih, b_hh)
    return torch.cat([outputs, outputs.new_zeros(len(x) - longest, *h_n.shape)]), h_n


@mistake(
    "gru_layer_padded",
    hint="Your outputs end with the longest row: their first axis is shorter than that of x. They are (T, B, H), "
    "zeros at the end included.",
)
def outputs_cut_at_the_longest(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    steps, rows = (torch.arange(size, device=x.device) for size in x.shape[:2])
    real = (steps[:, None] < lengths)[:, :, None]
    return torch.where(real, outputs, 0)[: int(lengths.max())], outputs[lengths - 1, rows]


# reverse_padded


@mistake(
    "reverse_padded",
    hint="You flip the whole batch, so the padding of every short row comes first. Turn round each row's real "
    "steps alone: step t of a row is taken from step length - 1 - t, and padding from where it stands.",
)
def padding_comes_first(x, lengths):
    return x.flip(0)


@mistake(
    "reverse_padded",
    hint="You turn all rows round at the end of the longest. Each row has an end of its own, lengths[b].",
)
def turned_at_the_end_of_the_longest(x, lengths):
    longest = int(lengths.max())
    return torch.cat([x[:longest].flip(0), x[longest:]])


@mistake(
    "reverse_padded",
    spoils=(),
    hint="The real steps are right, but your padding is zero. It stays as it is, whatever stands there: turned "
    "twice, everything is back.",
)
def padding_lost(x, lengths):
    t = torch.arange(x.shape[0], device=x.device)[:, None]
    rows = torch.arange(x.shape[1], device=x.device)
    return torch.where((t < lengths)[:, :, None], x[(lengths - 1 - t).clamp(min=0), rows], 0)


@mistake(
    "reverse_padded",
    hint="You are one step off: a row begins with the step after its last. Its last real step has the index "
    "lengths - 1, so step t is taken from lengths - 1 - t.",
)
def one_step_off(x, lengths):
    t = torch.arange(x.shape[0], device=x.device)[:, None]
    rows = torch.arange(x.shape[1], device=x.device)
    return x[torch.where(t < lengths, (lengths - t) % len(x), t), rows]


@mistake(
    "reverse_padded",
    hint="You turn the rows of the batch round, not the steps: the first axis is time, the second the batch.",
)
def batch_turned(x, lengths):
    return x.flip(1)


# GRU


@mistake(
    "GRU",
    hint="Your weights are plain tensors, which the module does not know: its state_dict is empty, `.double()` "
    "leaves them as they are, and an optimiser never sees them. Make each an nn.Parameter, and give it to the "
    "module by its name.",
)
class no_parameters(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        self.num_layers, self.hidden_size, self.bidirectional = num_layers, hidden_size, bidirectional
        self.weights = {}
        for layer in range(num_layers):
            size = hidden_size * (1 + bidirectional) if layer else input_size
            for end in ["", "_reverse"][: 1 + bidirectional]:
                shapes = (3 * hidden_size, size), (3 * hidden_size, hidden_size), (3 * hidden_size,), (3 * hidden_size,)
                self.weights[layer, end] = [torch.randn(shape) for shape in shapes]

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                weights = self.weights[layer, end]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="A bias is missing. Each layer and direction has two, bias_ih and bias_hh: inside of the candidate they "
    "do different things, for r multiplies the second and not the first.",
)
class one_bias(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        self.num_layers, self.hidden_size, self.bidirectional = num_layers, hidden_size, bidirectional
        for layer in range(num_layers):
            size = hidden_size * (1 + bidirectional) if layer else input_size
            for end in ["", "_reverse"][: 1 + bidirectional]:
                shapes = {"weight_ih": (3 * hidden_size, size), "weight_hh": (3 * hidden_size, hidden_size)}
                for name, shape in (shapes | {"bias_ih": (3 * hidden_size,)}).items():
                    start = (2 * torch.rand(shape) - 1) / hidden_size**0.5
                    self.register_parameter(f"{name}_l{layer}{end}", nn.Parameter(start))

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in ("weight_ih", "weight_hh", "bias_ih")]
                weights.append(torch.zeros_like(weights[-1]))
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your second layer has room for H inputs. With two directions it reads both halves of the outputs below, "
    "2H numbers: layer 0 reads D, every later one directions · H.",
)
class later_layers_read_one_half(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)
        for layer in range(1, num_layers):
            for end in ["", "_reverse"][: 1 + bidirectional]:
                start = (2 * torch.rand(3 * hidden_size, hidden_size) - 1) / hidden_size**0.5
                setattr(self, f"weight_ih_l{layer}{end}", nn.Parameter(start))

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1) if layer == self.num_layers - 1 else outputs[0]
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your parameters all start at one and the same number, zero say. Then every unit of a layer computes the "
    "same, and so do their gradients: they stay alike for ever. Draw them uniform between -1/√H and 1/√H.",
)
class parameters_start_at_zero(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Most of your parameters start beyond 1/√H, as those that `torch.randn` draws do: the gates begin shut or "
    "wide open. Draw them uniform between -1/√H and 1/√H.",
)
class parameters_start_normal(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)
        for parameter in self.parameters():
            nn.init.normal_(parameter)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Without h0 your module stops where its tensors are in double precision: the zeros that you start from "
    "are in single. Take dtype and device from x: `x.new_zeros(...)`.",
)
class default_state_in_float32(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = torch.zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your module does not use `lengths`: it reads the padding as if it were the sequence.",
)
class lengths_ignored(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your module uses `lengths` in layer 0 alone. The outputs of the layer below are padded just as x is, so "
    "each later layer needs them too: to end each row, and to turn it round.",
)
class lengths_in_the_first_layer_alone(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
            lengths = torch.full_like(lengths, len(x))
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="The halves of your outputs have changed places: forward comes first, then reverse.",
)
class halves_exchanged(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs[::-1], dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="The outputs of your reverse direction are in the order in which it read, last step first. Turn them "
    "back, row by row, so that the output at step t belongs to the input at step t.",
)
class reverse_not_turned_back(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your reverse direction flips the whole batch, so it reads the padding of short rows before their last "
    "step. Turn each row round at its own end, with `reverse_padded`, there and back.",
)
class reverse_reads_the_padding_first(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = x.flip(0) if end else x
                output, h_n = gru_layer_padded(
                    turned, lengths if not end else torch.full_like(lengths, len(x)), h0[len(last)], *weights
                )
                real = (torch.arange(len(x), device=x.device)[:, None] < lengths)[:, :, None]
                outputs.append(torch.where(real, output.flip(0), 0) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your reverse direction turns the whole batch round (`flip`), so the padding of short rows comes first. Turn "
    "each row round at its own end, with `reverse_padded`, there and back.",
)
class whole_batch_flipped(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                output, h_n = gru_layer_padded(x.flip(0) if end else x, lengths, h0[len(last)], *weights)
                outputs.append(output.flip(0) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your second direction has weights of its own, but it reads the sequence forward, as the first does. It "
    "reads each row from its last step to its first.",
)
class reverse_reads_forward(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                output, h_n = gru_layer_padded(x, lengths, h0[len(last)], *weights)
                outputs.append(output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="For the final state of the reverse direction you take its output at each row's last step. There it has "
    "read a single step. It has read the whole row at the row's *first* step: take that.",
)
class reverse_state_at_the_last_step(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                rows = torch.arange(x.shape[1], device=x.device)
                last.append(outputs[-1][lengths - 1, rows])
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your states are in the order of the directions: all layers forward, then all layers reverse. They go "
    "layer by layer: layer 0 forward, layer 0 reverse, layer 1 forward, ... for h0 as for h_n.",
)
class states_by_direction(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[layer + self.num_layers * (end != "")], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last[:: len(ends)] + (last[1::2] if self.bidirectional else []))


@mistake(
    "GRU",
    hint="You take the first states in the order of the directions: all layers forward, then all layers reverse. "
    "h0 goes layer by layer, as h_n does: layer 0 forward, layer 0 reverse, layer 1 forward, ...",
)
class first_states_by_direction(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[layer + self.num_layers * (end != "")], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your final states are in the order of the directions: all layers forward, then all layers reverse. h_n "
    "goes layer by layer, as h0 does: layer 0 forward, layer 0 reverse, layer 1 forward, ...",
)
class final_states_by_direction(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last[:: len(ends)] + (last[1::2] if self.bidirectional else []))


@mistake(
    "GRU",
    hint="Every layer and direction starts from h0[0]. Each has a state of its own: h0 is (layers · directions, B, "
    "H), in the order of h_n.",
)
class one_first_state_for_all(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[0], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Both directions of a layer start from the same state, h0[layer]. Each has its own: h0 is (layers · "
    "directions, B, H), layer 0 forward, layer 0 reverse, layer 1 forward, ...",
)
class first_state_by_layer_alone(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[layer], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="Your module does not use h0: it starts from zeros always. Zeros are for the case that h0 is None.",
)
class first_state_not_used(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="h_n lacks the layers below the last. Every layer and direction leaves a final state: h_n is (layers · "
    "directions, B, H), and without all of them a sequence cannot be continued.",
)
class final_states_of_the_last_layer_alone(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last[-len(ends) :])


@mistake(
    "GRU",
    hint="The numbers are right, but no gradient flows from a layer to the one below: its input is cut off "
    "(`detach`, `.data`). Leave the outputs in the graph.",
)
class layers_cut_apart(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        ends = ["", "_reverse"] if self.bidirectional else [""]
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(ends), x.shape[1], self.hidden_size)
        if lengths is None:
            lengths = torch.full((x.shape[1],), len(x), device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for end in ends:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{end}") for name in names]
                turned = reverse_padded(x, lengths) if end else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if end else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
            x = x.detach() if layer < self.num_layers - 1 else x
        return x, torch.stack(last)


@mistake(
    "GRU",
    hint="The layers are to be yours: your module calls the library's own GRU. Use your `gru_layer_padded` for "
    "each layer and direction. In a cell of your own you may compare with nn.GRU.",
)
class the_librarys_own_module(nn.GRU):
    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__(input_size, hidden_size, num_layers, bidirectional=bidirectional)

    def forward(self, x, h0=None, lengths=None):
        if lengths is None:
            return super().forward(x, h0)
        packed, h_n = super().forward(nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False), h0)
        return nn.utils.rnn.pad_packed_sequence(packed, total_length=len(x))[0], h_n


# stream


@mistake(
    "stream",
    hint="The state is not carried: every chunk begins at h0. What a chunk leaves behind, h_n, is where the next "
    "begins.",
)
def each_chunk_from_h0(layer, chunks, h0=None):
    results = [layer(chunk, h0) for chunk in chunks]
    return torch.cat([outputs for outputs, _ in results]), results[-1][1]


@mistake(
    "stream",
    hint="Only the first chunk begins at h0; the others begin from zeros. Give each the state that the chunk "
    "before left.",
)
def later_chunks_from_zeros(layer, chunks, h0=None):
    results = [layer(chunk, None if place else h0) for place, chunk in enumerate(chunks)]
    return torch.cat([outputs for outputs, _ in results]), results[-1][1]


@mistake(
    "stream",
    hint="Your stream does not use h0: its first chunk begins from zeros. Give h0 to the layer with the first chunk.",
)
def first_chunk_from_zeros(layer, chunks, h0=None):
    h, outputs = None, []
    for chunk in chunks:
        output, h = layer(chunk, h)
        outputs.append(output)
    return torch.cat(outputs), h


@mistake(
    "stream",
    hint="The numbers are right, but the state is detached between two chunks: no gradient flows back over the "
    "seam. Here the gradients are to be those of the whole sequence.",
)
def state_detached_between_chunks(layer, chunks, h0=None):
    h, outputs = h0, []
    for chunk in chunks:
        output, h = layer(chunk, h if h is None else h.detach())
        outputs.append(output)
    return torch.cat(outputs), h


@mistake(
    "stream",
    hint="The numbers are right, but after each chunk you detach the state, after the last one too: no gradient "
    "flows back over a seam, and none from the final state. Here the gradients are to be those of the whole "
    "sequence.",
)
def every_state_detached(layer, chunks, h0=None):
    h, outputs = h0, []
    for chunk in chunks:
        output, h = layer(chunk, h)
        outputs.append(output)
        h = h.detach()
    return torch.cat(outputs), h


@mistake(
    "stream",
    hint="You return the outputs of the last chunk alone. Collect those of all chunks and join them in time.",
)
def outputs_of_the_last_chunk(layer, chunks, h0=None):
    h = h0
    for chunk in chunks:
        outputs, h = layer(chunk, h)
    return outputs, h


@mistake(
    "stream",
    hint="Your chunks are joined side by side in the batch. They follow one another in time, and that is axis 0.",
)
def chunks_joined_in_the_batch(layer, chunks, h0=None):
    h, outputs = h0, []
    for chunk in chunks:
        output, h = layer(chunk, h)
        outputs.append(output)
    return torch.cat(outputs, dim=1), h


@mistake(
    "stream",
    hint="The numbers are right, but you change the list `chunks` itself: you take chunks out of it (`pop`), say. It "
    "is the caller's, who still needs it. Go over it with `for chunk in chunks`, or make a copy first, `list(chunks)`.",
)
def chunks_taken_from_the_list(layer, chunks, h0=None):
    h, outputs = h0, []
    while chunks:
        output, h = layer(chunks.pop(0), h)
        outputs.append(output)
    return torch.cat(outputs), h


# Two at once.

PAIRS = [
    both(update_gate_flipped, final_state_after_the_padding),
    both(final_state_after_the_padding, padding_comes_first),
    both(padding_comes_first, states_by_direction),
    both(state_detached, state_detached_between_chunks),
]
