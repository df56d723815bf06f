"""`autograder demo`: make a class to try things on."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import find_assignment


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "demo",
        run,
        "make a class to try things on",
        "Make a demo class whose right grades are known: right answers in several styles, every known mistake, and "
        "some notebooks that misbehave. What each should score is written to DIR/truth.json.",
        "example: autograder demo && autograder grade _build/demo/submitted --out _build/grades",
    )
    command.add_argument(
        "--assignment", metavar="NAME", help="of this one alone; students are named for what they hand in"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: _build/demo)")


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.demo import make_demo

    out = arguments.out or course / "_build" / "demo"
    if arguments.assignment:
        find_assignment(course, arguments.assignment)
    count = make_demo(course, out, arguments.assignment)
    print(f"{count} submissions in {out / 'submitted'}; what each should score is in {out / 'truth.json'}.")
    return 0
