"""An assignment in torch, from its declaration to its grades: classes, weights, gradients, and what hurts."""

import nbformat
import numpy as np
import pytest
import torch
from fixture_courses import released
from hostile.tensors import ATTACKS, FULL, RIGHT

from autograder.course import Key, find_assignment
from autograder.demo import solved
from autograder.grade import How
from autograder.grade import grade as grade_folder
from autograder.jail.host import Budget, Zygote, ZygoteFailed
from autograder.jail.levels import LEVELS, NotIsolated, level_on_gpu, obstacles
from autograder.judge import Judge
from autograder.learner.actions import Action, load_probes
from autograder.learner.check import open_cases
from autograder.learner.codec import Held, Tensor
from autograder.learner.notebook import Cell, cells_of
from autograder.release import differences
from autograder.report import STATUSES
from autograder.source import solution_namespace

HOLDING = [level for level in LEVELS if level not in obstacles()]
KEY = Key("the key of the tests")
SHORT = Budget(cell_seconds=2, call_seconds=2, seconds=6)


@pytest.fixture(scope="module")
def torch_assignment(tmp_path_factory):
    """The fixture course's assignment, with a release of its own."""
    with released("torch_course", "gru_module", tmp_path_factory.mktemp("torch")) as assignment:
        yield assignment


@pytest.fixture(scope="module", params=HOLDING)
def judge(request, torch_assignment):
    with Judge(torch_assignment, KEY, request.param) as judge:
        yield judge


at_the_best_level = pytest.mark.parametrize("judge", HOLDING[:1], indirect=True)


@pytest.fixture
def grade(judge):
    """Judges one cell after the setup cell, or a notebook; the report."""

    def grade(work: str | nbformat.NotebookNode):
        cells = [Cell("code", work)] if isinstance(work, str) else cells_of(work)
        report = judge.judge_cells("ada", cells)
        assert judge.take_faults() == []
        return report

    return grade


def messages(report) -> str:
    return "\n".join(check.message for task in report.tasks for check in task.checks)


# Grades.


def test_the_solution_has_full_marks_and_the_empty_release_none(grade, judge):
    assert grade(solved(judge.assignment)).score == FULL
    empty = grade(nbformat.read(judge.assignment.release, as_version=4))
    assert (empty.status, empty.score) == ("graded", 0)
    assert "There is no class `GRUCell`. A cell stopped with NotImplementedError" in messages(empty)


@pytest.mark.parametrize(
    "name",
    ["update_flipped", "state_detached", "no_parameters", "one_bias", "root_missing", "number_for_tensor"],
)
@at_the_best_level
def test_a_known_mistake_costs_its_task_and_is_named(grade, judge, name):
    (mistake,) = [each for each in judge.catalogue.mistakes if each.name == name]
    report = grade(solved(judge.assignment, mistake.sources))
    for task in report.tasks:
        assert (task.points, task.mistake) == ((0, name) if task.name == mistake.task else (task.max_points, None))


@pytest.mark.parametrize(
    "source",
    [
        RIGHT.replace("class GRUCell(nn.Module)", "class Base(nn.Module)") + "\nclass GRUCell(Base): pass",
        "GRUCell = nn.GRUCell\ndef rms(x, square): return square(x).flatten().mean() ** 0.5",
        RIGHT + "\ntorch.set_default_dtype(torch.float32)\nprint(GRUCell(2, 3))",
    ],
    ids=["inherited", "ready-made", "printed"],
)
@at_the_best_level
def test_another_right_way_has_full_marks(grade, source):
    assert grade(source).score == FULL


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("x = 1", "There is no class `GRUCell`. Run the cell that defines it."),
        ("GRUCell = 3", "`GRUCell` is of type int, not a class."),
        ("class GRUCell(nn.Module):\n    def __init__(self, n): self.n = n", "It raised TypeError: GRUCell.__init__()"),
        ("class GRUCell(nn.Module):\n    def __init__(self, d, h): self.w = d / 0", "The line is `def __init__"),
        (RIGHT.replace("bias_ih", "b"), "its state_dict has no `bias_ih`; it has `weight_ih`, `weight_hh`, `b`"),
        (RIGHT.replace("torch.zeros(3 * hidden, inputs)", "torch.zeros(inputs, 3 * hidden)"), "has shape (3, 12); it"),
        (RIGHT.replace("self.bias_hh = ", "self.extra = self.bias_hh = "), "has `extra`, which is not wanted"),
        (RIGHT.replace("tanh(i_n", "tanh(i_n.detach()"), "First difference"),
        (RIGHT.replace("z * h", "z * h.detach()"), "`h`: First difference"),
    ],
    ids=["none", "number", "arguments", "division", "name", "shape", "extra", "detached", "half-detached"],
)
@at_the_best_level
def test_what_is_wrong_with_a_class_is_said(grade, source, says):
    report = grade(source)
    assert report.score <= 1
    assert says in messages(report)


