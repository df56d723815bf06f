"""`autograder rubric`: how to grade the written questions, and all answers to one of them side by side."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.adding import Commands, add
from autograder.course import Assignment, CourseError, assignment_names, find_assignment

if TYPE_CHECKING:
    from autograder.written.answers import Written
    from autograder.written.rubrics import Question

SECRET = "This is a part of the answer key: keep it from learners."


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "rubric",
        run,
        "how to grade the written questions",
        "The written questions are graded by a person. This shows the rubric of an assignment: what gets points, "
        "sample answers, wrong ideas, and feedback to paste. Without a NAME it lists the questions. With --out it "
        "writes pages. With --answers it also gathers the answers of a class, all answers to one question on a page, "
        "identical ones once; and --marks makes a table to fill in, which `autograder enter-marks` enters into the "
        "gradebook. All of it belongs to the key.",
        "example: autograder rubric --out rubrics --answers submitted --marks marks.csv",
    )
    command.add_argument("names", nargs="*", metavar="NAME", help="assignments (default: all with written questions)")
    command.add_argument("--out", type=Path, metavar="DIR", help="write pages there, and begin with DIR/index.html")
    command.add_argument(
        "--answers",
        type=Path,
        metavar="SUBMITTED",
        help="the folder of submissions, <student>/<assignment>/<assignment>.ipynb; with --out or --marks",
    )
    command.add_argument(
        "--marks", type=Path, metavar="FILE", help="write a table (CSV) to give marks in; with --answers"
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.written.rubrics import written_tasks

    if arguments.marks and not arguments.answers:
        raise CourseError("--marks makes a table of a class's answers. Say where they are: --answers submitted")
    if arguments.answers and not (arguments.out or arguments.marks):
        raise CourseError("Where should the answers go? --out DIR makes pages of them, --marks FILE a table.")
    chosen = [find_assignment(course, name) for name in arguments.names or assignment_names(course)]
    chosen = [each for each in chosen if written_tasks(each)]
    if not chosen:
        raise CourseError("There are no written questions to grade.")
    gathered = gathered_from(course, arguments.answers, arguments.names) if arguments.answers else None
    if arguments.marks:
        table(gathered, arguments.marks)
    if arguments.out:
        pages(chosen, gathered, arguments.out)
    elif not arguments.marks:
        show(chosen, in_full=bool(arguments.names))
    return 0


def gathered_from(course: Path, submitted: Path, names: list[str]) -> list[Written]:
    from autograder.written.answers import gather

    return [written for name in names or [None] for written in gather(course, submitted, name)]


def table(gathered: list[Written], file: Path) -> None:
    from autograder.written.table import write_table

    count = write_table(gathered, file)
    print(f"{count} answers in {file}. Fill in points and comment, then: autograder enter-marks {file}")


def pages(chosen: list[Assignment], gathered: list[Written] | None, out: Path) -> None:
    from autograder.written.pages import write_rubrics

    index = write_rubrics({each: questions_of(each) for each in chosen}, out, gathered)
    print(f"Look at {index}. {SECRET}")


def questions_of(assignment: Assignment) -> dict[str, Question]:
    """The rubric.  An assignment that has none yet gets pages that say what is asked."""
    from autograder.written.rubrics import Question, read_rubric, rubric_file, written_tasks

    if not rubric_file(assignment).exists():
        print(f"{rubric_file(assignment)} is missing: its pages say only what is asked.", file=sys.stderr)
        return {task.name: Question(task.name, task.points, "", [], [], []) for task in written_tasks(assignment)}
    return read_rubric(assignment)


def show(chosen: list[Assignment], in_full: bool) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    from autograder.written.rubrics import read_rubric, rubric_file, written_tasks

    console = Console()
    for assignment in chosen:
        if in_full:
            read_rubric(assignment)  # which says what is wrong with it
            console.print(Markdown(rubric_file(assignment).read_text(encoding="utf-8")))
            continue
        for task in written_tasks(assignment):
            none = "" if rubric_file(assignment).exists() else "  (there is no rubric yet)"
            line = f"{assignment.name:14} {task.name:24} {task.points:g}{none}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    print(SECRET if in_full else "How to grade those of an assignment: autograder rubric gru_cell")
