"""What `autograder glance` costs for a very large class: made-up reports, as many as asked for.

example: python benchmarks/glance.py --like _build/grades --reports 30000
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import tempfile
from pathlib import Path

from usage import run_and_measure

from autograder.course import find_course
from autograder.output import reports_in
from autograder.report import Report, write_report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=30_000, metavar="N")
    parser.add_argument("--like", type=Path, required=True, metavar="DIR", help="a folder of grades to draw from")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        make_reports(Path(scratch), [*reports_in(arguments.like)], arguments.reports)
        command = [sys.executable, "-m", "autograder", "glance", scratch]
        used = run_and_measure(command, find_course(), {}, Path(scratch) / "glance.log")
        size = (Path(scratch) / "class.html").stat().st_size
    print(
        f"{arguments.reports} reports: {used.cpu:.1f} CPU s, {used.seconds:.1f} s on the clock, "
        f"{used.memory >> 20} MB; the page has {size >> 10} kB."
    )


def make_reports(out: Path, like: list[Report], count: int) -> None:
    """Reports under new names, drawn from those that are there, in the same assignments."""
    chance = random.Random(0)
    assignments = sorted({report.assignment for report in like})
    by_name = {name: [report for report in like if report.assignment == name] for name in assignments}
    for number in range(count):
        student, name = divmod(number, len(assignments))
        drawn = chance.choice(by_name[assignments[name]])
        write_report(dataclasses.replace(drawn, student=f"student-{student:06}"), out)


if __name__ == "__main__":
    main()
