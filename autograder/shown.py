"""How far a run is: a bar for a person at a terminal, a line a minute for a log."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from autograder.batches import Outcome

SECONDS_BETWEEN_LINES = 60


class Rate(ProgressColumn):
    """Submissions a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def shown(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    """The same outcomes, with how far they are shown on standard error."""
    console = Console(stderr=True)
    columns = (
        *(TextColumn("grading"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn()),
        TextColumn("{task.fields[by]}"),
    )
    statuses: Counter[str] = Counter()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("grading", total=total, by="")
        told = time.monotonic()
        for outcome in outcomes:
            statuses.update(report.status for report in outcome.reports)
            progress.update(bar, completed=statuses.total(), by=counts(statuses))
            if not console.is_terminal and time.monotonic() - told > SECONDS_BETWEEN_LINES:
                told = time.monotonic()
                print_line(console, f"{statuses.total()} of {total} submissions: {counts(statuses)}")
            yield outcome


def counts(statuses: Counter[str]) -> str:
    """ "17 graded, 2 timeout" """
    return ", ".join(f"{count} {status}" for status, count in statuses.most_common())


def print_line(console: Console, line: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        console.print(line, markup=False, highlight=False)
