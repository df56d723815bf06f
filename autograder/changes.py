"""Whose marks changed when a class was graded again, by which task, and why: for an instructor who has to announce it.

While a run goes on, the earlier report of each changed one lies in DIR/.before, so a run that was killed and goes on
forgets nothing.  When it ends, `changes.csv` and `changes.html` tell the difference, and the earlier reports (without
what each check said) stay in DIR/before until marks change again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.files import write_text
from autograder.learner.results import counted
from autograder.output import kept
from autograder.pages import rendered
from autograder.policies import Policies, final_score, late_penalty
from autograder.report import Report, TaskReport, report_path, write_report
from autograder.tables import csv_text

LATENESS = "lateness"  # stands in the place of a task
COLUMNS = [
    *("student", "assignment", "task", "old_points", "new_points", "old_max_points", "new_max_points"),
    *("old_final_score", "new_final_score", "why"),
]


@dataclass(frozen=True)
class Row:
    """One task of one student whose points changed; (points, of how many), None where there was or is no such task."""

    task: str
    old: tuple[float, float] | None
    new: tuple[float, float] | None
    why: str


@dataclass(frozen=True)
class Changed:
    """One submission whose marks changed.  The scores are those after lateness."""

    old: Report
    new: Report
    old_score: float
    new_score: float
    rows: list[Row]


def marks_differ(old: Report, new: Report) -> bool:
    """Whether there may be something to tell: other points, other tasks, or another time of handing in."""
    return marks(old) != marks(new) or old.handed_in != new.handed_in


def marks(report: Report) -> dict[str, tuple[float, float]]:
    return {task.name: (task.points, task.max_points) for task in report.tasks}


def keep_before(old: Report, out: Path) -> None:
    """Keep a report that is about to be replaced, unless an earlier part of the same run has kept an older one."""
    if not report_path(out / ".before", old.student, old.assignment).exists():
        write_report(old.brief(), out / ".before")


def tell_changes(reports: Iterable[Report], out: Path, before: Policies, now: Policies) -> list[Changed]:
    """Write what changed since the last run, if anything did, and make its reports the earlier ones.

    reports: those of which there were some before.  before, now: the dates of then and of today.
    """
    reports = list(reports)
    found = [changed for report in reports if (changed := compare(earlier(report, out), report, before, now))]
    if found:
        found.sort(key=lambda changed: (changed.new.assignment, changed.new.student))
        write_text(out / "changes.csv", csv_text(table(found)))
        page = rendered("changes.html", changes=found, summary=summary(found), why_late=LATENESS)
        write_text(out / "changes.html", page)
    end_of_run([report for report in reports if report.faulty], out)
    return found


def earlier(report: Report, out: Path) -> Report:
    """What there was of this submission when the last run ended; a report that nothing replaced is its own."""
    return kept(report.student, report.assignment, out / ".before") or report


def end_of_run(faulty: list[Report], out: Path) -> None:
    """Move the earlier reports to `before`; those of what failed stay where the next run compares with them."""
    if not (out / ".before").exists():
        return
    shutil.rmtree(out / "before", ignore_errors=True)
    (out / ".before").rename(out / "before")
    for report in faulty:
        old = kept(report.student, report.assignment, out / "before")
        if old:
            write_report(old, out / ".before")


def compare(old: Report, new: Report, before: Policies, now: Policies) -> Changed | None:
    """What changed between two reports on one submission, or None.

    That somebody hands in for the first time is no change, nor is what the grader itself failed on.
    """
    if old.faulty or new.faulty or (old.status == "missing" and new.status != "missing"):
        return None
    rows = [*task_rows(old, new), *lateness_row(old, new, before, now)]
    if not rows:
        return None
    return Changed(old, new, final_score(old, before), final_score(new, now), rows)


def task_rows(old: Report, new: Report) -> Iterator[Row]:
    then, today = ({task.name: task for task in report.tasks} for report in (old, new))
    for name in [*today, *(name for name in then if name not in today)]:
        one, other = then.get(name), today.get(name)
        pair = points_of(one), points_of(other)
        if pair[0] != pair[1]:
            yield Row(name, *pair, why(one, other, old, new))


def points_of(task: TaskReport | None) -> tuple[float, float] | None:
    return (task.points, task.max_points) if task else None


def why(one: TaskReport | None, other: TaskReport | None, old: Report, new: Report) -> str:
    """What is different about the two, most telling first."""
    if new.status == "missing":
        return f"there is no notebook any more: {new.message}"
    reasons = []
    if old.submission_sha256 != new.submission_sha256:
        reasons.append("another notebook was handed in")
    if one is None or other is None:
        reasons.append("the task is new" if one is None else "the task is no longer there")
    elif one.max_points != other.max_points:
        reasons.append("the task's points were changed")
    if not (one and other) or one.points * other.max_points == other.points * one.max_points:
        return "; ".join(reasons)
    if old.assignment_sha256 != new.assignment_sha256:
        reasons.append("the assignment or its checks were changed")
    elif old.grader_version != new.grader_version:
        reasons.append("the grader was changed")
    elif old.key_id != new.key_id:
        reasons.append("another course key was used")
    if one.status != other.status:
        reasons.append(f"it ended with status {other.status}, and before with {one.status}")
    return "; ".join(reasons) or "it was graded anew, with other limits or on another machine"


def lateness_row(old: Report, new: Report, before: Policies, now: Policies) -> Iterator[Row]:
    """What lateness takes off, as points below 0, where that changed."""
    then, today = late_penalty(old, before), late_penalty(new, now)
    if then == today:
        return
    if old.handed_in != new.handed_in:
        reason = "it was handed in at another time than before"
    elif old.score != new.score:
        reason = "a share of the points earned, which changed"
    else:
        reason = "a date or the rule in course.toml was changed"
    yield Row(LATENESS, (0.0 - then, 0.0), (0.0 - today, 0.0), reason)


def summary(found: list[Changed]) -> str:
    """How many rose and how many fell: "4 submissions have other marks than before: 3 rose, 1 fell." """
    rose = sum(changed.new_score > changed.old_score for changed in found)
    fell = sum(changed.new_score < changed.old_score for changed in found)
    rest = len(found) - rose - fell
    same = f", {rest} kept the score, of another total or from other tasks" if rest else ""
    changed = counted(len(found), "submission", "submissions")
    return f"{changed} with other marks than before: {rose} rose, {fell} fell{same}."


def table(found: list[Changed]) -> Iterator[list[object]]:
    yield COLUMNS
    for changed in found:
        for row in changed.rows:
            (old, old_max), (new, new_max) = row.old or ("", ""), row.new or ("", "")
            yield [
                *(changed.new.student, changed.new.assignment, row.task, old, new, old_max, new_max),
                *(changed.old_score, changed.new_score, row.why),
            ]
