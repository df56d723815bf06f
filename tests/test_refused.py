"""Calls of torch that an exercise refuses: every way to them, for as long as a check asks, and in the same words."""

import warnings

import pytest
import torch
from running import COURSE
from torch import nn

from autograder.course import Key, find_assignment
from autograder.demo import solved
from autograder.jail.levels import LEVELS, obstacles
from autograder.judge import Judge
from autograder.learner.actions import Action, perform
from autograder.learner.check import choose, open_cases
from autograder.learner.notebook import Cell, cells_of
from autograder.learner.refused import Refused, refusing
from autograder.runtime import runtime_of

pytestmark = pytest.mark.filterwarnings("ignore:There is a performance drop")  # vmap, of what is replaced

LEVEL = next(level for level in LEVELS if level not in obstacles())
RULE = Refused(("gru", "gru_cell"), "the GRU", "Write it.")
X, H = torch.ones(4, 2, 3), torch.zeros(2, 5)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of compiling, which torch is giving up
    GRU, CELL = nn.GRU(3, 5, 2, bidirectional=True), nn.GRUCell(3, 5)
    SCRIPTED, TRACED = torch.jit.script(CELL), torch.jit.trace(GRU, X)
WEIGHTS = tuple(CELL.parameters())


class Inherited(nn.GRU):
    pass


WAYS = {
    "nn.GRU": lambda: GRU(X),
    "nn.GRUCell": lambda: CELL(X[0], H),
    "a subclass": lambda: Inherited(3, 5).double()(X.double()),
    "a packed sequence": lambda: GRU(nn.utils.rnn.pack_padded_sequence(X, torch.tensor([4, 2]))),
    "torch.gru_cell": lambda: torch.gru_cell(X[0], H, *WEIGHTS),
    "torch._VF": lambda: torch._VF.gru_cell(X[0], H, *WEIGHTS),
    "torch.ops": lambda: torch.ops.aten.gru_cell.default(X[0], H, *WEIGHTS),
    "torch.func": lambda: torch.func.grad(lambda x: CELL(x, H).sum())(X[0]),
    "vmap": lambda: torch.vmap(lambda x: torch.gru_cell(x, H, *WEIGHTS))(X),
    "a script": lambda: SCRIPTED(X[0], H),
    "a trace": lambda: TRACED(X),
}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_every_way_is_refused_while_a_check_asks_and_none_after(way, mode):
    with mode():
        with refusing(RULE) as called, pytest.raises(Exception, match="asks you to write the GRU yourself"):
            way()
        assert called in (["gru"], ["gru_cell"])
        way()


def test_a_learner_is_told_also_where_their_code_catches_what_is_raised(way):
    def answers_all_the_same():
        try:
            return way()
        except Exception:
            return X

    answer = perform(Action("call", "f"), {"f": answers_all_the_same}, {}, RULE)
    assert answer.value is None
    assert answer.error.type == "RefusedCall"
    assert answer.error.message.endswith("which is the library's own. Write it.")
    assert "your code called `torch.gru" in answer.error.message


def test_what_is_not_refused_is_free():
    def weights_lent_by_the_library():
        return torch.lstm_cell(X[0], (H, H), *nn.LSTMCell(3, 5).parameters())[0]

    answer = perform(Action("call", "f"), {"f": weights_lent_by_the_library}, {}, RULE)
    assert answer.error is None
    assert answer.value.shape == (2, 5)


def test_two_rules_at_once_or_one_after_an_error_leave_nothing_behind():
    with refusing(RULE), pytest.raises(ZeroDivisionError), refusing(Refused(("lstm",), "the LSTM", "")):
        _ = 1 / 0
    assert torch.isfinite(GRU(X)[0]).all()


def test_a_rule_crosses_as_plain_values():
    assert Refused.from_value(RULE.as_value()) == RULE


# One rule for the learner's own check and for the hidden checks.

CALLS_IT = """
def gru_layer(x, h0, *weights):
    return nn.GRU(x.shape[2], h0.shape[1], dtype=x.dtype)(x, h0[None])
"""
COMPARES = """
theirs = nn.GRU(3, 5)
weights = [parameter.detach() for parameter in theirs.parameters()]
outputs, _ = gru_layer(torch.ones(4, 2, 3), torch.zeros(2, 5), *weights)
assert torch.allclose(outputs, theirs(torch.ones(4, 2, 3))[0], atol=1e-6)
compared = True
"""


@pytest.fixture(scope="module")
def assignment():
    return find_assignment(COURSE, "gru_layer")


def test_the_hidden_checks_and_the_learners_check_refuse_in_the_same_words(assignment):
    cells = [Cell("code", CALLS_IT)]
    with Judge(assignment, Key("the key of the tests"), LEVEL) as judge:
        task = judge.judge_cells("ada", cells).tasks[0]
    namespace = {"torch": torch, "nn": nn}
    exec(CALLS_IT, namespace)
    own = open_cases("gru_layer", namespace, assignment.released).result("gru_layer")
    sentence = runtime_of(assignment).refused.sentence("gru")
    assert "asks you to write the GRU yourself, and your code called `torch.gru`" in sentence
    for result in (task, own):
        assert {check.message for check in result.checks} == {sentence}
        assert result.mistake == "the_librarys_own_layer"


def test_a_cell_of_the_learners_own_may_compare_with_the_library(assignment):
    right = "\n".join(cell.source for cell in cells_of(solved(assignment)) if cell.grade_id == "gru_layer_answer")
    cells = [Cell("code", right), Cell("code", COMPARES), Cell("code", f"assert compared\n{right}")]
    with Judge(assignment, Key("the key of the tests"), LEVEL) as judge:
        report = judge.judge_cells("ada", cells)
    assert report.tasks[0].points == report.tasks[0].max_points
    namespace = {"torch": torch, "nn": nn}
    exec(right + COMPARES, namespace)
    assert open_cases("gru_layer", namespace, assignment.released).result("gru_layer").passed


# A mistake is laid at the door of the task in which it was made.


def test_a_mistake_of_a_task_that_passes_is_not_said_to_come_from_it(assignment):
    """A module that flips the batch by itself answers as one that is built on a wrong `reverse_padded`."""
    answers = [cell.source for cell in cells_of(solved(assignment)) if (cell.grade_id or "").endswith("_answer")]
    flips = "\n".join(answers).replace("reverse_padded(x, lengths) if", "x.flip(0) if")
    flips = flips.replace("reverse_padded(output, lengths) if", "output.flip(0) if")
    with Judge(assignment, Key("the key of the tests"), LEVEL) as judge:
        named = {task.name: task.mistake for task in judge.judge_cells("ada", [Cell("code", flips)]).tasks}
    assert (named["reverse_padded"], named["GRU"]) == (None, "whole_batch_flipped")
    namespace = {"torch": torch, "nn": nn}
    exec(flips, namespace)
    check = open_cases("gru_layer", namespace, assignment.released)
    assert check.result("GRU").mistake == "whole_batch_flipped"
    assert choose(["padding_comes_first"], check.cases, check.find_task("GRU"), namespace, check.probes) is None
