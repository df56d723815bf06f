"""What a cell costs: parameters, operations, bytes.  D input size, H hidden size, B batch, T time."""

from solutions.reference.layers import find_cell


def parameters(cell: str, inputs: int, hidden: int, biases: int = 2) -> int:
    """How many numbers a cell learns: G (H D + H H + biases H), G gates: 1 for "rnn", 3 for "gru", 4 for "lstm".

    PyTorch has two biases a row, most papers one.  The second adds nothing but in the GRU's candidate, where r stands
    between the two.
    """
    check_sizes(inputs=inputs, hidden=hidden)
    if biases not in {0, 1, 2}:
        raise ValueError(f"biases is {biases!r}; it should be 0, 1 or 2 for each row.")
    # G (H D + H H + biases H)
    return find_cell(cell).gates * hidden * (inputs + hidden + biases)


def product_flops(cell: str, inputs: int, hidden: int, batch: int = 1, steps: int = 1) -> int:
    """Additions and multiplications in the matrix products of a forward pass: 2 G H (D + H) a row and step.

    All else is elementwise, some ten operations a unit, and has no factor H.  A backward pass has twice as many.
    """
    check_sizes(inputs=inputs, hidden=hidden, batch=batch, steps=steps)
    # 2 G H (D + H) B T
    return 2 * find_cell(cell).gates * hidden * (inputs + hidden) * batch * steps


def weight_bytes(cell: str, inputs: int, hidden: int, biases: int = 2, itemsize: int = 4) -> int:
    """Bytes of the parameters, itemsize each: 4 for float32."""
    return parameters(cell, inputs, hidden, biases) * itemsize


def state_size(cell: str, hidden: int) -> int:
    """Numbers that one row carries from step to step: H, for an LSTM 2H."""
    check_sizes(hidden=hidden)
    return len(find_cell(cell).states) * hidden


def state_bytes(cell: str, hidden: int, batch: int = 1, itemsize: int = 4) -> int:
    """Bytes that a batch carries from step to step, whatever T is."""
    check_sizes(batch=batch)
    return state_size(cell, hidden) * batch * itemsize


def check_sizes(**sizes: int) -> None:
    """Raise ValueError unless each is a whole number from 1 on."""
    for name, size in sizes.items():
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"{name} is {size!r}; it should be a whole number from 1 on.")
