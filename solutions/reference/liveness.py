"""Whether every gate is alive: a change of its rows must change the states.

A gate can be computed and then forgotten, and nothing else looks wrong.  So it happened in the published code of a
paper on what GRUs can count (tech-srl/counting_dimensions, GRU.py): the product of reset gate and state is made and not
used.
"""

from collections.abc import Callable

import numpy as np

from solutions.reference.layers import find_cell
from solutions.reference.recurrence import blocks

GATES = {
    "rnn": ("state",),
    "lstm": ("input gate", "forget gate", "candidate", "output gate"),
    "gru": ("reset gate", "update gate", "candidate"),
}


def gate_changes(
    cell: str, forward: Callable, arguments: tuple[np.ndarray, ...], size: float = 0.1, seed: int = 0
) -> dict[tuple[str, str], float]:
    """How far the outputs move if one gate's rows of one weight do: {(gate, weight): largest difference}.

    forward(*arguments) is a function to be tested, on a step or a sequence; arguments end in weight_ih, weight_hh,
    bias_ih and bias_hh, packed as "rnn", "lstm" or "gru" has them.  The rows move by normal noise of this size.
    """
    rng = np.random.default_rng(seed)
    before, changes = outputs(forward, arguments), {}
    gates, start = find_cell(cell).gates, arguments[:-4]
    for number, gate in enumerate(GATES[cell]):
        for at, name in enumerate(("weight_ih", "weight_hh", "bias_ih", "bias_hh")):
            weights = [array.copy() for array in arguments[-4:]]
            rows = blocks(weights[at], gates)[number]
            rows += size * rng.normal(size=rows.shape)
            changes[gate, name] = float(np.abs(outputs(forward, (*start, *weights)) - before).max())
    return changes


def dead_gates(
    cell: str, forward: Callable, arguments: tuple[np.ndarray, ...], threshold: float = 1e-6
) -> list[tuple[str, str]]:
    """The (gate, weight) whose rows change nothing above the threshold, as for `gate_changes`; [] if all are alive.

    Give it random arguments: what is multiplied by a state of zero, or by a gate that is shut, looks dead and is not.
    """
    return [key for key, change in gate_changes(cell, forward, arguments).items() if not change > threshold]


def outputs(forward: Callable, arguments: tuple[np.ndarray, ...]) -> np.ndarray:
    """What forward returns, flat; several arrays one after another."""
    result = forward(*arguments)
    return np.concatenate([np.ravel(array) for array in (result if isinstance(result, tuple) else (result,))])
