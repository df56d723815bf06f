"""Set the site's formulas with KaTeX, so that a page shows them without a script."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import node


def set_formulas(site: Path, packages: Path) -> list[str]:
    """Set every formula of every page in place; the problems, a line each."""
    katex = packages / "katex"
    done = node.run(node.HERE / "typeset.mjs", site, katex)
    if done.returncode:
        return done.stderr.strip().splitlines() or ["The formulas could not be set; node gave no reason."]
    copy_katex(katex / "dist", site / "_static" / "katex")
    return []


def copy_katex(source: Path, target: Path) -> None:
    """KaTeX's style sheet and its fonts, in the one format that every browser of today reads."""
    (target / "fonts").mkdir(parents=True)
    for font in (source / "fonts").glob("*.woff2"):
        shutil.copy(font, target / "fonts")
    css = (source / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", css)
    (target / "katex.min.css").write_text(css, encoding="utf-8")
