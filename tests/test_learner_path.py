"""A learner's way: what passes is kept on their machine, shown, and leads to what comes next; hints open one by one."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from running import COURSE, run

from autograder.course import assignment_names, find_assignment
from autograder.demo import solved
from autograder.learner import evidence, given, outline
from autograder.learner.hints import in_plain_text
from autograder.learner.next_task import next_task
from autograder.learner.progress import progress
from autograder.learner.results import CheckResult, TaskResult
from autograder.outline import outline_text
from autograder.release import given_text

FEW = ("gru_cell", "rnn", "small")
FLIPPED = "def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):\n    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh + b_hh)\n"
# Python as it is where there is no POSIX, as far as a POSIX system can be without: its subprocess needs SIGKILL.
ELSEWHERE = """
import os, signal, sys
for name in ("fcntl", "resource", "termios", "pwd", "grp", "pty", "tty", "syslog"):
    sys.modules[name] = None
for name in ("SIGALRM", "SIGCHLD", "SIGHUP", "setitimer", "getitimer", "alarm", "ITIMER_REAL", "pause"):
    delattr(signal, name)
for name in ("fork", "forkpty", "getuid", "geteuid", "getgid", "setsid", "killpg", "O_NOFOLLOW", "O_NONBLOCK"):
    delattr(os, name)
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A learner's folder with some of the exercises, where what passes is kept as by default."""
    monkeypatch.delenv("AUTOGRADER_EVIDENCE")
    (tmp_path / "exercises").mkdir()
    for name in FEW:
        shutil.copytree(COURSE / "exercises" / name, tmp_path / "exercises" / name)
    shutil.copy(COURSE / "exercises" / "course.json", tmp_path / "exercises")
    return tmp_path


def write(root, name: str, **answers: str) -> Path:
    """The solved notebook, but for the answers given; None for a stub."""
    notebook = solved(find_assignment(COURSE, name), answers)
    path = root / "exercises" / name / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def autograder(root, *command, **environment):
    return run("autograder", *command, cwd=root, **environment)


def kept(root, name: str) -> dict:
    return json.loads((root / "exercises" / ".gated" / f"{name}.json").read_text())["tasks"]


def test_all_assignments_get_a_line_and_the_first_that_fails_is_told(root):
    write(root, "gru_cell")
    write(root, "rnn", rnn_cell=FLIPPED)
    done = autograder(root, "check")
    lines, _, details = done.stdout.partition("\n\n")
    assert [re.split(r"\s{2,}", line, maxsplit=1) for line in lines.splitlines()] == [
        ["small", "not begun"],
        ["rnn", "1 of 4 tasks pass; first to mend: rnn_cell"],
        ["gru_cell", "all 3 tasks pass"],
    ]
    assert "First, in rnn:" in details
    assert "recurrent weights transposed" in details
    assert details.count("checks pass") == 1
    assert done.returncode == 1


def test_an_assignment_is_checked_by_its_name_from_anywhere_below(root):
    write(root, "gru_cell")
    for place in (root, root / "exercises", root / "exercises" / "rnn"):
        done = autograder(place, "check", "gru_cell", "--task", "sigmoid")
        assert (done.returncode, "sigmoid: all " in done.stdout) == (0, True), done.stderr
    done = autograder(root, "check", "gru_sell")
    assert done.returncode == 2
    assert "'gru_sell' is no notebook and no assignment. The assignments are small, rnn, gru_cell." in done.stderr


def test_where_there_are_no_exercises_each_command_says_so(tmp_path):
    here = tmp_path / "some" / "where"  # beside it lie no folders of other tests
    here.mkdir(parents=True)
    for command in (["check"], ["progress"], ["next"], ["hint", "gru_cell", "sigmoid"]):
        done = autograder(here, *command)
        assert (done.returncode, "No exercises were found" in done.stderr) == (2, True)


def test_what_passes_is_kept_with_what_is_known_of_it(root):
    path = write(root, "rnn", rnn_cell=FLIPPED)
    autograder(root, "check", "rnn")
    autograder(root, "check", path, "--task", "rnn_cell")
    first = kept(root, "rnn")["rnn_cell"]
    assert (first["passed"], first["tries"], first["first_passed"]) == (False, 2, None)
    assert first["mistake"] == "recurrent_weights_transposed"
    write(root, "rnn")
    autograder(root, "check", "rnn")
    record = kept(root, "rnn")["rnn_cell"]
    assert (record["passed"], record["tries"], record["mistake"]) == (True, 3, None)
    assert record["first_passed"] == record["when"]
    assert first["cell"] != record["cell"]
    assert kept(root, "rnn")["sample"]["tries"] == 2
    assert (root / "exercises" / ".gated" / ".gitignore").read_text() == "*\n"


