"""Lay out what learners handed in elsewhere as the grader wants it: <student>/<assignment>/<assignment>.ipynb.

A learning-management system hands out one archive an assignment, and names its files after whom they come from:

    canvas   doejane_LATE_1234_56789_gru_cell-1.ipynb             the student is Canvas's user number, 1234
    moodle   Jane Doe_345_assignsubmission_file_/gru_cell.ipynb   the student is Jane Doe
    github   gru-cell-janedoe/.../gru_cell.ipynb                  the student is the account, janedoe

Canvas puts -1, -2, ... behind the name of a file that was handed in again.  Moodle's number is another for each
assignment, so its names are the better key; two participants of one name keep their numbers.  `gh classroom clone
student-repos` makes a folder a repository, in a folder whose name ends in -submissions.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from autograder import timestamps
from autograder.course import CourseError
from autograder.exports.roster import read_table
from autograder.files import replacing, why, write_text

LARGEST = 20 << 20  # bytes of one notebook; with pictures in its outputs it has less than a tenth
CANVAS = re.compile(r"(?:.*/)?[^/_]+(?:_LATE)?_(?P<student>\d+)_\d+_(?P<file>[^/]+?)(?:-(?P<again>\d+))?\.ipynb")
MOODLE = re.compile(
    r"(?:.*/)?(?P<student>[^/]+)_(?P<number>\d+)_assignsubmission_file_?/?(?:.*/)?(?P<file>[^/]*)\.ipynb"
)
GITHUB = re.compile(r"(?:.*-submissions/)?(?P<student>[^/]+)/(?:.*/)?(?P<file>[^/]+)\.ipynb")
EARLIER = ".earlier"  # hidden, so that no grader takes it for a student


@dataclass(frozen=True)
class Found:
    """One notebook of the archive: whose it is, what it was called, and how to read it."""

    student: str
    name: str
    where: str
    read: Callable[[], bytes]
    again: int = 0
    number: str = ""
    handed_in: str | None = None


@dataclass
class Collected:
    """What came of it.  new, replaced, same: students.  left: a sentence for each file that was left where it was."""

    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def collect(
    source: Path, submitted: Path, assignment: str, pattern: re.Pattern, times: Mapping[str, str], slug: str = ""
) -> Collected:
    """Put each student's notebook to its place under `submitted`.

    A notebook that was there and differs is kept in `submitted`/.earlier.  slug: what the folders of students begin
    with.  times: when a student handed in, as ISO 8601 with an offset.  Raises `CourseError` where the archive cannot
    be read.
    """
    collected = Collected()
    by_student: dict[str, list[Found]] = defaultdict(list)
    with opened(source) as archive:
        for found in apart(matching(source, archive, pattern, slug, collected)):
            by_student[found.student].append(found)
        place_all(by_student, submitted, assignment, times, collected)
    return collected


@contextlib.contextmanager
def opened(source: Path) -> Iterator[zipfile.ZipFile | None]:
    """The archive, or nothing for a folder."""
    if source.is_dir():
        yield None
        return
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise CourseError(f"{source} is neither a folder nor a zip file that can be read: {error}.") from error
    with archive:
        yield archive


def place_all(
    by_student: Mapping[str, list[Found]],
    submitted: Path,
    assignment: str,
    times: Mapping[str, str],
    collected: Collected,
) -> None:
    for student, all_found in sorted(by_student.items()):
        problem = not_a_student(student)
        best = None if problem else the_one(all_found, assignment)
        if best is None:
            reason = problem or f"there are several notebooks and none of them is {assignment}.ipynb"
            collected.left += [f"{found.where}: {reason}." for found in all_found]
            continue
        folder, handed_in = submitted / student / assignment, times.get(student) or best.handed_in
        if put(best, folder, submitted / EARLIER / student, collected) and handed_in:
            write_text(folder / timestamps.FILE, f"{timestamps.in_nbgraders_words(handed_in)}\n")


def matching(
    source: Path, archive: zipfile.ZipFile | None, pattern: re.Pattern, slug: str, collected: Collected
) -> Iterator[Found]:
    """Every notebook whose place tells whose it is; the others are named in `collected`."""
    for where, read in notebooks_in(source, archive):
        match = pattern.fullmatch(where)
        if match is None:
            collected.left.append(f"{where}: its name does not say whose it is.")
            continue
        told = match.groupdict()
        student = told["student"].removeprefix(slug)
        name = told.get("file") or Path(where).stem
        handed_in = None if archive else committed(source, where, told["student"])
        yield Found(student, name, where, read, int(told.get("again") or 0), told.get("number") or "", handed_in)


def notebooks_in(source: Path, archive: zipfile.ZipFile | None) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The notebooks of a zip file or a folder: the place inside it, and a function that reads it."""
    if archive is None:
        for path in sorted(source.rglob("*.ipynb")):
            inside = path.relative_to(source)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                yield inside.as_posix(), lambda path=path: read_some(path.open("rb"))
        return
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        place = PurePosixPath(entry.filename)
        if place.suffix == ".ipynb" and "__MACOSX" not in place.parts:
            yield entry.filename, lambda entry=entry: read_some(archive.open(entry))


