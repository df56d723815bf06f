"""Judge a batch of submissions in whatever process, on whatever machine, and keep the reports: they come back in brief.

`judge_batch` is a function of a module and a batch is plain data, so any executor can carry both.  The course's key is
not in it: each machine finds it where the course is.
"""

from __future__ import annotations

import hashlib
import platform
import threading
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.changes import keep_before, marks_differ
from autograder.course import CourseError, course_key, find_assignment
from autograder.handed import Handed
from autograder.jail.host import ZygoteFailed
from autograder.jail.levels import LEVELS, ON_GPU, level_on_gpu, level_to_use
from autograder.jail.pool import Pool
from autograder.learner.notebook import Unreadable
from autograder.notebook import read_bytes
from autograder.output import keep, kept
from autograder.policies import Policies, policies_of
from autograder.report import GO_ON, Report
from autograder.timestamps import read_timestamp
from autograder.version import grader_version

if TYPE_CHECKING:
    from autograder.judge import Judge

ONE_AT_A_TIME = threading.Lock()  # a judge is of one mind, and a cluster's worker may have several threads

POOLS: dict[str, Pool] = {}


@dataclass(frozen=True)
class Batch:
    """Submissions of one assignment, to be judged together.

    sha256, grader, key_id: which assignment, grader and course key must be found.  isolation: the lowest level to grade
    at.  regrade: do not look for earlier reports.  device: where the references of an assignment in torch run.
    dates: a hash of `course.toml`.  pages_anew: it has changed since the pages that are there were made.
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
    device: str = "cpu"
    dates: str = ""
    pages_anew: bool = False


@dataclass
class Outcome:
    """What came of a batch, or of many: reports in brief, how many were there before, and the grader's own faults.

    first: the students, with the assignment, of whom there was no report before.
    """

    reports: list[Report] = field(default_factory=list)
    kept: int = 0
    faults: list[str] = field(default_factory=list)
    first: set[tuple[str, str]] = field(default_factory=set)

    def add(self, other: Outcome) -> None:
        self.reports += other.reports
        self.kept += other.kept
        self.faults += other.faults
        self.first |= other.first


def judge_batch(batch: Batch) -> Outcome:
    """Judge what has no current report yet, and keep a report and a page of each.

    Raises `CannotWrite`, `CourseError`, `NotIsolated`, and `ZygoteFailed` where no jail can be started.
    """
    with ONE_AT_A_TIME:
        try:
            return judge_due(batch)
        except ZygoteFailed:  # a fault of ours: once more, from scratch
            close_pools()
            return judge_due(batch)


def judge_due(batch: Batch) -> Outcome:
    judge, policies = judge_for(batch), policies_for(batch.course, batch.dates)
    outcome = Outcome()
    due = []
    for handed in batch.handed:
        report = None if batch.regrade else current_report(handed, batch, judge)
        if report:
            stamped = with_timestamp(report, handed, policies)
            if batch.pages_anew or stamped != report:
                replace_report(report, stamped, batch.out, policies)
            outcome.reports.append(stamped.brief())
            outcome.kept += 1
        else:
            due.append(handed)
    for handed, report in zip(due, judge.judge_files(due), strict=True):
        report = with_timestamp(report, handed, policies)
        old = kept(handed.student, batch.assignment, batch.out)
        if old is None:
            outcome.first.add((handed.student, batch.assignment))
        replace_report(old, report, batch.out, policies)
        outcome.reports.append(report.brief())
    outcome.faults = judge.take_faults()
    return outcome


def replace_report(old: Report | None, new: Report, out: Path, policies: Policies) -> None:
    """Keep a report, and the one that was there where its marks were others."""
    if old is not None and not old.faulty and marks_differ(old, new):
        keep_before(old, out)
    keep(new, out, policies)


def with_timestamp(report: Report, handed: Handed, policies: Policies) -> Report:
    return replace(report, handed_in=read_timestamp(handed.path.parent, policies.zone))


@lru_cache(maxsize=1)
def policies_for(course: Path, dates: str) -> Policies:
    """What `course.toml` says, read once for each of its versions: it may hold extensions for very many."""
    return policies_of(course)


def current_report(handed: Handed, batch: Batch, judge: Judge) -> Report | None:
    """The report that is there, if the same judge would judge the same notebook again."""
    report = kept(handed.student, batch.assignment, batch.out)
    if report is None or report.faulty or report.submission_sha256 is None:
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
    judge, policies = judge_for(batch), policies_for(batch.course, batch.dates)
    for handed in batch.handed:
        report = with_timestamp(judge.report_fault(handed), handed, policies)
        keep(report, batch.out, policies)
        outcome.reports.append(report.brief())
        outcome.faults.append(f"{handed.student}, {batch.assignment}: the process that judged it died every time.")
    return outcome


def judge_for(batch: Batch) -> Judge:
    """This process's judge, if it judges by the code that the run began with.  Raises `CourseError`."""
    judge = judge_of(batch.course, batch.assignment, batch.key_id, batch.isolation, batch.device)
    if (judge.assignment.sha256, grader_version()) != (batch.sha256, batch.grader):
        raise CourseError(
            f"On {platform.node()}, {batch.assignment} or the grader is another version than where this run began. "
            f"Give every machine the same course folder, start the cluster's workers anew, {GO_ON}"
        )
    return judge


@cache
def judge_of(course: Path, assignment: str, key_id: str, isolation: str | None, device: str) -> Judge:
    """This process's judge of an assignment."""
    from autograder.judge import Judge  # half a second, which a process that only hands out batches need not spend

    key, pool = course_key(course), pool_of(level_to_use(isolation))
    if key.id != key_id:
        raise CourseError(
            f"The course key on {platform.node()} is {key.id}, and this run began with {key_id}. "
            "Give every machine the same AUTOGRADER_KEY, or the same course folder."
        )
    chosen = find_assignment(course, assignment)
    judge = Judge(chosen, key, pool.level, device=device, pool=pool, gpu_pool=pool_of(ON_GPU))
    if len(judge.devices) > 1:
        level_on_gpu(isolation)
    return judge


def pool_of(level: str) -> Pool:
    """This process's zygotes, for the judges of all assignments."""
    if level not in POOLS:
        POOLS[level] = Pool(level)
    return POOLS[level]


def close_pools() -> None:
    """End the processes that this process has started, and forget the judges that used them."""
    judge_of.cache_clear()
    while POOLS:
        POOLS.popitem()[1].close()
