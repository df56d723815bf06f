"""The report on one submission: what a grader hands on, as one JSON file."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

from autograder.files import why, write_text
from autograder.learner.results import CheckResult
from autograder.names import file_name

SCHEMA = 1
STATUSES = ("graded", "timeout", "memory", "crash", "forbidden", "unreadable", "missing", "fault")


AGAIN = "Run the same command again: it goes on from there."
GO_ON = f"and {AGAIN.lower()}"


class CannotWrite(Exception):
    """What is graded cannot be kept.  The message says what to do; what was kept before stays."""

    @classmethod
    def because(cls, error: OSError, out: Path) -> CannotWrite:
        return cls(f"{out} cannot be written to: {why(error)}. What is graded so far is kept. Mend that, {GO_ON}")


@dataclass
class TaskReport:
    """One autograded task: all its points or none, and why.  The last three fields are those of a `TaskResult`."""

    name: str
    points: float
    max_points: float
    status: str
    mistake: str | None = None
    hint: str | None = None
    checks: list[CheckResult] = field(default_factory=list)
    kind: str | None = None
    unknown: str | None = None
    snippet: str | None = None


@dataclass
class Report:
    """One submission.  `score` and `max_score` count the autograded points; `manual` names what
    a person grades, and `unanswered` what of it was left as it was handed out.

    status: `graded` when any task was, else what came of the first.  message: why there is nothing to grade.
    handed_in: the moment that `timestamp.txt` beside the notebook tells, as ISO 8601 with its offset.
    """

    student: str
    assignment: str
    status: str
    score: float
    max_score: float
    tasks: list[TaskReport]
    manual: list[str]
    submission_sha256: str | None
    assignment_sha256: str
    grader_version: str
    key_id: str
    isolation: str
    device: str
    seconds: float
    message: str | None = None
    unanswered: list[str] = field(default_factory=list)
    handed_in: str | None = None
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        sound = math.isfinite(self.score) and 0 <= self.score <= self.max_score
        if self.handed_in is not None:
            sound = sound and datetime.datetime.fromisoformat(self.handed_in).tzinfo is not None
        if self.status not in STATUSES or not sound:
            raise ValueError(
                f"a report of {self.student} is not sound: {self.status}, {self.score} of {self.max_score}"
            )

    @property
    def waiting(self) -> list[str]:
        """The written answers that a person still has to read."""
        return [name for name in self.manual if name not in self.unanswered]

    @property
    def faulty(self) -> bool:
        """Whether the grader failed on it, or on a part of it: then it stands for nothing until it is graded again."""
        return self.status == "fault" or any(task.status == "fault" for task in self.tasks)

    def brief(self) -> Report:
        """The same without what each check said: enough for a table, and small, for there may be very many."""
        tasks = [dataclasses.replace(task, hint=None, checks=[], unknown=None, snippet=None) for task in self.tasks]
        return dataclasses.replace(self, tasks=tasks)


def report_path(out: Path, student: str, assignment: str) -> Path:
    """The place of a report under `out`."""
    return out / "reports" / file_name(student) / f"{assignment}.json"


def page_path(out: Path, student: str, assignment: str) -> Path:
    """The place of a submission's page under `out`."""
    return out / "pages" / file_name(student) / f"{assignment}.html"


def write_report(report: Report, out: Path) -> Path:
    """Write the report to its place under `out`: all of it or nothing."""
    path = report_path(out, report.student, report.assignment)
    tasks = [{**vars(task), "checks": [vars(check) for check in task.checks]} for task in report.tasks]
    write_text(path, json.dumps({**vars(report), "tasks": tasks}, ensure_ascii=True) + "\n")
    return path


def read_report(path: Path) -> Report:
    fields = json.loads(path.read_text(encoding="utf-8"))
    tasks = [
        TaskReport(**{**task, "checks": [CheckResult(**check) for check in task["checks"]]}) for task in fields["tasks"]
    ]
    return Report(**{**fields, "tasks": tasks})
