"""The class as a stream of rows, one a student and assignment: what was earned, what a person gave, what is taken off.

Reports are read one after the other, so that a hundred thousand of them take no more memory than a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from autograder.course import CourseError
from autograder.exports.by_hand import ByHand, Given, place
from autograder.exports.late import taken_off
from autograder.lateness import date_as_iso
from autograder.learner.results import counted
from autograder.output import reports_in
from autograder.policies import Policies, clean, policies_of
from autograder.report import Report
from autograder.report import TaskReport as Task

AT_A_TIME = 1000  # reports that are asked for in the gradebook together


@dataclass(frozen=True)
class Source:
    """Where grades come from.  gradebook: its address, where marks of a person are wanted.  assignment: only this."""

    course: Path
    graded: Path
    gradebook: str | None = None
    assignment: str | None = None


@dataclass
class Row:
    """One student and assignment.

    score: what the checks gave and a person gave, of max_score; a person's mark counts before that of the checks.
    given: the marks of a person, by cell.  waiting: the written answers that have none.  penalty: points for lateness.
    due: the student's deadline, as grades.csv has it.
    """

    report: Report
    score: float
    max_score: float
    penalty: float = 0.0
    due: str = ""
    given: dict[str, float] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    @property
    def student(self) -> str:
        return self.report.student

    @property
    def assignment(self) -> str:
        return self.report.assignment

    @property
    def final(self) -> float:
        """The score less what lateness takes off."""
        return clean(self.score - self.penalty)

    @property
    def counts(self) -> bool:
        """Whether it is a mark: nothing was handed in, or the grader failed, and there is none."""
        return not self.report.faulty and (self.report.status != "missing" or bool(self.given))

    def points_of(self, task: Task) -> float:
        return self.given.get(task.name, task.points)


def has_mark(row: Row, zeros: bool) -> bool:
    """Whether another system gets a mark.  zeros: 0 for what was not handed in."""
    return row.counts or (zeros and not row.report.faulty)


@dataclass
class Seen:
    """What the rows held that an instructor should hear of."""

    rows: int = 0
    waiting: int = 0  # written answers without a mark
    faults: int = 0
    missing: int = 0
    not_entered: int = 0  # reports that the gradebook does not know
    late: int = 0
    students: set[str] = field(default_factory=set)
    unsound: list[Path] = field(default_factory=list)  # files that are no whole reports

    def add(self, row: Row) -> None:
        self.rows += 1
        self.waiting += len(row.waiting)
        self.faults += row.report.faulty
        self.missing += row.report.status == "missing" and not row.given
        self.late += row.penalty > 0
        self.students.add(row.student)

    def sentences(self, gradebook: str | None) -> list[str]:
        said = []
        if self.waiting and gradebook is None:
            said.append(
                f"{counted(self.waiting, 'written answer has', 'written answers have')} no mark here, and the points "
                "are not in these grades. Give the marks in the Formgrader, and export with --gradebook."
            )
        elif self.waiting:
            answers = counted(self.waiting, "written answer waits", "written answers wait")
            said.append(f"{answers} for a person's mark, and nothing counts for it until then.")
        if self.not_entered:
            said.append(
                f"{counted(self.not_entered, 'report is', 'reports are')} not in the gradebook, so a person's marks "
                "are not known for it. Run first: autograder import-gradebook DIR"
            )
        if self.late:
            said.append(f"{counted(self.late, 'submission', 'submissions')} came late, and points are taken off.")
        if self.missing:
            said.append(f"Nothing was handed in {counted(self.missing, 'time', 'times')}.")
        if self.faults:
            faults = counted(self.faults, "fault of the grader's own has", "faults of the grader's own have")
            said.append(f"{faults} no mark; grade those again.")
        return said


def rows_of(source: Source, seen: Seen) -> Iterator[Row]:
    """A row for each report, by student and then by assignment.  `seen` counts as they pass.

    Raises `CourseError` where there is none, or where the gradebook cannot be read.
    """
    policies = policies_of(source.course)
    waiting = reports_in(source.graded, seen.unsound, source.assignment)
    first = next(waiting, None)
    if first is None:
        what = f"no report on {source.assignment}" if source.assignment else "no reports"
        raise CourseError(
            f"{source.graded} holds {what}. Make some with: autograder grade submitted --out {source.graded}"
        )
    with ByHand(source.gradebook) as by_hand:
        some = [first, *islice(waiting, AT_A_TIME - 1)]
        while some:
            given = by_hand.of(some)
            for report in some:
                row = row_of(report, given, by_hand, policies)
                seen.add(row)
                seen.not_entered += by_hand.asked and row.counts and place(report) not in given
                yield row
            some = list(islice(waiting, AT_A_TIME))


def row_of(report: Report, known: dict[tuple[str, str], Given], by_hand: ByHand, policies: Policies) -> Row:
    given = known.get(place(report))
    if given is None:
        score, most, marks, waiting = report.score, report.max_score, {}, report.waiting
    else:
        marks = given.marks
        score = given.extra + sum(marks.values())
        score += sum(task.points for task in report.tasks if task.name not in marks)
        waiting = [name for name in report.waiting if name not in marks or name in given.looked_for]
        most = report.max_score
    if by_hand.asked:
        most = report.max_score + by_hand.most(report.assignment, report.manual)
    due = date_as_iso(policies.deadline(report.student, report.assignment), policies)
    return Row(report, score, most, taken_off(report, policies, score), due, marks, waiting)
