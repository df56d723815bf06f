"""Zygotes and children that are killed from outside: nobody loses a mark, and a fault is judged once more."""

import contextlib
import dataclasses
import os
import random
import signal
import threading
import time

import pytest
from processes import below

from autograder.course import Key
from autograder.jail.levels import LEVELS, obstacles
from autograder.judge import Judge, Work
from autograder.notebook import cells_of, cells_to_run

HOLDING = [level for level in LEVELS if level not in obstacles()]
KEY = Key("the key of the tests")
WRONG = "def gru_cell(x, h, *weights):\n    return h"
CRASHES = "import os\ndef gru_forward(*arguments):\n    os._exit(1)"


@pytest.fixture(scope="module", params=HOLDING)
def judge(request, course):
    from autograder.course import find_assignment

    with Judge(find_assignment(course, "gru_cell"), KEY, request.param) as judge:
        yield judge


@pytest.fixture
def batch(judge, solved_notebook):
    """Three submissions, to be judged anew at each call; their reports, but for the seconds."""
    notebooks = {
        "right": solved_notebook(),
        "wrong": solved_notebook({"gru_cell": WRONG}),
        "crash": solved_notebook({"gru_forward": CRASHES}),
    }
    cells = {name: cells_to_run(cells_of(notebook), judge.assignment.cells) for name, notebook in notebooks.items()}

    def run() -> list[dict]:
        reports = [dataclasses.asdict(report) for report in judge.judge([Work(*each) for each in cells.items()])]
        return [{**report, "seconds": 0} for report in reports]

    return run


def kill_after(judge: Judge, seconds: float, draw: random.Random) -> threading.Thread:
    """Kills the zygote or a process below it, whichever the draw falls on, in a while."""

    def kill() -> None:
        time.sleep(seconds)
        for zygote in list(judge.pool.zygotes.values()):
            running = zygote.process.pid
            with contextlib.suppress(ProcessLookupError):
                os.kill(draw.choice([running, *sorted(below(running))]), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def rounds_of_killing(judge: Judge, batch, rounds: int) -> None:
    undisturbed = batch()
    assert [report["score"] for report in undisturbed] == [8, 1, 5]
    started = time.monotonic()
    batch()
    usual = time.monotonic() - started
    draw = random.Random(7)
    for _ in range(rounds):
        thread = kill_after(judge, draw.uniform(0, usual), draw)
        reports = batch()
        thread.join()
        assert reports == undisturbed
        assert judge.take_faults() == []


def test_a_kill_at_a_random_moment_costs_nobody_a_mark(judge, batch):
    rounds_of_killing(judge, batch, 5)


@pytest.mark.heavy
def test_many_kills_at_random_moments_cost_nobody_a_mark(judge, batch):
    rounds_of_killing(judge, batch, 60)
