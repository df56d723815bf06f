"""How far a learner is: what passes, from the evidence on their own machine.

A notebook that has changed since its last check is run again; where that is not wanted, what is older than the notebook
is said to be so.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from html import escape
from pathlib import Path

from . import evidence, given, outline
from .page import as_page
from .results import TaskResult, counted, in_words
from .running import check_apart, code_cells, notebook_hash

WIDTH = 20  # of a bar, in characters
PASSES, FAILS, UNBEGUN = "passes", "does not pass yet", "not begun"
STYLE = "border-collapse:collapse;margin:.4em 0"
CELL = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top"


@dataclass(frozen=True)
class TaskState:
    """One task.  state: one of the three above.  when: of the check that says so.  remark: what to know beside it."""

    name: str
    title: str
    state: str = UNBEGUN
    when: str = ""
    remark: str = ""
    tries: int = 0
    hints: int = 0
    mistake: str | None = None

    @property
    def passes(self) -> bool:
        return self.state == PASSES

    def trouble(self) -> str:
        """What is known of a task that was begun and does not pass."""
        if self.state != FAILS:
            return ""
        tried = [counted(self.tries, "try", "tries")] if self.tries else []
        opened = [f"{counted(self.hints, 'hint', 'hints')} opened"] if self.hints else []
        named = [f"it looks like: {in_words(self.mistake)}"] if self.mistake else []
        return ", ".join([FAILS, *tried, *opened, *named])


@dataclass(frozen=True)
class AssignmentState:
    """One assignment.  problem: why there is nothing to say of it."""

    name: str
    title: str
    tasks: tuple[TaskState, ...] = ()
    problem: str = ""

    @property
    def passing(self) -> int:
        return sum(task.passes for task in self.tasks)

    def words(self) -> str:
        return self.problem or f"{self.passing} of {len(self.tasks)} tasks pass"

    def remarks(self) -> list[str]:
        """What there is to say of single tasks."""
        return [f"{task.name}: {task.remark or task.trouble()}" for task in self.tasks if task.remark or task.trouble()]


@dataclass(frozen=True)
class Progress:
    """All assignments in the course's order; a picture of text in a terminal, a table in a notebook."""

    assignments: tuple[AssignmentState, ...]
    problems: tuple[str, ...] = ()

    @property
    def tasks(self) -> list[TaskState]:
        return [task for each in self.assignments for task in each.tasks]

    def headline(self) -> str:
        return f"{sum(task.passes for task in self.tasks)} of {len(self.tasks)} tasks pass"

    def __repr__(self) -> str:
        width = max((len(each.name) for each in self.assignments), default=0)
        lines = []
        for each in self.assignments:
            lines.append(f"{each.name:<{width}}  {bar(each)}  {each.words()}")
            lines += [f"{'':<{width}}    {remark}" for remark in each.remarks()]
        return "\n".join([*lines, "", self.headline(), *self.problems])

    def _repr_html_(self) -> str:
        """Quiet, and without colours of its own: it stands on light and on dark pages."""
        rows = "".join(map(row, self.assignments))
        problems = "".join(f"<p>{escape(problem)}</p>" for problem in self.problems)
        head = "".join(
            f'<th scope="col" style="{CELL}">{name}</th>' for name in ("Assignment", "So far", "Tasks that pass")
        )
        return (
            f'<div><p style="margin:.3em 0"><b>{escape(self.headline())}</b></p><table style="{STYLE}">'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{problems}</div>"
        )

    def page(self) -> str:
        """A page of its own."""
        now = datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
        body = f"{self._repr_html_()}\n<p>As of {now}, from the checks on this machine.</p>"
        return as_page("Progress", body)


def bar(state: AssignmentState) -> str:
    filled = round(WIDTH * state.passing / len(state.tasks)) if state.tasks else 0
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}]"


def row(state: AssignmentState) -> str:
    remarks = "".join(f"<br><small>{escape(remark)}</small>" for remark in state.remarks())
    label = escape(f"{state.name}: {state.words()}", quote=True)
    meter = f'<progress max="{max(len(state.tasks), 1)}" value="{state.passing}" aria-label="{label}"></progress>'
    return (
        f'<tr><th scope="row" style="{CELL};font-weight:normal"><code>{escape(state.name)}</code> '
        f'{escape(state.title)}</th><td style="{CELL}">{meter}</td>'
        f'<td style="{CELL}">{escape(state.words())}{remarks}</td></tr>'
    )


