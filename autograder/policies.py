"""When assignments are due, and what is taken off for handing in late, as the course's `course.toml` says.

    timezone = "Europe/Zurich"     # of the dates below that name none; the default is UTC

    [late]                         # for all assignments; without it nothing is taken off
    grace = "15 min"               # so much later does not count
    per_day = 0.10                 # share of the points earned, for each day begun after the deadline
    at_most = 0.50                 # and no more than this share
    closed_after = "7 days"        # later than that it scores nothing

    [assignments.gru_cell]
    due = 2026-10-12T23:59:00

    [extensions.student-07]        # a later deadline for one student
    gru_cell = 2026-10-15T23:59:00

Every line may be left out, and so may the file; then nothing is ever late.  A report holds what was earned: what
lateness takes off is worked out where marks leave, so a changed date needs no new grading.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from autograder.course import CourseError, assignment_names
from autograder.report import Report

FILE = "course.toml"
FIELDS = {"timezone", "late", "assignments", "extensions"}
LATE = {"grace", "per_day", "at_most", "closed_after"}
UNITS = {"min": "minutes", "h": "hours", "day": "days", "days": "days"}
DAY = dt.timedelta(days=1)

Read = TypeVar("Read")


@dataclass(frozen=True)
class Late:
    """The rule for what comes late; the shares are of the points earned, from 0 to 1."""

    grace: dt.timedelta = dt.timedelta(0)
    per_day: float = 0.0
    at_most: float = 1.0
    closed_after: dt.timedelta | None = None


@dataclass(frozen=True)
class Policies:
    """What `course.toml` says.  Dates are in UTC, and `zone` says when a day ends; extensions by student, then name."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    late: Late = Late()
    due: Mapping[str, dt.datetime] = field(default_factory=dict)
    extensions: Mapping[str, Mapping[str, dt.datetime]] = field(default_factory=dict)

    def deadline(self, student: str, assignment: str) -> dt.datetime | None:
        """The student's own deadline: an extension counts before the date of all."""
        return self.extensions.get(student, {}).get(assignment) or self.due.get(assignment)


NO_DATES = Policies()


def late_penalty(report: Report, policies: Policies) -> float:
    """The points to take off for lateness: never below 0, never more than the score."""
    return penalty(report.score, share_off(report, policies))


def final_score(report: Report, policies: Policies) -> float:
    """The score less what lateness takes off."""
    return min(report.score, clean(report.score - late_penalty(report, policies)))


def penalty(score: float, share: float) -> float:
    """A share of a score, in points."""
    return min(score, clean(score * share))


def clean(points: float) -> float:
    """Points without the last digits of binary arithmetic, so that 0.8 is shown as 0.8."""
    return max(0.0, round(points, 9))


def share_off(report: Report, policies: Policies) -> float:
    """The share of the points earned that lateness takes off: from 0 to 1."""
    return share_of(handed_in(report), policies.deadline(report.student, report.assignment), policies)


def is_late(report: Report, policies: Policies) -> bool:
    """Whether it came after the deadline and the grace, whatever that costs."""
    handed, due = handed_in(report), policies.deadline(report.student, report.assignment)
    return handed is not None and due is not None and handed > later(due, policies.late.grace, policies.zone)


def share_of(handed: dt.datetime | None, due: dt.datetime | None, policies: Policies) -> float:
    """The same from the two dates.  Where one is not known, nothing is late."""
    rule = policies.late
    if handed is None or due is None or handed <= later(due, rule.grace, policies.zone):
        return 0.0
    if rule.closed_after is not None and handed > later(due, rule.closed_after, policies.zone):
        return 1.0
    return min(rule.at_most, clean(rule.per_day * days_begun(handed, due, policies.zone)))


