"""Three ways through h_t = (1 - z_t) ⊙ h_{t-1} + b_t, t = 1 ... T, in NumPy.

z in 0 ... 1 and b (T, ...), h0 (...) -> the states (T, ...), all float32 or all float64.  This is the first-order
recurrence h_t = a_t ⊙ h_{t-1} + b_t, told by z = 1 - a: where a gate keeps for long, a is almost 1 and rounding takes
digits from the little that is forgotten, while z has them all.  All three compute the same; they differ in how many
steps depend on each other and in how they round, which tests/test_minimal.py measures.
"""

import numpy as np


def scan_in_steps(z: np.ndarray, b: np.ndarray, h0: np.ndarray) -> np.ndarray:
    """One step after another: T dependent steps, T products.  The definition."""
    h, states = h0, []
    for z_t, b_t in zip(z, b, strict=True):
        # h_t = (1 - z_t) ⊙ h_{t-1} + b_t
        h = h + (b_t - z_t * h)
        states.append(h)
    return np.stack(states)


def scan_in_parallel(z: np.ndarray, b: np.ndarray, h0: np.ndarray) -> np.ndarray:
    """By doubling (Hillis & Steele 1986): log2 T dependent steps, T log2 T products.

    Step t is the map h -> (1 - z) h + b, and (z, b) after (z', b') is one map again, (z + z' - z z', b + b' - z b').
    After the round with `shift`, (z_t, b_t) is the last 2 · shift maps up to t.  z stays in 0 ... 1 and nothing is
    divided; few sums depend on each other, so where gates keep for long it rounds less than the steps do.
    """
    z, b = z.copy(), b.copy()
    b[0] += h0 - z[0] * h0
    shift = 1
    while shift < len(z):
        # (z_t, b_t) after (z_{t-shift}, b_{t-shift}), for all t at once: a right side is complete before it is added
        b[shift:] += b[:-shift] - z[shift:] * b[:-shift]
        z[shift:] += z[:-shift] - z[shift:] * z[:-shift]
        shift *= 2
    return b


def scan_in_logs(log_a: np.ndarray, log_b: np.ndarray, log_h0: np.ndarray) -> np.ndarray:
    """By sums in logarithms, as Feng et al. 2024 (arXiv:2410.01201, appendix B) do; a = 1 - z, b and h0 > 0 only.

    With A_t = log a_1 + ... + log a_t it is h_t = exp(A_t + log(h_0 + Σ_{s<=t} exp(log b_s - A_s))).  A_t grows with t;
    its rounding error, up to |A_t| · 6e-8 in float32, becomes h's relative error.  So gates that forget fast lose most.
    """
    # A_t = Σ_{s<=t} log a_s
    A = np.cumsum(log_a, axis=0)
    terms = np.concatenate([log_h0[None], log_b - A])
    # h_t = exp(A_t + log Σ_{s<=t} exp(log b_s - A_s)), where the sum begins with h_0
    return np.exp(A + np.logaddexp.accumulate(terms, axis=0)[1:])
