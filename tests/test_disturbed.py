"""Zygotes and children that are killed from outside: nobody loses a mark, and a fault is judged once more."""

import contextlib
import dataclasses
import os
import random
import select
import signal
import threading
import time

import pytest
from processes import below

from autograder.course import Key, find_assignment
from autograder.jail.host import Budget, Child, Lost, Zygote, ZygoteFailed
from autograder.jail.levels import LEVELS, obstacles
from autograder.jailed_submission import JailedSubmission
from autograder.judge import Judge
from autograder.learner.notebook import cells_of, cells_to_run
from autograder.work import Work

pytestmark = pytest.mark.alone
HOLDING = [level for level in LEVELS if level not in obstacles()]
KEY = Key("the key of the tests")
WRONG = "def gru_cell(x, h, *weights):\n    return h"
CRASHES = "import os\ndef gru_forward(*arguments):\n    os._exit(1)"


@pytest.fixture(scope="module", params=HOLDING)
def judge(request, course):
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


@pytest.fixture
def kill_children(monkeypatch):
    """Kills so many of the next children that are asked for anything, from outside."""

    def arrange(times: int) -> None:
        perform, left = Child.perform, [times]

        def killed(child: Child, *what: object) -> list:
            if left[0]:
                left[0] -= 1
                signal.pidfd_send_signal(child.pidfd, signal.SIGKILL)
                assert select.select([child.pidfd], [], [], 5)[0]
            return perform(child, *what)

        monkeypatch.setattr(Child, "perform", killed)

    return arrange


def test_a_child_that_is_killed_once_is_judged_again(judge, batch, kill_children):
    undisturbed = batch()
    kill_children(1)
    assert batch() == undisturbed


def test_a_child_that_is_killed_each_time_is_a_crash_that_says_so(judge, batch, kill_children):
    kill_children(1000)
    for report in batch():
        assert report["status"] == "crash"
        (message,) = {check["message"] for task in report["tasks"] for check in task["checks"]}
        assert message == "Its process was killed from outside, as it is where memory runs out."
    assert judge.take_faults() == []


def test_a_fault_that_does_not_go_away_is_one(judge, batch, monkeypatch):
    def fails(*_: object) -> None:
        raise ZygoteFailed("it is gone")

    monkeypatch.setattr(Zygote, "spawn", fails)
    reports = batch()
    assert [report["status"] for report in reports] == ["fault"] * 3
    assert len(judge.take_faults()) == 9


def test_a_fault_in_a_check_is_judged_again(judge, batch, monkeypatch):
    undisturbed = batch()
    seconds_left, left = JailedSubmission.seconds_left, [1]

    def fails_once(submission: JailedSubmission) -> float:
        if left[0]:
            left[0] -= 1
            raise OSError("the grader's own")
        return seconds_left(submission)

    monkeypatch.setattr(JailedSubmission, "seconds_left", fails_once)
    assert batch() == undisturbed
    assert judge.take_faults() == []


@pytest.mark.parametrize("level", HOLDING)
def test_processor_time_that_is_used_up_is_the_learners_own_doing(level):
    with Zygote(level) as zygote:
        child = zygote.spawn(Budget(seconds=0.9))
        child.run([("1", "def f():\n    while True: pass")], 5, 5)
        with pytest.raises(Lost) as raised:
            child.call("f", [()], 30)
    assert (raised.value.status, raised.value.odd) == ("timeout", False)
    assert str(raised.value) == "It used up its processor time and was stopped. Is there a loop that never ends?"


@pytest.mark.parametrize("level", HOLDING)
def test_probes_that_cannot_be_loaded_are_our_fault(level):
    with Zygote(level) as zygote:
        child = zygote.spawn(Budget())
        with pytest.raises(ZygoteFailed, match="could not load the assignment's probes"):
            child.learn("import no_such_module", 5)
        assert zygote.broken


@pytest.mark.parametrize("level", HOLDING)
def test_a_process_that_cannot_be_set_up_is_our_fault(level):
    with Zygote(level) as zygote:
        child = zygote.spawn(Budget(memory="none"))
        with pytest.raises(ZygoteFailed, match="could not start one"):
            child.run([("1", "x = 1")], 5, 5)


@pytest.mark.heavy
def test_many_kills_at_random_moments_cost_nobody_a_mark(judge, batch):
    rounds_of_killing(judge, batch, 60)
