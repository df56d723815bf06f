"""`autograder new`: begin an assignment."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from autograder.commands.adding import Commands, add

EDIT = """Made {folder}, a small assignment that works as it is. Make it yours, in this order:
  {source:<12}  the notebook: its text, its tasks, each answer between ### BEGIN SOLUTION and ### END SOLUTION
  checks.py     what is right: a few checks a task, on inputs that are drawn anew for each learner
  mistakes.py   what is often wrong, each with a hint that says what to do
  variants/     other right ways to write all of it, a file each
  rubric.md     how a person grades the written question
A file runtime.toml, for packages, limits or public helpers, is explained in the book: For instructors.
After each change, and before learners see it:
  autograder exercises {name}    makes what learners receive, exercises/{name}/
  autograder prove {name}        says whether the checks stop what is wrong, and accept what is right
  autograder rubric {name}       shows how its written question is graded
  autograder demo --students 30 --assignment {name} --out _build/rehearsal    a class to rehearse with"""
NBGRADER = "  nbgrader generate_assignment {name} --force    makes it known to nbgrader and its Formgrader"
BOOK = """In this course's own book, where you publish that:
  book/map.yml   an entry under `assignments:`, with what it needs, its minutes, and the chapter it belongs `at`
  README.md      its name among the notebooks, for learners"""


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "new",
        run,
        "begin an assignment",
        "Make solutions/NAME with a small assignment that works: one task with its checks, five known mistakes and "
        "three other right ways, and one written question with a rubric. It passes `autograder prove` as it is, so "
        "you change it bit by bit and see at once what breaks. Nothing that is there is changed.",
        'example: autograder new moving_average --title "The moving average" --points 4',
    )
    command.add_argument("name", metavar="NAME", help="small letters, digits and _; learners see it as a file's name")
    command.add_argument("--title", metavar="TEXT", help="the notebook's first line (default: A leaky average)")
    command.add_argument("--points", type=points, metavar="N", help="points of the task (default: 3)")


def points(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of points; give one above 0")
    return number


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.beginning import POINTS, TITLE, begin

    folder = begin(course, arguments.name, arguments.title or TITLE, arguments.points or POINTS)
    says = [EDIT]
    if (course / "nbgrader_config.py").is_file():
        says.append(NBGRADER)
    if (course / "book" / "map.yml").is_file():
        says.append(BOOK)
    print("\n".join(says).format(folder=folder, name=folder.name, source=f"{folder.name}.py"))
    return 0
