"""Known mistakes in `lstm`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake may call the other tasks' functions by name, as a learner's would; it costs its own task and every later one
that is built on it, unless `spoils` says which.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions.reference import lstm_cell, lstm_cell_backward, lstm_gates, sigmoid


@mistake(
    "lstm_gates",
    hint="Your input gate and your forget gate have changed places. The rows are packed in the order i, f, g, o, and "
    "in c' = f ⊙ c + i ⊙ g it is f that keeps the old cell state and i that lets the candidate in.",
)
def input_and_forget_exchanged(x, h, W_ih, W_hh, b_ih, b_hh):
    a_f, a_i, a_g, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="Your candidate and your output gate have changed places: the rows are packed in the order i, f, g, o, so the "
    "candidate's are the third block.",
)
def candidate_and_output_exchanged(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_f, a_o, a_g = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="Your gates are in another order. Here the rows are packed in the order i, f, g, o.",
    convention="the gates in the order of ONNX (i, o, f, c)",
)
def rows_as_in_onnx(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_o, a_f, a_g = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="Your gates are in another order: you take the second block for the candidate. Here the rows are packed in "
    "the order i, f, g, o.",
)
def candidate_second(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_g, a_f, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="You take the rows apart one by one, every fourth to a gate. They are packed in blocks: the first H are the "
    "input gate's, the next H the forget gate's.",
)
def rows_interleaved(x, h, W_ih, W_hh, b_ih, b_hh):
    a = x @ W_ih.T + b_ih + h @ W_hh.T + b_hh
    a_i, a_f, a_g, a_o = np.moveaxis(a.reshape(len(a), -1, 4), 2, 0)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="The recurrent bias b_hh is missing: the state's part of each block is W_hh h + b_hh.",
)
def no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="The input bias b_ih is missing: the input's part of each block is W_ih x + b_ih.",
)
def no_input_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="Your gates see the input alone. Each of the four also reads the state: add W_hh h.",
)
def state_unread(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + b_ih + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="Your candidate goes through a sigmoid. It is a value, not a gate: g = tanh(...), between -1 and 1. With a "
    "sigmoid the cell state could only ever be added to.",
)
def candidate_sigmoid(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), sigmoid(a_g), sigmoid(a_o)


@mistake(
    "lstm_gates",
    hint="Your gates go through tanh. A gate says how much, from 0 to 1: i, f and o are sigmoids, and only the "
    "candidate g is a tanh.",
)
def gates_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return np.tanh(a_i), np.tanh(a_f), np.tanh(a_g), np.tanh(a_o)


@mistake(
    "lstm_gates",
    hint="Each block of W_hh is transposed. A batch of states is (B, H) and row k of a block makes unit k, so the "
    "product is h @ W_hh.T.",
)
def recurrent_weights_transposed(x, h, W_ih, W_hh, b_ih, b_hh):
    from_h = np.concatenate([h @ W for W in np.split(W_hh, 4)], axis=1)
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + b_ih + from_h + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_cell",
    hint="Your state shows c' as it is. It passes tanh first: h' = o ⊙ tanh(c').",
)
def tanh_of_c_forgotten(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return o * c_next, c_next


@mistake(
    "lstm_cell",
    hint="Your output gate stands inside the tanh. The cell state is squashed first and gated then: h' = o ⊙ tanh(c').",
)
def output_gate_inside_tanh(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return np.tanh(o * c_next), c_next


@mistake(
    "lstm_cell",
    hint="Your state is made of the old cell state c. What is shown is the new one: h' = o ⊙ tanh(c').",
)
def old_c_shown(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return o * np.tanh(c), c_next


@mistake(
    "lstm_cell",
    hint="Your output gate has changed the cell state too. It acts on what is shown alone: c' = f ⊙ c + i ⊙ g is "
    "carried on without o.",
)
def output_gate_on_c(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = o * (f * c + i * g)
    return np.tanh(c_next), c_next


@mistake(
    "lstm_cell",
    hint="Your cell state goes through tanh and is carried on like that. Only what is shown is squashed: c' = f ⊙ c + "
    "i ⊙ g stays as it is, and h' = o ⊙ tanh(c').",
)
def cell_state_squashed(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = np.tanh(f * c + i * g)
    return o * c_next, c_next


@mistake(
    "lstm_cell",
    hint="You keep a share of h where c belongs: c' = f ⊙ c + i ⊙ g. The state h is what the cell shows, the cell "
    "state c is what it remembers.",
)
def h_for_c(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * h + i * g
    return o * np.tanh(c_next), c_next


@mistake(
    "lstm_cell",
    hint="Your candidate has the weight 1 - f. That couples the two gates, as a GRU does; in an LSTM the candidate has "
    "a gate of its own, i.",
)
def gates_coupled(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + (1 - f) * g
    return o * np.tanh(c_next), c_next


@mistake(
    "lstm_cell",
    hint="Your forget gate is dead: the old cell state is kept whole. c' = f ⊙ c + i ⊙ g.",
    convention="the cell of Hochreiter and Schmidhuber (1997), before it had a forget gate",
)
def no_forget_gate(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = c + i * g
    return o * np.tanh(c_next), c_next


@mistake(
    "lstm_cell",
    hint="Your input gate is dead: the whole candidate is added. c' = f ⊙ c + i ⊙ g.",
)
def no_input_gate(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + g
    return o * np.tanh(c_next), c_next


@mistake(
    "lstm_cell",
    hint="Your output gate is dead: the whole of tanh(c') is shown. h' = o ⊙ tanh(c').",
)
def no_output_gate(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return np.tanh(c_next), c_next


@mistake(
    "lstm_cell",
    hint="You return (c', h'). The state comes first: (h', c').",
)
def cell_state_first(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return c_next, o * np.tanh(c_next)


@mistake(
    "lstm_cell",
    hint="Your cell writes the new cell state into c. The caller still needs the old one, for the backward pass too: "
    "make a new array, with f * c and not c *= f.",
)
def c_changed(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c *= f
    c += i * g
    return o * np.tanh(c), c.copy()


@mistake(
    "lstm_forward",
    hint="Your sequence starts from a state of zeros. Start it from the h0 that you are given.",
)
def h0_ignored(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = np.zeros_like(h0), c0, [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="Your sequence starts from a cell state of zeros. Start it from the c0 that you are given.",
)
def c0_ignored(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, np.zeros_like(c0), [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="The cell state is not carried: every step starts from c0. Pass on both results of a step, h and c.",
)
def c_not_carried(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c0, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="The state is not carried: every step starts from h0. Pass on both results of a step, h and c.",
)
def h_not_carried(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h0, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="The state and the cell state change places from step to step: what `lstm_cell` returns is (h', c'), in this "
    "order.",
)
def carried_in_exchange(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        c, h = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(c)
        cs.append(h)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="Your states are one step late: row t holds what there was before step t. Store both after the cell has run; "
    "h0 and c0 are not part of the result.",
)
def one_step_late(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        hs.append(h)
        cs.append(c)
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="Your sequence runs backwards in time. Read step 0 first; its states are row 0 of the results.",
)
def time_reversed(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x[::-1]:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="Every row of your results is the last one: the lists hold one array many times. Store a new array at each "
    "step.",
)
def one_array_for_all_steps(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0.copy(), c0.copy(), [], []
    for x_t in x:
        h[:], c[:] = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_forward",
    hint="You return the last state and cell state alone. The results hold those of every step, (T, B, H) each.",
)
def last_states_only(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return h, c


@mistake(
    "lstm_forward",
    hint="Your results are batch-first, (B, T, H). In this course time comes first, (T, B, H).",
)
def batch_first(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs, axis=1), np.stack(cs, axis=1)


@mistake(
    "lstm_cell_backward",
    hint="The gradient of c' is dc_next alone. The state h' = o ⊙ tanh(c') is made of c' as well: what dh_next says "
    "reaches c' through it, and the two are added.",
)
def path_through_h_forgotten(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="You drop dc_next. The next step reads c' itself, not only h': its gradient is added to what comes through "
    "h'.",
)
def dc_next_dropped(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="On the way from h' to c' the slope of the tanh is missing: h' = o ⊙ tanh(c'), and tanh' = 1 - tanh².",
)
def tanh_slope_of_c_forgotten(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="The slope of tanh at c' is 1 - tanh²(c'). You take 1 - c'²: the square of the argument, not of the result.",
)
def tanh_slope_at_the_state(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    tanh_c = np.tanh(c_next)
    dc = dc_next + dh_next * o * (1 - c_next**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="On the way from h' to c' the output gate is missing: h' = o ⊙ tanh(c'), so what reaches c' is multiplied by "
    "o.",
)
def output_gate_dropped_from_path(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your dc is the gradient of c', not of c. From c' = f ⊙ c + i ⊙ g it takes one more factor to go from the one "
    "to the other: the forget gate.",
)
def forget_path_dropped(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your dc is made of dc_next alone. The old cell state is in c', and what came to c' through h' goes on to c "
    "too: take the whole gradient of c'.",
)
def dc_next_alone_goes_back(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc_next * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="The slopes of the sigmoids are missing: from a gate to its preactivation, multiply by s (1 - s), where s is "
    "the gate.",
)
def sigmoid_slopes_forgotten(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g
    da_f = dc * c
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="You take the sigmoid of a gate once more. The slope at the preactivation is s (1 - s), where s is the gate "
    "itself.",
)
def sigmoid_of_a_gate(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * sigmoid(i) * (1 - sigmoid(i))
    da_f = dc * c * sigmoid(f) * (1 - sigmoid(f))
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * sigmoid(o) * (1 - sigmoid(o))
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="The slope of the candidate's tanh is missing: from g to its preactivation, multiply by 1 - g².",
)
def tanh_slope_of_g_forgotten(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your candidate has the slope of a sigmoid, g (1 - g). It is a tanh: its slope is 1 - g².",
)
def candidate_has_sigmoid_slope(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * g * (1 - g)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="The slope of the candidate's tanh is 1 - g², with the square. You take 1 - g.",
)
def tanh_slope_not_squared(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="You multiply with the new cell state c' where the forget gate's gradient wants the old one: in f ⊙ c the "
    "partner of f is c.",
)
def new_c_in_forget_gate(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    tanh_c = np.tanh(c_next)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c_next * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="The output gate's partner in h' = o ⊙ tanh(c') is tanh(c'). You multiply with c' itself.",
)
def tanh_of_c_forgotten_in_output_gate(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    tanh_c = np.tanh(c_next)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * c_next * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your output gate's gradient is made of that of c'. The gate stands in h' = o ⊙ tanh(c') and nowhere else: "
    "begin from dh_next.",
)
def output_gate_reads_dc(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dc * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Input gate and candidate are exchanged: in i ⊙ g the gradient of i is multiplied by g, and that of g by i.",
)
def input_and_candidate_exchanged(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * i * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * g * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your forget gate gets no gradient: its rows of dW_ih, dW_hh and the biases are zero. It stands in c' = f ⊙ c "
    "+ i ⊙ g.",
)
def forget_gate_gets_nothing(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = np.zeros_like(f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your output gate gets no gradient: its rows of dW_ih, dW_hh and the biases are zero. It stands in h' = o ⊙ "
    "tanh(c').",
)
def output_gate_gets_nothing(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = np.zeros_like(o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="You pack the gradients of the preactivations in another order than the rows of the weights: i, f, g, o.",
)
def blocks_in_another_order(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_o, da_g], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your dh goes through the transposed blocks of W_hh. Forward the product is h @ W_hh.T, so backward it is "
    "with W_hh as it is.",
)
def weights_transposed_back(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {
        "dx": da @ W_ih,
        "dh": sum(d @ W.T for d, W in zip(np.split(da, 4, axis=1), np.split(W_hh, 4), strict=True)),
        "dc": dc * f,
    }
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your dh comes back through the candidate alone. The state h enters all four blocks, the three gates too: all "
    "of W_hh takes part.",
)
def dh_through_candidate_alone(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da_g @ np.split(W_hh, 4)[2], "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your dW_hh is made with the new state h'. What W_hh was multiplied with is the state before the step, h.",
)
def new_h_in_recurrent_weights(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    h = o * tanh_c
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your bias gradients are averages over the batch. Every row adds its share: they are sums.",
)
def biases_averaged(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.mean(axis=0), "db_hh": da.mean(axis=0)}


@mistake(
    "lstm_cell_backward",
    hint="Your weight gradients are divided by the batch size. The loss's gradient says already how much each row "
    "counts: add the shares up.",
)
def weights_averaged(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {
        **back,
        "dW_ih": da.T @ x / len(x),
        "dW_hh": da.T @ h / len(x),
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "lstm_cell_backward",
    hint="You add to dc_next in place, with +=. The array belongs to the caller: make a new one.",
    spoils=(),
)
def dc_next_changed(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next
    dc += dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_backward",
    hint="The gradients of the weights and biases are those of one step alone: each step overwrites the last. All "
    "steps share the weights, so add the shares up.",
)
def overwritten_not_summed(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="The gradients of the weights and biases are divided by the number of steps. The loss's gradient says already "
    "how much each step counts: add the shares up.",
)
def averaged_over_steps(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    sums = {name: sums[name] / len(x) for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="What the later steps say of a state is lost: you give each step dhs[t] alone. Add the dh that the step after "
    "it sent back.",
)
def dh_not_carried(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t], dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="What the later steps say of a cell state is lost: you give each step dcs[t] alone. Add the dc that the step "
    "after it sent back. This is the way on which an LSTM remembers.",
)
def dc_not_carried(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t], x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Only the last row of dhs is used. The loss may look at every state: add dhs[t] at each step.",
)
def only_last_dh_used(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), dhs[-1], np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="The rows of dcs are not used. The loss may look at the cell states too: add dcs[t] at each step.",
)
def dcs_ignored(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Only the last row of dcs is used. The loss may look at every cell state: add dcs[t] at each step.",
)
def only_last_dc_used(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), dcs[-1]
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Your dc piles up: you add what a step sends back to what you had carried to it. That is in there already, "
    "times the forget gate: carry the step's dc on alone.",
)
def dc_piles_up(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], dc + step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Your dh piles up: you add what a step sends back to what you had carried to it. Carry the step's dh on "
    "alone.",
)
def dh_piles_up(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], dh + step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="You give each step the states that it made, hs[t] and cs[t]. What it read are those before it, and h0 and c0 "
    "for the first.",
)
def states_after_the_step(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = hs[t], cs[t]
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="You give each step the cell state that it made, cs[t]. What it read is the one before it, and c0 for the "
    "first.",
)
def c_after_the_step(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1] if t else h0), cs[t]
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="At step 0 you read hs[t - 1] and cs[t - 1]: in Python the index -1 is the last row. What the first step read "
    "is h0 and c0.",
)
def first_step_reads_the_last_states(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = hs[t - 1], cs[t - 1]
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="You let the first step start from zeros. What it read is h0 and c0.",
)
def first_step_reads_zeros(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (np.zeros_like(h0), np.zeros_like(c0))
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Your loop runs forward in time. A step's gradient needs what the step after it sent back: begin with the "
    "last step.",
)
def forward_in_time(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in range(len(x)):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Your dx is reversed in time: its rows are stored in the order in which you visit the steps. Row t belongs to "
    "step t.",
)
def dx_reversed(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[len(x) - 1 - t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Your dh0 is zero. What the first step sends back to its state is the gradient of h0.",
)
def dh0_dropped(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": np.zeros_like(h0), "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    hint="Your dc0 is zero. What the first step sends back to its cell state is the gradient of c0.",
)
def dc0_dropped(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": np.zeros_like(c0), **sums}


@mistake(
    "lstm_backward",
    hint="You write what you carry into dhs or dcs. They belong to the caller: add to an array of your own.",
)
def upstream_changed(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        dhs[t] += dh
        dcs[t] += dc
        step = lstm_cell_backward(dhs[t], dcs[t], x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_gates",
    of=(input_and_forget_exchanged, no_recurrent_bias),
)
def input_and_forget_exchanged_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    a_f, a_i, a_g, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)


@mistake(
    "lstm_cell",
    of=(cell_state_first, tanh_of_c_forgotten),
)
def cell_state_first_and_tanh_of_c_forgotten(x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return c_next, o * c_next


@mistake(
    "lstm_forward",
    of=(h0_ignored, c0_ignored),
)
def h0_ignored_and_c0_ignored(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    h, c, hs, cs = np.zeros_like(h0), np.zeros_like(c0), [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)


@mistake(
    "lstm_cell_backward",
    of=(sigmoid_slopes_forgotten, tanh_slope_of_g_forgotten),
)
def sigmoid_slopes_forgotten_and_tanh_slope_of_g_forgotten(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g
    da_f = dc * c
    da_g = dc * i
    da_o = dh_next * tanh_c
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    of=(tanh_slope_of_c_forgotten, tanh_slope_of_g_forgotten),
)
def tanh_slope_of_c_forgotten_and_tanh_slope_of_g_forgotten(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_cell_backward",
    of=(biases_averaged, weights_averaged),
)
def biases_averaged_and_weights_averaged(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc * f}
    return {
        **back,
        "dW_ih": da.T @ x / len(x),
        "dW_hh": da.T @ h / len(x),
        "db_ih": da.mean(axis=0),
        "db_hh": da.mean(axis=0),
    }


@mistake(
    "lstm_cell_backward",
    of=(dc_next_dropped, forget_path_dropped),
)
def dc_next_dropped_and_forget_path_dropped(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    back = {"dx": da @ W_ih, "dh": da @ W_hh, "dc": dc}
    return {**back, "dW_ih": da.T @ x, "dW_hh": da.T @ h, "db_ih": da.sum(axis=0), "db_hh": da.sum(axis=0)}


@mistake(
    "lstm_backward",
    of=(dh_not_carried, dc_not_carried),
)
def dh_not_carried_and_dc_not_carried(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t], dcs[t], x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    of=(overwritten_not_summed, dcs_ignored),
)
def overwritten_not_summed_and_dcs_ignored(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: step[name] for name in sums}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}


@mistake(
    "lstm_backward",
    of=(dh0_dropped, dc0_dropped),
)
def dh0_dropped_and_dc0_dropped(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, W_ih, W_hh, b_ih, b_hh)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": np.zeros_like(h0), "dc0": np.zeros_like(c0), **sums}


PAIRS = [
    both(no_recurrent_bias, tanh_of_c_forgotten),
    both(input_and_forget_exchanged, c0_ignored),
    both(tanh_of_c_forgotten, c_not_carried),
    both(tanh_slope_of_g_forgotten, overwritten_not_summed),
    both(tanh_slope_of_c_forgotten, dc_not_carried),
    both(path_through_h_forgotten, states_after_the_step),
    both(biases_averaged, dcs_ignored),
]
