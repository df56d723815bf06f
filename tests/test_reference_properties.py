"""What holds of the cells whatever the numbers: hypothesis draws the sizes and the seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions import reference
from solutions.reference.inputs import random_sequence
from solutions.reference.layers import CELLS
from solutions.reference.lengths import last_state

each_cell = pytest.mark.parametrize("cell", CELLS)
sizes = st.tuples(st.integers(2, 7), st.integers(2, 5), st.integers(1, 5), st.integers(2, 6))  # T, B, D, H
seeds = st.integers(0, 2**32 - 1)
EXACT = 1e-15


class Sequence:
    """A random sequence of a cell, x and first states and weights, and where a choice is to be made a generator."""

    def __init__(self, cell, size, seed):
        self.cell, self.rng = CELLS[cell], np.random.default_rng(seed)
        self.x, h0, *self.weights = random_sequence(self.rng, self.cell.gates, *size)
        self.first = tuple(self.rng.uniform(-2, 2, h0.shape) for _ in self.cell.states)

    def states(self, x=None, first=None, weights=None, lengths=None):
        """All states, with some arguments replaced."""
        x, first = self.x if x is None else x, first or self.first
        return self.cell.run(x, first, tuple(weights or self.weights), lengths)


def near(a, b, tolerance=EXACT):
    """All states agree; c of an LSTM may be larger than 1, and rounds accordingly."""
    for one, other in zip(a, b, strict=True):
        assert np.abs(one - other).max() <= tolerance * max(1, np.abs(other).max())


@each_cell
@given(size=sizes, seed=seeds)
def test_no_step_reads_a_later_input(cell, size, seed):
    run = Sequence(cell, size, seed)
    step = run.rng.integers(1, size[0])
    later = run.x.copy()
    later[step:] = run.rng.normal(size=later[step:].shape)
    before, after = run.states(), run.states(x=later)
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one[:step], other[:step])
    assert np.abs(before[0][step] - after[0][step]).max() > EXACT


@each_cell
@given(size=sizes, seed=seeds)
def test_no_row_reads_another(cell, size, seed):
    run = Sequence(cell, size, seed)
    order = run.rng.permutation(size[1])
    moved = run.states(run.x[:, order], tuple(state[order] for state in run.first))
    near(moved, [state[:, order] for state in run.states()])
    alone = run.states(run.x[:, :1], tuple(state[:1] for state in run.first))
    near(alone, [state[:, :1] for state in run.states()])


@each_cell
@given(size=sizes, seed=seeds)
def test_the_units_may_change_places(cell, size, seed):
    run = Sequence(cell, size, seed)
    order = run.rng.permutation(size[3])
    rows = np.concatenate([gate * size[3] + order for gate in range(run.cell.gates)])
    weight_ih, weight_hh, bias_ih, bias_hh = run.weights
    weights = weight_ih[rows], weight_hh[rows][:, order], bias_ih[rows], bias_hh[rows]
    moved = run.states(first=tuple(state[:, order] for state in run.first), weights=weights)
    near(moved, [state[:, :, order] for state in run.states()], 2e-15)


@each_cell
@given(size=sizes, seed=seeds)
def test_the_padding_changes_no_final_state(cell, size, seed):
    run = Sequence(cell, size, seed)
    steps, batch, *_ = size
    lengths = run.rng.integers(1, steps + 1, batch)
    padded = np.concatenate([run.x, run.rng.normal(size=run.x.shape)])
    for row, length in enumerate(lengths):
        padded[length:, row] = 1e3
    states, longer = run.states(lengths=lengths), run.states(padded, lengths=lengths)
    near([last_state(s, lengths) for s in states], [last_state(s, lengths) for s in longer])
    for row, length in enumerate(lengths):
        alone = run.states(run.x[:length, row : row + 1], tuple(state[row : row + 1] for state in run.first))
        near([last_state(s, lengths)[row] for s in states], [s[-1, 0] for s in alone])


@each_cell
@given(size=sizes, seed=seeds)
def test_chunk_by_chunk_is_the_whole(cell, size, seed):
    run = Sequence(cell, size, seed)
    cut = run.rng.integers(1, size[0])
    early = run.states(run.x[:cut])
    late = run.states(run.x[cut:], tuple(state[-1] for state in early))
    near([np.concatenate(pair) for pair in zip(early, late, strict=True)], run.states())


@given(size=sizes, seed=seeds, scale=st.floats(0.1, 30))
def test_a_gru_stays_within_its_first_state_and_one(size, seed, scale):
    run = Sequence("gru", size, seed)
    (states,) = run.states(10 * run.x, tuple(scale * state for state in run.first), [scale * w for w in run.weights])
    assert np.abs(states).max() <= max(1, np.abs(scale * run.first[0]).max()) * (1 + EXACT)


@given(size=sizes, seed=seeds)
def test_a_gru_with_its_update_gate_open_stands_still(size, seed):
    run = Sequence("gru", size, seed)
    hidden = size[3]
    run.weights[2][hidden : 2 * hidden] = 100
    (states,) = run.states()
    assert (states == run.first[0]).all()


@given(size=sizes, seed=seeds)
def test_a_gru_with_z_shut_and_r_open_is_a_plain_rnn(size, seed):
    run = Sequence("gru", size, seed)
    hidden = size[3]
    run.weights[2][:hidden], run.weights[2][hidden : 2 * hidden] = 100, -100
    plain = reference.rnn_forward(run.x, *run.first, *(weight[2 * hidden :] for weight in run.weights))
    near(run.states(), [plain])


@given(size=sizes, seed=seeds)
def test_negating_the_rows_of_z_turns_keep_into_write(size, seed):
    """σ(-a) = 1 - σ(a), so h' = z ⊙ n + (1 - z) ⊙ h of Chung et al. 2014 (arXiv:1412.3555) is ours with z negated."""
    run = Sequence("gru", size, seed)
    hidden = size[3]
    negated = [weight.copy() for weight in run.weights]
    for weight in negated:
        weight[hidden : 2 * hidden] *= -1
    h = run.first[0]
    writes = []
    for x_t in run.x:
        _, z, n = reference.gru_gates(x_t, h, *run.weights)
        h = z * n + (1 - z) * h
        writes.append(h)
    near(run.states(weights=negated), [np.stack(writes)])


@each_cell
@settings(max_examples=30)
@given(size=sizes, seed=seeds)
def test_float32_is_float64_to_its_own_precision(cell, size, seed):
    run = Sequence(cell, size, seed)
    single = [array.astype(np.float32) for array in (run.x, *run.first, *run.weights)]
    count = len(run.first)
    got = run.cell.run(single[0], tuple(single[1 : 1 + count]), tuple(single[1 + count :]), None)
    for state, want in zip(got, run.states(), strict=True):
        assert state.dtype == np.float32
        assert np.abs(state - want).max() <= 1e-5 * max(1, np.abs(want).max())
