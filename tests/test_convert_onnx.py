"""ONNX: its own test cases come out of our cells, and what we write for it, its evaluators run to the same states."""

import importlib
import re

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from solutions.reference.conventions import (
    CHUNG_2014,
    ONNX_DEFAULT,
    ONNX_LINEAR_BEFORE_RESET,
    ONNX_LSTM,
    PYTORCH,
    PYTORCH_LSTM,
    PYTORCH_RNN,
    GRUConvention,
)
from solutions.reference.convert import NotConvertible, Weights, convert, from_onnx, to_onnx
from solutions.reference.in_convention import gru_forward_in, lstm_forward_in, rnn_forward_in

FORWARD = {"gru": gru_forward_in, "lstm": lstm_forward_in, "rnn": rnn_forward_in}
GATES = {"gru": 3, "lstm": 4, "rnn": 1}
T, B, D, H = 5, 2, 3, 4


def backend_cases(cell):
    """(name, node, inputs, outputs) of each case that onnx's own generator makes for the operator."""
    module = importlib.import_module(f"onnx.backend.test.case.node.{cell}")
    cases, expect = [], module.expect
    module.expect = lambda node, inputs, outputs, name, **_: cases.append((name, node, inputs, outputs))
    try:
        np.random.seed(4)  # two of the cases are drawn at random
        for maker in [name for name in dir(getattr(module, cell.upper())) if name.startswith("export")]:
            getattr(getattr(module, cell.upper()), maker)()
    finally:
        module.expect = expect
    return cases


CASES = [(cell, *case) for cell in GATES for case in backend_cases(cell)]
# One case has peepholes, which we refuse.
RUN = [case for case in CASES if "peepholes" not in case[1]]


def run_ours(cell, inputs, attributes):
    """The operator's outputs Y, Y_h (and Y_c), computed by our cells from its inputs by name."""
    weights = {name: inputs[name] for name in "WRBP" if name in inputs}
    convention, directions = from_onnx(cell, **weights, **attributes)
    batch_first = attributes.get("layout", 0) == 1
    x = inputs["X"].swapaxes(0, 1) if batch_first else inputs["X"]
    hidden = directions[0].weight_hh.shape[1]
    zeros = np.zeros((len(directions), x.shape[1], hidden), x.dtype)
    # no case gives the first states with the batch first
    assert not (batch_first and "initial_h" in inputs)
    states = [inputs.get(name, zeros) for name in ["initial_h", "initial_c"][: 1 + (cell == "lstm")]]
    paths, last = [], []
    for k, each in enumerate(directions):
        reverse = attributes.get("direction") == "reverse" or k == 1
        given = (x[::-1] if reverse else x, *(state[k] for state in states), *each)
        result = FORWARD[cell](convention, *given)
        both = result if isinstance(result, tuple) else (result,)
        last.append([path[-1] for path in both])
        paths.append(both[0][::-1] if reverse else both[0])
    outputs = [np.stack(paths, axis=1), *(np.stack(each) for each in zip(*last, strict=True))]
    if batch_first:
        outputs = [outputs[0].transpose(2, 0, 1, 3), *(state.transpose(1, 0, 2) for state in outputs[1:])]
    return outputs


@pytest.mark.parametrize(("cell", "name", "node", "inputs", "outputs"), RUN, ids=[case[1] for case in RUN])
def test_onnxs_own_case(cell, name, node, inputs, outputs):
    named = {name: array for name, array in zip(node.input, inputs, strict=True) if name}
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    attributes = {name: value.decode() if isinstance(value, bytes) else value for name, value in attributes.items()}
    got = dict(zip(["Y", "Y_h", "Y_c"], run_ours(cell, named, attributes), strict=False))
    for output, want in zip([output for output in node.output if output], outputs, strict=True):
        assert got[output].shape == want.shape
        assert np.abs(got[output] - want).max() < 1e-6


