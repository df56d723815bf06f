"""The demo class, graded through the command line, scores what is known of it: the four properties of every assignment.

The solution scores full, the release nothing, every mistake is killed and named, every right variant is accepted.
"""

import csv
import json
import shutil
from collections import Counter

import pytest
from running import COURSE, on_the_map, run_well

from autograder.catalogue import Catalogue
from autograder.course import assignment_names, find_assignment
from autograder.learner.results import in_words

ASSIGNMENTS = {name: find_assignment(COURSE, name) for name in assignment_names(COURSE)}


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
def all_reports(grades):
    """By student and assignment, also of what was not handed in."""
    return {
        (path.parent.name, path.stem): json.loads(path.read_text()) for path in (grades / "reports").glob("*/*.json")
    }


@pytest.fixture(scope="module")
def reports(all_reports):
    """Of what was handed in: few members have a notebook for every assignment."""
    return {which: report for which, report in all_reports.items() if report["status"] != "missing"}


def by_task(report, field):
    return {task["name"]: task[field] for task in report["tasks"]}


def known(truth) -> dict:
    """What is known of each notebook, by student and assignment."""
    return {(student, name): told for student, members in truth.items() for name, told in members.items()}


def test_every_member_has_a_report(reports, truth):
    assert reports.keys() == known(truth).keys()


def test_the_command_that_compares_finds_no_difference(demo, grades):
    assert "are graded as the truth says" in run_well("autograder", "demo", "--out", demo, "--compare", grades)


def test_what_is_not_handed_in_scores_nothing(all_reports, truth):
    for which in all_reports.keys() - known(truth).keys():
        assert (all_reports[which]["status"], all_reports[which]["score"]) == ("missing", 0)


def test_every_score_is_the_known_one(reports, truth):
    scores = {which: by_task(report, "points") for which, report in reports.items()}
    assert scores == {which: told["scores"] for which, told in known(truth).items()}


def test_every_mistake_is_named_in_every_task_that_it_spoils(reports, truth):
    for which, told in known(truth).items():
        named = {task: name for task, name in by_task(reports[which], "mistake").items() if name}
        if which[0].startswith(("mistake-", "right-", "empty-")):
            assert named == told["mistakes"], which


def test_every_named_mistake_has_its_hint(reports):
    for report in reports.values():
        for task in report["tasks"]:
            assert (task["mistake"] is None) == (task["hint"] is None)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_right_answers_in_every_style_score_full(reports, name):
    right = [report for (student, of), report in reports.items() if of == name and student.startswith("right-")]
    assert len(right) == 1 + len(ASSIGNMENTS[name].variants)
    full = sum(task.points for task in ASSIGNMENTS[name].tasks if not task.manual)
    assert {report["score"] for report in right} == {full}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_release_scores_nothing(reports, name):
    report = reports["empty-release", name]
    assert (report["score"], report["status"]) == (0, "graded")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_an_endless_loop_costs_its_own_task_alone(reports, name):
    *others, last = by_task(reports["hostile-endless-loop", name], "status").values()
    assert last == "timeout"
    assert set(others) <= {"graded"}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_patched_comparison_gains_nothing(reports, name):
    *_, last = by_task(reports["hostile-patched-allclose", name], "points").values()
    assert last == 0


def test_a_written_question_waits_for_a_person(reports):
    for (_, name), report in reports.items():
        assert report["manual"] == [task.name for task in ASSIGNMENTS[name].tasks if task.manual]


def test_the_csv_has_a_row_for_each(grades, all_reports):
    with (grades / "grades.csv").open(newline="") as file:
        rows = {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}
    assert {which: float(row["score"]) for which, row in rows.items()} == {
        which: report["score"] for which, report in all_reports.items()
    }


def test_the_index_links_to_every_page(grades, reports):
    index = (grades / "index.html").read_text()
    for student, name in reports:
        link = f"pages/{student}/{name}.html"
        assert link in index
        assert (grades / link).is_file()


