"""RNN, LSTM and GRU as modules: torch.nn's parameters, our time loop.

Each class inherits torch.nn's of the same name: its parameters, their names and first values, `state_dict`, `to`.  What
is ours is `forward`: the loops of rnn.py, lstm.py and gru.py, layer by layer and direction by direction.  On CUDA it
hands the work to the inherited `forward` and so to cuDNN's fused kernels: same weights, same function.  `fused=True`
does so on every device, `fused=False` on none.  There is no dropout and no projection, so nothing else can differ.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from solutions.reference.in_torch.arguments import WEIGHTS, check_kinds
from solutions.reference.in_torch.gru import gru_forward
from solutions.reference.in_torch.lengths import Lengths, backwards, checked_lengths, last_state
from solutions.reference.in_torch.lstm import lstm_forward
from solutions.reference.in_torch.rnn import rnn_forward

States = tuple[Tensor, ...]


class OurLoop:
    """What the three modules share, put before torch.nn's class.

    num_layers, bias, batch_first, bidirectional: as torch.nn has them.  fused: None (on CUDA alone), True or False.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
        fused: bool | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=batch_first,
            bidirectional=bidirectional,
            device=device,
            dtype=dtype,
        )
        self.fused = fused

    def run(
        self, sequence: Callable[..., States], x: Tensor, states: States, lengths: Lengths
    ) -> tuple[Tensor, States]:
        """The output (T, B, directions · H) and the last states (layers · directions, B, H), by our loop."""
        if self.batch_first:
            x = x.transpose(0, 1)
        directions = ("", "_reverse") if self.bidirectional else ("",)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for suffix in directions:
                turn = backwards if suffix else lambda a, _: a
                weights = [getattr(self, f"{name}_l{layer}{suffix}", None) for name in WEIGHTS]
                first = [state[len(last)] for state in states]
                paths = sequence(turn(x, lengths), *first, *weights, lengths)
                last.append([last_state(path, lengths) for path in paths])
                outputs.append(turn(paths[0], lengths))
            # the next layer reads what all directions of this one say
            x = torch.cat(outputs, dim=-1)
        output = x.transpose(0, 1) if self.batch_first else x
        return output, tuple(torch.stack(each) for each in zip(*last, strict=True))

    def run_fused(self, x: Tensor, hx: Tensor | States, lengths: Lengths) -> tuple[Tensor, Tensor | States]:
        """The same by torch.nn's own forward, the sequences packed if they have lengths."""
        if lengths is None:
            return super().forward(x, hx)
        batch, steps = x.shape[:2] if self.batch_first else (x.shape[1], x.shape[0])
        lengths = checked_lengths(lengths, steps, batch, torch.device("cpu"))
        packed = pack_padded_sequence(x, lengths, self.batch_first, enforce_sorted=False)
        output, last = super().forward(packed, hx)
        return pad_packed_sequence(output, self.batch_first, total_length=steps)[0], last

    def is_fused(self, x: Tensor) -> bool:
        return x.is_cuda if self.fused is None else self.fused

    def checked(self, x: Tensor, states: dict[str, Tensor | None]) -> States:
        """The states, zeros where there is none, or an error in words."""
        axes = "B, T, D" if self.batch_first else "T, B, D"
        check_kinds({"weight_ih_l0": self.weight_ih_l0, "x": x})
        if x.dim() != 3 or x.shape[-1] != self.input_size:
            raise ValueError(f"x has the shape {tuple(x.shape)}; it should be ({axes}) with D = {self.input_size}.")
        batch, steps = x.shape[:2] if self.batch_first else (x.shape[1], x.shape[0])
        if not steps:
            raise ValueError(f"x has the shape {tuple(x.shape)}: no step. Give it at least one.")
        shape = (self.num_layers * (2 if self.bidirectional else 1), batch, self.hidden_size)
        for name, state in states.items():
            if state is None:
                continue
            check_kinds({"x": x, name: state})
            if state.shape != shape:
                raise ValueError(
                    f"{name} has the shape {tuple(state.shape)}; it should be {shape}, that is "
                    f"(layers · directions, B, H), also where x has the batch first."
                )
        return tuple(x.new_zeros(shape) if state is None else state for state in states.values())


class RNN(OurLoop, torch.nn.RNN):
    """torch.nn.RNN with tanh: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), layer upon layer."""

    def forward(self, x: Tensor, hx: Tensor | None = None, lengths: Lengths = None) -> tuple[Tensor, Tensor]:
        """x (T, B, D), hx (layers · directions, B, H) or None for zeros -> output, last h.

        output (T, B, directions · H), last h like hx; batch_first: x and output are (B, T, ...).  lengths and errors as
        for `rnn_forward`.
        """
        (h0,) = self.checked(x, {"hx": hx})
        if self.is_fused(x):
            return self.run_fused(x, h0, lengths)
        output, (last,) = self.run(lambda *given: (rnn_forward(*given),), x, (h0,), lengths)
        return output, last


class GRU(OurLoop, torch.nn.GRU):
    """torch.nn.GRU: h_t = (1 - z) ⊙ n + z ⊙ h_{t-1}, layer upon layer."""

    def forward(self, x: Tensor, hx: Tensor | None = None, lengths: Lengths = None) -> tuple[Tensor, Tensor]:
        """x (T, B, D), hx (layers · directions, B, H) or None for zeros -> output, last h.

        output (T, B, directions · H), last h like hx; batch_first: x and output are (B, T, ...).  lengths and errors as
        for `gru_forward`.
        """
        (h0,) = self.checked(x, {"hx": hx})
        if self.is_fused(x):
            return self.run_fused(x, h0, lengths)
        output, (last,) = self.run(lambda *given: (gru_forward(*given),), x, (h0,), lengths)
        return output, last


class LSTM(OurLoop, torch.nn.LSTM):
    """torch.nn.LSTM: c_t = f ⊙ c_{t-1} + i ⊙ g and h_t = o ⊙ tanh(c_t), layer upon layer."""

    def forward(
        self, x: Tensor, hx: tuple[Tensor, Tensor] | None = None, lengths: Lengths = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """x (T, B, D), hx = (h, c), each (layers · directions, B, H), or None for zeros -> output, (last h, last c).

        output (T, B, directions · H); batch_first: x and output are (B, T, ...).  lengths and errors as for
        `lstm_forward`.
        """
        if hx is not None and (not isinstance(hx, tuple | list) or len(hx) != 2):
            raise TypeError(f"hx must be the pair (h, c); it is of type {type(hx).__name__}.")
        h0, c0 = self.checked(x, dict(zip(("hx[0]", "hx[1]"), hx or (None, None), strict=True)))
        if self.is_fused(x):
            return self.run_fused(x, (h0, c0), lengths)
        return self.run(lstm_forward, x, (h0, c0), lengths)
