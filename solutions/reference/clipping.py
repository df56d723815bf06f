"""Clipping gradients by their global norm.

Pascanu et al. 2013 (arXiv:1211.5063, algorithm 1): a gradient that is too long is made shorter and keeps its
direction.
"""

import numpy as np

Arrays = dict[str, np.ndarray]


def global_norm(gradients: Arrays) -> float:
    """The norm of all gradients as one long vector, ‖g‖ = sqrt(Σ_k ‖g_k‖²); 0 where there are none."""
    return float(np.sqrt(sum(np.vdot(g, g) for g in gradients.values())))


def clip_by_global_norm(gradients: Arrays, max_norm: float) -> tuple[Arrays, float]:
    """The gradients with a global norm of at most max_norm, and the norm that they had.

    Arrays of any shapes, by name -> new arrays by the same names, all scaled by one factor; what is short enough keeps
    its values.  There is no small number in the denominator, as torch has it.
    Raises ValueError where max_norm is not above zero.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm is {max_norm!r}; it should be a number above 0.")
    norm = global_norm(gradients)
    # g_k max_norm / max(‖g‖, max_norm)
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}, norm
