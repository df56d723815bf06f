"""What a gradebook of nbgrader's holds, for tests to compare."""

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
