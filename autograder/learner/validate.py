"""What the grader will see of a notebook, said before it is handed in.

It reads the notebook with the grader's own code (`notebook`), looks at it beside what was given (`given`), and runs its
cells once as a grader would (`trial`).  It holds no hidden check and says nothing of what they ask.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from . import given, outline
from .notebook import (
    FORMAT,
    Cell,
    Unreadable,
    answers,
    as_now,
    cells_of,
    cells_to_run,
    fields_of,
    refuse_cells,
    refuse_size,
)
from .page import as_page
from .trying import Trial, try_out

LARGE = 2 << 20  # bytes, from which outputs are worth a word
NAME_ERROR = re.compile(r"name '(\w+)' is not defined")
MODULE_ERROR = re.compile(r"No module named '([\w.]+)'")
ODD = "The notebook is not as Jupyter writes it: {}. Open it in Jupyter, save it, and try again."
OK, MEND, UNREADABLE = 0, 1, 2


@dataclass(frozen=True)
class Finding:
    """Something to know.  mend: it costs marks as it stands; else it is only said."""

    text: str
    mend: bool = False


@dataclass(frozen=True)
class TaskSeen:
    """A task as the grader finds it.  lost: there is nothing there that could earn its points."""

    name: str
    words: str
    lost: bool = False


@dataclass(frozen=True)
class Validation:
    """What the grader will see.  problem: why it can see nothing at all."""

    notebook: Path
    assignment: str = ""
    tasks: tuple[TaskSeen, ...] = ()
    findings: tuple[Finding, ...] = ()
    problem: str = ""

    @property
    def readable(self) -> bool:
        return not self.problem

    @property
    def to_mend(self) -> list[str]:
        return [finding.text for finding in self.findings if finding.mend]

    @property
    def to_know(self) -> list[str]:
        return [finding.text for finding in self.findings if not finding.mend]

    @property
    def lost(self) -> list[str]:
        """The tasks that can earn nothing as they stand."""
        return [task.name for task in self.tasks if task.lost]

    @property
    def code(self) -> int:
        """The exit code: 0 it will be graded as it stands, 1 something should be mended, 2 it cannot be read."""
        return UNREADABLE if self.problem else MEND if self.to_mend or self.lost else OK

    def headline(self) -> str:
        if self.problem:
            return f"{self.notebook.name} cannot be graded. {self.problem}"
        if self.code == OK:
            return f"{self.notebook.name} will be graded as it stands."
        return f"{self.notebook.name} can be read, but something should be mended before you hand it in."

    def __repr__(self) -> str:
        parts = [self.headline()]
        if self.tasks:
            width = max(len(task.name) for task in self.tasks)
            rows = [f"  {task.name:<{width}}  {task.words}" for task in self.tasks]
            parts.append("\n".join(["What the grader will see:", *rows]))
        parts += [listed("To mend:", self.to_mend), listed("Good to know:", self.to_know)]
        return "\n\n".join(filter(None, parts))

    def _repr_html_(self) -> str:
        """The same words, without colours: it stands on light and on dark pages."""
        cell = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top"
        rows = "".join(
            f'<tr><th scope="row" style="{cell};font-weight:normal"><code>{escape(task.name)}</code></th>'
            f'<td style="{cell}">{escape(task.words)}</td></tr>'
            for task in self.tasks
        )
        table = f'<table style="border-collapse:collapse;margin:.4em 0"><tbody>{rows}</tbody></table>' if rows else ""
        lists = html_list("To mend", self.to_mend) + html_list("Good to know", self.to_know)
        return f'<div><p style="margin:.3em 0"><b>{escape(self.headline())}</b></p>{table}{lists}</div>'

    def page(self) -> str:
        """A page of its own."""
        return as_page(f"Before you hand in {self.notebook.name}", self._repr_html_())


def listed(head: str, texts: list[str]) -> str:
    return "\n".join([head, *(f"  - {text}" for text in texts)]) if texts else ""


def html_list(head: str, texts: list[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<p style="margin:.3em 0"><b>{head}</b></p><ul style="margin:.3em 0">{items}</ul>' if texts else ""


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
    tasks = [seen_as(task, what, trial, run) for task in what.coded]
    findings = [
        *about_the_file(notebook, what, data, fields),
        *about_cells(cells, what, run),
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


# What there is to say


def seen_as(task: given.Task, what: given.Given, trial: Trial, run: list[tuple[str, str]]) -> TaskSeen:
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


def about_cells(cells: list[Cell], what: given.Given, run: list[tuple[str, str]]) -> Iterator[Finding]:
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