def test_a_stub_counts_no_tries(root):
    autograder(root, "check", "gru_cell")
    assert {record["tries"] for record in kept(root, "gru_cell").values()} == {0}


def test_progress_runs_what_has_changed_and_nothing_else(root):
    write(root, "gru_cell")
    done = autograder(root, "progress")
    assert "gru_cell  [####################]  3 of 3 tasks pass" in done.stdout
    assert "3 of 14 tasks pass" in done.stdout
    assert kept(root, "gru_cell")["sigmoid"]["tries"] == 0
    before = kept(root, "gru_cell")
    autograder(root, "progress")
    assert kept(root, "gru_cell") == before
    write(root, "gru_cell", sigmoid="def sigmoid(a):\n    return a\n")
    told = autograder(root, "progress", "--no-run").stdout
    assert f"sigmoid: passed on {before['sigmoid']['when'][:10]}" in told
    assert "the notebook has changed since" in told
    assert "0 of 3 tasks pass" in autograder(root, "progress").stdout


def test_work_that_is_not_saved_and_work_that_is_gone_are_told_apart(root):
    notebook = root / "exercises" / "gru_cell" / "gru_cell.ipynb"
    passed = TaskResult("sigmoid", [CheckResult("one", True)])
    os.utime(notebook, (0, 0))
    evidence.note(notebook.parent, [passed], {"sigmoid": "of-a-cell-in-memory"})
    assert "in a notebook that has not been saved since" in repr(progress(root, run=False))
    assert "1 of 14 tasks pass" in repr(progress(root))
    os.utime(notebook, (4e9, 4e9))
    assert "and the notebook is now as it was given" in repr(progress(root))
    assert "0 of 14 tasks pass" in repr(progress(root))


def test_the_picture_is_a_table_where_there_is_html(root):
    write(root, "rnn", rnn_cell=FLIPPED)
    done = autograder(root, "progress", "--html", "progress.html")
    assert done.returncode == 0
    page = (root / "progress.html").read_text()
    assert '<progress max="4" value="1" aria-label="rnn: 1 of 4 tasks pass">' in page
    assert "<script" not in page
    assert "it looks like: recurrent weights transposed" in page


def test_next_goes_by_the_books_order(root, monkeypatch):
    monkeypatch.chdir(root)
    order = ["shared_gradients in small", "rnn_cell in rnn", "sigmoid in gru_cell", "half_life_bias in small"]
    early = ("shared_gradients", "z_replaces", "lamps")
    stubs = {task.name: "raise_later = 1" for task in given.load(root / "exercises" / "small").coded}
    said = [repr(next_task(root))]
    write(root, "small", **{name: stub for name, stub in stubs.items() if name not in early})
    said.append(repr(next_task(root)))
    write(root, "rnn")
    said.append(repr(next_task(root)))
    write(root, "gru_cell")
    said.append(repr(next_task(root)))
    assert [re.match(r"Next: (.*?) \(", text)[1] for text in said] == order
    assert "Read:  The recurrent cell, book/rnn_cell.html in the book" in said[1]
    assert "Open:  jupyter lab exercises/rnn/rnn.ipynb" in said[1].replace("\\", "/")
    assert autograder(root, "next").stdout == f"{said[-1]}\n"
    write(root, "small")
    assert "Every task passes" in repr(next_task(root))


def test_hints_open_one_at_a_time_and_are_remembered(root):
    tiers = given.load(root / "exercises" / "rnn").task("rnn_cell").tiers
    for number in (1, 2, 3, 3):
        done = autograder(root, "hint", "rnn", "rnn_cell")
        assert f"rnn_cell, hint {number} of 3" in done.stdout
        assert in_plain_text(tiers[number - 1].text) in done.stdout
        assert kept(root, "rnn")["rnn_cell"]["hints"] == number
    assert "That is the last one." in done.stdout
    assert "hint 1 of 3" in autograder(root, "hint", "rnn", "rnn_cell", "--tier", "1").stdout
    for command, words in (("rnn nothing", "Its tasks are rnn_cell"), ("rnn rnn_cell --tier 4", "has hints 1 to 3")):
        done = autograder(root, "hint", *command.split())
        assert (done.returncode, words in done.stderr) == (2, True)


