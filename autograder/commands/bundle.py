"""`autograder bundle`: pack what learners receive into a zip file."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "bundle",
        run,
        "pack what learners receive into a zip file",
        "Pack the exercises and the learner's half of autograder, and nothing of solutions/, into FILE. A learner "
        "unpacks it and runs: python -m pip install .",
        "example: autograder bundle --out gated.zip",
    )
    command.add_argument(
        "--assignment",
        action="append",
        default=[],
        metavar="NAME",
        help="pack this one alone (may be given several times; default: all), for a course that leaves others out",
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="the zip file to write")


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.bundle import make_bundle

    make_bundle(course, arguments.out, only=arguments.assignment)
    print(f"Wrote {arguments.out}. It holds the exercises and the learner's half of autograder, and no answer.")
    return 0
