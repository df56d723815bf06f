"""Fixtures that several files of tests use."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import hypothesis.configuration
import pytest
from hypothesis import settings
from nbformat import NotebookNode

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
