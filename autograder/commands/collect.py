"""`autograder collect`: lay out what learners handed in elsewhere."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import CourseError, find_assignment
from autograder.names import as_word

LIKE = ("canvas", "moodle", "github")


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "collect",
        run,
        "lay out what a learning-management system or GitHub hands you",
        "Put the notebooks of an archive where the grader looks for them, SUBMITTED/<student>/NAME/NAME.ipynb. SOURCE "
        "is the zip file that Canvas or Moodle makes of all submissions of an assignment, or the folder that "
        "`gh classroom clone student-repos` makes, or anything else with --pattern. What was handed in again replaces "
        "what was there, and that is kept in SUBMITTED/.earlier. Doing it again changes nothing. Exit code 0, and 1 "
        "where something was left out; it says what and why.",
        "example: autograder collect submissions.zip --like canvas --assignment gru_cell --to submitted",
    )
    command.add_argument("source", type=Path, metavar="SOURCE", help="a zip file, or a folder")
    how = command.add_mutually_exclusive_group(required=True)
    how.add_argument("--like", choices=LIKE, help="where it comes from")
    how.add_argument(
        "--pattern",
        type=pattern,
        metavar="REGEX",
        help="a regular expression for a notebook's whole path in SOURCE, with a group (?P<student>...) and perhaps "
        "(?P<file>...)",
    )
    command.add_argument("--assignment", required=True, metavar="NAME", help="the assignment that was handed in")
    command.add_argument("--to", type=Path, required=True, metavar="SUBMITTED", help="the folder of submissions")
    command.add_argument(
        "--slug",
        metavar="TEXT",
        help="what the folders of repositories begin with, and a student's name does not (default: the assignment's "
        "name with - for _, and a - behind it)",
    )
    command.add_argument(
        "--times",
        type=Path,
        metavar="FILE",
        help="a CSV with the columns student and handed_in, for the late policy; of a repository, git's own time is "
        "taken, which a learner can forge",
    )


def pattern(text: str) -> re.Pattern:
    try:
        made = re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from error
    if "student" not in made.groupindex:
        raise argparse.ArgumentTypeError(
            f"{text!r} has no group (?P<student>...), so it cannot say whose a notebook is"
        )
    return made


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder import collect as library

    name = find_assignment(course, arguments.assignment).name
    if not arguments.source.exists():
        raise CourseError(f"There is no {arguments.source}.")
    patterns = {"canvas": library.CANVAS, "moodle": library.MOODLE, "github": library.GITHUB}
    slug = arguments.slug if arguments.slug is not None else f"{name.replace('_', '-')}-"
    collected = library.collect(
        arguments.source,
        arguments.to,
        name,
        arguments.pattern or patterns[arguments.like],
        library.times_in(arguments.times) if arguments.times else {},
        slug if arguments.like == "github" or arguments.slug else "",
    )
    print(
        f"{len(collected.new)} new, {len(collected.replaced)} handed in again, {len(collected.same)} as they were. "
        f"Grade them: autograder grade {arguments.to} --out grades"
    )
    if collected.replaced:
        print(f"What was there before is in {arguments.to / library.EARLIER}.")
    for sentence in collected.left:
        print(as_word(f"Left out: {sentence}"), file=sys.stderr)
    return 1 if collected.left else 0
