"""Judge submissions of one assignment: a jailed process for each task of each submission, and the checks out here."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cached_property, partial

from autograder.catalogue import Catalogue
from autograder.checks import Check, collect_checks
from autograder.course import Assignment, CourseError, Key
from autograder.files import why
from autograder.handed import Handed
from autograder.jail.believe import plain
from autograder.jail.host import Budget, Child, Lost, Zygote, ZygoteFailed
from autograder.jail.levels import ON_GPU
from autograder.jail.pool import Pool
from autograder.jailed_submission import JailedSubmission
from autograder.learner import cases as frozen
from autograder.learner.actions import Action, load_probes
from autograder.learner.answer import Answer
from autograder.learner.compare import Disagreement
from autograder.learner.notebook import Cell, Unreadable, answers, as_now, cells_of, cells_to_run
from autograder.learner.results import CheckResult
from autograder.learner.smallest import UNKNOWN, tell_smallest
from autograder.notebook import parse, read_bytes
from autograder.report import Report, TaskReport
from autograder.runtime import device_to_use, runtime_of
from autograder.source import source_cells
from autograder.version import grader_version
from autograder.work import TaskWork, Work

GONE = "The notebook went away while the class was being graded. It will be graded when it is there again."
OUR_FAULT = "The grader failed here. This is not your mistake; it will be graded again."
SMALL_CASES_SECONDS = 5  # of wall time for a task, beside the submission's budget; a slower notebook gets no case


class Judge:
    """Judges submissions of one assignment, at a level of isolation (see `jail.levels`).

    budget: in the place of the one that the assignment declares.  device: where the references of an assignment in
    torch run; `report.device` says what was used.  Where that is "cuda" and the assignment declares it, the checks that
    ask for a device run a second time, with the learner's tensors there, at a lower level (see `jail.levels`).  pool:
    where its zygotes come from, and gpu_pool those for a GPU; without one it has a pool of its own.  Close it, or use
    it as a context.  Raises `CourseError` where the assignment's declarations make no sense.
    """

    def __init__(
        self,
        assignment: Assignment,
        key: Key,
        level: str,
        budget: Budget | None = None,
        device: str = "cpu",
        pool: Pool | None = None,
        gpu_pool: Pool | None = None,
    ) -> None:
        self.assignment = assignment
        self.key = key
        self.runtime = runtime_of(assignment)
        self.budget = budget or self.runtime.budget
        self.device = device_to_use(device)[0] if "torch" in self.runtime.packages else "cpu"
        also = (self.device,) if self.device != "cpu" and self.device in self.runtime.devices else ()
        self.devices = ("cpu", *also)  # where learners' code runs
        self.catalogue = Catalogue(assignment)
        self.checks = by_task(collect_checks(assignment))
        self.probes = load_probes(self.runtime.probes)
        self.pool = pool or Pool(level)
        self.owns_pool = pool is None
        self.gpu_pool = gpu_pool or Pool(ON_GPU)  # which starts nothing until it is asked
        self.faults: list[str] = []
        self.refuse_stale_release()
        _ = self.zygote  # one that cannot be started is told at once

    def refuse_stale_release(self) -> None:
        """What learners received decides on tasks and points.  Raises `CourseError` where the source has others."""
        ours = [(cell.grade_id, cell.points, cell.solution) for cell in source_cells(self.assignment) if cell.graded]
        if ours != [(task.name, task.points, task.manual) for task in self.assignment.tasks]:
            raise CourseError(
                f"{self.assignment.source} has other tasks or points than {self.assignment.release}, which is made "
                f"from it. Run: autograder exercises {self.assignment.name}"
            )

    @property
    def level(self) -> str:
        return self.pool.level if len(self.devices) == 1 else ON_GPU

    def spawn(self, device: str = "cpu") -> Child:
        """A fresh process for a task, which puts tensors on the device."""
        if device == "cpu":
            return self.pool.spawn(self.budget, self.runtime.packages)
        child = self.gpu_pool.spawn(replace(self.budget, memory=None), self.runtime.packages)
        child.move(device, self.budget.seconds)
        return child

    @property
    def zygote(self) -> Zygote:
        """The zygote to fork the next process from.  Raises `ZygoteFailed` where none can be started."""
        return self.pool.zygote(self.runtime.packages)

    def judge_files(self, handed: Sequence[Handed]) -> list[Report]:
        """A report on each submission, in order."""
        return self.judge([self.read(each) for each in handed])

    def judge_cells(self, student: str, cells: list[Cell]) -> Report:
        """A report on a notebook that is already read."""
        cells = as_now(cells, self.assignment.cells)
        run, answered = cells_to_run(cells, self.assignment.cells), answers(cells, self.assignment.cells)
        return self.judge([Work(student, run, answered=answered)])[0]

    def read(self, handed: Handed) -> Work:
        if handed.problem:
            return Work(handed.student, None, "missing", handed.problem)
        try:
            data = read_bytes(handed.path)
        except Unreadable as error:
            return Work(handed.student, None, "unreadable", str(error))
        except OSError as error:  # it was there when the run began
            self.faults.append(f"{handed.student}, {self.assignment.name}: {handed.path} went away: {why(error)}.")
            return Work(handed.student, None, "fault", GONE)
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            cells = as_now(cells_of(parse(data)), self.assignment.cells)
        except Unreadable as error:
            return Work(handed.student, None, "unreadable", plain(str(error)), sha256)
        except Exception as error:  # whatever it is, it is about this file and no other
            said = f"The notebook cannot be made sense of: {plain(str(error))}."
            return Work(handed.student, None, "unreadable", said, sha256)
        run, answered = cells_to_run(cells, self.assignment.cells), answers(cells, self.assignment.cells)
        return Work(handed.student, run, sha256=sha256, answered=answered)

    def judge(self, works: list[Work]) -> list[Report]:
        """A report on each.  Work that something else disturbed is judged once more, in a fresh zygote."""
        for work in works:
            self.judge_work(work)
            if work.disturbed:
                self.pool.discard(self.runtime.packages)
                self.gpu_pool.discard(self.runtime.packages)
                work.begin_again()
                self.judge_work(work)
        return [self.report(work) for work in works]

    def judge_work(self, work: Work) -> None:
        """Judge every task of a notebook that could be read."""
        if work.cells is not None:
            for name in self.catalogue.tasks:
                work.tasks[name] = self.judge_task(work, name)

    def judge_task(self, work: Work, name: str) -> TaskWork:
        """Run the checks of one task in a process of its own, and name the mistake while its answers are at hand."""
        task = TaskWork(name)
        for check in self.checks.get(name, ()):
            for device in self.devices if "device" in check.fixtures else ("cpu",):
                task.checks.append(self.run_check(check, work, task, device))
        try:
            for child in task.children.values():
                child.close()
        except ZygoteFailed as failed:
            task.fault = task.fault or str(failed)
        named = [before.suspect.mistake.name for before in work.tasks.values() if before.suspect]
        right = [before.name for before in work.tasks.values() if before.passed and not before.fault]
        task.name_mistake(self.catalogue, partial(self.tell_unknown, work.cells), named, right)
        return task

    def run_check(self, check: Check, work: Work, task: TaskWork, device: str) -> CheckResult:
        """What a check says.  An exception that is not about the learner's work is a fault of ours.

        device: where the learner's tensors are.
        """
        there = "" if device == "cpu" else f" (on {device})"
        result = CheckResult(check.name + there, False, title=check.title + there)
        reference = self.device if len(self.devices) == 1 else device
        try:
            check.run(JailedSubmission(self, work, task, device), self.seed(work, check), reference)
            result.passed = True
        except (Disagreement, Lost) as error:
            result.message = plain(str(error))  # short and printable: it may hold a key of the learner's dictionary
        except AssertionError:
            result.message = "This does not hold for your function."
        except Exception as error:
            result.message = OUR_FAULT
            task.fault = "".join(traceback.format_exception(error))
        return result

    def seed(self, work: Work, check: Check) -> int:
        """The hidden inputs' seed: nobody without the key can know it, and a changed notebook gets another.

        So what a notebook learns of its inputs, and tells in an error message, is of no use to the next one.
        """
        return self.key.seed(work.student, self.assignment.name, check.name, work.code)

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
            grader_version=grader_version(),
            key_id=self.key.id,
            isolation=self.level,
            device=self.device,
            seconds=round(work.seconds, 3),
            message=work.message,
            unanswered=[task.name for task in self.assignment.tasks if task.manual and task.name not in work.answered],
        )

    def report_fault(self, handed: Handed) -> Report:
        """A report that says that the grader itself failed."""
        return self.report(Work(handed.student, None, "fault", OUR_FAULT))

    def report_task(self, work: Work, name: str, points: float) -> TaskReport:
        """All points where every check passed; else none, and the mistake where it is a known one."""
        if work.cells is None:
            return TaskReport(name, 0.0, points, work.status)
        task = work.tasks.get(name)
        if task is None or not task.checks:
            raise CourseError(f"{self.assignment.checks} holds no check for the task {name!r}, so it cannot be graded.")
        if task.fault:
            self.faults.append(f"{work.student}, {self.assignment.name}, {name}:\n{task.fault}")
            return TaskReport(name, 0.0, points, "fault", checks=task.checks)
        if task.passed:
            return TaskReport(name, points, points, "graded", checks=task.checks)
        if task.lost:
            return TaskReport(name, 0.0, points, task.lost.status, checks=task.checks)
        report = TaskReport(name, 0.0, points, "graded", checks=task.checks, unknown=task.unknown, snippet=task.snippet)
        if task.suspect:
            report.mistake, report.hint = task.suspect.mistake.name, task.suspect.hint
            report.kind = task.suspect.mistake.told.kind
        return report

    def tell_unknown(self, cells: list[tuple[str, str]], name: str) -> tuple[str, str | None]:
        """What to say of a mistake in a task that has no name, and the smallest public case that fails.

        The cases are the released ones, and the cells run once more for them, in a process of its own: what comes of it
        changes no mark.
        """
        task = self.small_cases.get(name)
        for _ in range(2 if task else 0):  # a second time where something else disturbed the first
            deadline = time.monotonic() + SMALL_CASES_SECONDS
            try:
                with closing(self.spawn()) as child:
                    child.refuse(self.runtime.refused, SMALL_CASES_SECONDS)
                    child.run(cells, self.budget.cell_seconds, SMALL_CASES_SECONDS)
                    return tell_smallest(task, asking(child, name, deadline))
            except ZygoteFailed:
                continue
            except Lost as lost:
                if not lost.odd:
                    break
        return UNKNOWN, None

    @cached_property
    def small_cases(self) -> dict[str, frozen.Task]:
        """The tasks of the release with their small cases; none where the release cannot be read."""
        try:
            return {task.name: task for task in frozen.load(self.assignment.released / "cases.npz").tasks}
        except ValueError as error:
            self.faults.append(f"{error} No smallest case was shown for it.")
            return {}

    def take_faults(self) -> list[str]:
        """What failed on our side since the last time this was asked."""
        faults, self.faults = self.faults, []
        return faults

    def close(self) -> None:
        if self.owns_pool:
            self.pool.close()
            self.gpu_pool.close()

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def asking(child: Child, name: str, deadline: float) -> Callable[[Sequence], Answer | None]:
    """Calls the learner's function with a case's arguments; None where there is no such function."""

    def ask(arguments: Sequence) -> Answer | None:
        (answer,) = child.perform([Action("call", name, list(arguments))], deadline - time.monotonic())
        return answer if isinstance(answer, Answer) else None

    return ask


def by_task(checks: Sequence[Check]) -> dict[str, list[Check]]:
    tasks: dict[str, list[Check]] = {}
    for check in checks:
        tasks.setdefault(check.task, []).append(check)
    return tasks