@at_the_best_level
def test_a_judge_on_a_device_that_is_not_here_uses_the_cpu_and_says_so(judge, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with Judge(judge.assignment, KEY, judge.pool.level, device="cuda", pool=judge.pool) as other:
        report = other.judge_cells("ada", [Cell("code", RIGHT)])
    assert (report.device, report.score) == ("cpu", FULL)
    assert judge.zygote.process.poll() is None


@at_the_best_level
def test_the_checks_are_told_the_device(judge, monkeypatch):
    """torch's device "meta" stands for a GPU: a reference that ran there has no numbers to compare with."""
    monkeypatch.setattr(judge, "device", "meta")
    report = judge.judge_cells("ada", [Cell("code", RIGHT)])
    assert report.device == "meta"
    assert [task.status for task in report.tasks] == ["fault", "fault"]
    assert "which has a shape and no numbers" in "".join(judge.take_faults())


# Learners' code on a second device.  "cpu:0" and "meta" stand for a GPU, which few machines have.

HARD_CODED = RIGHT.replace("(1 - z) * n", "(torch.ones(z.shape, dtype=z.dtype) - z) * n")


def on_two_devices(torch_assignment, second):
    judge = Judge(torch_assignment, KEY, HOLDING[0])
    judge.devices = ("cpu", second)
    return judge


def test_checks_that_ask_for_a_device_run_on_each_and_the_level_is_the_lowest(torch_assignment):
    with on_two_devices(torch_assignment, "cpu:0") as judge:
        report = judge.judge_cells("ada", [Cell("code", RIGHT)])
        assert judge.take_faults() == []
    assert (report.score, report.isolation) == (FULL, "weak")
    names = [check.name for task in report.tasks for check in task.checks]
    assert names[:2] == ["one_step", "one_step (on cpu:0)"]
    assert [name for name in names if name.startswith("state")] == ["state"]


def test_a_mistake_is_named_on_two_devices_too(torch_assignment):
    wrong = {"GRUCell": torch_assignment.mistakes_module().update_flipped.mistake.sources["GRUCell"]}
    with on_two_devices(torch_assignment, "cpu:0") as judge:
        report = judge.judge_cells("ada", cells_of(solved(torch_assignment, wrong)))
    assert [task.mistake for task in report.tasks] == ["update_flipped", None]


@pytest.mark.parametrize(("source", "says"), [(RIGHT, "no numbers"), (HARD_CODED, "Tensor on device meta is not on")])
def test_tensors_and_modules_are_put_on_the_device(zygote, source, says):
    child = zygote.spawn(Budget())
    child.move("meta", 20)
    child.run([("1", f"import torch\nfrom torch import nn\n{source}")], 5, 20)
    x, h = (np.ones(shape, "float32").view(Tensor) for shape in [(2, 3), (2, 4)])
    answer = child.perform([Action("new", "GRUCell", [3, 4], "it"), Action("use", "it", [x, h])], 5)[1]
    assert says in (answer.unsendable or answer.error.message)
    child.close()


def test_a_device_that_cannot_be_used_is_a_fault_of_ours(zygote):
    with pytest.raises(ZygoteFailed, match="could not use the device cuda"):
        zygote.spawn(Budget()).move("cuda" if not torch.cuda.is_available() else "cuda:99", 20)
    zygote.broken = False


def test_a_gpu_is_used_by_learners_code_only_where_its_level_was_asked_for(torch_assignment, monkeypatch, tmp_path):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.delenv("AUTOGRADER_ISOLATION", raising=False)
    runtime = torch_assignment.folder / "runtime.toml"
    declared = runtime.read_text()
    submitted = tmp_path / "submitted"
    (submitted / "ada" / "gru_module").mkdir(parents=True)
    runtime.write_text(f'devices = ["cpu", "cuda"]\n{declared}')
    try:
        with pytest.raises(NotIsolated, match="On a GPU learners' code runs at level weak, and at least container is"):
            grade_folder(torch_assignment.course, submitted, tmp_path / "grades", How(device="cuda"))
        with Judge(torch_assignment, KEY, HOLDING[0], device="cuda") as judge:
            assert (judge.devices, judge.level) == (("cpu", "cuda"), "weak")
    finally:
        runtime.write_text(declared)
    assert level_on_gpu("weak") == "weak"
    with Judge(torch_assignment, KEY, HOLDING[0], device="cuda") as judge:
        assert (judge.devices, judge.level) == (("cpu",), HOLDING[0])


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no CUDA here")
def test_learners_code_runs_on_cuda(course):
    assignment = find_assignment(course, "gru_layer")
    with Judge(assignment, KEY, HOLDING[0], device="cuda") as judge:
        report = judge.judge_cells("ada", cells_of(solved(assignment)))
        assert judge.take_faults() == []
    assert (report.score, report.device, report.isolation) == (report.max_score, "cuda", "weak")


# The learner's own check.


def test_the_learners_check_passes_the_solution_and_names_a_mistake(torch_assignment):
    namespace = solution_namespace(torch_assignment)
    check = open_cases("gru_module", namespace, torch_assignment.released)
    assert [check.result(task).passed for task in ("GRUCell", "rms")] == [True, True]
    for name, task in (("update_flipped", "GRUCell"), ("one_bias", "GRUCell"), ("root_missing", "rms")):
        namespace[task] = getattr(torch_assignment.mistakes_module(), name)
        result = check.result(task)
        assert (result.passed, result.mistake) == (False, name)


def test_the_release_holds_the_probes_and_is_what_the_source_makes(torch_assignment):
    assert (torch_assignment.released / "probes.py").read_text() == (torch_assignment.folder / "probes.py").read_text()
    assert differences(torch_assignment, torch_assignment.released) == []


# Tensors on the wire.


@pytest.fixture(scope="module")
def zygote():
    with Zygote(HOLDING[0], ("numpy", "torch")) as zygote:
        yield zygote


@pytest.fixture
def child(zygote):
    started = zygote.spawn(Budget())
    started.learn("def kinds(x, y):\n    return [type(x).__name__, type(y).__name__]\n", 5)
    started.run([("1", "import torch\ndef f(x): return x\ndef kinds(*a): return 'shadowed'")], 5, 20)
    yield started
    started.close()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "int32", "uint8", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 3)], ids=str)
