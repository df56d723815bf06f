"""The pages' own scripts: each entry of `book/_js/` becomes one small file under `_js/`.

`book/_ext/scripts.py` has put the tags in the pages.  Bundled, a script is a classic one, which runs from any folder
and from `file://`.  Without Node the modules are copied as they are: they need a server, and more requests.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import node

SOURCES = node.HERE.parent / "_js"
TAG = re.compile(r'<script defer="defer" (src="[^"]*_js/\w+\.js[^"]*")>')


def bundle_scripts(site: Path, packages: Path) -> list[str]:
    """Bundle and minify every entry; the problems, a line each."""
    done = node.run(node.HERE / "bundle.mjs", SOURCES, site / "_js", packages)
    return [] if not done.returncode else done.stderr.strip().splitlines() or ["The scripts could not be bundled."]


def copy_scripts(site: Path) -> None:
    """The modules as they are, and tags that say so."""
    shutil.copytree(SOURCES, site / "_js")
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        if TAG.search(html):
            page.write_text(TAG.sub(r'<script type="module" \1>', html), encoding="utf-8")
