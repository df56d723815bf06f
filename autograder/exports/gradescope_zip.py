"""Gradescope: the ZIP file of an autograder, for one assignment.

What it must hold and where Gradescope puts it, of https://gradescope-autograders.readthedocs.io/en/latest/specs/ :
`setup.sh` and `run_autograder` at the ZIP file's root.  It is unpacked to /autograder/source, and `setup.sh` runs once,
as root, when the image is built, which is Ubuntu's by default.  For each submission a fresh container runs
/autograder/run_autograder, a copy, from /autograder, with the student's files in /autograder/submission; what is shown
must be in /autograder/results/results.json when it ends.  /autograder/submission_metadata.json says who handed in, of
https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/ .

Everything in it is the instructor's own: the answer key, the checks and the course's secret key.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import autograder
from autograder.course import Assignment, CourseError, course_key, files_in
from autograder.exports.cells import new_file
from autograder.runtime import runtime_of

# what judging imports, beside what the assignment does
GRADER = ("numpy", "nbformat", "jsonschema", "jupytext", "pytest", "pyseccomp", "packaging", "rich", "Jinja2")
SETUP = r"""#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder's image.
set -euo pipefail
source="${AUTOGRADER_SOURCE:-/autograder/source}"
venv="${AUTOGRADER_VENV:-/autograder/venv}"
export DEBIAN_FRONTEND=noninteractive

find_python() {
  for python in python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1; then
      return 0
    fi
  done
  return 1
}

apt-get update -qq
# bubblewrap and libseccomp2 keep a student's code from all else; without the first there is a lower level
apt-get install -y -qq --no-install-recommends libseccomp2 python3 python3-venv
apt-get install -y -qq --no-install-recommends bubblewrap || true
if ! find_python; then
  apt-get install -y -qq --no-install-recommends python3.12-venv || \
    apt-get install -y -qq --no-install-recommends python3.11-venv || true
fi
if ! find_python; then
  echo "There is no Python 3.11 or newer. In Gradescope, choose a newer base image, Ubuntu 24.04 say."
  exit 1
fi
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$source/requirements.txt"
chmod -R go-rwx "$source/course/solutions" "$source/course/.course-key"
"""
RUN = r"""#!/usr/bin/env bash
# Gradescope runs this for each submission.  Whatever becomes of it, there is a results.json.
source="${AUTOGRADER_SOURCE:-/autograder/source}"
results="${AUTOGRADER_RESULTS:-/autograder/results}"
python="${AUTOGRADER_PYTHON:-${AUTOGRADER_VENV:-/autograder/venv}/bin/python}"
mkdir -p "$results"
cat > "$results/results.json" << 'EOF'
%s
EOF
export PYTHONPATH="$source/course" OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
"$python" -B -m autograder.exports.gradescope_run
"""
UNFINISHED = (
    "The grader stopped before it was done. This is not your mistake: tell your instructor, who can run it again."
)
README = """\
The autograder of {name} for Gradescope. Upload this file there and give it to nobody: it holds the answer key, the
hidden checks and the course's secret key.

A student's code runs in a process of its own, at level {isolation} or better; see the course's page For instructors.
"""


def make_zip(assignment: Assignment, file: Path, isolation: str, visibility: str) -> list[str]:
    """Write the ZIP file; what of the requirements has no pinned version.

    isolation: the lowest level to grade at.  visibility: when students see their results.
    """
    lines, loose = requirements(assignment)
    settings = {"assignment": assignment.name, "isolation": isolation, "visibility": visibility}
    unfinished = json.dumps({"score": 0.0, "output": UNFINISHED, "output_format": "text", "tests": []})
    key = course_key(assignment.course).secret
    with new_file(file) as scratch, zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry("setup.sh", 0o755), SETUP)
        archive.writestr(entry("run_autograder", 0o755), RUN % unfinished)
        archive.writestr(entry("requirements.txt"), "\n".join(lines) + "\n")
        archive.writestr(entry("settings.json"), json.dumps(settings, indent=1) + "\n")
        archive.writestr(entry("README.txt"), README.format(name=assignment.name, isolation=isolation))
        archive.writestr(entry("course/.course-key", 0o600), key + "\n")
        for name, path in course_files(assignment):
            archive.writestr(entry(f"course/{name}"), path.read_bytes())
    return loose


def course_files(assignment: Assignment) -> Iterator[tuple[str, Path]]:
    """All that judging it reads: names in a course, and files.  Raises `CourseError` where one is missing."""
    package = Path(autograder.__file__).parent
    for path in sorted(files_in(package)):
        yield f"autograder/{path.relative_to(package).as_posix()}", path
    solutions = assignment.course / "solutions"
    kept = [*files_in(solutions / "reference"), *files_in(assignment.folder)]
    for path in sorted([*solutions.glob("*.py"), *kept]):
        yield path.relative_to(assignment.course).as_posix(), path
    for name in (assignment.release.name, "cases.npz"):
        if not (assignment.released / name).is_file():
            raise CourseError(
                f"{assignment.released / name} is missing. Make it with: autograder exercises {assignment.name}"
            )
    for path in sorted(files_in(assignment.released)):
        yield path.relative_to(assignment.course).as_posix(), path


def requirements(assignment: Assignment) -> tuple[list[str], list[str]]:
    """The lines of requirements.txt, in the versions that the course is built with; and those that have none."""
    file = assignment.course / "requirements.txt"
    lines = file.read_text(encoding="utf-8").split() if file.is_file() else []
    pins = {line.partition("==")[0].lower(): line for line in lines if "==" in line}
    names = dict.fromkeys((*GRADER, *runtime_of(assignment).packages))
    wanted = [pins.get(name.lower(), name) for name in names]
    if "torch" in names:  # without CUDA, which would be gigabytes
        wanted.insert(0, "--extra-index-url https://download.pytorch.org/whl/cpu")
    return wanted, [name for name in names if name.lower() not in pins]


def entry(name: str, mode: int = 0o644) -> zipfile.ZipInfo:
    """An entry with a fixed date, so that the same files make the same ZIP file."""
    made = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = (0o100000 | mode) << 16
    return made
