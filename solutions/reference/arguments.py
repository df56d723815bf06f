"""Whether a function was given what it works with; if not, a sentence says what was wrong and what it should be.

A shape is written as text: "T B D" is three axes, "3H H" a matrix with three times H rows.  A letter stands for one
size: the first array that has it sets it, the others must agree.  Arrays need not be contiguous or writable; NaN and
infinity are numbers like any other and pass.
"""

import numbers
from collections.abc import Sequence
from functools import cache

import numpy as np

FLOATS = ("float32", "float64")
Weights = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # weight_ih, weight_hh, bias_ih, bias_hh
Lengths = np.ndarray | Sequence[int] | None
Shapes = dict[str, tuple[np.ndarray, str]]  # an array and its shape as text, under the array's name


def check_arrays(given: Shapes, complex_too: bool = False) -> None:
    """Raise unless every array has its shape, and all are of one dtype, float32 or float64.

    With `complex_too`, complex128 may stand among float64, as the complex step needs it.
    Raises TypeError for what is no array or has another dtype, ValueError for a shape.
    """
    sizes, first = {}, None
    for name, (array, shape) in given.items():
        check_dtype(name, array, first, complex_too)
        first = first or (name, real_dtype(array))
        check_shape(name, array, shape, sizes)


def check_dtype(name: str, array: np.ndarray, first: tuple[str, str] | None, complex_too: bool) -> None:
    """Raise TypeError unless `array` is float32 or float64, and of the dtype of the `first` (name, dtype)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is of type {type(array).__name__}; it should be a NumPy array of float32 or float64.")
    dtype = real_dtype(array) if complex_too else array.dtype.name
    if dtype not in FLOATS:
        raise TypeError(f"{name} has dtype {array.dtype}; it should be float32 or float64, as {name}.astype(float) is.")
    if first and dtype != first[1]:
        raise TypeError(
            f"{name} has dtype {array.dtype} and {first[0]} has {first[1]}; they should have one dtype: "
            f"convert one of them with astype."
        )


def real_dtype(array: np.ndarray) -> str:
    """The name of the array's dtype, float64 for complex128."""
    return "float64" if array.dtype == np.complex128 else array.dtype.name


def check_shape(name: str, array: np.ndarray, shape: str, sizes: dict[str, tuple[int, str]]) -> None:
    """Raise ValueError unless `array` has this shape; sizes maps a letter to its size and the array that set it."""
    axes = parsed(shape)
    if array.ndim != len(axes):
        raise ValueError(
            f"{name} has {array.ndim} axes, shape {array.shape}; it should have {len(axes)}, {told(shape)}."
        )
    for size, (times, letter) in zip(array.shape, axes, strict=True):
        if letter not in sizes and times == 1:
            sizes[letter] = size, name
        if size != times * sizes[letter][0]:
            known = {axis: sizes[axis] for _, axis in axes if axis in sizes}
            said = ", ".join(f"{axis} = {number} as in {source}" for axis, (number, source) in known.items())
            raise ValueError(f"{name} has shape {array.shape}; it should be {told(shape)} with {said}.")
        if size == 0:
            raise ValueError(f"{name} has shape {array.shape}; {letter} should be at least 1.")


@cache
def parsed(shape: str) -> list[tuple[int, str]]:
    """The axes of a shape in text: "3H D" is [(3, "H"), (1, "D")]."""
    return [(int(axis[:-1] or 1), axis[-1]) for axis in shape.split()]


def told(shape: str) -> str:
    """A shape in text as Python would write it: "3H D" is (3H, D)."""
    axes = shape.split()
    return f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"


def check_cell(gates: int, x: np.ndarray, weights: Weights, **states: np.ndarray) -> None:
    """Raise unless these are the arguments of one step: x (B, D), states (B, H), the four weights of a cell."""
    check_arrays({"x": (x, "B D"), **state_shapes(states), **weight_shapes(gates, weights)}, complex_too=True)


def check_sequence(gates: int, x: np.ndarray, weights: Weights, **states: np.ndarray) -> None:
    """Raise unless these are the arguments of a sequence: x (T, B, D), states (B, H), the four weights of a cell."""
    check_arrays({"x": (x, "T B D"), **state_shapes(states), **weight_shapes(gates, weights)})


def state_shapes(states: dict[str, np.ndarray]) -> Shapes:
    """States of one step, each with its shape."""
    return {name: (state, "B H") for name, state in states.items()}


def weight_shapes(gates: int, weights: Weights) -> Shapes:
    """The four weights of a cell of so many gates, each with its shape."""
    rows = f"{gates}H" if gates > 1 else "H"
    shapes = {"weight_ih": f"{rows} D", "weight_hh": f"{rows} H", "bias_ih": rows, "bias_hh": rows}
    return {name: (array, shape) for array, (name, shape) in zip(weights, shapes.items(), strict=True)}


def check_upstream(states: np.ndarray, **given: tuple[np.ndarray | None, str]) -> None:
    """Raise unless each gradient that is given, name=(array or None, shape as text), fits the states (T, B, H)."""
    check_arrays({"states": (states, "T B H")} | {name: pair for name, pair in given.items() if pair[0] is not None})


def checked_lengths(lengths: Lengths, steps: int, batch: int) -> np.ndarray | None:
    """Lengths as an array, or None where there are none; an error unless they are B integers from 1 to T."""
    if lengths is None:
        return None
    given = np.asarray(lengths)
    if given.dtype.kind not in "iu":
        raise TypeError(f"lengths is {lengths!r}, numbers of {given.dtype}; it should hold integers, one for each row.")
    if given.shape != (batch,):
        raise ValueError(f"lengths has shape {given.shape}; it should be (B,) with B = {batch} as in x.")
    outside = np.flatnonzero((given < 1) | (given > steps))
    if outside.size:
        row = outside[0]
        raise ValueError(f"lengths[{row}] is {given[row]}; it should be from 1 to T = {steps}.")
    return given.astype(np.intp)


def check_count(name: str, number: int | None) -> None:
    """Raise unless number is None or a whole number from 1 on."""
    if number is None:
        return
    if not isinstance(number, numbers.Integral) or isinstance(number, bool):
        raise TypeError(f"{name} is {number!r}; it should be a whole number of steps, or None.")
    if number < 1:
        raise ValueError(f"{name} is {number}; it should be at least 1.")
