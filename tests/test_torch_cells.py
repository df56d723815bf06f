"""The torch cells are torch.nn's: values and gradients, on the CPU always and on a GPU where there is one."""

import copy
import warnings

import pytest
import torch
from devices import DEVICES
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from solutions.reference import in_torch

SIZES = [(1, 1, 1, 1), (1, 3, 2, 4), (5, 1, 4, 3), (4, 2, 1, 6), (6, 3, 5, 1), (12, 4, 7, 9)]  # T, B, D, H
# How far the largest error may be, as a share of the largest value (of 1 if that is less).  float16 and bfloat16 round
# each state and each sum: some of their steps, 2**-11 and 2**-8.
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5, torch.float16: 5e-3, torch.bfloat16: 4e-2}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
CELLS = pytest.mark.parametrize("cell", GATES)


@pytest.fixture(params=DEVICES)
def device(request):
    # cuDNN may round float32 to TF32, which keeps ten bits: that is another precision
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield request.param


@pytest.fixture(params=TOLERANCE, ids=str)
def dtype(request, device):
    if device == "mps" and request.param == torch.float64:
        pytest.skip("mps has no float64")
    return request.param


def draw(cell, size, device="cpu", dtype=torch.float64):
    """x (T, B, D), the states (B, H) and the weights, all random and none zero."""
    steps, batch, inputs, hidden = size
    make = torch.Generator().manual_seed(sum(n * 100**k for k, n in enumerate(size)))
    rows, bound = GATES[cell] * hidden, hidden**-0.5
    x = torch.randn(steps, batch, inputs, generator=make, dtype=torch.float64)
    states = [
        2 * torch.rand(batch, hidden, generator=make, dtype=torch.float64) - 1 for _ in range(1 + (cell == "lstm"))
    ]
    weights = [
        bound * (2 * torch.rand(*shape, generator=make, dtype=torch.float64) - 1)
        for shape in [(rows, inputs), (rows, hidden), (rows,), (rows,)]
    ]
    return [tensor.to(device, dtype).requires_grad_() for tensor in (x, *states, *weights)]


def theirs(cell, weights, kind=""):
    """torch.nn's module with the weights as its parameters; kind is "" or "Cell"."""
    (_, inputs), (_, hidden) = (weight.shape for weight in weights[:2])
    module = getattr(torch.nn, cell.upper() + kind)(inputs, hidden, device=weights[0].device, dtype=weights[0].dtype)
    with torch.no_grad():
        for parameter, weight in zip(module.parameters(), weights, strict=True):
            parameter.copy_(weight)
    return module


def split(cell, given):
    """x, the states, the weights."""
    count = 2 if cell == "lstm" else 1
    return given[0], given[1 : 1 + count], given[1 + count :]


def listed(result):
    return list(result) if isinstance(result, tuple) else [result]


def assert_near(got, want, share=1):
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    assert got.device == want.device
    tolerance = share * TOLERANCE[got.dtype]
    got, want = got.detach().double().cpu(), want.detach().double().cpu()
    assert (got - want).abs().max() <= tolerance * max(1, want.abs().max())


def gradients(results, inputs):
    """Of the sum of the results times fixed random numbers."""
    make = torch.Generator().manual_seed(11)
    upstream = [torch.randn(r.shape, generator=make, dtype=torch.float64).to(r.device, r.dtype) for r in results]
    return torch.autograd.grad(results, inputs, upstream)


@CELLS
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_step_is_that_of_torch(cell, size, device, dtype):
    x, states, weights = split(cell, draw(cell, size, device, dtype))
    module = theirs(cell, weights, "Cell")
    want = listed(module(x[0], tuple(states) if cell == "lstm" else states[0]))
    got = listed(getattr(in_torch, f"{cell}_cell")(x[0], *states, *weights))
    for mine, other in zip(got, want, strict=True):
        assert_near(mine, other)


@CELLS
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_sequence_and_its_gradients_are_those_of_torch(cell, size, device, dtype):
    given = draw(cell, size, device, dtype)
    x, states, weights = split(cell, given)
    module = theirs(cell, weights)
    hx = [state[None] for state in states]
    output, last = module(x, tuple(hx) if cell == "lstm" else hx[0])
    paths = listed(getattr(in_torch, f"{cell}_forward")(*given))
    assert_near(paths[0], output)
    for path, other in zip(paths, listed(last), strict=True):
        assert_near(in_torch.last_state(path), other[0])
    got = gradients([paths[0], *(path[-1] for path in paths)], given)
    want = gradients([output, *(each[0] for each in listed(last))], [x, *states, *module.parameters()])
    for mine, other in zip(got, want, strict=True):
        assert_near(mine, other, share=4)  # a weight's gradient sums over time and batch


