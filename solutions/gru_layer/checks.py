"""What a right answer to `gru_layer` is.  Run on fresh inputs for a grade, on frozen ones for a learner's check.

The oracle is torch.nn.GRU itself, on packed sequences.
"""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from autograder.testing import assert_agree, visible
from solutions.gru_layer.probes import leaky

STEPS, BATCH, INPUTS, HIDDEN = 6, 4, 3, 5
LENGTHS = (4, 6, 1, 3)  # of the rows of a batch, where a check does not draw others
NAMES = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
WEIGHTS = {"W_ih": "row input", "W_hh": "row unit", "b_ih": "row", "b_hh": "row"}
OUTPUT = {"outputs": "step row unit", "h_n": "row unit"}
BACK = {"x": "step row input", "h0": "row unit", **WEIGHTS}
OF_MODULE = {"outputs": "step row unit", "h_n": "state row unit", "x": "step row input", "h0": "state row unit"}
BOTH_DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def normal(rng, *shape, dtype=torch.float32):
    return torch.from_numpy(rng.normal(size=shape)).to(dtype)


def layer_input(rng, steps=STEPS, batch=BATCH, inputs=INPUTS, hidden=HIDDEN, dtype=torch.float32):
    """x, h0 and the weights of one layer, by the names of `gru_layer`'s arguments."""
    shapes = (3 * hidden, inputs), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,)
    weights = [torch.from_numpy(rng.uniform(-1, 1, shape) * hidden**-0.5).to(dtype) for shape in shapes]
    given = [normal(rng, steps, batch, inputs, dtype=dtype), normal(rng, batch, hidden, dtype=dtype), *weights]
    return dict(zip(BACK, given, strict=True))


def padded_input(rng, lengths=LENGTHS, **sizes):
    """The same with lengths, in the order of `gru_layer_padded`'s arguments."""
    given = layer_input(rng, batch=len(lengths), **sizes)
    return {"x": given.pop("x"), "lengths": torch.tensor(lengths), **given}


def drawn_lengths(rng, steps=STEPS, batch=BATCH):
    """Lengths of which one is as long as can be, one as short, and the others anything."""
    return tuple(rng.permutation([1, steps, *rng.integers(1, steps + 1, batch - 2)]).tolist())


def run_library(module, x, h0, lengths):
    """torch.nn.GRU's outputs (T, B, ...) and final states."""
    if lengths is None:
        return module(x, h0)
    packed, last = module(pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False), h0)
    return pad_packed_sequence(packed, total_length=len(x))[0], last


def right_layer(given, device, upstream=None):
    """What one layer gives; with `upstream`, what flows back to its arguments."""
    given = {name: value.to(device) for name, value in given.items()}
    weights = [given[name] for name in WEIGHTS]
    rows, inputs = weights[0].shape
    module = nn.GRU(inputs, rows // 3, dtype=weights[0].dtype, device=device)
    module.load_state_dict(dict(zip([f"{name}_l0" for name in NAMES], weights, strict=True)))
    x, h0 = (given[name].clone().requires_grad_() for name in ("x", "h0"))
    outputs, (last,) = run_library(module, x, h0[None], given.get("lengths"))
    if upstream is None:
        return {"outputs": outputs, "h_n": last}
    torch.autograd.backward([outputs, last], [each.to(device) for each in upstream])
    grads = [x.grad, h0.grad, *(parameter.grad for parameter in module.parameters())]
    return dict(zip(BACK, grads, strict=True))


def upstream(rng, like):
    """A random gradient for each result."""
    return [normal(rng, *each.shape, dtype=each.dtype) for each in like.values()]


def check_layer(submission, task, given, device):
    assert_agree(submission.call(task, *given.values()), right_layer(given, device), axes=OUTPUT, as_tuple=True)


def check_gradients(submission, rng, task, given, device):
    back = upstream(rng, right_layer(given, "cpu"))
    called = submission.probe("gradients", submission.function(task), given, back)
    assert_agree(called, right_layer(given, device, back), axes=BACK)


# gru_layer


@visible(2)
@pytest.mark.task("gru_layer")
def test_layer(submission, rng, device):
    """The outputs and the final state of a batch are right."""
    check_layer(submission, "gru_layer", layer_input(rng), device)


@visible()
@pytest.mark.task("gru_layer")
def test_layer_in_float64(submission, rng, device):
    """In double precision they are right to ten digits."""
    check_layer(submission, "gru_layer", layer_input(rng, dtype=torch.float64), device)


@visible()
@pytest.mark.task("gru_layer")
def test_layer_gradients(submission, rng, device):
    """Gradients flow back to the input, the first state and every weight."""
    check_gradients(submission, rng, "gru_layer", layer_input(rng, dtype=torch.float64), device)


@pytest.mark.task("gru_layer")
@BOTH_DTYPES
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 1, 7, 3), (11, 9, 2, 17)], ids="T{0[0]}-B{0[1]}".format)
def test_layer_of_any_size(submission, rng, device, sizes, dtype):
    """They are right for other sizes."""
    check_layer(submission, "gru_layer", layer_input(rng, *sizes, dtype=dtype), device)


