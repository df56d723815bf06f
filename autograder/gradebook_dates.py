"""Deadlines, times of handing in and what lateness takes off, as nbgrader's gradebook holds them.

It holds UTC without saying so.  A penalty is a share of all that was earned, with what a person gave.
"""

from __future__ import annotations

import datetime as dt

from nbgrader.api import Assignment, Grade, SubmittedAssignment, SubmittedNotebook

from autograder.policies import Policies, penalty, share_of


def enter_due(assignment: Assignment, policies: Policies) -> None:
    """Enter the deadline of all, where `course.toml` names one."""
    due = policies.due.get(assignment.name)
    if due is not None:
        assignment.duedate = in_gradebook(due)


def enter_handed_in(submission: SubmittedAssignment, name: str, handed_in: str | None, policies: Policies) -> bool:
    """Enter when it was handed in, and the student's extension; whether that changed anything.

    Where the assignment has no deadline, what is not known stays as it is.
    """
    before = submission.timestamp, submission.extension
    due = policies.due.get(name)
    if handed_in is not None or due is not None:
        submission.timestamp = in_gradebook(dt.datetime.fromisoformat(handed_in)) if handed_in else None
    if due is not None:
        own = policies.deadline(submission.student_id, name)
        submission.extension = own - due if own != due else None
    return before != (submission.timestamp, submission.extension)


def enter_penalties(submission: SubmittedAssignment, name: str, policies: Policies) -> bool:
    """Enter what lateness takes off each notebook, as nbgrader's own step does; whether that changed anything."""
    handed, due = submission.timestamp, policies.deadline(submission.student_id, name)
    changed = False
    for notebook in submission.notebooks:
        late = handed is not None and due is not None and in_utc(handed) > due
        points = penalty_of(handed, due, score_of(notebook), policies) if late else None
        changed |= notebook.late_submission_penalty != points
        notebook.late_submission_penalty = points
    return changed


def penalty_of(handed: dt.datetime | None, due: dt.datetime | None, score: float, policies: Policies) -> float:
    """What lateness takes off a score: `handed` as the gradebook holds it."""
    return penalty(score, share_of(in_utc(handed) if handed else None, due, policies))


def score_of(notebook: SubmittedNotebook) -> float:
    """The score as nbgrader counts it, also while the session still holds what is not written."""
    return float(sum(map(score_of_grade, notebook.grades)))


def score_of_grade(grade: Grade) -> float:
    score = grade.manual_score if grade.manual_score is not None else grade.auto_score
    return 0.0 if score is None else score + (grade.extra_credit or 0.0)


def in_gradebook(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def in_utc(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC)