def days_begun(handed: dt.datetime, due: dt.datetime, zone: ZoneInfo) -> int:
    """How many days after the deadline have begun: a day ends when a clock in the course's zone shows the time again.

    So the day on which the clocks change has 23 or 25 hours, and still counts once.
    """
    days = max(0, (handed - due) // DAY - 1)
    while handed > later(due, days * DAY, zone):
        days += 1
    return days


def later(moment: dt.datetime, span: dt.timedelta, zone: ZoneInfo) -> dt.datetime:
    """A moment some days (by the zone's calendar) and hours (by the clock) later, in UTC."""
    day = moment.astimezone(zone) + dt.timedelta(days=span.days)  # which keeps what the clock shows
    return day.astimezone(dt.UTC) + dt.timedelta(seconds=span.seconds)


def handed_in(report: Report) -> dt.datetime | None:
    """When it was handed in, in UTC; None where that is not known."""
    moment = dt.datetime.fromisoformat(report.handed_in) if report.handed_in else None
    return moment.astimezone(dt.UTC) if moment else None


# reading course.toml


def policies_of(course: Path) -> Policies:
    """What the course's `course.toml` says; no file, no dates.  Raises `CourseError` where it makes no sense."""
    file = course / FILE
    try:
        return parse(text_of(course), assignment_names(course))
    except ValueError as error:
        raise CourseError(f"{file}: {error}") from error


def text_of(course: Path) -> str:
    """The text of `course.toml`, empty where there is none.  Raises `CourseError` where it cannot be read."""
    file = course / FILE
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror.lower() if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CourseError(f"{file} cannot be read: {why}.") from error


def parse(text: str, names: list[str]) -> Policies:
    """The policies that a text in TOML declares, for these assignments.  Raises ValueError with a sentence."""
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is not TOML that can be read: {error}.") from error
    known(declared, FIELDS, "")
    zone = zone_in(declared.get("timezone", "UTC"))
    due = {}
    for name, fields in each(declared, "assignments", names):
        known(fields, {"due"}, f"assignments.{name}")
        if "due" in fields:
            due[name] = date_in(fields["due"], f"assignments.{name}.due", zone)
    extensions = extensions_in(table(declared, "extensions", ""), names, due, zone)
    return Policies(zone, late_in(table(declared, "late", "")), due, extensions)


def known(fields: dict, names: set[str], where: str) -> None:
    for name in fields.keys() - names:
        listed = ", ".join(sorted(names))
        raise ValueError(f"there is no {name!r} {f'in [{where}]' if where else 'at the top'}. There are: {listed}.")


def table(fields: dict, name: str, where: str) -> dict:
    value = fields.get(name, {})
    if not isinstance(value, dict):
        path = f"{where}.{name}".lstrip(".")
        raise ValueError(f"{path} should be a table, with a line [{path}] above it.")
    return value


def each(fields: dict, name: str, assignments: list[str]) -> list[tuple[str, dict]]:
    """The tables in a table whose names are assignments."""
    found = table(fields, name, "")
    for key in found:
        is_assignment(key, name, assignments)
    return [(key, table(found, key, name)) for key in found]


def is_assignment(name: str, where: str, assignments: list[str]) -> None:
    if name not in assignments:
        raise ValueError(
            f"[{where}] names {name!r}, and there is no such assignment. There are: {', '.join(assignments)}."
        )


def extensions_in(declared: dict, names: list[str], due: dict, zone: ZoneInfo) -> dict[str, dict[str, dt.datetime]]:
    made: dict[str, dict[str, dt.datetime]] = {}
    for student in declared:
        where = f"extensions.{student}"
        made[student] = {}
        for name, value in table(declared, student, "extensions").items():
            is_assignment(name, where, names)
            date = made[student][name] = date_in(value, f"{where}.{name}", zone)
            if name not in due:
                raise ValueError(
                    f"{where}.{name} extends a deadline, and there is none: [assignments.{name}] has no due."
                )
            if date < due[name]:
                raise ValueError(f"{where}.{name} is before the deadline of all, which it should put off.")
    return made


def zone_in(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (TypeError, ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        raise ValueError(
            f'timezone is {value!r}, which is no known time zone; write one like "Europe/Zurich".'
        ) from None


def date_in(value: object, where: str, zone: ZoneInfo) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise ValueError(f"{where} is {value!s}; write a date and a time, without quotes, like 2026-10-12T23:59:00.")
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC)


def late_in(declared: dict) -> Late:
    known(declared, LATE, "late")
    rule = Late(
        *(optional(declared, "grace", span_in, dt.timedelta(0)), optional(declared, "per_day", share_in, 0.0)),
        *(optional(declared, "at_most", share_in, 1.0), optional(declared, "closed_after", span_in, None)),
    )
    if rule.closed_after is not None and rule.closed_after < rule.grace:
        raise ValueError("late.closed_after is shorter than late.grace.")
    return rule


def optional(declared: dict, name: str, read: Callable[[object, str], Read], default: Read) -> Read:
    return read(declared[name], f"late.{name}") if name in declared else default


def span_in(value: object, where: str) -> dt.timedelta:
    found = re.fullmatch(r"(\d{1,5}) ?(min|h|days?)", value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'{where} is {value!r}; write a number and min, h or days, like "15 min" or "7 days".')
    return dt.timedelta(**{UNITS[found[2]]: int(found[1])})


def share_in(value: object, where: str) -> float:
    if type(value) not in (int, float) or not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"{where} is {value!r}; a share from 0 to 1 is wanted, 0.10 for ten in a hundred.")
    return float(value)
