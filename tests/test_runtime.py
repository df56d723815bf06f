"""What an assignment declares of its runtime, and the zygotes that this calls for."""

import os
import select
import signal
import socket
from pathlib import Path

import pytest
from processes import below

from autograder.course import Assignment, CourseError, Key
from autograder.jail.host import Budget, Zygote, ZygoteFailed
from autograder.jail.levels import LEVELS, obstacles
from autograder.jail.packages import installed
from autograder.jail.pool import Pool
from autograder.judge import Judge
from autograder.learner.refused import Refused
from autograder.runtime import Runtime, device_to_use, runtime_of

REFUSED = '[refused]\nwhat = "the GRU"\nadvice = "Write it."\n'
BEST = next(level for level in LEVELS if level not in obstacles())


@pytest.fixture
def declare(tmp_path):
    """Writes an assignment's declaration; the assignment."""
    folder = tmp_path / "solutions" / "small"
    folder.mkdir(parents=True)
    (folder / "small.py").touch()
    (tmp_path / "exercises" / "small").mkdir(parents=True)
    (tmp_path / "exercises" / "small" / "small.ipynb").touch()

    def write(text: str) -> Assignment:
        (folder / "runtime.toml").write_text(text)
        return Assignment(tmp_path, "small")

    return write


# The declaration.


def test_an_assignment_without_a_declaration_has_numpy_alone_and_twenty_seconds(assignment):
    runtime = runtime_of(assignment)
    assert runtime == Runtime(("numpy",), Budget(cell_seconds=5, call_seconds=5, seconds=20, memory=512 << 20), None)


def test_an_empty_declaration_declares_the_usual(declare):
    assert runtime_of(declare("")) == Runtime()


def test_what_is_declared_is_read(declare):
    assignment = declare('packages = ["torch"]\nprobes = "probes.py"\n[budget]\nseconds = 7.5\nmemory_mb = 64')
    (assignment.folder / "probes.py").write_text("def f(): pass\n")
    runtime = runtime_of(assignment)
    assert runtime.packages == ("numpy", "torch")
    assert runtime.budget == Budget(seconds=7.5, memory=64 << 20)
    assert runtime.probes == "def f(): pass\n"


def test_the_devices_are_read(declare):
    assert runtime_of(declare('packages = ["torch"]\ndevices = ["cpu", "cuda"]')).devices == ("cpu", "cuda")


def test_what_is_refused_is_read(declare):
    runtime = runtime_of(declare(f'packages = ["torch"]\n{REFUSED}calls = ["gru", "gru_cell"]'))
    assert runtime.refused == Refused(("gru", "gru_cell"), "the GRU", "Write it.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("packages = [", "is not TOML that can be read"),
        (
            'package = ["torch"]',
            "a field 'package', and there is no such field. There are: budget, devices, packages, ",
        ),
        ('packages = "torch"', "packages should be a list of names"),
        ("packages = [3]", "packages should be a list of names"),
        ('packages = ["no-such-package"]', "no-such-package is not installed here. Run: pip install no-such-package"),
        ("budget = 3", "budget should be a table"),
        ("[budget]\nsecond = 3", "a budget 'second', and there is no such budget"),
        ("[budget]\nseconds = -1", "the budget seconds is -1; a number above 0 is wanted"),
        ("[budget]\nseconds = 0", "a number above 0"),
        ("[budget]\nseconds = nan", "a number above 0"),
        ("[budget]\nseconds = inf", "a number above 0"),
        ("[budget]\nseconds = true", "a number above 0"),
        ('[budget]\nmemory_mb = "much"', "a number above 0"),
        ('probes = "../reference/gru.py"', "the name of a file beside it"),
        ("probes = 3", "the name of a file beside it"),
        ('probes = "probes.py"', "cannot be read"),
        ('packages = ["torch"]\ndevices = ["cuda"]', 'devices should be ["cpu"] or ["cpu", "cuda"]'),
        ('packages = ["torch"]\ndevices = ["cpu", "tpu"]', 'devices should be ["cpu"] or ["cpu", "cuda"]'),
        ("devices = 3", 'devices should be ["cpu"] or ["cpu", "cuda"]'),
        ('devices = ["cpu", "cuda"]', "names a device of torch, which is not among its packages"),
        ("refused = 3", "a line [refused] above it"),
        ('[refused]\ncall = ["gru"]', "a field of refused 'call', and there is no such field of refused"),
        ('[refused]\ncalls = ["gru"]', "refused needs calls, a list of names, and what and advice"),
        (f'{REFUSED}calls = "gru"', "refused needs calls, a list of names"),
        (f'{REFUSED}calls = ["gru"]', "refuses calls of torch, which is not among its packages"),
        (f'packages = ["torch"]\n{REFUSED}calls = ["gru", "gruu"]', "refuses 'gruu', which is no function"),
        (f'packages = ["torch"]\n{REFUSED}calls = ["tanh"]', "refuses 'tanh', which is no function"),
    ],
)
def test_a_bad_declaration_is_said_to_be_one(declare, text, says):
    with pytest.raises(CourseError) as raised:
        runtime_of(declare(text))
    assert says in str(raised.value)
    assert "runtime.toml" in str(raised.value)


