"""The courses of `book/syllabus.yml`: nothing comes before what it needs, and hours are computed."""

import copy
import dataclasses
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK / "_ext"))
import syllabus  # noqa: E402

sys.path.remove(str(BOOK / "_ext"))
COURSES, MAP = syllabus.read_all(BOOK)


@pytest.mark.parametrize("course", COURSES.values(), ids=lambda course: course.name)
def test_a_course_is_sound(course):
    assert not syllabus.problems(course, MAP)
    assert all(week.discuss and week.title for week in course.weeks)


def test_there_are_courses_of_three_six_and_twelve_weeks():
    assert sorted(len(course.weeks) for course in COURSES.values()) == [3, 6, 12]


def test_the_longest_uses_all_and_the_others_say_what_they_leave_out():
    assert COURSES["twelve"].used == MAP.everything
    assert not syllabus.left_out(COURSES["twelve"], MAP)
    for name in ("six", "three"):
        missing = MAP.everything - COURSES[name].used
        said = syllabus.left_out(COURSES[name], MAP)
        assert missing
        assert all(f"`{each}`" in said for each in missing if not each.startswith("do-"))
        assert said.count("{ref}") == len([each for each in missing if each.startswith("do-")])


def test_hours_are_those_of_the_map_and_of_the_short_tasks():
    course = COURSES["twelve"]
    short = sum(MAP.short.values())
    tasks = (ROOT / "solutions" / "small" / "small.py").read_text()
    assert short == 7 == len(re.findall(r'"grade_id": "\w+_answer"', tasks))
    experiments = sum(week.experiment["minutes"] for week in course.weeks if week.experiment)
    total = sum(MAP.week(course, week) for week in course.weeks)
    assert total == sum(MAP.minutes.values()) + short * MAP.short_task_minutes + experiments
    three = COURSES["three"]  # which has no short tasks
    assert sum(MAP.week(three, week) for week in three.weeks) == sum(MAP.minutes[name] for name in three.used)


def test_no_week_is_more_than_a_learner_has():
    for course in COURSES.values():
        assert all(60 <= MAP.week(course, week) <= 270 for week in course.weeks), course.name


def test_no_number_of_hours_is_typed():
    text = (BOOK / "syllabus.md").read_text() + (BOOK / "syllabus.yml").read_text()
    assert not re.search(r"\d+ ?(h|hours|min|minutes)\b", text)


def changed(**week: object) -> syllabus.Course:
    course = copy.deepcopy(COURSES["three"])
    course.weeks[0] = dataclasses.replace(course.weeks[0], **week)
    return course


@pytest.mark.parametrize(
    ("course", "says"),
    [
        (changed(read=["sequences", "need", "rnn_cell"]), "three: sequences comes before need, which it needs."),
        (changed(read=["need", "sequences"]), "three: do-rnn comes before rnn_cell, which it needs."),
        (changed(read=["need", "need", "sequences", "rnn_cell"]), "three: need is there twice."),
        (changed(do=["nonsense"]), "three: do-nonsense is neither a chapter nor an assignment."),
        (changed(hand_in=[]), "three: rnn is done and never handed in."),
        (changed(experiment={"script": "none", "how": "", "minutes": 1}), "three: there is no experiments/none.py."),
        (dataclasses.replace(COURSES["three"], weights=[]), "three: the weights add up to 0, not to 100."),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_wrong_is_said(course, says):
    assert says in syllabus.problems(course, MAP)
