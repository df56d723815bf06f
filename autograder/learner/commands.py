"""The learner's commands, as `autograder --help` lists them: what each takes, and what it prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from . import given, hints, outline
from .terminal import FAILED, PASSED, UNUSABLE, check, find_notebook

Commands = argparse._SubParsersAction


def add_commands(commands: Commands) -> None:
    add_check(commands)
    add_progress(commands)
    add_next(commands)
    add_hint(commands)
    add_validate(commands)
    add_carry(commands)


def add(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], short: str, description: str, example: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=short, description=description, epilog=example)
    made.set_defaults(run=lambda arguments: guarded(run, arguments))
    return made


def guarded(run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run a command.  What makes no sense is said in a sentence, with exit code 2; a file that fails, with 1."""
    try:
        return run(arguments)
    except (outline.NoExercises, given.NotGiven, ValueError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(
            f"{error.filename or 'A file'} cannot be used: {(error.strerror or str(error)).lower()}.", file=sys.stderr
        )
        return FAILED


def add_check(commands: Commands) -> None:
    command = add(
        commands,
        "check",
        lambda arguments: check(arguments.target, arguments.task),
        "check a notebook of your own, an assignment, or all",
        "Run a notebook's cells and check what they define: the same words as check(...) in the notebook. Without a "
        "name all assignments are checked, a line each, with the details of what fails first. Exit code 0 when every "
        "check passes, 1 when one fails, 2 when the notebook cannot be read. What passed is noted in .gated/ beside "
        "the exercises' folders, on this machine alone; AUTOGRADER_EVIDENCE=off keeps nothing.",
        "example: autograder check gru_cell --task gru_forward",
    )
    command.add_argument(
        "target", nargs="?", metavar="NOTEBOOK", help="a notebook's file, an assignment's name, or all (default: all)"
    )
    command.add_argument("--task", help="check this task alone (default: all)")


def add_progress(commands: Commands) -> None:
    command = add(
        commands,
        "progress",
        run_progress,
        "show what passes so far",
        "Show what passes, from the checks on this machine. A notebook that has changed since its last check is run "
        "again. Exit code 0, whatever passes.",
        "example: autograder progress --html progress.html",
    )
    command.add_argument("--no-run", action="store_true", help="run nothing; say what is older than its notebook")
    command.add_argument("--html", type=Path, metavar="FILE", help="write a page too")


def run_progress(arguments: argparse.Namespace) -> int:
    from .progress import progress

    found = progress(run=not arguments.no_run)
    print(found)
    if arguments.html:
        arguments.html.write_text(found.page(), encoding="utf-8")
        print(f"The page is {arguments.html}.")
    return PASSED


def add_next(commands: Commands) -> None:
    command = add(
        commands,
        "next",
        run_next,
        "name the next task, and the chapter to read",
        "Name the first task in the course's order that does not pass yet, the chapter that goes with it, and how to "
        "open it.",
        "example: autograder next",
    )
    command.add_argument("--no-run", action="store_true", help="go by the evidence alone; run nothing")


def run_next(arguments: argparse.Namespace) -> int:
    from .next_task import next_task

    print(next_task(run=not arguments.no_run))
    return PASSED


def add_hint(commands: Commands) -> None:
    command = add(
        commands,
        "hint",
        run_hint,
        "open the next hint on a task",
        "Open a task's next hint: where to look, then the idea, then nearly the line. What was opened is noted on this "
        "machine alone.",
        "example: autograder hint gru_cell gru_forward",
    )
    command.add_argument("assignment", help="the assignment's name, or its notebook")
    command.add_argument("task", help="the task's name")
    command.add_argument("--tier", type=int, metavar="N", help="show hint N instead of the next one")


def run_hint(arguments: argparse.Namespace) -> int:
    print(hints.open_hint(find_notebook(arguments.assignment).parent, arguments.task, arguments.tier))
    return PASSED


def add_validate(commands: Commands) -> None:
    command = add(
        commands,
        "validate",
        run_validate,
        "say what the grader will see, before you hand in",
        "Read a notebook as the grader will, run its cells once from top to bottom with the grader's limits, and say "
        "what it will see: cells that are gone or will be restored, names that are missing, what only worked by the "
        "order in which cells were run. It says nothing of the checks that the grader keeps to itself. Exit code 0 "
        "when it will be graded as it stands, 1 when something should be mended, 2 when it cannot be read.",
        "example: autograder validate exercises/gru_cell/gru_cell.ipynb",
    )
    command.add_argument("notebook", metavar="NOTEBOOK", help="the notebook's file, or the assignment's name")
    command.add_argument("--html", type=Path, metavar="FILE", help="write a page too")


def run_validate(arguments: argparse.Namespace) -> int:
    from .validate import validate

    found = validate(find_notebook(arguments.notebook))
    print(found, file=sys.stdout if found.readable else sys.stderr)
    if arguments.html:
        arguments.html.write_text(found.page(), encoding="utf-8")
        print(f"The page is {arguments.html}.")
    return found.code


def add_carry(commands: Commands) -> None:
    command = add(
        commands,
        "carry",
        run_carry,
        "carry your work into a newer release of an exercise",
        "Copy the answers and the cells of your own from the notebook OLD into NEW, a newer release of the same "
        "exercise. OLD stays as it is, and what is written in NEW already stays too. What finds no place is told. Exit "
        "code 0 when it is done, 2 when a notebook cannot be read.",
        "example: autograder carry gated/exercises/gru_cell/gru_cell.ipynb "
        "--into gated-2/exercises/gru_cell/gru_cell.ipynb",
    )
    command.add_argument("old", type=Path, metavar="OLD", help="your notebook, of the earlier release")
    command.add_argument("--into", type=Path, required=True, metavar="NEW", help="the notebook of the newer release")


def run_carry(arguments: argparse.Namespace) -> int:
    from .carry import carry_notebook

    return carry_notebook(arguments.old, arguments.into)
