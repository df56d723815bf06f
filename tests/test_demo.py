"""The demo class, graded through the command line, scores what is known of it: the four properties of every assignment.

The solution scores full, the release nothing, every mistake is killed and named, every right variant is accepted.
"""

import csv
import json
import shutil

import pytest
from running import COURSE, run_well

from autograder.catalogue import Catalogue
from autograder.course import assignment_names, find_assignment


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    run_well("autograder", "demo", "--out", folder)
    return folder


@pytest.fixture(scope="module")
def truth(demo):
    return json.loads((demo / "truth.json").read_text())


@pytest.fixture(scope="module")
def grades(demo):
    out = demo / "grades"
    run_well("autograder", "grade", demo / "submitted", "--out", out)
    return out


@pytest.fixture(scope="module")
def reports(grades):
    return {path.parent.name: json.loads(path.read_text()) for path in (grades / "reports").glob("*/*.json")}


def by_task(report, field):
    return {task["name"]: task[field] for task in report["tasks"]}


def test_every_member_has_a_report(reports, truth):
    assert reports.keys() == truth.keys()


def test_every_score_is_the_known_one(reports, truth):
    scores = {student: by_task(report, "points") for student, report in reports.items()}
    assert scores == {student: told["gru_cell"]["scores"] for student, told in truth.items()}


def test_every_mistake_is_named_in_every_task_that_it_spoils(reports, truth):
    for student, told in truth.items():
        named = {task: name for task, name in by_task(reports[student], "mistake").items() if name}
        if student.startswith(("mistake-", "right-", "empty-")):
            assert named == told["gru_cell"]["mistakes"], student


def test_every_named_mistake_has_its_hint(reports):
    for report in reports.values():
        for task in report["tasks"]:
            assert (task["mistake"] is None) == (task["hint"] is None)


def test_right_answers_in_every_style_score_full(reports):
    right = {student: report["score"] for student, report in reports.items() if student.startswith("right-")}
    assert len(right) >= 10
    assert set(right.values()) == {8.0}


def test_the_release_scores_nothing(reports):
    assert reports["empty-release"]["score"] == 0
    assert reports["empty-release"]["status"] == "graded"


def test_an_endless_loop_costs_its_own_task_alone(reports):
    assert by_task(reports["hostile-endless-loop"], "status") == {
        "sigmoid": "graded",
        "gru_cell": "graded",
        "gru_forward": "timeout",
    }


def test_a_patched_comparison_gains_nothing(reports):
    assert by_task(reports["hostile-patched-allclose"], "points")["gru_forward"] == 0


def test_the_written_question_waits_for_a_person(reports):
    assert all(report["manual"] == ["what_a_unit_does"] for report in reports.values())


def test_the_csv_has_a_row_for_each(grades, reports):
    with (grades / "grades.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        student: report["score"] for student, report in reports.items()
    }


def test_the_index_links_to_every_page(grades, reports):
    index = (grades / "index.html").read_text()
    for student in reports:
        link = f"pages/{student}/gru_cell.html"
        assert link in index
        assert (grades / link).is_file()


def test_a_page_tells_the_update_gate_mistake_in_words(grades):
    page = (grades / "pages" / "mistake-update-gate-flipped" / "gru_cell.html").read_text()
    assert "Your update gate is flipped" in page


def test_pages_show_no_line_of_the_checks(grades):
    """No hidden source: not one line of checks.py or of the catalogue's code stands in a page."""
    folder = COURSE / "solutions" / "gru_cell"
    lines = [line.strip() for name in ("checks.py", "mistakes.py") for line in (folder / name).read_text().splitlines()]
    code = [
        line for line in lines if len(line) >= 25 and line.startswith(("def ", "assert", "n = ", "return", "cell = "))
    ]
    assert len(code) > 50
    for page in (grades / "pages").glob("*/*.html"):
        text = page.read_text()
        assert not [line for line in code if line in text], page


@pytest.mark.parametrize("key", ["another key", "a third key"])
def test_mistakes_are_named_on_fresh_inputs_of_other_keys(demo, truth, tmp_path, key):
    """The inputs are drawn anew for each key; the names stay."""
    for student in truth:
        if student.startswith(("mistake-", "right-")):
            shutil.copytree(demo / "submitted" / student, tmp_path / "submitted" / student)
    run_well("autograder", "grade", tmp_path / "submitted", "--out", tmp_path / "grades", key=key)
    for path in (tmp_path / "grades" / "reports").glob("*/*.json"):
        report = json.loads(path.read_text())
        told = truth[report["student"]]["gru_cell"]
        assert by_task(report, "points") == told["scores"], report["student"]
        assert {task: name for task, name in by_task(report, "mistake").items() if name} == told["mistakes"]


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_the_catalogue_is_rich_enough(name):
    catalogue = Catalogue(find_assignment(COURSE, name))
    names = [mistake.name for mistake in catalogue.mistakes]
    assert len(names) >= 14
    assert len(set(names)) == len(names)
    assert {mistake.task for mistake in catalogue.mistakes} == set(catalogue.tasks)