@pytest.mark.task("gru_layer")
def test_layer_gradients_in_float32(submission, rng, device):
    """Gradients flow back in single precision too."""
    check_gradients(submission, rng, "gru_layer", layer_input(rng), device)


# gru_layer_padded


@visible(2)
@pytest.mark.task("gru_layer_padded")
def test_lengths(submission, rng, device):
    """Outputs are zero at padding, and each final state is the one at its row's own end."""
    check_layer(submission, "gru_layer_padded", padded_input(rng), device)


@visible()
@pytest.mark.task("gru_layer_padded")
def test_all_rows_shorter(submission, rng, device):
    """It holds where no row is as long as the batch, in double precision."""
    check_layer(submission, "gru_layer_padded", padded_input(rng, (2, 5, 4, 1), dtype=torch.float64), device)


@visible()
@pytest.mark.task("gru_layer_padded")
def test_padded_gradients(submission, rng, device):
    """Gradients flow back from each row's own end, and none from or to padding."""
    check_gradients(submission, rng, "gru_layer_padded", padded_input(rng, dtype=torch.float64), device)


@pytest.mark.task("gru_layer_padded")
@BOTH_DTYPES
def test_drawn_lengths(submission, rng, device, dtype):
    """It holds for other lengths and sizes."""
    given = padded_input(rng, drawn_lengths(rng, 9, 7), steps=9, inputs=2, hidden=8, dtype=dtype)
    check_layer(submission, "gru_layer_padded", given, device)


@pytest.mark.task("gru_layer_padded")
@pytest.mark.parametrize("lengths", [(6, 6, 6), (1, 1), (1,), (6,)], ids=str)
def test_equal_lengths(submission, rng, device, lengths):
    """It holds where all rows are of one length, and for one row."""
    check_layer(submission, "gru_layer_padded", padded_input(rng, lengths), device)


@pytest.mark.task("gru_layer_padded")
def test_padding_does_not_matter(submission, rng, device):
    """What stands in the padding changes nothing."""
    given = padded_input(rng)
    given["x"][torch.arange(STEPS)[:, None] >= given["lengths"]] = 50.0
    check_layer(submission, "gru_layer_padded", given, device)


@pytest.mark.task("gru_layer_padded")
def test_padded_gradients_of_drawn_lengths(submission, rng, device):
    """Gradients are right for other lengths, where no row is as long as the batch."""
    lengths = [length - 1 or 2 for length in drawn_lengths(rng)]
    check_gradients(submission, rng, "gru_layer_padded", padded_input(rng, lengths, dtype=torch.float64), device)


# reverse_padded


def turned(x, lengths):
    """x with the real steps of each row turned round."""
    right = x.clone()
    for row, length in enumerate(lengths.tolist()):
        right[:length, row] = x[:length, row].flip(0)
    return right


def check_turned(submission, x, lengths, device):
    assert_agree(submission.call("reverse_padded", x, lengths), turned(x, lengths).to(device), axes="step row unit")


