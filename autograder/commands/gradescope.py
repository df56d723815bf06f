"""`autograder gradescope`: make an autograder for Gradescope."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import find_assignment

PRIVATE = (
    "It holds the answer key, the hidden checks and your course key: upload it to Gradescope, and give it to nobody."
)
SHUT_IN = (
    "A student's code runs there at level sealed or container, where it can read none of that. Where neither holds, it "
    "is not run, and results.json says so; test the autograder in Gradescope once before learners do."
)
WEAK = (
    "Where neither sealed nor container holds there, a student's code runs at level weak: as the container's root, "
    "which can read all of that and write its own grade. results.json then says so. Look at the code before you trust "
    "a grade."
)


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "gradescope",
        run,
        "make an autograder for Gradescope",
        "Write the ZIP file that Gradescope takes as the autograder of a programming assignment. It installs what the "
        "assignment needs, and grades the one notebook that a student hands in, whatever its file is called. "
        + PRIVATE
        + " "
        + SHUT_IN,
        "example: autograder gradescope gru_cell --out gru_cell-gradescope.zip",
    )
    command.add_argument("assignment", metavar="NAME", help="the assignment")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="the ZIP file to write")
    command.add_argument(
        "--isolation",
        choices=("sealed", "container", "weak"),
        default="container",
        help="the lowest level to grade at there; weak only for people you trust (default: container)",
    )
    command.add_argument(
        "--visibility",
        choices=("visible", "after_published", "after_due_date", "hidden"),
        default="visible",
        help="when students see their results (default: visible, at once)",
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.exports.gradescope_zip import make_zip

    assignment = find_assignment(course, arguments.assignment)
    loose = make_zip(assignment, arguments.out, arguments.isolation, arguments.visibility)
    print(f"Wrote {arguments.out}. {PRIVATE}")
    print(WEAK if arguments.isolation == "weak" else SHUT_IN)
    if loose:
        names = ", ".join(loose)
        print(f"requirements.txt of the course pins no version of {names}; the newest is taken.", file=sys.stderr)
    points = sum(task.points for task in assignment.tasks if not task.manual)
    written = sum(task.points for task in assignment.tasks if task.manual)
    print(f"In Gradescope, set Autograder points to {points:g}." + by_hand(written))
    return 0


def by_hand(points: float) -> str:
    return f" A person gives {points:g} more: tick Enable Manual Grading." if points else ""
