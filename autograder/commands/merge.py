"""`autograder merge`: put shards together."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "merge",
        run,
        "put shards together",
        "Put what `autograder grade --shard I/N` wrote on several machines into one folder: reports, pages, grades.csv "
        "and index.html.",
        "example: autograder merge grades-1 grades-2 --out grades",
    )
    command.add_argument("parts", nargs="+", type=Path, metavar="PART", help="a folder that a shard was graded into")
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where to write (made if it is missing)"
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.merge import merge, missing_shards
    from autograder.output import tell_unsound
    from autograder.policies import policies_of, text_of

    unsound: list[Path] = []
    count = merge(arguments.parts, arguments.out, unsound, policies_of(course), text_of(course))
    print(f"{count} reports. Look at {arguments.out / 'index.html'}; the data are in {arguments.out / 'grades.csv'}.")
    missing = missing_shards(arguments.parts)
    if missing:
        print(f"Not among them: shard {', '.join(missing)}.", file=sys.stderr)
    tell_unsound(unsound)
    return 1 if missing or unsound else 0
