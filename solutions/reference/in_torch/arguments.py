"""What a cell is given must fit; else an error names the argument, what it was and what it should be."""

from torch import Tensor

WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def check_step(gates: int, x: Tensor, states: dict[str, Tensor], *weights: Tensor | None) -> None:
    """x (B, D), each state (B, H), weights with gates · H rows; else ValueError or TypeError."""
    check(gates, "B, D", x, states, weights)


def check_sequence(gates: int, x: Tensor, states: dict[str, Tensor], *weights: Tensor | None) -> None:
    """x (T, B, D), each state (B, H), weights with gates · H rows; else ValueError or TypeError."""
    check(gates, "T, B, D", x, states, weights)
    if not len(x):
        raise ValueError(f"x has the shape {tuple(x.shape)}: no step. Give it at least one.")


def check(gates: int, axes: str, x: Tensor, states: dict[str, Tensor], weights: tuple[Tensor | None, ...]) -> None:
    named = {"x": x, **states, **dict(zip(WEIGHTS, weights, strict=True))}
    given = {name: tensor for name, tensor in named.items() if tensor is not None or not name.startswith("bias")}
    check_kinds(given)

    first = next(iter(states))
    for name, names in [("x", axes), (first, "B, H")]:
        if given[name].dim() != len(names.split(", ")):
            raise ValueError(f"{name} has the shape {tuple(given[name].shape)}; it should be ({names}).")
    batch, inputs = x.shape[-2:]
    hidden = states[first].shape[-1]
    rows, times = gates * hidden, f"{gates}H" if gates > 1 else "H"
    shapes = dict.fromkeys(states, ("B, H", (batch, hidden)))
    shapes["weight_ih"] = (f"{times}, D", (rows, inputs))
    shapes["weight_hh"] = (f"{times}, H", (rows, hidden))
    shapes["bias_ih"] = shapes["bias_hh"] = (f"{times},", (rows,))
    for name, (names, shape) in shapes.items():
        if name in given and given[name].shape != shape:
            raise ValueError(
                f"{name} has the shape {tuple(given[name].shape)}; it should be {shape}, that is ({names}) "
                f"with B = {batch} and D = {inputs} from x and H = {hidden} from {first}."
            )


def check_kinds(given: dict[str, Tensor]) -> None:
    """Floating tensors of one dtype on one device; else TypeError."""
    for name, tensor in given.items():
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{name} must be a torch tensor; it is of type {type(tensor).__name__}.")
        if not tensor.is_floating_point():
            raise TypeError(f"{name} must be of a floating dtype; it is {tensor.dtype}. {name}.float() makes it one.")
    first, *others = given
    for name in others:
        for what in ("dtype", "device"):
            got, want = getattr(given[name], what), getattr(given[first], what)
            if got != want:
                raise TypeError(
                    f"{name} has the {what} {got}, but {first} has {want}. Use one {what} for all: {name}.to({first})."
                )
