"""Have a notebook's cells run once as a grader would (see `trial`), in a process of its own; read what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import given

SLACK = 10  # seconds for the start of Python and of torch on a busy machine


@dataclass
class Trial:
    """What came of running the cells, from the log of it.

    errors: what stopped a cell, by its name.  seconds: of each cell.  tasks: what there is of each.  ended: the cell or
    task in which Python itself ended, and how.  killed: it was this side that ended it, after a long wait.
    """

    errors: dict[str, dict] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    tasks: dict[str, dict] = field(default_factory=dict)
    ended: tuple[str, str, int] | None = None
    killed: bool = False
    problem: str = ""

    def total(self) -> float:
        return sum(self.seconds.values())


def try_out(exercise: Path, what: given.Given, run: list[tuple[str, str]]) -> Trial:
    """Run the cells and look at each task; the folder that they run in is empty."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, told, empty = Path(scratch, "asked.json"), Path(scratch, "told.jsonl"), Path(scratch, "empty")
        empty.mkdir()
        asked.write_text(json.dumps({"exercise": str(exercise.resolve()), "cells": run}), encoding="utf-8")
        command = [sys.executable, "-m", "autograder.learner.trial", str(asked), str(told)]
        path = os.pathsep.join(
            [str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": path}
        silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        process = subprocess.Popen(command, cwd=empty, env=environment, **silent)
        try:
            ended = wait(process, told, what)
            trial = trial_in(lines_of(told), process.returncode)
            trial.killed = not ended
            return trial
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def wait(process: subprocess.Popen, told: Path, what: given.Given) -> bool:
    """Wait for the end; or stop it where one step takes more than twice what the grader allows, and say False."""
    size, since = -1, time.monotonic()
    while True:
        try:
            process.wait(timeout=0.2)
            return True
        except subprocess.TimeoutExpired:
            grown = told.stat().st_size if told.is_file() else -1
            if grown != size:
                size, since = grown, time.monotonic()
            if time.monotonic() - since > 2 * max(what.cell_seconds, what.call_seconds) + SLACK:
                process.kill()
                process.wait()
                return False


def lines_of(told: Path) -> list[dict]:
    """The log's whole lines: a process that is stopped may leave half of one."""
    found = []
    for line in told.read_text(encoding="utf-8").splitlines() if told.is_file() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def trial_in(lines: list[dict], code: int) -> Trial:
    trial, open_step = Trial(), None
    for line in lines:
        if "problem" in line:
            trial.problem = line["problem"]
        elif "begins" in line:
            open_step = (line["begins"], line["name"])
        elif "cell" in line and "task" not in line:
            trial.seconds[line["cell"]], open_step = line["seconds"], None
            if line["error"]:
                trial.errors[line["cell"]] = line["error"]
        elif "task" in line:
            trial.tasks[line["task"]], open_step = line, None
    if open_step is None and not lines:
        trial.problem = f"Python could not be started to run it (exit code {code})."
    elif open_step:
        trial.ended = (*open_step, code)
    return trial
