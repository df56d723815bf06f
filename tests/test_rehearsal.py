"""A rehearsal class is graded as the truth beside it says; the comparison sees what is not; a seed makes one class."""

import csv
import datetime as dt
import json
import shutil

import pytest
from running import COURSE, run, run_well

from autograder.course import find_assignment
from autograder.policies import is_late, parse
from autograder.rehearsal.files import make_class
from autograder.rehearsal.handwriting import copied, own_hand
from autograder.report import read_report, report_path, write_report
from autograder.written.rubrics import read_rubric

LIGHT = ("--assignment=gru_cell", "--assignment=small")
KINDS = {"right", "mistakes", "unfinished", "empty", "missing", "misnamed", "unreadable", "copied", "hostile-sys-exit"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class of twelve, graded."""
    made = tmp_path_factory.mktemp("class")
    run_well("autograder", "demo", "--students=12", "--seed=8", *LIGHT, "--out", made)
    run_well("autograder", "grade", made / "submitted", "--out", made / "grades")
    return made


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text())


def told(truth):
    return [(student, name, each) for student, members in truth.items() for name, each in members.items()]


def test_the_grades_are_as_the_truth_says(folder, truth):
    said = run_well("autograder", "demo", "--out", folder, "--compare", folder / "grades")
    assert said == "All 24 submissions are graded as the truth says.\n"
    assert {each["kind"] for _, _, each in told(truth)} == KINDS
    for student, name, each in told(truth):
        report = read_report(report_path(folder / "grades", student, name))
        assert (report.status, report.score) == (each["status"], sum(each["scores"].values()))


def test_what_is_graded_otherwise_is_said(folder, truth, tmp_path):
    """A score, a status, a mistake and a report that is not there: each is a sentence."""
    shutil.copytree(folder / "grades", tmp_path / "grades")
    wrong = iter([(student, name) for student, name, each in told(truth) if each["kind"] == "mistakes"])
    (one, two, three), (gone, assignment) = [next(wrong) for _ in range(3)], next(wrong)

    def changed(which, change):
        report = read_report(report_path(tmp_path / "grades", *which))
        change(next(task for task in report.tasks if task.mistake), report)
        write_report(report, tmp_path / "grades")

    changed(one, lambda task, report: setattr(task, "points", task.max_points))
    changed(two, lambda task, report: setattr(report, "status", "timeout"))
    changed(three, lambda task, report: setattr(task, "mistake", "another"))
    report_path(tmp_path / "grades", gone, assignment).unlink()
    done = run("autograder", "demo", "--out", folder, "--compare", tmp_path / "grades")
    assert done.returncode == 1
    assert done.stdout == "4 of 24 submissions are graded otherwise than the truth says.\n"
    assert len(done.stderr.splitlines()) == 4
    assert "points, and it should be 0." in done.stderr
    assert "the status is timeout, and should be graded." in done.stderr
    assert "the mistake is told as another, and is " in done.stderr
    assert f"{gone}, {assignment}: there is no report." in done.stderr


def test_the_table_and_the_dates_say_what_the_truth_says(folder, truth):
    with (folder / "truth.csv").open(newline="") as file:
        rows = {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}
    policies = parse((folder / "course.toml").read_text(), ["gru_cell", "small"])
    assert rows.keys() == {(student, name) for student, name, _ in told(truth)}
    late = 0
    for student, name, each in told(truth):
        assert float(rows[student, name]["score"]) == sum(each["scores"].values())
        due = policies.deadline(student, name)
        stamp = folder / "submitted" / student / name / "timestamp.txt"
        assert stamp.is_file() == (each["handed_in"] is not None)
        if stamp.is_file():
            moment = dt.datetime.strptime(stamp.read_text().strip(), "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=dt.UTC)
            assert moment == dt.datetime.fromisoformat(each["handed_in"])
            assert each["late_hours"] == pytest.approx(max(0, (moment - due).total_seconds() / 3600), abs=0.01)
            late += each["late_hours"] > 0
            assert is_late(read_report(report_path(folder / "grades", student, name)), policies) == (
                each["late_hours"] > 0
            )
    assert late


def test_a_copy_is_the_classmates_work_under_other_names(folder, truth):
    for student, name, each in told(truth):
        if each["copied_from"]:
            source = truth[each["copied_from"]][name]
            assert (each["scores"], each["mistakes"]) == (source["scores"], source["mistakes"])
            assert each["handed_in"] > source["handed_in"]
            texts = [
                (folder / "submitted" / who / name / f"{name}.ipynb").read_text()
                for who in (student, each["copied_from"])
            ]
            assert texts[0] != texts[1]


def test_a_written_answer_is_a_sample_of_the_rubric_and_has_its_mark(folder, truth):
    marks = set()
    for student, name, each in told(truth):
        rubric = read_rubric(find_assignment(COURSE, name))
        assert set(each["written"]) | set(each["unanswered"]) >= rubric.keys()
        for question, points in each["written"].items():
            notebook = json.loads((folder / "submitted" / student / name / f"{name}.ipynb").read_text())
            (answer,) = ["".join(c["source"]) for c in notebook["cells"] if c["id"] == question.replace("_", "-")]
            assert (points, answer) in [(sample.points, sample.answer) for sample in rubric[question].samples]
            marks.add(points)
    assert len(marks) >= 3


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_seed_makes_the_same_class_to_the_byte_and_another_seed_another(tmp_path):
    for name, seed in (("one", 8), ("again", 8), ("other", 9)):
        make_class(COURSE, tmp_path / name, 10, seed, ["gru_cell"])
    one, again, other = (files_of(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one != other
    make_class(COURSE, tmp_path / "other", 10, 8, ["gru_cell"])
    assert files_of(tmp_path / "other") == one


def test_a_class_of_ones_own_is_not_touched(tmp_path):
    mine = tmp_path / "submitted" / "ada" / "gru_cell" / "gru_cell.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("my work")
    for more in (["--students=3"], []):
        done = run("autograder", "demo", "--assignment=gru_cell", *more, "--out", tmp_path)
        assert done.returncode == 2
        assert "is no demo class: there is no truth.json beside it. Nothing was touched." in done.stderr
    assert files_of(tmp_path) == {mine.relative_to(tmp_path): b"my work"}


ANSWER = '''
def f(x, h, a):
    """It says what it does."""
    def inner(s):
        part = a * s + (1 - a) * x
        return part @ part.T
    rows = [1] + [2]
    s = h
    for x_t in x:
        s = a * s + (1 - a) * x_t
    return np.stack([s, *rows[0] * inner(x)]) * 2 + rows[1] * s
'''


@pytest.mark.parametrize("seed", range(30))
def test_another_hand_computes_the_same_to_the_bit(seed):
    import random

    import numpy as np

    def computed(source):
        names = {"np": np}
        exec(source, names)
        return names["f"](np.linspace(-1, 1, 9).reshape(3, 3), np.ones(3), 0.3).tobytes()

    one = own_hand(ANSWER, random.Random(seed))
    assert computed(one) == computed(ANSWER)
    other = copied(one, random.Random(seed))
    assert computed(other) == computed(ANSWER)
    assert "x_t" not in other
    assert "inner" in other