@pytest.mark.parametrize("name", ["runtime.toml", "probes.py", "weights.npz"])
def test_every_file_of_the_assignment_is_in_its_hash(declare, name):
    assignment = declare("")
    before = assignment.sha256
    (assignment.folder / name).write_text("seconds = 1")
    assert Assignment(assignment.course, "small").sha256 != before


# The packages.


def test_a_package_comes_with_what_it_needs_and_nothing_else():
    found = installed(("torch",))
    assert {"torch", "sympy", "typing_extensions.py", "markupsafe"} <= found.keys()
    assert not {"pytest", "nbformat", "solutions", "autograder", "IPython", "..", "__pycache__"} & found.keys()
    assert all(path.exists() and path.name == name for name, path in found.items())


def test_the_grader_and_the_key_are_no_package_of_a_jail(declare, monkeypatch):
    monkeypatch.setattr("autograder.runtime.installed", lambda names: {"solutions": Path("solutions")})
    with pytest.raises(CourseError, match="which holds the answer key or the grader itself"):
        runtime_of(declare('packages = ["gated"]'))


# The zygotes.


@pytest.fixture
def pool():
    with Pool(BEST, most_children=3) as pool:
        yield pool


def test_a_zygote_is_kept_until_it_has_had_its_children(pool):
    zygotes = []
    for _ in range(7):
        zygotes.append(pool.zygote())
        zygotes[-1].spawn(Budget()).close()
    assert len(set(map(id, zygotes))) == 3
    assert zygotes[0] is zygotes[2] is not zygotes[3] is zygotes[5] is not zygotes[6]
    assert [zygote.process.poll() for zygote in (zygotes[0], zygotes[3], zygotes[6])] == [0, 0, None]


def test_each_kind_of_runtime_has_a_zygote_of_its_own(pool):
    assert pool.zygote(("numpy",)) is pool.zygote() is not pool.zygote(("numpy", "packaging"))


def test_a_zygote_that_was_killed_is_replaced(pool):
    first = pool.zygote()
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    pool.zygote().spawn(Budget()).close()
    assert pool.zygote() is not first


def test_a_process_is_started_although_the_zygote_has_just_died(pool, monkeypatch):
    zygote = pool.zygote()
    os.kill(zygote.process.pid, signal.SIGKILL)
    select.select([zygote.control], [], [])  # until all of it has gone
    monkeypatch.setattr(zygote.process, "poll", lambda: None)  # as it says for a moment
    pool.spawn(Budget()).close()
    assert pool.zygote() is not zygote


@pytest.mark.parametrize("word", [b"not JSON", b"3", b"null", b'{"ended": 1}', b'{"child": "x"}', b""], ids=repr)
def test_a_word_of_the_zygote_that_makes_no_sense_breaks_it_and_leaves_no_descriptor(pool, word):
    zygote = pool.zygote()
    zygote.children[1] = None
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control, zygote.control = zygote.control, ours
    before = len(os.listdir("/proc/self/fd"))
    theirs.send(word)
    with pytest.raises(ZygoteFailed):
        zygote.spawn(Budget())
    assert zygote.broken
    assert len(os.listdir("/proc/self/fd")) == before
    assert pool.zygote() is not zygote
    control.close()
    theirs.close()


def test_a_zygote_of_many_children_keeps_nothing_of_them():
    with Zygote(BEST) as zygote:
        zygote.spawn(Budget()).close()
        before = len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{zygote.process.pid}/fd"))
        for _ in range(100):
            zygote.spawn(Budget()).close()
        assert (len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{zygote.process.pid}/fd"))) == before
        assert zygote.children == {}


@pytest.mark.parametrize("level", [level for level in LEVELS if level not in obstacles()])
def test_a_zygote_that_cannot_start_leaves_neither_a_process_nor_a_folder(level, monkeypatch, tmp_path, capfd):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("autograder.jail.host.walls", lambda *_: {"readable": [], "filter": "not base64"})
    before = below(os.getpid())
    with pytest.raises(ZygoteFailed, match="is gone"):
        Zygote(level)
    assert list(tmp_path.iterdir()) == []
    assert below(os.getpid()) == before
    assert "binascii.Error" in capfd.readouterr().err


# Devices.


def test_the_cpu_needs_no_words():
    assert device_to_use("cpu") == ("cpu", None)


def test_without_cuda_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    device, sentence = device_to_use("cuda")
    assert device == "cpu"
    assert sentence == "CUDA was asked for, and torch finds none here: the references run on the CPU."


def test_with_cuda_it_is_used_in_full_precision(monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert device_to_use("cuda") == ("cuda", None)
    assert not torch.backends.cudnn.allow_tf32


def test_a_device_that_there_is_none_of_is_refused():
    with pytest.raises(CourseError, match=r"^'tpu' is no device; there are cpu, cuda\.$"):
        device_to_use("tpu")


def test_an_assignment_in_numpy_is_always_on_the_cpu(assignment, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    with Judge(assignment, Key("a key"), BEST, device="cuda") as judge:
        assert judge.device == "cpu"
