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
    "truth": (Case([A], np.asarray(True), sizes="B = 1"), lambda a: False),
}


WRONG = {
    "nothing": None,
    "a text": "0.5",
    "another shape": A.T,
    "another dtype": A.astype(np.float32),
    "not finite": A * np.inf,
    "one array": 2 * A,
    "too few": (A,),
    "other entries": {"dx": A},
    "one entry is None": {"dx": A, "dh": None},
}


@pytest.mark.parametrize("form", WANTS)
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_whatever_is_wrong_there_is_code_that_says_it(form, wrong, capsys):
    case, _ = WANTS[form]
    task = Task("double", ["a", "factor"], small=[case])  # the second has a default, and the case leaves it out
    told, code = tell_smallest(task, lambda _: Answer(wrong))
    if code is None:
        assert form == "array"
        assert "None of its 1 small cases fails" in told
    else:
        exec(code, {"np": np, "double": lambda a, factor=2: wrong})
        assert capsys.readouterr().out.startswith("yours:")


@pytest.mark.parametrize("form", WANTS)
def test_the_smallest_case_can_be_pasted_and_run(form, capsys):
    case, wrong = WANTS[form]
    told, code = tell_smallest(Task("double", ["a"], small=[case]), lambda arguments: Answer(wrong(*arguments)))
    assert "B = 1" in told
    names = {"np": np, "double": wrong}
    exec(code, names)
    capsys.readouterr()
    want = tuple(case.want.values()) if form == "tuple" else case.want
    assert repr(names["right"]) == repr(want)
    assert str(names["yours"]) != str(names["right"]) or form == "array"


@pytest.mark.parametrize("form", WANTS)
def test_a_right_answer_fails_no_small_case(form):
    case, _ = WANTS[form]
    right = tuple(case.want.values()) if case.as_tuple else case.want
    told, code = tell_smallest(Task("double", ["a"], small=[case]), lambda _: Answer(right))
    assert code is None
    assert "None of its 1 small cases fails" in told
