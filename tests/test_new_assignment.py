"""A new assignment works as it is made, in a course of its own; and what breaks one of the four properties is named."""

import json
import shutil

import pytest
from running import run, run_well

from autograder.beginning import begin
from autograder.course import CourseError, find_assignment
from autograder.written.rubrics import read_rubric

HOLD = """toy: The solution scores full marks.
toy: The release, as learners receive it, scores nothing.
toy: All 5 known mistakes are stopped and named.
toy: All 3 other right ways are accepted.
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course that holds a new assignment and nothing else, released."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "solutions").mkdir()
    run_well("autograder", "new", "toy", "--title", "My {own} average", "--points", "4", cwd=folder)
    run_well("autograder", "exercises", "toy", cwd=folder)
    return folder


@pytest.fixture
def copy(course, tmp_path):
    """The same, to be broken."""
    return shutil.copytree(course, tmp_path / "course", ignore=shutil.ignore_patterns("_build", "__pycache__"))


def replace(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_new_assignment_has_the_four_properties(course):
    assert run_well("autograder", "prove", "toy", cwd=course) == HOLD
    notebook = json.loads((course / "exercises" / "toy" / "toy.ipynb").read_text())
    text = "".join("".join(cell["source"]) for cell in notebook["cells"])
    assert text.startswith("# My {own} average\n")
    assert "The average (4 points)" in text
    assert "skeleton" not in json.dumps(notebook)
    assert [sample.points for sample in read_rubric(find_assignment(course, "toy"))["how_it_forgets"].samples] == [
        2,
        1,
        0,
    ]


BREAKS = {
    "a check that sees less": (
        "solutions/toy/checks.py",
        ("rng.normal(size=rows), rng", "np.zeros(rows), rng"),
        "start_forgotten is not stopped: the checks of leaky_average accept it.",
    ),
    "two mistakes that answer alike": (
        "solutions/toy/mistakes.py",
        ("s = a * s + x_t", "s = (1 - a) * s + a * x_t"),
        "input_not_scaled is not named: in leaky_average it is told as shares_exchanged,",
    ),
    "a mistake without a hint": (
        "solutions/toy/mistakes.py",
        ('"Every step of yours starts from s0 again. What one step makes is what the next one starts from."', '""'),
        "nothing_carried has no hint",
    ),
    "a right way that is wrong": (
        "solutions/toy/variants/loops.py",
        ("s += (1 - a)", "s += a"),
        "variants/loops.py is refused in leaky_average. The check sequence says: First difference at step 0, row 0",
    ),
    "the answer in the release": (
        "exercises/toy/toy.ipynb",
        ("raise NotImplementedError()", "s = [s0]; [s.append(a * s[-1] + (1 - a) * x_t) for x_t in x]; return s[1:]"),
        "leaky_average: it gets 4 points before a learner has written anything.",
    ),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_a_property_is_named(copy, what):
    file, (old, new), says = BREAKS[what]
    replace(copy / file, old, new)
    done = run("autograder", "prove", "toy", cwd=copy)
    assert done.returncode == 1, done.stderr
    assert f"\n  {says}" in done.stdout
    assert done.stdout.count("? No.") == 1


def test_a_solution_that_fails_its_own_checks_is_named(copy):
    replace(copy / "solutions" / "toy" / "toy.py", "return np.stack(averages)", "return np.stack(averages) + 1")
    done = run("autograder", "prove", cwd=copy)
    assert done.returncode == 1
    assert "toy: The solution scores full marks? No.\n  leaky_average: the solution gets 0 of 4 points." in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("toy.py", "Allow half an hour", "Allow an hour", "Run first: autograder exercises toy"),
        ("toy.py", "def leaky_average", "def another", "toy.py defines no leaky_average, for which it gives points."),
        ("mistakes.py", "import numpy as np", "import numpy as (", "mistakes.py cannot be loaded: SyntaxError"),
        ("checks.py", "shares @ x", "shares @ y", "NameError: name 'y' is not defined"),
    ],
)
def test_what_cannot_be_proved_is_said(copy, file, old, new, says):
    replace(copy / "solutions" / "toy" / file, old, new)
    done = run("autograder", "prove", "toy", cwd=copy)
    assert done.returncode == 2
    assert says in done.stderr


@pytest.mark.parametrize("name", ["Toy", "my toy", "../toy", "7up", "class", "reference", "", "tôy", "toy\n"])
def test_a_name_that_cannot_be_one_is_refused(tmp_path, name):
    (tmp_path / "solutions").mkdir()
    with pytest.raises(CourseError, match="cannot be the name of an assignment"):
        begin(tmp_path, name)
    assert not list((tmp_path / "solutions").iterdir())


def test_what_is_there_stays(copy):
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    (copy / "exercises" / "other").mkdir()
    for name in ("toy", "other"):
        done = run("autograder", "new", name, cwd=copy)
        assert done.returncode == 2
        assert "is there already. Nothing was changed" in done.stderr
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
