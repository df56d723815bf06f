"""`autograder export`: grades and feedback in the formats of other systems."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add

FORMATS = ("csv", "canvas", "moodle", "gradescope")
EXAMPLES = """\
examples:
  autograder export grades --format csv --out all.csv
  autograder export grades --format canvas --roster Grades-GRU.csv --out canvas.csv
  autograder export grades --format moodle --assignment gru_cell --worksheet "Grades-GRU cell.csv" --out moodle.csv \\
      --feedback feedback.zip
  autograder export grades --format gradescope --out results
"""


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "export",
        run,
        "write the grades for a spreadsheet, Canvas, Moodle or Gradescope",
        "Write the grades of DIR, which `autograder grade` wrote, in the format of another system. "
        "csv: two tables, grades, and feedback beside it. "
        "canvas: the file that the Gradebook imports; with --roster, the file that Canvas exported, filled in. "
        "moodle: the file that Grades, Import takes; with --worksheet, an assignment's grading worksheet, filled in, "
        "and with --feedback the ZIP file of its feedback files. "
        "gradescope: a results.json for each submission. "
        "Points for lateness are taken off as course.toml says. Without --gradebook, written answers have no mark. "
        "Whoever cannot be matched is named. Exit code 0 when all is written; 1 when some have no mark, for the grader "
        "itself had failed on them or their report is not whole; 2 when the command makes no sense.",
        EXAMPLES,
    )
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.description = folded(command.description or "")
    command.add_argument("graded", type=Path, metavar="DIR", help="a folder that was graded into")
    command.add_argument("--format", choices=FORMATS, required=True, help="for which system")
    command.add_argument("--out", type=Path, required=True, metavar="PATH", help="the file (gradescope: the folder)")
    command.add_argument("--assignment", metavar="NAME", help="this one alone (default: all)")
    command.add_argument(
        "--gradebook",
        metavar="URL",
        nargs="?",
        const="",
        help="take a person's marks from this gradebook (without URL: that of the course's nbgrader_config.py)",
    )
    command.add_argument("--roster", type=Path, metavar="FILE", help="canvas: the Gradebook as Canvas exported it")
    command.add_argument(
        "--worksheet", type=Path, metavar="FILE", help="moodle: the grading worksheet as Moodle exported it"
    )
    command.add_argument("--feedback", type=Path, metavar="ZIP", help="moodle: also write the feedback files, here")
    command.add_argument(
        "--match",
        metavar="COLUMN",
        help="the column of FILE that holds our students' names (default: SIS Login ID in Canvas, Email address in "
        "Moodle, where Identifier takes 123 for Participant 123). After `autograder collect`: ID in Canvas, Full name "
        "in Moodle",
    )
    command.add_argument(
        "--identifier",
        metavar="COLUMN",
        help="moodle, without --worksheet: what our students' names are there (Email address, ID number or Username; "
        "default: Email address)",
    )
    command.add_argument(
        "--title",
        type=title,
        action="append",
        default=[],
        metavar="NAME=TITLE",
        help="what the other system calls an assignment (default: NAME); may be repeated",
    )
    command.add_argument(
        "--zeros", action="store_true", help="canvas, moodle: 0 for what was not handed in (default: no mark)"
    )
    command.add_argument(
        "--visibility",
        choices=("visible", "after_published", "after_due_date", "hidden"),
        default="visible",
        help="gradescope: when students see it (default: visible)",
    )


def folded(text: str) -> str:
    import textwrap

    return textwrap.fill(text, 100)


def title(text: str) -> tuple[str, str]:
    name, _, other = text.partition("=")
    if not name.strip() or not other.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=TITLE, 'gru_cell=Week 3: the GRU cell' say")
    return name.strip(), other.strip()


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.exports.write import Wanted, export

    asked = arguments.gradebook
    if asked == "":
        from autograder.gradebook.entering import gradebook_address

        asked = gradebook_address(course)
    wanted = Wanted(
        format=arguments.format,
        out=arguments.out,
        titles=dict(arguments.title),
        **{
            name: getattr(arguments, name)
            for name in ("roster", "worksheet", "feedback", "match", "identifier", "zeros", "visibility")
        },
    )
    return export(course, arguments.graded, wanted, arguments.assignment, asked)
