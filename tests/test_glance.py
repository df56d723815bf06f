"""`autograder glance`: a class whose numbers are known by construction, as its page and its data tell them."""

import csv
import json

import pytest
from browsing import SIZES, violations
from running import COURSE, run, run_well

from autograder.glance.counting import UNWRITTEN
from autograder.learner.results import CheckResult
from autograder.report import Report, TaskReport, page_path, write_report

HINTS = {"swapped": "Your gates have changed places.", "no_bias": "The bias <b> is missing."}
SNIPPET = "x = np.array([1.0])\nyours = first(x)"
RULES = """
[late]
per_day = 0.5

[assignments.toy]
due = 2026-03-01T12:00:00
"""


def task(name: str, what: str) -> TaskReport:
    """One task of 2 points: right, unwritten, timeout, unknown, or a mistake by its name."""
    right = what == "right"
    message = {"right": "", "unwritten": UNWRITTEN}.get(what, "The secret 0.123 differs.")
    checks = [CheckResult(f"{name}_holds[{case}]", right, message, f"It holds. ({case})") for case in ("B=7", "B=8")]
    checks.append(CheckResult(f"{name}_runs", what != "unwritten", "" if what != "unwritten" else message, "It runs."))
    status = "timeout" if what == "timeout" else "graded"
    made = TaskReport(name, 2.0 * right, 2.0, status, checks=checks)
    if what in HINTS:
        made.mistake, made.hint, made.kind = what, HINTS[what], "mistake"
    if what == "unknown":
        made.unknown, made.snippet = "This mistake is not in the catalogue.", SNIPPET
    return made


CLASS = {  # what each made of the tasks first and second
    "ann": ("right", "right"),
    "bob": ("swapped", "swapped"),
    "=cmd()": ("swapped", "no_bias"),
    "<script>alert(1)</script>": ("right", "no_bias"),
    "eve": ("unknown", "right"),
    "fay": ("unknown", "unwritten"),
    "gus": ("right", "timeout"),
    "hal": None,
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course of one assignment, and reports on a class of eight; ann was a day late."""
    course = tmp_path_factory.mktemp("course")
    (course / "solutions" / "toy").mkdir(parents=True)
    (course / "solutions" / "toy" / "toy.py").touch()
    (course / "course.toml").write_text(RULES)
    out = course / "grades"
    for number, (student, made) in enumerate(CLASS.items()):
        tasks = [task(name, what) for name, what in zip(("first", "second"), made or ("unwritten",) * 2, strict=True)]
        report = Report(
            student=student,
            assignment="toy",
            status="graded" if made else "missing",
            score=sum(each.points for each in tasks),
            max_score=4.0,
            tasks=tasks,
            manual=["words"],
            submission_sha256=None,
            assignment_sha256="",
            grader_version="",
            key_id="",
            isolation="weak",
            device="cpu",
            seconds=0.05 * (number + 1),
            handed_in="2026-03-02T11:00:00+00:00" if student == "ann" else None,
        )
        write_report(report, out)
    run_well("autograder", "glance", out, "--course", course)
    return out


@pytest.fixture(scope="module")
def data(graded):
    return json.loads((graded / "class.json").read_text())


def test_who_handed_in_and_who_was_late(data):
    (row,) = data["assignments"]
    assert (row["students"], row["handed_in"], row["statuses"]) == (8, 7, "graded:7;missing:1")
    assert (row["late"], row["points_taken_off"], row["waiting_for_a_person"]) == (1, 2.0, 7)
    assert row["mean_points"] == round((4 - 2 + 0 + 0 + 2 + 2 + 0 + 2) / 7, 3)


def test_tasks_are_passed_failed_unwritten_or_stopped(data):
    names = ("passed", "failed", "not_written", "stopped")
    assert {row["task"]: [row[name] for name in names] for row in data["tasks"]} == {
        "first": [3, 4, 0, 0],
        "second": [2, 3, 1, 1],
    }


def test_mistakes_are_counted_by_student_and_by_what_they_cost(data, graded):
    found = {row["mistake"]: (row["students"], row["points_lost"], row["tasks"]) for row in data["mistakes"]}
    assert found == {"swapped": (2, 6.0, "first second"), "no bias": (2, 4.0, "second")}
    assert data["together"] == [{"assignment": "toy", "first": "no bias", "second": "swapped", "students": 1}]
    page = (graded / "class.html").read_text()
    talk = page[page.index("To talk about") : page.index("Who needs help")]
    assert 0 < talk.index("swapped") < talk.index("no bias")
    assert "2 students lost 6 points by it" in talk


def test_what_no_name_is_known_for_is_shown_by_its_smallest_case(data, graded):
    assert data["unknown"] == [{"assignment": "toy", "task": "first", "times": 2, "smallest_case": SNIPPET}]
    assert "2 students made mistakes that the catalogue does not name" in (graded / "class.html").read_text()


def test_a_check_of_several_cases_counts_once_and_tells_no_case(data, graded):
    found = {(row["task"], row["check"]): (row["title"], row["asked"], row["failed"]) for row in data["checks"]}
    assert found == {
        ("first", "first_holds"): ("It holds.", 7, 4),
        ("second", "second_holds"): ("It holds.", 5, 3),
    }
    for file in [graded / "class.html", graded / "class.json", *graded.glob("class-*.csv")]:
        assert not [secret for secret in ("B=7", "B=8", "0.123") if secret in file.read_text()]


def test_who_needs_help_comes_first(data, graded):
    failed = [(row["student"], row["tasks_failed"]) for row in data["students"]]
    assert failed[:3] == [("=cmd()", 2), ("bob", 2), ("fay", 2)]
    assert failed[-2:] == [("ann", 0), ("hal", 0)]
    page = (graded / "class.html").read_text()
    assert f'href="{page_path(graded, "bob", "toy").relative_to(graded).as_posix()}"' in page


def test_names_run_nothing(graded):
    assert "<script" not in (graded / "class.html").read_text()
    assert "<b> is missing" not in (graded / "class.html").read_text()
    with (graded / "class-students.csv").open(newline="") as file:
        assert "'=cmd()" in {row["student"] for row in csv.DictReader(file)}


def test_a_folder_without_reports_is_refused(tmp_path):
    done = run("autograder", "glance", tmp_path)
    assert done.returncode == 2
    assert "holds no reports" in done.stderr


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(graded, browser, scheme):
    """axe finds nothing at both widths, nothing is wider than the page, every plot has its words and its table."""
    if not (COURSE / "_build" / "node").is_dir():
        pytest.skip("The book's packages of Node are not there; `make site` brings them, axe among them.")
    for size in SIZES.values():
        tab = browser.new_page(viewport=size, color_scheme=scheme)
        tab.goto((graded / "class.html").as_uri())
        assert violations(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= size["width"]
        plots = tab.locator("figure.chart")
        assert plots.count() == 2
        for plot in plots.all():
            assert plot.locator("svg[role=img] > desc").text_content().startswith("Columns of notebooks: ")
            assert plot.locator("details table td").count() == 7
        tab.close()
