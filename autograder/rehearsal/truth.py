"""Compare grades with what is known of a demo class: whether the grader says what it should."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator
from pathlib import Path

from autograder.course import CourseError
from autograder.output import kept
from autograder.report import Report

Truth = dict[str, dict[str, dict]]  # by student and assignment


def read_truth(file: Path) -> Truth:
    """The `truth.json` of a demo class.  Raises `CourseError` where there is none."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"{file} is no truth that can be read. Make a class with: autograder demo") from error


def compared(truth: Truth, graded: Path, only: Collection[str] = ()) -> dict[tuple[str, str], list[str]]:
    """Of each submission, by student and assignment, a sentence for everything that the grades say otherwise.

    only: these assignments alone.  Raises `CourseError` where `graded` holds no reports.
    """
    if not (graded / "reports").is_dir():
        raise CourseError(f"{graded} holds no reports. Make some with: autograder grade SUBMITTED --out {graded}")
    return {
        (student, name): list(differences(told, student, name, graded))
        for student, members in truth.items()
        for name, told in members.items()
        if not only or name in only
    }


def differences(told: dict, student: str, name: str, graded: Path) -> Iterator[str]:
    """What the report on one submission says otherwise than the truth, a sentence each."""
    report = kept(student, name, graded)
    where = f"{student}, {name}"
    if report is None:
        yield f"{where}: there is no report."
        return
    if report.status != told["status"]:
        yield f"{where}: the status is {report.status}, and should be {told['status']}."
    reported = {task.name: task for task in report.tasks}
    if reported.keys() != told["scores"].keys():
        yield f"{where}: the tasks are {', '.join(reported)}, and should be {', '.join(told['scores'])}."
        return
    for task, points in told["scores"].items():
        if reported[task].points != points:
            yield f"{where}, {task}: {reported[task].points:g} points, and it should be {points:g}."
        want = told["statuses"].get(task, "graded" if told["status"] == "graded" else told["status"])
        if reported[task].status != want:
            yield f"{where}, {task}: the status is {reported[task].status}, and should be {want}."
        said, right = reported[task].mistake, told["mistakes"].get(task)
        if said != right:
            yield f"{where}, {task}: the mistake is told as {said or 'none that is known'}, and is {right or 'none'}."
    yield from differences_in_words(told, report, where)


def differences_in_words(told: dict, report: Report, where: str) -> Iterator[str]:
    """The same of the written questions and of when it came, as far as both sides say something of them."""
    if "unanswered" in told and set(report.unanswered) != set(told["unanswered"]):
        right = ", ".join(told["unanswered"]) or "none"
        yield f"{where}: unanswered is {', '.join(report.unanswered) or 'none'}, and should be {right}."
    said, right = report.handed_in, told.get("handed_in")
    if said and right and dt.datetime.fromisoformat(said) != dt.datetime.fromisoformat(right):
        yield f"{where}: it came at {right}, and is said to have come at {said}."
