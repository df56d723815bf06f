"""Gradescope: `results.json`, what it shows of one submission.

Fields, of https://gradescope-autograders.readthedocs.io/en/latest/specs/ (also docs/specs.md of
https://github.com/gradescope/autograder_samples), all that the page lists:

score, execution_time (seconds), output (of the whole submission), output_format, test_output_format, test_name_format,
visibility and stdout_visibility (`hidden`, `after_due_date`, `after_published`, `visible`), extra_data, tests and
leaderboard.
A score on top goes before the sum of the tests'.  A test has score, max_score, status (`passed` or `failed`), name,
name_format, number, output, output_format, tags, visibility and extra_data.  Formats are `text`, `html`,
`simple_format`, `md` and `ansi`.  A leaderboard shows students to each other: there is none here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.exports.cells import new_file
from autograder.exports.rows import Row
from autograder.exports.words import about_given, about_late, about_task, about_waiting
from autograder.names import file_name
from autograder.report import TaskReport

VISIBILITIES = ("visible", "after_published", "after_due_date", "hidden")
LONGEST = 20_000  # characters of one output


def results_of(row: Row, visibility: str = "visible", notes: Iterable[str] = ()) -> dict[str, Any]:
    """What Gradescope shows of a submission: its marks, and its feedback in words that name the mistake.

    notes: sentences for the student, before all else.
    """
    report = row.report
    said = [*notes, report.message or "", about_given(row), about_waiting(row), about_late(row)]
    return {
        "score": round(row.final, 4),
        "execution_time": report.seconds,
        "output": "\n".join(text for text in said if text)[:LONGEST],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {
            "assignment": report.assignment,
            "status": report.status,
            "isolation": report.isolation,
            "grader_version": report.grader_version,
            "key_id": report.key_id,
        },
        "tests": [test_of(place, task, row, visibility) for place, task in enumerate(report.tasks, 1)],
        "leaderboard": [],
    }


def test_of(place: int, task: TaskReport, row: Row, visibility: str) -> dict[str, Any]:
    points = row.points_of(task)
    return {
        "score": points,
        "max_score": task.max_points,
        "status": "passed" if points == task.max_points else "failed",
        "name": task.name,
        "name_format": "text",
        "number": str(place),
        "output": output_of(task)[:LONGEST],
        "output_format": "text",
        "tags": [task.kind or "mistake", task.mistake] if task.mistake else [],
        "visibility": visibility,
        "extra_data": {"status": task.status, "mistake": task.mistake},
    }


def output_of(task: TaskReport) -> str:
    """What a page says of a task: the mistake, or the case that fails, and a line a check."""
    said = [about_task(task)]
    if task.snippet:
        said += ["The smallest case that fails:", task.snippet]
    for check in task.checks:
        said.append(f"{'pass' if check.passed else 'FAIL'}  {check.title or check.name}")
        if not check.passed and check.message not in said[0]:
            said.append(f"      {check.message}")
    return "\n".join(text for text in said if text)


def nothing(output: str) -> dict[str, Any]:
    """A result with a sentence and no points: where there is nothing to grade, or the grader itself failed."""
    return {
        "score": 0.0,
        "output": output[:LONGEST],
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [],
    }


def write_results(rows: Iterable[Row], out: Path, visibility: str) -> int:
    """`<out>/<student>/<assignment>/results.json` for each that has a mark; how many."""
    count = 0
    for row in rows:
        if row.counts or row.report.status == "missing":
            write_json(results_of(row, visibility), out / file_name(row.student) / row.assignment / "results.json")
            count += 1
    return count


def write_json(results: dict[str, Any], path: Path) -> None:
    with new_file(path) as scratch:
        scratch.write_text(json.dumps(results, ensure_ascii=True, allow_nan=False) + "\n", encoding="utf-8")
