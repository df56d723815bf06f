"""A learner's process: what it does not see, what it cannot keep, and that nothing it says back is believed."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from processes import below, ended

from autograder.jail.host import Budget, Child, Lost, Zygote
from autograder.jail.levels import LEVELS, obstacles
from autograder.learner.answer import Answer

USUAL = Budget(memory=128 << 20)
HOLDING = [level for level in LEVELS if level not in obstacles()]
SHORT = Budget(cell_seconds=0.3, call_seconds=0.3, seconds=0.8)  # for what never ends
SECRET = "no learner ever sees this key"
# What a hostile notebook can do in its own process: find its open request, and write to the channel.
FORGE = """
import json, os, sys, time
from autograder.jail.inside.wire import HEAD, MAGIC, pack

def number():
    frame = sys._getframe()
    while type(frame.f_locals.get("frame")).__name__ != "Frame":
        frame = frame.f_back
    return frame.f_locals["frame"].number

def send(data, wait=5):
    while data:
        data = data[os.write(3, data):]
    time.sleep(wait)

ANSWER = {"value": 1, "error": None, "unsendable": None, "changed": [], "shares": [], "warned": []}
"""


@pytest.fixture(scope="module", params=HOLDING[:1])
def zygote(request):
    """At the best level that holds here, unless a test asks for others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_KEY", SECRET)
        with Zygote(request.param) as zygote:
            yield zygote


at_every_level = pytest.mark.parametrize("zygote", HOLDING, indirect=True)
at_level_weak = pytest.mark.parametrize("zygote", ["weak"], indirect=True)


@pytest.fixture
def child(zygote):
    """Starts a process, runs one cell in it, and ends it when the test does."""
    started = []

    def start(source: str, budget: Budget = USUAL):
        started.append(zygote.spawn(budget))
        started[-1].errors = started[-1].run([("1", source)], budget.cell_seconds, budget.seconds)
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def answer(child):
    """Runs a cell and calls its function `f`; the answer."""

    def call(source: str, *arguments: object, budget: Budget = USUAL) -> Answer | str | None:
        return child(source, budget).call("f", [arguments], budget.call_seconds)[0]

    return call


@pytest.fixture
def loss(zygote):
    """Runs a cell, calls `f` where there is one, and gives what it was lost by."""

    def run(source: str, budget: Budget = USUAL) -> Lost:
        process = zygote.spawn(budget)
        with watched(process) as gone:
            try:
                process.run([("1", source)], budget.cell_seconds, budget.seconds)
                said = process.call("f", [()], budget.call_seconds)
            except Lost as lost:
                assert gone()
                return lost
        process.close()
        return pytest.fail(f"it was not lost, but answered {said}")

    return run


@contextlib.contextmanager
def watched(process: Child) -> Iterator[Callable[[], bool]]:
    """Asks whether a process is gone, or will be in a moment, whatever its number means outside of its namespace."""
    pidfd = os.dup(process.pidfd)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    try:
        yield lambda: bool(poll.poll(5000))
    finally:
        os.close(pidfd)


# Calls and answers.


def test_a_function_is_called_with_arrays_and_answers_with_arrays(answer):
    got = answer("def f(x, n): return {'twice': 2 * x, 'n': (n, None, 'é')}", np.arange(3.0), 7)
    assert got.value["twice"].tolist() == [0, 2, 4]
    assert got.value["n"] == (7, None, "é")


def test_calls_of_one_check_are_answered_in_their_order(child):
    process = child("def f(n): return n * n")
    assert [got.value for got in process.call("f", [[n] for n in range(50)], 5)] == [n * n for n in range(50)]


def test_large_arrays_cross_in_both_directions_at_once(child):
    process = child("def f(x): return x")
    x = np.zeros((1, 200_000))
    answers = process.call("f", [[x] for _ in range(8)], 10)
    assert all(got.value.nbytes == 1_600_000 for got in answers)


def test_what_stopped_a_cell_is_told_and_costs_that_cell_alone(zygote):
    process = zygote.spawn(USUAL)
    cells = [("a", "x = 1"), ("b", "y = x / 0"), ("c", "def f("), ("d", "raise SystemExit(3)"), ("e", "z = x")]
    errors = process.run(cells, 5, 20)
    assert [error and error.type for error in errors] == [None, "ZeroDivisionError", "SyntaxError", "SystemExit", None]
    assert errors[1].where == "y = x / 0"
    process.close()


