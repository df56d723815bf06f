"""Judge a batch of submissions in whatever process, on whatever machine, and keep the reports: they come back in brief.

`judge_batch` is a function of a module and a batch is plain data, so any executor can carry both.  The course's key is
not in it: each machine finds it where the course is.
"""

from __future__ import annotations

import hashlib
import platform
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.course import CourseError, course_key, find_assignment
from autograder.handed import Handed
from autograder.jail.host import ZygoteFailed
from autograder.jail.levels import LEVELS, level_to_use
from autograder.judge import Judge
from autograder.notebook import Unreadable, read_bytes
from autograder.output import keep, kept
from autograder.report import GO_ON, Report
from autograder.version import grader_version

ONE_AT_A_TIME = threading.Lock()  # a judge is of one mind, and a cluster's worker may have several threads

JUDGES: list[Judge] = []


@dataclass(frozen=True)
class Batch:
    """Submissions of one assignment, to be judged together.

    sha256, grader, key_id: which assignment, grader and course key must be found.  isolation: the lowest level to grade
    at.  regrade: do not look for earlier reports.
    """

    course: Path
    assignment: str
    sha256: str
    grader: str
    key_id: str
    isolation: str | None
    handed: tuple[Handed, ...]
    out: Path
    regrade: bool = False


@dataclass
class Outcome:
    """What came of a batch: its reports in brief, how many of them were there before, and the grader's own faults."""

    reports: list[Report] = field(default_factory=list)
    kept: int = 0
    faults: list[str] = field(default_factory=list)


def judge_batch(batch: Batch) -> Outcome:
    """Judge what has no current report yet, and keep a report and a page of each.

    Raises `CannotWrite`, `CourseError`, `NotIsolated`, and `ZygoteFailed` where no jail can be started.
    """
    with ONE_AT_A_TIME:
        try:
            return judge_due(batch)
        except ZygoteFailed:  # a fault of ours: once more, from scratch
            close_judges()
            return judge_due(batch)


def judge_due(batch: Batch) -> Outcome:
    judge = judge_for(batch)
    outcome = Outcome()
    due = []
    for handed in batch.handed:
        report = None if batch.regrade else current_report(handed, batch, judge)
        if report:
            outcome.reports.append(report.brief())
            outcome.kept += 1
        else:
            due.append(handed)
    for report in judge.judge_files(due):
        keep(report, batch.out)
        outcome.reports.append(report.brief())
    outcome.faults = judge.take_faults()
    return outcome


def current_report(handed: Handed, batch: Batch, judge: Judge) -> Report | None:
    """The report that is there, if the same judge would judge the same notebook again."""
    report = kept(handed.student, batch.assignment, batch.out)
    if report is None or report.status == "fault" or report.submission_sha256 is None:
        return None
    judged = (report.assignment_sha256, report.grader_version, report.key_id, report.device)
    if judged != (judge.assignment.sha256, grader_version(), judge.key.id, judge.device):
        return None
    if LEVELS.index(report.isolation) > LEVELS.index(judge.level):
        return None
    try:
        now = hashlib.sha256(read_bytes(handed.path)).hexdigest()
    except (OSError, Unreadable):
        return None
    return report if now == report.submission_sha256 else None


def give_up(batch: Batch) -> Outcome:
    """Keep a fault of ours as the report of each: the process that judges them dies every time."""
    outcome = Outcome()
    judge = judge_for(batch)
    for handed in batch.handed:
        report = judge.report_fault(handed)
        keep(report, batch.out)
        outcome.reports.append(report.brief())
        outcome.faults.append(f"{handed.student}, {batch.assignment}: the process that judged it died every time.")
    return outcome


def judge_for(batch: Batch) -> Judge:
    """This process's judge, if it judges by the code that the run began with.  Raises `CourseError`."""
    judge = judge_of(batch.course, batch.assignment, batch.key_id, batch.isolation)
    if (judge.assignment.sha256, grader_version()) != (batch.sha256, batch.grader):
        raise CourseError(
            f"On {platform.node()}, {batch.assignment} or the grader is another version than where this run began. "
            f"Give every machine the same course folder, start the cluster's workers anew, {GO_ON}"
        )
    return judge


@cache
def judge_of(course: Path, assignment: str, key_id: str, isolation: str | None) -> Judge:
    """This process's judge of an assignment."""
    key = course_key(course)
    if key.id != key_id:
        raise CourseError(
            f"The course key on {platform.node()} is {key.id}, and this run began with {key_id}. "
            "Give every machine the same AUTOGRADER_KEY, or the same course folder."
        )
    judge = Judge(find_assignment(course, assignment), key, level_to_use(isolation))
    JUDGES.append(judge)
    return judge


def close_judges() -> None:
    """End the processes that this process's judges have started, and forget the judges."""
    judge_of.cache_clear()
    while JUDGES:
        JUDGES.pop().close()
