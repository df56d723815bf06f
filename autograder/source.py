"""An assignment's one source, read: its notebook and the functions that its solution defines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jupytext
import nbformat

from autograder.course import Assignment
from autograder.notebook import UNRUN_TAGS, Cell, cells_of


@cache
def read_source(source: Path) -> nbformat.NotebookNode:
    """The notebook of a py:percent file.  Cell ids come from grade_id or the cell's place: the same at every run."""
    notebook = jupytext.read(source)
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
            exec(compile(cell.source, f"<{assignment.name}: {cell.grade_id}>", "exec"), namespace)
            namespace.update(replaced or {})
    return namespace
