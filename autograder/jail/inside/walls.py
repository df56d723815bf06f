"""Two walls that a process builds around itself and cannot take down: Landlock for files, seccomp for system calls.

Linux has no Python interface to either, so the calls are made through ctypes.  The numbers and structures are those of
landlock(7) and seccomp(2).
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable

LIBC = ctypes.CDLL(None, use_errno=True)
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_CREATE_RULESET_VERSION = 1
LANDLOCK_RULE_PATH_BENEATH = 1
ACCESS_READ_FILE, ACCESS_READ_DIR = 1 << 2, 1 << 3
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
# What each version of Landlock can govern: kinds of access to files, to the network, and to other processes.
FILE_ACCESSES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NETWORK_FROM, SCOPE_FROM = 4, 6
ALL_NETWORK, ALL_SCOPES = 0b11, 0b11


class Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def landlock_version() -> int:
    """The version of Landlock that this kernel has; 0 where it has none or it is switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, LIBC.syscall(LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION))


def readable_only(paths: Iterable[str]) -> int:
    """A ruleset's descriptor: the files and folders in `paths` can be read, and nothing else can be touched."""
    version = landlock_version()
    files = (1 << FILE_ACCESSES[min(version, max(FILE_ACCESSES))]) - 1
    network = ALL_NETWORK if version >= NETWORK_FROM else 0
    rules = Ruleset(files, network, ALL_SCOPES if version >= SCOPE_FROM else 0)
    size = 24 if version >= SCOPE_FROM else 16 if version >= NETWORK_FROM else 8
    ruleset = checked(LIBC.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(rules), size, 0), "landlock_create_ruleset")
    for path in paths:
        allow(ruleset, path)
    return ruleset


def allow(ruleset: int, path: str) -> None:
    """Add one path to a ruleset, if it exists."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    rule = PathBeneath(ACCESS_READ_FILE | (ACCESS_READ_DIR if folder else 0), descriptor)
    added = LIBC.syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    checked(added, f"landlock_add_rule for {path}")
    os.close(descriptor)


def give_up_files(ruleset: int) -> None:
    """From here on this process can read what the ruleset names, and touch no other file, socket or process."""
    checked(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    checked(LIBC.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def give_up_system_calls(program: bytes) -> None:
    """From here on this process can make only the system calls that the filter lets through."""
    code = ctypes.create_string_buffer(program)
    checked(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    filter_program = Program(len(program) // 8, ctypes.addressof(code))
    checked(LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_program)), "seccomp")


def checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result
