"""Known mistakes in `rnn`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake may call the other tasks' functions by name, as a learner's cell would; it costs its own task and every later
one that is built on it, unless `spoils` says which.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions.reference import rnn_cell


@mistake(
    "rnn_cell",
    hint="W_hh is transposed. A batch of states is (B, H) and row i of W_hh makes unit i, so the product "
    "is h @ W_hh.T.",
)
def recurrent_weights_transposed(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh + b_hh)


@mistake("rnn_cell", hint="The recurrent bias b_hh is missing: the state's part is W_hh h + b_hh.")
def no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T)


@mistake("rnn_cell", hint="The input bias b_ih is missing: the input's part is W_ih x + b_ih.")
def no_input_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + h @ W_hh.T + b_hh)


@mistake("rnn_cell", hint="You add b_ih twice and b_hh never. The input's part has b_ih, the state's part b_hh.")
def input_bias_twice(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_ih)


@mistake("rnn_cell", hint="The tanh is missing: without it the cell is linear, and its state can grow without bound.")
def no_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    return x @ W_ih.T + b_ih + h @ W_hh.T + b_hh


@mistake(
    "rnn_cell",
    hint="Your state goes through a sigmoid, from 0 to 1. The plain recurrent cell squashes with tanh, from -1 to 1.",
)
def sigmoid_for_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    a = x @ W_ih.T + b_ih + h @ W_hh.T + b_hh
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


@mistake(
    "rnn_cell",
    hint="Your state goes through max(0, a), a rectifier. The plain recurrent cell of this course squashes with tanh.",
    convention='rectified units (in PyTorch: nonlinearity="relu")',
)
def relu_for_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.maximum(0, x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


@mistake(
    "rnn_cell",
    hint="You take tanh of the input's part and of the state's part, and add the two. Add first: one tanh, of the sum.",
)
def two_tanhs(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih) + np.tanh(h @ W_hh.T + b_hh)


@mistake(
    "rnn_cell",
    hint="Your cell sees the input alone. The state's part W_hh h + b_hh is missing; without it there is no memory.",
)
def state_part_missing(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih)


@mistake(
    "rnn_cell",
    hint="The old state goes in without its weights: the state's part is W_hh h, the matrix times the state.",
)
def state_without_weights(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h + b_hh)


@mistake(
    "rnn_cell",
    hint="You add the old state to the new one. This cell writes its state anew: h' is tanh(...) and nothing else.",
)
def old_state_added(x, h, W_ih, W_hh, b_ih, b_hh):
    return h + np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


@mistake(
    "rnn_cell",
    hint="Your cell writes the new state into h. The caller still needs the old one: make a new array.",
    spoils=("rnn_forward",),
)
def inputs_changed(x, h, W_ih, W_hh, b_ih, b_hh):
    h[:] = np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)
    return h.copy()


@mistake("rnn_forward", hint="Your sequence starts from zeros. Start it from the h0 that you are given.")
def h0_ignored(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = np.zeros_like(h0), []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="The state is not carried: every step starts from h0. Pass each step's result on to the next.",
)
def state_not_carried(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    states = []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h0, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="Your states are one step late: row t holds the state before step t. Store the state after the cell has run; "
    "h0 itself is not part of the result.",
)
def one_step_late(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        states.append(h.copy())
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
    return np.stack(states)


@mistake("rnn_forward", hint="Your result begins with h0 and has T + 1 steps. It should hold h_1 to h_T alone.")
def h0_in_the_result(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, [h0]
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="Your sequence runs backwards in time. Read step 0 first; its state is row 0 of the result.",
)
def time_reversed(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x[::-1]):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="Every row of your result is the last state: the list holds one array many times, or you overwrite it. "
    "Store a new array at each step.",
)
def one_array_for_all_steps(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0.copy(), []
    for t, x_t in enumerate(x):
        h[:] = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h[t >= lengths] = 0
        states.append(h)
    return np.stack(states)


@mistake("rnn_forward", hint="You return the last state alone. The result holds the state of every step, (T, B, H).")
def last_state_only(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h = h0
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
    return h


@mistake("rnn_forward", hint="Your result is batch-first, (B, T, H). In this course time comes first, (T, B, H).")
def batch_first(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states, axis=1)


@mistake(
    "rnn_forward",
    hint="Your result does not depend on lengths: rows that have ended run on through the padding. "
    "From step lengths[b] on, counted from 0, row b should be zero.",
)
def lengths_ignored(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for x_t in x:
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="A row that has ended repeats its last state in your result. There it should be zero.",
)
def last_state_repeated(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        new = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        h = new if lengths is None else np.where((t < lengths)[:, None], new, h)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="Each row ends one step too late: its length counts steps from 1, and t in code counts from 0. "
    "The first step that is zero is t = lengths[b].",
)
def ends_one_step_late(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t <= lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="Each row ends one step too early: the step t = lengths[b] - 1, counted from 0, still belongs to it.",
)
def ends_one_step_early(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths - 1)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="You multiply the states with a mask of ones and zeros, and NaN times zero is NaN. "
    "Pick with np.where, or assign zeros.",
)
def padding_multiplied(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = h * (t < lengths)[:, None]
        states.append(h)
    return np.stack(states)


@mistake(
    "rnn_forward",
    hint="Your result stops at the longest row. It should have T steps as x has, the last ones zero.",
)
def cut_at_the_longest(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for t, x_t in enumerate(x[: len(x) if lengths is None else max(lengths)]):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)


@mistake(
    "cross_entropy",
    hint="Your softmax overflows: exp is taken of a large positive logit, and it is infinite. Take the largest logit "
    "of each position away from all of that position's logits first.",
)
def softmax_overflows(logits, targets):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.mean(np.log(np.take_along_axis(p, targets[..., None], axis=-1)))


@mistake(
    "cross_entropy",
    hint="Your exponents are safe, but then you take the logarithm of a probability that was rounded to 0. "
    "Do not make the probability: log p is the shifted logit minus the logarithm of the sum.",
)
def log_of_zero(logits, targets):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.mean(np.log(np.take_along_axis(p, targets[..., None], axis=-1)))


@mistake(
    "cross_entropy",
    hint="You add a small number to the probability before the logarithm. It hides log 0 and gives a wrong loss, "
    "too small where the target is very unlikely. Do without the probability.",
)
def small_number_added(logits, targets):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.mean(np.log(np.take_along_axis(p, targets[..., None], axis=-1) + 1e-12))


@mistake(
    "cross_entropy",
    hint="You take one largest logit away from all positions. Where a position lies far below it, all its "
    "exponentials are rounded to 0. Each position needs its own largest logit, the maximum along the last axis.",
)
def one_maximum_for_all(logits, targets):
    shifted = logits - logits.max()
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.mean(np.log(np.exp(shifted).sum(axis=-1)) - of_target)


@mistake(
    "cross_entropy",
    hint="You took the largest logit away inside the sum of exponentials, and not from the target's logit. "
    "Take it from both, or add it back to the logarithm.",
)
def maximum_not_added_back(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    return np.mean(np.log(np.exp(shifted).sum(axis=-1)) - of_target)


@mistake("cross_entropy", hint="Your loss is a sum. It should be the mean over all steps and rows.")
def sum_for_mean(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.sum(np.log(np.exp(shifted).sum(axis=-1)) - of_target)


@mistake("cross_entropy", hint="You divide by the number of rows alone. It should be the mean over steps and rows.")
def mean_over_rows_only(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.sum(np.log(np.exp(shifted).sum(axis=-1)) - of_target) / logits.shape[1]


@mistake("cross_entropy", hint="You divide by the number of steps alone. It should be the mean over steps and rows.")
def mean_over_steps_only(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.sum(np.log(np.exp(shifted).sum(axis=-1)) - of_target) / logits.shape[0]


@mistake(
    "cross_entropy",
    hint="You average over the K classes too: your loss is K times too small. Each position has one loss, "
    "its target's.",
)
def mean_over_classes_too(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.mean(np.eye(logits.shape[-1])[targets] * log_p)


@mistake("cross_entropy", hint="Your sign is flipped: the loss is minus the logarithm, so it is never below 0.")
def sign_flipped(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.mean(of_target - np.log(np.exp(shifted).sum(axis=-1)))


@mistake("cross_entropy", hint="Your logarithm is to base 2, so your loss is in bits. Use the natural one, np.log.")
def loss_in_bits(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.mean(np.log(np.exp(shifted).sum(axis=-1)) - of_target) / np.log(2)


@mistake(
    "cross_entropy",
    hint="Your softmax runs over the steps. The probabilities of one position add up to 1 over the characters, "
    "which are the last axis.",
)
def softmax_over_time(logits, targets):
    shifted = logits - logits.max(axis=0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -np.mean(np.take_along_axis(log_p, targets[..., None], axis=-1))


@mistake(
    "cross_entropy",
    hint="You average the probabilities and then take the logarithm. Take the logarithm at each position, "
    "then the mean.",
)
def logarithm_of_the_mean(logits, targets):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.log(np.mean(np.take_along_axis(p, targets[..., None], axis=-1)))


@mistake(
    "sample",
    hint="You take the most likely character each time, whatever u is. Find the first k whose cumulative sum "
    "is above u.",
)
def most_likely(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for _ in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        k = int(np.argmax(W_out @ h[0] + b_out))
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="The state is not carried: each draw starts from zeros. Set the state to zero once, before the loop.",
)
def state_zeroed_at_each_draw(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    k, drawn = start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], np.zeros((1, len(b_hh))), W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="The start goes in at every draw. Only the first input is the start; then each character drawn is the "
    "next input.",
)
def draw_not_fed_back(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, drawn = np.zeros((1, len(b_hh))), []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[start]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        drawn.append(min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1))
    return np.array(drawn)


@mistake(
    "sample",
    hint="You feed the probabilities back. The next input is the one-hot vector of the character that was drawn.",
)
def probabilities_fed_back(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, x, drawn = np.zeros((1, len(b_hh))), np.eye(len(b_out))[[start]], []
    for u_n in u:
        h = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        x = (e / e.sum())[None]
        drawn.append(min(int(np.sum(np.cumsum(x) <= u_n)), len(a) - 1))
    return np.array(drawn)


@mistake("sample", hint="Your result begins with the start. It should hold the N drawn characters alone.")
def start_in_the_result(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, drawn = np.zeros((1, len(b_hh))), [start]
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[drawn[-1]]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        drawn.append(min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1))
    return np.array(drawn)


@mistake(
    "sample",
    hint="Your result is one draw late: it begins with the start, and the last character drawn is missing.",
)
def one_draw_late(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        drawn.append(k)
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
    return np.array(drawn)


@mistake(
    "sample",
    hint="You pick one character too far. The first k whose sum is above u is the number of sums that are not "
    "above it.",
)
def one_character_too_far(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)) + 1, len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="You pick one character too early: the last k whose sum is not above u. The first whose sum is above u "
    "is meant.",
)
def one_character_too_early(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        k = max(int(np.sum(np.cumsum(e / e.sum()) <= u_n)) - 1, 0)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="You sort the characters by probability before you add up. The sums run in the order of the characters, "
    "p_0 first.",
)
def likely_characters_first(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        order = np.argsort(-a)
        k = int(order[min(int(np.sum(np.cumsum(e[order] / e.sum()) <= u_n)), len(a) - 1)])
        drawn.append(k)
    return np.array(drawn)


@mistake("sample", hint="You use the first u for every draw. The n-th draw has the n-th u.")
def first_u_for_all(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for _ in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u[0])), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="Your logits come from the state before the step. Let the cell read the last character first, "
    "then make the logits from the new state.",
)
def logits_of_the_old_state(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        a = (W_out @ h[0] + b_out) / temperature
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake("sample", hint="The output's bias b_out is missing: the logits are W_out h + b_out.")
def no_output_bias(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0]) / temperature
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="Your result does not depend on the temperature. Divide the logits by it before the softmax. "
    "(To divide the probabilities and make them add up to 1 again changes nothing.)",
)
def temperature_ignored(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = W_out @ h[0] + b_out
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="You multiply the logits by the temperature. Divide: a high temperature makes the logits more alike.",
)
def temperature_multiplied(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) * temperature
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="Only W_out h is divided by the temperature, and b_out is not. The logits are W_out h + b_out, and all of it "
    "is divided.",
)
def bias_not_divided(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        a = W_out @ h[0] / temperature + b_out
        e = np.exp(a - a.max())
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(a) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake(
    "sample",
    hint="Your softmax overflows for logits near 1000. Take the largest logit away from all of them before exp.",
)
def sampling_overflows(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        e = np.exp((W_out @ h[0] + b_out) / temperature)
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(e) - 1)
        drawn.append(k)
    return np.array(drawn)


@mistake("rnn_cell", of=(no_input_bias, no_recurrent_bias))
def no_input_bias_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + h @ W_hh.T)


@mistake("rnn_cell", of=(recurrent_weights_transposed, no_recurrent_bias))
def recurrent_weights_transposed_and_no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh)


@mistake("rnn_forward", of=(h0_ignored, lengths_ignored))
def h0_ignored_and_lengths_ignored(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = np.zeros_like(h0), []
    for x_t in x:
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)


@mistake("rnn_forward", of=(one_step_late, lengths_ignored))
def one_step_late_and_lengths_ignored(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = h0, []
    for x_t in x:
        states.append(h.copy())
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    return np.stack(states)


@mistake("rnn_forward", of=(h0_ignored, padding_multiplied))
def h0_ignored_and_padding_multiplied(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    h, states = np.zeros_like(h0), []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = h * (t < lengths)[:, None]
        states.append(h)
    return np.stack(states)


@mistake("cross_entropy", of=(softmax_overflows, sum_for_mean))
def softmax_overflows_and_sum_for_mean(logits, targets):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.sum(np.log(np.take_along_axis(p, targets[..., None], axis=-1)))


@mistake("cross_entropy", of=(log_of_zero, sum_for_mean))
def log_of_zero_and_sum_for_mean(logits, targets):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return -np.sum(np.log(np.take_along_axis(p, targets[..., None], axis=-1)))


@mistake("sample", of=(temperature_ignored, sampling_overflows))
def temperature_ignored_and_sampling_overflows(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    h, k, drawn = np.zeros((1, len(b_hh))), start, []
    for u_n in u:
        h = rnn_cell(np.eye(len(b_out))[[k]], h, W_ih, W_hh, b_ih, b_hh)
        e = np.exp(W_out @ h[0] + b_out)
        k = min(int(np.sum(np.cumsum(e / e.sum()) <= u_n)), len(e) - 1)
        drawn.append(k)
    return np.array(drawn)


PAIRS = [
    both(recurrent_weights_transposed, h0_ignored),
    both(recurrent_weights_transposed, lengths_ignored),
    both(no_recurrent_bias, h0_ignored),
    both(no_recurrent_bias, lengths_ignored),
    both(no_input_bias, one_step_late),
    both(recurrent_weights_transposed, temperature_ignored),
    both(no_recurrent_bias, sampling_overflows),
]
