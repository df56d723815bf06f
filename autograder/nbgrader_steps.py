"""Two steps for nbgrader's autograde: one puts back cells that were deleted, one judges the work in the jail."""

from __future__ import annotations

import atexit
import copy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import nbformat
import nbgrader.api
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.v4 import new_output
from nbgrader import nbgraderformat
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course import course_key, find_assignment, find_course
from autograder.jail.levels import level_to_use
from autograder.judge import Judge
from autograder.learner.notebook import cells_of, new_names
from autograder.learner.results import TaskResult
from autograder.report import TaskReport


def validate(instance: object, schema: dict) -> None:
    """As `jsonschema.validate`, but for asking whether the schema, which is nbgrader's own, is a sound one."""
    error = best_match(validator_for(schema)(schema).iter_errors(instance))
    if error is not None:
        raise error


# nbgrader opens its gradebook some nine times for each submission, every time with a new engine that has to compile
# each query anew, and looks for each table; and it checks its schema of a cell for every cell, twice.  Once serves as
# well, and takes half the time.
nbgrader.api.create_engine = cache(nbgrader.api.create_engine)
nbgrader.api.Base.metadata.create_all = cache(nbgrader.api.Base.metadata.create_all)
nbgraderformat.common.jsonschema = SimpleNamespace(validate=validate)


class RestoreCells(NbGraderPreprocessor):
    """Makes a notebook's graded cells those of the release, so that their tasks are graded.

    What a notebook has lost, or never had because it is older, is put back at its end.  A cell of an older release gets
    its name of today; one that there is no more becomes an ordinary cell, for nbgrader would stop at it.

    nbgrader's own way (OverwriteCells.add_missing_cells) fails where two neighbours are gone, so it stays off.  Where a
    cell is there twice, nbgrader empties the earlier one's metadata and then cannot read it; so that is taken away too.
    """

    def preprocess(
        self, nb: nbformat.NotebookNode, resources: ResourcesDict
    ) -> tuple[nbformat.NotebookNode, ResourcesDict]:
        assignment = find_assignment(find_course(Path.cwd()), resources["nbgrader"]["assignment"])
        for cell in nb.cells:
            if cell.metadata.get("nbgrader") == {}:
                del cell.metadata["nbgrader"]
        names = new_names(map(grade_id_of, nb.cells), assignment.cells)
        known = {cell.grade_id for cell in assignment.cells}
        for cell in nb.cells:
            if grade_id_of(cell) in names:
                cell.metadata.nbgrader["grade_id"] = names[grade_id_of(cell)]
            elif grade_id_of(cell) not in known:
                cell.metadata.pop("nbgrader", None)
        present = set(map(grade_id_of, nb.cells))
        for cell in nbformat.read(assignment.release, as_version=4).cells:
            grading = cell.metadata.get("nbgrader", {})
            if grading.get("grade") and grading["grade_id"] not in present:
                self.log.warning(
                    "The graded cell %s is missing from the notebook; it is put back.", grading["grade_id"]
                )
                nb.cells.append(copy.deepcopy(cell))
        return nb, resources


def grade_id_of(cell: nbformat.NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


class JailedExecute(NbGraderPreprocessor):
    """Stands where nbgrader's `Execute` stood: no kernel is started, and no cell runs in this process.

    nbgrader takes a score from a graded cell's output, and full marks from anything there that it does not understand;
    so each graded cell gets the repr of one float, and beside it the feedback.
    """

    def preprocess(
        self, nb: nbformat.NotebookNode, resources: ResourcesDict
    ) -> tuple[nbformat.NotebookNode, ResourcesDict]:
        names = resources["nbgrader"]
        report = judge_of(Path.cwd(), names["assignment"]).judge_cells(names["student"], cells_of(nb))
        failed = [task.name for task in report.tasks if task.status == "fault"]
        if failed:
            raise RuntimeError(f"the grader itself failed on {', '.join(failed)}; this is not the student's mistake")
        outputs = {task.name: outputs_of(task) for task in report.tasks}
        for cell in nb.cells:
            grading = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and grading.get("grade") and grading.get("grade_id") in outputs:
                cell.outputs = outputs[grading["grade_id"]]
        return nb, resources


def outputs_of(task: TaskReport) -> list[nbformat.NotebookNode]:
    """The feedback for the student, and the score for nbgrader."""
    result = TaskResult(task.name, task.checks, task.mistake, task.hint, task.kind, task.unknown, task.snippet)
    feedback = {"text/plain": repr(result), "text/html": result._repr_html_()}
    score = {"text/plain": repr(float(task.points))}
    return [new_output("display_data", feedback), new_output("execute_result", score)]


@cache
def judge_of(course: Path, assignment: str) -> Judge:
    """One judge for all the submissions of a command."""
    root = find_course(course)
    judge = Judge(find_assignment(root, assignment), course_key(root), level_to_use())
    atexit.register(judge.close)
    return judge
