"""Answers that are judged by what they do: many are right, and a wrong one is known by what it does too."""

import numpy as np
import pytest
from fixture_courses import released

from autograder.course import Key
from autograder.demo import solved
from autograder.jail.levels import LEVELS, obstacles
from autograder.judge import Judge
from autograder.learner.answer import Answer, Error
from autograder.learner.check import open_cases
from autograder.learner.notebook import Cell, cells_of
from autograder.learner.view import seen_through
from autograder.release import differences

BEST = next(level for level in LEVELS if level not in obstacles())
RIGHT = ['return {"a": 4.0, "b": product / 4}', 'return {"b": np.float32(1), "a": product}']
WRONG = [
    ('return {"a": product * 8, "b": 0.25}', "twice", "twice as large"),
    ('return {"a": 5.0, "b": -product / 5}', "sign", "the wrong sign"),
    ('return {"a": product, "b": 3.0}', None, "First difference"),
    ('return {"a": np.inf, "b": 0.0}', None, "What it returned cannot be used: `a` is not finite."),
    ('return {"a": product}', None, "cannot be used: it has another form than is asked for (KeyError: 'b')"),
    ("return [product, 1]", None, "cannot be used: it has another form"),
    ("return None", None, "cannot be used: it has another form"),
    ('return {"a": np.zeros(100_001, np.int8), "b": 1}', None, "cannot be used: it holds more than 100000 numbers"),
    ('return {"a": np.zeros((100_001, 0)), "b": 1}', None, "cannot be used: it holds more than 100000 numbers"),
    ("raise ValueError('no')", None, "It raised ValueError: no."),
    ("raise NotImplementedError()", None, "It is not written yet."),
]


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    with released("view_course", "product", tmp_path_factory.mktemp("view")) as assignment:
        yield assignment


@pytest.fixture(scope="module")
def judge(product):
    with Judge(
        product, Key("the key of the tests"), next(level for level in LEVELS if level not in obstacles())
    ) as one:
        yield one


def graded(judge, line):
    report = judge.judge_cells("ada", [Cell("code", f"def factors(product):\n    {line}")])
    assert judge.take_faults() == []
    return report


def checked(product, line):
    namespace = {"np": np}
    exec(f"def factors(product):\n    {line}", namespace)
    return open_cases("product", namespace, product.released).result("factors")


@pytest.mark.parametrize("line", RIGHT)
def test_many_answers_are_right(judge, product, line):
    assert graded(judge, line).score == 3
    assert checked(product, line).passed


@pytest.mark.parametrize(("line", "name", "says"), WRONG)
def test_a_wrong_one_is_known_by_what_it_does(judge, product, line, name, says):
    (task,) = graded(judge, line).tasks
    result = checked(product, line)
    assert (task.points, result.passed) == (0, False)
    assert (task.mistake, result.mistake) == (name, name)
    assert says in f"{task.checks[0].message} {task.hint}"
    assert says in f"{result.checks[0].message} {result.hint}"


def test_the_probe_of_a_grade_is_not_the_learners(judge):
    """What the learner's process makes of the probe is nothing to the grader."""
    cell = "import gc, types\nfor each in gc.get_objects():\n    if isinstance(each, types.FunctionType)"
    cell += " and each.__name__ == 'multiplied':\n        each.__code__ = (lambda factors, x: x).__code__\n"
    cell += "np.isfinite = None\ndef factors(product):\n    return {'a': product, 'b': 2.0}"
    assert judge.judge_cells("ada", [Cell("code", cell)]).tasks[0].mistake == "twice"


def test_the_solution_has_full_marks_and_its_release_is_what_the_source_makes(judge, product):
    assert judge.judge_cells("ada", cells_of(solved(product))).score == 3
    assert differences(product, product.released) == []


def test_an_error_is_left_as_it_is():
    answer = Answer(error=Error("KeyError", "x"))
    assert seen_through(answer, ["f"], {"f": lambda value: 1}) is answer
    assert seen_through(Answer(3), None, {}).value == 3


def test_the_value_itself_is_not_changed():
    value = np.ones(2)

    def spoil(given):
        given[:] = 7
        return given

    assert seen_through(Answer(value), ["f"], {"f": spoil}).value.tolist() == [7, 7]
    assert value.tolist() == [1, 1]
