"""Kill processes of a run of the grader, and see that none is left."""

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
KINDS = ("grader", "fork server", "worker", "zygote", "child")


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Meanwhile, every process that loses its parent becomes a child of this one: so none is out of sight."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def below(pid: int) -> dict[int, int]:
    """The living processes that a process has started, and those that they have: each with its parent."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, *_ = path.read_text().rpartition(")")[2].split()
            if state != "Z":
                parents[int(path.parent.name)] = int(parent)
    found = {}
    new = {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= {child: parents[child] for child in new}
    return found


def by_kind(grader: int) -> dict[str, list[int]]:
    """The processes of a run by what they are; bubblewrap counts as a part of the zygote that it keeps."""
    parents = below(grader)
    commands = {pid: command_of(pid) for pid in parents}
    found: dict[str, list[int]] = {"grader": [grader]}
    for pid, command in commands.items():
        if any(part.endswith(b"jail/inside/zygote.py") for part in command):
            forked = commands.get(parents[pid]) == command and command[0] != b"bwrap"
            found.setdefault("child" if forked else "zygote", []).append(pid)
        elif any(b"multiprocessing.forkserver" in part for part in command):
            forked = commands.get(parents[pid]) == command
            found.setdefault("worker" if forked else "fork server", []).append(pid)
    return found


def command_of(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def kill_one(process: subprocess.Popen, draw: random.Random, hit: Counter[str]) -> None:
    """SIGKILL for a process of a run: of those kinds that live now, the one that was hit least so far."""
    for _ in range(20):
        living = by_kind(process.pid)
        if "zygote" in living:  # then there are children too, each for a few milliseconds
            living.setdefault("child", [])
        kind = min(draw.sample(sorted(living), len(living)), key=hit.__getitem__)
        if process.poll() is not None:
            return
        if kill_child(living["zygote"]) if kind == "child" else killed(draw.choice(living[kind])):
            hit[kind] += 1
            return


def kill_child(zygotes: list[int]) -> bool:
    """Kill the first process that one of the zygotes has, if one comes soon."""
    deadline = time.monotonic() + 0.1
    while time.monotonic() < deadline:
        for zygote in zygotes:
            if command_of(zygote)[0].endswith(b"bwrap"):
                continue
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
                if any(killed(int(child)) for child in children):
                    return True
    return False


def killed(pid: int) -> bool:
    """Kill it if it is still there; a process number is not used again within so short a time."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def left_over(before: set[int], seconds: float = 10) -> list[list[bytes]]:
    """The commands of adopted processes that do not end within so many seconds."""
    deadline = time.monotonic() + seconds
    while left := below(os.getpid()).keys() - before:
        if time.monotonic() > deadline:
            return [command_of(pid) for pid in left]
        time.sleep(0.02)
    return []
