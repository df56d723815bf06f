"""The marks that a person gave, read from nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.names import as_text
from autograder.report import Report

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass
class Given:
    """What a person gave for one submission: marks by cell, extra credit, and the cells that they should look at."""

    marks: dict[str, float] = field(default_factory=dict)
    extra: float = 0.0
    looked_for: set[str] = field(default_factory=set)


class ByHand:
    """Reads them from a gradebook, some reports at a time; without an address there are none.  Use it as a context."""

    def __init__(self, address: str | None) -> None:
        self.asked = address is not None
        self.address = address
        self.connection: Connection | None = None
        self.stack = ExitStack()
        self.points: dict[str, dict[str, float]] = {}

    def __enter__(self) -> ByHand:
        if self.address is not None:
            from autograder.gradebook.entering import opened

            self.connection = self.stack.enter_context(opened(self.address)).db().connection()
            self.points = self.read_points()
        return self

    def __exit__(self, *exception: object) -> bool | None:
        return self.stack.__exit__(*exception)

    def most(self, assignment: str, names: Iterable[str]) -> float:
        """The points that there are for some cells of an assignment."""
        return sum(self.points.get(assignment, {}).get(name, 0.0) for name in names)

    def read_points(self) -> dict[str, dict[str, float]]:
        from nbgrader.api import Assignment, BaseCell, GradeCell, Notebook, TaskCell
        from sqlalchemy import select

        cells, notebooks, assignments = BaseCell.__table__, Notebook.__table__, Assignment.__table__
        points: dict[str, dict[str, float]] = {}
        for kind in (GradeCell.__table__, TaskCell.__table__):
            asked = (
                select(assignments.c.name, cells.c.name, kind.c.max_score)
                .join_from(kind, cells, kind.c.id == cells.c.id)
                .join(notebooks, notebooks.c.id == cells.c.notebook_id)
                .join(assignments, assignments.c.id == notebooks.c.assignment_id)
            )
            for assignment, name, most in self.connection.execute(asked):
                points.setdefault(assignment, {})[name] = most
        return points

    def of(self, reports: Sequence[Report]) -> dict[tuple[str, str], Given]:
        """What a person gave for the submissions of these reports that the gradebook knows."""
        if self.connection is None:
            return {}
        from nbgrader.api import Assignment, BaseCell, Grade, SubmittedAssignment, SubmittedNotebook
        from sqlalchemy import select

        grades, cells, notebooks = Grade.__table__, BaseCell.__table__, SubmittedNotebook.__table__
        submissions, assignments = SubmittedAssignment.__table__, Assignment.__table__
        asked = (
            select(
                *(submissions.c.student_id, assignments.c.name, cells.c.name),
                *(grades.c.manual_score, grades.c.extra_credit, grades.c.needs_manual_grade),
            )
            .join_from(submissions, assignments, assignments.c.id == submissions.c.assignment_id)
            .join(notebooks, notebooks.c.assignment_id == submissions.c.id)
            .join(grades, grades.c.notebook_id == notebooks.c.id)
            .join(cells, cells.c.id == grades.c.cell_id)
            .where(submissions.c.student_id.in_({as_text(report.student) for report in reports}))
            .where(assignments.c.name.in_({report.assignment for report in reports}))
        )
        found: dict[tuple[str, str], Given] = {}
        for student, assignment, cell, mark, extra, needed in self.connection.execute(asked):
            given = found.setdefault((student, assignment), Given())
            given.extra += extra or 0.0
            if mark is not None:
                given.marks[cell] = mark
            if needed:
                given.looked_for.add(cell)
        return found


def place(report: Report) -> tuple[str, str]:
    """How the gradebook knows a submission: by the student, as text, and the assignment."""
    return as_text(report.student), report.assignment
