"""Attacks on an assignment in torch, the fixture course's `gru_module`.  Each is a cell, run after the setup cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.demo import answer_cells, without_markers
from autograder.source import read_source

FULL = 5.0

SOURCE = Path(__file__).parents[1] / "fixtures" / "torch_course" / "solutions" / "gru_module" / "gru_module.py"
# The right answers.
RIGHT = "\n".join(without_markers(cell.source) for cell in answer_cells(read_source(SOURCE)))

# Its weights have the right names; `answer(right)` is what it returns in the place of the right state.
ANSWERS = RIGHT.replace("return (1 - z) * n + z * h", "return answer((1 - z) * n + z * h)").replace(
    "return torch.sqrt(square(x).mean())", "return answer(torch.sqrt(square(x).mean()))"
)
WRONG = "def answer(right):\n    return right + 1\n" + ANSWERS


@dataclass(frozen=True)
class TensorAttack:
    """name: what it tries.  status: how it may end.  says: a text that its report must hold.  deserves: at most."""

    name: str
    cell: str
    status: tuple[str, ...] = ("graded",)
    says: str = ""
    deserves: float = 0.0


def answering(name: str, body: str, says: str, *status: str, deserves: float = 0.0) -> TensorAttack:
    """A right module whose answer is turned into something else."""
    lines = body.replace("\n", "\n    ")
    return TensorAttack(name, f"def answer(right):\n    {lines}\n{ANSWERS}", status or ("graded",), says, deserves)


ATTACKS = [
    TensorAttack("patches-gru-cell", f"{WRONG}\nnn.GRUCell.forward = lambda self, x, h: GRUCell.forward(self, x, h)"),
    TensorAttack("patches-equality", f"{WRONG}\ntorch.Tensor.__eq__ = torch.equal = torch.allclose = lambda *a: True"),
    TensorAttack(
        "patches-numpy-of-a-tensor", f"{WRONG}\ntorch.Tensor.numpy = lambda *a, **k: 'right'", ("graded", "crash")
    ),
    TensorAttack("patches-from-numpy", f"{RIGHT}\ntorch.from_numpy = lambda array: torch.ones(3)"),
    TensorAttack(
        "patches-backward", f"{WRONG}\ntorch.autograd.backward = torch.Tensor.backward = lambda *a, **k: None"
    ),
    TensorAttack("patches-load-state-dict", f"{WRONG}\nnn.Module.state_dict = lambda *a, **k: {{}}", says="state_dict"),
    TensorAttack(
        "is-a-lying-subclass",
        f"""
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True
def answer(right):
    return (right + 1).detach().as_subclass(Liar)
{ANSWERS}""",
    ),
    TensorAttack(
        "is-a-subclass-without-numbers",
        f"""
class Empty(torch.Tensor):
    @staticmethod
    def __new__(cls, shape):
        return torch.Tensor._make_wrapper_subclass(cls, shape)
    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return True
def answer(right):
    return Empty(right.shape)
{ANSWERS}""",
        says="cannot be",
    ),
    answering("returns-an-expanded-view", "return torch.zeros(1).expand(right.shape)", "differ"),
    answering("returns-a-huge-view", "return torch.zeros(1).expand(10**6, 10**6)", "larger than an answer may be"),
    answering("returns-a-strided-view", "return right.mT.contiguous().mT if right.ndim else right", "", deserves=FULL),
    answering("returns-a-sparse-tensor", "return right.detach().to_sparse()", "sparse"),
    answering("returns-a-meta-tensor", "return right.to('meta')", "meta"),
    answering(
        "returns-a-quantised-tensor",
        "return torch.quantize_per_tensor(right.detach(), 0.1, 0, torch.qint8)",
        "cannot be",
    ),
    answering("returns-a-complex-tensor", "return right.to(torch.complex64)", "no real numbers"),
    answering("returns-bfloat16", "return right.to(torch.bfloat16)", "BFloat16"),
    answering("returns-float64", "return right.double()", "float64", deserves=4.0),
    answering("returns-an-array", "return right.detach().numpy()", "a torch tensor is wanted"),
    answering("returns-a-module", "return nn.Linear(2, 2)", "Linear"),
    answering("returns-a-tensor-that-requires-grad", "return right.detach().requires_grad_()", "", deserves=1.0),
    answering(
        "hangs-in-backward",
        """
class Hangs(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        return x.clone()
    @staticmethod
    def backward(context, gradient):
        while True: pass
return Hangs.apply(right)""".strip(),
        "took too long",
        "graded",
        "timeout",
        deserves=1.0,
    ),
    TensorAttack(
        "returns-its-input",
        RIGHT.replace("return (1 - z) * n + z * h", "return h.copy_((1 - z) * n + z * h).detach()"),
        says="changed",
        deserves=1.0,
    ),
    answering("uses-eight-threads", "torch.set_num_threads(8)\nreturn right", "", deserves=FULL),
    answering(
        "starts-threads", "import threading\nthreading.Thread(target=print).start()\nreturn right", "", deserves=FULL
    ),
    answering(
        "compiles",
        "return torch.compile(lambda x: x * 1)(right)",
        "",
        "graded",
        "forbidden",
        "timeout",
        "memory",
        "crash",
    ),
    answering(
        "loads-a-pickle",
        "import io\nfile = io.BytesIO()\ntorch.save(right.detach(), file)\nfile.seek(0)\nreturn torch.load(file) + 1",
        "",
    ),
    answering(
        "uses-workers",
        "from torch.utils.data import DataLoader\nnext(iter(DataLoader([1, 2], num_workers=2)))\nreturn right",
        "",
        "forbidden",
        "graded",
    ),
    answering("fills-memory", "return torch.ones(10**10)", "memory", "memory"),
    answering("asks-for-cuda", "return right.to('cuda')", "CUDA"),
    TensorAttack(
        "replaces-the-probes",
        f"""{WRONG}
import sys
frame = sys._getframe()
while frame:
    held = frame.f_locals.get("held")
    if isinstance(held, dict):
        for name in list(held):
            held[name] = lambda *a: {{}}
    frame = frame.f_back
""",
    ),
    TensorAttack("makes-no-object", "def GRUCell(*a): return 7\ndef rms(*a): return 7", says="of type int"),
    TensorAttack(
        "fails-to-be-made", "class GRUCell:\n    def __init__(self): pass\nrms = 3", says="positional argument"
    ),
]
