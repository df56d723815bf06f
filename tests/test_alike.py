"""`autograder alike`: copies in disguise are listed, independent answers are not, and bad input stops nothing."""

import copy
import csv
import json
import random
import sys
from pathlib import Path

import nbformat
import pytest
from browsing import SIZES, violations
from running import COURSE, run, run_well

from autograder.course import assignment_names, find_assignment
from autograder.demo import answer_cells, solved, written_otherwise

sys.path.append(str(COURSE / "benchmarks"))
from rewriting import disguised, individual

PROSE = """The forget gate decides how much of the cell remains, and since it multiplies again and again, a value a bit
under one already makes an old item fade after some dozens of steps. The output gate is only a curtain: what it hides
is still there and comes back when the curtain is drawn, which no other gate can do for it. That is all I have."""


@pytest.fixture(scope="module")
def lstm():
    return find_assignment(COURSE, "lstm")


def variant(assignment, style: str):
    return written_otherwise(assignment, (assignment.folder / "variants" / f"{style}.py").read_text())


def rewritten(notebook, rewrite, seed: int):
    made, chance = copy.deepcopy(notebook), random.Random(seed)
    for cell in answer_cells(made):
        cell.source = rewrite(cell.source, chance)
    return made


def own(assignment, style: str):
    """An answer of somebody's own, in one of the styles."""
    return rewritten(variant(assignment, style), individual, 0)


def copied(notebook, seed: int):
    """The same answers under other names, with other comments and layout."""
    return rewritten(notebook, disguised, seed)


def with_prose(notebook, prose: str):
    made = copy.deepcopy(notebook)
    cell = next(cell for cell in made.cells if cell.cell_type == "markdown" and "nbgrader" in cell.metadata)
    cell.source = prose
    return made


def hand_in(notebook, folder: Path, student: str, name: str) -> Path:
    place = folder / student / name / f"{name}.ipynb"
    place.parent.mkdir(parents=True)
    if isinstance(notebook, bytes):
        place.write_bytes(notebook)
    else:
        nbformat.write(notebook, place)
    return place


def pairs_in(out: Path) -> set[frozenset[str]]:
    told = json.loads((out / "alike.json").read_text())
    return {frozenset((pair["first"], pair["second"])) for each in told for pair in each["pairs"]}


def test_right_answers_in_every_style_are_not_alike(tmp_path):
    for name in assignment_names(COURSE):
        assignment = find_assignment(COURSE, name)
        hand_in(solved(assignment), tmp_path / "submitted", "solution", name)
        for path in assignment.variants:
            hand_in(variant(assignment, path.stem), tmp_path / "submitted", path.stem, name)
    run_well("autograder", "alike", tmp_path / "submitted", "--out", tmp_path / "alike")
    assert pairs_in(tmp_path / "alike") == set()
    assert len(json.loads((tmp_path / "alike" / "alike.json").read_text())) == len(assignment_names(COURSE))


