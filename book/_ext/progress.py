"""What a reader has done, on the landing page: `:::{progress}`.

The page gets a list of all questions and in-page exercises of the book, and `book/_js/progress.js` counts those for
which this browser has evidence: a question answered, a check passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from docutils import nodes
from map import in_script, skip
from questions import asked
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

# An exercise in a page carries its name, assignment.task, in this attribute.
TASK = re.compile(r'\bdata-task="([\w-]+\.[\w-]+)"')
NOTHING = (
    "Here you will see how far you are, chapter by chapter. It counts what you have shown, a question answered or an "
    "exercise whose check has passed, and it is kept in this browser alone."
)


class ProgressNode(nodes.General, nodes.Element):
    pass


class Progress(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        places(self.env).add(self.env.docname)
        return [ProgressNode()]


def places(env: BuildEnvironment) -> set[str]:
    """The pages that show progress."""
    if not hasattr(env, "gated_progress"):
        env.gated_progress = set()
    return env.gated_progress


def tasks(env: BuildEnvironment) -> dict[str, list[str]]:
    """The exercises of each page that has some, in order."""
    if not hasattr(env, "gated_tasks"):
        env.gated_tasks = {}
    return env.gated_tasks


def tasks_in(doctree: nodes.document) -> Iterator[str]:
    for node in doctree.findall(nodes.Element):
        if isinstance(node, nodes.raw):
            yield from TASK.findall(node.astext())
        elif node.get("task"):
            yield node["task"]


def collect(app: Sphinx, doctree: nodes.document) -> None:
    found = list(dict.fromkeys(tasks_in(doctree)))
    if found:
        tasks(app.env)[app.env.docname] = found


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    tasks(env).pop(docname, None)
    places(env).discard(docname)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    tasks(env).update({name: found for name, found in tasks(other).items() if name in docnames})
    places(env).update(places(other) & docnames)


def reading_order(env: BuildEnvironment, docname: str) -> Iterator[str]:
    yield docname
    for each in env.toctree_includes.get(docname, []):
        yield from reading_order(env, each)


def index(env: BuildEnvironment) -> list[dict]:
    """Each page that asks something, in the book's order: its questions and exercises."""
    pages = []
    for docname in dict.fromkeys(reading_order(env, env.config.root_doc)):
        questions = [[each["slug"], each["kind"]] for each in asked(env).get(docname, [])]
        if questions or tasks(env).get(docname):
            pages.append({"page": docname, "questions": questions, "tasks": tasks(env).get(docname, [])})
    return pages


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that show progress are written anew whenever there is something else to show."""
    now = index(env)
    if now == getattr(env, "gated_index", None):
        return []
    env.gated_index = now
    return sorted(places(env))


def visit_progress(self, node: ProgressNode) -> None:
    env, here = self.builder.env, self.builder.current_docname
    data = [
        {
            "title": env.titles[each["page"]].astext(),
            "url": self.builder.get_relative_uri(here, each["page"]),
            "questions": each["questions"],
            "tasks": each["tasks"],
        }
        for each in index(env)
    ]
    self.body.append(
        f'<div class="way progress-so-far" data-script="progress">\n<p>{escape(NOTHING)}</p>\n'
        f'<script type="application/json">{in_script(data)}</script>\n</div>\n'
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool | int]:
    app.add_node(ProgressNode, html=(visit_progress, None), latex=(skip, None), text=(skip, None))
    app.add_directive("progress", Progress)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", pages_to_write)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
