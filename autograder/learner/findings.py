"""What there is to say of a notebook beside what was given, and of one run of its cells: a sentence each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import given
from .notebook import Cell, answers
from .trying import Trial
from .validation import Finding, TaskSeen

LARGE = 2 << 20  # bytes, from which outputs are worth a word
NAME_ERROR = re.compile(r"name '(\w+)' is not defined")
MODULE_ERROR = re.compile(r"No module named '([\w.]+)'")


def seen_as(task: given.Task, what: given.Given, trial: Trial) -> TaskSeen:
    """A task in the grader's eyes."""
    gone = all_lost(trial, what)
    if gone:
        return TaskSeen(task.name, gone, lost=True)
    if trial.ended and trial.ended[0] == "cell":
        return TaskSeen(task.name, f"was not looked at, as cell {trial.ended[1]} did not come to an end")
    seen = trial.tasks.get(task.name)
    if seen is None:
        if trial.ended and trial.ended[:2] == ("task", task.name):
            return TaskSeen(task.name, "its function ends Python, or never comes back", lost=True)
        return TaskSeen(task.name, "was not looked at, as a task before it did not come back")
    if "missing" in seen:
        return TaskSeen(task.name, seen["missing"].partition(" Run the cell")[0].rstrip("."), lost=True)
    if seen["misfit"]:
        return TaskSeen(task.name, f"{task.name}{seen['signature']} does not fit: {seen['misfit']}", lost=True)
    if not seen["begun"]:
        return TaskSeen(task.name, "not written yet", lost=True)
    where = f" in cell {seen['cell']}" if seen["cell"] and seen["cell"] != task.cell else ""
    if seen["undefined"] and not seen["passing"]:
        return TaskSeen(task.name, f"stops, since it reads {', '.join(seen['undefined'])}", lost=True)
    if seen["passing"] == seen["count"]:
        return TaskSeen(task.name, f"is there{where}, and passes its visible checks")
    return TaskSeen(task.name, f"is there{where}; of its visible checks {seen['passing']} of {seen['count']} pass")


def all_lost(trial: Trial, what: given.Given) -> str:
    """Why no task at all can be graded, or nothing."""
    if trial.ended and trial.ended[0] == "cell" and not trial.killed:
        return f"lost, since cell {trial.ended[1]} ends Python"
    if trial.total() > what.seconds:
        return "lost, since the cells take too long"
    return ""


def about_the_file(notebook: Path, what: given.Given, data: bytes, fields: dict) -> Iterator[Finding]:
    name = f"{what.assignment}.ipynb"
    if notebook.name != name:
        yield Finding(f"The grader looks for {name}, and this file is called {notebook.name}. Rename it.", mend=True)
    elif notebook.resolve().parent.name != what.assignment:
        yield Finding(
            f"It lies in a folder {notebook.resolve().parent.name}. Where whole folders are handed in, the grader "
            f"looks for {what.assignment}/{name}."
        )
    if len(data) > LARGE:
        outputs = sum(len(json.dumps(cell.get("outputs", ""))) for cell in fields["cells"] if isinstance(cell, dict))
        yield Finding(
            f"The file has {len(data) / (1 << 20):.1f} MB, of which {outputs / (1 << 20):.1f} MB are outputs, which "
            "nobody needs: clear them. From 10 MB on it is not read."
        )


def about_cells(cells: list[Cell], what: given.Given) -> Iterator[Finding]:
    """Cells that are gone, there twice, or not as they were given."""
    times = Counter(cell.grade_id for cell in cells if cell.grade_id)
    own = [cell for cell in what.cells if cell.grade_id]
    if not any(times[cell.grade_id] for cell in own):
        yield Finding(
            "None of the exercise's cells can be recognised: another program has dropped their marks. Functions are "
            "found by their names all the same, answers in words are not. Copy your answers into a fresh notebook.",
            mend=True,
        )
        return
    for cell in own:
        same = [each for each in cells if each.grade_id == cell.grade_id]
        if not same:
            yield gone(cell)
        elif len(same) > 1:
            yield twice(cell, same)
        elif cell.locked and not cell.solution and same[0].source.strip() != cell.source.strip():
            yield Finding(f"The locked cell {cell.grade_id} was changed. The grader puts the given one in its place.")
        elif cell.kind != same[0].kind:
            kinds = {"code": "code", "markdown": "text"}
            is_kind, was = kinds.get(same[0].kind, same[0].kind), kinds.get(cell.kind, cell.kind)
            yield Finding(f"The cell {cell.grade_id} is now {is_kind}. The grader reads it as {was}, as it was given.")


def gone(cell: Cell) -> Finding:
    if cell.graded and cell.solution:
        return Finding(
            f"The cell {cell.grade_id} is gone, and with it your answer in words. Copy it from a fresh notebook.",
            mend=True,
        )
    if cell.locked:
        return Finding(f"The cell {cell.grade_id} is gone. The grader puts it back; nothing is lost.")
    return Finding(f"The cell {cell.grade_id} is gone. Your function is found in whatever cell it is.")


def twice(cell: Cell, same: list[Cell]) -> Finding:
    count = f"The cell {cell.grade_id} is there {len(same)} times."
    if cell.locked and not cell.solution:
        return Finding(f"{count} The grader needs it once; nothing is lost.")
    if len({each.source.strip() for each in same}) == 1:
        return Finding(f"{count} They are the same; delete all but one.")
    return Finding(f"{count} They differ, and the last one counts. Delete the others.", mend=True)


