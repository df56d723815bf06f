"""Prove an assignment: the four properties without which it grades nobody fairly.

The solution scores full marks.  The release, as learners receive it, scores nothing.  Every known mistake is stopped
and named.  Every other right way is accepted.  All of it is graded as learners' notebooks are, in the jail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.catalogue import Catalogue
from autograder.course import Assignment, CourseError, Key, told
from autograder.demo import Member, members
from autograder.jail.levels import level_to_use
from autograder.judge import Judge
from autograder.learner.notebook import Cell, cells_of
from autograder.report import Report, TaskReport
from autograder.source import solution_namespace, source_cells

BEFORE = "A solution is what stands between ### BEGIN SOLUTION and ### END SOLUTION."
ALIKE = (
    "A mistake is known by what it returns: where two return the same on every input of the checks, only one can be "
    "named. Draw inputs that tell them apart, or keep one of the two."
)


@dataclass
class Property:
    """What is wanted, what to say where it holds or where there is nothing to look at, and what breaks it."""

    name: str
    holds: str
    nothing: str = ""
    looked_at: int = 0
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if self.broken:
            return f"{self.name}? No."
        return self.holds.format(self.looked_at) if self.looked_at else self.nothing


def proved(assignment: Assignment, seed: int = 0) -> Iterator[list[Property]]:
    """The four properties, as far as is known after each notebook that was graded.

    seed: of the inputs that the checks draw.  Raises `CourseError` where the assignment cannot be graded at all.
    """
    refuse_stale(assignment)
    found = {
        "right": Property("The solution scores full marks", "The solution scores full marks."),
        "empty": Property("The release scores nothing", "The release, as learners receive it, scores nothing."),
        "mistake": Property(
            "Every known mistake is stopped and named",
            "All {} known mistakes are stopped and named.",
            "mistakes.py lists no mistake, so nothing shows how strong the checks are.",
        ),
        "other": Property(
            "Every other right way is accepted",
            "All {} other right ways are accepted.",
            "variants/ holds no other right way, so nothing shows whether the checks refuse one.",
        ),
    }
    with Judge(assignment, Key(f"the proof's {seed}"), level_to_use("weak")) as judge:
        for member in members(assignment):
            kind = member.student.partition("-")[0]
            if kind == "hostile":
                continue
            which = "other" if kind == "right" and member.student != "right-solution" else kind
            report = judge.judge_cells(member.student, cells_of(member.notebook))
            if faults := judge.take_faults():
                raise CourseError(f"A check of {assignment.name} itself fails on {member.student}:\n{faults[0]}")
            found[which].looked_at += 1
            found[which].broken += broken_by(which, member, report)
            yield list(found.values())
    found["mistake"].broken += [
        f"{mistake.name} has no hint, so a learner is told its name alone. Say in mistakes.py what to do about it."
        for mistake in judge.catalogue.mistakes
        if not mistake.of and not mistake.hint.strip()
    ]
    yield list(found.values())


def refuse_stale(assignment: Assignment) -> None:
    """Refuse what cannot be loaded, and a release that was made from another source."""
    try:
        solution = solution_namespace(assignment)
        undefined = [task.name for task in assignment.tasks if not task.manual and task.name not in solution]
        if undefined:
            raise CourseError(f"{assignment.source} defines no {', '.join(undefined)}, for which it gives points.")
        Catalogue(assignment)
    except CourseError:
        raise
    except Exception as error:  # the instructor's own files may raise anything
        raise CourseError(f"{assignment.name} cannot be loaded: {told(error)}") from error
    if fixed(source_cells(assignment)) != fixed(assignment.cells):
        raise CourseError(
            f"{assignment.release} is not what {assignment.source} makes. Run first: autograder exercises "
            f"{assignment.name}"
        )


def fixed(cells: list[Cell]) -> list[tuple]:
    """What nbgrader leaves as it is: all but the answers."""
    return [(cell.grade_id, cell.points, cell.source) for cell in cells if not cell.solution]


def broken_by(which: str, member: Member, report: Report) -> Iterator[str]:
    """What one notebook shows against its property."""
    for task in report.tasks:
        points = member.scores[task.name]
        if which == "right" and task.points != points:
            yield f"{task.name}: the solution gets {task.points:g} of {points:g} points. {why(task)}"
        elif which == "empty" and task.points:
            yield f"{task.name}: it gets {task.points:g} points before a learner has written anything. {BEFORE}"
        elif which == "other" and task.points != points:
            name = member.student.removeprefix("right-")
            yield f"variants/{name}.py is refused in {task.name}. {why(task)}"
        elif which == "mistake":
            yield from broken_by_mistake(member, task)


def broken_by_mistake(member: Member, task: TaskReport) -> Iterator[str]:
    name = member.student.removeprefix("mistake-").replace("-", "_")
    want = member.mistakes.get(task.name)
    if task.points > member.scores[task.name]:
        yield (
            f"{name} is not stopped: the checks of {task.name} accept it. Add a check whose inputs show it; or, where "
            f"{task.name} is right all the same, say so with spoils=(...)."
        )
    elif task.points < member.scores[task.name]:
        yield f"{name} costs {task.name} too, which it should not. {why(task)}"
    elif want != task.mistake:
        as_what = f"is told as {task.mistake}" if task.mistake else "has no name"
        yield f"{name} is not named: in {task.name} it {as_what}, and should be {want}. {ALIKE}"


def why(task: TaskReport) -> str:
    """The first check that failed, and what it said."""
    failed = next((check for check in task.checks if not check.passed), None)
    return f"The check {failed.name} says: {failed.message}" if failed else f"It ended with: {task.status}."
