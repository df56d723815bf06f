"""A disk that is full from some moment on, or cannot be written to at all: each command says so and loses nothing."""

from __future__ import annotations

import builtins
import errno
import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from reports import graded
from running import COURSE

from autograder.cli import main
from autograder.jail.levels import best_level


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course with one assignment, and grades of two students in two parts."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("solutions/gru_cell", "exercises/gru_cell"):
        shutil.copytree(COURSE / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", root)
    shutil.copytree(COURSE / "exercises" / "gru_cell", root / "submitted" / "ana" / "gru_cell")
    graded(root / "one", "ana")
    graded(root / "two", "Ana")
    return root


class FullDisk:
    """Nothing new can be made in a folder after so many files and folders; what is there can be read and removed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.room, self.made = str(folder), 1 << 30, 0
        monkeypatch.setattr(os, "open", self.bounded(os.open, lambda flags=0, *_: flags & os.O_CREAT))
        monkeypatch.setattr(os, "mkdir", self.bounded(os.mkdir, lambda *_: True))
        for module in (builtins, io):
            monkeypatch.setattr(module, "open", self.bounded(module.open, lambda mode="r", *_: set(mode) & set("wxa")))

    def bounded(self, function: Callable, makes: Callable) -> Callable:
        def call(path: object, *arguments: object, **more: object) -> object:
            if str(path).startswith(self.folder) and makes(*arguments):
                self.made += 1
                if self.made > self.room:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            return function(path, *arguments, **more)

        return call


def whole_files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".demo-class")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


COMMANDS = {
    "merge": ["merge", "one", "two", "--out", "out/all"],
    "demo": ["demo", "--assignment", "gru_cell", "--out", "out/demo"],
    "bundle": ["bundle", "--out", "out/gated.zip"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_disk_that_is_full_from_some_moment_on(course, name, monkeypatch, capsys):
    monkeypatch.chdir(course)
    out = course / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    disk = FullDisk(Path("out"), monkeypatch)
    assert main(COMMANDS[name]) == 0
    whole, count = whole_files(out), disk.made
    assert count >= 1
    for room in sorted({0, count // 3, count - 1}):
        shutil.rmtree(out)
        os.makedirs(out)
        disk.room, disk.made = room, 0
        assert main(COMMANDS[name]) in (1, 2)
        said = capsys.readouterr().err
        assert "no space left on device" in said
        assert "Traceback" not in said
        assert whole_files(out).items() <= whole.items()
        disk.room, disk.made = 1 << 30, 0
        assert main(COMMANDS[name]) == 0
        assert whole_files(out) == whole
    disk.room, disk.made = 0, 0
    assert main(COMMANDS[name]) in (1, 2)  # and what an earlier run has made stays
    assert whole_files(out) == whole


@pytest.mark.skipif(best_level() != "sealed", reason="a folder that not even root can write to is made with bubblewrap")
def test_every_command_says_that_a_folder_cannot_be_written_to(course):
    commands = [
        *COMMANDS.values(),
        ["grade", "submitted", "--out", "grades"],
        ["exercises", "gru_cell"],
        ["import-gradebook", "one"],
        ["doctor"],
    ]
    shell = "; ".join(
        f"{shlex.quote(sys.executable)} -m autograder {shlex.join(command)} > /dev/null; echo code $? >&2"
        for command in commands
    )
    before = whole_files(course)
    done = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(course), str(course), "sh", "-c", shell],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(COURSE), "AUTOGRADER_ISOLATION": "weak"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    *said, gradebook, _ = done.stderr.split("code ")[: len(commands)]
    for text in said:
        assert "read-only file system" in text, done.stderr
    assert "unable to open database file. Is its folder there, and may you write in it?" in gradebook
    assert "Traceback" not in done.stderr
    assert whole_files(course) == before