@CELLS
def test_without_biases_they_count_as_zero(cell):
    given = draw(cell, (5, 2, 3, 4))
    x, states, (weight_ih, weight_hh, bias_ih, bias_hh) = split(cell, given)
    forward = getattr(in_torch, f"{cell}_forward")
    got = listed(forward(x, *states, weight_ih, weight_hh))
    want = listed(forward(x, *states, weight_ih, weight_hh, 0 * bias_ih, 0 * bias_hh))
    assert all(torch.equal(mine, other) for mine, other in zip(got, want, strict=True))


@CELLS
def test_a_sequence_is_its_steps_one_after_another(cell):
    x, states, weights = split(cell, draw(cell, (6, 2, 3, 4)))
    paths = listed(getattr(in_torch, f"{cell}_forward")(x, *states, *weights))
    for t, x_t in enumerate(x):
        states = listed(getattr(in_torch, f"{cell}_cell")(x_t, *states, *weights))
        for state, path in zip(states, paths, strict=True):
            assert_near(state, path[t])


@CELLS
def test_autograd_agrees_with_finite_differences(cell):
    given = draw(cell, (4, 2, 3, 5))
    assert torch.autograd.gradcheck(getattr(in_torch, f"{cell}_forward"), given, eps=1e-6, atol=1e-8, rtol=1e-6)


@CELLS
@pytest.mark.parametrize("lengths", [[3, 6, 1, 5], [6, 6, 6, 6], [1, 1, 2, 1]], ids=str)
def test_lengths_do_what_packing_does(cell, lengths, device):
    dtype = torch.float32 if device == "mps" else torch.float64
    given = draw(cell, (6, 4, 3, 5), device, dtype)
    x, states, weights = split(cell, given)
    module = theirs(cell, weights)
    hx = [state[None] for state in states]
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    output, last = module(packed, tuple(hx) if cell == "lstm" else hx[0])
    output = pad_packed_sequence(output, total_length=len(x))[0]
    paths = listed(getattr(in_torch, f"{cell}_forward")(*given, lengths=lengths))
    ends = [in_torch.last_state(path, lengths) for path in paths]
    assert_near(paths[0], output)
    for mine, other in zip(ends, listed(last), strict=True):
        assert_near(mine, other[0])
    got = gradients([paths[0], *ends], given)
    want = gradients([output, *(each[0] for each in listed(last))], [x, *states, *module.parameters()])
    for mine, other in zip(got, want, strict=True):
        assert_near(mine, other, share=4)


@CELLS
def test_what_stands_in_the_padding_reaches_nothing(cell):
    given = draw(cell, (6, 3, 2, 4))
    spoilt = [tensor.detach().clone().requires_grad_() for tensor in given]
    lengths = torch.tensor([2, 6, 4])
    with torch.no_grad():
        for row, length in enumerate(lengths):
            spoilt[0][length:, row] = torch.nan
    forward = getattr(in_torch, f"{cell}_forward")
    clean, dirty = (listed(forward(*each, lengths=lengths)) for each in (given, spoilt))
    assert all(torch.equal(a, b) for a, b in zip(clean, dirty, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(gradients(clean, given), gradients(dirty, spoilt), strict=True))


@CELLS
def test_nan_is_not_hidden(cell):
    x, states, weights = split(cell, [tensor.detach() for tensor in draw(cell, (4, 3, 2, 5))])
    x[2, 1, 0] = torch.nan
    states_seen = listed(getattr(in_torch, f"{cell}_forward")(x, *states, *weights))[0]
    assert states_seen[2:, 1].isnan().all()
    assert not states_seen[:2].isnan().any()
    assert not states_seen[:, [0, 2]].isnan().any()


SHAPES = [
    {},
    {"num_layers": 3},
    {"bidirectional": True},
    {"bias": False},
    {"batch_first": True},
    {"num_layers": 2, "bidirectional": True, "batch_first": True, "bias": False},
    {"num_layers": 2, "bidirectional": True},
]


def module_pair(cell, options, device, dtype, **ours):
    """Ours and torch.nn's with the same weights, given to ours through a state_dict."""
    torch.manual_seed(3)
    other = getattr(torch.nn, cell.upper())(3, 5, **options, device=device, dtype=dtype)
    mine = getattr(in_torch, cell.upper())(3, 5, **options, **ours, device=device, dtype=dtype)
    mine.load_state_dict(other.state_dict())
    return mine, other


def module_input(cell, options, device, dtype, steps=6, batch=4):
    make = torch.Generator().manual_seed(7)
    layers = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    x = torch.randn(steps, batch, 3, generator=make).to(device, dtype).requires_grad_()
    hx = [torch.randn(layers, batch, 5, generator=make).to(device, dtype).requires_grad_() for _ in range(2)]
    hx = hx if cell == "lstm" else hx[:1]
    if options.get("batch_first"):
        x = x.detach().transpose(0, 1).contiguous().requires_grad_()
    return x, hx


def run_module(module, cell, x, hx, **lengths):
    output, last = module(x, tuple(hx) if cell == "lstm" else hx[0], **lengths)
    return [output, *listed(last)]


@CELLS
@pytest.mark.parametrize("fused", [None, False, True])
@pytest.mark.parametrize("options", SHAPES, ids=lambda options: ",".join(options) or "plain")
def test_a_module_is_torchs_in_output_and_gradients(cell, options, fused, device, dtype):
    mine, other = module_pair(cell, options, device, dtype, fused=fused)
    x, hx = module_input(cell, options, device, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got, want = run_module(mine, cell, x, hx), run_module(other, cell, x, hx)
    for a, b in zip(got, want, strict=True):
        assert_near(a, b, share=2)
    for a, b in zip(
        gradients(got, [x, *hx, *mine.parameters()]), gradients(want, [x, *hx, *other.parameters()]), strict=True
    ):
        assert_near(a, b, share=8)


@CELLS
@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("options", SHAPES[-2:], ids=["all, no bias, batch first", "deep, both ways"])
def test_a_module_with_lengths_is_torchs_with_packing(cell, options, fused, device):
    dtype = torch.float32 if device == "mps" else torch.float64
    mine, other = module_pair(cell, options, device, dtype, fused=fused)
    x, hx = module_input(cell, options, device, dtype)
    lengths, first = torch.tensor([4, 6, 1, 3]), options.get("batch_first", False)
    got = run_module(mine, cell, x, hx, lengths=lengths)
    packed = pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False)
    want = run_module(other, cell, packed, hx)
    want[0] = pad_packed_sequence(want[0], batch_first=first, total_length=6)[0]
    for a, b in zip(got, want, strict=True):
        assert_near(a, b)
    for a, b in zip(
        gradients(got, [x, *hx, *mine.parameters()]), gradients(want, [x, *hx, *other.parameters()]), strict=True
    ):
        assert_near(a, b, share=4)


@CELLS
def test_the_state_dict_goes_both_ways(cell):
    options = {"num_layers": 2, "bidirectional": True}
    mine, other = module_pair(cell, options, "cpu", torch.float64)
    fresh = getattr(torch.nn, cell.upper())(3, 5, **options, dtype=torch.float64)
    fresh.load_state_dict(mine.state_dict())
    assert list(mine.state_dict()) == list(other.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), other.parameters(), strict=True))


