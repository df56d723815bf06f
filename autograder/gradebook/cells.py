"""Bring the cells that nbgrader's gradebook knows of an assignment up to date, when it was mended in mid-term.

nbgrader refuses to add or remove a cell once somebody has handed in.  Here a new cell gets an empty mark in every
submission; one that has another name now keeps its marks, where its metadata says `formerly=["its old name"]`; one
that is gone goes, but not with marks or comments that a person gave, unless that is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader import utils
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import or_
from sqlalchemy.orm import Session, object_session

from autograder.course import Assignment, CourseError
from autograder.files import write_text
from autograder.learner.notebook import former_names
from autograder.tables import csv_text

DROPPED = ["student", "assignment", "task", "manual_score", "extra_credit", "comment"]
KINDS = (GradeCell, SolutionCell)


@dataclass
class Mended:
    """What was done to the gradebook's cells, a sentence each; and what a person gave to those that were dropped."""

    sentences: list[str] = field(default_factory=list)
    dropped: list[dict] = field(default_factory=list)


def mend_cells(notebook: Notebook, cells: Iterable[nbformat.NotebookNode], drop: Collection[str] = ()) -> Mended:
    """Make the gradebook's cells of a notebook those of its release.

    drop: the graded cells that may go with what a person gave to them.  Raises `CourseError` where such a cell is gone
    and is not among them.
    """
    graded = [cell for cell in cells if utils.is_grade(cell) or utils.is_solution(cell) or utils.is_locked(cell)]
    ours = {cell.metadata.nbgrader.grade_id: cell for cell in graded}
    mended = Mended()
    rename(notebook, ours, mended)
    remove(notebook, ours, drop, mended)
    for name, cell in ours.items():
        update(notebook, name, cell, mended)
    return mended


def rename(notebook: Notebook, ours: dict[str, nbformat.NotebookNode], mended: Mended) -> None:
    rows = [*notebook._base_cells, *notebook.source_cells]
    there = {row.name for row in rows}
    for name, cell in ours.items():
        old = next((old for old in former_names(cell.metadata) if old in there - ours.keys()), None)
        if old is None or name in there:
            continue
        for row in rows:
            if row.name == old:
                row.name = name
        mended.sentences.append(f"{old} is called {name} now; its marks and comments stay.")


def remove(notebook: Notebook, ours: dict[str, nbformat.NotebookNode], drop: Collection[str], mended: Mended) -> None:
    session = object_session(notebook)
    gone = [row for row in notebook._base_cells if not wanted(row, ours)]
    given = {name: list(given_by_hand(notebook, name)) for name in dict.fromkeys(row.name for row in gone)}
    assignment = notebook.assignment.name
    for name, rows in given.items():
        if rows and name not in drop:
            raise CourseError(
                f"The gradebook holds marks or comments that a person gave to {len(rows)} students for {name}, and "
                f'{assignment} has no such cell any more. Has it another name now? Then write formerly=["{name}"] '
                f"into the new cell's line in solutions/{assignment}/{assignment}.py, and run: autograder exercises "
                f"{assignment}. Was it taken away? Then run: autograder mend-gradebook {assignment} --drop {name}"
            )
        mended.dropped += rows
    for row in gone:
        session.query(Grade).filter_by(cell_id=row.id).delete()
        session.query(Comment).filter_by(cell_id=row.id).delete()
        session.delete(row)
    for row in [row for row in notebook.source_cells if row.name not in ours]:
        session.delete(row)
    session.flush()
    session.expire(notebook)
    mended.sentences += [f"{name} is gone." for name in given]


def wanted(row: BaseCell, ours: dict[str, nbformat.NotebookNode]) -> bool:
    cell = ours.get(row.name)
    is_kind = {GradeCell: utils.is_grade, SolutionCell: utils.is_solution}.get(type(row), utils.is_task)
    return cell is not None and is_kind(cell)


