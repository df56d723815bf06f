"""`autograder check` says in a terminal what the check says in a notebook."""

import shutil

import nbformat
import pytest
from running import COURSE, run

from autograder.catalogue import Catalogue
from autograder.course import find_assignment
from autograder.demo import solved

ASSIGNMENT = find_assignment(COURSE, "gru_cell")


@pytest.fixture
def folder(tmp_path):
    """A learner's copy of the exercise."""
    return shutil.copytree(COURSE / "exercises" / "gru_cell", tmp_path / "gru_cell")


def hand_in(folder, **answers):
    """The exercise with the solution in it, but for the answers given."""
    nbformat.write(solved(ASSIGNMENT, answers), folder / "gru_cell.ipynb")
    return run("autograder", "check", folder / "gru_cell.ipynb", cwd=folder.parent)


def test_a_right_notebook_passes(folder):
    done = hand_in(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gru_forward: all 2 checks pass" in done.stdout


def test_the_mistake_is_named_with_its_hint(folder):
    (flipped,) = [each for each in Catalogue(ASSIGNMENT).mistakes if each.name == "update_gate_flipped"]
    done = hand_in(folder, **flipped.sources)
    assert done.returncode == 1
    assert "This looks like a right cell of another convention: update gate flipped." in done.stdout
    assert "Your update gate is flipped" in done.stdout
    assert "This comes from your `gru_cell`." in done.stdout
    assert "First difference at row 0, unit 0: yours is" in done.stdout


def test_one_task_alone(folder):
    done = run("autograder", "check", folder / "gru_cell.ipynb", "--task", "sigmoid")
    assert "sigmoid: 0 of" in done.stdout
    assert "gru_cell:" not in done.stdout


def test_the_release_is_not_written_yet(folder):
    done = run("autograder", "check", folder / "gru_cell.ipynb")
    assert done.returncode == 1
    assert "It is not written yet." in done.stdout


def test_a_cell_that_stops_is_named(folder):
    done = hand_in(folder, sigmoid="def sigmoid(a)\n    return a\n")
    assert "Cell sigmoid_answer stopped with SyntaxError" in done.stdout
    assert "There is no function `sigmoid`." in done.stdout


def test_prints_of_the_notebook_do_not_drown_the_check(folder):
    done = hand_in(folder, sigmoid="print('noise')\ndef sigmoid(a):\n    print('noise')\n    return a\n")
    assert "noise" not in done.stdout


def test_a_renamed_copy_beside_its_cases_is_checked_too(folder):
    shutil.copy(folder / "gru_cell.ipynb", folder / "gru_cell-Copy1.ipynb")
    assert "It is not written yet." in run("autograder", "check", folder / "gru_cell-Copy1.ipynb").stdout


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda path: path.unlink(), "There is no notebook"),
        (lambda path: path.write_text("{"), "cannot be read as a notebook"),
        (lambda path: path.write_text('{"cells": 3}'), "cannot be read as a notebook"),
        (lambda path: (path.parent / "cases.npz").unlink(), "cases.npz of the exercise 'gru_cell' was not found"),
        (lambda path: (path.parent / "cases.npz").write_text("no zip"), "holds no frozen cases"),
    ],
    ids=["missing", "not JSON", "no cells", "no cases", "broken cases"],
)
def test_what_cannot_be_checked_gets_a_sentence(folder, prepare, sentence):
    prepare(folder / "gru_cell.ipynb")
    done = run("autograder", "check", folder / "gru_cell.ipynb")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_task_gets_the_names_of_the_known(folder):
    done = run("autograder", "check", folder / "gru_cell.ipynb", "--task", "nonsense")
    assert done.returncode == 2
    assert "Its tasks are sigmoid, gru_cell, gru_forward." in done.stderr


@pytest.mark.parametrize("command", ["", "check", "grade", "demo", "exercises", "bundle"])
def test_help_teaches_by_example(command):
    done = run("autograder", *command.split(), "--help")
    assert done.returncode == 0
    assert "autograder " in done.stdout.split("example:")[-1].split("An instructor:")[-1]
