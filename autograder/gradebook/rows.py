"""Write reports into the tables of nbgrader's gradebook, many rows at a time.

A class of a hundred thousand submissions is a million rows, so rows are written by table rather than object by object.
They are those that nbgrader 0.9.6 makes (`nbgrader.api`): a submission has its notebooks, and these a grade for each
cell with points and a comment for each cell to answer.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbgrader.api import Assignment, Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Column, Connection, Select, Table, bindparam, insert, select, update

from autograder.gradebook.dates import dates_of, in_utc, penalty_of
from autograder.names import as_text
from autograder.policies import Policies
from autograder.report import Report

NO_RESPONSE = "No response."  # nbgrader's own word for an answer that was left as it was
STUDENTS, SUBMISSIONS, NOTEBOOKS, GRADES, COMMENTS = (
    each.__table__ for each in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """An assignment as the gradebook knows it: its id, and its notebooks with their cells."""

    id: str
    notebooks: list[NotebookShape]

    @classmethod
    def of(cls, assignment: Assignment) -> Shape:
        return cls(
            assignment.id,
            [
                NotebookShape(
                    notebook.id,
                    {cell.id: cell.name for cell in [*notebook.grade_cells, *notebook.task_cells]},
                    {cell.id: cell.name for cell in [*notebook.solution_cells, *notebook.task_cells]},
                )
                for notebook in assignment.notebooks
            ],
        )


@dataclass(frozen=True)
class NotebookShape:
    """grades: the cells with points, by id; comments: those to answer.  Both with their names."""

    id: str
    grades: dict[str, str]
    comments: dict[str, str]


@dataclass
class Rows:
    """New rows and changed ones, by table, that are written together."""

    new: dict[Table, list[dict]] = field(
        default_factory=lambda: {table: [] for table in (STUDENTS, SUBMISSIONS, NOTEBOOKS, GRADES, COMMENTS)}
    )
    changed: dict[Table, dict[tuple[str, ...], list[dict]]] = field(default_factory=dict)

    def put(self, table: Table, old: Row, **values: Any) -> bool:
        """Note what differs from the old row; whether anything does."""
        if all(old[name] == value for name, value in values.items()):
            return False
        rows = self.changed.setdefault(table, {}).setdefault(tuple(values), [])
        rows.append({"row_id": old["id"], **{f"new_{name}": value for name, value in values.items()}})
        return True

    def write(self, connection: Connection) -> None:
        for table, rows in self.new.items():
            if rows:
                connection.execute(insert(table), rows)
        for table, by_columns in self.changed.items():
            for names, rows in by_columns.items():
                values = {name: bindparam(f"new_{name}") for name in names}
                connection.execute(update(table).where(table.c.id == bindparam("row_id")).values(values), rows)


def enter(
    reports: Sequence[Report], shapes: Mapping[str, Shape], policies: Policies | None, connection: Connection
) -> int:
    """Enter some reports in one transaction; how many changed anything.

    shapes: of their assignments.  policies: the course's dates; without them those of the gradebook stay.
    """
    rows = Rows()
    there = submissions_of(reports, shapes, connection)
    add_students(reports, connection, rows)
    old = Old.of(list(there.values()), shapes.values(), connection)
    changed = 0
    for report in reports:
        shape = shapes[report.assignment]
        submission = there.get((as_text(report.student), shape.id))
        if submission is not None:
            changed += change(report, submission, old, policies, rows)
        elif report.status != "missing":  # who handed in nothing is in the class, without a submission
            add_submission(report, shape, policies, rows)
            changed += 1
    rows.write(connection)
    return changed


def submissions_of(
    reports: Sequence[Report], shapes: Mapping[str, Shape], connection: Connection
) -> dict[tuple[str, str], Row]:
    """The submissions that the gradebook holds, by student and the assignment's id."""
    wanted = {(as_text(report.student), shapes[report.assignment].id) for report in reports}
    found = rows_in(
        SUBMISSIONS,
        *(SUBMISSIONS.c.assignment_id, {assignment for _, assignment in wanted}),
        *(SUBMISSIONS.c.student_id, {student for student, _ in wanted}),
    )
    by_place = {(row["student_id"], row["assignment_id"]): row for row in connection.execute(found).mappings()}
    return {place: row for place, row in by_place.items() if place in wanted}


def add_students(reports: Sequence[Report], connection: Connection, rows: Rows) -> None:
    students = {as_text(report.student) for report in reports}
    known = set(connection.execute(select(STUDENTS.c.id).where(STUDENTS.c.id.in_(students))).scalars())
    rows.new[STUDENTS] = [{"id": student} for student in sorted(students - known)]


@dataclass
class Old:
    """The notebooks, grades and comments of some submissions, as they are: by what each is a part of."""

    notebooks: dict[str, list[dict[str, Any]]]
    grades: dict[str, list[dict[str, Any]]]
    comments: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, submissions: Sequence[Row], shapes: Iterable[Shape], connection: Connection) -> Old:
        """Asked by assignment: so the database's own indices serve, which begin with the notebook and the cell."""
        old = cls({}, {}, {})
        for shape in shapes:
            ids = [submission["id"] for submission in submissions if submission["assignment_id"] == shape.id]
            for notebook in shape.notebooks:
                whole = rows_in(NOTEBOOKS, NOTEBOOKS.c.notebook_id, [notebook.id], NOTEBOOKS.c.assignment_id, ids)
                mine = gather(old.notebooks, connection, whole, "assignment_id", ids)
                for into, table, cells in (
                    (old.grades, GRADES, notebook.grades),
                    (old.comments, COMMENTS, notebook.comments),
                ):
                    part = rows_in(table, table.c.cell_id, cells, table.c.notebook_id, mine)
                    gather(into, connection, part, "notebook_id", mine, cells)
        return old


