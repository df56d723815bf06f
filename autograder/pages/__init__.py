"""The pages and the table that people look at, made from reports alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from autograder.files import write_text
from autograder.lateness import date_as_iso, lateness, lateness_of_class
from autograder.learner.results import in_words, looks_like
from autograder.names import as_text
from autograder.policies import NO_DATES, Policies, final_score, late_penalty
from autograder.report import Report, TaskReport, page_path
from autograder.tables import csv_text

COLUMNS = ["student", "assignment", "status", "score", "max_score", "waiting_for_a_person", "mistakes", "message"]
COLUMNS += ["handed_in", "due", "late_penalty", "final_score"]


def write_class_pages(reports: list[Report], out: Path, policies: Policies = NO_DATES) -> None:
    """`index.html`, the class at a glance, and `grades.csv`."""
    reports = sorted(reports, key=lambda report: (report.assignment, report.student))
    write_text(out / "grades.csv", csv_text([COLUMNS, *(row_of(report, policies) for report in reports)]))
    names = dict.fromkeys(report.assignment for report in reports)
    groups = [summary([report for report in reports if report.assignment == name], policies) for name in names]
    changes = (out / "changes.html").exists()
    write_text(out / "index.html", rendered("index.html", groups=groups, changes=changes))


def write_page(report: Report, out: Path, policies: Policies = NO_DATES) -> Path:
    """The page of one submission: what passed, what failed, and the hint."""
    path = page_path(out, report.student, report.assignment)
    sentence = lateness(report, policies)
    write_text(path, rendered("submission.html", report=report, lateness=sentence))
    return path


def page_alone(report: Report, notes: Sequence[str] = ()) -> str:
    """The page of one submission to be sent by itself: it leads nowhere.  notes: sentences below the score."""
    return rendered("submission.html", report=report, alone=True, notes=notes)


def row_of(report: Report, policies: Policies) -> list[object]:
    """A row of `grades.csv`."""
    mistakes = ";".join(f"{task.name}:{task.mistake}" for task in report.tasks if task.mistake)
    return [
        *(report.student, report.assignment, report.status, report.score, report.max_score),
        *(";".join(report.waiting), mistakes, report.message or "", report.handed_in or ""),
        date_as_iso(policies.deadline(report.student, report.assignment), policies),
        *(late_penalty(report, policies), final_score(report, policies)),
    ]


def summary(reports: list[Report], policies: Policies) -> dict:
    """What the index says of one assignment."""
    statuses = Counter(report.status for report in reports)
    tasks = [task_summary(name, reports) for name in dict.fromkeys(task.name for r in reports for task in r.tasks)]
    return {
        "assignment": reports[0].assignment,
        "reports": reports,
        "statuses": ", ".join(f"{count} {status}" for status, count in statuses.most_common()),
        "isolation": ", ".join(sorted({report.isolation for report in reports})),
        "waiting": sum(bool(report.waiting) for report in reports),
        "tasks": tasks,
        "lateness": lateness_of_class(reports, policies),
        "final": {
            report.student: final_score(report, policies) for report in reports if late_penalty(report, policies)
        },
    }


def task_summary(name: str, reports: list[Report]) -> dict:
    tasks = [task for report in reports for task in report.tasks if task.name == name]
    mistakes = Counter(task.mistake for task in tasks if task.mistake)
    return {
        "name": name,
        "passed": sum(task.points == task.max_points for task in tasks),
        "mistakes": mistakes.most_common(5),
    }


def verdict(task: TaskReport) -> str:
    """A task in a word or two, for a table."""
    if task.status != "graded":
        return task.status
    if task.points == task.max_points:
        return "pass"
    return in_words(task.mistake) if task.mistake else "FAIL"


def points(number: float) -> str:
    return f"{number:g}"


def percent(share: float) -> str:
    """A share of 0 to 1 in whole percents, 100 only where it is all."""
    return f"{min(round(100 * share), 100 if share >= 1 else 99)} %"


def of_points(pair: tuple[float, float] | None) -> str:
    """ "3 of 4 points", where there is such a task."""
    return f"{pair[0]:g} of {pair[1]:g} points" if pair else "not there"


def page_link(report: Report) -> str:
    return quote(page_path(Path(), report.student, report.assignment).as_posix())


def code(text: str) -> Markup:
    """A text with its `code` set as such, and all else as it stands."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def rendered(template: str, **values: object) -> str:
    """A page from one of the templates beside this file."""
    return environment().get_template(template).render(**values)


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("autograder", "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "in_words": in_words,
        "looks_like": looks_like,
        "points": points,
        "of_points": of_points,
        "verdict": verdict,
        "page_link": page_link,
        "code": code,
        "percent": percent,
        "address": quote,
        "as_text": as_text,
    }
    return made
