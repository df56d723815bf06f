"""`autograder import-gradebook`: put the grades into nbgrader's gradebook."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "import-gradebook",
        run,
        "put the grades into nbgrader's gradebook",
        "Enter the reports of DIR into an nbgrader gradebook, as nbgrader's own autograde would, and faster. Marks "
        "and comments that a person gave stay. Doing it again changes nothing. The gradebook is a file of SQLite's, "
        "or a database of PostgreSQL's; its password may also come from the variable PGPASSWORD or the file .pgpass.",
        "example: autograder import-gradebook grades --gradebook postgresql://teacher@localhost/gradebook",
    )
    command.add_argument("graded", type=Path, metavar="DIR", help="a folder that was graded into")
    command.add_argument(
        "--gradebook",
        metavar="URL",
        help="the database (default: the variable GRADEBOOK_URL, else that of the course's nbgrader_config.py)",
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.gradebook.entering import gradebook_address, import_into

    return import_into(arguments.gradebook or gradebook_address(course), arguments.graded, course)
