"""Put the parts of a class that were graded apart into one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course import CourseError
from autograder.names import as_word
from autograder.output import held, keep, keep_class_pages, note_dates, reports_in, shard_of
from autograder.policies import NO_DATES, Policies
from autograder.report import Report


def merge(parts: Sequence[Path], out: Path, unsound: list[Path], policies: Policies = NO_DATES, dates: str = "") -> int:
    """Copy every report of the parts into `out` and make the class's pages; how many there are.

    unsound: where the files go that lie among the reports and are none.  policies, dates: what `course.toml` says, and
    its text.  The same report twice counts once.  Raises `CourseError`
    for a folder without reports and for two different reports on one submission, `CannotWrite` where there is no room.
    """
    for part in parts:
        if not (part / "reports").is_dir():
            raise CourseError(f"{part} holds no reports. Give the folders that `autograder grade --shard` wrote to.")
    with held(out):
        seen: dict[tuple[str, str], Report] = {}
        for part in parts:
            for report in reports_in(part, unsound):
                place = (report.student, report.assignment)
                if place in seen and differ(seen[place], report):
                    raise CourseError(
                        f"There are two reports on {report.assignment} of {as_word(report.student)}, the second in "
                        f"{part}, and they differ. Grade with one version of the course, and each submission in one "
                        "shard."
                    )
                seen[place] = report.brief()
                keep(report, out, policies)
        keep_class_pages([*seen.values()], [], out, policies)
        note_dates(dates, out)
    return len(seen)


def differ(one: Report, other: Report) -> bool:
    fields = ("submission_sha256", "assignment_sha256", "grader_version", "key_id", "status", "score")
    return any(getattr(one, name) != getattr(other, name) for name in fields)


def missing_shards(parts: Sequence[Path]) -> list[str]:
    """The shards that the parts themselves say there are, and that are not among them: ["2/3"]."""
    shards = [shard for part in parts if (shard := shard_of(part))]
    count = max((shard.count for shard in shards), default=0)
    numbers = {shard.number for shard in shards}
    return [f"{number}/{count}" for number in range(1, count + 1) if number not in numbers]
