"""The order of a course, for its learners: `exercises/course.json`, from the book's map and its table of contents.

A course without a book has its assignments in the order of their names.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.course import assignment_names, find_assignment
from autograder.given import as_text
from autograder.learner import given, outline

TRY = re.compile(r"^:{3,}\{try\} (\w+)\.(\w+)", re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def outline_text(course: Path) -> str:
    """What `exercises/course.json` should hold."""
    chapters, book = chapters_of(course), book_map(course)
    steps = in_order(course, list(chapters), book)
    return as_text(
        {
            "schema": outline.SCHEMA,
            "chapters": chapters,
            "assignments": {name: about(course, name, book, chapters) for name in assignment_names(course)},
            "steps": steps,
        }
    )


def book_map(course: Path) -> dict:
    """`book/map.yml`, or nothing."""
    return read_yaml(course / "book" / "map.yml")


def read_yaml(file: Path) -> dict:
    if not file.is_file():
        return {}
    import yaml

    return yaml.safe_load(file.read_text(encoding="utf-8")) or {}


def chapters_of(course: Path) -> dict[str, dict]:
    """The numbered chapters in their order: by name, the title, and the page in the site."""
    parts = read_yaml(course / "_toc.yml").get("parts", [])
    files = [chapter["file"] for part in parts if part.get("numbered") for chapter in part["chapters"]]
    address = read_yaml(course / "_config.yml").get("html", {}).get("baseurl", "")
    found = {}
    for file in files:
        text = (course / f"{file}.md").read_text(encoding="utf-8")
        title = TITLE.search(text)
        name = Path(file).name
        page = f"{address.rstrip('/')}/{file}.html".lstrip("/")
        found[name] = {"title": title[1].strip() if title else name, "page": page}
    return found


def about(course: Path, name: str, book: dict, chapters: dict) -> dict:
    """An assignment's title, minutes, packages, and what should be known before, in words."""
    try:
        released = given.load(find_assignment(course, name).released)
    except given.NotGiven:  # it is not made yet, and its own command says so
        released = given.Given(name, name)
    placed = book.get("assignments", {}).get(name, {})
    needs = [
        chapters[need]["title"] if need in chapters else need.removeprefix("do-") for need in placed.get("needs", [])
    ]
    packages = list(released.packages)
    return {"title": released.title, "minutes": placed.get("minutes", 0), "packages": packages, "needs": needs}


def in_order(course: Path, chapters: list[str], book: dict) -> list[dict]:
    """What to do, one after another: an assignment at a time, but those whose tasks stand one in a chapter.

    The map's order is that of the assignments; a chapter's task comes before the first assignment of a later chapter.
    """
    names, placed = assignment_names(course), book.get("assignments", {})
    steps = [{"assignment": name, "tasks": None, "chapter": placed[name]["at"]} for name in placed if name in names]
    for name in book.get("in_chapters", []):
        for task, chapter in tasks_in_chapters(course, name, chapters):
            at = chapters.index(chapter)
            later = (place for place, step in enumerate(steps) if chapters.index(step["chapter"]) >= at)
            steps.insert(next(later, len(steps)), {"assignment": name, "tasks": [task], "chapter": chapter})
    rest = [name for name in names if name not in {step["assignment"] for step in steps}]
    return steps + [{"assignment": name, "tasks": None, "chapter": None} for name in rest]


def tasks_in_chapters(course: Path, name: str, chapters: list[str]) -> list[tuple[str, str]]:
    """An assignment's tasks and the chapters in whose pages they stand, in the book's order."""
    return [
        (task, chapter)
        for chapter in chapters
        for owner, task in TRY.findall((course / "book" / f"{chapter}.md").read_text(encoding="utf-8"))
        if owner == name
    ]
