"""Fixtures that several files of tests use."""

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import hypothesis.configuration
import pytest
from hypothesis import settings
from nbformat import NotebookNode
from serving import served

from autograder.course import Assignment, find_assignment
from autograder.demo import solved

COURSE = Path(__file__).parent.parent
EXPERIMENTS = COURSE / "experiments"

hypothesis.configuration.set_hypothesis_home_dir(COURSE / "_build" / "hypothesis")
settings.register_profile("course", derandomize=True, database=None, deadline=None)
settings.load_profile("course")


@pytest.fixture(scope="session")
def course() -> Path:
    """The course's root."""
    return COURSE


@pytest.fixture(scope="session")
def assignment(course: Path) -> Assignment:
    return find_assignment(course, "gru_cell")


@pytest.fixture(scope="session")
def solved_notebook(assignment: Assignment) -> Callable[..., NotebookNode]:
    """Makes the solved notebook as a learner would hand it in, with the answers to some tasks replaced."""
    return lambda replaced=None: solved(assignment, replaced)


@pytest.fixture(autouse=True)
def course_key_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test makes a course key in the checkout."""
    monkeypatch.setenv("AUTOGRADER_KEY", "the key of the tests")


@pytest.fixture(autouse=True)
def no_evidence_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test notes what passed beside the exercises of the checkout; a test of that says where instead."""
    monkeypatch.setenv("AUTOGRADER_EVIDENCE", "off")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Imports a script of experiments/ as a module.

    The threads that it sets are set back, and it is forgotten, with what it imported there.
    """
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(EXPERIMENTS)):
            del sys.modules[name]


# the built site, for the tests of its pages


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    folder = COURSE / "_build" / "html"
    if not (folder / "index.html").is_file():
        pytest.skip("There is no built site: `make`, or `python book/build.py`, builds it.")
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where a browser finds the site, without a slash at the end."""
    with served(site) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Headless Chromium, steered by Playwright."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is missing: `pip install playwright` brings it."
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("There is no Chromium: `apt-get install chromium` brings it.")
    with playwright.sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()
