"""The way through the book: questions, the map, and what the landing page says of a reader's progress."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
import yaml
from browsing import violations

ROOT = Path(__file__).resolve().parent.parent
EXTENSIONS = ROOT / "book" / "_ext"
MAP = yaml.safe_load((ROOT / "book" / "map.yml").read_text())
STOPS = {**MAP["chapters"], **{f"do-{name}": each for name, each in MAP["assignments"].items()}}

# The map's file


def test_the_map_has_every_chapter_and_no_assignment_that_there_is_not():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    parts = [part for part in toc["parts"] if part.get("caption", "").startswith("Part ")]
    chapters = [each["file"].removeprefix("book/") for part in parts for each in part["chapters"]]
    assignments = {path.parent.name for path in ROOT.glob("solutions/*/checks.py")}
    assert list(MAP["chapters"]) == chapters
    assert {*MAP["assignments"], *MAP["in_chapters"]} <= assignments
    assert all(each["at"] in chapters for each in MAP["assignments"].values())


def test_what_is_needed_is_on_the_map_and_no_circle_leads_back():
    def above(name, path=()):
        assert name not in path, f"{' needs '.join([*path, name])}"
        return {name}.union(*(above(need, (*path, name)) for need in STOPS[name]["needs"]))

    for name in STOPS:
        above(name)
    for goal in MAP["goals"].values():
        assert goal["to"]
        assert set(goal["to"]) <= set(STOPS)


ALLOWED = {
    "an hour": 60,
    "an hour and a half": 90,
    "two hours": 120,
    "two to three hours": 150,
    "three hours": 180,
}


@pytest.mark.parametrize("name", MAP["assignments"])
def test_an_assignment_takes_the_time_that_its_notebook_allows(name):
    notebook = json.loads((ROOT / "exercises" / name / f"{name}.ipynb").read_text())
    text = " ".join("".join(notebook["cells"][0]["source"]).split())
    said = re.search(r"Allow (?:about )?((?:an|two|three)[a-z ]*?hours?(?: and a half)?)[.,]", text)
    assert MAP["assignments"][name]["minutes"] == ALLOWED[said[1]]


@pytest.fixture(scope="module")
def layout():
    sys.path.insert(0, str(EXTENSIONS))
    import map_layout

    sys.path.remove(str(EXTENSIONS))
    return map_layout


def test_the_picture_has_no_line_behind_a_box_and_each_need_above(layout):
    drawing = layout.draw({name: each["needs"] for name, each in STOPS.items()}, dict.fromkeys(STOPS, 50.0))
    boxes = drawing.boxes
    for one, (left, top, width, height) in boxes.items():
        assert 0 <= left <= left + width <= drawing.width
        assert 0 <= top <= top + height <= drawing.height
        for other, (x, y, w, h) in boxes.items():
            assert one == other or x >= left + width or left >= x + w or y >= top + height or top >= y + h
    for (need, name), path in drawing.lines.items():
        assert boxes[need][1] + boxes[need][3] < boxes[name][1]
        for x, y, to_y in going_down(path):
            behind = [
                box
                for box, (left, top, width, height) in boxes.items()
                if left < x < left + width and y < top + height and top < to_y
            ]
            assert not behind, (need, name, behind)


def going_down(path: str) -> list[tuple[float, float, float]]:
    """The straight pieces of a path, each as x, y and y at its end."""
    pieces, x, y = [], 0.0, 0.0
    for command, values in re.findall(r"([MVC])([^MVC]+)", path):
        *_, last_x, last_y = [x, *map(float, values.split())] if command == "V" else map(float, values.split())
        if command == "V":
            pieces.append((x, y, last_y))
        x, y = last_x, last_y
    return pieces


# The directive


def page(*questions: str) -> str:
    return "# Page\n\n" + "\n\n".join(f":::{{question}} {text}\n:::" for text in questions)


GOOD = """{slug}
Which?

- [x] this

  It is.
- [ ] that

  It is not, by $1 < 2$.
