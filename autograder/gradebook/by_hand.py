"""Enter marks that a person gave in a table into nbgrader's gradebook: all of them, or none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Assignment, BaseCell, Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from rich.console import Console
from rich.progress import track
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autograder.course import CourseError
from autograder.gradebook.entering import first_line, opened
from autograder.names import as_word
from autograder.written.table import Mark, WrongRows, read_table

AT_A_TIME = 500
SQLITE = "sqlite:///"
Place = tuple[str, str]  # student and question


@dataclass
class Entered:
    """How many marks changed the gradebook, and which of them took another's place, a sentence each."""

    changed: int = 0
    replaced: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rows:
    """Where the gradebook keeps marks and comments.  A question that a person grades has a place for both."""

    grades: dict[Place, Grade]
    comments: dict[Place, Comment]


def enter_marks(file: Path, address: str) -> int:
    """The command: enter the table, say what came of it; the exit code."""
    marks, empty, problems = read_table(file)
    if address.startswith(SQLITE) and not Path(address.removeprefix(SQLITE)).is_file():
        raise CourseError(f"There is no gradebook {address}. Make one first: nbgrader generate_assignment NAME --force")
    with opened(address) as book:
        try:
            entered = enter_all(marks, problems, file, book.db())
        except SQLAlchemyError as error:
            book.db.rollback()
            raise CourseError(
                f"The gradebook cannot be used: {first_line(error)} Nothing was entered. "
                "Close what else uses it, and run the same command again."
            ) from error
    for sentence in entered.replaced:
        print(as_word(sentence))
    left = f" {empty} rows are not filled in yet." if empty else ""
    print(f"{len(marks)} marks; {entered.changed} of them changed the gradebook.{left}")
    return 0


def enter_all(marks: list[Mark], problems: list[str], file: Path, session: Session) -> Entered:
    """Look at all marks, and then enter them.  Raises `WrongRows` where one of them is wrong."""
    found = [problem for part in parts(marks) for problem in what_is_wrong(part, session)]
    if problems or found:
        raise WrongRows(file, sorted([*problems, *found], key=line_of))
    entered = Entered()
    hidden = not sys.stderr.isatty()
    for part in track(list(parts(marks)), "entering", console=Console(stderr=True), disable=hidden, transient=True):
        enter_part(part, session, entered)
    session.commit()
    return entered


def line_of(problem: str) -> int:
    """The line of the table that a sentence is about; it begins with it."""
    return int(problem.split()[1])


def parts(marks: list[Mark]) -> Iterator[list[Mark]]:
    """The marks of one assignment, a few hundred at a time."""
    for name in dict.fromkeys(mark.assignment for mark in marks):
        group = [mark for mark in marks if mark.assignment == name]
        for start in range(0, len(group), AT_A_TIME):
            yield group[start : start + AT_A_TIME]


def rows_of(marks: list[Mark], session: Session) -> Rows:
    """What the gradebook holds in the places of these marks, which are of one assignment."""
    of_grades, of_comments = (
        session.query(SubmittedAssignment.student_id, BaseCell.name, kind)
        .join(SubmittedNotebook, kind.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(BaseCell, kind.cell_id == BaseCell.id)
        .filter(Assignment.name == marks[0].assignment)
        .filter(SubmittedAssignment.student_id.in_({mark.student for mark in marks}))
        for kind in (Grade, Comment)
    )
    grades, comments = ({(student, name): row for student, name, row in query} for query in (of_grades, of_comments))
    return Rows(grades, comments)


def what_is_wrong(marks: list[Mark], session: Session) -> list[str]:
    """Why some of these marks cannot be entered, a sentence each; all are of one assignment."""
    if session.query(Assignment).filter_by(name=marks[0].assignment).one_or_none() is None:
        return [f"{mark}: the gradebook knows no assignment {mark.assignment!r}." for mark in marks]
    rows = rows_of(marks, session)
    return [f"{mark}: {problem}" for mark in marks if (problem := problem_with(mark, rows, session))]


def problem_with(mark: Mark, rows: Rows, session: Session) -> str | None:
    place = (mark.student, mark.question)
    there = [question for student, question in rows.grades if student == mark.student]
    if not there:
        return no_submission(mark, session)
    if place not in rows.grades or place not in rows.comments:
        by_hand = sorted(question for question in there if (mark.student, question) in rows.comments)
        return f"this is not graded by hand. By hand are graded: {', '.join(by_hand) or 'none'}."
    most = rows.grades[place].max_score
    if mark.points is not None and mark.points > most:
        return f"{mark.points:g} is more than the {most:g} points of the question."
    return None


def no_submission(mark: Mark, session: Session) -> str:
    if session.get(Student, mark.student) is not None:
        return (
            f"the gradebook holds no {mark.assignment} of this student. Enter the grades first: "
            "autograder import-gradebook grades"
        )
    shorn = [name for (name,) in session.query(Student.id) if name.lstrip("0") == mark.student != name]
    hint = f" It knows {shorn[0]!r}: has a spreadsheet taken the zeros away?" if shorn else ""
    return f"the gradebook knows no such student.{hint}"


def enter_part(marks: list[Mark], session: Session, entered: Entered) -> None:
    """Enter marks of one assignment that nothing is wrong with."""
    rows = rows_of(marks, session)
    for mark in marks:
        place = (mark.student, mark.question)
        entered.changed += enter_one(mark, rows.grades[place], rows.comments[place], entered.replaced)
    session.flush()
    session.expunge_all()  # there may be very many


def enter_one(mark: Mark, grade: Grade, comment: Comment, replaced: list[str]) -> bool:
    """Whether it changed anything.  What is None leaves what is there."""
    who, changed = ", ".join(mark.place), False
    if mark.points is not None and (grade.manual_score != mark.points or grade.needs_manual_grade):
        if grade.manual_score not in (None, mark.points):
            replaced.append(f"{who}: {grade.manual_score:g} points become {mark.points:g}.")
        grade.manual_score, grade.needs_manual_grade, changed = mark.points, False, True
    if mark.comment is not None and comment.manual_comment != mark.comment:
        if comment.manual_comment:
            replaced.append(f"{who}: the comment {comment.manual_comment!r} becomes {mark.comment!r}.")
        comment.manual_comment, changed = mark.comment, True
    return changed