def test_a_tensor_keeps_its_dtype_and_shape(child, dtype, shape):
    sent = np.ones(shape, dtype).view(Tensor)
    got = child.call("f", [[sent]], 5)[0].value
    assert type(got) is Tensor
    assert (got.dtype, got.shape, got.tolist()) == (sent.dtype, sent.shape, sent.tolist())


def test_an_array_and_a_tensor_are_told_apart_and_a_probe_is_not_shadowed(child):
    array = np.ones(2)
    (answer,) = child.perform([Action("probe", "kinds", [array, array.view(Tensor)])], 5)
    assert answer.value == ["ndarray", "Tensor"]


def test_a_name_that_is_held_never_comes_back(child):
    assert child.perform([Action("call", "f", [Held("kinds")])], 5)[0].unsendable == "it is of type function"


def test_the_process_has_one_thread_and_no_gpu(child, zygote):
    source = "import torch\ndef f(): return [torch.get_num_threads(), torch.cuda.is_initialized()]"
    other = zygote.spawn(Budget())
    other.run([("1", source)], 5, 20)
    assert other.call("f", [()], 5)[0].value == [1, False]
    other.close()


def test_probes_are_the_functions_of_their_own_module():
    assert list(load_probes("from math import sin\nN = 3\ndef f(): pass\ndef _g(): pass\nclass C: pass")) == ["f"]


# What hurts.


@pytest.mark.heavy
@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_an_attack_with_tensors_gains_nothing(judge, grade, monkeypatch, attack):
    monkeypatch.setattr(judge, "budget", SHORT)
    report = grade(attack.cell)
    assert report.score <= attack.deserves
    assert report.status in attack.status
    assert attack.says in messages(report)
    assert {task.status for task in report.tasks} <= set(STATUSES) - {"fault"}
    monkeypatch.undo()
    assert grade(RIGHT).score == FULL


@at_the_best_level
def test_torch_itself_is_the_same_for_the_next(grade):
    grade("torch.Tensor.tanh = torch.tanh = torch.sigmoid = None\nnn.Module.__init__ = None")
    assert grade(RIGHT).score == FULL
    assert torch.tanh is not None
