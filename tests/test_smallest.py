"""The smallest failing case as code, for results of every form: the code runs, and shows that the two differ."""

import numpy as np
import pytest

from autograder.learner.answer import Answer
from autograder.learner.cases import Case, Task
from autograder.learner.smallest import tell_smallest

A = np.array([[0.25, -1.5]])
WANTS = {
    "array": (Case([A], 2 * A, sizes="B = 1"), lambda a: 2 * a + 1e-8),
    "dictionary": (Case([A], {"dx": A, "dh": 2 * A}, sizes="B = 1"), lambda a: {"dx": a, "dh": a}),
    "tuple": (Case([A], {"h": A, "c": 2 * A}, as_tuple=True, sizes="B = 1"), lambda a: (a, a)),
}


@pytest.mark.parametrize("form", WANTS)
def test_the_smallest_case_can_be_pasted_and_run(form, capsys):
    case, wrong = WANTS[form]
    told, code = tell_smallest(Task("double", ["a"], small=[case]), lambda arguments: Answer(wrong(*arguments)))
    assert "B = 1" in told
    names = {"np": np, "double": wrong}
    exec(code, names)
    capsys.readouterr()
    want = case.want if form == "array" else {"tuple": tuple(case.want.values())}.get(form, case.want)
    assert repr(names["right"]) == repr(want)
    assert str(names["yours"]) != str(names["right"]) or form == "array"


@pytest.mark.parametrize("form", WANTS)
def test_a_right_answer_fails_no_small_case(form):
    case, _ = WANTS[form]
    right = tuple(case.want.values()) if case.as_tuple else case.want
    told, code = tell_smallest(Task("double", ["a"], small=[case]), lambda _: Answer(right))
    assert code is None
    assert "None of its 1 small cases fails" in told
