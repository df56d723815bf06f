"""Check and grade the notebooks of the course.

`import autograder` loads the learner's half alone, which needs the standard library and NumPy; and of that only what is
asked for, so that a command that needs no NumPy does not wait for it.
"""

from __future__ import annotations

import sys as _sys
import typing as _typing

if _typing.TYPE_CHECKING:
    from autograder.learner.check import Checker
    from autograder.learner.next_task import Next
    from autograder.learner.progress import Progress
    from autograder.learner.validation import Validation

__version__ = "0.1.0"
__all__ = ["Checker", "next_task", "open", "progress", "validate"]


def open(assignment: str) -> Checker:
    """The check of an assignment, for the notebook that calls this: `check = autograder.open("gru_cell")`.

    Reads the frozen cases beside the notebook.  Raises FileNotFoundError where they are missing.
    """
    from autograder.learner.check import open_cases

    return open_cases(assignment, _sys._getframe(1).f_globals)


def __getattr__(name: str) -> object:
    if name == "Checker":
        from autograder.learner.check import Checker

        return Checker
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")


def progress(run: bool = True) -> Progress:
    """How far you are with the exercises here; as a table in a notebook.

    run: check notebooks that have changed since their last check.  Raises NoExercises where there are none.
    """
    from autograder.learner.progress import progress as found

    return found(run=run)


def next_task(run: bool = True) -> Next:
    """The next task in the course's order that does not pass yet.  Raises NoExercises where there are none."""
    from autograder.learner.next_task import next_task as found

    return found(run=run)


def validate(notebook: str | None = None) -> Validation:
    """What the grader will see of a notebook's file, as it was last saved; save it first.

    notebook: its path, or the assignment's name (default: the assignment that this notebook has opened).
    """
    from autograder.learner.terminal import find_notebook
    from autograder.learner.validate import opened_by
    from autograder.learner.validate import validate as found

    return found(find_notebook(notebook) if notebook else opened_by(_sys._getframe(1).f_globals))
