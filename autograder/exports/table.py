"""Plain CSV: a row a student and assignment, and beside it a row a task with its feedback in words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.exports.cells import csv_file, number
from autograder.exports.rows import Row
from autograder.exports.words import about_task
from autograder.learner.results import in_words
from autograder.pages import COLUMNS
from autograder.tables import safe

GRADES = [*COLUMNS, "task_points", "mistakes_named", "given_by_hand", "max_score_in_all"]
FEEDBACK = ["student", "assignment", "task", "passed", "points", "max_points", "mistake", "hint"]


def write_table(rows: Iterable[Row], path: Path) -> Path:
    """Write both files; the path of the feedback.

    The columns of grades.csv come first.  score and max_score are the checks' alone, as there; given_by_hand are the
    marks of a person, by cell, and final_score is all of it, less late_penalty, of max_score_in_all.
    """
    feedback = path.with_name(f"{path.stem}-feedback{path.suffix or '.csv'}")
    with csv_file(path) as grades, csv_file(feedback) as words:
        grades.writerow(GRADES)
        words.writerow(FEEDBACK)
        for row in rows:
            grades.writerow(map(safe, grades_row(row)))
            for cells in feedback_rows(row):
                words.writerow(map(safe, cells))
    return feedback


def grades_row(row: Row) -> list[object]:
    report = row.report
    mistakes = [task for task in report.tasks if task.mistake]
    return [
        *(report.student, report.assignment, report.status, report.score, report.max_score),
        ";".join(row.waiting),
        ";".join(f"{task.name}:{task.mistake}" for task in mistakes),
        report.message or "",
        *(report.handed_in or "", row.due, number(row.penalty), number(row.final)),
        ";".join(f"{task.name}:{number(row.points_of(task))}" for task in report.tasks),
        "; ".join(in_words(task.mistake) for task in mistakes),
        ";".join(f"{name}:{number(points)}" for name, points in row.given.items()),
        number(row.max_score),
    ]


def feedback_rows(row: Row) -> Iterable[list[object]]:
    report = row.report
    if report.message:
        yield [report.student, report.assignment, "", "no", "", "", "", report.message]
    for task in report.tasks:
        passed = "yes" if task.points == task.max_points else "no"
        points = (number(row.points_of(task)), number(task.max_points))
        yield [report.student, report.assignment, task.name, passed, *points, in_words(task.mistake), about_task(task)]
