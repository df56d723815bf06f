"""What this machine can do for a course, and what to do where it cannot: one finding for each thing that is needed."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError, assignment_names, find_assignment
from autograder.jail.levels import LEVELS, ON_GPU, NotIsolated, best_level, level_to_use, obstacles
from autograder.runtime import runtime_of

WELL, NOTE, PROBLEM = "well", "note", "problem"
OLDEST_PYTHON = (3, 11)
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==(\S+)$")
INSTALL = f"{sys.executable} -m pip install -r requirements.txt"
TOOLS = ("nbgrader", "jupyter", "alembic")  # nbgrader starts the last two by name
FORMGRADER = "nbgrader.server_extensions.formgrader"
ROOM = 1 << 30  # bytes; a thousand submissions with their pages take about a tenth


@dataclass(frozen=True)
class Finding:
    """One thing looked at.  state: `well`; `note` where something is missing that not everybody needs; `problem`."""

    what: str
    state: str
    said: str
    advice: str = ""


def findings(course: Path) -> Iterator[Finding]:
    """Everything that is looked at, in the order in which a course needs it."""
    yield python()
    yield from packages(course)
    yield from isolation()
    yield cuda(course)
    yield from releases(course)
    yield from nbgrader(course)
    yield room()
    yield from programs()


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding("Python", PROBLEM, f"{version} is too old.", "Make .venv anew with Python 3.11 or newer.")
    return Finding("Python", WELL, f"{version}, {sys.executable}")


def packages(course: Path) -> Iterator[Finding]:
    """What `requirements.txt` pins, against what is installed."""
    file = course / "requirements.txt"
    if not file.is_file():
        yield Finding("packages", NOTE, f"{course} has no requirements.txt, so nothing says what it needs.")
        return
    pins = dict(match.groups() for line in file.read_text().splitlines() if (match := PINNED.match(line.strip())))
    there = {name: installed(name) for name in pins}
    missing = [name for name, version in there.items() if version is None]
    other = [f"{name} {there[name]} ({pin} is pinned)" for name, pin in pins.items() if differs(there[name], pin)]
    if missing:
        yield Finding("packages", PROBLEM, f"Not installed: {', '.join(missing)}.", f"Run: {INSTALL}")
    if other:
        yield Finding("packages", NOTE, f"Other versions than the course was tested with: {', '.join(other)}.", INSTALL)
    if not missing and not other:
        yield Finding("packages", WELL, f"all {len(pins)} of requirements.txt, in the versions that it pins")


def installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def differs(version: str | None, pin: str) -> bool:
    return version is not None and version.partition("+")[0] != pin  # torch says 2.13.0+cpu


def isolation() -> Iterator[Finding]:
    """The level at which learners' code runs, and what keeps it from each better one."""
    best, above = best_level(), obstacles()
    try:
        level_to_use()
    except NotIsolated as refused:
        said = f"Learners' code runs at level {best} here, and grading refuses."
        yield Finding("isolation", PROBLEM, said, str(refused))
    else:
        yield Finding("isolation", WELL, f"Learners' code runs at level {best} here.")
    for level in LEVELS:
        if level in above and level != ON_GPU:
            yield Finding("isolation", NOTE, f"Not at level {level}.", above[level])


def cuda(course: Path) -> Finding:
    """Whether torch sees a GPU.  Asked of a process of its own: torch takes a second and much memory."""
    if not any("torch" in runtime_of(find_assignment(course, name)).packages for name in assignment_names(course)):
        return Finding("CUDA", WELL, "not needed: no assignment is in torch")
    if importlib.util.find_spec("torch") is None:
        return Finding("CUDA", PROBLEM, "torch is missing, and some assignments are written in it.", f"Run: {INSTALL}")
    ask = "import torch; print(torch.cuda.get_device_name(0) if torch.cuda.is_available() else '')"
    asked = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)
    if asked.returncode:
        reason = (asked.stderr.strip().splitlines() or ["it says nothing"])[-1]
        return Finding("CUDA", PROBLEM, f"torch cannot be imported: {reason}", f"Run: {INSTALL}")
    name = asked.stdout.strip()
    if not name:
        return Finding("CUDA", WELL, "no GPU is seen, and none is needed: grades are the same without one")
    return Finding(
        "CUDA", WELL, f"{name}. autograder grade --device cuda uses it; learners' code on it runs at level {ON_GPU}."
    )


