"""Judge a batch of submissions of one assignment: one pytest session, one process for each task of each submission."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import autograder
from autograder.catalogue import Catalogue, Suspect
from autograder.course import Assignment, CourseError, Key
from autograder.jail.believe import plain
from autograder.jail.host import Budget, Child, Lost, Zygote, ZygoteFailed
from autograder.jail.pool import Pool
from autograder.learner.actions import Action, load_probes
from autograder.learner.answer import LONGEST_MESSAGE, Answer, Error
from autograder.learner.check import missing_function, not_a_function
from autograder.learner.compare import Disagreement
from autograder.learner.results import CheckResult
from autograder.notebook import Cell, Unreadable, cells_of, cells_to_run, parse, read_bytes
from autograder.plugin import ChecksPlugin, check_name, check_title, round_of, run_checks, task_of
from autograder.report import Report, TaskReport
from autograder.runtime import device_to_use, runtime_of
from autograder.submission import Submission
from autograder.testing import Called


@dataclass(frozen=True)
class Handed:
    """One submission: who handed it in, and where its notebook should lie.  problem: why there is nothing to read."""

    student: str
    path: Path
    problem: str | None = None


@dataclass
class Work:
    """One submission while it is judged."""

    student: str
    cells: list[tuple[str, str]] | None
    status: str = "graded"
    message: str | None = None
    sha256: str | None = None
    seconds: float = 0.0
    stopped: Lost | None = None  # running the cells took the process down, as it would for every task
    tasks: dict[str, TaskWork] = field(default_factory=dict)
    fault: str | None = None  # what broke the whole batch, where that was not one task

    @property
    def disturbed(self) -> bool:
        """Whether something other than the learner's work may have had a part in what came of it."""
        odd = any(task.fault or (task.lost and task.lost.odd) for task in self.tasks.values())
        return bool(self.fault or odd)

    def begin_again(self) -> None:
        self.tasks, self.fault, self.stopped, self.seconds = {}, None, None, 0.0

    @property
    def code(self) -> str:
        """All that is run of the notebook."""
        return "\0".join(source for _, source in self.cells or ())


@dataclass
class TaskWork:
    """One task of one submission while it is judged: its process, what was asked of it, and what its checks said."""

    name: str
    child: Child | None = None
    errors: list[Error | None] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    lost: Lost | None = None
    checks: list[CheckResult] = field(default_factory=list)
    suspect: Suspect | None = None
    fault: str | None = None

    def name_mistake(self, catalogue: Catalogue) -> None:
        """Find the known mistake, if it is one, and let go of the answers: a batch's may be more than memory holds."""
        calls, self.calls = self.calls, []
        if self.lost or self.fault or all(check.passed for check in self.checks):
            return
        try:
            self.suspect = catalogue.name(self.name, calls)
        except Exception as error:  # whatever it is, it is about this task and no other
            self.fault = "".join(traceback.format_exception(error))


