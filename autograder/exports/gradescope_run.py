"""What `run_autograder` runs in Gradescope's container: grade the one notebook that was handed in, whatever its name.

Whatever becomes of it, there is a results.json with a sentence.  Paths are Gradescope's, and a variable of the
environment can put another in the place of each:

AUTOGRADER_SOURCE       /autograder/source                     what the ZIP file held
AUTOGRADER_SUBMISSION   /autograder/submission                 what the student handed in
AUTOGRADER_RESULTS      /autograder/results                    where results.json goes
AUTOGRADER_METADATA     /autograder/submission_metadata.json   who handed in
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import course_key, find_assignment
from autograder.exports.gradescope import nothing, results_of, write_json
from autograder.exports.roster import some
from autograder.exports.rows import Row
from autograder.handed import Handed
from autograder.jail.levels import NotIsolated, level_to_use
from autograder.judge import Judge
from autograder.names import as_word
from autograder.report import Report

OURS = "This is not your mistake: tell your instructor, who can run it again."
WEAK = (
    "Your code was graded at isolation level weak, as your instructor has allowed: on this machine it is not kept from "
    "the files beside it. Code that reads or changes them counts as cheating."
)
NOT_HANDED_IN = {"__MACOSX", "__pycache__"}  # what systems add to a folder


@dataclass(frozen=True)
class Places:
    source: Path
    submission: Path
    results: Path
    metadata: Path

    @classmethod
    def of_environment(cls) -> Places:
        root = Path("/autograder")
        given = {name: os.environ.get(f"AUTOGRADER_{name.upper()}") for name in cls.__dataclass_fields__}
        defaults = {name: root / name for name in given} | {"metadata": root / "submission_metadata.json"}
        return cls(**{name: Path(path) if path else defaults[name] for name, path in given.items()})


def main() -> int:
    """Grade, and write results.json.  The exit code is 0 whenever it says how the submission stands."""
    places = Places.of_environment()
    os.environ.pop("AUTOGRADER_KEY", None)  # the key in the ZIP file is the course's
    try:
        results = results_for(places)
    except NotIsolated as refused:
        print(refused, file=sys.stderr)  # which Gradescope shows to instructors
        results = nothing(f"Your notebook was not graded, for this machine cannot shut a student's code in. {OURS}")
    except Exception:
        traceback.print_exc()
        results = nothing(f"The grader failed. {OURS}")
    write_json(results, places.results / "results.json")
    return 0


def results_for(places: Places) -> dict[str, Any]:
    settings = json.loads((places.source / "settings.json").read_text(encoding="utf-8"))
    course = places.source / "course"
    assignment = find_assignment(course, settings["assignment"])
    notebook, why_not = notebook_in(places.submission)
    if notebook is None:
        return nothing(f"{why_not} Hand in one notebook, {assignment.release.name}.")
    level = level_to_use(settings["isolation"])
    with Judge(assignment, course_key(course), level) as judge:
        (report,) = judge.judge_files([Handed(student(places.metadata), notebook)])
        for fault in judge.take_faults():
            print(fault, file=sys.stderr)
    return results_of(row_of(report), settings["visibility"], notes(report, notebook))


def row_of(report: Report) -> Row:
    """Gradescope knows itself what is late, and a person marks the written answers there."""
    return Row(report, report.score, report.max_score, waiting=report.waiting)


def notes(report: Report, notebook: Path) -> list[str]:
    said = [WEAK] if report.isolation == "weak" else []
    if report.faulty:
        said.append(f"The grader failed on a part of it. {OURS}")
    said.append(f"This is about {as_word(notebook.name)}: {report.score:g} of {report.max_score:g} points.")
    return said


def notebook_in(submission: Path) -> tuple[Path | None, str]:
    """The one notebook that was handed in; or None, and why, in a sentence for the student."""
    if not submission.is_dir():
        return None, "Nothing was handed in."
    files = sorted(path for path in submission.rglob("*") if not path.is_dir() and not is_left_behind(path, submission))
    notebooks = [path for path in files if path.suffix.lower() == ".ipynb"]
    if len(notebooks) == 1:
        return notebooks[0], ""
    names = [str(path.relative_to(submission)) for path in notebooks or files]
    if notebooks:
        return None, f"There are {len(notebooks)} notebooks in what you handed in ({some(names)})."
    if files:
        return None, f"There is no notebook in what you handed in, only {some(names)}."
    return None, "There is no file in what you handed in."


def is_left_behind(path: Path, submission: Path) -> bool:
    """Whether an editor or a system made it: hidden, or a copy of Jupyter's own."""
    return any(part.startswith(".") or part in NOT_HANDED_IN for part in path.relative_to(submission).parts)


def student(metadata: Path) -> str:
    """Who handed in: the hidden inputs depend on it.  Where Gradescope does not say, all are one."""
    try:
        users = json.loads(metadata.read_text(encoding="utf-8"))["users"]
        return ",".join(sorted(str(user.get("email") or user["id"]) for user in users)) or "unknown"
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
