"""`autograder prove`: look whether an assignment grades fairly."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import assignment_names, find_assignment


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "prove",
        run,
        "look whether an assignment grades fairly",
        "Grade the solution, the release as learners receive it, every known mistake and every other right way, and "
        "say whether the first scores full marks, the second nothing, the mistakes are all stopped and named, and the "
        "right ways all accepted. What breaks one of these is named. Exit code 0 when all four hold, 1 when one does "
        "not, 2 when the assignment cannot be graded at all.",
        "example: autograder prove gru_cell",
    )
    command.add_argument("names", nargs="*", metavar="NAME", help="assignments (default: all)")
    command.add_argument(
        "--seed", type=int, default=0, metavar="NUMBER", help="another number draws other inputs (default: 0)"
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from autograder.proof import proved

    broken = 0
    for assignment in [find_assignment(course, name) for name in arguments.names or assignment_names(course)]:
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task(assignment.name, total=None)
            for found in proved(assignment, arguments.seed):
                progress.update(bar, completed=sum(each.looked_at for each in found))
        for each in found:
            print(f"{assignment.name}: {each}")
            for sentence in each.broken:
                print(f"  {sentence}")
            broken += bool(each.broken)
    return 1 if broken else 0
