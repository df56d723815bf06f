"""The command `autograder`: `check` for a learner, and the instructor's commands where their half is installed."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from autograder.learner.carry import carry_notebook
from autograder.learner.terminal import check_notebook

LEARNER = "A learner:      autograder check exercises/gru_cell/gru_cell.ipynb\n"
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
    check = commands.add_parser(
        "check",
        help="check a notebook of your own",
        description="Run a notebook's cells and check what they define: the same words as check(...) in the notebook. "
        "Exit code 0 when every check passes, 1 when one fails, 2 when the notebook cannot be read.",
        epilog="example: autograder check exercises/gru_cell/gru_cell.ipynb --task gru_forward",
    )
    check.add_argument("notebook", type=Path, help="the notebook's file")
    check.add_argument("--task", help="check this task alone (default: all)")
    check.set_defaults(run=lambda arguments: check_notebook(arguments.notebook, arguments.task))
    carry = commands.add_parser(
        "carry",
        help="carry your work into a newer release of an exercise",
        description="Copy the answers and the cells of your own from the notebook OLD into NEW, a newer release of the "
        "same exercise. OLD stays as it is, and what is written in NEW already stays too. What finds no place is told. "
        "Exit code 0 when it is done, 2 when a notebook cannot be read.",
        epilog="example: autograder carry gated/exercises/gru_cell/gru_cell.ipynb "
        "--into gated-2/exercises/gru_cell/gru_cell.ipynb",
    )
    carry.add_argument("old", type=Path, metavar="OLD", help="your notebook, of the earlier release")
    carry.add_argument("--into", type=Path, required=True, metavar="NEW", help="the notebook of the newer release")
    carry.set_defaults(run=lambda arguments: carry_notebook(arguments.old, arguments.into))
    if instructors_half:
        from autograder.commands import add_commands

        add_commands(commands)
    return made


def main(argv: list[str] | None = None) -> int:
    """Run a command; its exit code: 0 done, 1 a fault or a failed check, 2 makes no sense, 130 Ctrl-C."""
    try:
        arguments = parser().parse_args(argv)
        return arguments.run(arguments)
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again.", file=sys.stderr)
        return 130  # as a shell says of it
    except BrokenPipeError:  # who reads what is printed has read enough, `head` say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
