"""Describe each page by its first paragraph, for search engines and for who shares a link."""

from __future__ import annotations

import html

from docutils import nodes
from sphinx.application import Sphinx

SHORTEST, LONGEST = 40, 160


def description(doctree: nodes.document) -> str:
    """The first paragraph that says something, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if len(text) >= SHORTEST:
            return text if len(text) <= LONGEST else text[: text.rindex(" ", 0, LONGEST)] + " ..."
    return ""


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    text = (
        description(doctree)
        if doctree is not None
        else f"{context.get('title') or pagename.capitalize()}: {app.config.html_title}"
    )
    context["metatags"] = f'{context.get("metatags", "")}<meta name="description" content="{html.escape(text)}" />'


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
