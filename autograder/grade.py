"""Grade a folder of submissions: find them, have them judged, and make the class's pages from what came of each."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections import Counter
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from autograder.batches import Batch, Outcome, close_pools
from autograder.changes import Changed, summary, tell_changes
from autograder.course import Assignment, assignment_names, course_key
from autograder.handed import WHOLE, Shard, chosen_assignments, find_handed, in_batches, keep_apart, worth_knowing
from autograder.jail.host import ZygoteFailed
from autograder.jail.levels import level_on_gpu, level_to_use, obstacles
from autograder.output import dates_noted, held, keep_class_pages, keep_page, note_dates, note_shard, reports_in
from autograder.policies import NO_DATES, Policies, parse, policies_of, text_of
from autograder.report import AGAIN, CannotWrite
from autograder.runtime import device_to_use, runtime_of
from autograder.shown import counts, shown
from autograder.source import out_of_date
from autograder.version import grader_version
from autograder.workers import Cluster, LocalPool, Pool, run_all

BATCH = 20
INTERRUPTED = 130  # as a shell says of a command that Ctrl-C ended


@dataclass(frozen=True)
class How:
    """How to grade: see the options of `autograder grade`."""

    assignment: str | None = None
    jobs: int | None = None
    isolation: str | None = None
    cluster: str | None = None
    shard: Shard = WHOLE
    regrade: bool = False
    device: str = "cpu"


@dataclass(frozen=True)
class Dates:
    """The text of `course.toml`, and that of when the last run into the same folder ended; None before the first."""

    text: str
    noted: str | None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def changed(self) -> bool:
        return self.text != (self.noted or "")

    def before(self, course: Path, now: Policies) -> Policies:
        """The policies of the last run."""
        if self.noted is None:
            return now
        try:
            return parse(self.noted, assignment_names(course))
        except ValueError:  # of an assignment that is gone, say
            return NO_DATES


UNDATED = Dates("", None)


def grade(course: Path, submitted: Path, out: Path, how: How) -> int:
    """Grade `submitted` into `out`; the exit code: 0, or 1 where the grader itself failed or cannot write.

    Raises `CourseError` where the folders or names make no sense, and `NotIsolated` where the level does not hold here.
    """
    level_to_use(how.isolation)
    device, why_not = device_to_use(how.device)
    if why_not:
        print(why_not, file=sys.stderr)
    chosen = chosen_assignments(course, submitted, how.assignment)
    if device != "cpu" and any(device in runtime_of(each).devices for each in chosen):
        level_on_gpu(how.isolation)
    policies = policies_of(course)
    keep_apart(submitted, out)
    for sentence in [*worth_knowing(submitted), *filter(None, map(out_of_date, chosen))]:
        print(sentence, file=sys.stderr)
    with held(out):
        dates = Dates(text_of(course), dates_noted(out))
        batches = batches_of(course, submitted.resolve(), out.resolve(), chosen, how, dates)
        graded = Outcome()
        pool = pool_for(batches, how)
        try:
            for outcome in shown(run_all(batches, pool), sum(len(batch.handed) for batch in batches)):
                graded.add(outcome)
            changes = finish(graded, chosen, out, policies, dates)
            note_shard(how.shard, out)
            pool.close()
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # once is enough: the rest takes a moment
            say_stopped("\nStopped.", graded, out)
            return INTERRUPTED
        except CancelledError:  # by dask's client, where it has lost the scheduler
            say_stopped(f"The scheduler at {how.cluster} is gone; start it again.", graded, out)
            return 1
        except ZygoteFailed as failed:
            say_stopped(str(failed), graded, out)
            return 1
        finally:
            pool.stop()
            close_pools()  # of this process, which had to judge where no other would live
        return say_what_came(graded, changes, out)


def say_stopped(why: str, graded: Outcome, out: Path) -> None:
    print(f"{why} {len(graded.reports)} reports are kept in {out}; {AGAIN.lower()}", file=sys.stderr)


def batches_of(
    course: Path, submitted: Path, out: Path, chosen: list[Assignment], how: How, dates: Dates = UNDATED
) -> list[Batch]:
    key = course_key(course)
    for each in chosen:
        _ = each.cells  # a release that is missing is told here, in words
    return [
        Batch(
            *(course, each.name, each.sha256, grader_version(), key.id, how.isolation, handed, out),
            regrade=how.regrade,
            device=how.device,
            dates=dates.sha256,
            pages_anew=dates.changed,
        )
        for each in chosen
        for handed in in_batches(find_handed(submitted, each, how.shard), BATCH)
    ]


def pool_for(batches: list[Batch], how: How) -> Pool:
    if how.cluster is not None:
        return Cluster(how.cluster)
    return LocalPool(min(how.jobs or os.cpu_count() or 1, len(batches)) or 1)


def finish(graded: Outcome, chosen: list[Assignment], out: Path, policies: Policies, dates: Dates) -> list[Changed]:
    """The class's pages: of this run, and of the assignments that earlier runs have graded into the same folder.

    Returns whose marks are others than when the last run ended.
    """
    names = {assignment.name for assignment in chosen}
    others = []
    for report in reports_in(out):
        if report.assignment not in names:
            others.append(report.brief())
            if dates.changed:
                keep_page(report, out, policies)
    there = [report for report in graded.reports if (report.student, report.assignment) not in graded.first]
    try:
        changes = tell_changes([*there, *others], out, dates.before(chosen[0].course, policies), policies)
        keep_class_pages(graded.reports + others, graded.faults, out, policies)
        note_dates(dates.text, out)
    except OSError as error:
        raise CannotWrite.because(error, out) from error
    return changes


def say_what_came(graded: Outcome, changes: list[Changed], out: Path) -> int:
    reports = graded.reports
    print(f"{len(reports)} submissions: {counts(Counter(report.status for report in reports))}.")
    if graded.kept:
        print(f"{graded.kept} of them were graded before, and nothing has changed since. To do it anew: --regrade")
    if changes:
        print(f"{summary(changes)} Who and why: {out / 'changes.html'}, with the data in {out / 'changes.csv'}.")
    levels = {report.isolation for report in reports}
    print(f"Isolation level: {', '.join(sorted(levels))}. {obstacles().get('sealed', '')}".strip())
    if "weak" in levels:
        print("At level weak, learners' code ran with your rights on this machine: grade only people you trust so.")
    print(f"Look at {out / 'index.html'}; the same data are in {out / 'grades.csv'} and {out / 'reports'}.")
    print(f"The class at a glance, for you alone: {out / 'class.html'}.")
    if graded.faults:
        print(
            f"The grader itself failed {len(graded.faults)} times; nobody loses marks for that, and the next run "
            f"tries again. See {out / 'faults.txt'}."
        )
    return 1 if graded.faults else 0
