"""What lateness takes off, from the course's policies: the one place where the exports and the gradebook ask for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from autograder.report import Report

try:
    from autograder.policies import late_penalty, policies_of
except ImportError:  # a course without dates

    def policies_of(course: Path) -> Any:
        return None

    def late_penalty(report: Report, policies: Any) -> float:
        return 0.0


def taken_off(report: Report, policies: Any, score: float) -> float:
    """The points to take off a score: what the report says was earned, with the marks that a person gave."""
    if score != report.score:
        report = dataclasses.replace(report, score=score, max_score=max(score, report.max_score))
    return late_penalty(report, policies)


__all__ = ["policies_of", "taken_off"]
