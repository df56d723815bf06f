"""What `autograder validate` says before a notebook is handed in is what the grader then does with it."""

import copy
import json
import os
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from running import COURSE, run

import autograder
from autograder.course import Key, find_assignment
from autograder.demo import solved
from autograder.handed import Handed
from autograder.jail.levels import LEVELS, obstacles
from autograder.judge import Judge
from autograder.learner.validate import validate

ASSIGNMENT = find_assignment(COURSE, "gru_cell")
TASKS = ("sigmoid", "gru_cell", "gru_forward")
WRITTEN = "what_a_unit_does"
LEVEL = next(level for level in LEVELS if level not in obstacles())


@pytest.fixture(scope="module")
def judge():
    with Judge(ASSIGNMENT, Key("the key of the tests"), LEVEL) as one:
        yield one


@pytest.fixture
def folder(tmp_path):
    """A learner's copy of the exercise."""
    return shutil.copytree(COURSE / "exercises" / "gru_cell", tmp_path / "gru_cell")


def place(notebook, name: str) -> int:
    return next(
        at for at, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def edit(name: str, how):
    """Change the source of a cell."""

    def change(notebook):
        cell = notebook.cells[place(notebook, name)]
        cell.source = how(cell.source)

    return change


def drop(*names: str):
    def change(notebook):
        for name in names:
            del notebook.cells[place(notebook, name)]

    return change


def append(source: str):
    return lambda notebook: notebook.cells.append(new_code_cell(source))


def twice(name: str, how=lambda source: source):
    """A second copy of a cell below it, changed."""

    def change(notebook):
        at = place(notebook, name)
        second = copy.deepcopy(notebook.cells[at])
        second.source, second.id = how(second.source), f"{second.id}-2"
        notebook.cells.insert(at + 1, second)

    return change


def in_order(*changes):
    def change(notebook):
        for each in changes:
            each(notebook)

    return change


def into_text(notebook):
    at = place(notebook, "gru_cell_answer")
    old = notebook.cells[at]
    notebook.cells[at] = new_markdown_cell(old.source, id=old.id, metadata=old.metadata)


def moved_into_own_cell(notebook):
    source = notebook.cells[place(notebook, "gru_forward_answer")].source
    drop("gru_forward_answer")(notebook)
    notebook.cells.append(new_code_cell(source))


def into_locked_cell(notebook):
    source = notebook.cells[place(notebook, "gru_forward_answer")].source
    drop("gru_forward_answer")(notebook)
    edit("gru_forward", lambda check: f"{source}\n{check}")(notebook)


def without_marks(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)


def made_below(notebook):
    """A default that is only made in the last cell, which the learner has run before."""
    edit("gru_forward_answer", lambda source: source.replace("b_hh):", "b_hh, steps=every):"))(notebook)
    notebook.cells.append(new_code_cell("every = None"))
    for cell, count in zip(notebook.cells, range(len(notebook.cells), 0, -1), strict=True):
        if cell.cell_type == "code":
            cell.execution_count = count


def release_of(name: str) -> str:
    return next(cell.source for cell in ASSIGNMENT.cells if cell.grade_id == name)


ALL = set(TASKS)
LAST = {"gru_forward"}
# name: (what was done to a right notebook, the tasks that earn nothing, what is said, whether it should be mended)
CASES = {
    "nothing": (lambda notebook: None, set(), "will be graded as it stands", False),
    "answer deleted": (drop("gru_forward_answer"), LAST, "There is no function `gru_forward`", True),
    "answer elsewhere": (moved_into_own_cell, set(), "found in whatever cell it is", False),
    "answer twice alike": (twice("gru_cell_answer"), set(), "They are the same", False),
    "answer twice": (
        *(twice("gru_forward_answer", lambda _: release_of("gru_forward_answer")), LAST),
        *("They differ, and the last one counts", True),
    ),
    "check deleted": (drop("gru_cell", "sigmoid"), set(), "The grader puts it back; nothing is lost", False),
    "setup deleted": (drop("setup"), set(), "The cell setup is gone. The grader puts it back", False),
    "setup changed": (edit("setup", lambda _: "import numpy"), set(), "The locked cell setup was changed", False),
    "in a locked cell": (into_locked_cell, LAST, "The locked cell gru_forward was changed", True),
    "answer as text": (into_text, set(), "The grader reads it as code, as it was given", False),
    "fewer parameters": (
        edit("gru_cell_answer", lambda _: "def gru_cell(x, h):\n    return h"),
        {"gru_cell"},
        "gru_cell(x, h) does not fit: too many positional arguments",
        True,
    ),
    "misspelt": (
        edit("gru_forward_answer", lambda source: source.replace("gru_forward", "gru_forwrad")),
        *(LAST, "There is no function `gru_forward`", True),
    ),
    "no function": (append("gru_forward = 3"), LAST, "`gru_forward` is of type int, not a function", True),
    "unwritten": (
        edit("gru_forward_answer", lambda _: release_of("gru_forward_answer")),
        *(LAST, "not written yet", True),
    ),
    "syntax": (
        edit("gru_forward_answer", lambda source: source.replace("):", ")", 1)),
        *(LAST, "Cell gru_forward_answer stops with SyntaxError", True),
    ),
    "torch": (
        edit("gru_forward_answer", lambda source: f"import torch\n{source}"),
        *(LAST, "torch is not available in this assignment; it is to be written in NumPy", True),
    ),
    "other package": (
        edit("gru_forward_answer", lambda source: f"import yaml\n{source}"),
        *(LAST, "The grader has numpy and the standard library, and not yaml", True),
    ),
    "file beside": (
        edit("gru_forward_answer", lambda source: f"np.load('cases.npz')\n{source}"),
        *(LAST, "The grader runs it without files, network or other processes", True),
    ),
    "file elsewhere": (
        edit("gru_forward_answer", lambda source: f"open({str(COURSE / 'README.md')!r})\n{source}"),
        *(LAST, "The grader runs it without files, network or other processes", True),
    ),
    "writes": (
        edit("gru_forward_answer", lambda source: f"open('/tmp/x', 'w')\n{source}"),
        *(LAST, "The grader runs it without files", True),
    ),
    "process": (
        edit("gru_forward_answer", lambda source: f"import subprocess\nsubprocess.run(['true'])\n{source}"),
        *(LAST, "The grader runs it without files", True),
    ),
    "network": (
        edit("gru_forward_answer", lambda source: f"import socket\nsocket.socket()\n{source}"),
        *(LAST, "The grader runs it without files", True),
    ),
    "experiment fails": (append("1 / 0"), set(), "stops with ZeroDivisionError", False),
    "experiment leaves": (append("import sys\nsys.exit(3)"), set(), "stops with SystemExit", False),
    "ends Python": (append("import os\nos._exit(0)"), ALL, "Python itself ended (exit code 0)", True),
    "made below": (made_below, LAST, "You ran the cells in another order. Move it up.", True),
    "made nowhere": (
        edit("gru_forward_answer", lambda source: source.replace("h, states = h0, []", "h, states = start, []")),
        *(LAST, "gru_forward reads start, which no cell defines", True),
    ),
    "checks in an answer": (
        edit("gru_forward_answer", lambda source: f"check('gru_cell')\n{source}"),
        *(LAST, "keep check(...) in the cells made for it", True),
    ),
    "a plot of one's own": (
        append("import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nplt.show()"),
        *(set(), "will be graded as it stands", False),
    ),
    "magics": (append("%timeit sigmoid(np.zeros(3))\n!ls\nsigmoid?"), set(), "will be graded as it stands", False),
    "asks autograder": (
        edit("gru_forward_answer", lambda source: f"import autograder\nautograder.progress().page()\n{source}"),
        *(set(), "will be graded as it stands", False),
    ),
    "no marks": (without_marks, set(), "None of the exercise's cells can be recognised", True),
    "words deleted": (drop(WRITTEN), set(), "and with it your answer in words", True),
    "words as given": (edit(WRITTEN, lambda _: release_of(WRITTEN)), set(), "its cell is as it was given", True),
    "words twice": (
        *(twice(WRITTEN, lambda _: release_of(WRITTEN)), set()),
        *("They differ, and the last one counts", True),
    ),
}  # fmt: skip


def write(folder, change):
    notebook = solved(ASSIGNMENT)
    change(notebook)
    path = folder / "gru_cell.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("name", CASES)
def test_what_it_says_is_what_the_grader_does(judge, folder, name):
    change, lost, says, mend = CASES[name]
    path = write(folder, change)
    (report,) = judge.judge_files([Handed("ada", path)])
    assert judge.take_faults() == []
    found = validate(path)
    wrong = {"gru_forward"} if name == "fewer parameters" else set()  # it calls the other, and its own checks say so
    graded_nothing = {task.name for task in report.tasks if task.points == 0}
    assert (set(found.lost), graded_nothing) == (lost, lost | wrong)
    assert says in repr(found)
    assert says in found._repr_html_().replace("&#x27;", "'")
    assert found.code == (1 if mend else 0)
    answered = not any(WRITTEN in text or "words" in text for text in found.to_mend)
    assert answered == (WRITTEN not in report.unanswered)


UNREADABLE = {
    "empty": lambda path: path.write_bytes(b" "),
    "no JSON": lambda path: path.write_bytes(b"{"),
    "no notebook": lambda path: path.write_bytes(b"{}"),
    "not UTF-8": lambda path: path.write_bytes(b'{"nbformat": 4, "cells": ["\xff"]}'),
    "a future format": lambda path: path.write_bytes(b'{"nbformat": 5, "cells": []}'),
    "no cells": lambda path: path.write_bytes(b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}'),
    "too many cells": lambda path: path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}] * 2001})
    ),
    "too large": lambda path: os.truncate(path, (10 << 20) + 1),
    "a link": lambda path: (path.rename(path.with_suffix(".old")), path.symlink_to(path.with_suffix(".old"))),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_grader_cannot_read_is_said_in_its_words(judge, folder, name):
    path = write(folder, lambda notebook: None)
    UNREADABLE[name](path)
    (report,) = judge.judge_files([Handed("ada", path)])
    found = validate(path)
    assert report.status == "unreadable"
    assert (found.problem, found.code) == (report.message, 2)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields.pop("metadata"),
        lambda fields: fields["cells"][2].pop("metadata"),
        lambda fields: fields["cells"][2].update(metadata=3),
        lambda fields: fields["cells"][2].update(source=[3]),
        lambda fields: fields["cells"][2].update(cell_type="code", outputs=3),
        lambda fields: fields["cells"].append(3),
    ],
)
def test_what_jupyter_would_not_write_neither_reads(judge, folder, spoil):
    path = write(folder, lambda notebook: None)
    fields = json.loads(path.read_text())
    spoil(fields)
    path.write_text(json.dumps(fields))
    (report,) = judge.judge_files([Handed("ada", path)])
    assert (report.status, validate(path).code) == ("unreadable", 2)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("change", "lost", "says", "mend"),
    [
        (append("import time\ntime.sleep(60)"), set(), "it ran for longer than 5 seconds", False),
        (edit("gru_forward_answer", lambda source: source.replace("h, states", "while 1: pass\n    h, states")), LAST,
         "gru_forward did not come back", True),
    ],
    ids=["a cell", "a function"],
)  # fmt: skip
def test_what_never_ends(judge, folder, change, lost, says, mend):
    path = write(folder, change)
    (report,) = judge.judge_files([Handed("ada", path)])
    found = validate(path)
    assert {task.name for task in report.tasks if task.points == 0} == set(found.lost) == lost
    assert says in repr(found)
    assert found.code == mend


