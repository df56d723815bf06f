"""Load a script on the pages that need it, and on no other; and on every page what lies in `book/_static/`.

An element with `data-script="NAME"` asks for `book/_js/NAME.js`.  A name without such a file is a warning, and so
fails the build.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

WANTED = re.compile(r'\bdata-script="([^"]*)"')
logger = logging.getLogger(__name__)


def add_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    for name in sorted(set(WANTED.findall(context.get("body", "")))):
        if not Path(app.srcdir, app.config.scripts_folder, f"{name}.js").is_file():
            logger.warning(f"data-script names {name!r}, and there is no {app.config.scripts_folder}/{name}.js")
        app.add_js_file(f"../_js/{name}.js", loading_method="defer")


def add_for_all(app: Sphinx) -> None:
    """The styles and scripts of `book/_static/`."""
    for folder in app.config.html_static_path:
        for path in sorted(Path(app.srcdir, folder).glob("*.css")):
            app.add_css_file(path.name)
        for path in sorted(Path(app.srcdir, folder).glob("*.js")):
            app.add_js_file(path.name, loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_config_value("scripts_folder", "book/_js", "")
    app.connect("builder-inited", add_for_all)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