class Judge:
    """Judges submissions of one assignment, at a level of isolation (see `jail.levels`).

    budget: in the place of the one that the assignment declares.  device: where the references of an assignment in
    torch run; `report.device` says what was used.  pool: where its zygotes come from; without one it has a pool of its
    own.  Close it, or use it as a context.  Raises `CourseError` where the assignment's declarations make no sense.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        level: str,
        budget: Budget | None = None,
        device: str = "cpu",
        pool: Pool | None = None,
    ) -> None:
        self.assignment = assignment
        self.key = key
        self.runtime = runtime_of(assignment)
        self.budget = budget or self.runtime.budget
        self.device = device_to_use(device)[0] if "torch" in self.runtime.packages else "cpu"
        self.catalogue = Catalogue(assignment)
        self.probes = load_probes(self.runtime.probes)
        self.pool = pool or Pool(level)
        self.owns_pool = pool is None
        self.faults: list[str] = []
        _ = self.zygote  # one that cannot be started is told at once

    @property
    def zygote(self) -> Zygote:
        """The zygote to fork the next process from.  Raises `ZygoteFailed` where none can be started."""
        return self.pool.zygote(self.runtime.packages)

    def judge_files(self, handed: Sequence[Handed]) -> list[Report]:
        """A report on each submission, in order."""
        return self.judge([self.read(each) for each in handed])

    def judge_cells(self, student: str, cells: list[Cell]) -> Report:
        """A report on a notebook that is already read."""
        return self.judge([Work(student, cells_to_run(cells, self.assignment.cells))])[0]

    def read(self, handed: Handed) -> Work:
        if handed.problem:
            return Work(handed.student, None, "missing", handed.problem)
        try:
            data = read_bytes(handed.path)
        except Unreadable as error:
            return Work(handed.student, None, "unreadable", str(error))
        except FileNotFoundError:
            return Work(handed.student, None, "missing", f"There is no {handed.path.name}.")
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            cells = cells_to_run(cells_of(parse(data)), self.assignment.cells)
        except Unreadable as error:
            return Work(handed.student, None, "unreadable", plain(str(error)), sha256)
        except Exception as error:  # whatever it is, it is about this file and no other
            why = f"The notebook cannot be made sense of: {plain(str(error))}."
            return Work(handed.student, None, "unreadable", why, sha256)
        return Work(handed.student, cells, sha256=sha256)

    def judge(self, works: list[Work]) -> list[Report]:
        """A report on each.  Work that something else disturbed is judged once more, in a fresh zygote."""
        readable = [work for work in works if work.cells is not None]
        self.judge_once(readable)
        disturbed = [work for work in readable if work.disturbed]
        if disturbed:
            self.pool.discard(self.runtime.packages)
            for work in disturbed:
                work.begin_again()
            self.judge_once(disturbed)
        return [self.report(work) for work in works]

    def judge_once(self, works: list[Work]) -> None:
        if not works:
            return
        plugin = Grading(self, works)
        try:
            run_checks(self.assignment, plugin)
        except CourseError:
            raise
        except Exception as error:  # whatever it is, those whose checks had all been run are judged
            for work in works:
                if work is plugin.work or not work.tasks:
                    work.fault = "".join(traceback.format_exception(error))
        finally:
            plugin.hang_up()

    def report(self, work: Work) -> Report:
        tasks = [self.report_task(work, task.name, task.points) for task in self.assignment.tasks if not task.manual]
        status = work.status
        if work.cells is not None and tasks and all(task.status != "graded" for task in tasks):
            status = tasks[0].status
        return Report(
            student=work.student,
            assignment=self.assignment.name,
            status=status,
            score=float(sum(task.points for task in tasks)),
            max_score=float(sum(task.max_points for task in tasks)),
            tasks=tasks,
            manual=[task.name for task in self.assignment.tasks if task.manual],
            submission_sha256=work.sha256,
            assignment_sha256=self.assignment.sha256,
            grader_version=autograder.__version__,
            key_id=self.key.id,
            isolation=self.pool.level,
            device=self.device,
            seconds=round(work.seconds, 3),
            message=work.message,
        )

    def report_task(self, work: Work, name: str, points: float) -> TaskReport:
        """All points where every check passed; else none, and the mistake where it is a known one."""
        if work.cells is None:
            return TaskReport(name, 0.0, points, work.status)
        if work.fault:
            self.faults.append(f"{work.student}, {self.assignment.name}, {name}:\n{work.fault}")
            return TaskReport(name, 0.0, points, "fault")
        task = work.tasks.get(name)
        if task is None or not task.checks:
            raise CourseError(f"{self.assignment.checks} holds no check for the task {name!r}, so it cannot be graded.")
        if task.fault:
            self.faults.append(f"{work.student}, {self.assignment.name}, {name}:\n{task.fault}")
            return TaskReport(name, 0.0, points, "fault", checks=task.checks)
        if all(check.passed for check in task.checks):
            return TaskReport(name, points, points, "graded", checks=task.checks)
        if task.lost:
            return TaskReport(name, 0.0, points, task.lost.status, checks=task.checks)
        known = (task.suspect.mistake.name, task.suspect.hint) if task.suspect else (None, None)
        return TaskReport(name, 0.0, points, "graded", *known, checks=task.checks)

    def take_faults(self) -> list[str]:
        """What failed on our side since the last time this was asked."""
        faults, self.faults = self.faults, []
        return faults

    def close(self) -> None:
        if self.owns_pool:
            self.pool.close()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Grading(ChecksPlugin):
    """Runs every check once on each submission, all of a submission's tasks together, a fresh process for each task."""

    def __init__(self, judge: Judge, works: list[Work]) -> None:
        self.judge = judge
        self.works = works
        self.device_used = judge.device
        self.work: Work | None = None
        self.current: TaskWork | None = None

    def rounds(self, check: object) -> int:
        return len(self.works)

    def seed(self, item: pytest.Item) -> int:
        """The hidden inputs' seed: nobody without the key can know it, and a changed notebook gets another.

        So what a notebook learns of its inputs, and tells in an error message, is of no use to the next one.
        """
        work = self.works[round_of(item)]
        return self.judge.key.seed(work.student, self.judge.assignment.name, check_name(item), work.code)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        order = {task: place for place, task in enumerate(self.judge.catalogue.tasks)}
        items.sort(key=lambda item: (round_of(item), order[task_of(item)]))

    def open_submission(self, item: pytest.Item) -> JailedSubmission:
        work = self.work = self.works[round_of(item)]
        task = work.tasks.get(task_of(item))
        if task is None:
            self.hang_up()
            task = self.current = work.tasks[task_of(item)] = TaskWork(task_of(item))
        return JailedSubmission(self.judge, work, task)

    def hang_up(self) -> None:
        """End the process of the task that was judged last, and name its mistake while its answers are at hand."""
        last, self.current = self.current, None
        if last is None:
            return
        try:
            if last.child:
                last.child.close()
        except ZygoteFailed as failed:
            last.fault = last.fault or str(failed)
        last.name_mistake(self.judge.catalogue)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo):
        report = yield
        if call.when == "call" or call.excinfo is not None:
            self.note(self.works[round_of(item)].tasks[task_of(item)], item, call.excinfo)
        return report

    def note(self, task: TaskWork, item: pytest.Item, raised: pytest.ExceptionInfo | None) -> None:
        """Keep what a check said.  An exception that is not about the learner's work is a fault of ours."""
        result = CheckResult(check_name(item), raised is None, title=check_title(item))
        error = raised.value if raised else None
        if isinstance(error, Disagreement | Lost):
            result.message = str(error)[:LONGEST_MESSAGE]  # so that a page of nothing else is a small one
        elif isinstance(error, AssertionError):
            result.message = "This does not hold for your function."
        elif error is not None:
            result.message = "The grader failed here. This is not your mistake; it will be graded again."
            task.fault = "".join(traceback.format_exception(error))
        task.checks.append(result)


