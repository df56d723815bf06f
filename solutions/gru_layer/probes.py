"""What the checks do with your functions and your module beside calling them.  Public: you may read and call these."""

import torch


def gradients(function, arguments, upstream):
    """What flows back to each argument of `function` when `upstream` flows back from its results; None where none does.

    arguments: by name, in the function's order.  upstream: a gradient for each result.
    """
    given = {name: leaf(value) for name, value in arguments.items()}
    backward(function(*given.values()), upstream)
    return {name: value.grad for name, value in given.items() if is_float(value)}


def gradients_of_module(module, arguments, upstream):
    """The same for a module: what flows back to its arguments and to its parameters."""
    given = {name: leaf(value) for name, value in arguments.items()}
    module.zero_grad()
    backward(module(*given.values()), upstream)
    found = {name: value.grad for name, value in given.items() if is_float(value)}
    return found | {name: parameter.grad for name, parameter in module.named_parameters()}


def gradients_of_stream(stream, chunks, h0, upstream):
    """The same for `stream`, over the layer below: what flows back to each chunk and to h0."""
    chunks, h0 = [leaf(chunk) for chunk in chunks], leaf(h0)
    backward(stream(leaky, chunks, h0), upstream)
    return {f"chunk {place}": chunk.grad for place, chunk in enumerate(chunks)} | {"h0": h0.grad}


def is_float(value):
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def leaf(value):
    """A tensor that gathers its gradient; anything else as it is."""
    return value.clone().requires_grad_() if is_float(value) else value


def backward(results, upstream):
    results = [results] if isinstance(results, torch.Tensor) else list(results)
    torch.autograd.backward(results, list(upstream))


def leaky(x, h0=None):
    """Two layers of leaky units, called and answering as torch.nn.GRU does: a small layer to stream through.

    x (T, B, H), h0 (2, B, H) or None for zeros -> outputs (T, B, H), h_n (2, B, H)
    """
    first, second = x.new_zeros(2, *x.shape[1:]) if h0 is None else h0
    outputs = []
    for x_t in x:
        first = 0.75 * first + torch.tanh(x_t)
        second = 0.5 * second + torch.tanh(first)
        outputs.append(second)
    return torch.stack(outputs), torch.stack([first, second])


def double(module):
    """Turn a module's weights into float64."""
    module.double()


def start(module, hidden_size):
    """How a module's parameters start: whether all lie between -1/√H and 1/√H, and whether they fill that range."""
    bound = hidden_size**-0.5
    entries = torch.cat([parameter.detach().flatten() for parameter in module.parameters()])
    return {
        "all within the bounds": bool((entries.abs() <= bound).all()),
        "spread evenly between them": bool(abs(entries.std().item() / bound * 3**0.5 - 1) < 0.1),
    }
