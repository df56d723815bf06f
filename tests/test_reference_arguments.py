"""Whatever holds the right numbers works; whatever does not is refused in a sentence that names it."""

import re

import numpy as np
import pytest
from cells import draw

from solutions import reference
from solutions.reference.layers import CELLS, stack_backward, stack_forward, stack_forward_cached
from solutions.reference.lengths import last_state

each_cell = pytest.mark.parametrize("cell", CELLS)
SIZE = (5, 2, 3, 4)  # T, B, D, H


def named(cell):
    """The arguments of a sequence by name."""
    states = [f"{state}0" for state in CELLS[cell].states]
    names = ["x", *states, "weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    return dict(zip(names, draw(cell, SIZE).single, strict=True))


def forward(cell):
    return getattr(reference, f"{cell}_forward")


def outputs(result):
    return result[0] if isinstance(result, tuple) else result


def strided(array):
    """The same numbers, every other one of a larger array."""
    wide = np.full([2 * size for size in array.shape], np.nan)
    every = tuple(slice(None, None, 2) for _ in array.shape)
    wide[every] = array
    return wide[every]


def locked(array):
    array = array.copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("change", [strided, np.asfortranarray, locked, lambda a: a[::-1].copy()[::-1]])
@each_cell
def test_arrays_need_not_be_contiguous_or_writable(cell, change):
    arguments, drawn = named(cell), draw(cell, SIZE)
    changed = {name: change(array) for name, array in arguments.items()}
    assert np.allclose(outputs(forward(cell)(**changed)), outputs(forward(cell)(**arguments)), rtol=0, atol=1e-15)
    caches = [getattr(reference, f"{cell}_forward_cached")(**given)[-1] for given in (changed, arguments)]
    upstreams = [(change(drawn.d_outputs), change(drawn.d_last[0][0])), (drawn.d_outputs, drawn.d_last[0][0])]
    got, want = (
        CELLS[cell].gradients(d_states, cache, [d_last] + [None] * (len(CELLS[cell].states) - 1))
        for (d_states, d_last), cache in zip(upstreams, caches, strict=True)
    )
    for name in want:
        assert np.allclose(got[name], want[name], rtol=0, atol=1e-14), name


@each_cell
def test_no_argument_is_changed_and_no_result_shares_its_memory(cell):
    arguments, drawn = named(cell), draw(cell, SIZE, lengths=np.array([4, 5]))
    arguments["lengths"] = drawn.lengths
    before = {name: array.copy() for name, array in arguments.items()}
    *states, cache = getattr(reference, f"{cell}_forward_cached")(**arguments)
    d_last = [drawn.d_last[0][0]] + [None] * (len(CELLS[cell].states) - 1)
    gradients = CELLS[cell].gradients(drawn.d_outputs, cache, d_last)
    assert all(np.array_equal(arguments[name], old) for name, old in before.items())
    assert np.array_equal(drawn.d_outputs, draw(cell, SIZE).d_outputs)
    results = [*states, *gradients.values()]
    for result in results:
        assert not any(np.may_share_memory(result, array) for array in [*arguments.values(), drawn.d_outputs])


@pytest.mark.parametrize("number", [np.nan, np.inf])
@each_cell
def test_nan_and_infinity_pass_and_are_not_hidden(cell, number):
    arguments = named(cell)
    want = outputs(forward(cell)(**arguments))
    arguments["x"][2, 1, 0] = number
    states = outputs(forward(cell)(**arguments))
    # only the row and the steps that read it are touched
    assert np.allclose(states[:, 0], want[:, 0], rtol=0, atol=1e-15)
    assert np.allclose(states[:2], want[:2], rtol=0, atol=1e-15)
    assert np.isnan(states[2:, 1]).all() == np.isnan(number)
    assert not np.allclose(states[2, 1], want[2, 1])


@each_cell
def test_nan_reaches_the_gradients(cell):
    arguments, drawn = named(cell), draw(cell, SIZE)
    arguments["x"][2, 1, 0] = np.nan
    *_, cache = getattr(reference, f"{cell}_forward_cached")(**arguments)
    gradients = CELLS[cell].gradients(drawn.d_outputs, cache, [None] * len(CELLS[cell].states))
    assert np.isnan(gradients["dW_hh"]).any()
    assert np.isfinite(gradients["dx"][:, 0]).all()


@each_cell
def test_nan_in_a_row_gives_its_padding_no_gradient(cell):
    arguments, drawn = named(cell), draw(cell, SIZE)
    arguments["x"][1, 1, 0] = np.nan
    *_, cache = getattr(reference, f"{cell}_forward_cached")(**arguments, lengths=[5, 3])
    gradients = CELLS[cell].gradients(drawn.d_outputs, cache, [None] * len(CELLS[cell].states))
    assert np.isnan(gradients["dx"][:2, 1]).all()
    assert (gradients["dx"][3:, 1] == 0).all()


@each_cell
@pytest.mark.parametrize(
    ("name", "change", "error", "said"),
    [
        ("x", lambda a: a.tolist(), TypeError, "x is of type list; it should be a NumPy array of float32 or float64."),
        ("x", lambda a: a.astype(int), TypeError, "x has dtype int64; it should be float32 or float64"),
        ("x", lambda a: a.astype(np.float16), TypeError, "x has dtype float16; it should be float32 or float64"),
        ("x", lambda a: a + 0j, TypeError, "x has dtype complex128; it should be float32 or float64"),
        ("bias_hh", lambda a: a > 0, TypeError, "bias_hh has dtype bool; it should be float32 or float64"),
        ("h0", lambda a: a.astype(np.float32), TypeError, "h0 has dtype float32 and x has float64"),
        ("bias_ih", lambda a: a.astype(np.float32), TypeError, "bias_ih has dtype float32 and x has float64"),
        ("h0", lambda a: None, TypeError, "h0 is of type NoneType"),
        ("x", lambda a: a[0], ValueError, "x has 2 axes, shape (2, 3); it should have 3, (T, B, D)."),
        ("x", lambda a: a[:0], ValueError, "x has shape (0, 2, 3); T should be at least 1."),
        ("h0", lambda a: a[None], ValueError, "h0 has 3 axes, shape (1, 2, 4); it should have 2, (B, H)."),
        ("h0", lambda a: a[:1], ValueError, "h0 has shape (1, 4); it should be (B, H) with B = 2 as in x"),
        ("weight_ih", lambda a: a.T, ValueError, "weight_ih has shape (3, "),
        ("weight_ih", lambda a: a[:-1], ValueError, "H = 4 as in h0, D = 3 as in x."),
        ("weight_hh", lambda a: a[:, :-1], ValueError, "with H = 4 as in h0."),
        ("bias_ih", lambda a: a[:, None], ValueError, "bias_ih has 2 axes"),
        ("bias_hh", lambda a: a[:-1], ValueError, "bias_hh has shape ("),
    ],
)
def test_a_sequence_says_which_argument_was_wrong_what_it_was_and_what_it_should_be(cell, name, change, error, said):
    arguments = named(cell)
    arguments[name] = change(arguments[name])
    with pytest.raises(error, match=re.escape(said)):
        forward(cell)(**arguments)


def test_the_whole_sentence():
    arguments = named("gru")
    arguments["weight_hh"] = arguments["weight_hh"].T
    want = "weight_hh has shape (4, 12); it should be (3H, H) with H = 4 as in h0."
    with pytest.raises(ValueError, match=f"^{re.escape(want)}$"):
        reference.gru_forward(**arguments)


@each_cell
def test_a_step_checks_its_arguments_too(cell):
    x, *states_and_weights = draw(cell, SIZE).single
    step, backward = getattr(reference, f"{cell}_cell"), getattr(reference, f"{cell}_cell_backward")
    with pytest.raises(ValueError, match=re.escape("x has 3 axes, shape (5, 2, 3); it should have 2, (B, D).")):
        step(x, *states_and_weights)
    with pytest.raises(TypeError, match="h has dtype float32 and x has float64"):
        step(x[0], states_and_weights[0].astype(np.float32), *states_and_weights[1:])
    upstream = [np.ones((2, 5))] * len(CELLS[cell].states)
    with pytest.raises(ValueError, match=re.escape("dh_next has shape (2, 5); it should be (B, H)")):
        backward(*upstream, x[0], *states_and_weights)


@pytest.mark.parametrize(
    ("lengths", "error", "said"),
    [
        (
            [5.0, 3.0],
            TypeError,
            "lengths is [5.0, 3.0], numbers of float64; it should hold integers, one for each row.",
        ),
        (np.array([True, True]), TypeError, "numbers of bool; it should hold integers"),
        (5, ValueError, "lengths has shape (); it should be (B,) with B = 2 as in x."),
        (np.array([5, 3, 1]), ValueError, "lengths has shape (3,); it should be (B,) with B = 2 as in x."),
        (np.array([5, 6]), ValueError, "lengths[1] is 6; it should be from 1 to T = 5."),
        (np.array([0, 5]), ValueError, "lengths[0] is 0; it should be from 1 to T = 5."),
        (np.array([-1, 5]), ValueError, "lengths[0] is -1; it should be from 1 to T = 5."),
    ],
)
@each_cell
def test_lengths_are_integers_from_one_to_all_steps(cell, lengths, error, said):
    with pytest.raises(error, match=re.escape(said)):
        forward(cell)(**named(cell), lengths=lengths)
    with pytest.raises(error, match=re.escape(said)):
        last_state(np.zeros((5, 2, 4)), lengths)


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.int64, np.uint16])
def test_lengths_may_be_integers_of_any_size(kind):
    lengths = np.array([3, 5])
    want = reference.gru_forward(**named("gru"), lengths=lengths)
    assert np.array_equal(reference.gru_forward(**named("gru"), lengths=lengths.astype(kind)), want)
    assert np.array_equal(reference.gru_forward(**named("gru"), lengths=[3, 5]), want)
    assert np.array_equal(last_state(want, lengths.astype(kind)), [want[2, 0], want[4, 1]])