@visible(2)
@pytest.mark.task("reverse_padded")
def test_turned(submission, rng, device):
    """Each row is turned round at its own end, and its padding stays where it is."""
    check_turned(submission, normal(rng, STEPS, BATCH, INPUTS), torch.tensor(LENGTHS), device)


@visible()
@pytest.mark.task("reverse_padded")
def test_all_shorter_turned(submission, rng, device):
    """It holds where no row is as long as the batch, in double precision."""
    check_turned(submission, normal(rng, STEPS, BATCH, INPUTS, dtype=torch.float64), torch.tensor([2, 5, 4, 1]), device)


@pytest.mark.task("reverse_padded")
@BOTH_DTYPES
@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 7, 1), (9, 3, 8)], ids=str)
def test_turned_of_any_size(submission, rng, device, sizes, dtype):
    """It holds for other lengths and sizes."""
    lengths = torch.from_numpy(rng.integers(1, sizes[0] + 1, sizes[1]))
    check_turned(submission, normal(rng, *sizes, dtype=dtype), lengths, device)


@pytest.mark.task("reverse_padded")
@pytest.mark.parametrize("length", [1, STEPS])
def test_equal_rows_turned(submission, rng, device, length):
    """Rows of one step stay as they are; rows as long as the batch are flipped."""
    check_turned(submission, normal(rng, STEPS, BATCH, INPUTS), torch.full((BATCH,), length), device)


@pytest.mark.task("reverse_padded")
def test_turned_gradients(submission, rng, device):
    """A gradient takes the same way back."""
    x, back = (normal(rng, STEPS, BATCH, INPUTS, dtype=torch.float64) for _ in range(2))
    lengths = torch.tensor(drawn_lengths(rng))
    called = submission.probe("gradients", submission.function("reverse_padded"), {"x": x, "lengths": lengths}, [back])
    assert_agree(called, {"x": turned(back, lengths).to(device)}, axes="step row input")


# GRU


def library(rng, inputs, hidden, layers, both_ways, dtype=torch.float32):
    """torch.nn.GRU with weights drawn from rng."""
    module = nn.GRU(inputs, hidden, layers, bidirectional=both_ways, dtype=dtype)
    for parameter in module.parameters():
        parameter.data = torch.from_numpy(rng.uniform(-1, 1, tuple(parameter.shape)) * hidden**-0.5).to(dtype)
    return module


def given_to(rng, module, steps=STEPS, batch=BATCH):
    """x and h0 for a module of the library's."""
    dtype, states = module.weight_ih_l0.dtype, module.num_layers * (2 if module.bidirectional else 1)
    x = normal(rng, steps, batch, module.input_size, dtype=dtype)
    return x, normal(rng, states, batch, module.hidden_size, dtype=dtype)


def loaded(submission, module):
    """The submission's module with the weights of the library's."""
    both_ways = (True,) if module.bidirectional else ()
    ours = submission.new("GRU", module.input_size, module.hidden_size, module.num_layers, *both_ways)
    if module.weight_ih_l0.dtype is torch.float64:
        submission.probe("double", ours)
    ours.load(module.state_dict())
    return ours


def placed(module, device, *tensors):
    """The module and the tensors on the device; None stays None."""
    return module.to(device), *(None if tensor is None else tensor.to(device) for tensor in tensors)


def check_module(submission, module, device, x, h0=None, lengths=None):
    """The submission's module, called with as few arguments as say it, answers as the library's does."""
    ours = loaded(submission, module)
    arguments = (x, h0, lengths) if lengths is not None else (x, h0) if h0 is not None else (x,)
    right = run_library(*placed(module, device, x, h0, lengths))
    assert_agree(
        ours.call(*arguments), dict(zip(("outputs", "h_n"), right, strict=True)), axes=OF_MODULE, as_tuple=True
    )