def test_a_copy_is_to_be_renamed(folder):
    path = write(folder, lambda notebook: None)
    copied = path.rename(folder / "gru_cell-Copy1.ipynb")
    done = run("autograder", "validate", copied)
    assert done.returncode == 1
    assert "The grader looks for gru_cell.ipynb, and this file is called gru_cell-Copy1.ipynb" in done.stdout


def test_a_notebook_among_downloads_is_seen_beside_the_exercises_here(folder, tmp_path):
    write(folder, lambda notebook: None).rename(tmp_path / "gru_cell.ipynb")
    done = run("autograder", "validate", tmp_path / "gru_cell.ipynb", cwd=COURSE)
    assert done.returncode == 0
    assert "the grader looks for gru_cell/gru_cell.ipynb" in done.stdout


def test_cells_of_an_earlier_release_are_known_by_their_former_names(folder):
    def earlier(notebook):
        notebook.cells[place(notebook, "gru_forward_answer")].metadata.nbgrader.grade_id = "all_states"

    path = write(folder, earlier)
    assert "The cell gru_forward_answer is gone" in repr(validate(path))
    release = folder / "release.json"
    value = json.loads(release.read_text())
    next(cell for cell in value["cells"] if cell["grade_id"] == "gru_forward_answer")["formerly"] = ["all_states"]
    release.write_text(json.dumps(value))
    assert "is gone" not in repr(validate(path))


