"""A learner's process: what it does not see, what it cannot keep, and that nothing it says back is believed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from autograder.jail.host import Budget, Lost, Zygote
from autograder.learner.answer import Answer

SHORT = Budget(cell_seconds=0.5, call_seconds=0.5, seconds=1.5, memory=128 << 20)
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


@pytest.fixture(scope="module")
def zygote():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_KEY", SECRET)
        with Zygote() as zygote:
            yield zygote


@pytest.fixture
def child(zygote):
    """Starts a process, runs one cell in it, and ends it when the test does."""
    started = []

    def start(source: str, budget: Budget = SHORT):
        started.append(zygote.spawn(budget))
        started[-1].errors = started[-1].run([("1", source)], budget.cell_seconds, budget.seconds)
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def answer(child):
    """Runs a cell and calls its function `f`; the answer."""

    def call(source: str, *arguments: object, budget: Budget = SHORT) -> Answer | str | None:
        return child(source, budget).call("f", [arguments], budget.call_seconds)[0]

    return call


@pytest.fixture
def loss(zygote):
    """Runs a cell, calls `f` where there is one, and gives what it was lost by."""

    def run(source: str, budget: Budget = SHORT) -> Lost:
        process = zygote.spawn(budget)
        with pytest.raises(Lost) as caught:
            process.run([("1", source)], budget.cell_seconds, budget.seconds)
            process.call("f", [()], budget.call_seconds)
        assert ended(process.pid)
        return caught.value

    return run


def ended(pid: int) -> bool:
    """Whether a process is gone, or will be in a moment."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


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
    x = np.zeros((8, 500_000))
    answers = process.call("f", [[x[:1]] for _ in range(8)], 10)
    assert all(got.value.nbytes == 4_000_000 for got in answers)


def test_what_stopped_a_cell_is_told_and_costs_that_cell_alone(zygote):
    process = zygote.spawn(SHORT)
    cells = [("a", "x = 1"), ("b", "y = x / 0"), ("c", "def f("), ("d", "raise SystemExit(3)"), ("e", "z = x")]
    errors = process.run(cells, 0.5, 2)
    assert [error and error.type for error in errors] == [None, "ZeroDivisionError", "SyntaxError", "SystemExit", None]
    assert errors[1].where == "y = x / 0"
    process.close()


def test_what_is_no_function_is_told_by_its_type(child):
    process = child("f = 3")
    assert process.call("f", [()], 1) == ["int"]
    assert process.call("g", [()], 1) == [None]


def test_one_process_knows_nothing_of_another(child):
    child("import numpy as np\nseen = 1\nnp.seen = 1")
    process = child("import numpy as np\ndef f(): return 'seen' in globals() or hasattr(np, 'seen')")
    assert process.call("f", [()], 1)[0].value is False


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
    ids=lambda text: text.splitlines()[-1],
)
def test_magics_cost_nothing(child, magics):
    process = child(f"{magics}\nimport numpy as np\ndef f(): return globals().get('question')")
    assert process.errors == [None]
    assert process.call("f", [()], 1)[0].value in (None, 2)


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


def test_the_process_has_no_key_in_its_environment(answer):
    got = answer("import os\ndef f(): return [*os.environ, open('/proc/self/environ').read()]")
    assert "AUTOGRADER_KEY" not in "".join(got.value)
    assert SECRET not in "".join(got.value)


def test_no_process_above_it_but_the_grader_has_the_key(answer):
    got = answer(
        "import os\ndef f(): return [open(f'/proc/{os.getppid()}/{n}').read() for n in ('environ', 'cmdline')]"
    )
    assert "zygote.py" in got.value[1]
    assert SECRET not in "".join(got.value)


@pytest.mark.parametrize(
    "name",
    ["solutions", "solutions.reference", "autograder.catalogue", "autograder.judge", "autograder.jail.host"]
    + ["autograder.testing", "torch", "nbformat", "pytest", "IPython", "scipy"],
)
def test_the_process_cannot_import(answer, name):
    assert answer(f"def f(): import {name}").error.type == "ModuleNotFoundError"


def test_the_process_has_numpy(answer):
    assert answer("import numpy as np\ndef f(): return np.__version__").value == np.__version__


def test_its_autograder_is_a_stand_in(answer):
    got = answer("import autograder\nf = autograder.open('gru_cell')")
    assert (got.value, got.error) == (None, None)
    names = answer("import autograder\ndef f(): return [name for name in dir(autograder) if name[0] != '_']").value
    assert "open" in names
    assert not {"Checker", "catalogue", "course", "judge"} & set(names)


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


