"""nbgrader for this course: its own pipeline, with one step replaced, so that answers are judged by `autograder`.

A class of your own lies in the folder `submitted/`, beside this file.  Until there is one, nbgrader looks at the demo
class in `_build/demo`, so that its commands have something to work on.  The gradebook lies beside the class, or where
the variable GRADEBOOK_URL says: postgresql://user@host/name, for one.
"""

import os
import sys
from pathlib import Path

import nbgrader.coursedir

from autograder.gradebook.address import with_driver
from autograder.timestamps import as_the_gradebook_holds_it

c = get_config()  # noqa: F821  nbgrader defines it

here = Path(__file__).resolve().parent
class_folder = os.environ.get("CLASS_FOLDER") or ("." if (here / "submitted").is_dir() else "_build/demo")

# nbgrader starts `alembic` by name when it makes a gradebook
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

c.CourseDirectory.course_id = "gated"
c.CourseDirectory.root = str(here)
c.CourseDirectory.source_directory = "_build/source"
c.CourseDirectory.release_directory = "_build/release"
c.CourseDirectory.submitted_directory = f"{class_folder}/submitted"
c.CourseDirectory.autograded_directory = f"{class_folder}/autograded"
c.CourseDirectory.feedback_directory = f"{class_folder}/feedback"
c.CourseDirectory.db_url = with_driver(
    os.environ.get("GRADEBOOK_URL") or f"sqlite:///{here / class_folder / 'gradebook.db'}"
)

# nbgrader's own reader of timestamp.txt stops at one that it cannot read, and takes "+0200" for 200 seconds.
nbgrader.coursedir.parse_utc = as_the_gradebook_holds_it

# A notebook is validated after all steps, not after each.
c.Exporter.optimistic_validation = True

# nbgrader's own lists, with three steps added, and JailedExecute in the place of Execute
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "autograder.gradebook.nbgrader_steps.MendCells",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "autograder.nbgrader_steps.RestoreCells",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_steps.JailedExecute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.gradebook.nbgrader_steps.EnterDates",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What lateness takes off is written in course.toml.
c.AssignLatePenalties.plugin_class = "autograder.gradebook.nbgrader_steps.CourseLateness"
