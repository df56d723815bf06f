"""From an assignment's one source to what a learner receives."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np

from autograder.course import Assignment, CourseError
from autograder.files import remove_scraps, replacing, write_text
from autograder.given import as_text, given_with
from autograder.learner import cases as frozen
from autograder.learner import given
from autograder.recording import record
from autograder.runtime import runtime_of
from autograder.source import read_source


def write_source(assignment: Assignment) -> Path:
    """Write the solved notebook to a folder of its own: nbgrader copies whatever lies beside it into the release."""
    path = assignment.course / "_build" / "source" / assignment.name / f"{assignment.name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, nbformat.writes(read_source(assignment.source)) + "\n")
    return path


def release(assignment: Assignment, folder: Path) -> None:
    """Make what a learner receives, into `folder`: the notebook, stripped by nbgrader itself, and what its check needs.

    All of it is put beside nbgrader's source, too, so that nbgrader's own release holds all that a learner needs.
    """
    source = write_source(assignment)
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            *(sys.executable, "-m", "nbgrader", "generate_assignment", assignment.name, "--force", "--log-level=WARN"),
            f"--CourseDirectory.source_directory={assignment.course}/_build/source",
            f"--CourseDirectory.release_directory={scratch}/release",
            f"--CourseDirectory.db_url=sqlite:///{scratch}/gradebook.db",
        ]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader runs `alembic` from there
        done = subprocess.run(
            command,
            cwd=assignment.course,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CourseError(f"nbgrader could not make the release of {assignment.name}:\n{done.stdout}{done.stderr}")
        notebook = Path(scratch, "release", assignment.name, f"{assignment.name}.ipynb").read_text(encoding="utf-8")
    cases, probes = record(assignment), runtime_of(assignment).probes
    # All is made by now.  The notebook comes last: a release that is there is whole, and newer than what it replaces.
    folder.mkdir(parents=True, exist_ok=True)
    remove_scraps(folder)
    with replacing(folder / "cases.npz") as scratch:
        frozen.save(cases, scratch)
    if probes is not None:
        write_text(folder / "probes.py", probes)
    write_text(folder / f"{assignment.name}.ipynb", notebook)
    write_text(folder / given.FILE, given_text(assignment, folder / f"{assignment.name}.ipynb"))
    for name in ("cases.npz", given.FILE, "probes.py"):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, source.parent / name)


def given_text(assignment: Assignment, notebook: Path) -> str:
    """What `release.json` should hold beside a released notebook."""
    return as_text(given.to_value(given_with(assignment, notebook)))


def differences(assignment: Assignment, fresh: Path) -> list[str]:
    """How the committed release differs from a fresh one, a sentence each.

    Numbers may differ within 1e-13 (exp and tanh differ between processors in the last bit), all else not at all.
    """
    found = []
    name = assignment.release.name
    if not assignment.release.is_file() or assignment.release.read_bytes() != (fresh / name).read_bytes():
        found.append(f"{assignment.release} is not what {assignment.source} makes.")
    told = assignment.released / given.FILE
    if not told.is_file() or told.read_bytes() != (fresh / given.FILE).read_bytes():
        found.append(f"{told} is not what the release makes.")
    probes = runtime_of(assignment).probes
    released = assignment.released / "probes.py"
    if probes is not None and (not released.is_file() or released.read_text() != probes):
        found.append(f"{released} is not the assignment's probes.")
    try:
        old, new = frozen.load(assignment.released / "cases.npz"), frozen.load(fresh / "cases.npz")
    except ValueError as error:
        return [*found, str(error)]
    if not alike(frozen.to_value(old), frozen.to_value(new)):
        found.append(f"{assignment.released / 'cases.npz'} is not what the checks and the catalogue make.")
    return found


def alike(old: object, new: object) -> bool:
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype:
            return False
        rounding = 1e-5 if old.dtype == np.float32 else 1e-13  # a network of torch's, trained some steps elsewhere
        return np.allclose(old, new, rtol=rounding, atol=rounding, equal_nan=True)
    if isinstance(old, float) and isinstance(new, float):
        return np.allclose(old, new, rtol=1e-13, atol=1e-13, equal_nan=True)
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(alike(old[key], new[key]) for key in old)
    if isinstance(old, list | tuple) and type(old) is type(new):
        return len(old) == len(new) and all(map(alike, old, new))
    return type(old) is type(new) and old == new
