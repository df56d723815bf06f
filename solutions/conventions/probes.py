"""Run a GRU whose weights you wrote by hand, and read what its units say.  Public: read it, call it, change your copy.

A program is a dictionary of five arrays in PyTorch's convention: h0 (H,), W_ih (3H, D), W_hh (3H, H), b_ih (3H,) and
b_hh (3H,), rows r, z, n.  A unit is *on* where its state is above 0.25 and *off* where it is below -0.25.  Between the
two it is neither, which is shown as one half: a value that faded is not read as if it were clear.
"""

import numpy as np

LEVEL = 0.25
MOST_UNITS = 32
LARGEST = 1e6


def run_program(program, x):
    """The states h_1 ... h_T of the program on the input x (T, B, D) -> (T, B, H)."""
    x = np.asarray(x, float)
    h0, W_ih, W_hh, b_ih, b_hh = _arrays(program, inputs=x.shape[2])
    h, states = np.tile(h0, (x.shape[1], 1)), []
    for x_t in x:
        from_x, from_h = x_t @ W_ih.T + b_ih, h @ W_hh.T + b_hh
        (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(from_x, 3, axis=1), np.split(from_h, 3, axis=1)
        r, z = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z)
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        states.append(h)
    return np.stack(states)


def read_bits(program, x):
    """What unit 0 says after each step: 1 on, 0 off, 0.5 neither -> (T, B)."""
    return _on(run_program(program, x)[:, :, 0])


def read_counts(program, x):
    """How many of the units 0, 1 and 2 are on after each step, and a half more where one is neither -> (T, B)."""
    states = run_program(program, x)
    if states.shape[2] < 3:
        raise ValueError(f"a count is read from units 0, 1 and 2, and `h0` has {states.shape[2]} of them")
    said = _on(states[:, :, :3])
    return (said == 1).sum(axis=2) + 0.5 * (said == 0.5).any(axis=2)


def _on(states):
    return np.where(states > LEVEL, 1.0, np.where(states < -LEVEL, 0.0, 0.5))


def _sigmoid(a):
    return 0.5 + 0.5 * np.tanh(0.5 * a)


def _arrays(program, inputs):
    """The five arrays, checked: ValueError with a sentence for whoever wrote the program."""
    names = ("h0", "W_ih", "W_hh", "b_ih", "b_hh")
    if not isinstance(program, dict):
        raise ValueError(f"a dictionary with the entries {', '.join(names)} is wanted; it is {_kind(program)}")
    for name in names:
        if name not in program:
            raise ValueError(f"there is no `{name}` in it; the entries should be {', '.join(names)}")
    for name in program:
        if name not in names:
            raise ValueError(f"there is a `{name}` in it; the entries should be {', '.join(names)}")
    arrays = {name: _numbers(name, program[name]) for name in names}
    if arrays["h0"].ndim != 1 or not 1 <= arrays["h0"].size <= MOST_UNITS:
        raise ValueError(
            f"`h0` has shape {arrays['h0'].shape}; it should be (H,), a number for each of 1 to {MOST_UNITS} units"
        )
    H = arrays["h0"].size
    shapes = {"W_ih": (3 * H, inputs), "W_hh": (3 * H, H), "b_ih": (3 * H,), "b_hh": (3 * H,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise ValueError(
                f"`{name}` has shape {arrays[name].shape}; with H = {H}, the length of `h0`, and D = {inputs} it "
                f"should be {shape}"
            )
    if np.abs(arrays["h0"]).max() > 1:
        raise ValueError("`h0` leaves the interval from -1 to 1, where every state of a GRU lies")
    return [arrays[name] for name in names]


def _numbers(name, value):
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"`{name}` is a list of uneven length") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"`{name}` is {_kind(value)}; it should hold real numbers")
    array = array.astype(float)
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` holds a number that is not finite")
    if np.abs(array).max(initial=0) > LARGEST:
        raise ValueError(f"`{name}` holds a number beyond a million; 20 is as good as infinite for a sigmoid")
    return array


def _kind(value):
    return "None" if value is None else f"of type {type(value).__name__}"
