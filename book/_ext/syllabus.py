"""The courses that can be made of this book, week by week, from `syllabus.yml` and the minutes of `map.yml`.

`:::{syllabus} twelve` writes one of them; `:::{syllabus-table}` puts all of them side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from map import DO, in_hours, notebook_title
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
SHORT_TASK = re.compile(r"^:{3,}\{try\} (\w+)\.\w+", re.MULTILINE)


@dataclass
class Week:
    title: str
    discuss: str
    read: list[str] = field(default_factory=list)
    do: list[str] = field(default_factory=list)
    hand_in: list[str] = field(default_factory=list)
    experiment: dict | None = None


@dataclass
class Course:
    """`for_whom` and `costs` are Markdown; weights: what counts, its percentage, and why."""

    name: str
    in_words: str
    for_whom: str
    costs: str
    weeks: list[Week]
    weights: list[dict]

    @property
    def used(self) -> set[str]:
        """The chapters, and the assignments as do-NAME."""
        return set(self.in_order())

    def in_order(self) -> Iterator[str]:
        """What is met, one after the other: in a week chapters first."""
        for week in self.weeks:
            yield from week.read
            yield from (DO + name for name in week.do)
        yield from (DO + name for week in self.weeks for name in week.hand_in if name not in self.done)

    @property
    def done(self) -> set[str]:
        return {name for week in self.weeks for name in week.do}


@dataclass
class Book:
    """What there is: minutes and needs by name, short tasks by chapter, and what an assignment is called."""

    folder: Path
    minutes: dict[str, int]
    needs: dict[str, list[str]]
    at: dict[str, str]
    short: dict[str, int]
    in_chapters: list[str]
    short_task_minutes: int

    @property
    def everything(self) -> set[str]:
        return {*self.minutes, *(DO + name for name in self.in_chapters)}

    def week(self, course: Course, week: Week) -> int:
        """A learner's minutes in a week, without the class."""
        short = sum(self.short.get(name, 0) for name in week.read) if self.has_short_tasks(course) else 0
        named = sum(self.minutes[name] for name in [*week.read, *(DO + name for name in week.do)])
        return named + short * self.short_task_minutes + (week.experiment or {}).get("minutes", 0)

    def has_short_tasks(self, course: Course) -> bool:
        return any(DO + name in course.used for name in self.in_chapters)

    def title(self, assignment: str) -> str:
        return notebook_title(self.folder.parent / "exercises" / assignment / f"{assignment}.ipynb")


def read_all(folder: Path) -> tuple[dict[str, Course], Book]:
    """The courses and the book, from the files in `book/`."""
    told = yaml.safe_load((folder / "syllabus.yml").read_text(encoding="utf-8"))
    stops = yaml.safe_load((folder / "map.yml").read_text(encoding="utf-8"))
    each = {**stops["chapters"], **{DO + name: stop for name, stop in stops["assignments"].items()}}
    texts = {name: (folder / f"{name}.md").read_text(encoding="utf-8") for name in stops["chapters"]}
    short = {
        name: sum(assignment in stops["in_chapters"] for assignment in SHORT_TASK.findall(text))
        for name, text in texts.items()
    }
    book = Book(
        folder=folder,
        minutes={name: stop["minutes"] for name, stop in each.items()},
        needs={name: stop["needs"] for name, stop in each.items()},
        at={name: stop["at"] for name, stop in stops["assignments"].items()},
        short=short,
        in_chapters=stops["in_chapters"],
        short_task_minutes=told["short_task_minutes"],
    )
    courses = {
        name: Course(
            name,
            course["weeks_in_words"],
            course["for"],
            course["costs"],
            [Week(**week) for week in course["weeks"]],
            course["weights"],
        )
        for name, course in told["courses"].items()
    }
    return courses, book


def problems(course: Course, book: Book) -> list[str]:
    """What is wrong with a course, a sentence each."""
    met: list[str] = []
    found = []
    for name in course.in_order():
        if name not in book.everything:
            found.append(f"{name} is neither a chapter nor an assignment.")
            continue
        found += [
            f"{name} comes before {need}, which it needs." for need in book.needs.get(name, ()) if need not in met
        ]
        found += [f"{name} is there twice."] if name in met else []
        met.append(name)
    handed_in = [name for week in course.weeks for name in week.hand_in]
    found += [f"{name} is done and never handed in." for name in course.done - set(handed_in)]
    total = sum(weight["percent"] for weight in course.weights)
    found += [f"the weights add up to {total}, not to 100."] if total != 100 else []
    scripts = [week.experiment["script"] for week in course.weeks if week.experiment]
    there = {path.stem for path in (book.folder.parent / "experiments").glob("*.py")}
    found += [f"there is no experiments/{script}.py." for script in scripts if script not in there]
    return [f"{course.name}: {problem}" for problem in found]


# As Markdown


def chapter_link(name: str) -> str:
    return f"{{doc}}`{name}`"


