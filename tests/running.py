"""Run the project's commands as a user does: in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]


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
