"""make does what is needed and no more: `make --touch` marks all as made, `make --dry-run` tells what is left to do."""

import os
import shutil
import subprocess
import time

import pytest
from running import COURSE

FOLDERS = ("autograder", "solutions", "exercises", "book")
FILES = ("Makefile", "_config.yml", "_toc.yml", "requirements.txt", "pyproject.toml", "nbgrader_config.py")
SITE, GRADES, GRADEBOOK = "book/build.py", "autograder grade", "nbgrader autograde"


@pytest.fixture
def made(tmp_path):
    """A copy of the course in which make has just done everything."""
    for name in FOLDERS:
        shutil.copytree(COURSE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(COURSE / name, tmp_path)
    for name in (".venv", "_build/stamps"):
        (tmp_path / name).mkdir(parents=True)
    make(tmp_path, "--touch", "all")
    return tmp_path


def make(folder, *arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def change(path):
    later = time.time() + 5
    os.utime(path, (later, later))


def test_a_second_make_does_nothing(made):
    done = make(made, "--dry-run", "all")
    assert done.returncode == 0
    assert not [step for step in (SITE, GRADES, GRADEBOOK, "pip install") if step in done.stdout]


def test_a_changed_chapter_builds_the_site_alone(made):
    change(made / "book" / "gru_cell.md")
    steps = make(made, "--dry-run", "all").stdout
    assert SITE in steps
    assert GRADES not in steps
    assert GRADEBOOK not in steps


def test_a_changed_reference_goes_through_everything(made):
    change(made / "solutions" / "reference" / "gru.py")
    steps = make(made, "--dry-run", "all").stdout
    assert all(step in steps for step in (SITE, GRADES, GRADEBOOK))


def test_changed_requirements_are_installed(made):
    change(made / "requirements.txt")
    assert "pip install" in make(made, "--dry-run", "all").stdout


def test_a_failed_step_is_not_taken_for_done(made):
    """The stamp is written last, so make tries the step again."""
    (made / "_build" / "stamps" / "grades").unlink()
    (made / ".venv" / "bin").mkdir()
    (made / ".venv" / "bin" / "python").symlink_to(shutil.which("false"))
    assert make(made, "grades").returncode != 0
    assert not (made / "_build" / "stamps" / "grades").exists()


def test_an_old_python_is_told_in_a_sentence(made):
    (made / ".venv" / "ready").unlink()
    done = make(made, "setup", f"PYTHON={shutil.which('false')}")
    assert done.returncode != 0
    assert "is older than Python 3.11" in done.stdout


def test_help_names_the_targets(made):
    assert "make test" in make(made, "help").stdout
