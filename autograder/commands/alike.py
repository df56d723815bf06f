"""`autograder alike`: list answers that are alike, for a person to look at."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "alike",
        run,
        "list answers that are alike, for a person to look at",
        "Compare what learners wrote in SUBMITTED, all with all, on this machine alone. Names, comments, docstrings "
        "and layout do not count; neither does what the release gives, what the course's own answers have, or what "
        "many in the class have written. DIR receives index.html, a page that shows each pair side by side, alike.csv "
        "and alike.json. A likeness proves nothing: the pages say what it means, and a person decides. Exit code 0, "
        "whatever is found; what could not be read is counted and named.",
        "example: autograder alike submitted --out alike --assignment gru_bptt",
    )
    command.add_argument("submitted", type=Path, metavar="SUBMITTED", help="the folder of submissions")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write; no folder of grades")
    command.add_argument("--assignment", metavar="NAME", help="compare this one (default: all that were handed in)")
    command.add_argument(
        "--least",
        type=share,
        default=0.8,
        metavar="SHARE",
        help="list pairs from this similarity on, of 0 to 1 (default: 0.8)",
    )
    command.add_argument(
        "--common",
        type=count,
        metavar="COUNT",
        help="take what more than COUNT students have written for the obvious form (default: one in twenty of the "
        "class, from 3 to 10)",
    )


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share; give a number above 0 and up to 1, 0.8 say")
    return value


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of students; give 2 or more")
    return int(text)


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.alike.report import write_alike
    from autograder.alike.results import results_of
    from autograder.course import CourseError
    from autograder.report import CannotWrite

    if (arguments.out / "reports").is_dir():
        raise CourseError(f"{arguments.out} holds grades; choose another folder for --out.")
    results = results_of(course, arguments.submitted, arguments.assignment, arguments.least, arguments.common)
    try:
        write_alike(results, arguments.out, arguments.least)
    except OSError as error:
        raise CannotWrite.because(error, arguments.out) from error
    for result in results:
        compared = result.compared
        print(
            f"{result.assignment}: {len(compared.pairs)} pairs alike among {len(compared.works)} notebooks; "
            f"{len(compared.little)} have too little of their own to compare."
        )
    left = sum(len(result.read.left) for result in results)
    if left:
        print(
            f"{left} notebooks or cells could not be compared; {arguments.out / 'index.html'} names them.",
            file=sys.stderr,
        )
    print(f"Look at {arguments.out / 'index.html'}; the same data are in alike.csv and alike.json beside it.")
    return 0
