"""What came of checking a task, and how it is said: plain text for a terminal, HTML for a notebook or a page."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from html import escape

UNWRITTEN = "It is not written yet."
LOOKS_LIKE = {
    "mistake": "This looks like a known mistake",
    "pair": "This looks like two known mistakes at once",
    "convention": "This looks like a right cell of another convention",
}


@dataclass
class CheckResult:
    """One check: its name, what it asks in words, whether it passed, and else what is wrong."""

    name: str
    passed: bool
    message: str = ""
    title: str = ""


@dataclass
class TaskResult:
    """One task: its checks, and the catalogue's name and hint for the mistake where it is a known one.

    kind: `mistake`, `pair` for two at once, or `convention` for what is right elsewhere.  unknown: what is said where
    it is none of these.  snippet: the smallest case that fails then, as code.
    """

    name: str
    checks: list[CheckResult] = field(default_factory=list)
    mistake: str | None = None
    hint: str | None = None
    kind: str | None = None
    unknown: str | None = None
    snippet: str | None = None

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def begun(self) -> bool:
        """Whether there is more than the stub, or nothing at all."""
        return self.passed or any(check.message and check.message != UNWRITTEN for check in self.checks)

    def headline(self) -> str:
        if self.passed:
            return f"{self.name}: all {len(self.checks)} checks pass"
        return f"{self.name}: {sum(check.passed for check in self.checks)} of {len(self.checks)} checks pass"

    def __repr__(self) -> str:
        lines = [self.headline()]
        for check in self.checks:
            lines += [f"  {'pass' if check.passed else 'FAIL'}  {check.title or check.name}"]
            if not check.passed:
                lines += [wrap(check.message, "        ")]
        if self.hint:
            lines += [f"  {looks_like(self.kind)}: {in_words(self.mistake)}.", wrap(self.hint, "        ")]
        if self.unknown:
            lines += [wrap(self.unknown, "  ")]
        if self.snippet:
            lines += ["", self.snippet]  # at the margin, so that it can be pasted
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The same words as the plain text.  No colour on them: they stand on light and on dark pages."""
        rows = []
        for check in self.checks:
            verdict = "pass:" if check.passed else "<b>FAIL:</b>"
            message = "" if check.passed else f"<br>{escape(check.message)}"
            rows.append(f'<li style="margin:.2em 0">{verdict} {escape(check.title or check.name)}{message}</li>')
        hint = ""
        if self.hint:
            name = escape(in_words(self.mistake))
            hint = (
                '<p style="margin:.4em 0;padding:.3em .7em;border-left:4px solid #c8423a">'
                f"{looks_like(self.kind)}: <b>{name}</b>.<br>{escape(self.hint)}</p>"
            )
        if self.unknown:
            hint += f'<p style="margin:.4em 0">{escape(self.unknown)}</p>'
        if self.snippet:
            hint += f'<pre style="margin:.4em 0;overflow-x:auto">{escape(self.snippet)}</pre>'
        return f'<div><b>{escape(self.headline())}</b><ul style="margin:.3em 0">{"".join(rows)}</ul>{hint}</div>'


def looks_like(kind: str | None) -> str:
    return LOOKS_LIKE[kind or "mistake"]


def counted(number: int, one: str, more: str) -> str:
    """ "1 student is", "2,000 students are" """
    return f"{number:,} {one if number == 1 else more}"


def in_words(name: str | None) -> str:
    """A mistake's name as a reader would say it."""
    return (name or "").replace("_", " ")


def wrap(text: str, indent: str) -> str:
    return textwrap.fill(text, 100, initial_indent=indent, subsequent_indent=indent)