def check_module_gradients(submission, rng, module, device, lengths):
    x, h0 = given_to(rng, module)
    given = {"x": x, "h0": h0, "lengths": lengths}
    with torch.no_grad():
        back = [normal(rng, *each.shape, dtype=each.dtype) for each in run_library(module, x, h0, lengths)]
    called = submission.probe("gradients_of_module", loaded(submission, module), given, back)
    module, x, h0, lengths = placed(module, device, x, h0, lengths)
    x.requires_grad_(), h0.requires_grad_()
    torch.autograd.backward(run_library(module, x, h0, lengths), [each.to(device) for each in back])
    right = {"x": x.grad, "h0": h0.grad, **{name: each.grad for name, each in module.named_parameters()}}
    assert_agree(called, right, axes=OF_MODULE | dict.fromkeys(module.state_dict(), None))


@visible()
@pytest.mark.task("GRU")
def test_its_state_dict(submission, rng):
    """Its parameters have the names and shapes of `torch.nn.GRU`'s, and keep what they are given."""
    module = library(rng, INPUTS, HIDDEN, 2, True)
    assert_agree(loaded(submission, module).state(), module.state_dict(), axes=dict.fromkeys(module.state_dict(), ""))


@visible()
@pytest.mark.task("GRU")
def test_one_layer(submission, rng, device):
    """One layer in one direction gives what `torch.nn.GRU` gives."""
    module = library(rng, INPUTS, HIDDEN, 1, False)
    check_module(submission, module, device, *given_to(rng, module))


@visible()
@pytest.mark.task("GRU")
def test_two_layers(submission, rng, device):
    """So do two layers."""
    module = library(rng, INPUTS, HIDDEN, 2, False)
    check_module(submission, module, device, *given_to(rng, module))


@visible()
@pytest.mark.task("GRU")
def test_two_directions(submission, rng, device):
    """So do two directions."""
    module = library(rng, INPUTS, HIDDEN, 1, True)
    check_module(submission, module, device, *given_to(rng, module))


@visible()
@pytest.mark.task("GRU")
def test_two_directions_with_lengths(submission, rng, device):
    """So do two directions over rows of different lengths."""
    module = library(rng, INPUTS, HIDDEN, 1, True)
    check_module(submission, module, device, *given_to(rng, module), torch.tensor(LENGTHS))


@visible()
@pytest.mark.task("GRU")
def test_all_together(submission, rng, device):
    """So do two layers in two directions over rows of different lengths, in double precision."""
    module = library(rng, INPUTS, HIDDEN, 2, True, torch.float64)
    check_module(submission, module, device, *given_to(rng, module), torch.tensor([2, 5, 4, 1]))


@visible()
@pytest.mark.task("GRU")
def test_without_a_first_state(submission, rng, device):
    """Without h0 it starts from zeros, in double precision too."""
    module = library(rng, INPUTS, HIDDEN, 2, True, torch.float64)
    x, _ = given_to(rng, module)
    check_module(submission, module, device, x)


@visible()
@pytest.mark.task("GRU")
def test_module_gradients(submission, rng, device):
    """Gradients flow back to x, h0 and every parameter."""
    module = library(rng, INPUTS, HIDDEN, 2, True, torch.float64)
    check_module_gradients(submission, rng, module, device, torch.tensor(LENGTHS))


@visible()
@pytest.mark.task("GRU")
def test_how_it_starts(submission):
    """Its parameters start uniform between -1/√H and 1/√H."""
    ours = submission.new("GRU", 40, 50, 2, True)
    called = submission.probe("start", ours, 50)
    asked = "not all are the same number", "most are within the bounds", "all are within the bounds"
    assert_agree(called, dict.fromkeys((*asked, "those of each parameter fill the range evenly"), True))


@pytest.mark.task("GRU")
@BOTH_DTYPES
@pytest.mark.parametrize("sizes", [(3, 2, 7, 4, 3), (1, 9, 2, 1, 1), (2, 1, 3, 8, 1)], ids="layers={0[0]}".format)
def test_module_of_any_size(submission, rng, device, sizes, dtype):
    """It holds for other sizes, numbers of layers and lengths."""
    layers, inputs, hidden, steps, batch = sizes
    module = library(rng, inputs, hidden, layers, dtype is torch.float32 or layers == 1, dtype)
    lengths = torch.from_numpy(rng.integers(1, steps + 1, batch))
    check_module(submission, module, device, *given_to(rng, module, steps, batch), lengths)


