"""The exercises in the pages: Python in a worker, the notebook's own check, and an editor that loses nothing."""

import functools
import gzip
import html
import itertools
import json
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from browsing import SIZES, violations, watch

from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.demo import answer_cells, solved
from autograder.source import read_source

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
SECTION = re.compile(
    r'<section class="try"[^>]*data-task="([\w.]+)".*?<script type="application/json">(.*?)</script>', re.DOTALL
)
FIRST_VISIT = 12_000_000  # bytes that Python costs, once
LINE = 25  # characters that make a line of the key telling
PATIENCE = 60_000  # ms, on a busy machine
# A browser's arithmetic raises no flags, so its NumPy cannot warn of what is wrong with these; the page says so.
UNSEEN = {"sigmoid_overflows", "sigmoid_inf_over_inf"}

# Asks the worker itself, so that one Python answers for all pages.
ASK = """async ({ address, requests }) => {
  const worker = new Worker(`${address}/_js/page_worker.js`);
  const answers = [];
  for (const [id, request] of requests.entries()) {
    answers.push(await new Promise((done, failed) => {
      worker.onmessage = ({ data }) => {
        if (data.id === id) done(data.answer);
        if (data.kind === "broken") failed(new Error(data.words));
      };
      worker.postMessage({ id, ...request });
    }));
  }
  worker.terminate();
  return answers;
}"""


def exercises() -> dict[str, tuple[str, dict]]:
    """Every exercise in a page: where it is, and what the page was given."""
    found = {}
    for page in sorted(SITE.glob("book/*.html")):
        for key, given in SECTION.findall(page.read_text(encoding="utf-8")):
            found[key] = (f"book/{page.name}", json.loads(html.unescape(given).replace("<\\/", "</")))
    return found


EXERCISES = exercises() if SITE.is_dir() else {}
pytestmark = pytest.mark.skipif(not (SITE / "py").is_dir(), reason="There is no site with Python in its pages.")


@functools.cache
def catalogue(assignment: str) -> Catalogue:
    return Catalogue(find_assignment(ROOT, assignment))


@functools.cache
def answers_of(assignment: str) -> dict[str, str]:
    cells = answer_cells(solved(find_assignment(ROOT, assignment)))
    return {cell.metadata.nbgrader.grade_id.removesuffix("_answer"): cell.source for cell in cells}


def wrong_answers(assignment: str, task: str) -> list[tuple[str, str]]:
    """Two of the task's known mistakes, by name, as code."""
    own = (each for each in catalogue(assignment).mistakes if each.task == task and not each.of)
    seen = (each for each in own if each.name not in UNSEEN)
    return [(each.name, each.sources[task]) for each in itertools.islice(seen, 2)]


def requests_for(key: str) -> list[tuple[str, dict]]:
    """What is to be named ("" for a right answer), and what to ask the worker."""
    (assignment, task), given = key.split("."), EXERCISES[key][1]
    right = answers_of(assignment)
    earlier = [right[name] for name, _ in given["earlier"]]
    request = {"kind": "check", "assignment": assignment, "task": task, "setup": given["setup"], "earlier": earlier}
    tries = [("", right[task]), *wrong_answers(assignment, task)]
    return [(name, {**request, "code": code}) for name, code in tries]


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport=SIZES[1280])
    yield context.new_page()
    context.close()


def test_every_chapter_has_an_exercise():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = {f"{each['file']}.html" for part in toc["parts"] if part.get("numbered") for each in part["chapters"]}
    assert chapters <= {page for page, _ in EXERCISES.values()}


def test_a_right_answer_passes_everywhere_and_two_mistakes_are_named(tab, address):
    tab.goto(f"{address}/index.html")
    tab.wait_for_url("**/intro.html")
    tries = [(key, name, request) for key in EXERCISES for name, request in requests_for(key)]
    given = {"address": address, "requests": [request for *_, request in tries]}
    got = tab.evaluate(ASK, given)
    seen = [(key, name, answer["passed"], answer["mistake"]) for (key, name, _), answer in zip(tries, got, strict=True)]
    assert seen == [(key, name, not name, name) for key, name, _ in tries]


def exercise(tab, address: str, key: str, query: str = ""):
    page, _ = EXERCISES[key]
    tab.goto(f"{address}/{page}{query}")
    return tab.locator(f'section.try[data-task="{key}"]')


def press(box, name: str) -> None:
    box.get_by_role("button", name=name, exact=True).click()


def write(box, code: str) -> None:
    """As a reader who pastes; the text area becomes an editor when it is entered."""
    box.locator("textarea").evaluate(
        "(area, code) => { area.value = code; area.dispatchEvent(new Event('input')); }", code
    )


