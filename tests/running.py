"""Run the project's commands as a user does: in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

COURSE = Path(__file__).resolve().parents[1]


def on_the_map() -> list[str]:
    """The assignments that the book has a place for.  One that was just begun is on no map, and may be small."""
    places = yaml.safe_load((COURSE / "book" / "map.yml").read_text())
    return [*places["assignments"], *places["in_chapters"]]


def run(*command: object, cwd: Path = COURSE, key: str = "a key for tests", **environment: str):
    """`python -m COMMAND ...` in `cwd`; the finished process with its output as text."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=cwd,
        env={**os.environ, "AUTOGRADER_KEY": key, "AUTOGRADER_ISOLATION": "weak", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )


def run_well(*command: object, **how) -> str:
    """`run`, for a command that must succeed; what it printed."""
    done = run(*command, **how)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout
