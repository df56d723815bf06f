"""Submissions that use up memory, time, files, or the grader's patience."""

from .attack import ALL, RIGHT, WRONG, Attack, cheat


def calling(name: str, tries: str, code: str, *status: str) -> Attack:
    """One that does it in a call."""
    return cheat(name, tries, code + ALL, status=status or ("graded",))


ATTACKS = [
    calling("fills-memory-at-once", "Asks for a terabyte.", "def f(*a):\n    return bytearray(10**12)", "memory"),
    calling(
        "fills-memory-by-and-by",
        "Fills memory bit by bit, and catches being told so.",
        """
kept = []
def f(*a):
    while True:
        try:
            kept.append(bytearray(1 << 20))
        except MemoryError:
            pass
""",
        "timeout",
    ),
    calling(
        "fills-memory-with-arrays",
        "Makes an array of many gigabytes, all of it touched.",
        "def f(*a):\n    return np.ones(10**10)",
        "memory",
    ),
    calling(
        "fills-memory-with-mappings",
        "Maps memory anonymously and shared, past Python's own count.",
        """
import ctypes, mmap
kept = []
def f(*a):
    try:
        while True:
            kept.append(mmap.mmap(-1, 1 << 26))
            kept[-1][:: 4096] = b"x" * len(kept[-1][:: 4096])
    except OSError as error:
        raise MemoryError from error
""",
        "memory",
    ),
    calling(
        "fills-memory-with-an-integer",
        "Computes an integer of a billion digits.",
        "def f(*a):\n    return 10 ** 10 ** 9",
        "timeout",
        "memory",
    ),
    cheat(
        "spins-in-a-cell",
        "Loops for ever in a cell; the others' cells are honest.",
        "while True: pass",
        RIGHT,
        deserves=8.0,
    ),
    cheat(
        "spins-and-will-not-stop",
        "Loops for ever in a cell and catches every interruption.",
        """
while True:
    try:
        while True: pass
    except BaseException: pass
""",
        status=("timeout", "graded"),
    ),
    cheat(
        "sleeps-for-ever",
        "Sleeps for ever in a cell, with the alarm switched off.",
        """
import signal, time
signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
time.sleep(300)
""",
        status=("timeout",),
    ),
    cheat(
        "ignores-every-signal",
        "Ignores every signal that can be ignored, and spins.",
        """
import signal
for number in signal.valid_signals():
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True: pass
""",
        status=("timeout",),
    ),
    cheat(
        "replaces-the-timer",
        "Replaces the handler and setitimer, so that no cell would ever be stopped.",
        """
import signal
signal.signal = signal.setitimer = lambda *a: None
signal.alarm(0)
""",
        "while True: pass",
        status=("timeout",),
    ),
    cheat(
        "spins-in-c",
        "Spins inside one long call of a library, which no handler of Python's interrupts.",
        """
import collections, itertools
collections.deque(itertools.repeat(0), maxlen=0)
""",
        status=("timeout",),
    ),
    calling("spins-in-a-call", "Loops for ever in a call.", "def f(*a):\n    while True: pass", "timeout"),
    calling(
        "sleeps-in-a-call", "Sleeps for ever in a call.", "import time\ndef f(*a):\n    time.sleep(300)", "timeout"
    ),
    calling(
        "sleeps-just-enough",
        "Takes just less than a call's time for each call, to hold the grader long.",
        """
import time
def f(*a):
    time.sleep(0.9)
    return np.zeros(np.shape(a[0]))
""",
        "timeout",
        "graded",
    ),
    calling(
        "yields-for-ever",
        "Returns a generator without end.",
        """
import itertools
def f(*a):
    return itertools.count()
""",
    ),
    calling(
        "grows-while-it-is-read",
        "Returns a list that grows while it is read.",
        """
class Growing(list):
    def __iter__(self):
        while True:
            yield 1
def f(*a):
    return Growing([1])
""",
    ),
    calling("recurses", "Calls itself without end.", "def f(*a):\n    return f(*a)"),
    calling(
        "recurses-in-c",
        "Overflows the C stack, past Python's limit of recursion.",
        """
import sys
sys.setrecursionlimit(10**9)
def f(*a):
    return eval("f(*a)", {"f": f, "a": a}) if True else sorted([f], key=f)
""",
        "crash",
        "memory",
        "graded",
        "timeout",
    ),
    calling(
        "nests-deeply",
        "Returns a list nested ten thousand deep.",
        """
def f(*a):
    nest = []
    for _ in range(10_000):
        nest = [nest]
    return nest
""",
    ),
    calling(
        "nests-in-itself",
        "Returns a list that holds itself.",
        """
def f(*a):
    nest = []
    nest.append(nest)
    return nest
""",
    ),
    calling(
        "nests-source-deeply",
        "Hands in source that is nested so deeply that the compiler gives up.",
        """
try:
    eval("(" * 100_000 + ")" * 100_000)
    eval("-" * 1_000_000 + "1")
except (SyntaxError, MemoryError, RecursionError): pass
def f(*a): return 1
""",
    ),
    cheat(
        "has-very-many-cells",
        "Hands in nearly two thousand cells, each of which fails.",
        *["1/0"] * 1_900,
        status=("graded", "crash", "timeout", "unreadable"),
    ),
    cheat(
        "has-very-long-cells",
        "Hands in a cell of nine megabytes.",
        "x = '" + "x" * (9 << 20) + "'\n" + RIGHT,
        deserves=8.0,
    ),
    cheat(
        "has-cells-of-half-characters",
        "Hands in a cell that no encoding can hold, beside honest ones.",
        "'\ud800'",
        RIGHT,
        deserves=8.0,
        exactly=True,
    ),
    calling("returns-a-huge-text", "Returns a hundred megabytes of text.", "def f(*a):\n    return 'x' * 10**8"),
    calling(
        "returns-a-huge-dictionary",
        "Returns a dictionary of a million entries.",
        "def f(*a):\n    return dict.fromkeys(map(str, range(10**6)))",
        "graded",
        "timeout",
    ),
    calling(
        "returns-a-huge-list",
        "Returns a list of ten million numbers.",
        "def f(*a):\n    return [0.5] * 10**7",
        "graded",
    ),
    calling(
        "returns-a-huge-view",
        "Returns a view of one number that claims to be a trillion.",
        "def f(*a):\n    return np.broadcast_to(0.5, (10**6, 10**6))",
        "graded",
        "memory",
        "crash",
    ),
    calling(
        "returns-much-each-time",
        "Returns the largest array that may cross, at every call.",
        "def f(*a):\n    return np.zeros((4 << 20) - 8)",
        "graded",
        "timeout",
    ),
    calling(
        "returns-text-among-numbers",
        "Returns many short texts and a long one, which fill memory as one array.",
        "def f(*a):\n    return ['x' * 16_000] + ['x'] * 15_000",
        "crash",
        "graded",
    ),
    calling(
        "raises-a-huge-exception",
        "Raises an exception of a hundred megabytes.",
        "def f(*a):\n    raise ValueError('x' * 10**8)",
    ),
    calling(
        "raises-from-very-deep",
        "Raises from a thousand frames, each on a line of its own length.",
        """
def deep(n):
    if n: return deep(n - 1)
    raise ValueError("deep")
def f(*a): return deep(900)
""",
    ),
    calling(
        "chains-exceptions",
        "Raises an exception with a chain of ten thousand causes.",
        """
def f(*a):
    error = ValueError("last")
    for place in range(10_000):
        new = ValueError(str(place))
        new.__cause__ = error
        error = new
    raise error
""",
    ),
    cheat(
        "prints-100-mb",
        "Prints a hundred megabytes, from Python and past it; its work is honest.",
        """
import os, sys
for _ in range(100):
    print("x" * 10**6)
    os.write(2, b"x" * 10**6)
"""
        + RIGHT,
        deserves=8.0,
        exactly=True,
    ),
    cheat(
        "reads-its-input",
        "Waits for input that never comes; its work is honest.",
        """
import sys
sys.stdin.read()
try:
    input("password: ")
except EOFError: pass
"""
        + RIGHT,
        deserves=8.0,
        exactly=True,
    ),
    cheat(
        "opens-every-descriptor",
        "Opens files until there are no more descriptors.",
        """
import os
try:
    while True: os.dup(1)
except OSError: pass
"""
        + RIGHT,
        deserves=8.0,
        exactly=True,
    ),
    cheat(
        "fills-pipes",
        "Opens pipes and fills them, which is the kernel's memory.",
        WRONG
        + """
import os
try:
    while True:
        _, end = os.pipe()
        os.set_blocking(end, False)
        try:
            while True: os.write(end, bytes(1 << 16))
        except BlockingIOError: pass
except OSError: pass
""",
    ),
    cheat(
        "starts-very-many-threads",
        "Starts threads until no more can be started.",
        """
import threading, time
threading.stack_size(32768)
try:
    while True: threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
except (RuntimeError, MemoryError): pass
"""
        + WRONG,
        status=("graded", "timeout", "memory", "crash"),
    ),
    cheat(
        "splits-its-memory",
        "Splits its memory into as many mappings as the kernel keeps.",
        """
import ctypes, mmap
room = mmap.mmap(-1, 200 << 20)
start = ctypes.addressof(ctypes.c_char.from_buffer(room))
libc = ctypes.CDLL(None)
for place in range(0, 200 << 20, 8192):
    libc.mprotect(ctypes.c_void_p(start + place), ctypes.c_size_t(4096), 1)
"""
        + WRONG,
        status=("graded", "timeout", "memory", "crash"),
    ),
    cheat(
        "uses-up-the-stack",
        "Moves the stack's end and runs past it in C.",
        """
import ctypes
ctypes.memset(ctypes.addressof(ctypes.c_int()), 0, 1 << 30)
""",
        status=("crash",),
    ),
    cheat("exits", "Leaves with exit code 0 before anything is asked.", "import os\nos._exit(0)", status=("crash",)),
    cheat(
        "exits-politely",
        "Raises SystemExit in a cell; its work is honest.",
        "import sys\nsys.exit(0)",
        RIGHT,
        deserves=8.0,
        exactly=True,
    ),
    calling("exits-in-a-call", "Leaves with exit code 0 in a call.", "import os\ndef f(*a):\n    os._exit(0)", "crash"),
    calling("aborts", "Aborts in a call.", "import os\ndef f(*a):\n    os.abort()", "crash"),
    calling(
        "breaks-the-interpreter",
        "Reads the address 0 and gives back a broken object.",
        """
import ctypes
def f(*a):
    return ctypes.cast(8, ctypes.py_object).value
""",
        "crash",
    ),
    calling(
        "closes-its-channel",
        "Closes the channel and sleeps.",
        "import os, time\ndef f(*a):\n    os.close(3)\n    time.sleep(300)",
        "crash",
    ),
    calling(
        "changes-its-inputs-to-monsters",
        "Resizes and reshapes its inputs in place while it is watched.",
        """
def f(*a):
    for array in a:
        array.resize((1,) * array.ndim, refcheck=False) if array.size else None
    return a[0]
""",
        "graded",
        "crash",
    ),
]
