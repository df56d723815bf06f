"""What there is of one submission, and of each of its tasks, while it is judged."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property

from autograder.catalogue import Catalogue, Suspect
from autograder.jail.host import Child, Lost
from autograder.learner.answer import Error
from autograder.learner.check import is_written
from autograder.learner.results import CheckResult
from autograder.testing import Called


@dataclass
class Work:
    """One submission while it is judged."""

    student: str
    cells: list[tuple[str, str]] | None
    status: str = "graded"
    message: str | None = None
    sha256: str | None = None
    answered: frozenset[str] = frozenset()  # which of the written questions
    seconds: float = 0.0
    stopped: Lost | None = None  # running the cells took the process down, as it would for every task
    tasks: dict[str, TaskWork] = field(default_factory=dict)

    @property
    def disturbed(self) -> bool:
        """Whether something other than the learner's work may have had a part in what came of it."""
        return any(task.fault or (task.lost and task.lost.odd) for task in self.tasks.values())

    def begin_again(self) -> None:
        self.tasks, self.stopped, self.seconds = {}, None, 0.0

    @cached_property
    def code(self) -> str:
        """A hash of all that is run of the notebook."""
        code = "\0".join(source for _, source in self.cells or ())
        return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class TaskWork:
    """One task of one submission while it is judged: its processes, what was asked of it, and what its checks said."""

    name: str
    children: dict[str, Child] = field(default_factory=dict)  # by the device that they use
    errors: list[Error | None] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    lost: Lost | None = None
    checks: list[CheckResult] = field(default_factory=list)
    suspect: Suspect | None = None
    unknown: str | None = None  # what is said where there is no suspect
    snippet: str | None = None
    fault: str | None = None

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(check.passed for check in self.checks)

    def name_mistake(
        self,
        catalogue: Catalogue,
        tell_unknown: Callable[[str], tuple[str, str | None]],
        named: Collection[str],
        right: Collection[str],
    ) -> None:
        """Find the known mistake, if it is one, and let go of the answers: a batch's may be more than memory holds."""
        calls, self.calls = self.calls, []
        if self.lost or self.fault or self.passed:
            return
        try:
            self.suspect = catalogue.name(self.name, calls, named, right)
            if self.suspect is None and is_written(call.answer for call in calls):
                self.unknown, self.snippet = tell_unknown(self.name)
        except Exception as error:  # whatever it is, it is about this task and no other
            self.fault = "".join(traceback.format_exception(error))
