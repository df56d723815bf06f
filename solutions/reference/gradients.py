"""Whether a gradient is right: differences of the function itself, which know nothing of the derivation.

`central_differences` needs the function alone; `complex_step` needs one that is analytic and takes complex numbers (the
three cells are and do), and is then exact to rounding.
"""

from collections.abc import Callable

import numpy as np

# The gradient's name and its argument's, as the backward functions and the forward ones have them.
ARGUMENT_OF = {
    "dx": "x",
    "dh": "h",
    "dh0": "h0",
    "dc": "c",
    "dc0": "c0",
    "dW_ih": "weight_ih",
    "dW_hh": "weight_hh",
    "db_ih": "bias_ih",
    "db_hh": "bias_hh",
}


def central_differences(loss: Callable[[np.ndarray], float], at: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """(L(a + ε e) - L(a - ε e)) / 2ε for each entry: float64, the shape of `at`.

    The error is about ε² from the series and 1e-16/ε from rounding, least for ε near 1e-5.  In float32 it would fail a
    right gradient: TypeError unless `at` is float64.
    """
    if at.dtype != np.float64:
        raise TypeError(
            f"The array has dtype {at.dtype}; differences need float64: convert all arguments with astype(np.float64)."
        )
    found, moved = np.empty(at.shape), at.copy()
    for entry in np.ndindex(at.shape):
        moved[entry] = at[entry] + eps
        above = loss(moved)
        moved[entry] = at[entry] - eps
        below = loss(moved)
        moved[entry] = at[entry]
        # dL/da ≈ (L(a + ε) - L(a - ε)) / 2ε
        found[entry] = (above - below) / (2 * eps)
    return found


def complex_step(loss: Callable[[np.ndarray], complex], at: np.ndarray, eps: float = 1e-30) -> np.ndarray:
    """Im L(a + iε e) / ε for each entry: float64, the shape of `at`.

    Squire and Trapp 1998 (Using complex variables to estimate derivatives of real functions).  Nothing is subtracted,
    so ε can be so small that the error is rounding alone.  Of use where L is analytic: no abs, no comparison, no max.
    """
    found, moved = np.empty(at.shape), at.astype(np.complex128)
    for entry in np.ndindex(at.shape):
        moved[entry] = at[entry] + 1j * eps
        # dL/da ≈ Im L(a + iε) / ε
        found[entry] = np.imag(loss(moved)) / eps
        moved[entry] = at[entry]
    return found


def relative_error(got: np.ndarray, want: np.ndarray) -> float:
    """‖got - want‖ / (‖got‖ + ‖want‖), from 0 to 1; 0 where both are zero."""
    size = np.linalg.norm(got) + np.linalg.norm(want)
    return float(np.linalg.norm(got - want) / size) if size else 0.0


def check_gradient(
    loss: Callable[..., float],
    arguments: dict[str, np.ndarray],
    gradients: dict[str, np.ndarray],
    tolerance: float = 1e-7,
    eps: float = 1e-5,
) -> dict[str, float]:
    """The relative error of each gradient against central differences; AssertionError if one is above the tolerance.

    loss(**arguments) is a number; gradients are named as the backward functions name them ("dx", "dW_ih"), arguments as
    the forward ones do ("x", "weight_ih").  All float64.  A right gradient has an error near 1e-10, a wrong one above
    1e-4.  The message names each wrong gradient, the entry that is furthest off with both numbers, and the arguments'
    shapes.
    """
    errors, wrong = {}, []
    for name, gradient in gradients.items():
        argument = ARGUMENT_OF[name]
        want = central_differences(
            lambda moved, key=argument: loss(**{**arguments, key: moved}), arguments[argument], eps
        )
        if np.shape(gradient) != want.shape:
            wrong.append(f"{name} has shape {np.shape(gradient)}; it should be that of {argument}, {want.shape}.")
            continue
        errors[name] = relative_error(gradient, want)
        if not errors[name] <= tolerance:
            wrong.append(said(name, argument, gradient, want, errors[name]))
    if wrong:
        sizes = ", ".join(f"{name} {array.shape}" for name, array in arguments.items())
        raise AssertionError("\n".join([*wrong, f"The arguments: {sizes}."]))
    return errors


def said(name: str, argument: str, gradient: np.ndarray, want: np.ndarray, error: float) -> str:
    """Where a gradient is furthest from the differences, both numbers and the relative error."""
    off = np.abs(gradient - want)
    entry = np.unravel_index(np.argmax(np.where(np.isnan(off), np.inf, off)), off.shape)
    at = ", ".join(map(str, entry))
    return (
        f"{name} is wrong: at {argument}[{at}] it is {gradient[entry]:.10g}, the differences give {want[entry]:.10g}; "
        f"the relative error of all of it is {error:.1e}."
    )
