"""Write a rehearsal class: the notebooks as they were handed in, and beside them the truth and the dates.

    DIR/submitted/student-001/gru_cell/gru_cell.ipynb, timestamp.txt
    DIR/truth.json    by student and assignment, all that is known of it
    DIR/truth.csv     the same in a row for each
    DIR/course.toml   when each assignment is due, as the late policy reads it

One student at a time is in memory, however large the class.
"""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.course import assignment_names, find_assignment
from autograder.demo import new_class
from autograder.files import replacing, write_text
from autograder.rehearsal.students import Handed, Room, ability_of, rooms
from autograder.timestamps import in_nbgraders_words

SHOWN_FROM = 300  # notebooks; fewer take a moment
COLUMNS = (
    *("student", "assignment", "kind", "status", "score", "max_score", "ability", "handed_in", "late_hours"),
    *("copied_from", "mistakes", "statuses", "unanswered"),
)


def make_class(course: Path, out: Path, count: int, seed: int = 0, only: Sequence[str] = ()) -> Counter[str]:
    """Write a class of `count` students; how often each kind of work was handed in.

    The same seed makes the same files to the byte.  Raises `CourseError` where a release is missing or the folder is
    somebody's own, and `CannotWrite`.
    """
    width = max(3, len(str(count)))
    students = [f"student-{number:0{width}}" for number in range(1, count + 1)]
    chosen = [find_assignment(course, name) for name in only or assignment_names(course)]
    for assignment in chosen:
        _ = assignment.cells  # a release that is missing is told here, in words
    all_rooms = list(rooms(chosen, students, seed))
    kinds: Counter[str] = Counter()
    with new_class(out) as submitted:
        write_text(out / "course.toml", dates(all_rooms))
        with whole(out / "truth.csv") as table, whole(out / "truth.json") as truth:
            rows = csv.writer(table, lineterminator="\n")
            rows.writerow(COLUMNS)
            for number, student in enumerate(shown(students, len(all_rooms))):
                handed = {room: room.handed(number, ability_of(seed, number)) for room in all_rooms}
                for room, each in handed.items():
                    write_handed(each, submitted / student, room.assignment.name)
                    rows.writerow(row(student, room, each))
                told = {room.assignment.name: each.told() for room, each in handed.items()}
                truth.write(f"{',' if number else '{'}\n{json.dumps(student)}: {json.dumps(told)}")
                kinds.update(each.kind.partition("-")[0] for each in handed.values())
            truth.write("\n}\n")
    return kinds


@contextlib.contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """A file that is there only when all of it is written."""
    with replacing(path) as scratch, scratch.open("w", encoding="utf-8", newline="") as file:
        yield file


def shown(students: list[str], each: int) -> Iterator[str]:
    """The students, with a bar on standard error that counts their notebooks, where there are many."""
    console = Console(stderr=True)
    columns = TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    quiet = len(students) * each < SHOWN_FROM or not sys.stderr.isatty()
    with Progress(*columns, console=console, disable=quiet) as progress:
        bar = progress.add_task("writing", total=len(students) * each)
        for student in students:
            yield student
            progress.advance(bar, each)


def write_handed(handed: Handed, folder: Path, name: str) -> None:
    """The notebook, and when it came, in nbgrader's layout; of who hands in nothing an empty folder."""
    if handed.file is None or handed.handed_in is None:
        folder.mkdir(parents=True, exist_ok=True)
        return
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / handed.file).write_text(handed.text, encoding="utf-8")
    moment = in_nbgraders_words(handed.handed_in.isoformat())
    (folder / name / "timestamp.txt").write_text(f"{moment}\n", encoding="utf-8")


def row(student: str, room: Room, handed: Handed) -> list[object]:
    told = handed.told()
    told |= {name: in_a_cell(told[name]) for name in ("mistakes", "statuses")}
    told |= {"student": student, "assignment": room.assignment.name, "unanswered": " ".join(handed.unanswered)}
    told |= {"score": sum(handed.scores.values()), "max_score": sum(room.full.values())}
    return [told[name] for name in COLUMNS]


def in_a_cell(by_task: Mapping[str, str]) -> str:
    return "; ".join(f"{task}: {value}" for task, value in by_task.items())


def dates(all_rooms: Sequence[Room]) -> str:
    """When each assignment is due, as the course's own `course.toml` says it."""
    lines = ["# When the rehearsal class was due. Copy what you want of it into the course's own course.toml."]
    lines += ['timezone = "UTC"']
    for room in all_rooms:
        lines += ["", f"[assignments.{room.assignment.name}]", f"due = {room.due.replace(tzinfo=None).isoformat()}"]
    return "\n".join(lines) + "\n"
