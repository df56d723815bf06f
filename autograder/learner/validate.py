"""What the grader will see of a notebook, said before it is handed in.

It reads the notebook with the grader's own code (`notebook`), looks at it beside what was given (`given`), and runs its
cells once as a grader would (`trial`).  It holds no hidden check and says nothing of what they ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import given, outline
from .findings import (
    about_answers,
    about_cells,
    about_checks,
    about_names,
    about_the_file,
    about_the_run,
    seen_as,
)
from .notebook import FORMAT, Unreadable, as_now, cells_of, cells_to_run, fields_of, refuse_cells, refuse_size
from .trying import try_out
from .validation import Validation

ODD = "The notebook is not as Jupyter writes it: {}. Open it in Jupyter, save it, and try again."


def opened_by(names: Mapping[str, object]) -> Path:
    """The notebook of the assignment that these names hold the check of.  Raises `NoExercises`."""
    from .check import Checker

    for each in names.values():
        if isinstance(each, Checker) and each.exercise:
            return each.exercise / f"{each.exercise.name}.ipynb"
    raise outline.NoExercises("Which notebook? Name it: autograder.validate('gru_cell.ipynb')")


def validate(notebook: Path) -> Validation:
    """Say what the grader will see of the file.  It runs the notebook's cells, in a process of their own."""
    try:
        exercise = exercise_of(notebook)
        what = given.load(exercise)
        data = read_bytes(notebook)
        fields = fields_of(data)
        if fields["nbformat"] < FORMAT:
            raise Unreadable(f"It is of the old format {fields['nbformat']}. Open it in Jupyter and save it.")
        refuse_cells(fields)
        refuse_form(fields)
    except (Unreadable, given.NotGiven, outline.NoExercises) as error:
        return Validation(notebook, problem=str(error))
    release = list(what.cells)
    cells = as_now(cells_of(fields), release)
    run = cells_to_run(cells, release)
    trial = try_out(exercise, what, run)
    tasks = [seen_as(task, what, trial) for task in what.coded]
    findings = [
        *about_the_file(notebook, what, data, fields),
        *about_cells(cells, what),
        *about_answers(cells, what),
        *about_the_run(trial, what, run, fields),
        *about_names(trial, what),
        *about_checks(trial, what),
    ]
    return Validation(notebook, what.assignment, tuple(tasks), tuple(findings), trial.problem)


def exercise_of(notebook: Path) -> Path:
    """The folder that the exercise was given in.  Raises `NoExercises` where none goes with this notebook."""
    if not notebook.is_file():
        raise outline.NoExercises(f"There is no notebook {notebook}.")
    folder = notebook.resolve().parent
    if (folder / given.FILE).is_file():
        return folder
    try:
        found = outline.find(folder)
    except outline.NoExercises:  # among downloads, say
        found = outline.find()
    fitting = [name for name in found.assignments if notebook.stem.startswith(name)]
    if not fitting:
        names = ", ".join(found.assignments)
        raise outline.NoExercises(
            f"Which exercise {notebook.name} belongs to cannot be told by its name. Name it for one of: {names}."
        )
    return found.root / max(fitting, key=len)


def read_bytes(notebook: Path) -> bytes:
    """Raises `Unreadable`, as the grader does, for a link and for a file that is too large."""
    if notebook.is_symlink():
        raise Unreadable("The notebook cannot be opened: it is a link, and a file is wanted.")
    try:
        refuse_size(notebook.stat().st_size)
        return notebook.read_bytes()
    except OSError as error:
        raise Unreadable(f"The notebook cannot be opened: {(error.strerror or str(error)).lower()}.") from error


def refuse_form(fields: dict) -> None:
    """Raises `Unreadable` for what nbformat, which the grader reads with, makes nothing of."""
    if not isinstance(fields.get("metadata"), dict):
        raise Unreadable(ODD.format("it has no metadata"))
    for number, cell in enumerate(fields["cells"], 1):
        if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
            raise Unreadable(ODD.format(f"cell {number} has no metadata"))
        source, outputs = cell.get("source", ""), cell.get("outputs", [])
        if isinstance(source, list) and not all(isinstance(line, str) for line in source):
            raise Unreadable(ODD.format(f"the lines of cell {number} are no text"))
        if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
            raise Unreadable(ODD.format(f"the outputs of cell {number} are no list of outputs"))
