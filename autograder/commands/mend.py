"""`autograder mend-gradebook`: make the gradebook fit an assignment that was mended in mid-term."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import find_assignment


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "mend-gradebook",
        run,
        "make the gradebook fit an assignment that was mended",
        "Bring what nbgrader's gradebook knows of an assignment up to date with its release, when submissions are in "
        "it already: new tasks get an empty mark in each, points become those of today, and a cell whose line in the "
        'source says formerly=["its old name"] keeps its marks. `import-gradebook` and nbgrader\'s '
        "generate_assignment do the same by themselves; this command is for --drop. Marks that a person gave are never "
        "changed, and go only with --drop, into DROPPED_MARKS.csv in the course's root.",
        "example: autograder mend-gradebook gru_cell --drop what_a_unit_does",
    )
    command.add_argument("assignment", metavar="NAME", help="the assignment")
    command.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="TASK",
        help="a task that was taken away, whose marks and comments by hand may go (may be given more than once)",
    )
    command.add_argument(
        "--gradebook", metavar="URL", help="the database (default: that of the course's nbgrader_config.py)"
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.gradebook.entering import gradebook_address, mend_gradebook

    address = arguments.gradebook or gradebook_address(course)
    return mend_gradebook(address, find_assignment(course, arguments.assignment), arguments.drop)