def releases(course: Path) -> Iterator[Finding]:
    """Whether each assignment has been made for learners."""
    names = assignment_names(course)
    lacking = [name for name in names if not find_assignment(course, name).release.is_file()]
    if not names:
        yield Finding("assignments", PROBLEM, f"{course / 'solutions'} holds none.", "Make one: autograder new NAME")
    elif lacking:
        names = " ".join(lacking)
        yield Finding("assignments", PROBLEM, f"Not made: {names}.", f"Run: autograder exercises {names}")
    else:
        yield Finding("assignments", WELL, f"{len(names)} of them, each with what its learners receive")


def nbgrader(course: Path) -> Iterator[Finding]:
    """Whether nbgrader finds its tools: its commands, the kernel, its pages in JupyterLab, and the gradebook."""
    if installed("nbgrader") is None:
        yield Finding("nbgrader", NOTE, "It is not installed. Grading works without it.", f"Run: {INSTALL}")
        return
    beside = Path(sys.executable).parent
    lost = [name for name in TOOLS if not (beside / name).is_file() and not shutil.which(name)]
    if lost:
        yield Finding("nbgrader", PROBLEM, f"Its tools are missing: {', '.join(lost)}.", f"Run: {INSTALL}")
    elif shutil.which("nbgrader") is None:
        yield Finding(
            *("nbgrader", NOTE, f"Its commands are in {beside}, which your shell does not search."),
            f"Run once in each terminal: source {beside / 'activate'}",
        )
    else:
        yield Finding("nbgrader", WELL, f"version {installed('nbgrader')}, with its commands")
    yield formgrader()
    from autograder.gradebook.address import with_driver, without_password
    from autograder.gradebook.entering import gradebook_address

    try:
        yield Finding("gradebook", WELL, without_password(with_driver(gradebook_address(course))))
    except CourseError as error:
        yield Finding("gradebook", NOTE, str(error))


def formgrader() -> Finding:
    """Whether JupyterLab loads nbgrader's pages: files of nbgrader's switch them on where it is installed."""
    try:
        from jupyter_core.paths import jupyter_config_path
        from jupyter_server.extension.config import ExtensionConfigManager
    except ImportError:
        return Finding("Formgrader", NOTE, "JupyterLab is not installed, so there is no Formgrader.", f"Run: {INSTALL}")
    on = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
    if on.get(FORMGRADER):
        return Finding("Formgrader", WELL, "switched on. Start it: jupyter lab, then Nbgrader > Formgrader in its menu")
    enable = f"{sys.executable} -m jupyter server extension enable --sys-prefix {FORMGRADER}"
    return Finding("Formgrader", PROBLEM, "JupyterLab is not told to load it.", f"Run: {enable}")


def room() -> Finding:
    """Room for what is temporary: sockets and folders of the processes that learners' code runs in."""
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        return Finding("room", NOTE, f"{folder} has {free >> 20} MB left.", "Free some, or set TMPDIR.")
    return Finding("room", WELL, f"{free >> 30} GB left in {folder}")


def programs() -> Iterator[Finding]:
    """Programs that one thing or another is better with."""
    if shutil.which("chromium") is None:
        said = "It is missing. `make pdf` and the tests of pages need it."
        yield Finding("Chromium", NOTE, said, "On Debian: apt install chromium")
    if installed("psycopg") is None:
        yield Finding("PostgreSQL", NOTE, "Its driver is missing; a gradebook on SQLite needs none.", f"Run: {INSTALL}")
