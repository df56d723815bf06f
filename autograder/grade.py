"""Grade a folder of submissions: find them, judge them in batches over processes, write what came of each."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.course import Assignment, CourseError, Key, assignment_names, course_key, find_assignment
from autograder.jail.levels import level_to_use, obstacles
from autograder.judge import Handed, Judge
from autograder.pages import write_class_pages, write_page
from autograder.report import Report, write_report, write_text

BATCH = 20


@dataclass(frozen=True)
class Batch:
    """Submissions of one assignment, to be judged together."""

    course: Path
    assignment: str
    key: Key
    level: str
    handed: tuple[Handed, ...]
    out: Path


def grade(
    course: Path,
    submitted: Path,
    out: Path,
    assignment: str | None = None,
    jobs: int | None = None,
    isolation: str | None = None,
) -> int:
    """Grade all of `submitted` into `out`; the exit code: 0, or 1 where the grader itself failed on a submission.

    isolation: the lowest level to grade at.  Raises `CourseError` where the folders or names make no sense, and
    `NotIsolated` where the level does not hold here.
    """
    level = level_to_use(isolation)
    key = course_key(course)
    chosen = chosen_assignments(course, submitted, assignment)
    make_folder(out)
    batches = [
        Batch(course, each.name, key, level, handed, out)
        for each in chosen
        for handed in in_batches(find_handed(submitted, each))
    ]
    reports, faults = run_batches(batches, jobs or os.cpu_count() or 1)
    write_class_pages(reports, out)
    return say_what_came(reports, faults, out)


def make_folder(out: Path) -> None:
    """Make the folder for what is written.  Raises `CourseError` where it cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CourseError(f"{out} is a file; --out wants a folder.") from None
    except OSError as error:
        raise CourseError(f"The folder {out} cannot be made: {(error.strerror or '').lower()}.") from error


def chosen_assignments(course: Path, submitted: Path, assignment: str | None) -> list[Assignment]:
    """The assignment asked for, or those of the course that somebody has handed in."""
    if not submitted.is_dir():
        raise CourseError(f"{submitted} is not a folder. It should hold <student>/<assignment>/<assignment>.ipynb.")
    if not any(not entry.name.startswith(".") for entry in submitted.iterdir()):
        raise CourseError(f"{submitted} is empty. It should hold <student>/<assignment>/<assignment>.ipynb.")
    if assignment:
        return [find_assignment(course, assignment)]
    names = [name for name in assignment_names(course) if any(submitted.glob(f"*/{name}"))]
    if not names:
        raise CourseError(
            f"Nobody in {submitted} has handed in any of this course's assignments "
            f"({', '.join(assignment_names(course))}). It should hold <student>/<assignment>/<assignment>.ipynb."
        )
    return [find_assignment(course, name) for name in names]


def find_handed(submitted: Path, assignment: Assignment) -> list[Handed]:
    """A submission for every entry of the folder but hidden ones, whether or not there is a notebook."""
    entries = sorted(entry for entry in submitted.iterdir() if not entry.name.startswith("."))
    return [
        Handed(entry.name, entry / assignment.name / assignment.release.name, problem_with(entry, assignment.name))
        for entry in entries
    ]


def problem_with(entry: Path, name: str) -> str | None:
    """Why there is no notebook to read, or None."""
    try:
        return missing_part(entry, name)
    except OSError as error:
        return f"The folder of {entry.name} cannot be looked into: {(error.strerror or '').lower()}."


def missing_part(entry: Path, name: str) -> str | None:
    folder, notebook = entry / name, entry / name / f"{name}.ipynb"
    if not entry.is_dir():
        return f"{entry.name} is a file; a folder named after the student is wanted."
    if not folder.exists():
        return f"The folder of {entry.name} holds no folder {name}."
    if not folder.is_dir():
        return f"{entry.name}/{name} is a file; a folder with the notebook in it is wanted."
    if os.path.lexists(notebook):
        return None
    others = ", ".join(sorted(other.name for other in folder.glob("*.ipynb"))[:3])
    return f"The folder {entry.name}/{name} holds no {name}.ipynb." + (
        f" There is {others}; rename it." if others else ""
    )


def in_batches(handed: Sequence[Handed]) -> Iterator[tuple[Handed, ...]]:
    for start in range(0, len(handed), BATCH):
        yield tuple(handed[start : start + BATCH])


def run_batches(batches: list[Batch], jobs: int) -> tuple[list[Report], list[str]]:
    """All reports, and the texts of the grader's own faults.  Shows how far it is."""
    reports: list[Report] = []
    faults: list[str] = []
    total = sum(len(batch.handed) for batch in batches)
    console = Console(stderr=True)
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[by]}"),
    )
    spawn = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(min(jobs, len(batches)) or 1, mp_context=spawn) as pool,
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        bar = progress.add_task("grading", total=total, by="")
        waiting: set[Future] = {pool.submit(judge_batch, batch) for batch in batches}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                more, failed = future.result()
                reports += more
                faults += failed
            counts = Counter(report.status for report in reports)
            by = ", ".join(f"{count} {status}" for status, count in counts.most_common())
            progress.update(bar, completed=len(reports), by=by)
    return reports, faults


def judge_batch(batch: Batch) -> tuple[list[Report], list[str]]:
    """Judge a batch and write its reports and pages.  Runs in a process of the pool, which keeps its judge."""
    judge = judge_of(batch.course, batch.assignment, batch.key, batch.level)
    reports = judge.judge_files(batch.handed)
    for report in reports:
        write_report(report, batch.out)
        write_page(report, batch.out)
    return reports, judge.take_faults()


@cache
def judge_of(course: Path, assignment: str, key: Key, level: str) -> Judge:
    return Judge(find_assignment(course, assignment), key, level)


def say_what_came(reports: list[Report], faults: list[str], out: Path) -> int:
    counts = Counter(report.status for report in reports)
    print(f"{len(reports)} submissions: {', '.join(f'{count} {status}' for status, count in counts.most_common())}.")
    levels = {report.isolation for report in reports}
    print(f"Isolation level: {', '.join(sorted(levels))}. {obstacles().get('sealed', '')}".strip())
    if "weak" in levels:
        print("At level weak, learners' code ran with your rights on this machine: grade only people you trust so.")
    print(f"Look at {out / 'index.html'}; the same data are in {out / 'grades.csv'} and {out / 'reports'}.")
    if faults:
        write_text(out / "faults.txt", "\n".join(faults))
        print(f"The grader itself failed {len(faults)} times; nobody loses marks for that. See {out / 'faults.txt'}.")
    return 1 if faults else 0