@pytest.mark.parametrize(
    ("upstream", "error", "said"),
    [
        (
            {"d_states": np.ones((5, 2, 5))},
            ValueError,
            "d_states has shape (5, 2, 5); it should be (T, B, H) with",
        ),
        ({"d_states": np.ones((2, 4))}, ValueError, "d_states has 2 axes, shape (2, 4); it should have 3, (T, B, H)."),
        ({"d_states": np.ones((5, 2, 4), np.float32)}, TypeError, "d_states has dtype float32 and states has float64"),
        ({"dh_last": np.ones((5, 2, 4))}, ValueError, "dh_last has 3 axes, shape (5, 2, 4); it should have 2, (B, H)."),
        ({"dh_last": np.ones((2, 4), int)}, TypeError, "dh_last has dtype int64; it should be float32 or float64"),
        ({"truncate": 0}, ValueError, "truncate is 0; it should be at least 1."),
        ({"truncate": 2.0}, TypeError, "truncate is 2.0; it should be a whole number of steps, or None."),
        ({"truncate": True}, TypeError, "truncate is True; it should be a whole number of steps, or None."),
    ],
)
@each_cell
def test_a_backward_pass_checks_what_it_is_given(cell, upstream, error, said):
    *_, cache = getattr(reference, f"{cell}_forward_cached")(**named(cell))
    given = {"d_states": np.ones((5, 2, 4)), **({"d_memories": None} if cell == "lstm" else {}), **upstream}
    with pytest.raises(error, match=re.escape(said)):
        getattr(reference, f"{cell}_backward")(cache=cache, **given)


