"""Python's side of the exercises in the page: run what the reader wrote, and check it as the notebook does.

It runs in the page's worker, beside `autograder.learner` and the frozen cases, and holds no answer.
"""

from __future__ import annotations

import contextlib
import functools
import io
import traceback
from pathlib import Path

from autograder.learner import cases as frozen
from autograder.learner.cells import compile_cell
from autograder.learner.check import judge, probes_beside

HERE = Path(__file__).parent
OWN, EARLIER = "<your code>", "<an earlier task>"
LONGEST = 20_000
NO_WARNINGS = (
    "One thing cannot be seen here: NumPy in a browser never warns of an overflow. "
    "The check in the notebook sees that too."
)


def run(setup: str, earlier: list[str], code: str) -> dict:
    """Run the code after the notebook's setup and the reader's earlier tasks: what it printed, and what stopped it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        _, error = defined(setup, earlier, code)
    return {"printed": cut(printed.getvalue()), "error": error}


def check(assignment: str, task: str, setup: str, earlier: list[str], code: str) -> dict:
    """Replay the frozen cases of a task on what the code defines: the words and the verdict of the notebook's check."""
    cases, probes = opened(assignment)
    wanted = next(each for each in cases.tasks if each.name == task)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        namespace, error = defined(setup, earlier, code)
        result = judge(cases, wanted, namespace, probes)
    return {
        "passed": result.passed and not error,
        "html": result._repr_html_(),
        "mistake": result.mistake or "",
        "error": error,
        "note": NO_WARNINGS if result.passed and is_about_warnings(wanted) else "",
    }


def is_about_warnings(task: frozen.Task) -> bool:
    return any(case.quiet for check in task.checks for case in check.cases)


def defined(setup: str, earlier: list[str], code: str) -> tuple[dict, str]:
    """The names that the cells define, and in words what stopped the reader's own."""
    namespace: dict = {"__name__": "__main__"}
    for cell in (setup, *earlier):
        with contextlib.suppress(Exception):  # an earlier task that fails is missed where it is needed
            exec(compile_cell(cell, EARLIER), namespace)
    try:
        exec(compile_cell(code, OWN), namespace)
    except BaseException as error:
        return namespace, told(error, code)
    return namespace, ""


def told(error: BaseException, code: str) -> str:
    """An error with the lines of the reader's code that led to it, and none of ours."""
    if isinstance(error, SyntaxError):
        return cut("".join(traceback.format_exception_only(error)))
    lines = code.splitlines()
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == OWN]
    shown = [f"line {step.lineno}: {lines[step.lineno - 1].strip()}" for step in steps[-5:]]
    return cut("\n".join([*shown, "".join(traceback.format_exception_only(error)).strip()]))


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n... and more"


@functools.cache
def opened(assignment: str) -> tuple:
    file = HERE / "exercises" / assignment / "cases.npz"
    return frozen.load(file), probes_beside(file)
