"""Pages for who grades written answers: the rubric of an assignment, and a class's answers to one question."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Assignment
from autograder.files import write_text
from autograder.pages import rendered
from autograder.written.answers import Written, asked
from autograder.written.rubrics import Question

LONGEST = 20_000  # characters of an answer that are shown; a page must stay readable

Rubrics = dict[Assignment, dict[str, Question]]


def write_rubrics(rubrics: Rubrics, out: Path, gathered: list[Written] | None = None) -> Path:
    """`index.html`, a page for each assignment, and with answers a page for each question; the first of them."""
    by_question = {(written.assignment.name, written.task.name): written for written in gathered or []}
    for assignment, questions in rubrics.items():
        prompts = {name: asked(assignment, name) for name in questions}
        page = {"assignment": assignment.name, "questions": questions, "asked": prompts, "answers": by_question}
        render(out / f"{assignment.name}.html", "rubric.html", **page)
    for written in gathered or []:
        question = rubrics[written.assignment][written.task.name]
        place = out / "answers" / written.assignment.name / f"{written.task.name}.html"
        render(place, "answers.html", written=written, question=question, longest=LONGEST)
    render(out / "index.html", "rubrics.html", rubrics=rubrics, answers=by_question, gathered=gathered is not None)
    return out / "index.html"


def render(path: Path, template: str, **values: object) -> None:
    write_text(path, rendered(template, **values))
