"""The small courses under tests/fixtures, each in a folder of its own with its exercises released."""

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Assignment, find_assignment
from autograder.release import release

FIXTURES = Path(__file__).parent / "fixtures"


@contextlib.contextmanager
def released(course: str, name: str, folder: Path) -> Iterator[Assignment]:
    """An assignment of a fixture course, copied into `folder` and released there."""
    copy = folder / "course"
    shutil.copytree(FIXTURES / course, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assignment = find_assignment(copy, name)
    release(assignment, assignment.released)
    yield assignment
    sys.path.remove(str(copy))  # and what came from there, for the tests of the course itself
    for module in [module for module in sys.modules if module.partition(".")[0] == "solutions"]:
        del sys.modules[module]
