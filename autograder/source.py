"""An assignment's one source, read: its notebook and the functions that its solution defines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import jupytext
import nbformat

from autograder.course import Assignment, CourseError, told
from autograder.learner.notebook import UNRUN_TAGS, Cell, cells_of


@cache
def read_source(source: Path) -> nbformat.NotebookNode:
    """The notebook of a py:percent file.  Cell ids come from grade_id or the cell's place: the same at every run."""
    try:
        notebook = jupytext.read(source)
    except Exception as error:  # jupytext has no errors of its own
        raise CourseError(f"{source} cannot be read as a notebook: {told(error)}") from error
    notebook.metadata.pop("jupytext", None)
    for place, cell in enumerate(notebook.cells):
        cell["id"] = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell-{place}").replace("_", "-")
    return notebook


def source_cells(assignment: Assignment) -> list[Cell]:
    return cells_of(read_source(assignment.source))


def solution_namespace(assignment: Assignment, replaced: Mapping[str, object] | None = None) -> dict:
    """The names that the solved notebook defines, with some of its functions replaced by others."""
    namespace: dict = {"__name__": f"solution of {assignment.name}"}
    for cell in source_cells(assignment):
        if cell.kind == "code" and not cell.tags & UNRUN_TAGS:
            try:
                exec(compile(cell.source, f"<{assignment.name}: {cell.grade_id}>", "exec"), namespace)
            except Exception as error:
                where = f"the cell {cell.grade_id}" if cell.grade_id else "a cell"
                raise CourseError(f"{assignment.source} does not run: {where} stops with {told(error)}") from error
            namespace.update(replaced or {})
    return namespace


def out_of_date(assignment: Assignment) -> str | None:
    """What to say where the released notebook is not what the source makes: of the cells that bear on a grade alone."""
    source, release = graded_cells(source_cells(assignment)), graded_cells(assignment.cells)
    names = [name for name in [*source, *release] if not same_cell(source.get(name), release.get(name))]
    if not names:
        return None
    return (
        f"{assignment.release} is not what {assignment.source} makes: the cell {names[0]} differs. Grades go by what "
        f"was released. If the change is meant: autograder exercises {assignment.name}"
    )


def graded_cells(cells: list[Cell]) -> dict[str, Cell]:
    return {cell.grade_id: cell for cell in cells if cell.grade_id}


def same_cell(source: Cell | None, release: Cell | None) -> bool:
    """Whether a cell is the source's, where what lies between the solution's markers may differ."""
    if source is None or release is None or replace(source, source="") != replace(release, source=""):
        return False
    before, marker, _ = source.source.partition("### BEGIN SOLUTION")
    if source.solution:  # without markers, all of it
        return not marker or release.source.startswith(before)
    return release.source == source.source
