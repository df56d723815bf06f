"""The class's page and its data: `class.html`, `class.json` and a CSV for each table."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.files import write_text
from autograder.glance.counting import AssignmentCount, ClassCount, MistakeCount, StudentCount
from autograder.learner.results import in_words
from autograder.names import as_text
from autograder.pages import percent, rendered
from autograder.policies import Policies
from autograder.report import Report, page_path
from autograder.tables import csv_text

SHARES = ("none", "to 20 %", "to 40 %", "to 60 %", "to 80 %", "more", "all")
SECONDS = (0.1, 0.3, 1, 3, 10, 30)
TO_TALK_ABOUT, MISTAKES, CHECKS, SNIPPETS, TOGETHER, NEED_HELP = 3, 10, 8, 5, 5, 15


@dataclass(frozen=True)
class Column:
    label: str
    count: int


@dataclass(frozen=True)
class Chart:
    """A column chart.  told: what it shows, in a sentence, for whoever does not see it."""

    title: str
    told: str
    unit: str
    columns: list[Column]

    @property
    def most(self) -> int:
        return max((column.count for column in self.columns), default=0) or 1


@dataclass(frozen=True)
class View:
    """One assignment as the page shows it."""

    count: AssignmentCount
    points: Chart
    seconds: Chart
    checks: list
    mistakes: list[MistakeCount]
    together: list[tuple[str, str, int]]
    snippets: list[tuple[str, str, int]]


def write_glance(reports: Iterable[Report], policies: Policies, out: Path) -> ClassCount:
    """Count the reports, one at a time, and write the class's page and its data into `out`."""
    counted = ClassCount(policies)
    for report in reports:
        counted.add(report)
    views = [view_of(counted.assignments[name]) for name in sorted(counted.assignments)]
    points, rows_of = points_of_all(counted), tables(counted)
    for name, rows in rows_of.items():
        write_text(out / f"class-{name}.csv", csv_text(rows))
    charts = [points, *(chart for view in views for chart in (view.points, view.seconds))]
    write_text(out / "class.json", json.dumps(as_data(rows_of, charts), indent=1) + "\n")
    absent = [student for student in counted.students.values() if not student.handed_in]
    text = rendered(
        "class.html",
        counted=counted,
        views=views,
        points=points,
        costly=costly(counted)[:TO_TALK_ABOUT],
        help=need_help(counted)[:NEED_HELP],
        absent=sorted(as_text(student.name) for student in absent),
        tables=list(rows_of),
        link=lambda student, name: page_path(Path(), student, name).as_posix(),
        late=any(view.count.late for view in views),
    )
    write_text(out / "class.html", text)
    return counted


def view_of(count: AssignmentCount) -> View:
    return View(
        count,
        points_of(f"Points in {count.name}", [score / (count.max_score or 1) for score in count.scores], "notebooks"),
        seconds_of(count),
        most_failed(count)[:CHECKS],
        most_common(count)[:MISTAKES],
        [(*names, number) for names, number in ranked(count.together) if number > 1][:TOGETHER],
        [(*what, number) for what, number in ranked(count.snippets)][:SNIPPETS],
    )


def ranked(counter: dict) -> list[tuple]:
    """The most frequent first, and the same order at every run."""
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def most_failed(count: AssignmentCount) -> list:
    failed = [check for check in count.checks.values() if check.failed]
    return sorted(failed, key=lambda check: (-check.failed, check.task, check.name))


def most_common(count: AssignmentCount) -> list[MistakeCount]:
    return sorted(count.mistakes.values(), key=lambda mistake: (-mistake.students, mistake.name))


def costly(counted: ClassCount) -> list[tuple[AssignmentCount, MistakeCount]]:
    """The mistakes of all assignments, those first that cost the class most points."""
    found = [(each, mistake) for each in counted.assignments.values() for mistake in each.mistakes.values()]
    return sorted(found, key=lambda pair: (-pair[1].lost, pair[0].name, pair[1].name))


def need_help(counted: ClassCount) -> list[StudentCount]:
    """The students who handed in, those first who have the most tasks without all their points."""
    found = [student for student in counted.students.values() if student.failed]
    return sorted(found, key=lambda student: (-student.failed, student.share, student.name))


def points_of_all(counted: ClassCount) -> Chart:
    shares = [student.share for student in counted.students.values() if student.handed_in]
    return points_of("Points of all assignments together", shares, "students")


def points_of(title: str, shares: Sequence[float], unit: str) -> Chart:
    places = [place_of(share) for share in shares]
    columns = [Column(label, places.count(place)) for place, label in enumerate(SHARES)]
    half = percent(quantile(shares, 0.5))
    told = f"Half of the {len(shares)} {unit} have {half} of the points or less; {columns[-1].count} have all of them."
    return Chart(title, told, unit, columns)


