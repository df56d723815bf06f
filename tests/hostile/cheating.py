"""Submissions that lie: in what they send, in what their values say of themselves, in what they change around them."""

from .attack import ALL, WRONG, Attack, cheat

# What a subverted process can do: find the request that waits, and write to the channel in the sound reply's stead.
FORGE = """
import json, os, struct, sys, time
from autograder.jail.inside.wire import HEAD, MAGIC, Frame, pack

def number():
    frame = sys._getframe()
    while not isinstance(frame.f_locals.get("frame"), Frame):
        frame = frame.f_back
    return frame.f_locals["frame"].number

written = os.write

def swallow(channel, data):
    os.write = written
    return len(data)

def send(data):
    # In the place of the sound reply that follows.
    while data:
        data = data[written(3, data):]
    os.write = swallow

ANSWER = {"value": 0.5, "error": None, "unsendable": None, "changed": [], "shares": [], "warned": []}

def framed(header, body=b""):
    return HEAD.pack(MAGIC, len(header), len(body)) + header + body

def said(body=b"", arrays=(), error=None, **fields):
    fields["error"] = error and {"dict": [list(pair) for pair in error.items()]}
    tree = {"dict": [[name, value] for name, value in {**ANSWER, **fields}.items()]}
    header = {"kind": "answer", "number": number(), "tree": tree, "arrays": list(arrays)}
    return framed(json.dumps(header).encode(), body)
"""


def forging(name: str, tries: str, code: str, *status: str) -> Attack:
    """One that answers a call by itself."""
    return cheat(name, tries, FORGE + code + ALL, status=status or ("crash",))


def sending(name: str, tries: str, data: str, *status: str) -> Attack:
    return forging(name, tries, f"def f(*a):\n    send({data})", *status)


def lying(name: str, tries: str, code: str, *status: str) -> Attack:
    """One whose value lies about itself: `lie(array)` is what every function returns of its wrong answer."""
    wrap = """
for name in ("sigmoid", "gru_cell", "gru_forward"):
    globals()[name] = (lambda function: lambda *a: lie(function(*a)))(globals()[name])
"""
    return cheat(name, tries, WRONG + code + wrap, status=status)


def patching(name: str, tries: str, code: str, **more: object) -> Attack:
    """One with wrong answers that changes what judges them."""
    return cheat(name, tries, code, WRONG, **more)