def test_the_class_page_counts_who_was_named_for_which_mistake(grades, reports):
    """Once a student and assignment, however many tasks it spoils; above, the names are compared with the truth."""
    wanted = Counter(
        (name, in_words(mistake))
        for (_, name), report in reports.items()
        for mistake in set(by_task(report, "mistake").values()) - {None}
    )
    counted = json.loads((grades / "class.json").read_text())["mistakes"]
    assert {(row["assignment"], row["mistake"]): row["students"] for row in counted} == wanted


def test_the_class_page_shows_no_line_of_the_checks_and_the_index_leads_to_it(grades):
    assert 'href="class.html"' in (grades / "index.html").read_text()
    page = (grades / "class.html").read_text()
    for assignment in ASSIGNMENTS.values():
        lines = [line.strip() for line in assignment.checks.read_text().splitlines()]
        code = [line for line in lines if line.startswith(("def ", "assert", "return")) or " = " in line]
        assert len(code) > 10
        assert not [line for line in code if len(line) >= 25 and line in page]


def test_a_page_tells_the_update_gate_mistake_in_words(grades, truth):
    student, *_ = [
        student
        for (student, name), told in known(truth).items()
        if name == "gru_cell" and told["mistakes"].get("gru_cell") == "update_gate_flipped"
    ]
    page = (grades / "pages" / student / "gru_cell.html").read_text()
    assert "Your update gate is flipped" in page


def test_the_class_of_one_assignment_is_named_for_what_it_hands_in(tmp_path):
    run_well("autograder", "demo", "--assignment=gru_cell", "--out", tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["mistake-update-gate-flipped"]["gru_cell"]["mistakes"]["gru_cell"] == "update_gate_flipped"
    assert {path.name for path in (tmp_path / "submitted").iterdir()} == truth.keys()


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_pages_show_no_line_of_the_checks(demo, grades, name):
    """No hidden source: not one line of checks.py or of the catalogue's code stands in a page.

    The line of a submission's own that raised an error may be shown: it was handed in.
    """
    files = [ASSIGNMENTS[name].folder / file for file in ("checks.py", "mistakes.py")]
    lines = [line.strip() for file in files for line in file.read_text().splitlines()]
    code = [
        line for line in lines if (len(line) >= 25 and line.startswith(("def ", "assert", "return"))) or " = " in line
    ]
    assert len(code) > (50 if name in on_the_map() else 0)
    for page in (grades / "pages").glob(f"*/{name}.html"):
        text = page.read_text()
        notebook = demo / "submitted" / page.parent.name / name / f"{name}.ipynb"
        handed_in = notebook.read_text(errors="replace") if notebook.is_file() else ""
        assert not [line for line in code if line in text and json.dumps(line)[1:-1] not in handed_in], page


@pytest.mark.parametrize("key", ["another key", pytest.param("a third key", marks=pytest.mark.heavy)])
def test_mistakes_are_named_on_fresh_inputs_of_other_keys(demo, truth, tmp_path, key):
    """The inputs are drawn anew for each key; the names stay."""
    for student in truth:
        if student.startswith(("mistake-", "right-")):
            shutil.copytree(demo / "submitted" / student, tmp_path / "submitted" / student)
    run_well("autograder", "grade", tmp_path / "submitted", "--out", tmp_path / "grades", key=key)
    for path in (tmp_path / "grades" / "reports").glob("*/*.json"):
        report = json.loads(path.read_text())
        if report["status"] == "missing":
            continue
        told = truth[report["student"]][report["assignment"]]
        assert by_task(report, "points") == told["scores"], report["student"]
        assert {task: name for task, name in by_task(report, "mistake").items() if name} == told["mistakes"]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_catalogue_is_rich_enough(name):
    catalogue = Catalogue(ASSIGNMENTS[name])
    names = [mistake.name for mistake in catalogue.mistakes]
    assert len(names) >= (12 if name in on_the_map() else 1)
    assert len(set(names)) == len(names)
    assert {mistake.task for mistake in catalogue.mistakes} == set(catalogue.tasks)
