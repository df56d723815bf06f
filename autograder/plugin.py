"""The pytest plugin that runs an assignment's `checks.py`, whatever it is run on.

A subclass says how often each check runs (its rounds), which submission a round is about, and where its random numbers
come from.  The checks themselves see three fixtures, `submission`, `rng` and `device`.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys

import numpy as np
import pytest

from autograder.course import Assignment, CourseError
from autograder.submission import Submission


class ChecksPlugin:
    """Base of the plugins: collects the checks of a task and gives them their fixtures."""

    device_used = "cpu"

    def rounds(self, check: object) -> int:
        """How often a check runs."""
        raise NotImplementedError

    def open_submission(self, item: pytest.Item) -> Submission:
        raise NotImplementedError

    def seed(self, item: pytest.Item) -> int:
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "submission" in metafunc.fixturenames:
            rounds = range(self.rounds(metafunc.function))
            metafunc.parametrize("submission", rounds, ids=[f"round{number}" for number in rounds], indirect=True)

    @pytest.fixture
    def submission(self, request: pytest.FixtureRequest) -> Submission:
        return self.open_submission(request.node)

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        return np.random.default_rng(self.seed(request.node))

    @pytest.fixture
    def device(self) -> str:
        """Where references run: "cpu" or "cuda"."""
        return self.device_used


def round_of(item: pytest.Item) -> int:
    return item.callspec.params["submission"]


def check_case(item: pytest.Item) -> str:
    """The id of a parametrised check's case without the round: "1-7-2", or nothing."""
    mark = f"round{round_of(item)}"
    return item.callspec.id.removeprefix(f"{mark}-").removesuffix(f"-{mark}").replace(mark, "")


def check_name(item: pytest.Item) -> str:
    """The check's name: "any_size[1-7-2]"."""
    case = check_case(item)
    return item.originalname.removeprefix("test_") + (f"[{case}]" if case else "")


def check_title(item: pytest.Item) -> str:
    """What the check asks, in words: the first line of its docstring."""
    title = (item.function.__doc__ or check_name(item)).strip().splitlines()[0]
    case = check_case(item)
    return f"{title} ({case})" if case else title


def task_of(item: pytest.Item) -> str:
    return item.get_closest_marker("task").args[0]


def run_checks(assignment: Assignment, plugin: ChecksPlugin) -> None:
    """One pytest session over the assignment's checks.

    Raises `CourseError` where the checks cannot be run at all, and RuntimeError where pytest itself fails on the way.
    """
    if str(assignment.course) not in sys.path:
        sys.path.insert(0, str(assignment.course))
    options = ["-c", os.devnull, "--rootdir", str(assignment.course), "--import-mode=importlib", "--disable-warnings"]
    options += [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:logging",
        "-p",
        "no:unraisableexception",
        "-p",
        "no:threadexception",
        "--capture=no",
        "--tb=native",
        "-q",
    ]
    output = io.StringIO()
    without_plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    before = {name: os.environ.get(name) for name in without_plugins}
    os.environ.update(without_plugins)
    try:
        with contextlib.redirect_stdout(output):
            code = pytest.main([*options, str(assignment.checks)], plugins=[plugin])
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    if code == pytest.ExitCode.INTERNAL_ERROR:
        raise RuntimeError(f"pytest failed in the checks of {assignment.name}:\n{output.getvalue()}")
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise CourseError(f"The checks of {assignment.name} could not be run:\n{output.getvalue()}")
