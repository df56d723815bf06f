"""The whole matrix of the site, some minutes: `make test-site`.

Every page is looked at by axe at both widths and in both schemes, and some by Lighthouse, as a phone and as a desk
computer.  Lighthouse's performance depends on what else the machine does: run this on a quiet one.
"""

import json
import shutil
import sys
from pathlib import Path

import pytest
from browsing import SCHEMES, SIZES, violations, watch

ROOT = Path(__file__).resolve().parent.parent
LIGHTHOUSE = Path(__file__).parent / "lighthouse"
SITE = ROOT / "_build" / "html"
PAGES = [path.relative_to(SITE).as_posix() for path in sorted(SITE.glob("book/*.html"))] + ["search.html"]
MEASURED = ["book/intro.html", "book/map.html", "book/gru_cell.html", "book/conventions.html", "book/instructors.html"]
LEAST = {"mobile": 90, "desktop": 98}
SETTLED = 700  # ms that the theme's scripts wait after the width has changed

sys.path.insert(0, str(ROOT / "book"))
from _make import node  # noqa: E402

pytestmark = pytest.mark.site


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_at_any_width(browser, address, page, scheme):
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    traffic = watch(tab, address)
    tab.goto(f"{address}/{page}", wait_until="load")
    for size in SIZES.values():
        tab.set_viewport_size(size)
        tab.wait_for_timeout(SETTLED)
        assert not violations(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert not traffic.errors
    assert not traffic.elsewhere
    context.close()


@pytest.fixture(scope="module")
def measured(address) -> list[dict]:
    """What Lighthouse says of the measured pages."""
    packages = node.packages(LIGHTHOUSE)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    done = node.run(LIGHTHOUSE / "measure.mjs", packages, program, *(f"{address}/{page}" for page in MEASURED))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    for each in found:
        print(each)
    assert len(found) == 2 * len(MEASURED), done.stderr
    return found


@pytest.mark.parametrize("category", ["accessibility", "best-practices", "seo"])
def test_lighthouse_gives_full_marks(measured, category):
    short = [each for each in measured if each[category] < 100]
    assert not short


@pytest.mark.parametrize("form", LEAST)
def test_lighthouse_finds_the_site_quick(measured, form):
    slow = {each["url"]: each["performance"] for each in measured if each["form"] == form}
    assert min(slow.values()) >= LEAST[form], slow