def test_a_terminal_without_greek_still_gets_its_hint(root):
    done = autograder(root, "hint", "gru_cell", "sigmoid", "--tier", "2", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert "e^a" in done.stdout


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_every_task_has_hints_of_two_tiers_which_are_those_of_the_page_and_hold_no_answer(name, monkeypatch):
    monkeypatch.syspath_prepend(str(COURSE / "book" / "_ext"))
    from try_it import read_exercise

    assignment = find_assignment(COURSE, name)
    answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in answers_of(assignment)}
    released = given.load(assignment.released)
    for task in released.coded:
        assert len(task.tiers) >= 2, task.name
        in_page = read_exercise(assignment.release, task.cell.removesuffix("_answer")).hints
        assert [(tier.title, tier.text) for tier in task.tiers] == in_page
        given_lines = {line.strip() for line in released.sources[task.cell].splitlines()}
        for line in {line.strip() for line in answers[task.cell].splitlines()} - given_lines:
            assert len(line) < 25 or not [tier for tier in task.tiers if line in tier.text]


def answers_of(assignment):
    return [cell for cell in solved(assignment).cells if cell.metadata.get("nbgrader", {}).get("solution")]


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_what_is_written_down_of_a_release_is_what_it_holds(name):
    assignment = find_assignment(COURSE, name)
    text = (assignment.released / given.FILE).read_text(encoding="utf-8")
    assert text == given_text(assignment, assignment.release)
    assert given.to_value(given.load(assignment.released)) == json.loads(text)
    assert {task.name for task in assignment.tasks} == {task.name for task in given.load(assignment.released).tasks}


def test_the_order_is_the_books(tmp_path):
    assert (COURSE / "exercises" / outline.FILE).read_text(encoding="utf-8") == outline_text(COURSE)
    found = outline.load(COURSE / "exercises")
    assert sorted(found.assignments) == sorted(assignment_names(COURSE))
    in_small = [step.tasks[0] for step in found.steps if step.assignment == "small"]
    assert in_small == [task.name for task in given.load(COURSE / "exercises" / "small").coded]
    assert all(step.chapter for step in found.steps)
    (tmp_path / "course.json").write_text("{")
    shutil.copytree(COURSE / "exercises" / "rnn", tmp_path / "rnn")
    assert outline.find(tmp_path).assignments == ["rnn"]


SPOILT = {
    "half a file": lambda file: file.write_text(file.read_text()[:40]),
    "another schema": lambda file: file.write_text('{"schema": 99, "tasks": {}}'),
    "other fields": lambda file: file.write_text('{"schema": 1, "tasks": {"sigmoid": {"passed": "yes"}}}'),
    "a count that is none": lambda file: file.write_text('{"schema": 1, "tasks": {"sigmoid": {"tries": -1}}}'),
    "no date": lambda file: file.write_text('{"schema": 1, "tasks": {"sigmoid": {"when": "today"}}}'),
}


@pytest.mark.parametrize("name", SPOILT)
def test_evidence_that_cannot_be_read_is_put_aside_in_a_sentence(root, name):
    exercise = root / "exercises" / "gru_cell"
    evidence.note(exercise, [TaskResult("sigmoid", [CheckResult("one", True)])], {})
    file = root / "exercises" / ".gated" / "gru_cell.json"
    SPOILT[name](file)
    spoilt = file.read_text()
    assert "It was put aside as gru_cell.broken.json" in evidence.read(file)[1]
    assert file.with_name("gru_cell.broken.json").read_text() == spoilt
    assert evidence.read(file) == ({}, "")


def test_a_folder_that_cannot_be_written_breaks_no_check_and_is_said_once(root, capsys, monkeypatch):
    (root / "exercises" / ".gated").write_text("a file, where a folder should be")
    write(root, "gru_cell")
    done = autograder(root, "check", "gru_cell")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "nothing else is affected" in done.stderr
    assert autograder(root, "check", "gru_cell").stdout == done.stdout
    names = {}
    monkeypatch.chdir(root / "exercises" / "gru_cell")
    exec("import autograder\ncheck = autograder.open('gru_cell')\ncheck('sigmoid')\ncheck('sigmoid')", names)
    assert capsys.readouterr().out.count("nothing else is affected") == 1
    hints = [names["check"].hint("sigmoid").number for _ in range(4)]
    assert hints == [1, 2, 3, 3]


