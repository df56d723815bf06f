"""What the check of `input_that_shows` looks at.  Public: a learner may read this."""

import numpy as np


def what_shows(value, B, D, H):
    """How many of the B * H numbers show that the reset gate of program 1 is dead, and why the others do not.

    value: (x, h, p).  Raises ValueError, with a sentence, where that is no input for B rows, D inputs and H units.
    """
    x, h, p = _taken_apart(value, B, D, H)
    r, z = (_sigmoid(x @ p[f"W_i{g}"].T + p[f"b_i{g}"] + h @ p[f"W_h{g}"].T + p[f"b_h{g}"]) for g in "rz")
    from_x, from_h = x @ p["W_in"].T + p["b_in"], h @ p["W_hn"].T + p["b_hn"]
    candidates = np.abs(np.tanh(from_x + from_h) - np.tanh(from_x + r * from_h))

    # tanh is nowhere steeper than 1, so what enters it has to differ by more than 0.5 first
    reasons = {
        "nothing_to_reset": np.abs(from_h) <= 0.5,
        "reset_gate_open": (1 - r) * np.abs(from_h) <= 0.5,
        "candidate_flat": candidates <= 0.5,
        "state_kept": (1 - z) * candidates <= 0.5,
    }
    counts, left = {}, np.ones((B, H), dtype=bool)
    for reason, holds in reasons.items():
        counts[reason] = int((left & holds).sum())
        left &= ~holds
    return {**counts, "shown": int(left.sum())}


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _taken_apart(value, B, D, H):
    """x, h and p as arrays of float64, or ValueError."""
    if not isinstance(value, tuple | list) or len(value) != 3 or not isinstance(value[2], dict):
        raise ValueError("a tuple (x, h, p) is wanted, where p is a dictionary of the twelve weights by name")
    shapes = {"x": (B, D), "h": (B, H)}
    for gate in "rzn":
        shapes |= {f"W_i{gate}": (H, D), f"W_h{gate}": (H, H), f"b_i{gate}": (H,), f"b_h{gate}": (H,)}
    given = {"x": value[0], "h": value[1], **value[2]}
    arrays = {}
    for name, shape in shapes.items():
        if name not in given:
            raise ValueError(f"p has no `{name}`")
        try:
            arrays[name] = np.asarray(given[name], dtype=float)
        except (TypeError, ValueError):
            raise ValueError(f"`{name}` is no array of numbers") from None
        if arrays[name].shape != shape:
            raise ValueError(f"`{name}` has shape {arrays[name].shape}; for B={B}, D={D}, H={H} it should be {shape}")
        if not (np.abs(arrays[name]) <= 10).all():
            raise ValueError(f"`{name}` holds a number that is not between -10 and 10")
    return arrays.pop("x"), arrays.pop("h"), arrays
