"""The grader's side of the jail: start a zygote, have it fork a process for a submission, and talk to that process.

The zygote is executed, never forked from the grader, so that nothing the grader has read is in its memory.  Nothing
that comes back is believed: frames are decoded by `inside.wire`, and whatever is odd about one ends that process alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from autograder.jail.believe import LONGEST_NAME, plain, sound_answer, sound_errors
from autograder.jail.contents import ENVIRONMENT, JAIL, NUMPY_ALONE, linked_packages, python, sealed_command, walls
from autograder.jail.inside.wire import REQUEST_LIMITS, Frame, Frames, pack
from autograder.learner.actions import Action
from autograder.learner.answer import Answer, Error
from autograder.learner.codec import Malformed
from autograder.learner.refused import Refused

MOST_HEARD = 256 << 20  # bytes from one process in all: the answers of a task are kept until it is judged
GREETING = 1  # bytes that every process sends before it runs anything
OUT_OF_MEMORY = "can't allocate memory"  # what torch's RuntimeError says where NumPy raises MemoryError
NO_SENSE = "The process that ran the notebook gave an answer that makes no sense."


@dataclass(frozen=True)
class Budget:
    """What one submission may use: seconds of wall time for a cell, for a call and in all, and bytes of memory.

    memory: None for no bound, which a process that uses a GPU needs.
    """

    cell_seconds: float = 5
    call_seconds: float = 5
    seconds: float = 20
    memory: int | None = 512 << 20


class Lost(Exception):
    """The learner's process gave no sound reply.  status: as in a report.  The message is for the learner.

    odd: it may not be the learner's doing, so it counts only where it happens again in a fresh zygote.
    """

    def __init__(self, status: str, why: str, odd: bool = False) -> None:
        super().__init__(why)
        self.status = status
        self.odd = odd


class ZygoteFailed(RuntimeError):
    """A fault of ours: the zygote did not start, or is gone."""


class Ended(NamedTuple):
    """How a process ended: its exit code, or minus a signal's number; and the processor time that it had used."""

    code: int
    cpu_seconds: float


