"""Hints by tier, opened one at a time: where to look, then the idea, then nearly the line.

They are those of the notebook's own text, from `release.json`.  Which were opened is kept with the evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from . import evidence, given

# What the hints' formulas are made of, for a terminal.
SIGNS = {
    "odot": "⊙", "sigma": "σ", "varepsilon": "ε", "cdot": "·", "times": "×", "le": "≤", "ge": "≥", "dots": "...",
    "partial": "∂", "alpha": "α", "beta": "β", "theta": "θ", "tau": "τ", "lambda": "λ", "gamma": "γ", "delta": "δ",
    "rho": "ρ", "pm": "±", "sqrt": "√", "sum": "Σ", "prod": "Π", "infty": "∞", "approx": "≈", "to": "→", "in": "∈",
    "ne": "≠", "Delta": "Δ", "ell": "l",
}  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """A hint that is shown.  number: which of `count`; open: how many are open.  problem: why that cannot be kept."""

    assignment: str
    task: str
    tier: given.Tier
    number: int
    count: int
    open: int
    problem: str = ""

    def head(self) -> str:
        return f"{self.task}, hint {self.number} of {self.count}"

    def foot(self) -> str:
        left = self.count - self.open
        rest = f"{left} more can be opened." if left else "That is the last one."
        return f"{rest} {self.problem}".strip()

    def __repr__(self) -> str:
        return f"{self.head()}\n\n{in_plain_text(self.tier.text)}\n\n{self.foot()}"

    def _repr_markdown_(self) -> str:
        """Notebooks set the formulas of Markdown."""
        return f"**{self.head()}**\n\n{self.tier.text}\n\n*{self.foot()}*"


def open_hint(exercise: Path, task: str, number: int | None = None, before: int = 0) -> Opened:
    """Open the next hint on a task, or show the one with this number, which need not be open yet.

    before: how many this process has opened, where nothing can be kept.  Raises ValueError, in a sentence, where there
    is no such hint, and `NotGiven`.
    """
    what = given.load(exercise)
    tiers = what.task(task).tiers
    if not tiers:
        raise ValueError(f"There are no hints on {task}.")
    if number is not None and not 1 <= number <= len(tiers):
        raise ValueError(f"{task} has hints 1 to {len(tiers)}, and no hint {number}.")
    kept, problem = evidence.open_tiers(exercise, task, len(tiers), number, before)
    shown = number or kept
    return Opened(what.assignment, task, tiers[shown - 1], shown, len(tiers), kept, problem)


def in_plain_text(markdown: str) -> str:
    """A hint's Markdown for a terminal: formulas without their dollars, their commonest signs as letters."""

    def formula(match: re.Match) -> str:
        text = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1) / (\2)", match[1])
        text = re.sub(r"\\(?:mathrm|text|mathbf|operatorname)\{([^{}]*)\}", r"\1", text)
        text = re.sub(r"\\(?:big|Big|left|right)(?![a-z])|\\[,;!:]", "", text)
        text = re.sub(r"\\([A-Za-z]+)", lambda name: SIGNS.get(name[1], name[1]), text)
        return re.sub(r"([_^])\{(\w+)\}", r"\1\2", text)

    return re.sub(r"\${1,2}([^$]+)\${1,2}", formula, markdown)