@pytest.fixture(scope="module")
def mixed(lstm, tmp_path_factory):
    """A class with copies, names that attack, and notebooks that are broken."""
    folder = tmp_path_factory.mktemp("alike")
    submitted = folder / "submitted"
    for path in lstm.variants:
        hand_in(own(lstm, path.stem), submitted, path.stem, "lstm")
    hand_in(copied(own(lstm, "classes"), 0), submitted, "=HYPERLINK(1)", "lstm")
    for seed, student in enumerate(["<img src=x onerror=alert(1)>", "third"], 1):
        hand_in(copied(own(lstm, "loops"), seed), submitted, student, "lstm")
    hand_in(with_prose(solved(lstm), PROSE), submitted, "writes", "lstm")
    hand_in(with_prose(solved(lstm), "* " + PROSE.upper().replace(",", "")), submitted, "writes-too", "lstm")
    broken = [copy.deepcopy(variant(lstm, "einsum")) for _ in range(2)]
    for notebook, name in zip(broken, ("step", "do_it"), strict=True):
        cell = answer_cells(notebook)[0]
        cell.source = f"def {name}(:\n    {name} = {name} +\n" + cell.source.replace("einsum", "ein sum")
    hand_in(broken[0], submitted, "broken", "lstm")
    hand_in(broken[1], submitted, "broken-too", "lstm")
    hand_in(b"no notebook", submitted, "not-json", "lstm")
    huge = solved(lstm)
    answer_cells(huge)[0].source = "x = 1\n" * 50_000
    hand_in(huge, submitted, "huge", "lstm")
    deep = solved(lstm)
    answer_cells(deep)[0].source = "x = " + "-" * 40_000 + "1\ny = " + "+".join("1" * 20_000)
    hand_in(deep, submitted, "deep", "lstm")
    (submitted / "absent").mkdir()
    done = run("autograder", "alike", submitted, "--out", folder / "out", PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stderr
    return folder / "out", done


PLANTED = [
    {"classes", "=HYPERLINK(1)"},
    {"loops", "<img src=x onerror=alert(1)>"},
    {"loops", "third"},
    {"third", "<img src=x onerror=alert(1)>"},
    {"writes", "writes-too"},
    {"broken", "broken-too"},
]


def test_copies_in_disguise_are_listed_and_nothing_else(mixed):
    assert pairs_in(mixed[0]) == set(map(frozenset, PLANTED))


def test_three_who_are_alike_are_one_group(mixed):
    (told,) = json.loads((mixed[0] / "alike.json").read_text())
    assert told["groups"] == [sorted({"loops", "third", "<img src=x onerror=alert(1)>"})]
    assert (mixed[0] / "index.html").read_text().count("Group of 3") >= 1


def test_what_cannot_be_compared_is_named(mixed):
    out, done = mixed
    (told,) = json.loads((out / "alike.json").read_text())
    assert {each["student"] for each in told["left_out"]} == {"not-json", "huge"}
    assert told["missing"] == 1
    assert "2 notebooks or cells could not be compared" in done.stderr
    assert "not-json: The notebook is not JSON" in (out / "index.html").read_text()


def test_names_run_nothing(mixed):
    pages = [mixed[0] / "index.html", *(mixed[0] / "pairs").iterdir()]
    assert len(pages) == 1 + len(PLANTED)
    assert all("<img" not in page.read_text() for page in pages)
    with (mixed[0] / "alike.csv").open(newline="") as file:
        names = {row["first"] for row in csv.DictReader(file)}
    assert "'=HYPERLINK(1)" in names
    assert not any(name.startswith(("=", "+", "-", "@")) for name in names)


def test_a_page_shows_two_side_by_side_with_what_they_share(mixed, lstm):
    (page,) = [page for page in (mixed[0] / "pairs").iterdir() if "HYPERLINK" in page.read_text()]
    text = page.read_text()
    shared = [line for line in text.splitlines() if "<mark>" in line]
    assert sum("def " in line for line in shared) >= 4  # both sides
    assert not any('"""' in line for line in shared)
    assert "# as in the notes" not in "".join(shared)


def test_a_second_run_says_the_same(mixed, tmp_path):
    run_well("autograder", "alike", mixed[0].parent / "submitted", "--out", tmp_path, PYTHONHASHSEED="2")
    assert (tmp_path / "alike.csv").read_text() == (mixed[0] / "alike.csv").read_text()


def test_what_many_write_is_the_obvious_form(lstm, tmp_path):
    """Five of eleven write as one of the variants: nobody is listed; two would be, as the tests above show."""
    for seed in range(5):
        hand_in(copied(own(lstm, "classes"), seed), tmp_path / "submitted", f"same-{seed}", "lstm")
    for path in lstm.variants:
        hand_in(own(lstm, path.stem), tmp_path / "submitted", path.stem, "lstm")
    run_well("autograder", "alike", tmp_path / "submitted", "--out", tmp_path / "alike")
    assert pairs_in(tmp_path / "alike") == set()
    (told,) = json.loads((tmp_path / "alike" / "alike.json").read_text())
    assert told["common_above"] == 3
    assert "What more than 3 students" in (tmp_path / "alike" / "index.html").read_text()
    run_well("autograder", "alike", tmp_path / "submitted", "--out", tmp_path / "alike", "--common", "6")
    assert len(pairs_in(tmp_path / "alike")) == 15


def test_a_folder_of_grades_is_refused(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "submitted" / "one" / "lstm").mkdir(parents=True)
    done = run("autograder", "alike", tmp_path / "submitted", "--out", tmp_path)
    assert done.returncode == 2
    assert "holds grades" in done.stderr


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_the_pages(mixed, browser, scheme):
    if not (COURSE / "_build" / "node").is_dir():
        pytest.skip("The book's packages of Node are not there; `make site` brings them, axe among them.")
    for page in (mixed[0] / "index.html", mixed[0] / "pairs" / "lstm-0001.html"):
        for size in SIZES.values():
            tab = browser.new_page(viewport=size, color_scheme=scheme)
            tab.goto(page.as_uri())
            assert violations(tab) == []
            assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
            tab.close()
