"""A command that dies at any step: what is there is whole, and the same command again makes what it would have made."""

from __future__ import annotations

import argparse
import builtins
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from reports import graded
from running import COURSE

from autograder import commands
from autograder.cli import main
from autograder.course import find_assignment
from autograder.learner import cases as frozen
from autograder.output import reports_in

STEPS = ("open", "replace", "rename", "mkdir", "unlink", "rmdir", "link")
OTHERS = ((builtins, "open"), (io, "open"))


class Killed(BaseException):
    """The process is gone."""


class Death:
    """Comes right after a step of the process's with files; then nothing can be done to a file any more.

    left: how many steps there are until then; None: it does not come.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.steps = 0
        for module, name in [*((os, name) for name in STEPS), *OTHERS]:
            monkeypatch.setattr(module, name, self.counting(getattr(module, name)))

    def counting(self, function: Callable) -> Callable:
        def step(*arguments: object, **more: object) -> object:
            if self.left is not None and self.left < 0:
                raise Killed
            done = function(*arguments, **more)
            self.steps += 1
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    if hasattr(done, "close"):  # a file, empty where it was opened to be written
                        done.close()
                    raise Killed
            return done

        return step


@pytest.fixture
def death(monkeypatch) -> Death:
    return Death(monkeypatch)


def dying(death: Death, command: Callable[[], int], times: int | None) -> Iterator[int]:
    """Runs the command and kills it, at each of its steps or at so many of them; yields after each death."""
    death.steps = 0
    assert command() == 0
    steps = death.steps
    for step in range(0, steps, 1 if times is None else max(1, steps // times)):
        death.left = step
        with pytest.raises(Killed):
            command()
        death.left = None
        yield step
        assert command() == 0


def files_in(folder: Path) -> dict[str, bytes]:
    """All files below a folder but the lock: whose leftovers count too."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


many_or_few = pytest.mark.parametrize("times", [8, pytest.param(None, marks=pytest.mark.heavy)])


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course with one assignment."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("solutions/gru_cell", "exercises/gru_cell"):
        shutil.copytree(COURSE / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@many_or_few
@pytest.mark.parametrize("there", [True, False])
def test_a_bundle_is_the_old_one_or_the_new_one(course, tmp_path, death, times, there):
    file = tmp_path / "out" / "gated.zip"
    file.parent.mkdir()

    def bundle() -> int:
        return main(["bundle", "--out", str(file), "--course", str(course)])

    assert bundle() == 0
    whole = file.read_bytes()
    for _ in dying(death, bundle, times):
        if file.exists():
            assert file.read_bytes() == whole
            assert zipfile.ZipFile(file).testzip() is None
        if not there:
            file.unlink(missing_ok=True)
    assert files_in(file.parent) in ({"gated.zip": whole}, {})


@many_or_few
def test_merged_grades_are_whole(course, tmp_path, death, times):
    for part, students in (("one", ["ana", "Ana"]), ("two", ["bo"])):
        for student in students:
            graded(tmp_path / part, student)
    out = tmp_path / "all"

    def merge() -> int:
        return main(["merge", str(tmp_path / "one"), str(tmp_path / "two"), "--out", str(out), "--course", str(course)])

    assert merge() == 0
    whole = files_in(out)
    for number, _ in enumerate(dying(death, merge, times)):
        left = {name: text for name, text in files_in(out).items() if ".new-" not in name}
        assert left.items() <= whole.items()
        unsound: list[Path] = []
        assert len(list(reports_in(out, unsound))) <= 3
        assert unsound == []
        assert merge() == 0
        assert files_in(out) == whole
        if number % 2:
            shutil.rmtree(out)


@many_or_few
@pytest.mark.parametrize("there", [True, False])
def test_a_demo_class_is_whole(course, tmp_path, death, times, there):
    out = tmp_path / "demo"

    def demo() -> int:
        return main(["demo", "--assignment", "gru_cell", "--out", str(out), "--course", str(course)])

    assert demo() == 0
    whole = files_in(out)
    notebooks = {name for name in whole if name.startswith("submitted")}
    for _ in dying(death, demo, times and times // 2):
        left = {name for name in files_in(out) if name.startswith("submitted")}
        assert left in (set(), notebooks)
        assert left or not there or (out / ".old-submitted").exists()
        if not there:
            shutil.rmtree(out)
    assert demo() == 0
    assert files_in(out) == whole


def test_a_class_of_somebody_s_own_is_never_removed(course, tmp_path, capsys):
    notebook = tmp_path / "submitted" / "ana" / "gru_cell" / "gru_cell.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("my work")
    assert main(["demo", "--assignment", "gru_cell", "--out", str(tmp_path), "--course", str(course)]) == 2
    assert "is no demo class" in capsys.readouterr().err
    assert files_in(tmp_path) == {"submitted/ana/gru_cell/gru_cell.ipynb": b"my work"}


@many_or_few
def test_each_file_of_an_exercise_is_the_old_one_or_the_new_one(course, tmp_path, death, monkeypatch, times):
    """nbgrader and the solution are not run for it: what they would make is there."""
    root = shutil.copytree(course, tmp_path / "course")
    assignment = find_assignment(root, "gru_cell")
    made, cases = assignment.release.read_text(), frozen.load(assignment.released / "cases.npz")

    def nbgrader(command: list[str], **_: object) -> subprocess.CompletedProcess:
        (folder,) = (option.partition("=")[2] for option in command if "release_directory" in option)
        Path(folder, "gru_cell").mkdir(parents=True)
        Path(folder, "gru_cell", "gru_cell.ipynb").write_text(made)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("autograder.release.subprocess.run", nbgrader)
    monkeypatch.setattr("autograder.release.record", lambda _: cases)

    def exercises() -> int:
        return main(["exercises", "gru_cell", "--course", str(root)])

    assert exercises() == 0
    whole = files_in(assignment.released)
    for _ in dying(death, exercises, times):
        left = {name: text for name, text in files_in(assignment.released).items() if ".new-" not in name}
        assert left == {**whole, **{name: b"older" for name in left if left[name] == b"older"}}
        assert exercises() == 0
        assert files_in(assignment.released) == whole
        for name in whole:
            (assignment.released / name).write_bytes(b"older")


each_command = pytest.mark.parametrize("command", commands.IN_ORDER, ids=lambda module: module.__name__.split(".")[-1])


def called(command, monkeypatch, error: BaseException) -> int:
    """Runs a command in which this happens."""

    def run(*_: object) -> int:
        raise error

    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr("argparse.ArgumentParser.error", lambda parser, message: None)  # whatever is left out
    name = next(iter(names_of(command)))
    return main([name, "--course", str(COURSE)])


def names_of(command) -> list[str]:
    parser = argparse.ArgumentParser()
    commands_of = parser.add_subparsers()
    command.add_to(commands_of)
    return list(commands_of.choices)


@each_command
def test_ctrl_c_in_any_command_is_a_sentence(command, monkeypatch, capsys):
    assert called(command, monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "\nStopped. Run the same command again.\n"


@each_command
def test_what_the_machine_refuses_any_command_is_a_sentence(command, monkeypatch, capsys):
    error = OSError(28, "No space left on device", "/somewhere/grades.csv")
    assert called(command, monkeypatch, error) == 1
    said = capsys.readouterr().err
    assert said.startswith("This went wrong: /somewhere/grades.csv: no space left on device.")
    assert called(command, monkeypatch, MemoryError()) == 1
