"""Rubrics: how a person grades the written questions of an assignment, read from `solutions/NAME/rubric.md`.

    # Rubric: gru_cell
    ## what_a_unit_does
    2 points. What the question tests, in a sentence or two.
    | points | for |
    |---|---|
    | 1 | says that ... |
    | 1 | says that ... |
    ### Full marks (2)
    > a sample answer, in a learner's words
    ### Part (1)
    > another
    Why: what it has and what it lacks.
    Say: feedback, ready to paste.
    ### None (0)
    > a wrong one
    Why: ...
    Say: ...
    ### Wrong ideas
    | idea | what it reveals | say |
    |---|---|---|
    | ... | ... | ... |

The criteria add up to the task's points.  Of each kind of sample there is one or more, with the marks of some of the
criteria; all but those with full marks have a *Why* and a *Say*.  *Wrong ideas* may be left out.  A rubric is a part of
the key; it changes no grade that the checks give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Assignment, CourseError, Task

POINTS = r"(\d+(?:\.\d+)?)"
OPENING = re.compile(rf"{POINTS} points?\.\s*(.*)", re.DOTALL)
SAMPLE = re.compile(rf"(Full marks|Part|None) \({POINTS}\)")
KINDS = ("Full marks", "Part", "None")
IDEAS = "Wrong ideas"


@dataclass(frozen=True)
class Criterion:
    points: float
    text: str


@dataclass(frozen=True)
class Sample:
    """An answer that somebody might give, its mark, why it gets that, and what to tell them."""

    kind: str
    points: float
    answer: str
    why: str | None
    say: str | None


@dataclass(frozen=True)
class WrongIdea:
    idea: str
    reveals: str
    say: str


@dataclass(frozen=True)
class Question:
    """How to grade one written question."""

    name: str
    points: float
    tests: str
    criteria: list[Criterion]
    samples: list[Sample]
    ideas: list[WrongIdea]


@dataclass(frozen=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True)
class Section:
    """A heading, and the lines below it up to the next of its level."""

    heading: Line
    title: str
    body: list[Line]


def rubric_file(assignment: Assignment) -> Path:
    return assignment.folder / assignment.RUBRIC


def written_tasks(assignment: Assignment) -> list[Task]:
    """The questions that a person grades."""
    return [task for task in assignment.tasks if task.manual]


def read_rubric(assignment: Assignment) -> dict[str, Question]:
    """How to grade each written question, in the assignment's order.

    Raises `CourseError` where there is no rubric, where it is not of the form above, or where it does not fit the
    assignment; the message says in which line.
    """
    file = rubric_file(assignment)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read ({error})" if file.exists() else "is missing"
        raise CourseError(f"{file} {reason}. It should say how to grade {listed(written_tasks(assignment))}.") from None
    return Reader(file).questions(text, assignment)


def listed(tasks: Iterable[Task]) -> str:
    return ", ".join(task.name for task in tasks) or "nothing: no question is graded by a person"


@dataclass(frozen=True)
class Reader:
    """Reads one file, and says of it what is wrong and where."""

    file: Path

    def wrong(self, line: Line, says: str) -> CourseError:
        return CourseError(f"{self.file}, line {line.number}: {says}")

    def questions(self, text: str, assignment: Assignment) -> dict[str, Question]:
        lines = [Line(number, line.rstrip()) for number, line in enumerate(text.splitlines(), start=1)]
        title = f"# Rubric: {assignment.name}"
        if not lines or lines[0].text != title:
            raise self.wrong(Line(1, ""), f"the file should begin with the line {title!r}.")
        tasks = {task.name: task for task in written_tasks(assignment)}
        found: dict[str, Question] = {}
        for section in sections(lines[1:], "## ")[1]:
            if section.title not in tasks:
                raise self.wrong(
                    section.heading,
                    f"{assignment.name} has no written question {section.title!r}. It has: {listed(tasks.values())}.",
                )
            if section.title in found:
                raise self.wrong(section.heading, f"{section.title} is there twice.")
            found[section.title] = self.question(section, tasks[section.title])
        missing = [task for task in tasks.values() if task.name not in found]
        if missing:
            raise self.wrong(lines[-1], f"the file ends, and says nothing of {listed(missing)}.")
        return {name: found[name] for name in tasks}

    def question(self, section: Section, task: Task) -> Question:
        opening, parts = sections(section.body, "### ")
        words = [line for line in opening if not line.text.startswith("|")]
        said = OPENING.fullmatch(paragraph(words))
        if said is None:
            raise self.wrong(section.heading, f"below it should stand the points, as in '{task.points:g} points.'")
        if float(said[1]) != task.points:
            raise self.wrong(section.heading, f"the notebook gives {task.points:g} points, the rubric {said[1]}.")
        rows = self.table([line for line in opening if line.text.startswith("|")], section, 2)
        criteria = [Criterion(self.points(line, cells[0]), cells[1]) for line, cells in rows]
        total = sum(criterion.points for criterion in criteria)
        if total != task.points:
            raise self.wrong(section.heading, f"its criteria add up to {total:g}, and it has {task.points:g} points.")
        samples = [self.sample(part, criteria, task.points) for part in parts if part.title != IDEAS]
        for kind in KINDS:
            if kind not in {sample.kind for sample in samples}:
                raise self.wrong(section.heading, f"it has no sample answer '### {kind} (...)'.")
        ideas = [
            WrongIdea(*cells)
            for part in parts
            if part.title == IDEAS
            for _, cells in self.table([line for line in part.body if line.text], part, 3)
        ]
        return Question(task.name, task.points, said[2].strip(), criteria, samples, ideas)

    def points(self, line: Line, text: str) -> float:
        if not re.fullmatch(POINTS, text) or float(text) <= 0:
            raise self.wrong(line, f"{text!r} is no number of points.")
        return float(text)

    def table(self, lines: list[Line], section: Section, columns: int) -> list[tuple[Line, list[str]]]:
        """The rows of a table below its two lines of heading."""
        rows = [(line, [cell.strip() for cell in line.text.strip("|").split("|")]) for line in lines]
        for line, cells in rows:
            if len(cells) != columns or not all(cells) or not line.text.startswith("|"):
                raise self.wrong(
                    line, f"a row of a table with {columns} cells is wanted, as in '{'| ... ' * columns}|'."
                )
        if len(rows) < 3 or not all(set(cell) <= set(":-") for cell in rows[1][1]):
            raise self.wrong(
                section.heading, f"it wants a table of {columns} columns, with a heading and a row or more."
            )
        return rows[2:]

    def sample(self, part: Section, criteria: list[Criterion], most: float) -> Sample:
        title = SAMPLE.fullmatch(part.title)
        if title is None:
            raise self.wrong(
                part.heading, f"'### {part.title}' is none of: {', '.join(KINDS)} (each with its points), {IDEAS}."
            )
        kind, points = title[1], float(title[2])
        if points not in sums(criterion.points for criterion in criteria):
            raise self.wrong(part.heading, f"no criteria add up to {points:g}.")
        if (kind == "Full marks") != (points == most) or (kind == "None") != (points == 0):
            raise self.wrong(part.heading, f"{points:g} of {most:g} points is not what is called {kind!r}.")
        answer = "\n".join(line.text[1:].strip() for line in part.body if line.text.startswith(">")).strip()
        if not answer:
            raise self.wrong(part.heading, "below it should stand the answer, each line with a > before it.")
        told = self.told(part)
        for word in () if kind == "Full marks" else ("Why", "Say"):
            if not told.get(word):
                raise self.wrong(part.heading, f"a line '{word}: ...' is missing.")
        return Sample(kind, points, answer, told.get("Why"), told.get("Say"))

    def told(self, part: Section) -> dict[str, str]:
        """The paragraphs that begin with Why: and Say:."""
        found: dict[str, list[Line]] = {}
        word = None
        for line in part.body:
            if not line.text or line.text.startswith(">"):
                continue
            begun, colon, rest = line.text.partition(":")
            if colon and begun in ("Why", "Say"):
                word, line = begun, Line(line.number, rest.strip())
            if word is None:
                raise self.wrong(
                    line, "a line of an answer begins with >, and what is said of it with 'Why:' or 'Say:'."
                )
            found.setdefault(word, []).append(line)
        return {word: paragraph(lines) for word, lines in found.items()}


def sections(lines: list[Line], mark: str) -> tuple[list[Line], list[Section]]:
    """What stands before the first heading with this mark, and the sections that such headings begin."""
    before: list[Line] = []
    found: list[Section] = []
    for line in lines:
        if line.text.startswith(mark):
            found.append(Section(line, line.text.removeprefix(mark).strip(), []))
        else:
            (found[-1].body if found else before).append(line)
    return before, found


def paragraph(lines: list[Line]) -> str:
    return " ".join(line.text.strip() for line in lines if line.text.strip())


def sums(points: Iterable[float]) -> set[float]:
    """All that some of these add up to, none and all among them."""
    found = {0.0}
    for each in points:
        found |= {each + other for other in found}
    return found