ATTACKS = [
    # Forged replies.
    sending("forges-a-verdict", "Says that it has passed.", "pack('passed', number(), True)"),
    sending(
        "forges-a-score",
        "Adds a score to its answer.",
        "pack('answer', number(), {**ANSWER, 'score': 8, 'passed': True})",
    ),
    sending("answers-twice", "Sends two answers to one call.", "said() * 2"),
    sending("answers-another-call", "Answers with a number that it made up.", "pack('answer', number() + 1, ANSWER)"),
    cheat(
        "answers-in-advance",
        "Sends an answer before it is asked.",
        FORGE
        + """
send(pack("ran", number(), [None]) + pack("answer", 1, ANSWER))
""",
        status=("crash",),
    ),
    forging(
        "answers-byte-by-byte",
        "Sends an answer one byte at a time, for ever in time for the next.",
        """
def f(*a):
    for byte in said():
        os.write(3, bytes([byte]))
        time.sleep(0.1)
    send(b"")
""",
        "timeout",
    ),
    sending("answers-half", "Sends half an answer and waits.", "said()[:30]", "timeout"),
    forging(
        "answers-half-and-goes",
        "Sends half an answer and leaves.",
        """
def f(*a):
    send(said()[:30])
    os._exit(0)
""",
    ),
    sending("announces-a-huge-header", "Announces a header of four gigabytes.", "HEAD.pack(MAGIC, 2**32 - 1, 0)"),
    sending("announces-a-huge-body", "Announces a body of sixteen exabytes.", "HEAD.pack(MAGIC, 2, 2**64 - 1)"),
    sending("sends-garbage", "Sends random bytes without end.", "os.urandom(10**6) * 64"),
    forging(
        "sends-without-end",
        "Sends an announced frame and goes on sending for ever.",
        """
def f(*a):
    send(HEAD.pack(MAGIC, 2, 60 << 20))
    while True:
        send(bytes(1 << 20))
""",
    ),
    sending("sends-deep-json", "Sends a header nested a hundred thousand deep.", "framed(b'[' * 10**5 + b']' * 10**5)"),
    sending(
        "sends-deep-values",
        "Sends a value nested a thousand deep.",
        "framed(json.dumps({'kind': 'answer', 'number': number(), "
        "'tree': 'X', 'arrays': []}).encode().replace(b'\"X\"', b'[' * 900 + b']' * 900))",
    ),
    sending(
        "sends-no-json", "Sends a header of another encoding and of no JSON at all.", "framed('{}'.encode('utf-32'))"
    ),
    sending(
        "sends-nan-as-json", "Sends numbers that JSON does not have.", "said(value=float('nan')) + said(value=1e999)"
    ),
    sending("sends-endless-digits", "Sends integers of thousands of digits.", "said(value=10**4200)"),
    sending(
        "sends-an-odd-dtype",
        "Sends an array of objects, whose bytes would be addresses.",
        "said(bytes(16), [['|O', [2]]], value={'array': 0})",
    ),
    sending(
        "sends-an-odd-shape",
        "Sends an array of negative and fractional sizes.",
        "said(bytes(16), [['<f8', [-2, -1.0]]], value={'array': 0})",
    ),
    sending(
        "sends-an-empty-giant",
        "Sends an array of no bytes and astronomic sizes.",
        "said(b'', [['<f8', [0, 2**62]]], value={'array': 0})",
    ),
    sending(
        "sends-an-array-of-many-axes",
        "Sends an array of a hundred axes.",
        "said(bytes(8), [['<f8', [1] * 100]], value={'array': 0})",
    ),
    sending(
        "names-one-array-often",
        "Sends one array and names it ten thousand times: eight gigabytes as a list.",
        "said(bytes(800_000), [['<f8', [100_000]]], value=[{'array': 0}] * 10_000)",
    ),
    sending(
        "widens-small-numbers",
        "Sends thirty megabytes of bytes that become half a gigabyte beside a complex number.",
        "said(bytes(30 << 20) + bytes(16 << 16), [['|i1', [1 << 16]]] * 480 + [['<c16', [1 << 16]]], "
        "value=[{'array': place} for place in range(481)])",
    ),
    sending(
        "sends-text-among-numbers",
        "Sends many empty texts and one long: a gigabyte as an array.",
        "said(value=['x' * 16_000] + [''] * 18_000)",
    ),
    sending(
        "hides-text-among-arrays",
        "Sends a small array beside texts: many gigabytes as an array.",
        "said(bytes(9000), [['|i1', [9000]]], value=[{'array': 0}, ['x' * 16_000] + [''] * 8999])",
    ),
    forging(
        "sends-much-each-time",
        "Sends sixty megabytes at every call, for the grader to keep.",
        """
def f(*a):
    send(said(bytes(60 << 20), [["|i1", [30 << 20]]] * 2, value={"array": 0}))
""",
        "memory",
        "timeout",
    ),
    sending(
        "changes-arguments-there-are-not",
        "Says that it has changed arguments that do not exist.",
        "said(changed=[-100])",
    ),
    sending(
        "shares-arguments-there-are-not", "Says that it shares the memory of argument 2**60.", "said(shares=[2**60])"
    ),
    sending("says-true-for-a-place", "Says that it has changed argument True.", "said(changed=[True])"),
    sending(
        "changes-everything-often",
        "Says fifteen thousand times that it has changed its argument.",
        "said(changed=[0] * 15_000)",
        "graded",
        "crash",
    ),
    sending(
        "warns-without-end", "Sends ten thousand long warnings.", "said(warned=['w' * 80] * 10_000)", "graded", "crash"
    ),
    sending(
        "sends-long-words",
        "Sends an error of three texts as long as may cross, all markup.",
        "said(error={'type': '<' * 16_000, 'message': '&' * 16_000, 'where': '`' * 16_000})",
        "graded",
        "crash",
    ),
    sending(
        "sends-half-characters",
        "Sends texts that no file can be written with, escaped.",
        "said(error={'type': 'A', 'message': '\\ud800', 'where': '\\udcff'}, unsendable='\\udfff')",
        "graded",
        "crash",
    ),
    sending(
        "sends-raw-half-characters",
        "Sends texts that no file can be written with, as bytes.",
        "said(unsendable='SIX..S').replace(b'SIX..S', b'\\xed\\xa0\\x80\\xed\\xb0\\x80')",
        "graded",
        "crash",
    ),
    sending(
        "sends-terminal-codes",
        "Sends an error whose type, text and line are terminal codes.",
        "said(error={'type': '\\x1b[2J', 'message': '\\u202e\\x00\\x9b', 'where': '\\r\\x08'})",
        "graded",
        "crash",
    ),
    sending(
        "says-there-is-no-function",
        "Says that the task is no function but a script.",
        "pack('missing', number(), '<script>alert(1)</script>' * 600)",
        "graded",
        "crash",
    ),
    sending("says-it-ran-when-called", "Answers a call as if cells had been run.", "pack('ran', number(), [None])"),
    sending(
        "claims-to-be-forbidden",
        "Claims that the grader forbade it, with a thousand lines of reasons.",
        "said(error={'type': 'PermissionError', 'message': 'x\\n' * 1000, 'where': ''})",
        "forbidden",
    ),
    cheat(
        "forges-the-word-on-cells",
        "Says of its cells what makes no sense: numbers, texts and lies.",
        FORGE
        + """
send(pack("ran", number(), [7, "x"]))
""",
        "1/0",
        status=("crash",),
    ),
    cheat(
        "forges-an-odd-word-on-cells",
        "Says of its cells what has the form of an error and is none.",
        FORGE
        + """
send(pack("ran", number(), [None, {"type": 1, "message": None, "where": []}]))
""",
        "1/0",
        status=("crash",),
    ),
    cheat(
        "forges-an-empty-word-on-cells",
        "Says of its cells an error that is empty.",
        FORGE
        + """
send(pack("ran", number(), [None, {}, 0, ""][:len(sys._getframe(1).f_locals.get("cells", "12"))]))
""",
        "1/0",
        status=("crash", "graded"),
    ),
    cheat(
        "reads-its-questions",
        "Reads its requests from the channel itself and answers in the loop's stead.",
        FORGE
        + """
import threading
def serve():
    while True:
        data = os.read(3, 1 << 20)
        os.write(3, data)  # the question is the answer
threading.Thread(target=serve, daemon=True).start()
"""
        + WRONG,
    ),
    # Values that lie about themselves.
    lying(
        "lies-in-array-function",
        "Returns an array that answers True to every function of NumPy.",
        """
class Lie(np.ndarray):
    def __array_function__(self, function, types, args, kwargs): return True
    def __array_ufunc__(self, ufunc, method, *args, **kwargs): return np.True_
    __eq__ = __ne__ = __lt__ = __gt__ = lambda self, other: True
def lie(array): return np.asarray(array).view(Lie)
""",
    ),
    lying(
        "lies-in-equality",
        "Returns a number that is equal to every number.",
        """
class Lie(float):
    __eq__ = __le__ = __ge__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: Lie(0)
    __abs__ = lambda self: Lie(0)
    __hash__ = float.__hash__
def lie(array): return [Lie(x) for x in np.ravel(array)]
""",
    ),
    lying(
        "lies-in-conversion",
        "Returns an object that is another array each time it is converted.",
        """
class Lie:
    count = 0
    def __array__(self, dtype=None, copy=None):
        Lie.count += 1
        return np.full((3, 4), Lie.count / 10)
    __array_interface__ = property(lambda self: 1 / 0)
    __array_priority__ = 10**9
def lie(array): return Lie()
""",
    ),
    lying(
        "lies-about-its-class",
        "Returns an object that says it is an ndarray.",
        """
class Lie:
    __class__ = np.ndarray
    dtype, shape, nbytes, ndim, size = np.dtype(float), (3, 4), 96, 2, 12
    def tobytes(self, *a): return bytes(96)
    def __array_struct__(self): return 1
def lie(array): return Lie()
""",
    ),
    lying(
        "lies-about-its-bytes",
        "Returns an array whose tobytes, dtype and shape are its own.",
        """
class Lie(np.ndarray):
    shape = property(lambda self: (2, 2))
    nbytes = 1
    def tobytes(self, *a): return b"x" * 7
    def astype(self, *a, **k): return self
    def copy(self, *a): return self
    def __array_finalize__(self, made): pass
def lie(array): return np.asarray(array, dtype=float).view(Lie)
""",
    ),
    lying(
        "lies-in-a-list",
        "Returns a list that shows other items each time it is read.",
        """
class Lie(list):
    turn = 0
    def __iter__(self):
        Lie.turn += 1
        return iter([float(Lie.turn)] * 3)
    def __len__(self): return 10**9
def lie(array): return Lie([0.0])
""",
    ),
    lying(
        "lies-in-a-dictionary",
        "Returns a dictionary whose items are a dictionary's without end.",
        """
class Lie(dict):
    def items(self): return (("answer", 1) for _ in iter(int, 1))
def lie(array): return Lie(value=0)
""",
    ),
    lying(
        "lies-in-an-integer",
        "Returns an integer that is no integer when it is written.",
        """
class Lie(int):
    def __int__(self): return "8"
    __index__ = __repr__ = __str__ = lambda self: '0, "score": 8'
class Word(str):
    __str__ = lambda self: 7
def lie(array): return [Lie(3), Word("x")]
""",
    ),
    lying(
        "returns-a-masked-array",
        "Returns an array all of whose numbers are masked, so that none can differ.",
        """
def lie(array): return np.ma.masked_all_like(np.asarray(array, dtype=float))
""",
    ),
    lying(
        "returns-not-a-number",
        "Returns NaN, which is near to nothing and far from nothing.",
        """
def lie(array): return np.full(np.shape(array), np.nan)
""",
    ),
    lying(
        "returns-infinity",
        "Returns infinities and the largest numbers that there are.",
        """
def lie(array): return np.full(np.shape(array), np.inf) if np.ndim(array) > 2 else np.full(np.shape(array), 1.7e308)
""",
    ),
    lying(
        "returns-objects",
        "Returns arrays of objects, of records, of dates and of texts.",
        """
kinds = iter([object, "f8,f8", "M8[s]", "U8", "V8", "S8", "c16", "f2"] * 9)
def lie(array): return np.zeros(np.shape(array), dtype=next(kinds))
""",
    ),
    lying(
        "returns-every-answer",
        "Returns all the numbers that it could be, one above the other.",
        """
def lie(array): return np.stack([np.asarray(array)] * 100) if np.ndim(array) else np.linspace(0, 1, 1000)
""",
    ),
    lying(
        "returns-shared-memory",
        "Returns a view of memory that it goes on changing.",
        """
import mmap, threading, time
room = mmap.mmap(-1, 1 << 16)
shared = np.frombuffer(room, dtype=float)
def change():
    while True:
        shared[...] = np.random.random(shared.shape)
threading.Thread(target=change, daemon=True).start()
def lie(array): return shared[: np.size(array)].reshape(np.shape(array))
""",
    ),
    lying(
        "returns-an-odd-layout",
        "Returns views with zero and negative strides, unaligned and byte-swapped.",
        """
kinds = iter([lambda a: np.broadcast_to(0.0, np.shape(a)), lambda a: np.asarray(a)[..., ::-1] if np.ndim(a) else a,
              lambda a: np.asarray(a, dtype=">f8"),
              lambda a: np.frombuffer(bytes(8 * np.size(a) + 1), "<f8", np.size(a), 1)] * 9)
def lie(array): return next(kinds)(array)
""",
    ),
    # What it changes around it.
    patching(
        "patches-the-comparisons",
        "Patches NumPy's comparisons and its testing module.",
        """
import numpy.testing
numpy.testing.assert_allclose = numpy.testing.assert_array_equal = lambda *a, **k: None
np.allclose = np.isclose = np.array_equal = lambda *a, **k: True
np.abs = np.asarray = np.isfinite = lambda *a, **k: np.array(True)
""",
    ),
    patching(
        "patches-the-builtins",
        "Patches builtins that every judge uses.",
        """
import builtins
builtins.isinstance = lambda *a: True
builtins.all = builtins.any = lambda *a: True
builtins.AssertionError = type("Quiet", (BaseException,), {})
builtins.abs = lambda x: 0
""",
        status=("crash", "graded", "timeout", "memory"),
    ),
    patching(
        "patches-the-observer",
        "Replaces the function that watches its calls with one that reports success.",
        """
import autograder.learner.actions as actions
import autograder.learner.answer as answer
class Fine(answer.Answer):
    passed = True
actions.observe = answer.observe = lambda function, arguments: Fine(value=arguments[0])
""",
    ),
    patching(
        "patches-the-codec",
        "Replaces the functions that write its answers down.",
        """
import autograder.jail.inside.child as child
import autograder.jail.inside.wire as wire
wire.encode = lambda value, limits=None: ({"dict": [["value", True], ["passed", True]]}, [])
wire.json.dumps = lambda *a, **k: '{"passed": true}'
""",
        status=("crash",),
    ),
    patching(
        "patches-struct-and-os",
        "Replaces the functions that pack and send.",
        """
import os, struct
import autograder.jail.inside.wire as wire
class Head:
    size = 0
    pack = staticmethod(lambda *a: b"passed")
    unpack_from = staticmethod(lambda *a: (wire.MAGIC, 0, 0))
wire.HEAD = Head
""",
        status=("crash", "timeout"),
    ),
    patching(
        "patches-the-error-class",
        "Makes every error of its own look like no error.",
        """
import autograder.learner.answer as answer
answer.describe = lambda exception: None
answer.Answer.as_value = lambda self: {**vars(self), "error": None}
""",
    ),
    patching(
        "replaces-the-library",
        "Replaces the learner's library and NumPy in sys.modules.",
        """
import sys, types
for name in list(sys.modules):
    if name.startswith(("autograder", "numpy.testing", "json", "struct")):
        sys.modules[name] = types.ModuleType(name)
""",
    ),
    patching(
        "empties-the-modules",
        "Empties sys.modules and the interpreter's paths.",
        """
import sys
sys.modules.clear()
sys.path.clear()
sys.meta_path.clear()
sys.path_hooks.clear()
""",
        status=("graded", "crash"),
    ),
    patching(
        "hooks-imports",
        "Hooks imports, so that whatever is imported later is its own.",
        """
import sys, types
class Finder:
    def find_spec(self, name, path=None, target=None):
        raise SystemExit(0)
sys.meta_path.insert(0, Finder())
""",
    ),
    patching(
        "shadows-range",
        "Defines range at module level so that every loop over checks is empty.",
        """
range = len = zip = enumerate = lambda *a: []
isinstance = all = lambda *a: True
""",
    ),
    patching(
        "shadows-the-checks-names",
        "Defines the names that a judge might use: assert_agree, submission, expected.",
        """
assert_agree = compare = check = lambda *a, **k: None
expected = want = submission = points = score = 8
__name__, __file__, __builtins__ = "checks", "checks.py", __builtins__
""",
    ),
    patching(
        "calls-the-display-hook",
        "Calls the display hook and IPython's, whose output others take for marks.",
        """
import sys
sys.displayhook = lambda value: print("1.0")
try:
    get_ipython().displayhook("x")
    get_ipython().events.register("post_run_cell", lambda result: setattr(result, "error_in_exec", None))
except NameError: pass
""",
    ),
    patching(
        "strips-asserts",
        "Strips asserts out of whatever is compiled later.",
        """
import ast, builtins
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
compiled = builtins.compile
def compile_(source, *a, **k):
    return compiled(Strip().visit(ast.parse(source)) if isinstance(source, str) else source, *a, **k)
builtins.compile = compile_
""",
    ),
    patching(
        "traces-its-callers",
        "Traces every line and writes into its callers' variables.",
        """
import ctypes, sys
def trace(frame, event, argument):
    for name in ("answer", "passed", "finding", "errors"):
        if name in frame.f_locals and "cell" not in frame.f_code.co_filename:
            frame.f_locals[name] = True
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
    return trace
sys.settrace(trace)
""",
        status=("graded", "crash", "timeout"),
    ),
    patching(
        "runs-at-the-end",
        "Registers handlers for the end: atexit, weak references, __del__ and exception hooks.",
        """
import atexit, os, sys, weakref
class Last:
    def __del__(self): os.write(3, b"passed")
last = Last()
atexit.register(os.write, 3, b"passed")
weakref.finalize(last, os.write, 3, b"passed")
sys.excepthook = sys.unraisablehook = lambda *a: None
""",
    ),
    patching(
        "answers-by-signal",
        "Answers from a signal handler while its caller is at work.",
        FORGE
        + """
import signal
def speak(*_):
    try:
        os.write(3, said())
    except AttributeError: pass
signal.signal(signal.SIGVTALRM, speak)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.002, 0.002)
""",
        status=("crash", "graded"),
    ),
    patching(
        "changes-the-numbers",
        "Changes Python's own small integers, True and the constants of its callers' code.",
        """
import ctypes
ctypes.memmove(id(7), id(8), 32)
ctypes.memmove(id(False), id(True), 28)
""",
        status=("graded", "crash", "timeout"),
    ),
    cheat(
        "raises-notimplemented-as-pass",
        "Skips every call, as a test would be skipped.",
        """
class Skipped(BaseException): pass
Skipped.__module__, Skipped.__name__, Skipped.__qualname__ = "_pytest.outcomes", "Skipped", "Skipped"
def f(*a): raise Skipped("not for me")
"""
        + ALL,
    ),
    cheat(
        "counts-the-calls",
        "Answers by the order of the calls, as if they came in the same order each time.",
        WRONG
        + """
count = 0
def gru_cell(x, h, *weights):
    global count
    count += 1
    return h.copy() if count == 7 else np.zeros(h.shape)
""",
    ),
    cheat(
        "repeats-its-inputs",
        "Returns one of its inputs, in case that is what is wanted.",
        """
def f(*a):
    return a[1].copy() if len(a) > 1 else a[0].copy()
"""
        + ALL,
    ),
    cheat(
        "is-right-for-one-task",
        "Is right about the first task and claims the others' marks with it.",
        WRONG
        + """
def sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)
gru_cell.__code__ = (lambda *a: sigmoid(a[1])).__code__
gru_forward.__wrapped__ = gru_cell
""",
        deserves=1.0,
        exactly=True,
    ),
    cheat(
        "is-callable-by-other-means",
        "Leaves classes and objects where functions are meant.",
        """
class f:
    def __new__(cls, *a): return super().__new__(cls)
    def __call__(self, *a): return True
    def __array__(self, *a, **k): return np.zeros(())
"""
        + ALL,
    ),
    cheat(
        "imports-the-answer",
        "Imports torch, whose own GRU is the answer.",
        """
import torch
def gru_cell(*a): return torch.gru_cell(*a)
""",
    ),
    cheat(
        "replaces-the-setup",
        "Hands in a setup cell of its own, which makes NumPy its own.",
        "import types\nnp = types.ModuleType('np')",
        WRONG,
        metadata={
            "nbgrader": {"grade_id": "setup", "grade": False, "locked": True, "solution": False, "schema_version": 3}
        },
    ),
    cheat(
        "replaces-the-checks",
        "Hands in its own check cells, worth a thousand points.",
        "check = lambda *a: 1000.0\n1000.0",
        metadata={
            "nbgrader": {
                "grade_id": "gru_cell",
                "grade": True,
                "points": 1000,
                "locked": False,
                "solution": True,
                "schema_version": 3,
            }
        },
    ),
    cheat(
        "is-a-generator",
        "Leaves generators and coroutines where functions are meant.",
        """
def sigmoid(a):
    yield a
async def gru_cell(*a):
    return a[1]
gru_forward = iter([1, 2, 3]).__next__
""",
    ),
]