def place_of(share: float) -> int:
    """Which column of `SHARES` a share of the points belongs to."""
    if share <= 0:
        return 0
    return 6 if share >= 1 else min(5, math.ceil(share * 5 - 1e-9))


def seconds_of(count: AssignmentCount) -> Chart:
    edges = (*SECONDS, math.inf)
    places = [next(place for place, edge in enumerate(edges) if seconds <= edge) for seconds in count.seconds]
    labels = [*(f"to {edge:g} s" for edge in SECONDS), "longer"]
    columns = [Column(label, places.count(place)) for place, label in enumerate(labels)]
    told = ""
    if count.seconds:
        half, nine, most = (quantile(count.seconds, share) for share in (0.5, 0.9, 1))
        told = f"Half of the notebooks take {half:.2g} s or less, nine of ten {nine:.2g} s, the longest {most:.2g} s."
    return Chart(f"Time to judge {count.name}", told, "notebooks", columns)


def quantile(numbers: Sequence[float], share: float) -> float:
    """The number that a share of all do not exceed; 0 of none."""
    ordered = sorted(numbers)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


# the data beside the page

Rows = list[list]


def tables(counted: ClassCount) -> dict[str, Rows]:
    """Every table of the page as rows, all of them and not the first few; the first row names the columns."""
    each = [counted.assignments[name] for name in sorted(counted.assignments)]
    return {
        "assignments": assignments_table(each),
        "tasks": tasks_table(each),
        "checks": [
            ["assignment", "task", "check", "title", "asked", "failed"],
            *gathered(each, most_failed, lambda c: [c.task, c.name, c.title, c.asked, c.failed]),
        ],
        "mistakes": [
            ["assignment", "mistake", "kind", "students", "points_lost", "tasks", "hint"],
            *gathered(
                each,
                most_common,
                lambda m: [in_words(m.name), m.kind, m.students, round(m.lost, 9), " ".join(sorted(m.tasks)), m.hint],
            ),
        ],
        "together": [
            ["assignment", "first", "second", "students"],
            *gathered(each, lambda a: ranked(a.together), lambda two: [*map(in_words, two[0]), two[1]]),
        ],
        "unknown": [
            ["assignment", "task", "times", "smallest_case"],
            *gathered(each, lambda a: ranked(a.snippets), lambda found: [found[0][0], found[1], found[0][1]]),
        ],
        "students": students_table(counted),
    }


def gathered(each: Iterable[AssignmentCount], find: Callable, row: Callable[..., list]) -> Rows:
    return [[assignment.name, *row(found)] for assignment in each for found in find(assignment)]


def assignments_table(each: Iterable[AssignmentCount]) -> Rows:
    rows: Rows = [
        [
            *("assignment", "students", "handed_in", "statuses", "waiting_for_a_person", "late", "points_taken_off"),
            *("mean_points", "max_points", "median_seconds", "longest_seconds"),
        ]
    ]
    for count in each:
        statuses = ";".join(f"{status}:{number}" for status, number in ranked(count.statuses))
        mean = round(sum(count.scores) / len(count.scores), 3) if count.scores else ""
        times = round(quantile(count.seconds, 0.5), 3), round(quantile(count.seconds, 1), 3)
        rows.append(
            [
                *(count.name, count.students, count.handed_in, statuses, count.waiting, count.late),
                *(round(count.taken_off, 9), mean, count.max_score, *times),
            ]
        )
    return rows


def tasks_table(each: Iterable[AssignmentCount]) -> Rows:
    rows: Rows = [["assignment", "task", "passed", "failed", "not_written", "stopped", "mean_points", "max_points"]]
    for count in each:
        for task in count.tasks.values():
            mean = round(task.points / task.total, 3) if task.total else ""
            numbers = task.passed, task.failed, task.unwritten, task.stopped.total()
            rows.append([count.name, task.name, *numbers, mean, task.max_points])
    return rows


def students_table(counted: ClassCount) -> Rows:
    rows: Rows = [["student", "points", "max_points", "tasks", "tasks_failed", "handed_in", "not_handed_in", "failing"]]
    for student in [*need_help(counted), *(each for each in counted.students.values() if not each.failed)]:
        numbers = student.tasks, student.failed, student.handed_in, student.missing
        points = round(student.score, 9), round(student.max_score, 9)
        rows.append([as_text(student.name), *points, *numbers, " ".join(student.failing)])
    return rows


def as_data(rows_of: dict[str, Rows], charts: Iterable[Chart]) -> dict:
    """The tables by name, each a list of rows as objects, and the columns of the charts."""
    data: dict = {name: [dict(zip(head, row, strict=True)) for row in rows] for name, (head, *rows) in rows_of.items()}
    data["charts"] = {chart.title: {column.label: column.count for column in chart.columns} for chart in charts}
    return data