def progress(start: Path | None = None, run: bool = True) -> Progress:
    """How far the learner is with the exercises here.  Raises `NoExercises`.

    run: check notebooks that have changed since their last check.
    """
    found = outline.find(start)
    problems: list[str] = []
    states = [state_of(found, name, run, problems) for name in found.assignments]
    return Progress(tuple(states), tuple(dict.fromkeys(filter(None, problems))))


def state_of(found: outline.Outline, name: str, run: bool, problems: list[str]) -> AssignmentState:
    notebook, about = found.notebook(name), found.about.get(name, outline.About())
    exercise = notebook.parent
    try:
        what = given.load(exercise)
    except given.NotGiven as error:
        return AssignmentState(name, about.title, problem=str(error))
    if not notebook.is_file():
        return AssignmentState(name, what.title, problem=f"there is no {notebook.name} here")
    try:
        cells = code_cells(notebook)
    except ValueError as error:
        return AssignmentState(name, what.title, problem=str(error))
    records, problem = evidence.read(evidence.file_for(exercise))
    problems.append(problem)
    unbegun = is_untouched(notebook)
    if run and not unbegun and not all(is_of(records.get(task.name), cells) for task in what.coded):
        outcome = check_apart(notebook)
        if outcome.problem or outcome.too_slow:
            return AssignmentState(name, what.title, problem=outcome.problem or outcome.text())
        problems.append(evidence.note(exercise, outcome.results, outcome.hashes, outcome.notebook, counted=False))
        fresh = {result.name: result for result in outcome.results}
        tasks = [checked_now(task, fresh.get(task.name), records.get(task.name)) for task in what.coded]
    else:
        tasks = [kept(task, records.get(task.name), cells, notebook, unbegun) for task in what.coded]
    return AssignmentState(name, what.title, tuple(tasks))


def is_untouched(notebook: Path) -> bool:
    """Whether all answers are as they were given."""
    try:
        sources = given.load(notebook.parent).sources
        held = dict(code_cells(notebook))
    except (given.NotGiven, ValueError):
        return False
    answers = {name: source for name, source in sources.items() if name in held}
    own = [name for name, source in held.items() if source.strip() and name not in sources]
    return not own and all(held[name].strip() == source.strip() for name, source in answers.items())


def checked_now(task: given.Task, result: TaskResult | None, record: evidence.Record | None) -> TaskState:
    record = record or evidence.Record()
    if result is None:
        return TaskState(task.name, task.title)
    state = PASSES if result.passed else FAILS if result.begun else UNBEGUN
    return TaskState(*(task.name, task.title, state), tries=record.tries, hints=record.hints, mistake=result.mistake)


def kept(
    task: given.Task, record: evidence.Record | None, cells: list[tuple[str, str]], notebook: Path, unbegun: bool
) -> TaskState:
    """What the evidence says, and how far it can be believed."""
    if record is None or not record.when:
        return TaskState(task.name, task.title, hints=record.hints if record else 0)
    state, remark = PASSES if record.passed else FAILS, ""
    if is_older(record, cells):
        unsaved = notebook.stat().st_mtime < datetime.datetime.fromisoformat(record.when).timestamp()
        was = "passed" if record.passed else "did not pass"
        if unsaved and not record.notebook:
            remark = f"{was} on {day(record.when)}, in a notebook that has not been saved since"
        elif unbegun:
            state, remark = UNBEGUN, f"{was} on {day(record.when)}, and the notebook is now as it was given"
        else:
            remark = f"{was} on {day(record.when)}; the notebook has changed since"
    return TaskState(task.name, task.title, state, record.when, remark, record.tries, record.hints, record.mistake)


def is_of(record: evidence.Record | None, cells: list[tuple[str, str]]) -> bool:
    """Whether a record is of a run of just these cells."""
    return record is not None and record.notebook == notebook_hash(cells)


def is_older(record: evidence.Record | None, cells: list[tuple[str, str]]) -> bool:
    """Whether a record is of other code than the notebook's file holds."""
    if record is None or not record.when:
        return True
    if record.notebook:
        return record.notebook != notebook_hash(cells)
    return record.cell not in {evidence.hash_of([source]) for _, source in cells}


def day(when: str) -> str:
    return when[:16].replace("T", " ")
