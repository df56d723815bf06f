"""`autograder exercises`: make what learners receive."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import assignment_names, find_assignment


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "exercises",
        run,
        "make what learners receive, from solutions/",
        "Make exercises/NAME from solutions/NAME: the notebook without its answers (stripped by nbgrader) and the "
        "frozen cases of the learner's check; and exercises/course.json, which says in which order to do them. "
        "With --check, write nothing and say whether what is there is up to date.",
        "example: autograder exercises gru_cell",
    )
    command.add_argument("names", nargs="*", metavar="NAME", help="assignments (default: all)")
    command.add_argument("--check", action="store_true", help="compare only; exit code 1 when something differs")


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.learner.outline import FILE
    from autograder.outline import outline_text
    from autograder.release import differences, release

    found = []
    for name in arguments.names or assignment_names(course):
        assignment = find_assignment(course, name)
        if not arguments.check:
            release(assignment, assignment.released)
            print(f"Made {assignment.released}.")
            continue
        with tempfile.TemporaryDirectory() as fresh:
            release(assignment, Path(fresh))
            found += differences(assignment, Path(fresh))
    outline = course / "exercises" / FILE
    alone = not (course / "book").is_dir()  # without its book, what the outline says of chapters cannot be told
    if not arguments.check:
        outline.write_text(outline_text(course), encoding="utf-8", newline="\n")
    elif not (arguments.names or alone) and (
        not outline.is_file() or outline.read_text(encoding="utf-8") != outline_text(course)
    ):
        found.append(f"{outline} is not what the book and the assignments make.")
    for sentence in found:
        print(f"{sentence} Run: autograder exercises", file=sys.stderr)
    return 1 if found else 0
