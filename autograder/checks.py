"""The checks of an assignment: pytest collects them from its `checks.py`, and whoever has a submission calls them.

pytest finds the tests, fills in their parameters and explains a failing `assert`.  The calling is done here, because
one session for each of very many submissions would take most of the time.  A check sees three fixtures, `submission`,
`rng` and `device`, and the parameters that it was marked with.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from autograder.course import Assignment, CourseError
from autograder.submission import Submission

FIXTURES = ("submission", "rng", "device")


@dataclass(frozen=True)
class Check:
    """One check: which task it belongs to, its name ("any_size[1-7-2]"), and what it asks, in words.

    visible_cases: how many draws of it learners may see.  fixtures: those of `FIXTURES` that it asks for.
    """

    task: str
    name: str
    title: str
    function: Callable
    parameters: dict[str, object]
    visible_cases: int = 0
    fixtures: tuple[str, ...] = FIXTURES

    def run(self, submission: Submission, seed: int, device: str = "cpu") -> None:
        """Run it on a submission with random numbers of its own.  Raises what the check raises.

        device: where references run, "cpu" or "cuda".
        """
        given = {"submission": submission, "rng": np.random.default_rng(seed), "device": device}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # comparing with what a learner returned may overflow
            self.function(**{name: given[name] for name in self.fixtures}, **self.parameters)


class Collector:
    """The pytest plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "task(name): the task that a check belongs to")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def collect_checks(assignment: Assignment) -> list[Check]:
    """The checks of an assignment, in the order in which they are written.

    Raises `CourseError` where they cannot be collected, or one of them cannot be called.
    """
    if str(assignment.course) not in sys.path:
        sys.path.insert(0, str(assignment.course))
    options = ["--collect-only", "-c", os.devnull, "--rootdir", str(assignment.course), "--import-mode=importlib"]
    options += ["-p", "no:cacheprovider", "--capture=no", "--tb=native", "-q"]
    output, collector = io.StringIO(), Collector()
    without_plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    before = {name: os.environ.get(name) for name in without_plugins}
    os.environ.update(without_plugins)
    try:
        with contextlib.redirect_stdout(output):
            code = pytest.main([*options, str(assignment.checks)], plugins=[collector])
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    if code != pytest.ExitCode.OK:
        said = output.getvalue().strip()[-1500:]
        raise CourseError(f"{assignment.checks} cannot be loaded. Mend it, and run the same command again.\n{said}")
    return [check_of(item) for item in collector.items]


def check_of(item: pytest.Function) -> Check:
    """The check that pytest collected as an item."""
    parameters = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    case = item.callspec.id if parameters else ""
    mark = item.get_closest_marker("task")
    arguments = list(inspect.signature(item.function).parameters)
    unknown = [name for name in arguments if name not in (*FIXTURES, *parameters)]
    if mark is None:
        raise CourseError(f"{item.nodeid} belongs to no task. Mark it: @pytest.mark.task(NAME)")
    if unknown:
        raise CourseError(f"{item.nodeid} asks for {', '.join(unknown)}; a check can have {', '.join(FIXTURES)}.")
    name = item.originalname.removeprefix("test_")
    title = (item.function.__doc__ or name).strip().splitlines()[0]
    return Check(
        task=mark.args[0],
        name=f"{name}[{case}]" if case else name,
        title=f"{title} ({case})" if case else title,
        function=item.function,
        parameters=parameters,
        visible_cases=getattr(item.function, "visible_cases", 0),
        fixtures=tuple(name for name in FIXTURES if name in arguments),
    )


def small_cases_in(checks: Sequence[Check]) -> list[Callable]:
    """The generators of small cases in the modules that the checks come from."""
    modules = {id(check.function.__globals__): check.function.__globals__ for check in checks}
    return [thing for module in modules.values() for thing in module.values() if hasattr(thing, "small_cases_of")]
