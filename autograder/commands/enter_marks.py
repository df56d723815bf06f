"""`autograder enter-marks`: put marks that a person gave in a table into nbgrader's gradebook."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "enter-marks",
        run,
        "put marks given by hand into nbgrader's gradebook",
        "Enter the points and comments that a person filled into the table of `autograder rubric --answers submitted "
        "--marks FILE` into an nbgrader gradebook, as the formgrader would. An empty cell changes nothing. A mark that "
        "takes the place of another is said. If one row is wrong, all such rows are named and nothing is entered. "
        "Doing it again changes nothing.",
        "example: autograder enter-marks marks.csv",
    )
    command.add_argument("file", type=Path, metavar="FILE", help="the table, as CSV")
    command.add_argument(
        "--gradebook", metavar="URL", help="the database (default: that of the course's nbgrader_config.py)"
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.gradebook.by_hand import enter_marks
    from autograder.gradebook.entering import gradebook_address

    return enter_marks(arguments.file, arguments.gradebook or gradebook_address(course))
