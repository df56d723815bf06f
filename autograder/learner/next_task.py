"""What to do next: the first task in the course's order that does not pass, the chapter to read, how to open it."""

from __future__ import annotations

import importlib.util
import os
from html import escape
from pathlib import Path

from . import outline, progress


def next_task(start: Path | None = None, run: bool = True) -> Next:
    """Raises `NoExercises`."""
    found = outline.find(start)
    states = {each.name: each for each in progress.progress(start, run).assignments}
    for step in found.steps:
        for task in states[step.assignment].tasks:
            if not task.passes and (step.tasks is None or task.name in step.tasks):
                return Next(found, step, task)
    return Next(found, None, None)


class Next:
    """The next task, in words; none where all pass."""

    def __init__(self, found: outline.Outline, step: outline.Step | None, task: progress.TaskState | None) -> None:
        self.found, self.step, self.task = found, step, task

    def lines(self) -> list[str]:
        if self.step is None or self.task is None:
            return [
                "Every task passes its visible checks. What is left are the questions in words, and to hand in: "
                "autograder validate says beforehand what the grader will see."
            ]
        name, about = self.step.assignment, self.found.about.get(self.step.assignment, outline.About())
        begun = "" if self.task.state == progress.UNBEGUN else f" It is begun, and {self.task.state}."
        lines = [f"Next: {self.task.name} in {name} ({self.task.title}).{begun}"]
        if self.step.chapter:
            lines.append(f"Read:  {self.step.chapter.title}, {self.where(self.step.chapter)}")
        missing = [each for each in about.packages if importlib.util.find_spec(each) is None]
        if missing:
            lines.append(f"First: python -m pip install {' '.join(missing)}")
        lines.append(f"Open:  jupyter lab {shown(self.found.notebook(name))}")
        lines.append(f"Check: autograder check {name} --task {self.task.name}")
        lines.append(f"Stuck: autograder hint {name} {self.task.name}")
        return lines

    def where(self, chapter: outline.Chapter) -> str:
        """Where the chapter can be read: on the web, or in a file that is here."""
        if chapter.page.startswith("http"):
            return chapter.page
        course = self.found.root.parent
        for file in (course / "_build" / "html" / chapter.page, course / "notebooks" / f"{chapter.name}.ipynb"):
            if file.is_file():
                return shown(file)
        return f"{chapter.page} in the book"

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        return f'<pre style="margin:.3em 0;white-space:pre-wrap">{escape(repr(self))}</pre>'


def shown(file: Path) -> str:
    """A path as one would type it from here, if it is not far."""
    try:
        near = os.path.relpath(file)
    except ValueError:  # another drive
        return str(file)
    return str(file) if near.startswith(os.path.join("..", "..")) else near