def test_a_reader_writes_is_told_the_mistake_mends_it_and_takes_it_along(tab, address):
    traffic = watch(tab, address)
    box = exercise(tab, address, "rnn.rnn_cell")
    before = traffic.text
    (name, wrong), _ = wrong_answers("rnn", "rnn_cell")
    write(box, wrong)
    press(box, "Check")
    box.locator(".try-status", has_text="Not right yet").wait_for(timeout=PATIENCE)
    assert name.replace("_", " ") in box.locator(".try-result").inner_text()
    assert traffic.text - before <= FIRST_VISIT
    assert not traffic.elsewhere
    assert not violations(tab)

    tab.reload()  # what was written is still there
    assert box.locator("textarea").input_value() == wrong
    right = answers_of("rnn")["rnn_cell"]
    write(box, right)
    press(box, "Check")
    box.locator(".try-status", has_text="All checks pass").wait_for(timeout=PATIENCE)
    assert box.locator(".try-state").inner_text() == "passed"

    with tab.expect_download() as download:
        press(box, "Download as notebook")
    notebook = nbformat.read(download.value.path(), 4)
    nbformat.validate(notebook)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
    assert cells["rnn_cell_answer"] == right
    assert "NotImplementedError" in cells["rnn_forward_answer"]
    assert not traffic.errors


def test_a_loop_without_end_is_stopped_by_the_button_and_by_the_clock(tab, address):
    box = exercise(tab, address, "gru_cell.sigmoid", "?limit=2")
    write(box, "print('so far')\nwhile True:\n    pass")
    press(box, "Run")
    box.locator(".try-status", has_text="Running").wait_for(timeout=PATIENCE)
    press(box, "Stop")
    assert "Stopped. Your code is as it was." in box.locator(".try-status").inner_text()
    press(box, "Run")
    box.locator(".try-status", has_text="Stopped after 2 seconds").wait_for(timeout=PATIENCE)
    write(box, "print(np.arange(3) + 1)")
    press(box, "Run")
    box.locator(".try-result", has_text="[1 2 3]").wait_for(timeout=PATIENCE)


def test_what_cannot_be_seen_in_a_browser_is_said(tab, address):
    box = exercise(tab, address, "gru_cell.sigmoid")
    write(box, answers_of("gru_cell")["sigmoid"])
    press(box, "Check")
    box.locator(".try-result", has_text="never warns of an overflow").wait_for(timeout=PATIENCE)


def test_an_error_is_told_with_the_readers_own_line(tab, address):
    box = exercise(tab, address, "gru_cell.sigmoid")
    write(box, "def sigmoid(a):\n    return a / nothing\n\nsigmoid(1)")
    press(box, "Run")
    result = box.locator(".try-result pre")
    result.wait_for(timeout=PATIENCE)
    told = result.inner_text()
    assert "line 2: return a / nothing" in told
    assert "NameError: name 'nothing' is not defined" in told
    assert "page.py" not in told


def test_hints_open_one_at_a_time_and_stay_open(tab, address):
    box = exercise(tab, address, "bptt.rnn_cell_backward")
    hints = box.locator(".try-hint:visible")
    assert hints.count() == 0
    press(box, "Hint")
    assert hints.count() == 1
    tab.reload()
    assert hints.count() == 1


def test_the_editor_can_be_left_by_keyboard(tab, address):
    box = exercise(tab, address, "gru_cell.sigmoid")
    box.locator("textarea").focus()
    editor = box.locator(".cm-content")
    editor.wait_for()
    editor.press("Tab")
    assert editor.evaluate("element => element === document.activeElement")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Tab")
    assert box.get_by_role("button", name="Run").evaluate("element => element === document.activeElement")
    assert not violations(tab)


def test_where_python_cannot_run_the_page_says_so(tab, site):
    tab.goto(f"{site.as_uri()}/book/gru_cell.html")
    box = tab.locator("section.try").first
    assert "only when a server sends it" in box.locator(".try-status").inner_text()
    assert box.get_by_role("button", name="Check").is_disabled()
    assert box.locator(".try-where a").is_visible()


def test_without_javascript_there_are_the_stub_and_the_hints(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    box = exercise(tab, address, "bptt.rnn_cell_backward")
    assert "def rnn_cell_backward" in box.locator("pre.try-stub").inner_text()
    assert box.locator("details.try-hint").count() > 0
    context.close()


def test_the_page_receives_no_line_of_the_key(site):
    """Neither in what Python loads nor in the pages' own data, as in what learners download."""
    shown = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "exercises").rglob("*.ipynb"))
    ours = (path for path in (site / "py").glob("*.zip.packed") if path.stem not in ("numpy.zip", "python_stdlib.zip"))
    received = "\n".join(gzip.decompress(path.read_bytes()).decode("latin-1") for path in ours)
    received += "".join(json.dumps(given) for _, given in EXERCISES.values())
    assert "def judge(" in received
    for name in {key.partition(".")[0] for key in EXERCISES}:
        assignment = find_assignment(ROOT, name)
        secret = [line for cell in answer_cells(read_source(assignment.source)) for line in key_lines(cell.source)]
        secret += [line.strip() for line in assignment.checks.read_text().splitlines()]
        secret += [line.strip() for line in (assignment.folder / "mistakes.py").read_text().splitlines()]
        told = [line for line in secret if len(line) >= LINE and line in received and line not in shown]
        assert not [line for line in told if not line.startswith(("from ", "import "))], name


def key_lines(source: str) -> list[str]:
    _, _, solution = source.partition("### BEGIN SOLUTION")
    return [line.strip() for line in solution.partition("### END SOLUTION")[0].splitlines()]