def test_it_inherits_its_channel_and_no_other_descriptor(answer):
    source = "import os\ndef f(): return [n for n in range(512) if os.path.exists(f'/proc/self/fd/{n}')]"
    assert answer(source).value == [0, 1, 2, 3]
    streams = "import os\ndef f(): return [os.readlink(f'/proc/self/fd/{n}') for n in range(4)]"
    *streams, channel = answer(streams).value
    assert streams == ["/dev/null"] * 3
    assert channel.startswith("socket:")


def test_it_reads_nothing_and_what_it_prints_goes_nowhere(answer):
    got = answer("import sys\ndef f():\n    print('x' * 10**7)\n    return sys.stdin.read()")
    assert got.value == ""


def test_it_writes_no_byte_to_a_file(answer):
    got = answer("def f():\n    with open('x', 'w') as file:\n        file.write('x' * 10**5)")
    assert got.error.type == "OSError"


# What bounds it.


def test_a_cell_without_end_stops_and_what_it_defined_before_is_kept(child):
    process = child("def f(): return 1\nwhile True: pass")
    assert process.errors[0].type == "CellTooSlow"
    assert process.errors[0].message == "it ran for longer than 0.5 seconds"
    assert process.call("f", [()], 1)[0].value == 1


def test_a_cell_that_will_not_be_stopped_is_killed(loss):
    source = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    assert loss(source).status == "timeout"


@pytest.mark.parametrize("body", ["while True: pass", "import time; time.sleep(60)"])
def test_a_call_without_end_is_killed(loss, body):
    lost = loss(f"def f():\n    {body}")
    assert lost.status == "timeout"
    assert str(lost) == "It took too long and was stopped. Is there a loop that never ends?"


@pytest.mark.parametrize(
    "body", ["np.ones(10**10)", "bytearray(10**10)", "[0] * 10**10", "['x' * n for n in range(10**6)]"]
)
def test_more_memory_than_it_may_have_is_told(loss, body):
    lost = loss(f"import numpy as np\ndef f(): return {body}")
    assert lost.status == "memory"
    assert str(lost) == "It used more memory than a submission may have."


def test_a_cell_that_wants_too_much_memory_stops(child):
    process = child("x = 1\ny = bytearray(10**10)")
    assert process.errors[0].type == "MemoryError"


def test_an_endless_recursion_is_an_error_like_any_other(answer):
    assert answer("def f(): return f()").error.type == "RecursionError"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("os._exit(0)", "ended with exit code 0 before it had answered"),
        ("os._exit(3)", "ended with exit code 3 before it had answered"),
        ("os.abort()", "was killed by SIGABRT before it had answered"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "was killed by SIGTERM before it had answered"),
        ("os.kill(os.getpid(), signal.SIGRTMIN + 6)", "was killed by "),
    ],
    ids=lambda part: part[:24],
)
@pytest.mark.parametrize("where", ["a cell", "a call"])
def test_a_process_that_ends_itself_is_a_crash(loss, how, words, where):
    lost = loss(f"import os, signal\n{how if where == 'a cell' else f'def f(): {how}'}")
    assert lost.status == "crash"
    assert words in str(lost)


def test_a_process_that_closes_its_channel_is_a_crash(loss):
    assert loss("import os, time\nos.close(3)\ntime.sleep(0.4)").status == "crash"


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
    assert (
        loss(FORGE + r"def f(): send(pack('answer', number(), {**ANSWER, 'unsendable': '\ud800'}))").status == "crash"
    )


def test_a_crash_hurts_nobody_else(loss, answer):
    loss("import os\nos._exit(1)")
    loss(f"{FORGE}\ndef f(): send(bytes(100))")
    assert answer("def f(): return 1").value == 1


# What is left of it.


def test_a_process_is_gone_when_it_is_closed(child):
    process = child("def f(): pass")
    assert not Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    process.close()
    assert not Path(f"/proc/{process.pid}").exists()
    process.close()


def test_what_it_started_is_gone_with_it(child):
    source = "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(60)\n    os._exit(0)\ndef f(): return pid"
    process = child(source)
    started = process.call("f", [()], 1)[0].value
    process.close()
    assert ended(started)


def test_a_closed_zygote_leaves_neither_a_process_nor_a_folder():
    zygote = Zygote()
    process = zygote.spawn(SHORT)
    folder = Path(zygote.folder.name)
    assert folder.is_dir()
    zygote.close()
    assert zygote.process.returncode == 0
    assert not folder.exists()
    assert ended(process.pid)


def test_a_grader_that_is_killed_leaves_no_process():
    source = """
from autograder.jail.host import Budget, Zygote
zygote = Zygote()
child = zygote.spawn(Budget())
child.run([("1", "def f(): pass")], 5, 5)
print(zygote.process.pid, child.pid, zygote.folder.name, flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", source], stdin=-1, stdout=-1, text=True) as grader:
        *pids, folder = grader.stdout.readline().split()
        os.kill(grader.pid, signal.SIGKILL)
    try:
        assert all(ended(int(pid)) for pid in pids)
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)
