"""The folder that a run of the grader writes: made, held by one run at a time, and never half written."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.course import CourseError
from autograder.files import remove_scraps, why, write_text
from autograder.glance.page import write_glance
from autograder.handed import Shard
from autograder.pages import write_class_pages, write_page
from autograder.policies import NO_DATES, Policies
from autograder.report import AGAIN, CannotWrite, Report, read_report, report_path, write_report

MOST_TOLD = 5
DATES = ".course.toml"


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """Make the folder and keep every other run out of it.

    Raises `CourseError` where it cannot be made or another run is at work in it, and `CannotWrite` where it was taken
    away meanwhile.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CourseError(f"{out} is a file; --out wants a folder.") from None
    except OSError as error:
        raise CourseError(f"The folder {out} cannot be made: {why(error)}.") from error
    try:
        lock = os.open(out / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise CourseError(f"The folder {out} cannot be written to: {why(error)}.") from error
    try:
        with contextlib.suppress(OSError):  # a file system that knows no locks
            hold(lock, out)
        remove_scraps(out, "pages/*/", "reports/*/", ".before/reports/*/")
        yield
        see_that_it_stayed(lock, out)
    finally:
        os.close(lock)  # which lets go of it, as the end of the process would


def hold(lock: int, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CourseError(
            f"Another run is grading into {out}. Wait until it ends, or choose another folder with --out."
        ) from None


def see_that_it_stayed(lock: int, out: Path) -> None:
    try:
        there = os.path.samestat(os.fstat(lock), os.stat(out / ".lock"))
    except OSError:
        there = False
    if not there:
        raise CannotWrite(f"{out} was removed or replaced while this ran, and what was kept in it is gone. {AGAIN}")


def keep(report: Report, out: Path, policies: Policies = NO_DATES) -> None:
    """Write a report and its page.  The report comes last: where there is one, its page is there too.

    A report that says that the grader failed takes no other's place: the marks that there were may be all there is.
    """
    if report.faulty and (stands := kept(report.student, report.assignment, out)) and not stands.faulty:
        return
    try:
        write_page(report, out, policies)
        write_report(report, out)
    except OSError as error:
        raise CannotWrite.because(error, out) from error


def keep_page(report: Report, out: Path, policies: Policies) -> None:
    """Write the page of a report anew."""
    try:
        write_page(report, out, policies)
    except OSError as error:
        raise CannotWrite.because(error, out) from error


def keep_class_pages(reports: list[Report], faults: list[str], out: Path, policies: Policies = NO_DATES) -> None:
    """Write the class's pages, and what failed on the grader's own side, if anything did."""
    try:
        write_class_pages(reports, out, policies)
        places = {(report.student, report.assignment) for report in reports}
        whole = (report for report in reports_in(out) if (report.student, report.assignment) in places)
        write_glance(whole, policies, out)
        if faults:
            write_text(out / "faults.txt", "\n".join(faults))
        else:
            (out / "faults.txt").unlink(missing_ok=True)  # those of an earlier run
    except OSError as error:
        raise CannotWrite.because(error, out) from error


def kept(student: str, assignment: str, out: Path) -> Report | None:
    """The report on a submission that lies in the folder, if there is a sound one."""
    report = sound(report_path(out, student, assignment))
    return report if report and (report.student, report.assignment) == (student, assignment) else None


def sound(path: Path) -> Report | None:
    try:
        return read_report(path)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def reports_in(out: Path, unsound: list[Path] | None = None, assignment: str | None = None) -> Iterator[Report]:
    """All sound reports of a folder, in order, each submission's once; the files that are none go to `unsound`.

    assignment: on this one alone.
    """
    for path in report_files(out, assignment):
        report = sound(path)
        if report is None:
            (unsound if unsound is not None else []).append(path)
            continue
        own = report_path(out, report.student, report.assignment)
        if path == own or not own.exists():  # a folder that was copied, or made by an earlier version
            yield report


def report_files(out: Path, assignment: str | None = None) -> Iterator[Path]:
    """The files of reports, in order; there may be very many, so a student's at a time."""
    folder = out / "reports"
    for student in names_in(folder):
        for name in names_in(folder / student):
            if name.endswith(".json") and not name.startswith(".") and assignment in (None, name.removesuffix(".json")):
                yield folder / student / name


def names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def assignments_in(out: Path, assignment: str | None = None) -> list[str]:
    """The assignments that there are reports on."""
    return sorted({path.stem for path in report_files(out, assignment)})


def tell_unsound(paths: list[Path]) -> None:
    """Say which files were passed over because they are no whole reports."""
    for path in paths[:MOST_TOLD]:
        print(f"{path} is no whole report, and was passed over. Grade into its folder again.", file=sys.stderr)
    if len(paths) > MOST_TOLD:
        print(f"So were {len(paths) - MOST_TOLD} more.", file=sys.stderr)


def dates_noted(out: Path) -> str | None:
    """The text of the `course.toml` by which the last run that ended made the folder's pages; None before the first."""
    try:
        return (out / DATES).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def note_dates(text: str, out: Path) -> None:
    """Note by which `course.toml` the pages are made, now that all of them are."""
    if text != dates_noted(out):
        write_text(out / DATES, text)


def note_shard(shard: Shard, out: Path) -> None:
    """Say which part of the class lies here, complete, for `autograder merge`."""
    if shard.count > 1:
        try:
            write_text(out / "shard.json", json.dumps({"number": shard.number, "count": shard.count}) + "\n")
        except OSError as error:
            raise CannotWrite.because(error, out) from error


def shard_of(out: Path) -> Shard | None:
    """Which part of a class a folder holds, where it says so."""
    try:
        fields = json.loads((out / "shard.json").read_text(encoding="utf-8"))
        return Shard(int(fields["number"]), int(fields["count"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
