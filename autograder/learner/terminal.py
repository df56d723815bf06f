"""`autograder check` in a terminal: a notebook, an assignment by its name, or all that are found."""

from __future__ import annotations

import sys
from pathlib import Path

from . import evidence, outline, progress
from .running import Outcome, check_apart

PASSED, FAILED, UNUSABLE = 0, 1, 2
ALL = "all"


def check(target: str | None, task: str | None = None) -> int:
    """Check what is named and print what came of it; 0 where every check passed, else 1 or 2."""
    if target in (None, ALL):
        if task:
            print("--task needs an assignment or a notebook: autograder check gru_cell --task sigmoid", file=sys.stderr)
            return UNUSABLE
        return check_all()
    try:
        return check_notebook(find_notebook(target), task)
    except outline.NoExercises as error:
        print(error, file=sys.stderr)
        return UNUSABLE


def find_notebook(target: str) -> Path:
    """A notebook by its path, or by its assignment's name.  Raises `NoExercises` for a name that there is none of."""
    path = Path(target)
    if path.suffix == ".ipynb" or path.is_file():
        return path
    if path.is_dir() and (path / f"{path.resolve().name}.ipynb").is_file():
        return path / f"{path.resolve().name}.ipynb"
    found = outline.find()
    if target not in found.assignments:
        names = ", ".join(found.assignments)
        raise outline.NoExercises(f"{target!r} is no notebook and no assignment. The assignments are {names}.")
    return found.notebook(target)


def check_notebook(notebook: Path, task: str | None = None) -> int:
    if not notebook.is_file():
        print(f"There is no notebook {notebook}.", file=sys.stderr)
        return UNUSABLE
    outcome = check_apart(notebook, task)
    if outcome.problem:
        print(outcome.problem, file=sys.stderr)
        return UNUSABLE
    print(outcome.text())
    keep(outcome)
    return PASSED if outcome.passed else FAILED


def keep(outcome: Outcome, counted: bool = True) -> None:
    """Note what passed; where that fails, say so."""
    if not outcome.exercise:
        return
    exercise = Path(outcome.exercise)
    problem = evidence.note(exercise, outcome.results, outcome.hashes, outcome.notebook, counted)
    if problem:
        print(problem, file=sys.stderr)


def check_all() -> int:
    """A line for each assignment, then the details of what fails first.  An untouched notebook is not run."""
    try:
        found = outline.find()
    except outline.NoExercises as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    width = max(map(len, found.assignments))
    first: tuple[str, str] | None = None
    all_pass = True
    for name in found.assignments:
        line, details = check_one(found.notebook(name))
        print(f"{name:<{width}}  {line}", flush=True)
        all_pass = all_pass and line.startswith("all ")
        if details and first is None:
            first = (name, details)
    if first:
        print(f"\nFirst, in {first[0]}:\n\n{first[1]}")
    return PASSED if all_pass else FAILED


def check_one(notebook: Path) -> tuple[str, str]:
    """What a line says of a notebook, and the details of what fails first in it."""
    if not notebook.is_file():
        return "has no notebook here", ""
    if progress.is_untouched(notebook):
        return "not begun", ""
    outcome = check_apart(notebook)
    keep(outcome)
    if outcome.problem or outcome.too_slow:
        return "could not be checked", outcome.problem or outcome.text()
    failing = [result for result in outcome.results if not result.passed]
    if not failing:
        return f"all {len(outcome.results)} tasks pass", ""
    begun = [result for result in failing if result.begun]
    line = f"{len(outcome.results) - len(failing)} of {len(outcome.results)} tasks pass"
    if not begun:
        return line, ""
    details = Outcome(stopped=outcome.stopped, results=begun[:1]).text()
    return f"{line}; first to mend: {begun[0].name}", details