def read_some(file: object) -> bytes:
    """All of a file, unless there is more than a notebook ever holds: an archive may unpack to anything."""
    with file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MB")
    return content


def apart(found: Iterator[Found]) -> list[Found]:
    """Two participants of one name are told apart by their numbers."""
    everything = list(found)
    numbers = defaultdict(set)
    for each in everything:
        numbers[each.student].add(each.number)
    return [
        Found(**{**vars(each), "student": f"{each.student}_{each.number}"}) if len(numbers[each.student]) > 1 else each
        for each in everything
    ]


def not_a_student(student: str) -> str | None:
    """Why a name can be no folder of a student's, or None."""
    if not student or student.startswith(".") or re.search(r"[/\\\x00-\x1f]", student):
        return f"{student!r} cannot be the name of a student's folder"
    return None


def the_one(found: list[Found], assignment: str) -> Found | None:
    """Of a student's notebooks the assignment's, its latest; a single one counts whatever its name."""
    named = [each for each in found if plain(each.name) == plain(assignment)]
    if named:
        return max(named, key=lambda each: each.again)
    return found[0] if len(found) == 1 else None


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def put(found: Found, folder: Path, earlier: Path, collected: Collected) -> bool:
    """Write a notebook, unless it is there already; what was there before is kept.  Whether it is there now."""
    place = folder / f"{folder.name}.ipynb"
    try:
        content = found.read()
    except (OSError, ValueError, RuntimeError, zipfile.BadZipFile) as error:  # RuntimeError: it wants a password
        collected.left.append(f"{found.where}: it cannot be read, {error}.")
        return False
    try:
        before = place.read_bytes() if place.is_file() else None
        if before == content:
            collected.same.append(found.student)
            return True
        folder.mkdir(parents=True, exist_ok=True)
        if before is not None:
            keep_earlier(before, earlier, folder.name)
        with replacing(place) as scratch:
            scratch.write_bytes(content)
    except OSError as error:
        raise CourseError(f"{place} cannot be written: {why(error)}. Nothing else changed.") from error
    (collected.new if before is None else collected.replaced).append(found.student)
    return True


def keep_earlier(content: bytes, earlier: Path, assignment: str) -> None:
    earlier.mkdir(parents=True, exist_ok=True)
    count = sum(1 for _ in earlier.glob(f"{assignment}-*.ipynb"))
    with replacing(earlier / f"{assignment}-{count + 1}.ipynb") as scratch:
        scratch.write_bytes(content)


def committed(source: Path, where: str, repository: str) -> str | None:
    """When git says that the file was last changed, in a repository of the student's own."""
    parts = PurePosixPath(where).parts
    if repository not in parts:
        return None
    root = source.joinpath(*parts[: parts.index(repository) + 1])
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "log", "-1", "--format=%cI", "--", str(source / where)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


def times_in(file: Path) -> dict[str, str]:
    """When students handed in: a CSV with the columns student and handed_in.  Raises `CourseError` for any other."""
    table = read_table(file)
    student, handed_in = table.column("student"), table.column("handed_in")
    told = {}
    for line, row in enumerate(table.rows, 2):
        try:
            moment = datetime.fromisoformat(row[handed_in])
            if moment.tzinfo is None:
                raise ValueError("it names no offset from UTC")
        except ValueError as error:
            raise CourseError(
                f"{file}, line {line}: handed_in should be a time like 2026-10-12T23:58:00+02:00 ({error})."
            ) from error
        told[row[student]] = moment.isoformat()
    return told
