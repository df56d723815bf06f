"""Grade a folder of submissions: find them, have them judged, and make the class's pages from what came of each."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from autograder.batches import Batch, Outcome, close_pools
from autograder.course import Assignment, course_key
from autograder.handed import WHOLE, Shard, chosen_assignments, find_handed, in_batches
from autograder.jail.host import ZygoteFailed
from autograder.jail.levels import level_on_gpu, level_to_use, obstacles
from autograder.output import held, keep_class_pages, note_shard, reports_in
from autograder.report import GO_ON
from autograder.runtime import device_to_use, runtime_of
from autograder.shown import counts, shown
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
    with held(out):
        batches = batches_of(course, submitted.resolve(), out.resolve(), chosen, how)
        graded = Outcome()
        pool = pool_for(batches, how)
        try:
            for outcome in shown(run_all(batches, pool), sum(len(batch.handed) for batch in batches)):
                graded.add(outcome)
            finish(graded, chosen, out)
            note_shard(how.shard, out)
            pool.close()
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: the rest takes a moment
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
        return say_what_came(graded, out)


def say_stopped(why: str, graded: Outcome, out: Path) -> None:
    again = GO_ON.removeprefix("and ")
    print(f"{why} {len(graded.reports)} reports are kept in {out}; {again}", file=sys.stderr)


def batches_of(course: Path, submitted: Path, out: Path, chosen: list[Assignment], how: How) -> list[Batch]:
    key = course_key(course)
    for each in chosen:
        _ = each.cells  # a release that is missing is told here, in words
    return [
        Batch(
            *(course, each.name, each.sha256, grader_version(), key.id, how.isolation, handed, out),
            regrade=how.regrade,
            device=how.device,
        )
        for each in chosen
        for handed in in_batches(find_handed(submitted, each, how.shard), BATCH)
    ]


def pool_for(batches: list[Batch], how: How) -> Pool:
    if how.cluster is not None:
        return Cluster(how.cluster)
    return LocalPool(min(how.jobs or os.cpu_count() or 1, len(batches)) or 1)


def finish(graded: Outcome, chosen: list[Assignment], out: Path) -> None:
    """The class's pages: of this run, and of the assignments that earlier runs have graded into the same folder."""
    names = {assignment.name for assignment in chosen}
    others = [report.brief() for report in reports_in(out) if report.assignment not in names]
    keep_class_pages(graded.reports + others, graded.faults, out)


def say_what_came(graded: Outcome, out: Path) -> int:
    reports = graded.reports
    print(f"{len(reports)} submissions: {counts(Counter(report.status for report in reports))}.")
    if graded.kept:
        print(f"{graded.kept} of them were graded before, and nothing has changed since. To do it anew: --regrade")
    levels = {report.isolation for report in reports}
    print(f"Isolation level: {', '.join(sorted(levels))}. {obstacles().get('sealed', '')}".strip())
    if "weak" in levels:
        print("At level weak, learners' code ran with your rights on this machine: grade only people you trust so.")
    print(f"Look at {out / 'index.html'}; the same data are in {out / 'grades.csv'} and {out / 'reports'}.")
    if graded.faults:
        print(
            f"The grader itself failed {len(graded.faults)} times; nobody loses marks for that, and the next run "
            f"tries again. See {out / 'faults.txt'}."
        )
    return 1 if graded.faults else 0
