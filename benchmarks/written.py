"""What it costs to gather a class's written answers, and to enter the marks for them.

Makes a class of N learners, each with an answer of their own to the question of one assignment; gathers the answers
into pages and a table; gives every answer a mark; imports the class into a gradebook, which is not measured; and enters
the table, twice, for the second time changes nothing.  Times depend on the machine.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from pathlib import Path

import nbformat
from usage import Usage, run_and_measure

from autograder.course import find_assignment
from autograder.report import Report, TaskReport, write_report
from autograder.written.rubrics import written_tasks

COURSE = Path(__file__).resolve().parents[1]
NAME = "gru_cell"
WORDS = (
    "With z = 1 the unit keeps its state, whatever r is; with z = 0 it takes the candidate, and that is new. ".split()
)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python benchmarks/written.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--learners", type=int, default=1000, metavar="N", help="how many learners (default 1000)")
    made.add_argument("--work", type=Path, default=COURSE / "_build" / "benchmark" / "written", metavar="DIR")
    return made


def main(arguments: list[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    shutil.rmtree(given.work, ignore_errors=True)
    make_class(given.learners, given.work)
    gather = ["rubric", NAME, "--answers", given.work / "submitted", "--out", given.work / "rubrics"]
    measure("gather into pages and a table", given.work, [*gather, "--marks", given.work / "marks.csv"])
    fill(given.work / "marks.csv")
    address = f"sqlite:///{given.work / 'gradebook.db'}"
    where = [f"--CourseDirectory.db_url={address}", f"--CourseDirectory.release_directory={given.work / 'release'}"]
    run(given.work, "nbgrader", "generate_assignment", NAME, "--force", *where)
    run(given.work, "autograder", "import-gradebook", given.work / "grades", f"--gradebook={address}")
    enter = ["enter-marks", given.work / "marks.csv", f"--gradebook={address}"]
    measure("enter the marks", given.work, enter)
    measure("enter them again", given.work, enter)
    return 0


def run(work: Path, *command: object) -> Usage:
    return run_and_measure([sys.executable, "-m", *map(str, command)], COURSE, {}, work / "log.txt")


def measure(what: str, work: Path, command: list[object]) -> None:
    used = run(work, "autograder", *command)
    memory = used.memory / (1 << 20)
    print(f"{what}: {used.seconds:.1f} s, {used.cpu:.1f} s of a processor, at most {memory:.0f} MiB")


def make_class(learners: int, work: Path) -> None:
    """Notebooks and reports; every answer is another one."""
    assignment = find_assignment(COURSE, NAME)
    question = written_tasks(assignment)[0].name
    notebook = nbformat.read(assignment.release, as_version=4)
    cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == question)
    for number in range(learners):
        student = f"student-{number:06}"
        cell.source = f"{' '.join(WORDS[: 5 + number % 16])} ({number})"
        path = work / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(nbformat.writes(notebook))
        write_report(report(student, assignment.tasks, question), work / "grades")


def report(student: str, tasks: list, question: str) -> Report:
    done = [TaskReport(task.name, task.points, task.points, "graded") for task in tasks if not task.manual]
    score = sum(task.points for task in done)
    unknown = dict.fromkeys(["submission_sha256", "assignment_sha256", "grader_version", "key_id"], "")
    where = {"isolation": "weak", "device": "cpu", "seconds": 0.1}
    return Report(student, NAME, "graded", score, score, done, [question], **unknown, **where)


def fill(file: Path) -> None:
    with file.open(newline="", encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, rows[0])
        writer.writeheader()
        writer.writerows({**row, "points": number % 5 / 2, "comment": "Read."} for number, row in enumerate(rows))


if __name__ == "__main__":
    raise SystemExit(main())