@pytest.mark.task("GRU")
@pytest.mark.parametrize("both_ways", [False, True], ids=["forward", "both"])
def test_lengths_without_a_first_state(submission, rng, device, both_ways):
    """With lengths and without h0 it starts each row from zeros."""
    module = library(rng, INPUTS, HIDDEN, 2, both_ways)
    x, _ = given_to(rng, module)
    check_module(submission, module, device, x, None, torch.tensor(drawn_lengths(rng)))


@pytest.mark.task("GRU")
def test_module_gradients_without_lengths(submission, rng, device):
    """Gradients are right where all rows are of one length, and in one direction."""
    module = library(rng, INPUTS, HIDDEN, 3, False, torch.float64)
    check_module_gradients(submission, rng, module, device, None)


@pytest.mark.task("GRU")
def test_two_halves_are_the_whole(submission, rng, device):
    """The second half of a sequence, begun with the first half's final state, gives what the whole gives."""
    module = library(rng, INPUTS, HIDDEN, 2, False)
    x, h0 = given_to(rng, module, steps=7)
    ours, (module, x_there, h0_there) = loaded(submission, module), placed(module, device, x, h0)
    middle = module(x_there[:3], h0_there)[1].detach().cpu()
    first, second = ours.call(x[:3], h0), ours.call(x[3:], middle)
    outputs, last = module(x_there, h0_there)
    for called, right in [(first, (outputs[:3], middle)), (second, (outputs[3:], last))]:
        assert_agree(called, dict(zip(("outputs", "h_n"), right, strict=True)), axes=OF_MODULE, as_tuple=True)


# stream


def in_chunks(rng, sizes, dtype=torch.float32):
    """Chunks of so many steps, and a first state, for the layer that streams are tried on."""
    return [normal(rng, size, BATCH, HIDDEN, dtype=dtype) for size in sizes], normal(rng, 2, BATCH, HIDDEN, dtype=dtype)


def check_stream(submission, device, chunks, h0=None):
    first = () if h0 is None else (h0,)
    called = submission.call("stream", submission.helper("leaky"), chunks, *first)
    right = leaky(torch.cat(chunks).to(device), None if h0 is None else h0.to(device))
    assert_agree(called, dict(zip(("outputs", "h_n"), right, strict=True)), axes=OF_MODULE, as_tuple=True)


@visible(2)
@pytest.mark.task("stream")
def test_stream(submission, rng, device):
    """Three chunks give what the whole sequence gives."""
    check_stream(submission, device, *in_chunks(rng, (3, 1, 2)))


@visible()
@pytest.mark.task("stream")
def test_stream_without_a_first_state(submission, rng, device):
    """So they do without h0, in double precision."""
    check_stream(submission, device, in_chunks(rng, (2, 4), torch.float64)[0])


@visible()
@pytest.mark.task("stream")
def test_stream_gradients(submission, rng, device):
    """The gradients of all chunks and of h0 are those of the whole sequence."""
    chunks, h0 = in_chunks(rng, (3, 1, 2), torch.float64)
    back = [normal(rng, *each.shape, dtype=each.dtype) for each in leaky(torch.cat(chunks), h0)]
    called = submission.probe("gradients_of_stream", submission.function("stream"), chunks, h0, back)
    chunks, h0 = [each.to(device).requires_grad_() for each in chunks], h0.to(device).requires_grad_()
    torch.autograd.backward(leaky(torch.cat(chunks), h0), [each.to(device) for each in back])
    right = {f"chunk {place}": each.grad for place, each in enumerate(chunks)} | {"h0": h0.grad}
    axes = dict.fromkeys(right, "step row unit") | {"h0": "state row unit"}
    assert_agree(called, {"the list of chunks is as it was": True} | right, axes=axes)


@pytest.mark.task("stream")
@BOTH_DTYPES
@pytest.mark.parametrize("sizes", [(5,), (1,) * 7, (4, 4), (1, 6, 2)], ids=str)
def test_stream_in_any_chunks(submission, rng, device, sizes, dtype):
    """It holds for other chunks."""
    check_stream(submission, device, *in_chunks(rng, sizes, dtype))
