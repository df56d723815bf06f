"""Print the built site into one PDF: _build/gated.pdf.

Each page is printed by headless Chromium, without scripts and with all that is folded opened, in the book's order.
Then the pages are put together: numbered through, with an outline, and with links between chapters that stay in the
file.  Needs Chromium (Debian: apt install chromium) and the built site (python book/build.py).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from playwright.sync_api import Browser, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject
from rich.progress import track

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
MARGIN = {"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"}
NUMBERED = """<style>
@page {{ @bottom-center {{ content: counter(page); font: 9pt sans-serif; }} }}
html {{ counter-reset: page {first}; }}
details::details-content {{ content-visibility: visible; }}
</style>
</head>"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "gated.pdf", help="default: _build/gated.pdf")
    parser.add_argument("--only", nargs="*", metavar="PAGE", help="these pages alone, book/gru_cell say")
    options = parser.parse_args(arguments)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not SITE.is_dir():
        print("There is no site to print. Build it first: python book/build.py", file=sys.stderr)
        return 2
    if not program:
        print("There is no Chromium to print with. On Debian: apt install chromium", file=sys.stderr)
        return 2
    names = [page for page in in_order() if not options.only or page in options.only]
    with served() as address, sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=program, args=["--no-sandbox"])
        parts = printed(browser, address, names)
        browser.close()
    count = put_together(parts, address, options.out)
    print(f"{count} pages: {options.out}")
    return 0


def in_order() -> list[str]:
    """The book's pages, as its table of contents has them."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


class Numbering(SimpleHTTPRequestHandler):
    """Serves the site; a page that is asked for with ?first=N numbers its pages from N + 1."""

    def do_GET(self) -> None:
        path, _, first = self.path.partition("?first=")
        file = Path(self.translate_path(path))
        if not first or not file.is_file():
            super().do_GET()
            return
        body = file.read_text(encoding="utf-8").replace("</head>", NUMBERED.format(first=int(first)), 1).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The site's address while the block lasts: a page read from a file could not be told from one elsewhere."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Numbering, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def printed(browser: Browser, address: str, names: list[str]) -> dict[str, PdfReader]:
    """Each page printed, its pages numbered on from those before."""
    parts: dict[str, PdfReader] = {}
    first = 0
    for name in track(names, "printing", disable=not sys.stderr.isatty()):
        tab = browser.new_page(java_script_enabled=False, color_scheme="light")
        tab.goto(f"{address}/{name}.html?first={first}")
        content = tab.pdf(format="A4", margin=MARGIN, print_background=True, tagged=True)
        tab.close()
        parts[name] = PdfReader(io.BytesIO(content))
        first += len(parts[name].pages)
    return parts


def put_together(parts: dict[str, PdfReader], address: str, out: Path) -> int:
    """One file with an outline; links from chapter to chapter lead within it.  How many pages it has."""
    writer = PdfWriter()
    starts: dict[str, int] = {}
    for name, part in parts.items():
        starts[name] = len(writer.pages)
        writer.append(part, import_outline=False)
        writer.add_outline_item(title=title_of(name), page_number=starts[name])
    for page in writer.pages:
        for link in links(page):
            target = target_of(str(link["/A"]["/URI"]), address)
            if target:
                del link["/A"]
            if target in starts:
                page_there = writer.pages[starts[target]].indirect_reference
                link[NameObject("/Dest")] = ArrayObject([page_there, NameObject("/Fit")])
    writer.add_metadata({"/Title": title_of(next(iter(parts))), "/Author": "The Gated authors"})
    out.parent.mkdir(parents=True, exist_ok=True)
    writer.write(out)
    return len(writer.pages)


def title_of(name: str) -> str:
    """A page's title, with its number."""
    html = (SITE / f"{name}.html").read_text(encoding="utf-8")
    return re.search(r"<title>(.*?)(?: &#8212; .*)?</title>", html)[1].replace("&amp;", "&")


def links(page: DictionaryObject) -> Iterator[DictionaryObject]:
    """The page's links to addresses."""
    for each in page.get("/Annots", ArrayObject()):
        link = each.get_object()
        if link.get("/Subtype") == "/Link" and "/URI" in link.get("/A", {}):
            yield link


def target_of(url: str, address: str) -> str:
    """The page of the book that an address is of, or ""."""
    return unquote(urlsplit(url).path).strip("/").removesuffix(".html") if url.startswith(address) else ""


if __name__ == "__main__":
    sys.exit(main())
