"""Count a class from its reports, one at a time, so that thirty thousand take little memory.

What was not handed in counts as such and in no share of passed or failed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations

from autograder.policies import Policies, is_late, late_penalty
from autograder.report import Report, TaskReport

CASE, CASE_OF_TITLE = re.compile(r"\[.*\]"), re.compile(r" \([^()]*\)(?=$| \(on )")
UNWRITTEN = "It is not written yet."  # what every check says of a function that still raises NotImplementedError


@dataclass
class TaskCount:
    """One task over all who handed in.  failed: written, and wrong.  stopped: it ended by time, memory or a crash."""

    name: str
    max_points: float
    passed: int = 0
    failed: int = 0
    unwritten: int = 0
    stopped: Counter[str] = field(default_factory=Counter)
    points: float = 0.0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.unwritten + self.stopped.total()

    def add(self, task: TaskReport) -> None:
        self.points += task.points
        if task.points == task.max_points and task.status == "graded":
            self.passed += 1
        elif task.status != "graded":
            self.stopped[task.status] += 1
        elif is_unwritten(task):
            self.unwritten += 1
        else:
            self.failed += 1


@dataclass
class CheckCount:
    """One check, of those who had written the task: how many it was run on, and how many failed it."""

    task: str
    name: str
    title: str
    asked: int = 0
    failed: int = 0


@dataclass
class MistakeCount:
    """One mistake by the catalogue's name.  tasks: where it showed.  lost: the points that those tasks were worth."""

    name: str
    kind: str
    hint: str
    students: int = 0
    tasks: Counter[str] = field(default_factory=Counter)
    lost: float = 0.0


@dataclass
class AssignmentCount:
    """One assignment.  shares: of each who handed in, the part of the points.  seconds: how long each was judged."""

    name: str
    statuses: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    late: int = 0
    taken_off: float = 0.0
    scores: list[float] = field(default_factory=list)
    max_score: float = 0.0
    seconds: list[float] = field(default_factory=list)
    tasks: dict[str, TaskCount] = field(default_factory=dict)
    checks: dict[tuple[str, str], CheckCount] = field(default_factory=dict)
    mistakes: dict[str, MistakeCount] = field(default_factory=dict)
    together: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    unknown_students: int = 0
    snippets: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def students(self) -> int:
        return self.statuses.total()

    @property
    def handed_in(self) -> int:
        return self.students - self.statuses["missing"]


@dataclass
class StudentCount:
    """One student over all assignments.  failing: the assignments in which a task has not all its points."""

    name: str
    score: float = 0.0
    max_score: float = 0.0
    tasks: int = 0
    failed: int = 0
    handed_in: int = 0
    missing: int = 0
    failing: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.score / self.max_score if self.max_score else 0.0


@dataclass
class ClassCount:
    """A whole class.  policies: what is taken off for lateness."""

    policies: Policies = field(default_factory=Policies)
    assignments: dict[str, AssignmentCount] = field(default_factory=dict)
    students: dict[str, StudentCount] = field(default_factory=dict)

    def add(self, report: Report) -> None:
        assignment = self.assignments.setdefault(report.assignment, AssignmentCount(report.assignment))
        student = self.students.setdefault(report.student, StudentCount(report.student))
        taken_off = late_penalty(report, self.policies)
        assignment.statuses[report.status] += 1
        student.max_score += report.max_score
        if report.status == "missing":
            student.missing += 1
            return
        assignment.waiting += bool(report.waiting)
        assignment.late += is_late(report, self.policies)
        assignment.taken_off += taken_off
        assignment.scores.append(report.score - taken_off)
        assignment.max_score = max(assignment.max_score, report.max_score)
        assignment.seconds.append(report.seconds)
        add_tasks(assignment, report)
        student.handed_in += 1
        student.score += report.score - taken_off
        student.tasks += len(report.tasks)
        failed = sum(task.points < task.max_points for task in report.tasks)
        student.failed += failed
        if failed:
            student.failing.append(report.assignment)


def add_tasks(assignment: AssignmentCount, report: Report) -> None:
    named: dict[str, list[TaskReport]] = defaultdict(list)
    unknown = False
    for task in report.tasks:
        assignment.tasks.setdefault(task.name, TaskCount(task.name, task.max_points)).add(task)
        if task.status == "graded" and not is_unwritten(task):
            add_checks(assignment, task)
            if task.mistake:
                named[task.mistake].append(task)
            elif task.unknown:
                unknown = True
                assignment.unknown[task.name] += 1
                if task.snippet:
                    assignment.snippets[task.name, task.snippet] += 1
    assignment.unknown_students += unknown
    for name, tasks in named.items():
        first = tasks[0]
        count = assignment.mistakes.setdefault(name, MistakeCount(name, first.kind or "mistake", first.hint or ""))
        count.students += 1
        count.tasks.update(task.name for task in tasks)
        count.lost += sum(task.max_points - task.points for task in tasks)
    assignment.together.update(combinations(sorted(named), 2))


def add_checks(assignment: AssignmentCount, task: TaskReport) -> None:
    """One check in several cases counts once, and fails where one of them does.  The page says nothing of the cases."""
    passed: dict[str, bool] = {}
    for check in task.checks:
        name = CASE.sub("", check.name)
        passed[name] = passed.get(name, True) and check.passed
        title = CASE_OF_TITLE.sub("", check.title) if name != check.name else check.title
        assignment.checks.setdefault((task.name, name), CheckCount(task.name, name, title or name))
    for name, well in passed.items():
        assignment.checks[task.name, name].asked += 1
        assignment.checks[task.name, name].failed += not well


def is_unwritten(task: TaskReport) -> bool:
    """Whether the function is as it was handed out."""
    failed = [check for check in task.checks if not check.passed]
    return bool(failed) and all(check.message == UNWRITTEN for check in failed)
