"""What does not fit a torch cell is refused in words: the argument, what it was, what it should be."""

import re

import numpy as np
import pytest
import torch

from solutions.reference import in_torch

T, B, D, H = 5, 2, 3, 4
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
CELLS = pytest.mark.parametrize("cell", GATES)


def arguments(cell, sequence):
    """The arguments of a cell or of a sequence by name, all right."""
    torch.manual_seed(1)
    rows, zero = GATES[cell] * H, "0" if sequence else ""
    states = {f"{name}{zero}": torch.randn(B, H) for name in ("hc" if cell == "lstm" else "h")}
    return {
        "x": torch.randn(T, B, D) if sequence else torch.randn(B, D),
        **states,
        "weight_ih": torch.randn(rows, D),
        "weight_hh": torch.randn(rows, H),
        "bias_ih": torch.randn(rows),
        "bias_hh": torch.randn(rows),
    }


def said(cell, sequence, error, **changed):
    """What the function says of its arguments with these changes."""
    function = getattr(in_torch, f"{cell}_forward" if sequence else f"{cell}_cell")
    function(**arguments(cell, sequence))
    with pytest.raises(error) as raised:
        function(**{**arguments(cell, sequence), **changed})
    return str(raised.value)


@CELLS
@pytest.mark.parametrize("sequence", [False, True], ids=["cell", "forward"])
def test_a_wrong_shape_of_each_argument(cell, sequence):
    for name, tensor in arguments(cell, sequence).items():
        if name == "x":
            continue
        wrong = torch.zeros(*tensor.shape[:-1], tensor.shape[-1] + 1)
        # the first state says how many units there are, so what comes next does not fit it
        blamed = {"h": "weight_ih", "h0": "weight_ih"}.get(name, name)
        if cell == "lstm":
            blamed = {"h": "c", "h0": "c0"}.get(name, name)
        text = said(cell, sequence, ValueError, **{name: wrong})
        assert text.startswith(f"{blamed} has the shape (")
        assert "it should be (" in text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"x": torch.zeros(B, D)}, "x has the shape (2, 3); it should be (T, B, D)."),
        ({"h0": torch.zeros(H)}, "h0 has the shape (4,); it should be (B, H)."),
        ({"h0": torch.zeros(1, B, H)}, "h0 has the shape (1, 2, 4); it should be (B, H)."),
        (
            {"weight_hh": torch.zeros(H, 3 * H)},
            "weight_hh has the shape (4, 12); it should be (12, 4), that is (3H, H) with B = 2 and D = 3 from x and "
            "H = 4 from h0.",
        ),
        ({"bias_hh": torch.zeros(H)}, "bias_hh has the shape (4,); it should be (12,), that is (3H,)"),
        ({"h0": torch.zeros(3, H)}, "h0 has the shape (3, 4); it should be (2, 4), that is (B, H)"),
        ({"x": torch.zeros(0, B, D)}, "x has the shape (0, 2, 3): no step."),
        ({"lengths": [1, 2, 3]}, "lengths has the shape (3,); it should be (2,), one a sequence of x."),
        ({"lengths": [5, 6]}, "lengths[1] is 6; it should be from 1 to 5, the steps of x."),
        ({"lengths": torch.tensor([0, 5])}, "lengths[0] is 0; it should be from 1 to 5, the steps of x."),
    ],
)
def test_what_is_said_of_a_wrong_value(changed, text):
    assert said("gru", True, ValueError, **changed).startswith(text)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"x": np.zeros((T, B, D))}, "x must be a torch tensor; it is of type ndarray."),
        ({"h0": None}, "h0 must be a torch tensor; it is of type NoneType."),
        ({"x": torch.zeros(T, B, D, dtype=torch.int64)}, "x must be of a floating dtype; it is torch.int64."),
        ({"h0": torch.zeros(B, H, dtype=torch.float64)}, "h0 has the dtype torch.float64, but x has torch.float32."),
        ({"bias_hh": torch.zeros(3 * H, dtype=torch.float16)}, "bias_hh has the dtype torch.float16, but x has"),
        ({"weight_hh": torch.zeros(3 * H, H, device="meta")}, "weight_hh has the device meta, but x has cpu."),
        ({"lengths": [1.0, 2.0]}, "lengths must hold whole numbers; it holds torch.float32."),
        ({"lengths": "ab"}, "lengths must be 2 whole numbers, one a sequence; it is 'ab'."),
    ],
)
def test_what_is_said_of_a_wrong_kind(changed, text):
    assert said("gru", True, TypeError, **changed).startswith(text)


@CELLS
@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_a_module_refuses_what_does_not_fit(cell, fused, batch_first):
    module = getattr(in_torch, cell.upper())(D, H, num_layers=2, fused=fused, batch_first=batch_first)
    x = torch.zeros(T, B, D)
    state = torch.zeros(2, T if batch_first else B, H)
    give = (lambda h: (state, h)) if cell == "lstm" else (lambda h: h)
    module(x, give(state))
    axes = "(B, T, D)" if batch_first else "(T, B, D)"
    with pytest.raises(ValueError, match=re.escape(f"x has the shape (5, 2, 4); it should be {axes} with D = 3.")):
        module(torch.zeros(T, B, D + 1))
    with pytest.raises(ValueError, match=re.escape(f"x has the shape (5, 3); it should be {axes} with D = 3.")):
        module(torch.zeros(T, D))
    with pytest.raises(ValueError, match=r"^hx.* has the shape \(1, 2, 4\); it should be \(2, [25], 4\)"):
        module(x, give(torch.zeros(1, B, H)))
    with pytest.raises(TypeError, match=r"x has the dtype torch\.float64, but weight_ih_l0 has torch\.float32"):
        module(x.double())
    with pytest.raises(TypeError, match=r"^hx.* has the dtype torch\.float64, but x has torch\.float32"):
        module(x, give(state.double()))
    with pytest.raises(ValueError, match=r"lengths\[0\] is 9; it should be from 1 to"):
        module(x, lengths=[9] * (T if batch_first else B))


def test_an_lstm_wants_two_states():
    with pytest.raises(TypeError, match=r"hx must be the pair \(h, c\); it is of type Tensor\."):
        in_torch.LSTM(D, H)(torch.zeros(T, B, D), torch.zeros(1, B, H))


@CELLS
def test_a_tensor_that_is_not_contiguous_simply_works(cell):
    given = arguments(cell, True)
    strided = {name: tensor.repeat_interleave(2, dim=-1)[..., ::2] for name, tensor in given.items()}
    assert not strided["weight_hh"].is_contiguous()
    forward = getattr(in_torch, f"{cell}_forward")
    got, want = forward(**strided), forward(**given)
    got, want = (each if isinstance(each, tuple) else (each,) for each in (got, want))
    assert all(torch.allclose(a, b, rtol=0, atol=1e-6) for a, b in zip(got, want, strict=True))
