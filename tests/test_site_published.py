"""The site as it is published: one archive, unpacked under a folder of a plain web server, and the way to Pages."""

import hashlib
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from browsing import SIZES, watch

from autograder.course import find_assignment
from autograder.demo import answer_cells, solved

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "pages.yml"
PAGE = ROOT / "book" / "publishing.md"
PAGES = ("index.html", "book/gru_cell.html", "book/map.html", "book/publishing.html")
SHA = re.compile(r"actions/[\w-]+@[0-9a-f]{40}")
PATIENCE = 60_000  # ms, on a busy machine

sys.path.insert(0, str(ROOT / "book"))
import archive  # noqa: E402


@pytest.fixture(scope="module")
def packed(site, tmp_path_factory) -> Path:
    """The archive of the built site."""
    path = tmp_path_factory.mktemp("archive") / "gated-site.tar.gz"
    archive.pack(site, path)
    return path


@pytest.fixture(scope="module")
def unpacked(packed) -> Path:
    """A folder that holds the site as `gated`, and nothing else of the course."""
    folder = packed.parent / "served"
    with tarfile.open(packed) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def published(unpacked):
    """The site's address at Python's own server, which compresses nothing and sends no header of its own."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(unpacked)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        port = re.search(r"port (\d+)", server.stdout.readline())[1]
        yield f"http://127.0.0.1:{port}/gated"
        server.terminate()


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport=SIZES[1280])
    yield context.new_page()
    context.close()


def test_the_archive_holds_the_whole_site_and_nothing_of_its_machine(site, packed):
    with tarfile.open(packed) as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names)
    own = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()} - {archive.NOT_SITE}
    assert set(names) == {f"gated/{name}" for name in own}
    assert "gated/.nojekyll" in names
    owners = {(each.uid, each.gid, each.uname, each.gname, each.mtime, each.mode) for each in members}
    assert owners == {(0, 0, "", "", archive.DATE, 0o644)}


def test_the_same_site_makes_the_same_archive(site, packed, tmp_path):
    again = tmp_path / "again.tar.gz"
    archive.pack(site, again)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(packed.read_bytes()).digest()


def test_pages_and_the_search_work_from_a_plain_server(tab, published):
    traffic = watch(tab, published)
    for page in PAGES:
        tab.goto(f"{published}/{page}", wait_until="load")
        tab.locator("h1:visible").wait_for()
    tab.goto(f"{published}/search.html?q=reset+gate")
    found = tab.locator("#search-results a").first
    found.wait_for()
    found.click()
    tab.wait_for_url("**/gated/book/*")
    assert not traffic.elsewhere
    assert not traffic.unfound
    assert not traffic.errors


def test_an_exercise_is_checked_from_a_plain_server(tab, published):
    if not (archive.SITE / "py").is_dir():
        pytest.skip("There is no Python in this site's pages.")
    answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in answer_cells(solved_gru_cell())}
    traffic = watch(tab, published)
    tab.goto(f"{published}/book/gru_cell.html")
    box = tab.locator('section.try[data-task="gru_cell.sigmoid"]')
    box.locator("textarea").fill(answers["sigmoid_answer"])
    box.get_by_role("button", name="Check", exact=True).click()
    box.locator(".try-status", has_text="All checks pass").wait_for(timeout=PATIENCE)
    assert not traffic.elsewhere
    assert not traffic.unfound
    assert not traffic.errors


def solved_gru_cell():
    return solved(find_assignment(ROOT, "gru_cell"))


# the way to GitHub Pages


@pytest.fixture(scope="module")
def workflow() -> dict:
    return yaml.safe_load(WORKFLOW.read_text())


def targets(text: str) -> set[str]:
    """The targets of make that a text calls, in code."""
    return set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))


def test_the_workflow_calls_what_there_is(workflow):
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands == ["make site"]
    assert [step["with"]["path"] for step in steps if "pages-artifact" in step.get("uses", "")] == ["_build/html"]


def test_every_target_that_is_named_exists():
    named = targets(PAGE.read_text()) | targets((ROOT / "README.md").read_text()) | {"site"}
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"site", "site-archive", "test-site"} <= named
    assert named <= rules


def test_the_workflow_is_pinned_and_may_do_no_more_than_it_must(workflow):
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(SHA.fullmatch(each) for each in used)
    assert workflow["permissions"] == {}
    allowed = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert allowed == {"build": {"contents": "read"}, "deploy": {"pages": "write", "id-token": "write"}}
