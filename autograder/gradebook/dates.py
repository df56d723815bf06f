"""Deadlines, times of handing in and what lateness takes off, as nbgrader's gradebook holds them.

It holds UTC without saying so.  A penalty is a share of all that was earned, with what a person gave.
"""

from __future__ import annotations

import datetime as dt

from nbgrader.api import Assignment, SubmittedAssignment

from autograder.policies import Policies, penalty, share_of

Dates = tuple[dt.datetime | None, dt.timedelta | None]


def enter_due(assignment: Assignment, policies: Policies) -> None:
    """Enter the deadline of all, where `course.toml` names one."""
    due = policies.due.get(assignment.name)
    if due is not None:
        assignment.duedate = in_gradebook(due)


def enter_handed_in(submission: SubmittedAssignment, name: str, handed_in: str | None, policies: Policies) -> bool:
    """Enter when it was handed in, and the student's extension; whether that changed anything."""
    before = submission.timestamp, submission.extension
    dates = dates_of(before, submission.student_id, name, handed_in, policies)
    submission.timestamp, submission.extension = dates
    return dates != before


def dates_of(before: Dates, student: str, name: str, handed_in: str | None, policies: Policies) -> Dates:
    """When it was handed in, and the student's extension, as the gradebook should hold them.

    before: as it holds them now.  Where the assignment has no deadline, what is not known stays as it is.
    """
    timestamp, extension = before
    due = policies.due.get(name)
    if handed_in is not None or due is not None:
        timestamp = in_gradebook(dt.datetime.fromisoformat(handed_in)) if handed_in else None
    if due is not None:
        own = policies.deadline(student, name)
        extension = own - due if own != due else None
    return timestamp, extension


def penalty_of(handed: dt.datetime | None, due: dt.datetime | None, score: float, policies: Policies) -> float:
    """What lateness takes off a score: `handed` as the gradebook holds it."""
    return penalty(score, share_of(in_utc(handed) if handed else None, due, policies))


def in_gradebook(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def in_utc(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC)