def test_what_is_no_function_is_told_by_its_type(child):
    process = child("f = 3")
    assert process.call("f", [()], 5) == ["int"]
    assert process.call("g", [()], 5) == [None]


def test_one_process_knows_nothing_of_another(child):
    child("import numpy as np\nseen = 1\nnp.seen = 1")
    process = child("import numpy as np\ndef f(): return 'seen' in globals() or hasattr(np, 'seen')")
    assert process.call("f", [()], 5)[0].value is False


@pytest.mark.parametrize(
    "magics",
    [
        "%matplotlib inline",
        "!pip install numpy",
        "%%time",
        "%load_ext autoreload\n%autoreload 2",
        "np.tanh?",
        "?np.tanh",
        "if True:\n    %matplotlib inline",
        "%matplotlib inline\nquestion = 1  # or is it 2?\nquestion += 1",
    ],
    ids=["inline", "shell", "cell", "two", "help", "help-first", "indented", "question"],
)
def test_magics_cost_nothing(child, magics):
    process = child(f"{magics}\nimport numpy as np\ndef f(): return globals().get('question')")
    assert process.errors == [None]
    assert process.call("f", [()], 5)[0].value in (None, 2)


def test_a_magic_within_a_function_costs_nothing(answer):
    assert answer("def f():\n    %time x = 1\n    return 2").value == 2


def test_a_thousand_numpy_scalars_in_lists_are_an_answer(answer):
    """As a loop over rows and units makes them."""
    got = answer("import numpy as np\ndef f(): return [[np.float64(i + j) for j in range(40)] for i in range(40)]")
    assert np.shape(got.value) == (40, 40)


def test_what_cannot_cross_is_an_answer_that_says_so(answer):
    assert answer("def f(): return f").unsendable == "it is of type function"
    assert answer("import numpy as np\ndef f(): return np.zeros(5_000_000)").unsendable


# What the process holds.


@at_every_level
def test_the_process_has_no_key_in_its_environment(answer):
    assert "AUTOGRADER_KEY" not in answer("import os\ndef f(): return list(os.environ)").value


@pytest.mark.parametrize("name", ["self/environ", "self/cmdline", "{os.getppid()}/environ", "{os.getppid()}/cmdline"])
@at_every_level
def test_no_process_that_it_can_read_of_has_the_key(answer, name):
    source = f"""
import os
def f():
    try:
        return open(f"/proc/{name}").read()
    except PermissionError:
        return ""
"""
    assert SECRET not in answer(source).value


@pytest.mark.parametrize(
    "name",
    [
        *("solutions", "solutions.reference", "autograder.catalogue", "autograder.judge", "autograder.jail.host"),
        *("autograder.testing", "torch", "nbformat", "pytest", "IPython", "scipy"),
    ],
)
@at_every_level
def test_the_process_cannot_import(answer, name):
    assert answer(f"def f(): import {name}").error.type in ("ModuleNotFoundError", "ImportError")


@at_every_level
def test_the_process_has_numpy(answer):
    assert answer("import numpy as np\ndef f(): return np.__version__").value == np.__version__


@at_every_level
def test_its_autograder_is_a_stand_in(answer):
    got = answer("import autograder\nf = autograder.open('gru_cell')")
    assert (got.value, got.error) == (None, None)
    names = answer("import autograder\ndef f(): return [name for name in dir(autograder) if name[0] != '_']").value
    assert "open" in names
    assert not {"Checker", "catalogue", "course", "judge"} & set(names)


@at_every_level
def test_its_matplotlib_is_a_stand_in_that_takes_every_call(answer):
    source = """
import matplotlib.pyplot as plt
from matplotlib import cm
import matplotlib
matplotlib.use("Agg")
def f():
    figure, axes = plt.subplots(2, 2, figsize=(8, 3.5))
    axes[0, 1].plot([1, 2], color=cm.viridis(0.5), label="x")
    with plt.style.context("ggplot"):
        plt.imshow([[1]]).set_clim(0, 1)
    plt.rcParams["font.size"] = 8
    plt.show()
"""
    assert answer(source).error is None


