"""The command `autograder`: a learner's commands, and the instructor's commands where their half is installed."""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import sys

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
    """Run a command; its exit code: 0 done, 1 a fault or a failed check, 2 makes no sense, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe on Windows need not hold every letter
    try:
        arguments = parser().parse_args(argv)
        return arguments.run(arguments)
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again.", file=sys.stderr)
        return 130  # as a shell says of it
    except BrokenPipeError:  # who reads what is printed has read enough, `head` say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
