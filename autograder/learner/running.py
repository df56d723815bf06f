"""Run a learner's notebook and its check in a process of its own, so that a loop without end can be stopped.

The notebook is the learner's own and runs on their own machine: nothing is hidden here.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import evidence
from .notebook import UNRUN_TAGS
from .results import CheckResult, TaskResult

SECONDS = 120
CELL_SECONDS = 20


@dataclass
class Outcome:
    """What came of checking a notebook.

    problem: why it could not be checked.  too_slow: it was stopped.  stopped: cells that an error ended, as (name,
    type, message).  hashes: of the cells by task; notebook: of all that was run.
    """

    problem: str = ""
    too_slow: bool = False
    exercise: str = ""
    stopped: list[tuple[str, str, str]] = field(default_factory=list)
    results: list[TaskResult] = field(default_factory=list)
    hashes: dict[str, str | None] = field(default_factory=dict)
    notebook: str = ""

    @property
    def passed(self) -> bool:
        return bool(self.results) and all(result.passed for result in self.results)

    def text(self) -> str:
        """All that was found."""
        if self.too_slow:
            return f"The notebook ran for more than {SECONDS} seconds and was stopped. Is there a loop that never ends?"
        stopped = [f"Cell {name} stopped with {kind}: {message}" for name, kind, message in self.stopped]
        return "\n\n".join([*stopped, *map(repr, self.results)])


def check_apart(notebook: Path, task: str | None = None) -> Outcome:
    """Check a notebook, all its tasks or one, in another process."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "outcome.json")
        command = [sys.executable, "-m", __name__, str(notebook.resolve()), str(file), *([task] if task else [])]
        environment = {**os.environ, "MPLBACKEND": "Agg"}  # a cell that plots opens no window
        try:
            done = subprocess.run(command, timeout=SECONDS, check=False, env=environment, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return Outcome(too_slow=True)
        try:
            return from_value(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            why = f"Python ended with exit code {done.returncode} while it ran {notebook}, and took the check with it."
            return Outcome(problem=why)


def from_value(value: dict) -> Outcome:
    results = [
        TaskResult(**{**each, "checks": [CheckResult(**check) for check in each["checks"]]})
        for each in value.pop("results")
    ]
    return Outcome(results=results, **value)


def check_here(notebook: Path, task: str | None = None) -> Outcome:
    """Run a notebook's cells in this process and check what they define."""
    from . import cases as frozen  # with NumPy, which the process that waits for this one does not need
    from .cells import run_cells
    from .check import judge, probes_beside

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
        return Outcome(problem=f"{error.filename}: {error.strerror}." if error.errno else str(error))
    except (ValueError, ModuleNotFoundError) as error:
        return Outcome(problem=str(error))
    os.chdir(notebook.parent)
    namespace = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        errors = run_cells(cells, namespace, CELL_SECONDS)
        results = [judge(cases, each, namespace, probes) for each in chosen]
    return Outcome(
        exercise=str(file.parent),
        stopped=[(name, error.type, error.message) for (name, _), error in zip(cells, errors, strict=True) if error],
        results=results,
        hashes={each.name: evidence.cell_hash(namespace.get(each.name)) for each in chosen},
        notebook=notebook_hash(cells),
    )


def notebook_hash(cells: list[tuple[str, str]]) -> str:
    """A hash of all that is run of a notebook."""
    return evidence.hash_of([source for _, source in cells])


def code_cells(notebook: Path) -> list[tuple[str, str]]:
    """(name, source) of the code cells but those for checks and pictures.  Raises ValueError for no notebook."""
    try:
        fields = json.loads(notebook.read_text(encoding="utf-8-sig"))
        cells = [cell for cell in fields["cells"] if cell["cell_type"] == "code"]
        named = [(name_of(cell, place), "".join(cell["source"]), tags_of(cell)) for place, cell in enumerate(cells, 1)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{notebook} cannot be read as a notebook. Open it in Jupyter, save it, and try again."
        ) from error
    return [(name, source) for name, source, tags in named if not tags & UNRUN_TAGS]


def name_of(cell: dict, place: int) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id") or str(place)


def tags_of(cell: dict) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def main(notebook: Path, file: Path, task: str | None = None) -> int:
    file.write_text(json.dumps(asdict(check_here(notebook, task))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
