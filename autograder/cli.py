"""The command `autograder`: a learner's commands, and the instructor's commands where their half is installed."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator

from autograder.learner import commands as learners

LEARNER = "A learner:      autograder next\n                autograder check exercises/gru_cell/gru_cell.ipynb\n"
INSTRUCTOR = "An instructor:  autograder grade submitted --out grades\n"
MORE = "More about a command:  autograder COMMAND --help"


def parser() -> argparse.ArgumentParser:
    instructors_half = importlib.util.find_spec("autograder.commands") is not None
    made = argparse.ArgumentParser(
        prog="autograder",
        description="Check and grade the notebooks of the course.",
        epilog=LEARNER + (INSTRUCTOR if instructors_half else "") + MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    learners.add_commands(commands)
    if instructors_half:
        from autograder.commands import add_commands

        add_commands(commands)
    return made


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit code: 0 done, 1 a fault or a failed check, 2 makes no sense, 130 Ctrl-C or SIGTERM."""
    open_streams()
    try:
        with sigterm_as_ctrl_c():
            arguments = parser().parse_args(argv)
            code = arguments.run(arguments)
            if sys.stdout is not None:
                sys.stdout.flush()  # a full disk is told now, not at the interpreter's end
            return code
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again.", file=sys.stderr)
        return 130  # as a shell says of it
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not isinstance(error, BrokenPipeError):  # who reads what is printed has read enough, `head` say
            print(f"What this command says cannot be written: {(error.strerror or '').lower()}.", file=sys.stderr)
        return 1


def open_streams() -> None:
    """See that whatever is said can be said: to a terminal that knows ASCII alone, or to nobody.

    Where a stream is closed, the next file that is opened would get its number, and what is said would go there.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free is this one
    if sys.stdout is None:
        sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = sys.__stderr__ = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Meanwhile the signal with which systems end a process is heard as Ctrl-C is: in order, and in words."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