def rows_in(table: Table, first: Column, firsts: Iterable[str], second: Column, seconds: Iterable[str]) -> Select:
    return select(table).where(first.in_(list(firsts))).where(second.in_(list(seconds)))


def gather(
    found: dict[str, list[dict[str, Any]]],
    connection: Connection,
    query: Select,
    parent: str,
    ids: Sequence[str],
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Put rows to their parents, with the names of their cells; the rows' ids."""
    rows = [dict(row) for row in connection.execute(query).mappings()] if ids else []
    for row in rows:
        if names is not None:
            row["name"] = names[row["cell_id"]]
        found.setdefault(row[parent], []).append(row)
    return [row["id"] for row in rows]


def add_submission(report: Report, shape: Shape, policies: Policies | None, rows: Rows) -> None:
    """A new submission, shaped as nbgrader shapes it, with the marks that are the grader's to set."""
    marks = marks_of(report)
    submission = {
        "id": new_id(),
        "assignment_id": shape.id,
        "student_id": as_text(report.student),
        "timestamp": None,
        "extension": None,
    }
    if policies:
        submission |= dates_in(report, submission, policies)
    rows.new[SUBMISSIONS].append(submission)
    for notebook in shape.notebooks:
        grades = [
            {
                "id": new_id(),
                "cell_id": cell,
                "auto_score": marks.get(name),
                "needs_manual_grade": marks.get(name) is None,  # so does a cell that the report does not know
            }
            for cell, name in notebook.grades.items()
        ]
        score = sum(grade["auto_score"] or 0.0 for grade in grades)
        submitted = {
            "id": new_id(),
            "assignment_id": submission["id"],
            "notebook_id": notebook.id,
            "flagged": False,
            "late_submission_penalty": penalty_on(score, report, submission["timestamp"], policies),
        }
        rows.new[NOTEBOOKS].append(submitted)
        rows.new[GRADES] += [{**grade, "notebook_id": submitted["id"]} for grade in grades]
        rows.new[COMMENTS] += [
            {
                "id": new_id(),
                "notebook_id": submitted["id"],
                "cell_id": cell,
                "auto_comment": NO_RESPONSE if name in report.unanswered else None,
            }
            for cell, name in notebook.comments.items()
        ]


def change(report: Report, submission: Row, old: Old, policies: Policies | None, rows: Rows) -> bool:
    """Set the marks that are the grader's to set; whether anything changed."""
    marks = marks_of(report)
    changed, timestamp = False, submission["timestamp"]
    if policies:
        dates = dates_in(report, submission, policies)
        changed, timestamp = rows.put(SUBMISSIONS, submission, **dates), dates["timestamp"]
    for notebook in old.notebooks.get(submission["id"], []):
        score = 0.0
        for grade in old.grades.get(notebook["id"], []):
            name, mark = grade["name"], grade["auto_score"]
            if name in marks or name in report.manual:
                mark = marks.get(name)
                changed |= rows.put(GRADES, grade, auto_score=mark, needs_manual_grade=needs_a_person(grade, mark))
            score += score_of(grade, mark)
        for comment in old.comments.get(notebook["id"], []):
            if comment["name"] in report.manual:
                said = NO_RESPONSE if comment["name"] in report.unanswered else None
                changed |= rows.put(COMMENTS, comment, auto_comment=said)
        if policies:
            penalty = penalty_on(score, report, timestamp, policies)
            changed |= rows.put(NOTEBOOKS, notebook, late_submission_penalty=penalty)
    return changed


def dates_in(report: Report, submission: Row, policies: Policies) -> dict[str, Any]:
    """When it was handed in, and the student's extension, as the gradebook should hold them."""
    before = submission["timestamp"], submission["extension"]
    dates = dates_of(before, report.student, report.assignment, report.handed_in, policies)
    return dict(zip(("timestamp", "extension"), dates, strict=True))


def penalty_on(score: float, report: Report, timestamp: dt.datetime | None, policies: Policies | None) -> float | None:
    """What lateness takes off a score, as nbgrader's own step enters it: None for what is not late."""
    due = policies and policies.deadline(report.student, report.assignment)
    if timestamp is None or due is None or in_utc(timestamp) <= due:
        return None
    return penalty_of(timestamp, due, score, policies)


def score_of(grade: Row, mark: float | None) -> float:
    """The score of a cell as nbgrader counts it: a person's mark before the grader's, and extra credit on top."""
    score = grade["manual_score"] if grade["manual_score"] is not None else mark
    return 0.0 if score is None else score + (grade["extra_credit"] or 0.0)


def new_id() -> str:
    """An id as long as nbgrader's, 32 hexadecimal digits; later ones sort after, so an index grows at its end."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


def marks_of(report: Report) -> dict[str, float]:
    """The marks that are the grader's to set: of the tasks, and 0 for a question that was not answered."""
    return {task.name: task.points for task in report.tasks} | dict.fromkeys(report.unanswered, 0.0)


def needs_a_person(grade: Row, mark: float | None) -> bool:
    """Whether a person must look: where there is no mark yet, and where the one they gave was for other work."""
    if grade["manual_score"] is None:
        return mark is None
    return bool(grade["needs_manual_grade"]) or grade["auto_score"] != mark