def test_the_cases_are_those_that_we_think_they_are():
    assert len(CASES) >= 18
    said = " ".join(case[1] for case in CASES)
    for kind in ["defaults", "initial_bias", "seq_length", "batchwise", "reverse", "bidirectional", "peepholes"]:
        assert kind in said


def reference(model, inputs):
    return ReferenceEvaluator(model).run(None, inputs)


def runtime(model, inputs):
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install onnxruntime")
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, inputs)


EVALUATORS = pytest.mark.parametrize("evaluate", [reference, runtime])


def model_of(cell, inputs, attributes, outputs):
    # in the operator's own order; one that is not given has an empty name
    order = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c"][: 7 if cell == "lstm" else 6]
    node = helper.make_node(cell.upper(), [n if n in inputs else "" for n in order], outputs, **attributes)
    values = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in inputs.items()
    ]
    results = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * (4 if name == "Y" else 3)) for name in outputs
    ]
    graph = helper.make_graph([node], "one", values, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    onnx.checker.check_model(model)
    return model


def draw(cell, biases=2, seed=0):
    rng, rows = np.random.default_rng(seed), GATES[cell] * H
    shapes = [(rows, D), (rows, H), (rows,), (rows,)][: 2 + biases]
    return Weights(*(rng.uniform(-0.7, 0.7, shape).astype(np.float32) for shape in shapes))


SOURCES = [
    pytest.param("gru", PYTORCH, id="PYTORCH"),
    pytest.param("gru", ONNX_DEFAULT, id="ONNX_DEFAULT"),
    pytest.param("gru", CHUNG_2014, id="CHUNG_2014"),
    pytest.param("gru", GRUConvention(update="write", order="nzr"), id="writes, after, nzr"),
    pytest.param("lstm", PYTORCH_LSTM, id="PYTORCH_LSTM"),
    pytest.param("rnn", PYTORCH_RNN, id="PYTORCH_RNN"),
]


@EVALUATORS
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize(("cell", "convention"), SOURCES)
def test_what_we_write_for_onnx_its_evaluator_runs_to_the_same_states(cell, convention, directions, evaluate):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(T, B, D)).astype(np.float32)
    states = {
        name: rng.uniform(-1, 1, (directions, B, H)).astype(np.float32)
        for name in (["initial_h", "initial_c"] if cell == "lstm" else ["initial_h"])
    }
    weights = [draw(cell, convention.biases, seed=k) for k in range(directions)]
    arrays, attributes = to_onnx(convention, weights)
    names = ["Y", "Y_h", "Y_c"] if cell == "lstm" else ["Y", "Y_h"]
    inputs = {"X": x, **arrays, **states}
    got = evaluate(model_of(cell, inputs, attributes, names), inputs)
    for k, each in enumerate(weights):
        seen = x[::-1] if k else x
        want = FORWARD[cell](convention, seen, *(state[k] for state in states.values()), *each)
        want = want if isinstance(want, tuple) else (want,)
        assert np.abs(got[0][:, k] - (want[0][::-1] if k else want[0])).max() < 1e-6
        for result, path in zip(got[1:], want, strict=True):
            assert np.abs(result[k] - path[-1]).max() < 1e-6


@EVALUATORS
@pytest.mark.parametrize("linear_before_reset", [0, 1])
def test_a_random_gru_of_onnx_runs_in_our_cells(linear_before_reset, evaluate):
    rng = np.random.default_rng(6)
    shapes = {"X": (T, B, D), "W": (1, 3 * H, D), "R": (1, 3 * H, H), "B": (1, 6 * H), "initial_h": (1, B, H)}
    inputs = {name: rng.uniform(-1, 1, shape).astype(np.float32) for name, shape in shapes.items()}
    attributes = {"hidden_size": H, "linear_before_reset": linear_before_reset}
    want = evaluate(model_of("gru", inputs, attributes, ["Y", "Y_h"]), inputs)
    got = run_ours("gru", inputs, attributes)
    other = run_ours("gru", inputs, {**attributes, "linear_before_reset": 1 - linear_before_reset})
    assert all(np.abs(a - b).max() < 1e-6 for a, b in zip(got, want, strict=True))
    assert np.abs(other[0] - want[0]).max() > 1e-2


