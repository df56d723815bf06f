"""Reports that no grading made, where a test needs some and not what is in them."""

from pathlib import Path

from autograder.learner.results import CheckResult
from autograder.report import Report, TaskReport, write_report

TASKS = {"sigmoid": 1.0, "gru_cell": 4.0, "gru_forward": 3.0}


def graded(out: Path, student: str, **fields: object) -> Report:
    """A report on a right notebook of gru_cell's, in its place under `out`."""
    checks = [CheckResult("one", True)]
    tasks = [TaskReport(name, points, points, "graded", checks=checks) for name, points in TASKS.items()]
    known = {"status": "graded", "score": 8.0, "max_score": 8.0, "manual": ["what_a_unit_does"], "seconds": 0.1}
    known |= {"submission_sha256": "0" * 64, "assignment_sha256": "0" * 64, "grader_version": "0", "key_id": "0"}
    report = Report(student, "gru_cell", tasks=tasks, isolation="weak", device="cpu", **{**known, **fields})
    write_report(report, out)
    return report
