"""The learner's check from a terminal: run a notebook's cells and replay the frozen cases on what they define.

The notebook is the learner's own and runs on their own machine, in a process of its own so that a loop without end can
be stopped.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from . import cases as frozen
from .cells import run_cells
from .check import judge, probes_beside

SECONDS = 120
CELL_SECONDS = 20
UNRUN_TAGS = {"check", "picture"}
PASSED, FAILED, UNUSABLE = 0, 1, 2


def check_notebook(notebook: Path, task: str | None = None) -> int:
    """Check a notebook in a process of its own, and print what came of it; 0 where every check passed, else 1 or 2."""
    if not notebook.is_file():
        print(f"There is no notebook {notebook}.", file=sys.stderr)
        return UNUSABLE
    command = [sys.executable, "-m", __name__, str(notebook.resolve()), *([task] if task else [])]
    try:
        return subprocess.run(command, env=speaking_as_we_do(), timeout=SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"The notebook ran for more than {SECONDS} seconds and was stopped. Is there a loop that never ends?")
        return FAILED


def speaking_as_we_do() -> dict[str, str]:
    """The environment of a process that writes to the same terminal, where what cannot be shown is a number."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return {**os.environ, "PYTHONIOENCODING": f"{encoding}:backslashreplace"}


def main(notebook: Path, task: str | None = None) -> int:
    try:
        cells = code_cells(notebook)
        beside = notebook.parent / "cases.npz"
        file = beside if beside.is_file() else frozen.find(notebook.stem, notebook.parent)
        cases, probes = frozen.load(file), probes_beside(file)
        chosen = [each for each in cases.tasks if task in (None, each.name)]
        if not chosen:
            names = ", ".join(each.name for each in cases.tasks)
            raise ValueError(f"{cases.assignment} has no task {task!r} to check. Its tasks are {names}.")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}." if error.errno else error, file=sys.stderr)
        return UNUSABLE
    except (ValueError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    os.chdir(notebook.parent)
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        errors = run_cells(cells, namespace, CELL_SECONDS)
        results = [judge(cases, each, namespace, probes) for each in chosen]
    for (name, _), error in zip(cells, errors, strict=True):
        if error:
            print(f"Cell {name} stopped with {error.type}: {error.message}\n")
    print("\n\n".join(repr(result) for result in results))
    return PASSED if all(result.passed for result in results) else FAILED


def code_cells(notebook: Path) -> list[tuple[str, str]]:
    """(name, source) of the code cells but those for checks and pictures.  Raises ValueError for no notebook."""
    try:
        fields = json.loads(notebook.read_text(encoding="utf-8-sig"))
        cells = [cell for cell in fields["cells"] if cell["cell_type"] == "code"]
        named = [(name_of(cell, place), "".join(cell["source"]), tags_of(cell)) for place, cell in enumerate(cells, 1)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{notebook} cannot be read as a notebook. Open it in Jupyter, save it, and try again."
        ) from error
    return [(name, source) for name, source, tags in named if not tags & UNRUN_TAGS]


def name_of(cell: dict, place: int) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id") or str(place)


def tags_of(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