@CELLS
def test_no_state_is_a_state_of_zeros(cell):
    mine, other = module_pair(cell, {"num_layers": 2}, "cpu", torch.float64)
    x, _ = module_input(cell, {}, "cpu", torch.float64)
    for a, b in zip([mine(x)[0], *listed(mine(x)[1])], [other(x)[0], *listed(other(x)[1])], strict=True):
        assert_near(a, b)


@CELLS
def test_our_loop_runs_where_fused_is_false_and_torchs_where_it_is_true(cell, monkeypatch):
    calls = []
    theirs_forward = getattr(torch.nn, cell.upper()).forward
    monkeypatch.setattr(
        getattr(torch.nn, cell.upper()), "forward", lambda *given: calls.append(1) or theirs_forward(*given)
    )
    x, hx = module_input(cell, {}, "cpu", torch.float32)
    for fused, expected in [(False, 0), (None, 0), (True, 1)]:
        calls.clear()
        run_module(module_pair(cell, {}, "cpu", torch.float32, fused=fused)[0], cell, x, hx)
        assert len(calls) == expected


@pytest.mark.cuda
@CELLS
def test_on_a_gpu_the_fused_kernels_run_unasked(cell):
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here, so the tests of this file ran on the CPU alone")
    mine, _ = module_pair(cell, {}, "cuda", torch.float32)
    x, hx = module_input(cell, {}, "cuda", torch.float32)
    with torch.profiler.profile() as profile:
        run_module(mine, cell, x, hx)
    assert any("cudnn" in event.key for event in profile.key_averages())


@CELLS
def test_a_copy_and_a_change_of_dtype_keep_the_weights_and_stand_alone(cell):
    mine, _ = module_pair(cell, {}, "cpu", torch.float32, fused=True)
    x, hx = module_input(cell, {}, "cpu", torch.float32)
    before = run_module(mine, cell, x, hx)
    copied = copy.deepcopy(mine)
    assert all(torch.equal(a, b) for a, b in zip(run_module(copied, cell, x, hx), before, strict=True))
    with torch.no_grad():
        copied.weight_hh_l0.zero_()
    assert all(torch.equal(a, b) for a, b in zip(run_module(mine, cell, x, hx), before, strict=True))
    after = run_module(mine.double(), cell, x.double(), [state.double() for state in hx])
    assert after[0].dtype == torch.float64
    assert (after[0] - before[0]).abs().max() < 1e-5


@CELLS
def test_the_inputs_stay_as_they_were(cell):
    given = [tensor.detach() for tensor in draw(cell, (5, 2, 3, 4))]
    before = [tensor.clone() for tensor in given]
    getattr(in_torch, f"{cell}_forward")(*given, lengths=[5, 2])
    assert all(torch.equal(a, b) for a, b in zip(given, before, strict=True))