@pytest.mark.parametrize(("cell", "convention"), SOURCES)
def test_there_and_back_is_where_it_was(cell, convention):
    weights = [draw(cell, convention.biases, seed=k) for k in range(2)]
    arrays, attributes = to_onnx(convention, weights)
    source, back = from_onnx(cell, **arrays, **attributes)
    for each, was in zip(back, weights, strict=True):
        for got, want in zip(convert(each, source, convention), was, strict=True):
            assert np.array_equal(got, want)


def test_no_biases_are_none():
    arrays, attributes = to_onnx(ONNX_DEFAULT, draw("gru"))
    convention, (weights,) = from_onnx("gru", arrays["W"], arrays["R"], **attributes)
    assert convention.biases == 0
    assert weights.bias_ih is None


def test_linear_before_reset_says_where_the_reset_gate_acts():
    assert to_onnx(PYTORCH, draw("gru"))[1]["linear_before_reset"] == 1
    assert to_onnx(ONNX_DEFAULT, draw("gru"))[1]["linear_before_reset"] == 0
    assert "linear_before_reset" not in to_onnx(ONNX_LSTM, draw("lstm"))[1]
    arrays, _ = to_onnx(PYTORCH, draw("gru"))
    assert from_onnx("gru", **arrays, linear_before_reset=1)[0] == ONNX_LINEAR_BEFORE_RESET
    assert from_onnx("gru", **arrays)[0] == ONNX_DEFAULT


PEEPHOLES = np.ones((1, 3 * H), np.float32)


@pytest.mark.parametrize(
    ("cell", "attributes", "text"),
    [
        ("lstm", {"P": PEEPHOLES}, "P holds peepholes: gates that see the memory c."),
        ("gru", {"activations": ["HardSigmoid", "Tanh"]}, "activations is ['HardSigmoid', 'Tanh']; only ['Sigmoid',"),
        ("rnn", {"activations": [b"Relu"]}, "activations is ['Relu']; only ['Tanh'] is the same cell"),
        ("gru", {"clip": 3.0}, "clip is 3.0"),
        ("lstm", {"input_forget": 1}, "input_forget is 1: the forget gate is 1 - i."),
    ],
)
def test_what_no_other_convention_has_is_refused(cell, attributes, text):
    arrays, _ = to_onnx({"gru": PYTORCH, "lstm": PYTORCH_LSTM, "rnn": PYTORCH_RNN}[cell], draw(cell))
    with pytest.raises(NotConvertible, match=re.escape(text)):
        from_onnx(cell, **arrays, **attributes)


def test_peepholes_of_zero_and_the_default_activations_named_pass():
    arrays, _ = to_onnx(PYTORCH_LSTM, draw("lstm"))
    with_nothing = from_onnx("lstm", **arrays)
    with_all = from_onnx(
        "lstm", **arrays, P=0 * PEEPHOLES, activations=["Sigmoid", "Tanh", "Tanh"], direction="reverse"
    )
    assert with_nothing[0] == with_all[0]


@pytest.mark.parametrize(
    ("cell", "attributes", "text"),
    [
        ("GRU", {}, "cell is 'GRU'; it should be one of gru, lstm, rnn."),
        ("gru", {"clips": 1}, "clips is no attribute of an ONNX GRU; those are activation_alpha,"),
        ("gru", {"B": np.ones((2, 6 * H), np.float32)}, "W, R and B must have one first axis, the directions."),
    ],
)
def test_what_is_not_such_a_node_is_refused(cell, attributes, text):
    arrays, _ = to_onnx(PYTORCH, draw("gru"))
    with pytest.raises(ValueError, match=re.escape(text)):
        from_onnx(cell, **{**arrays, **attributes})
