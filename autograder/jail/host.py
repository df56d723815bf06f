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

from autograder.jail.believe import LONGEST_NAME, plain, sound_answer, sound_errors
from autograder.jail.contents import ENVIRONMENT, JAIL, linked_packages, python, sealed_command, walls
from autograder.jail.inside.wire import REQUEST_LIMITS, Frame, Frames, pack
from autograder.learner.answer import Answer, Error
from autograder.learner.codec import Malformed

MOST_HEARD = 256 << 20  # bytes from one process in all: the answers of a task are kept until it is judged
NO_SENSE = "The process that ran the notebook gave an answer that makes no sense."


@dataclass(frozen=True)
class Budget:
    """What one submission may use: seconds of wall time for a cell, for a call and in all, and bytes of memory."""

    cell_seconds: float = 5
    call_seconds: float = 5
    seconds: float = 20
    memory: int = 512 << 20


class Lost(Exception):
    """The learner's process gave no sound reply.  status: as in a report.  The message is for the learner."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status


class ZygoteFailed(RuntimeError):
    """A fault of ours: the zygote did not start, or is gone."""


class Zygote:
    """A warm process that forks one confined child for each `spawn`.  Close it, or use it as a context."""

    def __init__(self, level: str) -> None:
        self.level = level
        self.folder = tempfile.TemporaryDirectory(prefix="autograder-jail-")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ended: dict[int, int] = {}
        root = Path(self.folder.name)
        with theirs:
            if level == "sealed":
                command, packages = sealed_command(), JAIL / "packages"
            else:
                command, packages = [], linked_packages(root)
            script = packages / "autograder" / "jail" / "inside" / "zygote.py"
            self.process = subprocess.Popen(
                [*command, python(), "-I", "-S", "-B", str(script), str(packages), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                cwd=root,
                env={**ENVIRONMENT, "PATH": os.environ.get("PATH", os.defpath)} if command else ENVIRONMENT,
            )
        self.control.send(json.dumps(walls(level, packages)).encode())
        self.wait_for("ready", 60)

    def wait_for(self, key: str, seconds: float) -> tuple[dict, list[int]]:
        """The next message that holds `key`, and its descriptors.  Notes of ended children are kept on the way."""
        deadline = time.monotonic() + seconds
        while select.select([self.control], [], [], max(0, deadline - time.monotonic()))[0]:
            data, descriptors, _, _ = socket.recv_fds(self.control, 4096, 1)
            if not data:
                break
            message = json.loads(data)
            if "ended" in message:
                self.ended[message["ended"]] = message["code"]
            if key in message:
                return message, descriptors
        raise ZygoteFailed("The process that runs learners' code did not answer. Run the command again.")

    def spawn(self, budget: Budget) -> Child:
        """A fresh process for one submission."""
        ours, theirs = socket.socketpair()
        limits = {"memory": budget.memory, "cpu_seconds": int(budget.seconds) + 1}
        with theirs:
            try:
                socket.send_fds(self.control, [json.dumps(limits).encode()], [theirs.fileno()])
            except OSError as error:
                raise ZygoteFailed("The process that runs learners' code is gone. Run the command again.") from error
        message, (pidfd,) = self.wait_for("child", 10)
        return Child(self, message["child"], pidfd, ours)

    def exit_code(self, pid: int) -> int:
        """How a child ended: its exit code, or minus a signal's number."""
        while pid not in self.ended:
            self.wait_for("ended", 10)
        return self.ended.pop(pid)

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

    def __init__(self, zygote: Zygote, pid: int, pidfd: int, channel: socket.socket) -> None:
        self.zygote, self.pid, self.pidfd, self.channel = zygote, pid, pidfd, channel
        self.frames = Frames()
        self.heard = 0
        self.closed = False
        channel.setblocking(False)

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
        requests = [("call", {"name": name, "arguments": list(arguments)}) for arguments in calls]
        replies = self.ask(requests, seconds)
        return [self.answer(reply, len(arguments)) for reply, arguments in zip(replies, calls, strict=True)]

    def answer(self, reply: Frame, arguments: int) -> Answer | str | None:
        """What a reply to a call with so many arguments says."""
        if reply.kind == "missing" and isinstance(reply.value, str | None):
            return reply.value and plain(reply.value, LONGEST_NAME)
        try:
            answer = sound_answer(reply.value if reply.kind == "answer" else None, arguments)
        except ValueError:
            raise self.lost("crash", NO_SENSE) from None
        if answer.error and answer.error.type == "MemoryError":
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
            self.frames.feed(data)
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
        ended, _, _ = select.select([self.pidfd], [], [], 0.5)  # a process that ends closes its files a little earlier
        code = self.close()
        if not ended:
            return Lost("crash", "The process that ran the notebook hung up before it had answered.")
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return Lost("timeout", "It used up its processor time and was stopped. Is there a loop that never ends?")
        how = f"was killed by {signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        return Lost("crash", f"Its process {how} before it had answered. Does it call os._exit?")

    def lost(self, status: str, why: str) -> Lost:
        self.close()
        return Lost(status, why)

    def close(self) -> int:
        """Kill the process and all it has started; how it ended."""
        if self.closed:
            return 0
        self.closed = True
        self.channel.close()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        if self.zygote.level == "weak":  # elsewhere it cannot start a process, and its number may be of a namespace
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        os.close(self.pidfd)
        return self.zygote.exit_code(self.pid)


def signal_name(number: int) -> str:
    """Its name; a real-time signal has none of its own."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
