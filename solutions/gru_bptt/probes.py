"""Three backward passes of one GRU step; each has lost one of the four ways back to the old state.

pass_a(dh_next, x, h, W_ih, W_hh, b_ih, b_hh) -> dh, (B, H); so pass_b and pass_c.  Measure first, then read.

No formula for a gradient is in here.  The old state is read in four places.  Each place gets a copy of it; copies are
moved a very little, by an imaginary number, and the loss shows by how much it moves.  Of a copy that stays where it is
nothing is felt.
"""

import numpy as np

WAYS = ("keep", "candidate", "update", "reset")


def pass_a(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    return dh_without("reset", dh_next, x, h, W_ih, W_hh, b_ih, b_hh)


def pass_b(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    return dh_without("keep", dh_next, x, h, W_ih, W_hh, b_ih, b_hh)


def pass_c(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    return dh_without("update", dh_next, x, h, W_ih, W_hh, b_ih, b_hh)


def dh_without(lost, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    """dh, (B, H), as it comes back by all ways but one; `lost` is its name, or None."""
    rows = zip(dh_next, x @ W_ih.T + b_ih, h, strict=True)
    return np.array([_dh_of_row(lost, *row, W_hh, b_hh) for row in rows])


def _dh_of_row(lost, dh_next, from_x, h, W_hh, b_hh, eps=1e-30):
    found = np.zeros(len(h))
    for unit in range(len(h)):
        moved = h.astype(complex)
        moved[unit] += 1j * eps
        copies = [h if way == lost else moved for way in WAYS]
        found[unit] = np.imag(dh_next @ _step(*copies, from_x, W_hh, b_hh)) / eps
    return found


def _step(kept, for_candidate, for_update, for_reset, from_x, W_hh, b_hh):
    """The new state of one row, each unit by itself."""
    H, new = len(kept), []
    for i in range(H):
        r = 1 / (1 + np.exp(-from_x[i] - b_hh[i] - W_hh[i] @ for_reset))
        z = 1 / (1 + np.exp(-from_x[i + H] - b_hh[i + H] - W_hh[i + H] @ for_update))
        heard = b_hh[i + 2 * H] + W_hh[i + 2 * H] @ for_candidate
        new.append(z * kept[i] + (1 - z) * np.tanh(from_x[i + 2 * H] + r * heard))
    return np.array(new)
