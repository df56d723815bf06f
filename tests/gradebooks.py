"""What a gradebook of nbgrader's holds, for tests to compare."""

import os
import sys
from pathlib import Path

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.plugins.export import CsvExportPlugin


def marks(address: str) -> dict[tuple, tuple]:
    """Every mark and comment there is."""
    found = {}
    with Gradebook(address) as book:
        for submission in book.db.query(SubmittedAssignment):
            for notebook in submission.notebooks:
                for row in notebook.grades:
                    place = (submission.student_id, "grade", row.name)
                    assert place not in found
                    found[place] = (row.auto_score, row.manual_score, row.needs_manual_grade)
                for row in notebook.comments:
                    place = (submission.student_id, "comment", row.name)
                    assert place not in found
                    found[place] = (row.auto_comment, row.manual_comment)
    return found


def exported(address: str, folder: Path) -> str:
    """What `nbgrader export` makes of it."""
    with Gradebook(address) as book:
        CsvExportPlugin(to=str(folder / "exported.csv")).export(book)
    return (folder / "exported.csv").read_text()


def make(address: str, assignment: str = "gru_cell") -> None:
    """A gradebook that knows an assignment like gru_cell, and nobody's work."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader runs `alembic`
    with Gradebook(address) as book:
        book.add_assignment(assignment)
        book.add_notebook(assignment, assignment)
        for task, points in {"sigmoid": 1, "gru_cell": 4, "gru_forward": 3}.items():
            book.add_grade_cell(task, assignment, assignment, max_score=points, cell_type="code")
            book.add_solution_cell(f"{task}_answer", assignment, assignment)
        book.add_grade_cell("what_a_unit_does", assignment, assignment, max_score=2, cell_type="markdown")
        book.add_solution_cell("what_a_unit_does", assignment, assignment)