@at_every_level
def test_it_inherits_its_channel_and_no_other_descriptor(answer):
    source = """
import os, stat
def f():
    found = {}
    for number in range(512):
        try:
            status = os.fstat(number)
        except OSError:
            continue
        found[str(number)] = "socket" if stat.S_ISSOCK(status.st_mode) else status.st_rdev
    return found
"""
    nothing = os.stat(os.devnull).st_rdev
    assert answer(source).value == {"0": nothing, "1": nothing, "2": nothing, "3": "socket"}


@at_every_level
def test_it_reads_nothing_and_what_it_prints_goes_nowhere(answer):
    got = answer("import sys\ndef f():\n    print('x' * 10**7)\n    return sys.stdin.read()")
    assert got.value == ""


@at_every_level
def test_it_writes_no_byte_to_a_file(answer):
    source = """
def f():
    try:
        with open("x", "wb", buffering=0) as file:
            return file.write(b"x" * 10**5)
    except OSError:
        return 0
"""
    assert answer(source).value == 0


# What bounds it.


@at_every_level
def test_a_cell_without_end_stops_and_what_it_defined_before_is_kept(child):
    process = child("def f(): return 1\nwhile True: pass", SHORT)
    assert process.errors[0].type == "CellTooSlow"
    assert process.errors[0].message == "it ran for longer than 0.3 seconds"
    assert process.call("f", [()], 5)[0].value == 1


@at_every_level
def test_a_cell_that_will_not_be_stopped_is_killed(loss):
    source = "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException: pass"
    assert loss(source, SHORT).status == "timeout"


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
@at_every_level
def test_a_call_without_end_is_killed(loss, body):
    lost = loss(f"def f():\n    {body}", SHORT)
    assert lost.status == "timeout"
    assert str(lost) == "It took too long and was stopped. Is there a loop that never ends?"


@pytest.mark.parametrize(
    "body", ["np.ones(10**9)", "bytearray(10**10)", "[0] * 10**10", "['x' * n for n in range(10**6)]"]
)
@at_every_level
def test_more_memory_than_it_may_have_is_told(loss, body):
    lost = loss(f"import numpy as np\ndef f(): return {body}")
    assert lost.status == "memory"
    assert str(lost) == "It used more memory than a submission may have."


@at_every_level
def test_a_cell_that_wants_too_much_memory_stops(child):
    process = child("x = 1\ny = bytearray(10**10)")
    assert process.errors[0].type == "MemoryError"


@at_every_level
def test_an_endless_recursion_is_an_error_like_any_other(answer):
    assert answer("def f(): return f()").error.type == "RecursionError"


@pytest.mark.parametrize("code", [0, 3])
@pytest.mark.parametrize("where", ["a cell", "a call"])
@at_every_level
def test_a_process_that_ends_itself_is_a_crash(loss, code, where):
    how = f"os._exit({code})"
    lost = loss(f"import os\n{how if where == 'a cell' else f'def f(): {how}'}")
    assert lost.status == "crash"
    assert f"ended with exit code {code} before it had answered" in str(lost)


@pytest.mark.parametrize(
    ("number", "name"),
    [("signal.SIGTERM", "SIGTERM"), ("signal.SIGSEGV", "SIGSEGV"), ("signal.SIGRTMIN + 6", "signal 40")],
)
@at_level_weak
def test_a_process_that_a_signal_ends_is_a_crash(loss, number, name):
    lost = loss(f"import os, signal\nos.kill(os.getpid(), {number})")
    assert lost.status == "crash"
    assert f"was killed by {name} before it had answered" in str(lost)


def test_a_process_that_closes_its_channel_is_a_crash(loss):
    assert loss("import os, time\nos.close(3)\ntime.sleep(9)").status == "crash"


# What it says back.


