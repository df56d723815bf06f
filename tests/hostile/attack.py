"""What one entry of the corpus is, and the code that entries share."""

from __future__ import annotations

import string
from dataclasses import dataclass

FULL = 8.0

# Before a probe: it notes what it gains, and slips of its own, which would make it prove nothing.
TOOLS = '''
import ctypes, errno, os, re, sys
GAINED, SLIPS = [], []
LIBC = ctypes.CDLL(None, use_errno=True)
PLANTED = re.compile("$mark[0-9a-f]{32}")
COURSE, HOME, FRIEND, OUT = "$course", "$home", "$friend", "$out"
GRADER, ZYGOTE, TCP, UDP, UNIX = $grader, $zygote, $tcp, $udp, "$unix"

def gained(what):
    GAINED.append(str(what)[:120])

def look(data):
    """Note a planted secret in `data`."""
    text = data.decode("latin-1") if isinstance(data, (bytes, bytearray)) else str(data)
    found = PLANTED.search(text)
    if found:
        gained(found.group())

def read(path):
    with open(path, "rb") as file:
        look(file.read(1 << 20))

def write(path):
    with open(path, "w") as file:
        file.write("HOSTILE")
    gained("wrote " + path)

def attempt(function):
    """Run it now.  To be refused is expected; any other failure is a slip."""
    try:
        function()
    except (OSError, ImportError):
        pass
    except BaseException as slip:
        SLIPS.append(f"{type(slip).__name__}: {slip}")

def each(items, function):
    for item in items:
        attempt(lambda: function(item))

def system(name, *arguments):
    """Make a system call; whether it went through counts as a gain."""
    whole = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = LIBC.syscall(ctypes.c_long(NUMBERS[name]), *whole)
    if result >= 0:
        gained(name)
    return result

NUMBERS = dict(fork=57, vfork=58, clone=56, clone3=435, execve=59, execveat=322, ptrace=101, kill=62, tgkill=234,
    pidfd_send_signal=424, rt_sigqueueinfo=129, process_vm_readv=310, process_vm_writev=311, pidfd_open=434,
    pidfd_getfd=438, unshare=272, setns=308, mount=165, pivot_root=155, chroot=161, io_uring_setup=425, bpf=321,
    perf_event_open=298, userfaultfd=323, memfd_create=319, memfd_secret=447, add_key=248, keyctl=250, kcmp=312,
    name_to_handle_at=303, open_by_handle_at=304, openat2=437, shmget=29, msgget=68, semget=64, mq_open=240,
    prlimit64=302, setrlimit=160, setpriority=141, sched_setaffinity=203, sched_setscheduler=144, ioprio_set=251,
    setuid=105, setgid=106, setgroups=116, capset=126, personality=135, prctl=157, seccomp=317, syslog=103,
    inotify_init=253, fanotify_init=300, splice=275, vmsplice=278, tee=276, sendfile=40, copy_file_range=326,
    timer_create=222, signalfd=282, timerfd_create=283, process_madvise=440, migrate_pages=256, move_pages=279,
    sethostname=170, settimeofday=164, clock_settime=227, reboot=169, swapon=167, init_module=175, kexec_load=246,
    iopl=172, ioperm=173, acct=163, quotactl=179, socket=41, socketpair=53, connect=42, sendmsg=46, shutdown=48,
    setsockopt=54, truncate=76, fallocate=285, mknod=133, setxattr=188, utimensat=280, setsid=112, fcntl=72, ioctl=16,
    modify_ldt=154, mlockall=151, mbind=237, sched_setattr=314, getsockopt=55, landlock_create_ruleset=444)
'''

# After a probe: whatever is called tells what was gained.
TELL = """
def outcome():
    if GAINED:
        return "BRE" "ACH " + " ".join(GAINED)
    return "SL" "IP " + " ".join(SLIPS) if SLIPS else "nothing gained"

def sigmoid(*arguments):
    raise RuntimeError(outcome())

gru_cell = gru_forward = sigmoid
"""

# Answers of the right shape, all wrong.
WRONG = """
def sigmoid(a):
    return np.zeros(np.shape(a))

def gru_cell(x, h, *weights):
    return np.zeros(h.shape)

def gru_forward(x, h0, *weights):
    return np.zeros((len(x), *h0.shape))
"""

RIGHT = """
def sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)

def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h

def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)
"""

# Every function of the notebook does what `f` does.
ALL = "\nsigmoid = gru_cell = gru_forward = f\n"


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    name: what it tries, for a table.  tries: the same as a sentence.  cells: its code.  deserves: the most points that
    an honest equal of it would get; with `exactly`, neither more nor less.  status: how it may end, where that is
    certain.  proves: a text that its report must hold, so that an attack which failed to attack is found out.
    """

    name: str
    tries: str
    cells: tuple[str, ...]
    deserves: float = 0.0
    exactly: bool = False
    status: tuple[str, ...] = ()
    proves: str = ""
    metadata: dict | None = None

    def notebook(self, **places: object) -> dict:
        """The notebook as JSON, with the places that it attacks filled in."""
        cells = [string.Template(cell).safe_substitute(places) for cell in self.cells]
        return {
            "nbformat": 4,
            "nbformat_minor": 4,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "code",
                    "source": source,
                    "metadata": self.metadata or {},
                    "outputs": [],
                    "execution_count": None,
                }
                for source in cells
            ],
        }


def probe(name: str, tries: str, code: str) -> Attack:
    """An attempt to reach something outside; whatever it gains, it tells in the report."""
    return Attack(name, tries, (TOOLS, code, TELL), proves="nothing gained")


def cheat(name: str, tries: str, *cells: str, deserves: float = 0.0, **more: object) -> Attack:
    """An attempt to get marks for something other than the work."""
    return Attack(name, tries, cells, deserves, **more)
