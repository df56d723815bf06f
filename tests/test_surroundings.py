"""A terminal that knows ASCII alone, streams that are closed or full, a umask, no home, no room for temporary files."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from reports import graded
from running import COURSE

ACCENTS = "Zoë\N{PILE OF POO}"


@pytest.fixture
def merge(tmp_path):
    """Runs `autograder merge` in a shell, with what comes before and after it."""
    graded(tmp_path / "part-é", ACCENTS)

    def merge(before: str = "", after: str = "", **environment: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "autograder", "merge", tmp_path / "part-é", "--out", tmp_path / "all-é"]
        done = subprocess.run(
            ["bash", "-c", f"{before} {shlex.join(map(str, command))} {after}"],
            cwd=COURSE,
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert b"Traceback" not in done.stderr
        return done

    return merge


def table(folder: Path) -> str:
    return (folder / "all-é" / "grades.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("after", "environment"),
    [
        ("", {"PYTHONIOENCODING": "ascii"}),
        (">&-", {}),
        ("2>&-", {}),
        (">&- 2>&- <&-", {}),
        ("", {"HOME": "/proc"}),
    ],
)
def test_whatever_is_said_can_be_said(merge, tmp_path, after, environment):
    done = merge("unset HOME;" if not environment else "", after, **environment)
    assert done.returncode == 0, done.stderr
    assert ACCENTS in table(tmp_path)


def test_a_name_that_the_system_cannot_write_is_said(merge, tmp_path):
    done = merge(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 1
    assert b"cannot be written in this system's character set, ascii. Set the variable PYTHONUTF8=1" in done.stderr
    assert merge(LC_ALL="C").returncode == 0  # as it is by itself
    assert ACCENTS in table(tmp_path)


def test_a_full_disk_behind_a_pipe_is_said(merge, tmp_path):
    done = merge(after="> /dev/full")
    assert done.returncode == 1
    assert b"no space left on device" in done.stderr
    assert ACCENTS in table(tmp_path)


def test_nobody_else_reads_grades_where_the_umask_says_so(merge, tmp_path):
    assert merge("umask 077;").returncode == 0
    files = [path for path in (tmp_path / "all-é").rglob("*") if path.is_file()]
    assert len(files) >= 4
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_no_room_for_the_output_is_said_and_nothing_is_half_written(merge, tmp_path):
    done = merge("ulimit -f 1;")  # a file may have a kilobyte
    assert done.returncode == 1
    assert b"file too large" in done.stderr
    assert b"run the same command again" in done.stderr
    assert [path for path in (tmp_path / "all-é").rglob("*") if path.is_file()] == [tmp_path / "all-é" / ".lock"]
    assert merge().returncode == 0


# a learner's own check


def release() -> dict:
    return json.loads((COURSE / "exercises" / "gru_cell" / "gru_cell.ipynb").read_text(encoding="utf-8"))


def half_a_character() -> dict:
    notebook = release()
    source = ["print('\ud800é')\n", "1 / 0  # \ud800"]
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": source})
    return notebook


def without_sources() -> dict:
    notebook = release()
    for cell in notebook["cells"]:
        del cell["source"]
    return notebook


def write(text: str):
    return lambda path: path.write_text(text)


UNREAD = "cannot be read as a notebook."
NONE = "There is no notebook"


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (write(json.dumps(release())[:2000]), 2, UNREAD),
        (write(""), 2, UNREAD),
        (write("{}"), 2, UNREAD),
        (write('{"nbformat": 3, "worksheets": [{"cells": []}], "metadata": {}}'), 2, UNREAD),
        (write(json.dumps(without_sources())), 2, UNREAD),
        (write(json.dumps(half_a_character())), 1, "UnicodeEncodeError"),
        (Path.mkdir, 2, NONE),
        (os.mkfifo, 2, NONE),
        (lambda path: path.symlink_to("nowhere"), 2, NONE),
    ],
    ids="half empty braces format-3 no-sources half-a-character folder pipe dangling".split(),
)
def test_a_learner_s_check_of_no_notebook(tmp_path, make, code, words):
    (tmp_path / "gru_cell").mkdir()
    (tmp_path / "gru_cell" / "cases.npz").symlink_to(COURSE / "exercises" / "gru_cell" / "cases.npz")
    notebook = tmp_path / "gru_cell" / "gru_cell.ipynb"
    make(notebook)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", notebook],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(COURSE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
