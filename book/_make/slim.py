"""Make the site light: one stylesheet cut to what is used, one script, an icon font of a few glyphs, pictures in time.

The theme brings over a megabyte to every page, most of it for features that this book does not use.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset

from . import node
from .markup import mend

STYLE, SCRIPT = "_static/site.css", "_static/site.js"
LINK = re.compile(r'[ \t]*<link[^>]*href="([^"?]*\.css)[^"]*"[^>]*>\n?')
TAG = re.compile(r'[ \t]*<script[^>]*src="([^"?]*)[^"]*"[^>]*></script>\n?')
PRELOAD = re.compile(r'[ \t]*<link rel="preload" as="script"[^>]*>\n?')
IMAGE = re.compile(r"<img [^>]*>")
SOURCE = re.compile(r'src="([^"?]*)"')
# What the theme and its helpers add to every page, in the order in which it must run.
WANTED = (
    *("documentation_options", "doctools", "sphinx_highlight", "clipboard.min", "copybutton", "sphinx-book-theme"),
    *("bootstrap", "pydata-sphinx-theme", "from_a_folder", "scrollable"),
)
SEARCH = ("searchtools", "language_data", "searchindex")  # the index of the whole book: for the search page alone
# Settings of scripts that are gone, and of what the theme does not ask for.
INLINE = re.compile(
    r"[ \t]*<script>(?:let toggle|var togglebuttonSelector|DOCUMENTATION_OPTIONS\.)[^<]*</script>\n?|"
    r'[ \t]*<meta name="docsearch[^>]*>\n?'
)
PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
NOT_NEEDED = ("**/*.map", "**/*.ttf", "_static/scripts/*", "_static/styles/*", "_static/*.css", "_static/*.js")


def slim(site: Path, packages: Path) -> list[str]:
    """Rewrite the site in place; the problems, a line each."""
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    styles = in_order(links(page, html, LINK, site) for page, html in pages.items())
    scripts = in_order(links(page, html, TAG, site) for page, html in pages.items())
    plan = {
        "styles": sorted(styles, key=lambda name: "katex" not in name),  # before the book's own, which adjusts it
        "scripts": [name for wanted in WANTED for name in scripts if stem(name) == wanted],
        "style": STYLE,
        "script": SCRIPT,
    }
    file = site / "plan.json"
    file.write_text(json.dumps(plan))
    done = node.run(node.HERE / "slim.mjs", site, packages, file)
    file.unlink()
    if done.returncode:
        return done.stderr.strip().splitlines() or ["The site could not be made light; node gave no reason."]
    cut_icons(site, (site / STYLE).read_text(encoding="utf-8"))
    keep = {site / name for name in scripts if stem(name) in SEARCH}
    for pattern in NOT_NEEDED:
        for path in set(site.glob(pattern)) - keep - {site / STYLE, site / SCRIPT}:
            path.unlink()
    style, script = (named_by_content(site / name) for name in (STYLE, SCRIPT))
    for page, html in pages.items():
        page.write_text(rewrite(page, html, site, style, script), encoding="utf-8")
    return []


def stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".js")


def links(page: Path, html: str, tag: re.Pattern, site: Path) -> list[str]:
    """What a page's tags lead to, as paths under the site; not the pages' own scripts."""
    found = ((page.parent / match[1]).resolve().relative_to(site.resolve()).as_posix() for match in tag.finditer(html))
    return [name for name in found if not name.startswith("_js/")]


def in_order(lists: Iterable[list[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


def rewrite(page: Path, html: str, site: Path, style: str, script: str) -> str:
    """A page that asks for the one stylesheet and the one script, and whose markup is mended."""
    up = "../" * (len(page.relative_to(site).parts) - 1)
    if "<head>" not in html or not LINK.search(html):
        return html  # the page that leads to the first
    head = f'<link rel="stylesheet" href="{up}{style}" />\n<script defer src="{up}{script}"></script>\n'
    html = PRELOAD.sub("", html)
    html = LINK.sub("", html)
    html = TAG.sub(lambda match: keep_script(match, page, site), html)
    html = INLINE.sub("", html)
    html = html.replace("</title>", f"</title>\n{head}", 1)
    return mend(with_sizes(html, page), up)


def keep_script(match: re.Match, page: Path, site: Path) -> str:
    """The tag of a page's own script; of the index only where one searches; none of the theme's."""
    name = stem(match[1])
    if "/_js/" in match[1]:
        return match[0].replace("_static/../", "")
    return match[0].replace("<script ", "<script defer ", 1) if name in SEARCH and page.name == "search.html" else ""


def with_sizes(html: str, page: Path) -> str:
    """Give each picture its size, so that nothing jumps, and let those after the first wait until they are near."""
    first = True

    def sized(match: re.Match) -> str:
        nonlocal first
        tag, later, first = match[0], not first, False
        source = SOURCE.search(tag)
        size = svg_size(page.parent / source[1]) if source and source[1].endswith(".svg") else None
        extra = f' width="{size[0]}" height="{size[1]}"' if size and " width=" not in tag else ""
        lazy = ' loading="lazy"' if later and " loading=" not in tag else ""
        return f"<img{extra}{lazy} {tag[5:]}"

    return IMAGE.sub(sized, html)


def svg_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a drawing in CSS pixels."""
    with path.open(encoding="utf-8") as file:
        start = file.read(2000)
    box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', start)
    per_unit = 4 / 3 if re.search(r'width="[\d.]+pt"', start) else 1
    return (round(float(box[1]) * per_unit), round(float(box[2]) * per_unit)) if box else None


def cut_icons(site: Path, css: str) -> None:
    """Keep of each icon font what the stylesheet shows: some forty glyphs of thousands."""
    glyphs = {ord(character) for character in PRIVATE_USE.findall(css)}
    glyphs |= {int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", css)}
    for path in (site / "_static" / "vendor").rglob("*.woff2"):
        options = subset.Options(flavor="woff2", layout_features=["*"])
        font = subset.load_font(str(path), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=glyphs)
        cutter.subset(font)
        subset.save_font(font, str(path), options)


def named_by_content(path: Path) -> str:
    """Rename a file for what is in it, so that a browser may keep it for good; its new name under the site."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    new = path.rename(path.with_name(f"{path.stem}.{digest}{path.suffix}"))
    return f"_static/{new.name}"
