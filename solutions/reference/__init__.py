"""The oracle: the recurrent cells that every check compares with and that the book executes."""

from solutions.reference.gru import gru_cell, gru_forward, gru_gates, sigmoid
from solutions.reference.inputs import random_cell, random_sequence

__all__ = ["gru_cell", "gru_forward", "gru_gates", "random_cell", "random_sequence", "sigmoid"]
