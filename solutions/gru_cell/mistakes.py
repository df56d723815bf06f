"""Known mistakes in `gru_cell`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake may call the other tasks' functions by name, as a learner's cell would; it costs its own task and every later
one that is built on it, unless `spoils` says which.  Some are no mistakes elsewhere: they name the convention in which
they are right.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions.reference import gru_cell, sigmoid


@mistake(
    "sigmoid",
    hint="Your sigmoid overflows: somewhere exp is taken of a large positive number, it is infinite, and NumPy "
    "warns. np.where does not prevent it, for it computes both of its choices. Take exp of -|a| alone, and see what "
    "that gives for a >= 0 and for a < 0.",
    spoils=(),
)
def sigmoid_overflows(a):
    return 1 / (1 + np.exp(-a))


@mistake(
    "sigmoid",
    hint="Your sigmoid is inf / inf for a large positive a. The form exp(a) / (1 + exp(a)) is safe for a < 0 only. "
    "np.where computes both of its choices, so exp must never see a positive number.",
    spoils=("gru_cell",),
)
def sigmoid_inf_over_inf(a):
    return np.exp(a) / (1 + np.exp(a))


@mistake("sigmoid", hint="The sign in your sigmoid's exponent is flipped: σ(a) = 1 / (1 + exp(-a)) grows with a.")
def sigmoid_sign_flipped(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, e, 1) / (1 + e)


@mistake(
    "sigmoid",
    hint="This is the hard sigmoid, a straight line that is clipped at 0 and 1. The GRU uses the smooth one, "
    "1 / (1 + exp(-a)).",
)
def hard_sigmoid(a):
    return np.clip(0.2 * a + 0.5, 0, 1)


@mistake("sigmoid", hint="This is tanh: it runs from -1 to 1. A gate runs from 0 to 1, σ(a) = 1 / (1 + exp(-a)).")
def tanh_for_sigmoid(a):
    return np.tanh(a)


@mistake(
    "gru_cell",
    hint="Your gates are swapped: the rows are packed in the order r, z, n, so the first H rows are the reset gate's "
    "and the next H the update gate's.",
    convention="the gates in the order of Keras and ONNX (z, r, n)",
)
def gates_swapped(x, h, W_ih, W_hh, b_ih, b_hh):
    i_z, i_r, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_z, h_r, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="Your update gate is flipped: in this course z keeps the old state and 1 - z lets the candidate in.",
    convention="the update gate of Chung et al. (2014)",
)
def update_gate_flipped(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return z * n + (1 - z) * h


@mistake(
    "gru_cell",
    hint="You reset the state before the product, r ⊙ h first and then W_hn. Here the reset gate acts on the product "
    "and its bias, r ⊙ (W_hn h + b_hn).",
    convention="the reset gate of the published version of Cho et al. (2014) (in Keras: reset_after=False)",
)
def reset_before_product(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, _ = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + (r * h) @ W_hh[2 * H :].T + b_hh[2 * H :])
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="The bias b_hn stands outside the reset gate. It belongs inside: r ⊙ (W_hn h + b_hn).",
)
def bias_outside_reset(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T, 3, axis=1)
    b_hr, b_hz, b_hn = b_hh[:H], b_hh[H : 2 * H], b_hh[2 * H :]
    r, z = sigmoid(i_r + h_r + b_hr), sigmoid(i_z + h_z + b_hz)
    n = np.tanh(i_n + r * h_n + b_hn)
    return (1 - z) * n + z * h


@mistake("gru_cell", hint="The recurrent bias b_hh is missing: the state's part of each block is W_hh h + b_hh.")
def no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake("gru_cell", hint="The input bias b_ih is missing: the input's part of each block is W_ih x + b_ih.")
def no_input_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="Your candidate goes through a sigmoid. It is a value, not a gate: n = tanh(...), between -1 and 1.",
)
def candidate_sigmoid(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = sigmoid(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="Your reset gate is dead: r is computed and never used. It multiplies the state's part of the candidate, "
    "r ⊙ (W_hn h + b_hn).",
)
def reset_gate_dead(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    z = sigmoid(i_z + h_z)
    n = np.tanh(i_n + h_n)
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="Your reset gate is flipped: r lets the state's part of the candidate through, and you multiply by 1 - r.",
)
def reset_gate_flipped(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + (1 - r) * h_n)
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="Your reset gate multiplies the whole candidate, the input's part too. It acts on the state's part alone: "
    "W_in x + b_in + r ⊙ (W_hn h + b_hn).",
)
def reset_on_input_too(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(r * (i_n + h_n))
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="Each block of W_hh is transposed. A batch of states is (B, H) and row i of a block makes unit i, "
    "so the product is h @ W_hh.T.",
)
def recurrent_weights_transposed(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = [h @ W + b for W, b in zip(np.split(W_hh, 3), np.split(b_hh, 3), strict=True)]
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake(
    "gru_cell",
    hint="The factor 1 - z is missing before the candidate: the new state is a mixture, (1 - z) ⊙ n + z ⊙ h.",
)
def candidate_not_weighted(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return n + z * h


@mistake(
    "gru_cell",
    hint="The old state is missing from the mixture: (1 - z) ⊙ n + z ⊙ h. Without z ⊙ h the unit cannot keep anything.",
)
def old_state_missing(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n


@mistake(
    "gru_cell",
    hint="There is one tanh too many: the mixture (1 - z) ⊙ n + z ⊙ h is the new state as it is. "
    "(An LSTM squashes its cell on the way out; a GRU does not.)",
)
def extra_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return np.tanh((1 - z) * n + z * h)


@mistake(
    "gru_cell",
    hint="Your cell writes the new state into h. The caller still needs the old one: make a new array, "
    "with z * h and not h *= z.",
)
def inputs_changed(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    h *= z
    h += (1 - z) * n
    return h.copy()


@mistake("gru_forward", hint="Your sequence starts from zeros. Start it from the h0 that you are given.")
def h0_ignored(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = np.zeros_like(h0), []
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)


@mistake(
    "gru_forward",
    hint="The state is not carried: every step starts from h0. Pass each step's result on to the next.",
)
def state_not_carried(x, h0, W_ih, W_hh, b_ih, b_hh):
    return np.stack([gru_cell(x_t, h0, W_ih, W_hh, b_ih, b_hh) for x_t in x])


@mistake(
    "gru_forward",
    hint="Your states are one step late: row t holds the state before step t. Store the state after the cell has run; "
    "h0 itself is not part of the result.",
)
def one_step_late(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x:
        states.append(h.copy())
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    return np.stack(states)


@mistake(
    "gru_forward",
    hint="Your sequence runs backwards in time. Read step 0 first; its state is row 0 of the result.",
)
def time_reversed(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x[::-1]:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)


@mistake(
    "gru_forward",
    hint="Every row of your result is the last state: the list holds one array many times, or you overwrite it. "
    "Store a new array at each step.",
)
def one_array_for_all_steps(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0.copy(), []
    for x_t in x:
        h[:] = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)


@mistake("gru_forward", hint="You return the last state alone. The result holds the state of every step, (T, B, H).")
def last_state_only(x, h0, W_ih, W_hh, b_ih, b_hh):
    h = h0
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    return h


@mistake("gru_forward", hint="Your result is batch-first, (B, T, H). In this course time comes first, (T, B, H).")
def batch_first(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = h0, []
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states, axis=1)


@mistake("gru_cell", of=(update_gate_flipped, reset_before_product), convention="the gates of Chung et al. (2014)")
def update_gate_flipped_and_reset_before_product(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, _ = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + (r * h) @ W_hh[2 * H :].T + b_hh[2 * H :])
    return z * n + (1 - z) * h


@mistake(
    "gru_cell",
    of=(gates_swapped, reset_before_product),
    convention="the gates of ONNX's default and of Keras with reset_after=False",
)
def gates_swapped_and_reset_before_product(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    i_z, i_r, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_z, h_r, _ = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + (r * h) @ W_hh[2 * H :].T + b_hh[2 * H :])
    return (1 - z) * n + z * h


@mistake("gru_cell", of=(gates_swapped, update_gate_flipped))
def gates_swapped_and_update_gate_flipped(x, h, W_ih, W_hh, b_ih, b_hh):
    i_z, i_r, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_z, h_r, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return z * n + (1 - z) * h


@mistake("gru_cell", of=(no_input_bias, no_recurrent_bias))
def no_input_bias_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake("gru_cell", of=(update_gate_flipped, no_recurrent_bias))
def update_gate_flipped_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return z * n + (1 - z) * h


@mistake("gru_cell", of=(update_gate_flipped, bias_outside_reset))
def update_gate_flipped_and_bias_outside_reset(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T, 3, axis=1)
    b_hr, b_hz, b_hn = b_hh[:H], b_hh[H : 2 * H], b_hh[2 * H :]
    r, z = sigmoid(i_r + h_r + b_hr), sigmoid(i_z + h_z + b_hz)
    n = np.tanh(i_n + r * h_n + b_hn)
    return z * n + (1 - z) * h


@mistake("gru_cell", of=(update_gate_flipped, reset_gate_dead))
def update_gate_flipped_and_reset_gate_dead(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    z = sigmoid(i_z + h_z)
    n = np.tanh(i_n + h_n)
    return z * n + (1 - z) * h


@mistake("gru_cell", of=(update_gate_flipped, candidate_sigmoid))
def update_gate_flipped_and_candidate_sigmoid(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = sigmoid(i_n + r * h_n)
    return z * n + (1 - z) * h


@mistake("gru_cell", of=(update_gate_flipped, inputs_changed))
def update_gate_flipped_and_inputs_changed(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    h *= 1 - z
    h += z * n
    return h.copy()


@mistake("gru_cell", of=(reset_before_product, no_recurrent_bias))
def reset_before_product_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    H = h.shape[1]
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, _ = np.split(h @ W_hh.T, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + (r * h) @ W_hh[2 * H :].T)
    return (1 - z) * n + z * h


@mistake("gru_cell", of=(gates_swapped, no_recurrent_bias))
def gates_swapped_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_z, i_r, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_z, h_r, h_n = np.split(h @ W_hh.T, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h


@mistake("gru_forward", of=(h0_ignored, one_step_late))
def h0_ignored_and_one_step_late(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, states = np.zeros_like(h0), []
    for x_t in x:
        states.append(h.copy())
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    return np.stack(states)


@mistake("gru_forward", of=(h0_ignored, last_state_only))
def h0_ignored_and_last_state_only(x, h0, W_ih, W_hh, b_ih, b_hh):
    h = np.zeros_like(h0)
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    return h


PAIRS = [
    both(hard_sigmoid, update_gate_flipped),
    both(hard_sigmoid, reset_before_product),
    both(hard_sigmoid, gates_swapped),
    both(sigmoid_sign_flipped, reset_before_product),
    both(update_gate_flipped, h0_ignored),
    both(update_gate_flipped, one_step_late),
    both(reset_before_product, h0_ignored),
    both(no_recurrent_bias, h0_ignored),
]
