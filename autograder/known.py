"""The known mistakes of an assignment as the book lists them: in words, folded by task."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.course import Assignment
from autograder.testing import Mistake, mistakes_in

SYMBOLS = {"c", "c0", "dc0", "dcs", "dh0", "dhs", "eps", "h", "h0", "k", "tanh", "x"}


def single_mistakes(assignment: Assignment) -> list[Mistake]:
    """The catalogue without its pairs."""
    return [mistake for mistake in mistakes_in(assignment.mistakes_module()) if not mistake.of]


def title_of(mistake: Mistake) -> str:
    """Its name as a heading, in Markdown: a symbol at its beginning stays as it is."""
    words = mistake.name.replace("_", " ").replace("onnx", "ONNX")
    return escaped(words if words.split()[0] in SYMBOLS else words[0].upper() + words[1:])


def folded(assignment: Assignment, titles: Mapping[str, str]) -> str:
    """MyST Markdown: under a title for each task, folded, its mistakes with what a learner is told of each."""
    found = single_mistakes(assignment)
    return "\n\n".join(
        f":::{{dropdown}} {title} ({sum(mistake.task == task for mistake in found)})\n{listed(found, task)}\n:::"
        for task, title in titles.items()
    )


def listed(mistakes: list[Mistake], task: str) -> str:
    """A definition list of those that are made in a task."""
    own = [mistake for mistake in mistakes if mistake.task == task]
    return "\n\n".join(f"{title_of(mistake)}\n: {escaped(mistake.told.seen_from(task))}" for mistake in own)


def escaped(text: str) -> str:
    """The text with every character that Markdown would read as markup escaped; code in backticks stays code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([\\`*_{}\[\]<>#|$~^])", r"\\\1", part) for part in parts)