def about_answers(cells: list[Cell], what: given.Given) -> Iterator[Finding]:
    """Questions in words that hold no answer."""
    answered = answers(cells, list(what.cells))
    last = {cell.grade_id: cell.source.strip() for cell in cells if cell.grade_id}
    for task in what.tasks:
        if task.written and task.name in last:
            if task.name not in answered:
                yield Finding(f"The question {task.name} is not answered: its cell is as it was given.", mend=True)
            elif not last[task.name]:
                yield Finding(f"The question {task.name} is not answered: its cell is empty.", mend=True)


def about_the_run(trial: Trial, what: given.Given, run: list[tuple[str, str]], fields: dict) -> Iterator[Finding]:
    """What stopped a cell, took too long, or ended it all."""
    luck = ran_out_of_order(fields)
    for name, error in trial.errors.items():
        if (error["type"], error["message"]) == ("NotImplementedError", ""):
            continue
        yield Finding(why_stopped(name, error, what, run, luck), mend=costs(name, trial, what, run))
    if trial.ended:
        kind, name, code = trial.ended
        if kind == "cell" and trial.killed:
            yield Finding(
                f"Cell {name} did not come to an end. The grader stops a cell after {what.cell_seconds:g} seconds. Is "
                "there a loop that never ends?",
                mend=True,
            )
        elif kind == "cell":
            yield Finding(
                f"Python itself ended (exit code {code}) while it ran cell {name}, and so will the grader's: every "
                "task is lost. Take out what ends it.",
                mend=True,
            )
        else:
            limit = f"{what.call_seconds:g} seconds"
            yield Finding(
                f"{name} did not come back, or ended Python (exit code {code}). The grader allows {limit} for a call. "
                "Is there a loop that never ends?",
                mend=True,
            )
    if trial.total() > what.seconds:
        yield Finding(
            f"The cells took {trial.total():.0f} seconds here; the grader allows {what.seconds:g} for all of them. "
            "Take out experiments that run long.",
            mend=True,
        )
    for name, seconds in trial.seconds.items():
        if what.cell_seconds / 2 < seconds and name not in trial.errors:
            yield Finding(
                f"Cell {name} took {seconds:.1f} seconds here; the grader stops a cell after {what.cell_seconds:g}."
            )


def costs(name: str, trial: Trial, what: given.Given, run: list[tuple[str, str]]) -> bool:
    """Whether a cell that stopped may have cost something: it is one to answer in, or a task needs what it defines."""
    if name in {task.cell for task in what.coded}:
        return True
    lacking = {each for seen in trial.tasks.values() for each in seen.get("undefined", ())}
    lacking |= {task for task, seen in trial.tasks.items() if "missing" in seen}
    return bool(lacking & names_made(dict(run)[name]))


def why_stopped(name: str, error: dict, what: given.Given, run: list[tuple[str, str]], luck: bool) -> str:
    lead = f"Cell {name} stops with {error['type']}: {error['message'].rstrip('.')}."
    module = MODULE_ERROR.search(error["message"]) if error["type"] == "ModuleNotFoundError" else None
    if module:
        packages = " and ".join(what.packages)
        return f"{lead} The grader has {packages} and the standard library, and not {module[1].partition('.')[0]}."
    if error["type"] in ("PermissionError", "FileNotFoundError"):
        return f"{lead} The grader runs it without files, network or other processes."
    if error["type"] == "CellTooSlow":
        return f"{lead} Is there a loop that never ends?"
    missing = NAME_ERROR.search(error["message"]) if error["type"] == "NameError" else None
    return f"{lead} {why_missing(missing[1], name, run, luck)}" if missing else lead


def why_missing(missing: str, name: str, run: list[tuple[str, str]], luck: bool) -> str:
    """Where a name comes from that a cell lacks when cells are run from top to bottom."""
    if missing == "check":
        return "The grader runs no checks, and stops such a cell there: keep check(...) in the cells made for it."
    before = [cell for cell, _ in run].index(name)
    makers = [place for place, (_, source) in enumerate(run) if missing in names_made(source)]
    order = " You ran the cells in another order." if luck else ""
    if any(place > before for place in makers):
        later = run[next(place for place in makers if place > before)][0]
        return f"{missing} is only made further down, in cell {later}.{order} Move it up."
    return (
        f"No cell makes {missing}: it was left in memory by a cell that is gone or was changed.{order} Restart the "
        "kernel and run all cells to see it."
    )


def about_names(trial: Trial, what: given.Given) -> Iterator[Finding]:
    """Names that a function reads and that nothing defines."""
    for task in what.coded:
        names = trial.tasks.get(task.name, {}).get("undefined", [])
        if names:
            listed_names = ", ".join(names)
            yield Finding(
                f"{task.name} reads {listed_names}, which no cell defines. It may work for you from memory; in a fresh "
                "Python it stops there.",
                mend=True,
            )


def about_checks(trial: Trial, what: given.Given) -> Iterator[Finding]:
    """What is there and wrong by the learner's own check, which is no matter of form."""
    failing = [name for name, seen in trial.tasks.items() if seen.get("begun") and seen["passing"] < seen["count"]]
    if failing:
        yield Finding(
            f"Not all visible checks pass ({', '.join(failing)}). What is wrong there says: "
            f"autograder check {what.assignment}"
        )


def names_made(source: str) -> set[str]:
    """The names that a cell makes at its top level."""
    import dis

    from .cells import compile_cell

    try:
        steps = dis.get_instructions(compile_cell(source, "<cell>"))
    except (SyntaxError, ValueError):
        return set(re.findall(r"^(?:def|class)? ?(\w+) *[=(:]", source, re.MULTILINE))
    return {step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")}


def ran_out_of_order(fields: dict) -> bool:
    """Whether the counts beside the cells say that they were last run in another order than they stand in."""
    cells = [cell for cell in fields["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    counts = [cell.get("execution_count") for cell in cells if isinstance(cell.get("execution_count"), int)]
    return counts != sorted(counts)