def given_by_hand(notebook: Notebook, name: str) -> Iterator[dict]:
    """The marks and comments that a person gave for a cell, by student."""
    session = object_session(notebook)
    found: dict[str, dict] = {}
    for kind, given in (
        (Grade, or_(Grade.manual_score.isnot(None), Grade.extra_credit.isnot(None))),
        (Comment, Comment.manual_comment.isnot(None)),
    ):
        query = (
            session.query(kind, SubmittedAssignment.student_id)
            .join(SubmittedNotebook, kind.notebook_id == SubmittedNotebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(BaseCell, kind.cell_id == BaseCell.id)
            .filter(SubmittedNotebook.notebook_id == notebook.id, BaseCell.name == name, given)
        )
        for row, student in query:
            mark = found.setdefault(student, dict.fromkeys(DROPPED))
            mark |= {"student": student, "assignment": notebook.assignment.name, "task": name}
            if kind is Grade:
                mark |= {"manual_score": row.manual_score, "extra_credit": row.extra_credit}
            else:
                mark["comment"] = row.manual_comment
    yield from found.values()


def update(notebook: Notebook, name: str, cell: nbformat.NotebookNode, mended: Mended) -> None:
    """Make one cell's rows what they should be, and add those that are missing."""
    session = object_session(notebook)
    there = {type(row): row for row in notebook._base_cells if row.name == name}
    if utils.is_grade(cell):
        points, kind = float(cell.metadata.nbgrader.points), cell.cell_type
        row = there.get(GradeCell)
        if row is None:
            row = add(GradeCell(name=name, max_score=points, cell_type=kind), Grade, notebook)
            mended.sentences.append(f"{name} is new, with {points:g} points.")
        elif row.max_score != points:
            mended.sentences.append(f"{name} has {points:g} points now, and had {row.max_score:g}.")
            row.max_score, row.cell_type = points, kind
            look_again(row, points, mended)
    if utils.is_solution(cell) and SolutionCell not in there:
        add(SolutionCell(name=name), Comment, notebook)
    source = next((row for row in notebook.source_cells if row.name == name), None)
    if source is None:
        source = SourceCell(name=name, notebook=notebook)
        session.add(source)
    source.cell_type, source.locked, source.source = cell.cell_type, utils.is_locked(cell), cell.source
    source.checksum = utils.compute_checksum(cell)


def add(cell: GradeCell | SolutionCell, kind: type[Grade] | type[Comment], notebook: Notebook) -> BaseCell:
    """A new cell, with an empty mark or comment in each submission."""
    session = object_session(notebook)
    cell.notebook = notebook
    session.add(cell)
    session.flush()
    submitted = session.query(SubmittedNotebook.id).filter_by(notebook_id=notebook.id)
    session.add_all([kind(cell_id=cell.id, notebook_id=each) for (each,) in submitted])
    session.flush()
    return cell


def look_again(row: GradeCell, points: float, mended: Mended) -> None:
    """A mark that a person gave is theirs to change: where it is more than the cell is worth now, they are told."""
    above = object_session(row).query(Grade).filter(Grade.cell_id == row.id, Grade.manual_score > points).all()
    for grade in above:
        grade.needs_manual_grade = True
    if above:
        mended.sentences.append(
            f"{len(above)} marks that a person gave for {row.name} are more than that. They stay as they are, and the "
            "Formgrader shows them among what needs manual grading."
        )


def mend(session: Session, assignment: Assignment, drop: Collection[str] = ()) -> Mended:
    """Bring the gradebook's cells of an assignment up to date with what learners receive.

    The gradebook must know the assignment.  Raises `CourseError` as `mend_cells` does, and without a release.
    """
    _ = assignment.cells  # which says in words where there is no release
    cells = nbformat.read(assignment.release, as_version=4).cells
    mended = Mended()
    for notebook in session.query(Notebook).filter(
        Notebook.name == assignment.name, Notebook.assignment.has(name=assignment.name)
    ):
        mended = mend_cells(notebook, cells, drop)
    return mended


def write_dropped(rows: list[dict], file: Path) -> None:
    """Write what a person gave to cells that are gone to a table, after what is there already."""
    there = file.read_bytes().decode() if file.exists() else csv_text([DROPPED])
    write_text(file, there + csv_text([row[name] for name in DROPPED] for row in rows))