@pytest.mark.parametrize(
    "forged",
    [
        "b'GRU0' + bytes(100)",
        "b'x' * 10**6",
        "HEAD.pack(MAGIC, 2**31, 0)",
        "HEAD.pack(MAGIC, 0, 2**63)",
        "pack('answer', number() + 1, ANSWER)",
        "pack('answer', -1, ANSWER)",
        "pack('answer', number(), None)",
        "pack('answer', number(), [ANSWER])",
        "pack('answer', number(), {**ANSWER, 'more': 1})",
        "pack('answer', number(), {**ANSWER, 'error': 'x'})",
        "pack('answer', number(), {**ANSWER, 'error': {'type': 1, 'message': '', 'where': ''}})",
        "pack('answer', number(), {**ANSWER, 'changed': ['x']})",
        "pack('missing', number(), 3)",
        "pack('passed', number(), ANSWER)",
        "pack('ran', number(), [None])",
        "pack('answer', number(), ANSWER) + b'more'",
        "pack('answer', number(), ANSWER) * 2",
    ],
)
def test_a_forged_answer_is_a_crash(loss, forged):
    assert loss(f"{FORGE}\ndef f(): send({forged})").status == "crash"


@pytest.mark.parametrize(
    "told",
    ["None", "[]", "[None, None]", "3", "[7]", "['x']", "[{'type': 'A'}]", "[{'type': 1, 'message': '', 'where': ''}]"],
)
def test_a_forged_word_on_the_cells_is_a_crash(loss, told):
    assert loss(f"{FORGE}\nsend(pack('ran', number(), {told}))").status == "crash"


def test_an_answer_before_the_question_is_a_crash(loss):
    guess = "pack('answer', 1, ANSWER)"
    assert loss(f"{FORGE}\nsend(pack('ran', number(), [None]) + {guess})").status == "crash"


def test_a_small_answer_that_names_one_array_many_times_is_a_crash(loss):
    """It would fill the grader's memory when the list is made an array."""
    source = f"""{FORGE}
def f():
    tree = {{"dict": [[name, value] for name, value in ANSWER.items()]}}
    tree["dict"][0][1] = [{{"array": 0}}] * 10_000
    header = json.dumps({{"kind": "answer", "number": number(), "tree": tree, "arrays": [["<f8", [100_000]]]}}).encode()
    send(HEAD.pack(MAGIC, len(header), 800_000) + header + bytes(800_000))
"""
    assert loss(source).status == "crash"


def test_half_a_character_is_a_crash(loss):
    """No page could be written with it."""
    forged = r"pack('answer', number(), {**ANSWER, 'unsendable': 'SIX..S'}).replace(b'SIX..S', rb'\ud800')"
    assert loss(f"{FORGE}\ndef f(): send({forged})").status == "crash"


@at_every_level
def test_a_crash_hurts_nobody_else(loss, answer):
    loss("import os\nos._exit(1)")
    loss(f"{FORGE}\ndef f(): send(bytes(100))")
    assert answer("def f(): return 1").value == 1


# What is left of it.


@at_every_level
def test_a_process_is_gone_when_it_is_closed(child):
    process = child("def f(): pass")
    with watched(process) as gone:
        process.close()
        assert gone()
    process.close()


@at_level_weak
def test_what_it_started_is_gone_with_it(child):
    source = "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(60)\n    os._exit(0)\ndef f(): return pid"
    process = child(source)
    started = process.call("f", [()], 5)[0].value
    process.close()
    assert ended(started)


@pytest.mark.parametrize("level", HOLDING)
def test_a_closed_zygote_leaves_neither_a_process_nor_a_folder(level):
    zygote = Zygote(level)
    process = zygote.spawn(USUAL)
    folder = Path(zygote.folder.name)
    assert folder.is_dir()
    with watched(process) as gone:
        zygote.close()
        assert gone()
    assert zygote.process.returncode == 0
    assert not folder.exists()
    process.channel.close()
    os.close(process.pidfd)


@pytest.mark.parametrize("level", HOLDING)
def test_a_grader_that_is_killed_leaves_no_process(level):
    source = f"""
from autograder.jail.host import Budget, Zygote
zygote = Zygote({level!r})
child = zygote.spawn(Budget())
child.run([("1", "def f(): pass")], 5, 5)
print(zygote.folder.name, flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", source], stdin=-1, stdout=-1, text=True) as grader:
        folder = grader.stdout.readline().strip()
        started = below(grader.pid)
        os.kill(grader.pid, signal.SIGKILL)
    shutil.rmtree(folder)
    assert len(started) >= 2
    assert all(map(ended, started))
