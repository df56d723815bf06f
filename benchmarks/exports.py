"""What it costs to hand on the grades of a large class: each export, and the import into a gradebook.

Makes a class of 5,000 students with 20 assignments, a report each, and runs the commands as an instructor would, each
in a process of its own.  The target is 60 seconds each for 100,000 rows.  PostgreSQL is measured where --postgresql
names an empty database.  The folder with the reports is kept, and made only once.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from nbgrader.api import Gradebook
from rich.console import Console
from rich.table import Table
from usage import Usage, run_and_measure

from autograder.gradebook.address import with_driver
from autograder.learner.results import CheckResult
from autograder.report import Report, TaskReport, write_report

COURSE = Path(__file__).resolve().parents[1]
TASKS = {"sigmoid": 1.0, "gru_cell": 4.0, "gru_forward": 3.0}
QUESTION = "what_a_unit_does"
MISTAKES = {
    "update_gate_flipped": "Your update gate is flipped: z keeps the old state and 1 - z lets the candidate in.",
    "gates_swapped": "Your gates are swapped: the rows are packed in the order r, z, n.",
    "state_not_carried": "Your state is not carried: each step starts from h0.",
}
TARGET = 60  # seconds
WORKSHEET = [
    *("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", "Feedback comments"),
]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python benchmarks/exports.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--students", type=int, default=5000, metavar="N", help="default 5000")
    made.add_argument("--assignments", type=int, default=20, metavar="N", help="default 20")
    made.add_argument("--postgresql", metavar="URL", help="also import into this empty database")
    made.add_argument("--only", metavar="WORD", help="what has this word in its name alone, moodle say")
    made.add_argument(
        "--work", type=Path, default=COURSE / "_build" / "benchmark-exports", help="where the class is made"
    )
    made.add_argument("--out", type=Path, metavar="DIR", help="write exports.json there")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write the data if asked; 1 where the target is missed."""
    given = parser().parse_args(arguments)
    console = Console()
    names = names_of(given.assignments)
    grades = given.work / f"grades-{given.students}-{given.assignments}"
    rows = given.students * len(names)
    if not grades.is_dir():
        console.print(f"Making {rows:,} reports in {grades}")
        make_reports(grades, given.students, names)
    table = Table("what", "seconds", "CPU seconds", "peak MB", "rows a second", title=f"{rows:,} rows")
    found: dict[str, Usage] = {}
    for what, command in commands(given, grades, names):
        if given.only and given.only not in what:
            continue
        found[what] = used = run_and_measure(
            [sys.executable, "-m", "autograder", *map(str, command)], COURSE, {}, given.work / "log.txt"
        )
        table.add_row(
            what, f"{used.seconds:.1f}", f"{used.cpu:.1f}", f"{used.memory / 1e6:.0f}", f"{rows / used.seconds:,.0f}"
        )
    console.print(table)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        machine = {"processors": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
        data = {"rows": rows, **machine, "measured": {what: asdict(used) for what, used in found.items()}}
        (given.out / "exports.json").write_text(json.dumps(data, indent=1) + "\n")
    return int(any(used.seconds > TARGET for used in found.values()))


def names_of(count: int) -> list[str]:
    """One of the course's own assignments, and made-up ones like it."""
    return ["gru_cell", *(f"like_it_{i:02}" for i in range(1, count))]


def commands(given: argparse.Namespace, grades: Path, names: list[str]) -> Iterator[tuple[str, list[object]]]:
    """What is measured: its name, and the command's arguments.  What a command needs is made just before."""
    out, first = given.work / "out", names[0]
    shutil.rmtree(out, ignore_errors=True)
    export = ["export", grades]
    yield "export csv", [*export, "--format", "csv", "--out", out / "all.csv"]
    yield "export canvas", [*export, "--format", "canvas", "--out", out / "canvas.csv"]
    roster = [*export, "--format", "canvas", "--roster", make_roster(given, names)]
    yield "export canvas, with a roster", [*roster, "--out", out / "roster.csv"]
    yield "export moodle", [*export, "--format", "moodle", "--out", out / "moodle.csv"]
    one = [*export, "--format", "moodle", "--assignment", first, "--worksheet", make_worksheet(given)]
    pages = ["--out", out / "worksheet.csv", "--feedback", out / "feedback.zip"]
    yield "export moodle, worksheet and feedback of one assignment", [*one, *pages]
    yield "export gradescope", [*export, "--format", "gradescope", "--out", out / "gradescope"]
    databases = {"SQLite": f"sqlite:///{given.work / 'gradebook.db'}"}
    (given.work / "gradebook.db").unlink(missing_ok=True)
    if given.postgresql:
        databases["PostgreSQL"] = with_driver(given.postgresql)
    for name, address in databases.items():
        if not given.only or given.only in f"import {name}":
            make_gradebook(address, names)
        enter = ["import-gradebook", grades, "--gradebook", address]
        yield f"import {name}", enter
        yield f"import {name}, a second time", enter
        yield (
            f"export csv, with marks of {name}",
            [*export, "--format", "csv", "--gradebook", address, "--out", out / f"{name}.csv"],
        )


def make_reports(grades: Path, students: int, names: list[str]) -> None:
    """A report each, of a class in which two of three tasks are right; written beside and then named."""
    rng, scratch = random.Random(0), grades.with_name(f".new-{grades.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    for i in range(students):
        for name in names:
            write_report(report_of(f"student-{i:05}", name, rng), scratch)
    scratch.rename(grades)


def report_of(student: str, assignment: str, rng: random.Random) -> Report:
    tasks = [task_of(name, points, rng) for name, points in TASKS.items()]
    return Report(
        *(student, assignment, "graded", sum(task.points for task in tasks), sum(TASKS.values()), tasks, [QUESTION]),
        *("0" * 64, "1" * 64, "0.1.0+000000000000", "2" * 12, "sealed", "cpu", round(rng.uniform(0.02, 0.5), 3)),
        unanswered=[QUESTION] if rng.random() < 0.1 else [],
        handed_in="2026-10-12T21:59:00+00:00",
    )


def task_of(name: str, points: float, rng: random.Random) -> TaskReport:
    right = rng.random() < 0.67
    checks = [
        CheckResult(f"check_{i}", right, "" if right else "8 of 8 numbers differ.", "It holds.") for i in range(6)
    ]
    if right:
        return TaskReport(name, points, points, "graded", checks=checks)
    mistake = rng.choice([*MISTAKES])
    return TaskReport(name, 0.0, points, "graded", mistake, MISTAKES[mistake], checks, "mistake")


def make_roster(given: argparse.Namespace, names: list[str]) -> Path:
    """A Gradebook as Canvas exports it."""
    path = given.work / "roster.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        titles = [f"{name} ({i})" for i, name in enumerate(names, 100)]
        rows.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles])
        rows.writerow(["    Points Possible", "", "", "", "", *["8.00" for _ in names]])
        for i in range(given.students):
            rows.writerow([f"Doe, Jane {i}", i, f"u{i}", f"student-{i:05}", "A", *["" for _ in names]])
    return path


def make_worksheet(given: argparse.Namespace) -> Path:
    """An assignment's grading worksheet as Moodle exports it."""
    path = given.work / "worksheet.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(WORKSHEET)
        for i in range(given.students):
            person = [f"Participant {1000 + i}", f"Jane Doe {i}", f"student-{i:05}"]
            rows.writerow([*person, "Submitted for grading", "", "8.00", "Yes", "-", "-", ""])
    return path


def make_gradebook(address: str, names: list[str]) -> None:
    """A gradebook that knows the assignments, their tasks and their question."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader runs `alembic`
    with Gradebook(address) as book:
        for name in names:
            book.add_assignment(name)
            book.add_notebook(name, name)
            for task, points in TASKS.items():
                book.add_grade_cell(task, name, name, max_score=points, cell_type="code")
                book.add_solution_cell(f"{task}_answer", name, name)
            book.add_grade_cell(QUESTION, name, name, max_score=2, cell_type="markdown")
            book.add_solution_cell(QUESTION, name, name)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        sys.exit(f"{failed}\nWhat it said is in log.txt, in the folder that --work names.")
