"""The process of one submission: it runs the learner's cells, then answers calls until the grader hangs up.

It never says whether an answer is right; it does not know.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import types

from autograder.jail.inside.walls import give_up_files, give_up_system_calls
from autograder.jail.inside.wire import MOST_REQUEST_HEADER, REQUEST_LIMITS, Frame, Frames, pack
from autograder.learner.actions import Action, load_probes, perform
from autograder.learner.cells import run_cells
from autograder.learner.refused import Refused
from autograder.learner.tensors import in_full_precision

CHANNEL = 3
GREETING = b"\0"  # sent before anything else: this process stands, and what ends it from here on is not our doing
PR_SET_PDEATHSIG = 1


def become_child(channel: int, limits: dict, in_use: int, walls: dict | None) -> None:
    """From a fork of the zygote to a confined process with one channel.  Never returns.

    in_use: bytes of address space that NumPy and torch have already mapped, which do not count against the learner.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    if walls:
        give_up_files(walls["ruleset"])
    os.dup2(channel, CHANNEL)
    os.closerange(CHANNEL + 1, os.sysconf("SC_OPEN_MAX"))
    confine(limits, in_use)
    if walls:
        give_up_system_calls(walls["filter"])
    serve(CHANNEL)
    os._exit(0)


def begin_on(device: str) -> str:
    """Start what torch needs on a device, here and not in the zygote: CUDA does not outlive a fork."""
    import torch

    os.environ.pop("CUDA_VISIBLE_DEVICES", None)  # empty in the zygote, so that nobody else's process sees a GPU
    torch.zeros(1, device=device)
    if device == "cuda":
        in_full_precision()
    return device


def confine(limits: dict, in_use: int) -> None:
    """Bound memory, CPU time, files and processes.  memory None: a GPU's driver maps far more than there is."""
    bounds = {
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 64 if limits["memory"] else 1024,
        resource.RLIMIT_NPROC: 64 if limits["memory"] else 4096,
        resource.RLIMIT_CORE: 0,
    }
    if limits["memory"]:
        bounds[resource.RLIMIT_AS] = in_use + limits["memory"]
    for kind, bound in bounds.items():
        resource.setrlimit(kind, (bound, bound))


def address_space() -> int:
    """Bytes of address space in use by this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def serve(channel: int) -> None:
    """Answer requests, one after another, until end of file."""
    os.write(channel, GREETING)
    module = sys.modules["__main__"] = types.ModuleType("__main__")  # as in a kernel
    held: dict[str, object] = {}
    how: dict[str, object] = {}
    frames = Frames(REQUEST_LIMITS, MOST_REQUEST_HEADER)
    while True:
        frame = frames.take()
        if frame is None:
            data = os.read(channel, 1 << 20)
            if not data:
                return
            frames.feed(data)
            continue
        reply = pack(*respond(frame, vars(module), held, how))
        while reply:
            reply = reply[os.write(channel, reply) :]


def respond(frame: Frame, namespace: dict, held: dict[str, object], how: dict[str, object]) -> tuple[str, int, object]:
    if frame.kind == "probes":
        held |= load_probes(frame.value)
        return "probes", frame.number, list(held)
    if frame.kind == "refuse":
        how["refused"] = Refused.from_value(frame.value)
        return "refused", frame.number, None
    if frame.kind == "device":
        how["device"] = begin_on(frame.value)
        return "device", frame.number, None
    if frame.kind == "run":
        errors = run_cells(frame.value["cells"], namespace, frame.value["seconds"])
        return "ran", frame.number, [error and vars(error) for error in errors]
    answer = perform(Action(**frame.value), namespace, held, **how)
    if answer is None or isinstance(answer, str):
        return "missing", frame.number, answer
    return "answer", frame.number, answer.as_value()
