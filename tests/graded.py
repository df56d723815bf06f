"""Folders of reports as `autograder grade` writes them, without grading: for tests of what is made of them."""

from pathlib import Path

from autograder.learner.results import CheckResult
from autograder.report import Report, TaskReport, write_report

TASKS = {"sigmoid": 1.0, "gru_cell": 4.0, "gru_forward": 3.0}
HINT = "Your update gate is flipped: in this course z keeps the old state and 1 - z lets the candidate in."


def task(name: str, right: bool = True, **fields) -> TaskReport:
    """A task that passes, or has a known mistake; `fields` go before."""
    checks = [CheckResult("one_step", right, "" if right else "8 of 8 numbers differ.", "One step gives the state.")]
    made = {"name": name, "points": TASKS[name] * right, "max_points": TASKS[name], "status": "graded"}
    if not right:
        made |= {"mistake": "update_gate_flipped", "hint": HINT, "kind": "mistake"}
    return TaskReport(**{**made, "checks": checks, **fields})


def report(student: str, assignment: str = "gru_cell", wrong: tuple[str, ...] = (), **fields) -> Report:
    """A report on a submission in which some tasks are wrong; `fields` go before."""
    tasks = fields.pop("tasks", None) or [task(name, name not in wrong) for name in TASKS]
    made = {
        "student": student,
        "assignment": assignment,
        "status": "graded",
        "score": sum(each.points for each in tasks),
        "max_score": sum(TASKS.values()),
        "tasks": tasks,
        "manual": ["what_a_unit_does"],
        "submission_sha256": "0" * 64,
        "assignment_sha256": "1" * 64,
        "grader_version": "0.1.0+000000000000",
        "key_id": "2" * 12,
        "isolation": "sealed",
        "device": "cpu",
        "seconds": 0.03,
    }
    return Report(**{**made, **fields})


def nothing(student: str, status: str, message: str, assignment: str = "gru_cell") -> Report:
    """A report on what could not be graded at all."""
    tasks = [TaskReport(name, 0.0, points, status) for name, points in TASKS.items()]
    return report(student, assignment, tasks=tasks, status=status, message=message, unanswered=["what_a_unit_does"])


def write(out: Path, *reports: Report) -> Path:
    for each in reports:
        write_report(each, out)
    return out
