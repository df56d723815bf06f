"""Leave Thebe out of the pages.

Jupyter Book loads Thebe, which runs a page's code on a remote kernel, on every page, and twice.  This book does not use
it: without it no page names another host, and the browser's console stays empty.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def is_thebe(file: object) -> bool:
    """Whether a script or style sheet, from a file or written in place, is Thebe's."""
    return "thebe" in f"{getattr(file, 'filename', file)} {getattr(file, 'attributes', '')}".lower()


def leave_out(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not is_thebe(file)]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("html-page-context", leave_out, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
