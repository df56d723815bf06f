"""What passed, kept on the learner's own machine: `.gated/NAME.json` beside the exercises' folders, one an assignment.

    {"schema": 1, "tasks": {"gru_cell": {
        "passed": true, "when": "2026-11-25T10:12:33+01:00", "first_passed": "...", "tries": 3, "mistake": null,
        "cell": "1f0c96b2a1d3", "notebook": "9b2a...", "hints": 1}}}

`cell` is a hash of the cell that defines the task's function, `notebook` one of all cells that were run; it is null
for a check in the notebook itself, which does not see the file.  Nothing of it is sent anywhere or handed in; the
folder may be deleted.  The variable AUTOGRADER_EVIDENCE names another folder, and `off` keeps nothing.  A file that
cannot be read or written costs a sentence, never a check.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import linecache
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .files import write_whole
from .results import TaskResult

SCHEMA = 1
FOLDER = ".gated"
ELSEWHERE = "AUTOGRADER_EVIDENCE"
OFF = "off"
OLD_FILE = "The evidence in {file} could not be read. It was put aside as {aside}, and begins anew."
NOT_KEPT = "This could not be noted in {file} ({reason}); nothing else is affected."
_said: set[Path] = set()


@dataclass
class Record:
    """What is known of a task.  passed and when: of the last check.  tries: checks of it once it was begun."""

    passed: bool = False
    when: str = ""
    first_passed: str | None = None
    tries: int = 0
    mistake: str | None = None
    cell: str | None = None
    notebook: str | None = None
    hints: int = 0

    @classmethod
    def from_value(cls, value: dict) -> Record:
        """Raises TypeError or ValueError for what is no record: anybody may have edited the file."""
        record = cls(**value)
        texts = (record.first_passed, record.mistake, record.cell, record.notebook)
        counts = (record.tries, record.hints)
        plain = isinstance(record.passed, bool) and isinstance(record.when, str)
        if not plain or not all(isinstance(text, str | None) for text in texts):
            raise TypeError("a field is of the wrong kind")
        if not all(type(count) is int and count >= 0 for count in counts):
            raise TypeError("a count is no count")
        if record.when:
            datetime.datetime.fromisoformat(record.when)
        return record


Records = dict[str, Record]


def file_for(exercise: Path) -> Path | None:
    """Where the evidence on the exercise in this folder is kept; None where none is: in a page, or in a grader."""
    elsewhere = os.environ.get(ELSEWHERE, "")
    if elsewhere.lower() == OFF or sys.platform == "emscripten" or "NBGRADER_EXECUTION" in os.environ:
        return None
    folder = Path(elsewhere) if elsewhere else exercise.resolve().parent / FOLDER
    return folder / f"{exercise.resolve().name}.json"


def read(file: Path | None) -> tuple[Records, str]:
    """The records by task, and a sentence where the file cannot be read."""
    if file is None:
        return {}, ""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        if value["schema"] != SCHEMA:
            raise ValueError("another schema")
        return {task: Record.from_value(each) for task, each in value["tasks"].items()}, ""
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"The evidence in {file} cannot be read: {(error.strerror or str(error)).lower()}."
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}, put_aside(file)


def put_aside(file: Path) -> str:
    aside = file.with_suffix(".broken.json")
    try:
        os.replace(file, aside)
    except OSError as error:
        return f"The evidence in {file} cannot be read, nor put aside: {(error.strerror or str(error)).lower()}."
    return OLD_FILE.format(file=file, aside=aside.name)


def write(file: Path, records: Mapping[str, Record]) -> str:
    """Write the file as a whole, or not at all; a sentence where it is not."""
    text = json.dumps({"schema": SCHEMA, "tasks": {task: asdict(each) for task, each in records.items()}}, indent=1)
    try:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True)
            (file.parent / ".gitignore").write_text("*\n", encoding="utf-8")  # a repository that is handed in lacks it
        write_whole(file, text + "\n")
    except OSError as error:
        return NOT_KEPT.format(file=file, reason=(error.strerror or str(error)).lower())
    return ""


def note(
    exercise: Path,
    results: Iterable[TaskResult],
    hashes: Mapping[str, str | None],
    notebook: str | None = None,
    counted: bool = True,
) -> str:
    """Keep what came of a check; a sentence where it cannot be kept, once for each file.

    hashes: of the cells, by task.  notebook: of all that was run.  counted: whether it was the learner who checked.
    """
    file = file_for(exercise)
    if file is None:
        return ""
    records, problem = read(file)
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    for result in results:
        record = records.setdefault(result.name, Record())
        record.passed, record.when, record.mistake = result.passed, now, result.mistake
        record.cell, record.notebook = hashes.get(result.name), notebook
        record.tries += counted and result.begun
        record.first_passed = record.first_passed or (now if result.passed else None)
    problem = write(file, records) or problem
    return once(file, problem)


def open_tiers(exercise: Path, task: str, count: int, number: int | None, before: int = 0) -> tuple[int, str]:
    """Open a task's next hint, or the one with this number; how many are open now, and a sentence where none is kept.

    before: how many are open, where there is no file to say so.
    """
    file = file_for(exercise)
    records, problem = read(file)
    record = records.setdefault(task, Record())
    already = max(record.hints, before)
    record.hints = min(max(already, number) if number else already + 1, count)
    if file is None or record.hints == already:
        return record.hints, problem
    return record.hints, write(file, records) or problem


def once(file: Path, problem: str) -> str:
    """The sentence, the first time in this process that there is one about the file."""
    if not problem or file in _said:
        return ""
    _said.add(file)
    return problem


def hash_of(texts: Sequence[str]) -> str:
    text = "\0".join(each.strip() for each in texts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def cell_hash(thing: object) -> str | None:
    """A hash of the cell that a function or class was defined in, where Python remembers its text."""
    code = getattr(thing, "__code__", None)
    if code is None and isinstance(thing, type):
        code = next((each.__code__ for each in vars(thing).values() if hasattr(each, "__code__")), None)
    lines = linecache.getlines(code.co_filename) if code else []
    return hash_of(["".join(lines)]) if lines else None
