"""Feedback in sentences, made of what a report's page says: never a hidden check or an input of one."""

from __future__ import annotations

from html import escape

from autograder.exports.cells import number
from autograder.exports.rows import Row
from autograder.learner.results import in_words, looks_like
from autograder.report import TaskReport


def about_task(task: TaskReport) -> str:
    """Why a task has not all its points, in a sentence or some; empty where it has."""
    if task.points == task.max_points and task.status == "graded":
        return ""
    if task.hint:
        return f"{looks_like(task.kind)}: {in_words(task.mistake)}. {task.hint}"
    if task.status not in ("graded", "missing", "unreadable", "fault"):
        failed = next((check.message for check in task.checks if not check.passed and check.message), "")
        return f"It ended with status {task.status}. {failed}".strip()
    said = [task.unknown] if task.unknown else [check.message for check in task.checks if not check.passed]
    return next((text for text in said if text), "")


def about_late(row: Row) -> str:
    return f"{number(row.penalty)} points are taken off because it came late." if row.penalty else ""


def about_given(row: Row) -> str:
    given = ", ".join(f"{number(points)} for {name}" for name, points in row.given.items())
    return f"A person gave {given}." if given else ""


def about_waiting(row: Row) -> str:
    return f"A person still reads: {', '.join(row.waiting)}." if row.waiting else ""


def paragraphs(row: Row) -> list[str]:
    """All that is said of a submission, a task a paragraph."""
    said = [row.report.message] if row.report.message else []
    if row.report.status not in ("missing", "unreadable", "fault"):
        said += [line(task.name, row.points_of(task), task.max_points, about_task(task)) for task in row.report.tasks]
    said += [line(name, points, None, "") for name, points in row.given.items() if name in row.report.manual]
    return [text for text in (*said, about_waiting(row), about_late(row)) if text]


def line(name: str, points: float, most: float | None, why: str) -> str:
    of = "" if most is None else f" of {number(most)}"
    return f"{name}: {number(points)}{of} points. {why}".strip()


def as_html(said: list[str]) -> str:
    """The same for a system that takes HTML.  A hint may quote a learner's code, so all of it is escaped."""
    return "".join(f"<p>{escape(text)}</p>" for text in said)
