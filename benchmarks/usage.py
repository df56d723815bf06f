"""Run a command and tell what it used: seconds on the clock and of processors, and the most memory at one time.

All of its descendants count, also those that lose their parent on the way: they become this process's children.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
BETWEEN_SAMPLES = 0.25  # seconds


@dataclass(frozen=True)
class Usage:
    """seconds: on the clock.  cpu: processor seconds of all processes.  memory: bytes, the largest sample."""

    seconds: float
    cpu: float
    memory: int


def run_and_measure(command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> Usage:
    """Run a command in `folder` to its end.  Raises `subprocess.CalledProcessError` where it fails; `log` says why."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before, started = cpu_of_children(), time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        sampler = MemorySampler(process.pid)
        code = process.wait()
        sampler.stop()
    seconds = time.monotonic() - started
    reap_the_rest()
    if code:
        raise subprocess.CalledProcessError(code, command)
    return Usage(seconds, cpu_of_children() - before, sampler.most)


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def reap_the_rest() -> None:
    """Wait for what the command left behind, so that it is counted."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


class MemorySampler:
    """Looks at the memory of a process and its descendants now and then: each shared page counts once."""

    def __init__(self, pid: int) -> None:
        self.pid, self.most = pid, 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self) -> None:
        while not self.done.wait(BETWEEN_SAMPLES):
            self.most = max(self.most, sum(map(proportional_memory, descendants(self.pid))))

    def stop(self) -> None:
        self.done.set()
        self.thread.join()


def descendants(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for above in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{above}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def proportional_memory(pid: int) -> int:
    """Bytes, where a page that n processes share counts one n-th for each."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0