def assignment_link(name: str, book: Book) -> str:
    label = f"{book.at[name].replace('_', '-')}-your-turn" if name in book.at else "map-notebooks"
    return f"{{ref}}`{book.title(name)} <{label}>` (`{name}`)"


def left_out(course: Course, book: Book) -> str:
    """What a course does not use, as links, or nothing."""
    missing = [name for name in book.minutes if name not in course.used]
    chapters = [chapter_link(name) for name in missing if not name.startswith(DO)]
    names = [name.removeprefix(DO) for name in missing if name.startswith(DO)]
    names += [name for name in book.in_chapters if DO + name not in course.used]
    kinds = [("chapters", chapters), ("assignments", [assignment_link(name, book) for name in names])]
    return "; ".join(f"the {kind} {', '.join(links)}" for kind, links in kinds if links)


def week_lines(number: int, course: Course, week: Week, book: Book) -> list[str]:
    term = f"Week {number}: {week.title} ({in_hours(book.week(course, week))})"
    entries = []
    if week.read:
        short = sum(book.short[name] for name in week.read) if book.has_short_tasks(course) else 0
        tasks = f", with {short} short {'task' if short == 1 else 'tasks'}" if short else ""
        entries.append(f"**Read** {', '.join(map(chapter_link, week.read))}{tasks}.")
    if week.do and week.do == week.hand_in:
        entries.append(f"**Do and hand in** {', '.join(assignment_link(name, book) for name in week.do)}.")
    else:
        for word, names in (("Do", week.do), ("Hand in", week.hand_in)):
            if names:
                entries.append(f"**{word}** {', '.join(assignment_link(name, book) for name in names)}.")
    if week.experiment:
        script, minutes = week.experiment["script"], in_hours(week.experiment["minutes"])
        entries.append(f"**Run** `experiments/{script}.py` {week.experiment['how']}, and report on it ({minutes}).")
    entries.append(f"**In class.** {week.discuss.strip()}")
    return [term, *(f"{'    ' if place else ':   '}- {entry}" for place, entry in enumerate(entries)), ""]


def course_lines(course: Course, book: Book) -> list[str]:
    weeks = [book.week(course, week) for week in course.weeks]
    chapters = sum(not name.startswith(DO) for name in course.used)
    a_week = f"{in_hours(min(weeks))} to {in_hours(max(weeks))} a week, besides the class"
    hours = f"{in_hours(sum(weeks))} for a learner in all, {a_week}"
    lines = [
        course.for_whom.strip(),
        "",
        f"{hours}: {chapters} chapters and {len(course.used) - chapters} assignments.",
        "",
    ]
    for number, week in enumerate(course.weeks, start=1):
        lines += week_lines(number, course, week, book)
    out = left_out(course, book)
    lines += [f"**Left out:** {out}. {course.costs.strip()}" if out else course.costs.strip(), ""]
    lines += ["| what counts | of 100 | why |", "|:---|---:|:---|"]
    return [*lines, *(f"| {weight['what']} | {weight['percent']} | {weight['why']} |" for weight in course.weights)]


def table_lines(courses: dict[str, Course], book: Book) -> list[str]:
    lines = ["| course | hours | a week | chapters | assignments |", "|:---|---:|---:|---:|---:|"]
    all_chapters = sum(not name.startswith(DO) for name in book.everything)
    for course in courses.values():
        weeks = [book.week(course, week) for week in course.weeks]
        chapters = sum(not name.startswith(DO) for name in course.used)
        hours = f"{sum(weeks) / 60:.0f} | {min(weeks) / 60:.1f} to {max(weeks) / 60:.1f}"
        assignments = f"{len(course.used) - chapters} of {len(book.everything) - all_chapters}"
        lines.append(f"| {course.in_words} | {hours} | {chapters} of {all_chapters} | {assignments} |")
    return lines


# As directives


class SyllabusDirective(SphinxDirective):
    def read(self) -> tuple[dict[str, Course], Book]:
        folder = Path(self.env.doc2path(self.env.docname)).parent
        courses, book = read_all(folder)
        for path in [folder / "syllabus.yml", folder / "map.yml", *(folder / f"{name}.md" for name in book.short)]:
            self.env.note_dependency(str(path))
        for course in courses.values():
            for problem in problems(course, book):
                logger.warning(f"syllabus.yml, {problem}", location=self.get_location(), type="syllabus")
        return courses, book

    def parsed(self, lines: list[str]) -> list[nodes.Node]:
        """What Markdown lines become on this page."""
        into = nodes.container()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), self.content_offset, into)
        return into.children


class Syllabus(SyllabusDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        courses, book = self.read()
        if self.arguments[0] not in courses:
            raise self.error(f"syllabus.yml has no course {self.arguments[0]!r}; it has {', '.join(courses)}.")
        return self.parsed(course_lines(courses[self.arguments[0]], book))


class SyllabusTable(SyllabusDirective):
    def run(self) -> list[nodes.Node]:
        return self.parsed(table_lines(*self.read()))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("syllabus", Syllabus)
    app.add_directive("syllabus-table", SyllabusTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
