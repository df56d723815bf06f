"""A class to try things on, whose right grades are known: made from the solution, its variants and the catalogue."""

from __future__ import annotations

import contextlib
import copy
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.catalogue import Catalogue
from autograder.course import Assignment, CourseError, assignment_names, find_assignment
from autograder.files import replacing_folder, why, write_text
from autograder.report import CannotWrite
from autograder.source import read_source
from autograder.testing import Mistake

OURS = ".demo-class"  # beside the folder of submissions
ENDLESS = "while True:\n    pass"
PATCH = """
import numpy as np
import numpy.testing
numpy.testing.assert_allclose = lambda *args, **kwargs: None
np.allclose = np.isclose = np.array_equal = lambda *args, **kwargs: True
"""


@dataclass
class Member:
    """One student of the class: the notebook, and the truth about it, by task."""

    student: str
    notebook: nbformat.NotebookNode
    scores: dict[str, float]
    mistakes: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)


def make_demo(course: Path, out: Path, only: Sequence[str] = ()) -> int:
    """Write the class to `out`/submitted and the truth about it to `out`/truth.json; how many notebooks there are.

    only: of these assignments.  Of a single one the students are named for what they hand in.  Of several, the student
    mistake-07 hands in the seventh mistake of each.
    """
    chosen = [find_assignment(course, name) for name in only or assignment_names(course)]
    truth: dict[str, dict] = {}
    with new_class(out) as submitted:
        for assignment in chosen:
            name, seats = assignment.name, Counter()
            for member in members(assignment):
                student = member.student if len(only) == 1 else seat(member.student, seats)
                path = submitted / student / name / f"{name}.ipynb"
                path.parent.mkdir(parents=True, exist_ok=True)
                nbformat.write(member.notebook, path)
                truth.setdefault(student, {})[name] = {
                    "scores": member.scores,
                    "mistakes": member.mistakes,
                    "statuses": member.statuses,
                    "status": status_of(member.scores, member.statuses),
                }
        write_text(out / "truth.json", json.dumps(truth, indent=1) + "\n")
    return sum(map(len, truth.values()))


@contextlib.contextmanager
def new_class(out: Path) -> Iterator[Path]:
    """A folder to write a class to, which becomes `out`/submitted when the block ends well.

    So what lies there is a whole class, the old or the new one.  Raises `CourseError` where there is somebody's own,
    and `CannotWrite`.
    """
    submitted = out / "submitted"
    if submitted.exists() and not ((out / OURS).exists() or (out / "truth.json").is_file()):
        raise CourseError(
            f"{submitted} is no demo class: there is no truth.json beside it. Nothing was touched. Choose another "
            "folder with --out."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / OURS).touch()
        with replacing_folder(submitted) as fresh:
            yield fresh
    except OSError as error:
        raise CannotWrite(f"{out} cannot be written to: {why(error)}.") from error


def status_of(scores: Mapping[str, float], statuses: Mapping[str, str]) -> str:
    """What a report says of a whole notebook: graded where any task is, else what became of the first."""
    return "graded" if set(scores) - set(statuses) else next(iter(statuses.values()))


def seat(student: str, taken: Counter[str]) -> str:
    """A numbered student for what differs between assignments, so that one can hand in something for each."""
    kind = student.partition("-")[0]
    if kind not in ("mistake", "right") or student == "right-solution":
        return student
    taken[kind] += 1
    return f"{kind}-{taken[kind]:02}"


def members(assignment: Assignment) -> Iterator[Member]:
    """The class of one assignment."""
    catalogue = Catalogue(assignment)
    full = {task.name: task.points for task in assignment.tasks if not task.manual}
    none = dict.fromkeys(full, 0.0)
    first, last = catalogue.tasks[0], catalogue.tasks[-1]

    yield Member("right-solution", solved(assignment), full)
    for variant in assignment.variants:
        yield Member(f"right-{variant.stem}", written_otherwise(assignment, variant.read_text()), full)
    for mistake in catalogue.mistakes:
        notebook = solved(assignment, mistake.sources)
        scores = {**full, **dict.fromkeys(catalogue.spoiled_tasks(mistake), 0.0)}
        yield Member(f"mistake-{mistake.name.replace('_', '-')}", notebook, scores, catalogue.names(mistake))
    yield Member("empty-release", nbformat.read(assignment.release, as_version=4), none)
    yield Member(
        "hostile-endless-loop",
        solved(assignment, {last: function(last, catalogue.parameters[last], ENDLESS)}),
        {**full, last: 0.0},
        statuses={last: "timeout"},
    )
    stops = function(first, catalogue.parameters[first], "raise NotImplementedError()")
    yield Member(
        "hostile-sys-exit",
        solved(assignment, {first: f"{stops}\nimport sys\nsys.exit(0)"}),
        scores_without(first, catalogue, full),
    )
    wrong = [mistake for mistake in catalogue.mistakes if mistake.task == last and mistake.function]
    for mistake in sorted(wrong, key=uses_what_is_patched)[:1]:
        notebook = solved(assignment, {last: f"{PATCH}\n{mistake.sources[last]}"})
        yield Member("hostile-patched-allclose", notebook, {**full, last: 0.0}, {last: mistake.name})


def uses_what_is_patched(mistake: Mistake) -> bool:
    """Whether the patch would make another mistake of it."""
    return any(name in source for source in mistake.sources.values() for name in ("close", "array_equal"))


def scores_without(task: str, catalogue: Catalogue, full: Mapping[str, float]) -> dict[str, float]:
    """What is left where one task does not work, and so none that calls it."""
    return {name: 0.0 if name == task or task in catalogue.calls[name] else points for name, points in full.items()}


def function(name: str, parameters: list[str], body: str) -> str:
    lines = body.replace("\n", "\n    ")
    return f"def {name}({', '.join(parameters)}):\n    {lines}\n"


def solved(assignment: Assignment, replaced: Mapping[str, str] | None = None) -> nbformat.NotebookNode:
    """The solved notebook as a learner would hand it in, with the answers to some tasks replaced."""
    notebook = copy.deepcopy(read_source(assignment.source))
    for cell in answer_cells(notebook):
        task = cell.metadata.nbgrader.grade_id.removesuffix("_answer")
        cell.source = (replaced or {}).get(task) or without_markers(cell.source)
    return notebook


def written_otherwise(assignment: Assignment, text: str) -> nbformat.NotebookNode:
    """A notebook whose first answer cell holds all answers."""
    notebook = solved(assignment)
    cells = answer_cells(notebook)
    for cell in cells:
        cell.source = "# written above"
    cells[0].source = text
    return notebook


def answer_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The code cells that a learner writes."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]


def without_markers(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not line.strip().startswith("### "))
