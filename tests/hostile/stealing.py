"""Submissions that look for the key, the checks, the reference, or other people's work."""

from .attack import probe

ATTACKS = [
    probe(
        "reads-the-checks",
        "Opens the hidden checks by their path.",
        """
attempt(lambda: read(COURSE + "/solutions/gru_cell/checks.py"))
""",
    ),
    probe(
        "reads-the-reference",
        "Opens the reference and the solved notebook by their paths.",
        """
each(["reference/gru.py", "gru_cell/gru_cell.py"], lambda name: read(f"{COURSE}/solutions/{name}"))
""",
    ),
    probe(
        "reads-the-catalogue",
        "Opens the catalogue of mistakes by its path.",
        """
attempt(lambda: read(COURSE + "/solutions/gru_cell/mistakes.py"))
""",
    ),
    probe(
        "reads-the-course-key",
        "Opens the file that holds the course key.",
        """
attempt(lambda: read(COURSE + "/.course-key"))
""",
    ),
    probe(
        "reads-the-gradebook",
        "Opens nbgrader's gradebook, as a file and as a database.",
        """
import sqlite3
attempt(lambda: read(COURSE + "/gradebook.db"))
try:
    look(sqlite3.connect(f"file:{COURSE}/gradebook.db?mode=ro", uri=True).execute("select * from grade").fetchall())
except sqlite3.Error:
    pass
""",
    ),
    probe(
        "reads-a-classmates-notebook",
        "Opens the notebook that a classmate has handed in.",
        """
attempt(lambda: read(FRIEND))
""",
    ),
    probe(
        "reads-the-reports",
        "Opens the reports of those who were graded before.",
        """
attempt(lambda: each(os.listdir(OUT + "/reports"), lambda who: read(f"{OUT}/reports/{who}/gru_cell.json")))
attempt(lambda: read(OUT + "/reports/000-right/gru_cell.json") or gained("a report can be read"))
""",
    ),
    probe(
        "reads-the-ssh-key",
        "Opens the grader's private key, by its path and by every home there may be.",
        """
import pwd
homes = {HOME, "/root", os.path.expanduser("~"), *(f"/home/{name}" for name in ("runner", "ubuntu", "user"))}
def take(home):
    for name in ("id_ed25519", "id_rsa", "config", "known_hosts", "authorized_keys"):
        attempt(lambda: (read(f"{home}/.ssh/{name}"), gained("opened " + name)))
each(homes, take)
""",
    ),
    probe(
        "reads-by-other-names",
        "Reaches the checks by /proc/self/root, /proc/self/cwd and a path with dots.",
        """
way = COURSE + "/solutions/gru_cell/checks.py"
each(["/proc/self/root" + way, "/proc/self/cwd/../../../../../.." + way, "/lib/../" + way, "/proc/1/root" + way,
      f"/proc/{os.getpid()}/root{way}", "/usr/lib/python3/../../.." + way, f"/proc/{GRADER}/root{way}"], read)
""",
    ),
    probe(
        "reads-through-an-open-folder",
        "Opens a folder with O_PATH and the checks relative to it.",
        """
def climb(start):
    folder = os.open(start, os.O_PATH)
    try:
        file = os.open(("../" * 9) + COURSE[1:] + "/solutions/gru_cell/checks.py", os.O_RDONLY, dir_fd=folder)
        look(os.read(file, 1 << 16))
    finally:
        os.close(folder)
each(["/", "/usr/lib", "/lib", os.path.dirname(os.__file__), "/proc/self"], climb)
""",
    ),
    probe(
        "opens-a-path-twice",
        "Opens the checks with O_PATH, which asks for no right, and then that descriptor.",
        """
def twice():
    handle = os.open(COURSE + "/solutions/gru_cell/checks.py", os.O_PATH)
    look(os.read(os.open(f"/proc/self/fd/{handle}", os.O_RDONLY), 1 << 16))
attempt(twice)
""",
    ),
    probe(
        "opens-by-handle",
        "Asks the kernel for a file's handle and opens that, past every path.",
        """
handle = ctypes.create_string_buffer(b"\\x80" + bytes(200))
mount = ctypes.c_int()
name = (COURSE + "/solutions/gru_cell/checks.py").encode()
system("name_to_handle_at", -100, name, handle, ctypes.byref(mount), 0)
system("open_by_handle_at", -100, handle, 0)
""",
    ),
    probe(
        "opens-by-openat2",
        "Opens the checks by the newer system call, which an old filter may not know.",
        """
how = (ctypes.c_uint64 * 3)(0, 0, 0)
system("openat2", -100, (COURSE + "/solutions/gru_cell/checks.py").encode(), how, 24)
""",
    ),
    probe(
        "reads-its-own-environment",
        "Looks for the course key in the environment: Python's, the kernel's and C's.",
        """
look(dict(os.environ))
attempt(lambda: read("/proc/self/environ"))
names = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
place = 0
while names[place]:
    look(names[place])
    place += 1
LIBC.getenv.restype = ctypes.c_char_p
if LIBC.getenv(b"AUTOGRADER_KEY"):
    gained("the key is in the environment")
""",
    ),
    probe(
        "reads-every-environment",
        "Reads the environment of every process of the machine.",
        """
each([GRADER, ZYGOTE, os.getppid(), *range(1, 3000)], lambda pid: read(f"/proc/{pid}/environ"))
""",
    ),
    probe(
        "reads-every-command-line",
        "Reads the command line of every process but its own.",
        """
def take(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        gained(file.read() or "a command line")
each([GRADER, ZYGOTE, *(pid for pid in range(1, 3000) if pid != os.getpid())], take)
""",
    ),
    probe(
        "lists-the-processes",
        "Lists /proc, and the threads and files of the grader.",
        """
each(["/proc", f"/proc/{GRADER}/task", f"/proc/{GRADER}/fd", f"/proc/{os.getppid()}/fd"],
     lambda path: gained(os.listdir(path)))
""",
    ),
    probe(
        "follows-the-graders-links",
        "Asks where the grader's program, folder and files are.",
        """
def follow(path):
    gained(os.readlink(path))
each([f"/proc/{pid}/{name}" for pid in (GRADER, ZYGOTE) for name in ("exe", "cwd", "root", "fd/0", "fd/5")], follow)
""",
    ),
    probe(
        "reads-the-graders-memory",
        "Reads the grader's memory through /proc/PID/mem, and that of everybody's parent.",
        """
def take(pid):
    with open(f"/proc/{pid}/maps") as maps:
        ranges = [line.split()[0].split("-") for line in maps if " rw-p " in line]
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for start, stop in ranges:
            memory.seek(int(start, 16))
            look(memory.read(min(int(stop, 16) - int(start, 16), 1 << 24)))
each([GRADER, ZYGOTE, os.getppid(), 1, 2], take)
""",
    ),
    probe(
        "copies-the-graders-memory",
        "Copies another process's memory with process_vm_readv.",
        """
room = ctypes.create_string_buffer(4096)
ours = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 4096)
theirs = (ctypes.c_uint64 * 2)(id(object) & ~4095, 4096)
for pid in (GRADER, ZYGOTE, os.getppid(), 1):
    system("process_vm_readv", pid, ours, 1, theirs, 1, 0)
""",
    ),
    probe(
        "traces-the-grader",
        "Attaches to the grader, the zygote and its parent as a debugger.",
        """
for request in (16, 0x4206):  # PTRACE_ATTACH, PTRACE_SEIZE
    for pid in (GRADER, ZYGOTE, os.getppid(), 1):
        system("ptrace", request, pid, 0, 0)
""",
    ),
    probe(
        "takes-the-graders-files",
        "Takes open files out of the grader with pidfd_getfd.",
        """
for pid in (GRADER, ZYGOTE, os.getppid(), 1):
    handle = system("pidfd_open", pid, 0)
    for number in range(10):
        system("pidfd_getfd", handle, number, 0)
""",
    ),
    probe(
        "reads-inherited-files",
        "Reads every descriptor that it may have inherited.",
        """
def take(number):
    os.fstat(number)
    gained(f"descriptor {number} is open")
each([*range(4, 1100)], take)
for number in (0, 1, 2):
    if os.fstat(number).st_rdev != os.stat("/dev/null").st_rdev:
        gained(f"descriptor {number} is not /dev/null")
""",
    ),
    probe(
        "walks-the-frames",
        "Walks up the stack to its callers' variables.",
        """
def walk():
    frame = sys._getframe()
    while frame:
        if frame.f_globals is not globals():
            look(repr(frame.f_locals))
            look(repr(frame.f_globals))
        for name in ("want", "expected", "reference", "checks", "key", "judge"):
            if name in frame.f_locals and frame.f_globals is not globals():
                gained(f"{name} in {frame.f_code.co_name}")
        frame = frame.f_back
attempt(walk)
try:
    raise ValueError
except ValueError as error:
    look(repr(error.__traceback__.tb_frame.f_back))
""",
    ),
    probe(
        "walks-the-heap",
        "Looks at every object that the garbage collector knows.",
        """
import gc
from functools import reduce
for thing in gc.get_objects():
    if type(thing) in (dict, list, tuple, set) and thing is not globals():
        for part in list(thing.values() if type(thing) is dict else thing):
            if type(part) in (str, bytes):
                look(part)
    if type(thing).__name__ in ("Key", "Judge", "Catalogue", "Suspect", "Assignment", "Called"):
        gained(type(thing).__name__)
""",
    ),
    probe(
        "scans-its-memory",
        "Looks for secrets left in its own memory by the processes that it was forked from.",
        """
taken, given = os.pipe()
os.set_blocking(taken, False)
os.set_blocking(given, False)
for start in (id(object()), id(sys), id(None), id(os.environ), ctypes.addressof(ctypes.c_int()), id(np.zeros(9))):
    for page in range((start & ~4095) - (400 << 12), (start & ~4095) + (400 << 12), 4096):
        if LIBC.write(given, ctypes.c_void_p(page), ctypes.c_size_t(4096)) > 0:  # where nothing is, it fails
            look(os.read(taken, 4096))
""",
    ),
    probe(
        "imports-the-solution",
        "Imports the reference, the checks and the grader's own modules.",
        """
import importlib
names = ["solutions", "solutions.reference", "solutions.gru_cell.checks", "solutions.gru_cell.mistakes"]
names += [f"autograder.{name}" for name in ("judge", "catalogue", "course", "testing", "grade", "source", "jail.host")]
each(names, lambda name: gained(importlib.import_module(name)))
""",
    ),
    probe(
        "imports-the-graders-packages",
        "Imports packages of the grader's environment that hold ready-made answers.",
        """
import importlib
each(["torch", "tensorflow", "keras", "jax", "nbformat", "pytest", "scipy", "pyseccomp", "nbgrader", "jinja2"],
     lambda name: gained(importlib.import_module(name)))
version = f"python{sys.version_info.major}.{sys.version_info.minor}"
sys.path += [COURSE, f"{sys.prefix}/lib/{version}/site-packages", "/usr/lib/python3/dist-packages"]
each(["solutions.reference", "torch", "nbformat"], lambda name: gained(importlib.import_module(name)))
""",
    ),
    probe(
        "walks-the-files",
        "Walks the whole file system for anything that looks like a key or a check.",
        """
for start in ("/", "/jail", "/tmp", "/home", "/root", "/srv", "/var", "/opt", "/mnt", COURSE):
    for folder, folders, files in os.walk(start):
        if {"checks.py", "mistakes.py", ".course-key", "id_ed25519"} & set(files) or "solutions" in folders:
            gained(folder)
""",
    ),
    probe(
        "reads-passwords",
        "Reads the accounts and passwords of the machine.",
        """
each(["/etc/shadow", "/etc/passwd", "/etc/sudoers", "/etc/hostname", "/etc/machine-id", "/root/.bash_history"],
     lambda path: (open(path).read(1), gained(path)))
""",
    ),
    probe(
        "reads-raw-devices",
        "Reads memory, disks, terminals and the kernel's log as devices.",
        """
each(["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/tty", "/dev/console", "/dev/ptmx",
      "/dev/pts/0", "/dev/fuse", "/dev/kvm", "/proc/kcore", "/proc/kmsg"],
     lambda path: (open(path, "rb"), gained(path)))
room = ctypes.create_string_buffer(4096)
system("syslog", 3, room, 4096)
""",
    ),
    probe(
        "reads-kernel-keys",
        "Looks for secrets in the kernel's key rings.",
        """
for ring in (-1, -2, -3, -4, -5):
    system("keyctl", 0, ring, 0, 0, 0)
    system("keyctl", 11, ring, 0, 0, 0)
system("add_key", b"user", b"HOSTILE", b"note", 4, -5)
""",
    ),
    probe(
        "watches-files",
        "Watches the course with inotify and fanotify.",
        """
system("inotify_init")
system("fanotify_init", 0, 0)
""",
    ),
    probe(
        "asks-the-kernel-to-copy",
        "Has the kernel move a file's bytes, so that it never reads them itself.",
        """
source, target = os.pipe()
for name in ("sendfile", "splice", "tee", "vmsplice", "copy_file_range"):
    system(name, target, 0, 0, 16, 0, 0)
""",
    ),
    probe(
        "opens-by-io-uring",
        "Opens files by io_uring, which passes by filters of system calls.",
        """
room = ctypes.create_string_buffer(256)
system("io_uring_setup", 8, room)
""",
    ),
    probe(
        "loads-a-kernel-program",
        "Loads a BPF program and opens performance counters on the grader.",
        """
room = ctypes.create_string_buffer(128)
system("bpf", 5, room, 128)
system("bpf", 0, room, 128)
system("perf_event_open", room, GRADER, -1, -1, 0)
""",
    ),
    probe(
        "compares-processes",
        "Asks which files and memory it shares with the grader.",
        """
for kind in range(7):
    system("kcmp", GRADER, os.getpid(), kind, 0, 0)
""",
    ),
    probe(
        "looks-through-the-library",
        "Asks the learner's library, which the jail holds, for cases and their answers.",
        """
import autograder.learner.cases as cases
from pathlib import Path
def take(start):
    gained(cases.load(cases.find("gru_cell", Path(start))))
def refused(start):
    try:
        take(start)
    except Exception:
        pass
for start in (COURSE, COURSE + "/exercises/gru_cell", ".", os.path.dirname(cases.__file__)):
    refused(start)
for name, module in list(sys.modules.items()):
    if "solutions" in name or "checks" in name or "mistakes" in name:
        gained(name)
""",
    ),
    probe(
        "listens-to-the-interpreter",
        "Hooks every event of the interpreter, to see a secret as it passes.",
        """
sys.addaudithook(lambda event, arguments: event in ("open", "import") and look(arguments))
sys.setprofile(lambda frame, event, argument: look(frame.f_code.co_filename))
import colorsys
sys.setprofile(None)
""",
    ),
]
