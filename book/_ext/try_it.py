"""An exercise in the page: `:::{try} assignment.task` with nothing inside.

Everything comes from the notebook that learners receive: the stub, the hints, the setup.  Without JavaScript the page
shows the stub, the folded hints and where the notebook is; `book/_js/try_it.js` makes an editor of it that runs Python
and the notebook's own check in the page.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

NAME = re.compile(r"(\w+)\.(\w+)")
HINT = re.compile(r"<details><summary>(.*?)</summary>\s*(.*?)</details>", re.DOTALL)
HEADING = re.compile(r"^#+ (?:\d+\. )?(.*)$", re.MULTILINE)
UNWRITTEN = re.compile(r"# YOUR CODE HERE\n(\s*)raise NotImplementedError\(\)")
logger = logging.getLogger(__name__)


@dataclass
class Exercise:
    """A task of a learner's notebook.

    setup: the cells that are given; earlier: (task, stub) of those that come before; needs: those of them that the
    task speaks of; hints: (summary, Markdown), the gentlest first.
    """

    title: str
    stub: str
    setup: str
    earlier: list[tuple[str, str]]
    needs: list[str]
    hints: list[tuple[str, str]]


class NoExerciseError(Exception):
    """The exercise that is named is not there; the message says what is."""


def read_exercise(notebook: Path, task: str) -> Exercise:
    """Find a task in a released notebook."""
    if not notebook.is_file():
        raise NoExerciseError(f"there is no {notebook.parent.name}/{notebook.name} in exercises/")
    cells = nbformat.read(notebook, 4).cells
    answers = {name_of(cell).removesuffix("_answer"): place for place, cell in enumerate(cells) if is_answer(cell)}
    if task not in answers:
        raise NoExerciseError(f"{notebook.name} has no task {task!r}. Its tasks are {', '.join(answers)}")
    place = answers[task]
    text = last_text(cells[:place])
    earlier = [(name, cells[at].source) for name, at in answers.items() if at < place]
    words = set(re.findall(r"\w+", text + cells[place].source))
    return Exercise(
        title=HEADING.search(text)[1] if HEADING.search(text) else task,
        stub=cells[place].source,
        setup="\n\n".join(cell.source for cell in cells[:place] if is_given(cell)),
        earlier=earlier,
        needs=[name for name, _ in earlier if name in words],
        hints=[(summary.strip(), hint.strip()) for summary, hint in HINT.findall(text)],
    )


def name_of(cell: nbformat.NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_answer(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution", False)


def is_given(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is given to every learner and is neither a check nor a picture."""
    unrun = {"check", "picture"} & set(cell.metadata.get("tags", []))
    return cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("locked", False) and not unrun


def last_text(cells: list[nbformat.NotebookNode]) -> str:
    return next((cell.source for cell in reversed(cells) if cell.cell_type == "markdown"), "")


class TryIt(SphinxDirective):
    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        named = NAME.fullmatch(self.arguments[0])
        if not named:
            return self.warned(f"{self.arguments[0]!r} is not of the form assignment.task")
        assignment, task = named.groups()
        notebook = Path(self.env.srcdir, "exercises", assignment, f"{assignment}.ipynb")
        self.env.note_dependency(str(notebook))
        try:
            exercise = read_exercise(notebook, task)
        except NoExerciseError as error:
            return self.warned(str(error))
        up = "../" * self.env.docname.count("/")
        before, after = frame(exercise, assignment, task, f"{up}exercises/{assignment}/{assignment}.ipynb")
        hints = [part for summary, text in exercise.hints for part in self.folded(summary, text)]
        return [nodes.raw("", before, format="html"), *hints, nodes.raw("", after, format="html")]

    def folded(self, summary: str, text: str) -> list[nodes.Node]:
        box = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), self.env.docname), 0, box)
        start = f'<details class="try-hint"><summary>{escape(summary)}</summary>'
        return [nodes.raw("", start, format="html"), *box.children, nodes.raw("", "</details>", format="html")]

    def warned(self, words: str) -> list[nodes.Node]:
        logger.warning(f"Exercise in the page: {words}", location=self.get_location(), type="try")
        return []


def frame(exercise: Exercise, assignment: str, task: str, notebook: str) -> tuple[str, str]:
    """The HTML before and after the hints."""
    given = {
        "stub": UNWRITTEN.sub(r"# your code here\n\1raise NotImplementedError()", exercise.stub),
        "setup": exercise.setup,
        "earlier": exercise.earlier,
        "needs": exercise.needs,
        "notebook": notebook,
    }
    key = f"{assignment}.{task}"
    words = json.dumps(given).replace("</", "<\\/")
    before = (
        f'<section class="try" id="try-{assignment}-{task}" data-script="try_it" data-task="{key}" '
        f'aria-labelledby="try-{assignment}-{task}-title">\n'
        f'<p class="try-title" id="try-{assignment}-{task}-title">Exercise: {escape(exercise.title)}</p>\n'
        f'<pre class="try-stub"><code>{escape(given["stub"])}</code></pre>\n<div class="try-hints">\n'
    )
    after = (
        f'</div>\n<p class="try-where">Or in the notebook: <a href="{notebook}" download>{assignment}.ipynb</a></p>\n'
        f'<script type="application/json">{words}</script>\n</section>\n'
    )
    return before, after


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("try", TryIt)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