"""
WRONG = {
    "no-right\nWhich?\n\n- [ ] this\n\n  a\n- [ ] that\n\n  b": "no option is marked [x]",
    "two-right\nWhich?\n\n- [x] this\n\n  a\n- [x] that\n\n  b": "2 options are marked [x]",
    "no-reason\nWhich?\n\n- [x] this\n- [ ] that\n\n  b": "option 1 ('this') has no reason",
    "no-mark\nWhich?\n\n- [x] this\n\n  a\n- that\n\n  b": "option 2 must begin with [x] or [ ]",
    "odd\n:kind: riddle\nWhich?\n\n- [x] this\n\n  a\n- [ ] that\n\n  b": "there is no kind 'riddle'",
    "no-list\nWhich?": "it must end with a list of options",
    "nothing-asked\n- [x] this\n\n  a\n- [ ] that\n\n  b": "nothing is asked",
    "Odd Name\nWhich?\n\n- [x] this\n\n  a\n- [ ] that\n\n  b": "its name must be lower-case words",
}


def build(folder: Path) -> str:
    """Build a small book that has our extensions; what Sphinx complains of."""
    (folder / "conf.py").write_text(
        'extensions = ["myst_parser", "questions", "map", "progress"]\nmyst_enable_extensions = ["colon_fence"]\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(folder), str(folder / "out")],
        env={**os.environ, "PYTHONPATH": str(EXTENSIONS)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def asked_of(folder: Path) -> list[tuple[str, list[str]]]:
    """What the first page knows of the others: titles and slugs."""
    html = (folder / "out" / "index.html").read_text()
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])
    return [(each["title"], [slug for slug, _ in each["questions"]]) for each in data]


def test_a_wrong_question_is_named_with_its_line_and_the_others_stand(tmp_path):
    (tmp_path / "index.md").write_text("# Book\n\n```{toctree}\na\nb\n```\n\n:::{progress}\n:::\n")
    (tmp_path / "a.md").write_text(page(*WRONG, GOOD.format(slug="good")))
    (tmp_path / "b.md").write_text(page(GOOD.format(slug="good")))
    said = build(tmp_path)
    for words in [*WRONG.values(), "there is another of this name in a"]:
        assert words in said
    assert len(re.findall(r"\.md:\d+: WARNING: Question", said)) == len(WRONG) + 1
    assert (tmp_path / "out" / "a.html").read_text().count('<section class="question"') == 1

    # Read again, the page forgets what it asked before, and the first page hears of it though it did not change.
    (tmp_path / "a.md").write_text(page(GOOD.format(slug="other"), GOOD.format(slug="more")))
    assert not build(tmp_path)
    assert asked_of(tmp_path) == [("Page", ["other", "more"]), ("Page", ["good"])]
    html = (tmp_path / "out" / "a.html").read_text()
    assert "Question 2 of 2" in html
    (tmp_path / "a.md").write_text("# Page")
    assert not build(tmp_path)
    assert asked_of(tmp_path) == [("Page", ["good"])]


# In a browser


class Asked(HTMLParser):
    """The questions of a built page: slug, kind, and of each option its name, whether it is right, and its reason."""

    def __init__(self, html: str):
        super().__init__()
        self.questions, self.inside = [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "data-question" in values:
            self.questions.append({"slug": values["data-question"], "kind": values["data-kind"], "options": []})
        elif "data-option" in values:
            option = {"name": values["data-option"], "right": "data-right" in values, "reason": ""}
            self.questions[-1]["options"].append(option)
        elif tag == "p" and "question-verdict" in (values.get("class") or ""):
            self.inside = 1

    def handle_data(self, data):
        if self.inside and not data.startswith(("Right.", "Not right.")):
            self.questions[-1]["options"][-1]["reason"] += data

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "details"


@pytest.fixture(scope="module")
def asking(site) -> tuple[str, list[dict]]:
    """A page that asks, a chapter if one does, and what it asks."""
    found = {
        name: Asked((site / "book" / f"{name}.html").read_text()).questions for name in [*MAP["chapters"], "intro"]
    }
    return next((name, asked) for name, asked in found.items() if any(each["kind"] != "predict" for each in asked))


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 390, "height": 800}, accept_downloads=True)
    yield context.new_page()
    context.close()


def tab_to(tab, css: str, at_most: int = 40) -> None:
    """Press the tab key until something that fits is in focus."""
    for _ in range(at_most):
        tab.keyboard.press("Tab")
        if tab.evaluate("css => document.activeElement.matches(css)", css):
            return
    raise AssertionError(f"The tab key does not lead to {css}.")


def choose(tab, slug: str, place: int) -> None:
    """Answer a question by keyboard, its first radio button being in focus."""
    tab.keyboard.press("Space")
    for _ in range(place):
        tab.keyboard.press("ArrowDown")
    tab_to(tab, f"#question-{slug} button", 3)
    tab.keyboard.press("Enter")


def words(text: str) -> str:
    return re.sub(r"\W+", "", text)


def test_a_question_is_answered_wrong_and_right_by_keyboard_and_is_kept(tab, address, asking):
    chapter, questions = asking
    question = next(each for each in questions if each["kind"] != "predict")
    slug, options = question["slug"], question["options"]
    right = next(place for place, option in enumerate(options) if option["right"])
    wrong = (right + 1) % len(options)
    tab.goto(f"{address}/book/{chapter}.html#question-{slug}")  # where the tab key goes on from
    result = tab.locator(f"#question-{slug} .question-result")
    tab_to(tab, f"#question-{slug} input")
    choose(tab, slug, wrong)
    assert result.get_attribute("role") == "status"
    assert "Not right." in result.inner_text()
    assert words(options[wrong]["reason"])[:40] in words(result.text_content())
    assert words(options[right]["reason"])[:40] not in words(result.text_content())

    tab.keyboard.press("Enter")  # try again: the focus is on the options
    assert not result.inner_text()
    choose(tab, slug, right)
    assert result.inner_text().startswith("Right.")
    assert words(options[right]["reason"])[:40] in words(result.text_content())

    tab.reload()
    assert result.inner_text().startswith("Right.")
    if len(questions) > 1:
        assert f"1 of the {len(questions)} question" in tab.locator(".question-count").inner_text()
    tab.goto(f"{address}/book/intro.html")
    assert "1 of " in tab.locator(".progress-so-far > p:visible").first.inner_text()
    item = tab.locator(".progress-list li")
    assert item.count() == 1
    assert f"1 of {len(questions)} question" in item.inner_text()
    if len(questions) > 1:
        assert tab.locator(".progress-next a").get_attribute("href").startswith(f"{chapter}.html#question-")


def test_an_exercise_counts_when_its_check_has_passed(tab, address, site):
    html = (site / "book" / "intro.html").read_text()
    pages = json.loads(re.search(r'progress-so-far.*?<script type="application/json">(.*?)</script>', html, re.S)[1])
    first = next(page for page in pages if page["tasks"])
    assert f'id="try-{first["tasks"][0].replace(".", "-")}"' in (site / "book" / first["url"]).read_text()
    keep = (
        "([task, passed]) => localStorage.setItem(`gated:task:${task}`, JSON.stringify({ passed, code: '', hints: 0 }))"
    )
    tab.goto(f"{address}/book/intro.html")
    tab.evaluate(keep, [first["tasks"][0], False])
    tab.reload()
    assert not tab.locator(".progress-list li").count()
    tab.evaluate(keep, [first["tasks"][0], True])
    tab.reload()
    count = len(first["tasks"])
    assert f"1 of {count} exercise" in tab.locator(".progress-list li").inner_text()


def test_a_prediction_is_made_before_the_truth_is_told(tab, address, site):
    for chapter in MAP["chapters"]:
        asked = Asked((site / "book" / f"{chapter}.html").read_text()).questions
        question = next((each for each in asked if each["kind"] == "predict"), None)
        if question:
            break
    else:
        pytest.skip("No chapter asks for a prediction.")
    section = f"#question-{question['slug']}"
    tab.goto(f"{address}/book/{chapter}.html{section}")
    form = tab.locator(f"{section} form")
    reasons = [words(option["reason"])[:40] for option in question["options"]]
    assert not any(reason in words(form.text_content()) for reason in reasons)
    tab.keyboard.press("Tab")
    form.get_by_role("button").click()
    assert "Choose one of the options first." in form.inner_text()
    form.locator("input").last.check()
    form.get_by_role("button").click()
    assert all(reason in words(form.text_content()) for reason in reasons)


def shortest(goals: list[str], known: set[str]) -> set[str]:
    wanted, waiting = set(), list(goals)
    while waiting:
        name = waiting.pop()
        if name not in known | wanted:
            wanted.add(name)
            waiting += STOPS[name]["needs"]
    return wanted


def shown_way(tab) -> list[str]:
    """The steps that the page lists, checked against what its picture lights."""
    lit = tab.evaluate(
        """() => [...document.querySelectorAll('.map [data-stop][data-way]')]
          .map((box) => [Number(box.querySelector('.map-mark').textContent), box.dataset.stop])
          .sort(([one], [other]) => one - other)
          .map(([, name]) => name)"""
    )
    links = [link.get_attribute("href") for link in tab.locator(".map-steps a").all()]
    pages = [f"{name}.html" if name in MAP["chapters"] else f"{STOPS[name]['at']}.html" for name in lit]
    assert [link.partition("#")[0] for link in links] == pages
    return lit


def check_way(tab, goals: list[str], known: set[str]) -> None:
    way, wanted = shown_way(tab), shortest(goals, known)
    assert set(way) == wanted
    assert all(way.index(need) < way.index(name) for name in way for need in STOPS[name]["needs"] if need in wanted)
    minutes = sum(STOPS[name]["minutes"] for name in wanted)
    said = tab.locator(".map-way").inner_text()
    hours = re.search(r"(?:(\d+)\sh)?\s?(?:(\d+)\smin)?\.$", said)
    assert 60 * int(hours[1] or 0) + int(hours[2] or 0) == minutes
    needed = {(need, name) for name in wanted for need in STOPS[name]["needs"] if need in wanted}
    lines = tab.evaluate(
        "() => [...document.querySelectorAll('path[data-way]')].map(({ dataset }) => [dataset.from, dataset.to])"
    )
    assert {tuple(line) for line in lines} <= needed
    assert {name for pair in lines for name in pair} == (wanted if len(wanted) > 1 else set())


def test_the_map_lights_the_shortest_way_by_keyboard(tab, address):
    tab.goto(f"{address}/book/map.html")
    tab_to(tab, "#map-goal", 80)
    for place, goal in enumerate(MAP["goals"].values(), start=1):
        tab.keyboard.press("ArrowDown")
        assert tab.locator("#map-goal").evaluate("select => select.selectedIndex") == place
        check_way(tab, goal["to"], set())
    last = list(MAP["goals"])[-1]
    assert tab.url.endswith(f"#goal=to-{last}")

    # "I know this", at the first step and then at the one that takes its place
    known = set()
    tab_to(tab, ".map-steps input", 4)
    for _ in range(2):
        first = shown_way(tab)[0]
        tab.keyboard.press("Space")
        known.add(first)
        check_way(tab, MAP["goals"][last]["to"], known)
        assert tab.evaluate("() => document.activeElement.matches('.map-steps input')")
    tab.reload()
    check_way(tab, MAP["goals"][last]["to"], known)
    assert tab.locator(".map-list input:checked").count() == len(known)
    tab.locator(".map-list [data-stop=do-gru_layer] > p button").press("Enter")
    assert tab.url.endswith("#goal=do-gru_layer")
    check_way(tab, ["do-gru_layer"], known)


def test_every_chapter_asks_at_least_five_questions_of_three_kinds(site):
    for name in MAP["chapters"]:
        asked = Asked((site / "book" / f"{name}.html").read_text()).questions
        assert len(asked) >= 5, name
        assert len({each["kind"] for each in asked}) >= 3, name
        assert all(option["reason"].strip() for each in asked for option in each["options"]), name


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing_where_something_is_answered_and_lit(browser, address, asking, width, scheme):
    chapter, questions = asking
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab = context.new_page()
    tab.goto(f"{address}/book/{chapter}.html")
    for question in questions:
        tab.locator(f"#question-{question['slug']} input").first.check()
        tab.locator(f"#question-{question['slug']} form button[type=submit]").click()
    assert not violations(tab)
    tab.goto(f"{address}/book/map.html#goal=do-conventions")
    tab.locator(".map-list [data-stop=sequences] > p input").check()
    tab.get_by_text("Keep what I have marked").click()
    assert not violations(tab)
    tab.goto(f"{address}/book/intro.html")
    tab.locator(".two-units input").press("ArrowLeft")
    assert not violations(tab)
    context.close()


def test_what_is_kept_can_be_saved_erased_and_loaded(tab, address, tmp_path):
    tab.goto(f"{address}/book/map.html#goal=lstm")
    tab.locator(".map-list [data-stop=bptt] > p input").check()
    tab.get_by_text("Keep what I have marked").click()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name="Save as a file").click()
    file = tmp_path / "saved.json"
    saved.value.save_as(file)
    assert json.loads(file.read_text())["entries"] == {"known:bptt": True}
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Erase all").click()
    check_way(tab, ["lstm"], set())
    tab.locator(".way-keeping input[type=file]").set_input_files(file)
    tab.wait_for_function("() => document.querySelector('.way-said').textContent.includes('taken in')")
    check_way(tab, ["lstm"], {"bptt"})
    file.write_text('{"entries": {"known:bptt": "<b>"}}')
    tab.locator(".way-keeping input[type=file]").set_input_files(file)
    tab.wait_for_function("() => document.querySelector('.way-said').textContent.includes('not a file')")


def test_where_nothing_can_be_kept_all_works_until_the_page_is_left(tab, address, asking):
    tab.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(f"{address}/book/map.html#goal=lstm")
    tab.locator(".map-list [data-stop=bptt] > p input").check()
    check_way(tab, ["lstm"], {"bptt"})
    assert not [error for error in errors if "map" in error]


def test_without_javascript_all_can_be_read(browser, address, asking):
    chapter, questions = asking
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{address}/book/{chapter}.html")
    for question in questions:
        section = tab.locator(f"#question-{question['slug']}")
        for place, option in enumerate(question["options"]):
            item = section.locator("li[data-option]").nth(place)
            assert item.locator(".question-choice").is_visible()
            item.locator("summary").first.click()
            assert item.locator(".question-reason").is_visible()
            assert ("Not right." in item.inner_text()) != option["right"]
    tab.goto(f"{address}/book/map.html")
    assert tab.locator(".map svg rect:visible").count() == len(STOPS)
    for name, stop in STOPS.items():
        item = tab.locator(f".map-list [data-stop={name}] > p")
        assert item.is_visible()
        assert item.locator("a").count() == 1 + len(stop["needs"])
    tab.goto(f"{address}/book/intro.html")
    assert tab.locator(".progress-so-far p").is_visible()
    assert not tab.locator(".progress-so-far button").count()
    context.close()


@pytest.mark.parametrize("bias", [-2, 0.5, 7])
def test_the_gate_of_the_landing_page_agrees_with_torch(tab, address, bias):
    tab.goto(f"{address}/book/intro.html#gate={bias}")
    given = json.loads(tab.locator(".two-units script").text_content())
    x, told = torch.tensor(given["x"], dtype=torch.float64), given["told"]
    mark = torch.zeros_like(x)
    mark[told] = 1
    cell = torch.nn.GRUCell(2, 1, dtype=torch.float64)  # reads the input and the mark; one unit
    state = torch.zeros(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.weight_ih[1:] = torch.tensor([[0.0, -14.0], [1.0, 0.0]])
        cell.bias_ih[1] = bias
        for inputs in torch.stack([x, mark], dim=1):
            state = cell(inputs[None], state)
    shown = float(tab.locator(".two-units output").get_attribute("data-state"))
    assert shown == pytest.approx(state.item(), abs=1e-12)


def test_the_ways_scripts_are_small(site):
    for name in ("questions", "map", "progress", "two_units"):
        assert (site / "_js" / f"{name}.js").stat().st_size <= 15_000