class JailedSubmission(Submission):
    """The `submission` of a check: actions cross to the learner's process, and what comes back is data."""

    def __init__(self, judge: Judge, work: Work, task: TaskWork) -> None:
        super().__init__(judge.catalogue.parameters, judge.probes)
        self.judge, self.work, self.task = judge, work, task

    def ask(self, actions: Sequence[Action]) -> list[Answer | str | None]:
        if self.task.lost or self.work.stopped:
            self.task.lost = self.task.lost or self.work.stopped
            raise self.task.lost
        started = time.monotonic()
        try:
            if self.task.child is None:
                self.begin()
            seconds = min(self.judge.budget.call_seconds * len(actions), self.seconds_left())
            return self.task.child.perform(actions, seconds)
        except Lost as lost:
            self.task.lost = lost
            raise
        finally:
            self.work.seconds += time.monotonic() - started

    def begin(self) -> None:
        """Start the task's process, and run the notebook in it."""
        budget, probes = self.judge.budget, self.judge.runtime.probes
        self.task.child = self.judge.pool.spawn(budget, self.judge.runtime.packages)
        try:
            if probes is not None:
                self.task.child.learn(probes, self.seconds_left())
            self.task.errors = self.task.child.run(self.work.cells, budget.cell_seconds, self.seconds_left())
        except Lost as lost:
            self.work.stopped = lost
            raise

    def note(self, called: list[Called]) -> None:
        self.task.calls += called

    def seconds_left(self) -> float:
        return max(0.1, self.judge.budget.seconds - self.work.seconds)

    def missing(self, action: Action, kind: str | None) -> str:
        """Why there is no such function or class, and which cell's error may be the reason."""
        name = action.name
        what, word = ("class", "class") if action.kind == "new" else ("function", "def")
        if kind is not None:
            return not_a_function(name, kind, what)
        stopped = [(cell, error) for cell, error in zip(self.work.cells, self.task.errors, strict=True) if error]
        stopped.sort(key=lambda pair: f"{word} {name}" not in pair[0][1])
        if stopped:
            (_, error) = stopped[0]
            message = f": {error.message}" if error.message else ""
            where = f" at `{error.where}`" if error.where else ""
            return f"There is no {what} `{name}`. A cell stopped with {error.type}{message}{where}."
        return missing_function(name, None, False, what)
