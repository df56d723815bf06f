"""What nbgrader's own commands do with the gradebook, done as `autograder import-gradebook` does it.

`generate_assignment` brings the cells of a mended assignment up to date before it saves them, and `autograde` takes off
for lateness what the course's `course.toml` says.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import CourseError, find_course
from autograder.gradebook.cells import mend_cells
from autograder.gradebook.dates import enter_due, enter_handed_in, penalty_of
from autograder.policies import Policies, policies_of
from autograder.timestamps import read_timestamp

Step = tuple[nbformat.NotebookNode, ResourcesDict]


class MendCells(NbGraderPreprocessor):
    """Stands before nbgrader's `SaveCells`, which refuses to add or remove a cell once somebody has handed in."""

    def preprocess(self, nb: nbformat.NotebookNode, resources: ResourcesDict) -> Step:
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as book:
            try:
                notebook = book.find_notebook(names["notebook"], names["assignment"])
            except MissingEntry:
                return nb, resources
            if notebook.submissions:
                try:
                    for sentence in mend_cells(notebook, nb.cells).sentences:
                        self.log.warning(sentence)
                except CourseError as error:
                    self.log.error(str(error))
                    raise
                book.db.commit()
        return nb, resources


class EnterDates(NbGraderPreprocessor):
    """Stands before nbgrader's `AssignLatePenalties`, which knows of lateness what the gradebook holds."""

    def preprocess(self, nb: nbformat.NotebookNode, resources: ResourcesDict) -> Step:
        names, policies = resources["nbgrader"], policies_here()
        handed_in = read_timestamp(Path(resources["metadata"]["path"]), policies.zone)
        with Gradebook(names["db_url"]) as book:
            enter_due(book.find_assignment(names["assignment"]), policies)
            submission = book.find_submission(names["assignment"], names["student"])
            enter_handed_in(submission, names["assignment"], handed_in, policies)
            book.db.commit()
        return nb, resources


class CourseLateness(BasePlugin):
    """For `c.AssignLatePenalties.plugin_class`: takes off what `course.toml` says."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """The points to take off; None where `course.toml` names no deadline.  nbgrader asks only of who is late."""
        policies, assignment = policies_here(), self.parent.assignment_id
        due = policies.deadline(student_id, assignment)
        if due is None:
            return None
        handed = self.parent.gradebook.find_submission(assignment, student_id).timestamp
        return penalty_of(handed, due, score, policies)


@cache
def policies_here() -> Policies:
    """The dates of the course that nbgrader works in, read once for a command."""
    return policies_of(find_course(Path.cwd()))