def test_large_outputs_are_told(folder):
    output = nbformat.v4.new_output("stream", text="x" * (3 << 20))
    path = write(folder, lambda notebook: notebook.cells[place(notebook, "sigmoid")].outputs.append(output))
    assert "of which 3.0 MB are outputs" in repr(validate(path))


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_text("{")])
def test_without_its_release_it_says_what_to_do(folder, change):
    change(folder / "release.json")
    done = run("autograder", "validate", folder / "gru_cell.ipynb")
    assert done.returncode == 2
    assert "Take a fresh copy of the exercise's folder." in done.stderr
    assert "Traceback" not in done.stderr


def test_it_shows_no_check_and_a_page_where_one_is_wanted(folder):
    done = run("autograder", "validate", folder / "gru_cell.ipynb", "--html", folder / "page.html")
    assert done.returncode == 1
    assert "not written yet" in done.stdout
    page = (folder / "page.html").read_text()
    assert "<script" not in page
    assert "not written yet" in page


def test_a_notebook_asks_for_the_one_it_has_opened(folder, monkeypatch):
    monkeypatch.chdir(write(folder, lambda notebook: None).parent)
    names = {"__name__": "__main__"}
    exec("import autograder\ncheck = autograder.open('gru_cell')\nfound = autograder.validate()", names)
    assert names["found"].code == 0
    assert autograder.validate("gru_cell.ipynb").assignment == "gru_cell"
