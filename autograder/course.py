"""A course on disk: its root, its assignments, and the key that the hidden inputs are drawn with."""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import os
import secrets
import sys
import traceback
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from autograder.files import SCRATCH, why
from autograder.learner.notebook import Cell, Unreadable
from autograder.notebook import read_cells

KEY = "AUTOGRADER_KEY"


class CourseError(Exception):
    """The course or the command's arguments are not as they must be.  The message says what to do."""


@dataclass(frozen=True)
class Task:
    """A graded cell of an assignment: its name (the function to write), its points, and whether a person grades it."""

    name: str
    points: float
    manual: bool


@dataclass(frozen=True)
class Assignment:
    """One folder under `solutions/`, and what was made from it under `exercises/`."""

    RUBRIC: ClassVar[str] = "rubric.md"  # how a person grades the written questions; see `rubrics`

    course: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.course / "solutions" / self.name

    @property
    def source(self) -> Path:
        """The notebook as py:percent text: the one source."""
        return self.folder / f"{self.name}.py"

    @property
    def checks(self) -> Path:
        return self.folder / "checks.py"

    @property
    def variants(self) -> list[Path]:
        """Other right ways to write it, a file each."""
        return sorted((self.folder / "variants").glob("*.py"))

    @property
    def released(self) -> Path:
        """The folder that a learner receives."""
        return self.course / "exercises" / self.name

    @property
    def release(self) -> Path:
        """The notebook that a learner receives."""
        return self.released / f"{self.name}.ipynb"

    @cached_property
    def cells(self) -> list[Cell]:
        """The cells of the release.  Raises `CourseError` where it has not been made."""
        if not self.release.is_file():
            raise CourseError(f"{self.release} is missing. Make it with: autograder exercises {self.name}")
        try:
            return read_cells(self.release)
        except Unreadable as error:
            again = f"Make it again with: autograder exercises {self.name}"
            raise CourseError(f"{self.release} cannot be used. {error} {again}") from error

    @cached_property
    def tasks(self) -> list[Task]:
        return [Task(cell.grade_id, cell.points, cell.solution) for cell in self.cells if cell.graded]

    def mistakes_module(self) -> ModuleType:
        """The catalogue of known mistakes, imported from this course, whatever else is called `solutions` here.

        Raises `CourseError` where it cannot be.
        """
        if str(self.course) not in sys.path:
            sys.path.insert(0, str(self.course))
        name, file = f"solutions.{self.name}.mistakes", self.folder / "mistakes.py"
        module = sys.modules.get(name)
        if module is None or module.__file__ != str(file):
            spec = importlib.util.spec_from_file_location(name, file)
            module = sys.modules[name] = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except Exception as error:
                del sys.modules[name]
                raise CourseError(f"{file} cannot be loaded: {told(error)}") from error
        return module

    @cached_property
    def sha256(self) -> str:
        """A hash of everything that can change what the checks give: the assignment, the reference and the release."""
        own = [path for path in files_in(self.folder) if path != self.folder / self.RUBRIC]
        files = [*own, *files_in(self.course / "solutions" / "reference"), self.release]
        digest = hashlib.sha256()
        for file in sorted(files):
            digest.update(f"{file.relative_to(self.course).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()


def told(error: Exception) -> str:
    """An error in code of the course's own: its type, its message, and the line that it comes from."""
    lines = traceback.extract_tb(error.__traceback__)
    if isinstance(error, SyntaxError):
        where, message = f"{error.filename}, line {error.lineno}", error.msg
    else:
        where, message = (f"{lines[-1].filename}, line {lines[-1].lineno}" if lines else "no line"), str(error)
    return f"{type(error).__name__}: {message} ({where})."


def files_in(folder: Path) -> list[Path]:
    """All files in a folder but those that Python, an editor or a system leaves behind."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part == "__pycache__" or part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def find_course(given: Path | None = None) -> Path:
    """The course's root: `given`, or the nearest folder from here upwards that holds `solutions/`."""
    if given is not None:
        if not (given / "solutions").is_dir():
            raise CourseError(f"{given} is no course: it has no folder solutions/.")
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "solutions").is_dir():
            return folder
    raise CourseError(f"No course was found: neither {here} nor a folder above it holds solutions/. Use --course DIR.")


def find_assignment(course: Path, name: str) -> Assignment:
    assignment = Assignment(course, name)
    if name not in assignment_names(course):
        names = ", ".join(assignment_names(course)) or "none"
        raise CourseError(f"This course has no assignment {name!r}. It has: {names}.")
    return assignment


def assignment_names(course: Path) -> list[str]:
    """The folders under `solutions/` that hold an assignment's source."""
    folders = sorted((course / "solutions").iterdir())
    return [folder.name for folder in folders if (folder / f"{folder.name}.py").is_file()]


@dataclass(frozen=True)
class Key:
    """The course's secret.  Who does not know it cannot know which inputs a submission will be judged on."""

    secret: str

    @property
    def id(self) -> str:
        """Names the key without giving it away."""
        return hashlib.sha256(f"id\0{self.secret}".encode()).hexdigest()[:12]

    def seed(self, *names: str) -> int:
        """A seed that is the same for the same names and key, and unpredictable without the key."""
        message = "\0".join(names).encode("utf-8", "surrogatepass")
        return int.from_bytes(hmac.digest(self.secret.encode(), message, "sha256"), "big")


def course_key(course: Path) -> Key:
    """The key in the environment variable AUTOGRADER_KEY, or in the course's `.course-key`, made on first use."""
    given = os.environ.get(KEY, "").strip()
    if given:
        return Key(given)
    file = course / ".course-key"
    try:
        if not os.path.lexists(file):
            make_key(file)
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = why(error) if isinstance(error, OSError) else "it is not text"
        raise CourseError(
            f"The course key {file} cannot be read or made: {reason}. Mend that, or set {KEY}."
        ) from error
    if not secret:
        raise CourseError(
            f"The course key {file} is empty. Put back a copy of it; or delete it, and a new one is made. With another "
            "key the hidden inputs are others, scores keep their meaning, and every submission is graded anew."
        )
    return Key(secret)


def make_key(file: Path) -> None:
    """Put a new key there, whole, unless another process was quicker: then its key is the course's."""
    scratch = file.with_name(f"{SCRATCH}{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_hex(32) + "\n")
        try:
            os.link(scratch, file)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(scratch, file)
    finally:
        scratch.unlink(missing_ok=True)
