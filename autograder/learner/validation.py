"""What the grader will see of a notebook, as it is shown: text in a terminal, HTML in a notebook, a page."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

from .page import as_page

OK, MEND, UNREADABLE = 0, 1, 2


@dataclass(frozen=True)
class Finding:
    """Something to know.  mend: it costs marks as it stands; else it is only said."""

    text: str
    mend: bool = False


@dataclass(frozen=True)
class TaskSeen:
    """A task as the grader finds it.  lost: there is nothing there that could earn its points."""

    name: str
    words: str
    lost: bool = False


@dataclass(frozen=True)
class Validation:
    """What the grader will see.  problem: why it can see nothing at all."""

    notebook: Path
    assignment: str = ""
    tasks: tuple[TaskSeen, ...] = ()
    findings: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def readable(self) -> bool:
        return not self.problem

    @property
    def to_mend(self) -> list[str]:
        return [finding.text for finding in self.findings if finding.mend]

    @property
    def to_know(self) -> list[str]:
        return [finding.text for finding in self.findings if not finding.mend]

    @property
    def lost(self) -> list[str]:
        """The tasks that can earn nothing as they stand."""
        return [task.name for task in self.tasks if task.lost]

    @property
    def code(self) -> int:
        """The exit code: 0 it will be graded as it stands, 1 something should be mended, 2 it cannot be read."""
        return UNREADABLE if self.problem else MEND if self.to_mend or self.lost else OK

    def headline(self) -> str:
        if self.problem:
            return f"{self.notebook.name} cannot be graded. {self.problem}"
        if self.code == OK:
            return f"{self.notebook.name} will be graded as it stands."
        return f"{self.notebook.name} can be read, but something should be mended before you hand it in."

    def __repr__(self) -> str:
        parts = [self.headline()]
        if self.tasks:
            width = max(len(task.name) for task in self.tasks)
            rows = [f"  {task.name:<{width}}  {task.words}" for task in self.tasks]
            parts.append("\n".join(["What the grader will see:", *rows]))
        parts += [listed("To mend:", self.to_mend), listed("Good to know:", self.to_know)]
        return "\n\n".join(filter(None, parts))

    def _repr_html_(self) -> str:
        """The same words, without colours: it stands on light and on dark pages."""
        cell = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top"
        rows = "".join(
            f'<tr><th scope="row" style="{cell};font-weight:normal"><code>{escape(task.name)}</code></th>'
            f'<td style="{cell}">{escape(task.words)}</td></tr>'
            for task in self.tasks
        )
        table = f'<table style="border-collapse:collapse;margin:.4em 0"><tbody>{rows}</tbody></table>' if rows else ""
        lists = html_list("To mend", self.to_mend) + html_list("Good to know", self.to_know)
        return f'<div><p style="margin:.3em 0"><b>{escape(self.headline())}</b></p>{table}{lists}</div>'

    def page(self) -> str:
        """A page of its own."""
        return as_page(f"Before you hand in {self.notebook.name}", self._repr_html_())


def listed(head: str, texts: list[str]) -> str:
    return "\n".join([head, *(f"  - {text}" for text in texts)]) if texts else ""


def html_list(head: str, texts: list[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<p style="margin:.3em 0"><b>{head}</b></p><ul style="margin:.3em 0">{items}</ul>' if texts else ""
