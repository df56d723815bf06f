"""What a learner receives, as a zip file: the exercises and the learner's half of autograder, nothing of the key.

Where the site is built, its chapters come along as notebooks.  Unpacked into a public repository it is what Binder, a
JupyterHub and Colab open.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import autograder
from autograder.course import Assignment, CourseError, assignment_names, find_assignment
from autograder.files import remove_scraps, replacing, why
from autograder.learner import given, outline
from autograder.runtime import runtime_of

ROOT = "gated"
PYPROJECT = f"""\
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"

[project]
name = "gated-exercises"
version = "{autograder.__version__}"
description = "Exercises of the course Gated: the GRU from first principles, with the check that goes with them."
requires-python = ">=3.11"
dependencies = ["numpy>=1.25"]

[project.optional-dependencies]
notebook = ["jupyterlab", "matplotlib"]
torch = ["torch"]

[project.scripts]
autograder = "autograder.cli:main"

[tool.setuptools]
packages = ["autograder", "autograder.learner", "autograder.learner.standins"]
"""
README = """\
# Gated: the GRU from first principles. The exercises

Python 3.11 or newer. In this folder:

    python -m pip install ".[notebook]"
    jupyter lab exercises

Open a notebook, write the functions, and run the check below each: it says in words what is wrong. In a terminal, NumPy
is enough:

    python -m pip install .
    autograder next
    autograder check gru_cell
    autograder hint gru_cell gru_forward
    autograder progress
    autograder validate gru_cell

`next` names the next task and the chapter to read, `hint` opens one hint more, `progress` shows what passes, and
`validate` says before you hand in what the grader will see. What passed and which hints were opened is kept in
`exercises/.gated` on this machine, and nowhere else; you may delete it.
"""
CHAPTERS = """
The chapters of the book are in `notebooks`, with their code and without their questions and live figures.
"""
TORCH = """
The exercises {names} are written in PyTorch, and need it too; all others do without. It is a large download:

    python -m pip install ".[notebook,torch]"
"""
# For machines that are set up by what a repository says of itself, such as Binder.  Its own Python may be too old.
RUNTIME = "python-3.12\n"
REQUIREMENTS = """\
# All that the notebooks here need.  torch comes without CUDA, which would be gigabytes.
--extra-index-url https://download.pytorch.org/whl/cpu
{packages}
.
"""
PACKAGES = ("numpy", "matplotlib", "jupyterlab", "torch")


def make_bundle(course: Path, file: Path, site: Path | None = None, only: Sequence[str] = ()) -> None:
    """Write the bundle.  Raises `CourseError` where an exercise has not been made or the file cannot be written.

    site: the built site that the chapters' notebooks are taken from (default: `_build/html` of the course).  only: the
    assignments to pack (default: all).
    """
    chosen = [find_assignment(course, name) for name in dict.fromkeys(only or assignment_names(course))]
    names = dict(bundled_files(course, site or course / "_build" / "html", chosen))
    try:
        remove_scraps(file.parent)
        with replacing(file) as scratch, zipfile.ZipFile(scratch, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(entry("pyproject.toml"), PYPROJECT)
            bundle.writestr(entry("README.md"), README + about_chapters(names) + about_torch(chosen))
            bundle.writestr(entry("requirements.txt"), REQUIREMENTS.format(packages="\n".join(pinned(course))))
            bundle.writestr(entry("runtime.txt"), RUNTIME)
            for name, path in names.items():
                bundle.writestr(entry(name), path.read_bytes())
    except OSError as error:
        raise CourseError(f"The bundle {file} cannot be written: {why(error)}.") from error


def about_chapters(names: dict[str, Path]) -> str:
    return CHAPTERS if any(name.startswith("notebooks/") for name in names) else ""


def pinned(course: Path) -> list[str]:
    """The packages that the notebooks need, in the versions that the course is built with."""
    file = course / "requirements.txt"
    lines = file.read_text(encoding="utf-8").split() if file.is_file() else []
    pins = {line.partition("==")[0]: line for line in lines if "==" in line}
    return [pins.get(name, name) for name in PACKAGES]


def about_torch(chosen: Sequence[Assignment]) -> str:
    """What the bundle's README says of the exercises that need torch, if there are any."""
    names = [assignment.name for assignment in chosen if "torch" in runtime_of(assignment).packages]
    return TORCH.format(names=", ".join(f"`{name}`" for name in names)) if names else ""


def bundled_files(course: Path, site: Path, chosen: Sequence[Assignment]) -> Iterator[tuple[str, Path]]:
    """Names in the bundle, and the files that they are made from."""
    if (course / "LICENSE").is_file():
        yield "LICENSE", course / "LICENSE"
    package = Path(autograder.__file__).parent
    for name in ("__init__.py", "__main__.py", "cli.py"):
        yield f"autograder/{name}", package / name
    for path in sorted((package / "learner").rglob("*.py")):
        yield f"autograder/{path.relative_to(package).as_posix()}", path
    if (course / "exercises" / outline.FILE).is_file():
        yield f"exercises/{outline.FILE}", course / "exercises" / outline.FILE
    for assignment in chosen:
        name = assignment.name
        for path in (assignment.release, assignment.released / "cases.npz", assignment.released / given.FILE):
            if not path.is_file():
                raise CourseError(f"{path} is missing. Make it with: autograder exercises {name}")
            yield f"exercises/{name}/{path.name}", path
        if (assignment.released / "probes.py").is_file():
            yield f"exercises/{name}/probes.py", assignment.released / "probes.py"
    for path in sorted((site / "notebooks").glob("*.ipynb")):
        yield f"notebooks/{path.name}", path


def entry(name: str) -> zipfile.ZipInfo:
    """An entry with a fixed date, so that the same files make the same bundle."""
    made = zipfile.ZipInfo(f"{ROOT}/{name}", date_time=(2026, 1, 1, 0, 0, 0))
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = 0o644 << 16
    return made