def test_two_at_once_leave_a_whole_file(root):
    exercise = root / "exercises" / "gru_cell"

    def check(number: int) -> str:
        return evidence.note(exercise, [TaskResult(f"task{number % 3}", [CheckResult("one", True)])], {})

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(check, range(60))) == {""}
    records, problem = evidence.read(evidence.file_for(exercise))
    assert problem == ""
    assert records
    assert not list((root / "exercises" / ".gated").glob(".new-*"))


def test_nothing_is_kept_in_a_page_in_nbgrader_or_where_one_says_off(root, monkeypatch):
    exercise = root / "exercises" / "gru_cell"
    assert evidence.file_for(exercise) == root / "exercises" / ".gated" / "gru_cell.json"
    for name, value in (("AUTOGRADER_EVIDENCE", "off"), ("NBGRADER_EXECUTION", "autograde")):
        with monkeypatch.context() as context:
            context.setenv(name, value)
            assert evidence.file_for(exercise) is None
    with monkeypatch.context() as context:
        context.setattr(sys, "platform", "emscripten")
        assert evidence.file_for(exercise) is None
    code = (
        f"import sys; sys.path.insert(0, {str(COURSE / 'book' / '_page')!r}); import page, pathlib; "
        f"page.HERE = pathlib.Path({str(root)!r}); "
        "assert not page.check('gru_cell', 'sigmoid', 'import numpy as np', [], 'def sigmoid(a): return a')['passed']; "
        "assert 'autograder.learner.evidence' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
    assert not (root / "exercises" / ".gated").exists()


def test_a_notebook_shows_html_and_keeps_what_passes(root):
    """In a real kernel, as JupyterLab, VS Code and Colab have it."""
    path = write(root, "gru_cell")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += [
        new_code_cell("check.hint('gru_forward')"),
        new_code_cell("autograder.progress()"),
        new_code_cell("autograder.next_task()"),
        new_code_cell("autograder.validate()"),
    ]
    os.utime(path, (4e9, 4e9))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    shown = ["".join(output.get("data", {}).get("text/html", "") for output in cell.get("outputs", ()))
             for cell in notebook.cells]  # fmt: skip
    assert "**gru_forward, hint 1 of 3**" in notebook.cells[-4].outputs[0].data["text/markdown"]
    assert 'aria-label="gru_cell: 3 of 3 tasks pass"' in shown[-3]
    assert "Next: shared_gradients in small" in shown[-2]
    assert "will be graded as it stands" in shown[-1]
    assert all("<script" not in html for html in shown)
    record = kept(root, "gru_cell")["gru_forward"]
    assert (record["passed"], record["hints"], record["tries"]) == (True, 1, 1)
    assert record["cell"] == evidence.hash_of([given_source(path, "gru_forward_answer")])


def given_source(path: Path, name: str) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return next(cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


@pytest.fixture
def elsewhere(tmp_path):
    """What a command is run with, for Python to lack all that only POSIX has."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ELSEWHERE)
    return {"PYTHONPATH": f"{folder}{os.pathsep}{COURSE}"}


def test_a_learner_needs_nothing_that_only_posix_has(root, elsewhere):
    write(root, "gru_cell")
    for command, words in {
        "check gru_cell": "gru_forward: all 2 checks pass",
        "progress": "3 of 14 tasks pass",
        "next": "Next: shared_gradients",
        "hint gru_cell sigmoid": "hint 1 of 3",
        "validate gru_cell": "will be graded as it stands",
    }.items():
        done = run("autograder", *command.split(), cwd=root, **elsewhere)
        assert (done.returncode, words in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.heavy
def test_without_timers_an_endless_cell_is_told_too(root, elsewhere):
    path = write(root, "gru_cell")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell("import time\nwhile True:\n    time.sleep(1)"))
    nbformat.write(notebook, path)
    done = run("autograder", "validate", path, cwd=root, **elsewhere)
    assert done.returncode == 1
    assert "did not come to an end. The grader stops a cell after 5 seconds." in done.stdout


def test_that_python_does_lack_it(root, elsewhere):
    """The test above can fail."""
    (root / "look.py").write_text(
        "import signal, os\nprint(hasattr(signal, 'setitimer'), hasattr(os, 'fork'))\nimport fcntl"
    )
    done = run("look", cwd=root, **elsewhere)
    assert done.stdout == "False False\n"
    assert "import of fcntl halted" in done.stderr
