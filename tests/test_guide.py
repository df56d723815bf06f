"""Every command of the instructor's guide is executed, in the order in which the guide gives them.

A page's blocks of bash run one after the other in a copy of the course, with its commands on the path.  Comments of
Markdown, which no reader sees, say what a block needs and what cannot run here:

    % before: COMMAND      is run first; it makes what the reader has by then
    % elsewhere: FILE      the block is not run; FILE is, and holds the words that follow, if any do
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import COURSE

PAGES = ("instructors", "running", "adapting", "trust", "publishing")
BLOCK = re.compile(r"((?:^% (?:before|elsewhere): [^\n]*\n)*)^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"^% (before|elsewhere): (.*)$", re.MULTILINE)
# make would set up and build everything again: it says only what it would do, and fails where it knows no such target.
PREAMBLE = """
set -euo pipefail
make() { command make --dry-run "$@" > /dev/null; }
"""
REPOSITORIES = ("gated", "gated-site", "gated-private")


@dataclass(frozen=True)
class Block:
    """One block of commands, with what its marks say."""

    text: str
    before: list[str]
    elsewhere: list[str]


def blocks(page: str) -> list[Block]:
    text = (COURSE / "book" / f"{page}.md").read_text()
    found = []
    for marks, commands in BLOCK.findall(text):
        told = MARK.findall(marks)
        found.append(
            Block(commands, *([said for mark, said in told if mark == kind] for kind in ("before", "elsewhere")))
        )
    return found


@pytest.fixture
def copy(tmp_path):
    """The course as git has it, with what `make` has made of it that takes long."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=COURSE, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (COURSE / name).is_file() and not name.startswith("tests/"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(COURSE / name, tmp_path / name)
    source = COURSE / "_build" / "source"
    if source.is_dir():
        shutil.copytree(source, tmp_path / "_build" / "source")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    stand_in_for_github(tmp_path)
    return tmp_path


def stand_in_for_github(home: Path) -> None:
    """Empty repositories on this machine, which git takes for those that the guide names."""
    for name in REPOSITORIES:
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", home / "github" / f"{name}.git"], check=True)
    (home / ".gitconfig").write_text(
        "[user]\nname = instructor\nemail = instructor@example.org\n"
        f'[url "file://{home}/github/"]\ninsteadOf = https://github.com/YOU/\n'
    )


def shell(commands: str, course: Path) -> subprocess.CompletedProcess:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(course),
        "AUTOGRADER_KEY": "the guide's",
        "AUTOGRADER_ISOLATION": "weak",
        "HOME": str(course),
    }
    return subprocess.run(
        ["bash", "-c", PREAMBLE + commands],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(page, copy):
    for block in blocks(page):
        if block.elsewhere:
            continue
        done = shell("\n".join([*block.before, block.text]), copy)
        assert done.returncode == 0, f"{block.text}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_what_does_not_run_here_runs_elsewhere(page):
    for block in blocks(page):
        for said in block.elsewhere:
            file, _, words = said.partition(" ")
            assert words in (COURSE / file).read_text(), f"{file} does not run {block.text}"


def test_no_block_of_a_page_is_missed():
    """A block in another shell's name would be run by nobody."""
    for page in PAGES:
        text = (COURSE / "book" / f"{page}.md").read_text()
        assert len(blocks(page)) == len(re.findall(r"^```bash", text, re.MULTILINE))
        assert not re.findall(r"^```(?:sh|shell|console|zsh)\b", text, re.MULTILINE)
