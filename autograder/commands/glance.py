"""`autograder glance`: the class at a glance, from its reports."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "glance",
        run,
        "show the class at a glance: what went wrong, and who needs help",
        "Write DIR/class.html from the reports in DIR: what to talk about in the next class, who needs help, which "
        "checks fail most, which mistakes are most common, which are in no catalogue, points and times. Its data lie "
        "beside it: class.json, and class-NAME.csv for each table. `autograder grade` does this by itself; do it again "
        "when dates in course.toml have changed.",
        "example: autograder glance grades",
    )
    command.add_argument("graded", type=Path, metavar="DIR", help="a folder that was graded into")


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.course import CourseError
    from autograder.glance.page import write_glance
    from autograder.output import reports_in
    from autograder.policies import policies_of
    from autograder.report import CannotWrite

    out = arguments.graded
    if not (out / "reports").is_dir():
        raise CourseError(f"{out} holds no reports. Give a folder that `autograder grade` wrote to.")
    try:
        counted = write_glance(reports_in(out), policies_of(course), out)
    except OSError as error:
        raise CannotWrite.because(error, out) from error
    print(
        f"{len(counted.students)} students, {len(counted.assignments)} assignments. Look at {out / 'class.html'}; "
        "the same data are in class.json and the tables class-*.csv beside it."
    )
    return 0
