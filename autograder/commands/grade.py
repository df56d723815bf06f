"""`autograder grade`: grade a folder of submissions."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.handed import WHOLE, Shard
from autograder.jail.levels import DEFAULT, LEVELS, VARIABLE


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "grade",
        run,
        "grade a folder of submissions",
        "Grade every submission in SUBMITTED, laid out as <student>/<assignment>/<assignment>.ipynb. Learners' code "
        "runs in processes of its own, under limits of time and memory. DIR receives a JSON report and a page for each "
        "submission, grades.csv and index.html. The same command again grades only what has changed, so a run that "
        "was stopped goes on; whose marks changed, and why, is then in changes.html and changes.csv. Deadlines and "
        "what lateness takes off are read from course.toml in the course's root; when a notebook was handed in, from "
        "the timestamp.txt beside it. Exit code 0 when every submission has its status, whatever it is; 1 when the "
        "grader itself failed; 2 when the command makes no sense; 130 when Ctrl-C stopped it.",
        "example: autograder grade submitted --out grades --jobs 2",
    )
    command.add_argument("submitted", type=Path, metavar="SUBMITTED", help="the folder of submissions")
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where to write (made if it is missing)"
    )
    command.add_argument("--assignment", metavar="NAME", help="grade this one (default: all that were handed in)")
    command.add_argument("--jobs", type=positive, metavar="N", help="processes to use (default: one a core)")
    command.add_argument(
        "--isolation",
        choices=LEVELS,
        help="the lowest level to grade at; below it the command refuses and says what to install (default: the "
        f"variable {VARIABLE}, else {DEFAULT})",
    )
    command.add_argument("--regrade", action="store_true", help="grade anew what has a current report already")
    command.add_argument(
        "--shard",
        type=shard,
        default=WHOLE,
        metavar="I/N",
        help="grade part I of N alone, 2/3 say; on as many machines as there are parts, each with an --out of its own, "
        "then: autograder merge",
    )
    command.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="grade on the workers of this dask scheduler, tcp://host:8786 say (needs dask.distributed; they see the "
        "folders under the same paths)",
    )
    command.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the references of assignments in torch run; with cuda and --isolation weak, learners' code runs "
        "there too, a second time, for the assignments that declare it (default: cpu)",
    )


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; give 1 or more")
    return int(text)


def shard(text: str) -> Shard:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a whole; give I/N with I from 1 to N, 2/3 say")
    return Shard(int(number), int(count))


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.grade import How, grade

    how = How(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(How)})
    return grade(course, arguments.submitted, arguments.out, how)