@each_cell
def test_a_loss_that_sees_the_final_state_alone_gives_no_other_gradient(cell):
    drawn = draw(cell, SIZE, lengths=np.array([3, 5]))
    *_, cache = getattr(reference, f"{cell}_forward_cached")(*drawn.single, lengths=drawn.lengths)
    d_last = [state[0] for state in drawn.d_last]
    given = np.zeros_like(drawn.d_outputs)
    got, want = (CELLS[cell].gradients(d_states, cache, d_last) for d_states in (None, given))
    assert all(np.array_equal(got[name], want[name]) and got[name].any() for name in want)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"cell": "GRU"}, ValueError, "cell is 'GRU'; it should be one of 'rnn', 'lstm', 'gru'."),
        ({"weights": []}, ValueError, "weights are those of 0 cells; they should be of one or more layers of 2."),
        ({"first": ()}, ValueError, "first is 0 arrays; it should be 1 in a tuple, (h0)."),
        ({"first": np.zeros((4, 2, 4))}, ValueError, "first is ndarray; it should be 1 in a tuple, (h0)."),
        (
            {"first": (np.zeros((2, 2, 4)),)},
            ValueError,
            "h0 has shape (2, 2, 4); it should be (L*K, B, H) with",
        ),
        ({"first": (np.zeros((4, 2, 5)),)}, ValueError, "In layer 0, direction 0: weight_ih has shape"),
        ({"x": np.zeros((5, 2, 3), int)}, TypeError, "In layer 0, direction 0: x has dtype int64"),
    ],
)
def test_layers_say_where_the_wrong_argument_was(change, error, said):
    drawn = draw("gru", SIZE, layers=2, bidirectional=True)
    given = {"cell": "gru", "x": drawn.x, "first": drawn.first, "weights": drawn.weights, "bidirectional": True}
    with pytest.raises(error, match=re.escape(said)):
        stack_forward(**given | change)


def test_layers_name_the_layer_and_the_direction():
    drawn = draw("gru", SIZE, layers=2, bidirectional=True)
    drawn.weights[3][0] = drawn.weights[3][0][:, :4]
    with pytest.raises(ValueError, match=re.escape("In layer 1, direction 1: weight_ih has shape (12, 4)")):
        stack_forward("gru", drawn.x, drawn.first, drawn.weights, bidirectional=True)
    drawn = draw("gru", SIZE, layers=3)
    with pytest.raises(ValueError, match="weights are those of 3 cells; they should be of one or more layers of 2"):
        stack_forward("gru", drawn.x, drawn.first, drawn.weights, bidirectional=True)


def test_the_gradient_of_layers_checks_its_shape():
    drawn = draw("gru", SIZE, layers=2, bidirectional=True)
    *_, cache = stack_forward_cached("gru", drawn.x, drawn.first, drawn.weights, bidirectional=True)
    with pytest.raises(ValueError, match=re.escape("d_outputs has shape (5, 2, 4); it should be (T, B, N)")):
        stack_backward(np.ones((5, 2, 4)), cache)
