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
    given, h0 = [leaf(chunk) for chunk in chunks], leaf(h0)
    chunks = list(given)
    backward(stream(leaky, chunks, h0), upstream)
    whole = len(chunks) == len(given) and all(one is other for one, other in zip(chunks, given, strict=True))
    found = {f"chunk {place}": chunk.grad for place, chunk in enumerate(given)} | {"h0": h0.grad}
    return {"the list of chunks is as it was": whole} | found


def is_float(value):
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def leaf(value):
    """A tensor that gathers its gradient; anything else as it is."""
    return value.clone().requires_grad_() if is_float(value) else value


def backward(results, upstream):
    """Let `upstream` flow back.  A result that is cut off from the graph has nowhere to let it flow to."""
    results = [results] if isinstance(results, torch.Tensor) else list(results)
    pairs = [pair for pair in zip(results, upstream, strict=True) if pair[0].requires_grad]
    if pairs:
        torch.autograd.backward(*map(list, zip(*pairs, strict=True)))


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
    """How a module's parameters start: where they lie beside -1/√H and 1/√H, and whether they fill what is between."""
    parts = [parameter.detach().flatten() * hidden_size**0.5 for parameter in module.parameters()]
    entries = torch.cat(parts)
    return {
        "not all are the same number": bool((entries != entries[0]).any()),
        "most are within the bounds": bool((entries.abs() <= 1).float().mean() > 0.5),
        "all are within the bounds": bool((entries.abs() <= 1 + 1e-6).all()),
        "those of each parameter fill the range evenly": all(
            abs(each.std().item() * 3**0.5 - 1) < 0.25 for each in parts
        ),
    }
