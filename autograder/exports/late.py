"""What lateness takes off where a person has given marks too: the exports and the gradebook ask here."""

from __future__ import annotations

import dataclasses

from autograder.policies import Policies, late_penalty
from autograder.report import Report


def taken_off(report: Report, policies: Policies, score: float) -> float:
    """The points to take off a score: what the report says was earned, with the marks that a person gave."""
    if score != report.score:
        report = dataclasses.replace(report, score=score, max_score=max(score, report.max_score))
    return late_penalty(report, policies)