class Zygote:
    """A warm process that forks one confined child for each `spawn`.  Close it, or use it as a context.

    started: how many children it has had.  broken: something about it was odd, and it should not be used again.
    """

    def __init__(self, level: str, packages: tuple[str, ...] = NUMPY_ALONE) -> None:
        self.level = level
        self.started = 0
        self.broken = False
        self.children: dict[int, Ended | None] = {}  # by process id, until somebody has asked how it ended
        self.folder = tempfile.TemporaryDirectory(prefix="autograder-jail-")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = Path(self.folder.name)
        with theirs:
            if level == "sealed":
                command, importable = sealed_command(packages), JAIL / "packages"
            else:
                command, importable = [], linked_packages(root, packages)
            script = importable / "autograder" / "jail" / "inside" / "zygote.py"
            self.process = subprocess.Popen(
                [*command, python(), "-I", "-S", "-B", str(script), str(importable), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=root,
                env={**ENVIRONMENT, "PATH": os.environ.get("PATH", os.defpath)} if command else ENVIRONMENT,
            )
        told = {"walls": walls(level, importable, packages), "packages": packages}
        try:
            self.tell(told)
            self.wait_for("ready", 60)
        except ZygoteFailed:
            self.close()
            raise

    def tell(self, message: object, descriptors: Sequence[int] = ()) -> None:
        try:
            socket.send_fds(self.control, [json.dumps(message).encode()], descriptors)
        except OSError as error:
            raise self.failed("is gone") from error

    def wait_for(self, key: str, seconds: float) -> tuple[dict, list[int]]:
        """The next message that holds `key`, and its descriptors.  Notes of ended children are kept on the way."""
        deadline = time.monotonic() + seconds
        while select.select([self.control], [], [], max(0, deadline - time.monotonic()))[0]:
            message, descriptors = self.hear()
            if key in message:
                return message, descriptors
            for descriptor in descriptors:
                os.close(descriptor)
        raise self.failed("did not answer")

    def hear(self) -> tuple[dict, list[int]]:
        """The next message.  Raises `ZygoteFailed` for one that makes no sense."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self.control, 4096, 1)
        except OSError as error:
            raise self.failed("is gone") from error
        if not data:
            raise self.failed("is gone")
        try:
            message = json.loads(data)
            if "ended" in message and message["ended"] in self.children:
                self.children[message["ended"]] = Ended(int(message["code"]), float(message["cpu_seconds"]))
        except (ValueError, TypeError, KeyError) as error:
            for descriptor in descriptors:
                os.close(descriptor)
            raise self.failed("makes no sense") from error
        return message, descriptors

    def failed(self, what: str) -> ZygoteFailed:
        self.broken = True
        return ZygoteFailed(f"The process that runs learners' code {what}. Run the command again.")

    def spawn(self, budget: Budget) -> Child:
        """A fresh process for one submission."""
        ours, theirs = socket.socketpair()
        limits = {"memory": budget.memory, "cpu_seconds": whole_seconds(budget)}
        try:
            with theirs:
                self.tell(limits, [theirs.fileno()])
            message, descriptors = self.wait_for("child", 10)
            if type(message["child"]) is not int or len(descriptors) != 1:
                raise self.failed("makes no sense")
        except ZygoteFailed:
            ours.close()
            raise
        self.started += 1
        self.children[message["child"]] = None
        return Child(self, message["child"], descriptors[0], ours, limits["cpu_seconds"])

    def ended(self, pid: int) -> Ended:
        """How a child ended."""
        deadline = time.monotonic() + 10
        while self.children[pid] is None:
            self.wait_for("ended", deadline - time.monotonic())
        return self.children.pop(pid)

    def close(self) -> None:
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Child:
    """The process of one submission.  `run` its cells once, then `call` its functions; `close` kills it."""

    def __init__(self, zygote: Zygote, pid: int, pidfd: int, channel: socket.socket, cpu_seconds: int) -> None:
        self.zygote, self.pid, self.pidfd, self.channel, self.cpu_seconds = zygote, pid, pidfd, channel, cpu_seconds
        self.frames = Frames()
        self.heard = 0
        self.closed = False
        channel.setblocking(False)

    def learn(self, probes: str, seconds: float) -> None:
        """Load the assignment's probes, before any cell is run.  Raises `ZygoteFailed`: no learner has a part in it."""
        try:
            self.ask([("probes", probes)], seconds)
        except Lost as lost:
            raise self.zygote.failed("could not load the assignment's probes") from lost

    def refuse(self, rule: Refused | None, seconds: float) -> None:
        """Tell it which calls the exercise refuses, if it does, before any cell is run.  Raises `ZygoteFailed`."""
        try:
            if rule is not None:
                self.ask([("refuse", rule.as_value())], seconds)
        except Lost as lost:
            raise self.zygote.failed("could not be told what the assignment refuses") from lost

    def move(self, device: str, seconds: float) -> None:
        """Have it put tensors and modules on a device, before any cell is run.  Raises `ZygoteFailed`."""
        try:
            self.ask([("device", device)], seconds)
        except Lost as lost:
            raise self.zygote.failed(f"could not use the device {device}") from lost

    def run(self, cells: Sequence[tuple[str, str]], cell_seconds: float, seconds: float) -> list[Error | None]:
        """Run [name, source] cells; what stopped each of them, or None.  Raises `Lost`."""
        request = ("run", {"cells": [list(cell) for cell in cells], "seconds": cell_seconds})
        (reply,) = self.ask([request], seconds)
        try:
            return sound_errors(reply.value if reply.kind == "ran" else None, len(cells))
        except ValueError:
            raise self.lost("crash", NO_SENSE) from None

    def call(self, name: str, calls: Sequence[Sequence], seconds: float) -> list[Answer | str | None]:
        """Call a function once for each list of arguments, all sent together.

        An `Answer` each; or, where there is no such function, the type of what has its name, or None.  Raises `Lost`.
        """
        return self.perform([Action("call", name, list(arguments)) for arguments in calls], seconds)

    def perform(self, actions: Sequence[Action], seconds: float) -> list[Answer | str | None]:
        """Do one thing after another, all sent together; what came of each, as for `call`.  Raises `Lost`."""
        replies = self.ask([("do", vars(action)) for action in actions], seconds)
        return [self.answer(reply, len(action.arguments)) for reply, action in zip(replies, actions, strict=True)]

    def answer(self, reply: Frame, arguments: int) -> Answer | str | None:
        """What a reply to a call with so many arguments says."""
        if reply.kind == "missing" and isinstance(reply.value, str | None):
            return reply.value and plain(reply.value, LONGEST_NAME)
        try:
            answer = sound_answer(reply.value if reply.kind == "answer" else None, arguments)
        except ValueError:
            raise self.lost("crash", NO_SENSE) from None
        if answer.error and (answer.error.type == "MemoryError" or OUT_OF_MEMORY in answer.error.message):
            raise self.lost("memory", "It used more memory than a submission may have.")
        if answer.error and answer.error.type == "PermissionError":
            raise self.lost("forbidden", f"It tried what a submission may not do here: {answer.error.message}.")
        return answer

    def ask(self, requests: Sequence[tuple[str, object]], seconds: float) -> list[Frame]:
        """Send all requests and take a reply to each, in order, within `seconds`."""
        deadline = time.monotonic() + seconds
        numbers = [secrets.randbits(62) for _ in requests]
        pairs = zip(requests, numbers, strict=True)
        unsent = memoryview(b"".join(pack(kind, number, value, REQUEST_LIMITS) for (kind, value), number in pairs))
        replies: list[Frame] = []
        while len(replies) < len(requests):
            reply = self.take_reply()
            if reply is None:
                unsent = self.exchange(unsent, deadline)
            elif reply.number != numbers[len(replies)]:
                raise self.lost("crash", "The process that ran the notebook spoke out of turn.")
            else:
                replies.append(reply)
        if self.frames.pending:
            raise self.lost("crash", "The process that ran the notebook spoke out of turn.")
        return replies

    def take_reply(self) -> Frame | None:
        try:
            return self.frames.take()
        except Malformed:
            raise self.lost("crash", "The process that ran the notebook sent what no sound process sends.") from None

    def exchange(self, unsent: memoryview, deadline: float) -> memoryview:
        """Send and receive whatever is ready; returns what is still unsent."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise self.lost("timeout", "It took too long and was stopped. Is there a loop that never ends?")
        poll = select.poll()
        poll.register(self.channel, select.POLLIN | (select.POLLOUT if unsent else 0))
        poll.poll(left * 1000 + 1)
        with contextlib.suppress(BlockingIOError):
            if unsent:
                unsent = unsent[self.send(unsent) :]
        with contextlib.suppress(BlockingIOError):
            data = self.receive()
            if not data:
                raise self.died()
            self.heard += len(data)
            if self.heard > MOST_HEARD:
                raise self.lost("memory", "Its answers are larger than those of a submission may be.")
            self.frames.feed(data if self.heard > len(data) else data[GREETING:])
        return unsent

    def send(self, data: memoryview) -> int:
        try:
            return self.channel.send(data, socket.MSG_NOSIGNAL)
        except (BrokenPipeError, ConnectionResetError):
            raise self.died() from None

    def receive(self) -> bytes:
        try:
            return self.channel.recv(1 << 20)
        except ConnectionResetError:
            return b""

    def died(self) -> Lost:
        """The sentence for a process that ended by itself, or closed its channel."""
        gone, _, _ = select.select([self.pidfd], [], [], 0.5)  # a process that ends closes its files a little earlier
        ended = self.close()
        if not self.heard:
            raise self.zygote.failed("could not start one for a submission")
        if not gone:
            return Lost("crash", "The process that ran the notebook hung up before it had answered.")
        if ended.code == -signal.SIGKILL and ended.cpu_seconds < 0.8 * self.cpu_seconds:
            self.zygote.broken = True
            return Lost("crash", "Its process was killed from outside, as it is where memory runs out.", odd=True)
        if ended.code in (-signal.SIGXCPU, -signal.SIGKILL):
            return Lost("timeout", "It used up its processor time and was stopped. Is there a loop that never ends?")
        code = ended.code
        how = f"was killed by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        return Lost("crash", f"Its process {how} before it had answered. Does it call os._exit?")

    def lost(self, status: str, why: str) -> Lost:
        self.close()
        return Lost(status, why)

    def close(self) -> Ended | None:
        """Kill the process and all it has started; how it ended, the first time that this is called."""
        if self.closed:
            return None
        self.closed = True
        self.channel.close()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        if self.zygote.level == "weak":  # elsewhere it cannot start a process, and its number may be of a namespace
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        os.close(self.pidfd)
        return self.zygote.ended(self.pid)


def whole_seconds(budget: Budget) -> int:
    """The processor time that a process may use: the kernel counts it in whole seconds."""
    return int(budget.seconds) + 1


def signal_name(number: int) -> str:
    """Its name; a real-time signal has none of its own."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
