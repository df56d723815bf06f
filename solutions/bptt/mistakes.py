"""Known mistakes in `bptt`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake in `rnn_backward` shows in `truncated_backward` too, which calls it.  One that is made in the step as often as
in the loop is in the list for both.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions import reference


def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    """The right one, as a learner calls it."""
    _, cache = reference.rnn_forward_cached(x, h0, W_ih, W_hh, b_ih, b_hh)
    return reference.rnn_backward(dhs, cache)


@mistake(
    "numerical_gradient",
    hint="Your difference is one-sided, f(x + ε) - f(x). Its error shrinks with ε alone; that of the central "
    "difference, f(x + ε) - f(x - ε), with ε².",
)
def one_sided(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        gradient[entry] = (f(moved) - f(x)) / eps
        moved[entry] = x[entry]
    return gradient


@mistake(
    "numerical_gradient",
    hint="Your result is twice too large: between x - ε and x + ε lie two steps, so the difference is divided by 2ε.",
)
def divided_by_one_step(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        moved[entry] = x[entry]
        gradient[entry] = (above - below) / eps
    return gradient


@mistake(
    "numerical_gradient",
    hint="You divide by 2 and then multiply by ε: `/ 2 * eps` is read from left to right. Put brackets around 2 ε.",
)
def precedence_of_division(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        moved[entry] = x[entry]
        gradient[entry] = (above - below) / 2 * eps
    return gradient


@mistake(
    "numerical_gradient",
    hint="Your gradient has the wrong sign: what f is below is taken away from what it is above, f(x + ε) - f(x - ε).",
)
def sign_flipped(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        moved[entry] = x[entry]
        gradient[entry] = (below - above) / (2 * eps)
    return gradient


@mistake(
    "numerical_gradient",
    hint="You move all entries of x at once, so every number of your result is the sum of the gradient. Move "
    "one entry at a time.",
)
def all_entries_at_once(f, x, eps=1e-5):
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


@mistake(
    "numerical_gradient",
    hint="An entry that you have moved stays moved while the next ones are tried. Put each back before you go on.",
)
def not_put_back(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        gradient[entry] = (above - below) / (2 * eps)
    return gradient


@mistake(
    "numerical_gradient",
    hint="You move the entries of x itself, and put them back by adding ε again. That does not always give "
    "the same number: the caller's x has changed in its last digits. Work on a copy, and set the entry "
    "from x.",
)
def put_back_by_adding(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for entry in np.ndindex(x.shape):
        x[entry] += eps
        above = f(x)
        x[entry] -= 2 * eps
        below = f(x)
        x[entry] += eps
        gradient[entry] = (above - below) / (2 * eps)
    return gradient


@mistake(
    "numerical_gradient",
    hint="You move the entries of the caller's x, and leave them there. Work on a copy, and put each entry "
    "back before the next one moves.",
)
def x_left_moved(f, x, eps=1e-5):
    gradient = np.zeros(x.shape)
    for entry in np.ndindex(x.shape):
        x[entry] += eps
        above = f(x)
        x[entry] -= 2 * eps
        below = f(x)
        gradient[entry] = (above - below) / (2 * eps)
    return gradient


@mistake(
    "numerical_gradient",
    hint="Your step is always 1e-5. Use the `eps` that the caller gives.",
)
def eps_ignored(f, x, eps=1e-5):
    eps = 1e-5
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        moved[entry] = x[entry]
        gradient[entry] = (above - below) / (2 * eps)
    return gradient


@mistake(
    "numerical_gradient",
    hint="Your result is one long row of numbers. Give it the shape of x: each number stands where its entry stands.",
)
def gradient_flat(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        moved[entry] = x[entry]
        gradient[entry] = (above - below) / (2 * eps)
    return gradient.ravel()


@mistake(
    "numerical_gradient",
    hint="Your loop runs over the first axis alone, so a whole row of x moves at once. Every single entry "
    "has to move by itself, for any number of axes.",
)
def slices_along_first_axis(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for row in range(len(x)):
        moved[row] = x[row] + eps
        above = f(moved)
        moved[row] = x[row] - eps
        below = f(moved)
        moved[row] = x[row]
        gradient[row] = (above - below) / (2 * eps)
    return gradient


@mistake(
    "rnn_cell_backward",
    hint="The derivative of tanh is missing: what arrives at h' has to be multiplied by 1 - h'² to reach a.",
)
def slope_forgotten_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="You take the derivative of tanh at h' instead of at a: 1 - tanh(h')². The state is tanh(a) "
    "already, so the slope is 1 - h'².",
)
def slope_of_the_state_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - np.tanh(h_next) ** 2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your slope is 1 - h', and it should be 1 - h'²: the square is missing.",
)
def slope_not_squared_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your slope is that of the wrong state. The tanh made the new state, so its derivative is 1 - h'² "
    "with the state *after* the step.",
)
def slope_before_the_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="W_hh is transposed. Forwards the product is h @ W_hh.T, so backwards the gradient goes through "
    "W_hh as it stands: da @ W_hh.",
)
def recurrent_weights_transposed_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh.T,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your weight gradients are transposed. Row i of W belongs to unit i, so in dW too the unit comes "
    "first: da.T @ x, and likewise for the state.",
)
def weight_gradients_transposed_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": x.T @ da,
        "dW_hh": h.T @ da,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your dW_hh is transposed. Its row belongs to the unit that listens, as in W_hh, so `da` comes "
    "first in the product, and the state second.",
)
def recurrent_gradient_transposed_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": h.T @ da,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your dW_hh uses the state that the step made. W_hh was multiplied with the state *before* the "
    "step, so that one belongs in the product.",
)
def new_state_for_old_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h_next,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your bias gradients are averaged over the batch. Every row of the batch adds to the loss, so they "
    "are summed; an average, where one is wanted, is in the upstream gradient already.",
)
def bias_averaged_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.mean(axis=0),
        "db_hh": da.mean(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your weight and bias gradients are averaged over the batch. Every row adds to the loss, so they "
    "are summed; an average, where one is wanted, is in the upstream gradient already.",
)
def rows_averaged_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x / len(x),
        "dW_hh": da.T @ h / len(x),
        "db_ih": da.mean(axis=0),
        "db_hh": da.mean(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="Your bias gradients have a row for each sequence of the batch. All rows used the same bias, so "
    "their parts are summed, and the gradient has the shape of the bias.",
)
def bias_not_summed(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.copy(),
        "db_hh": da.copy(),
    }


@mistake(
    "rnn_cell_backward",
    hint="One of the two bias gradients is left out: db_hh is zero. Both biases are added to the same sum, "
    "so both have the same gradient.",
)
def one_bias_left_out_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": np.zeros(da.shape[1]),
    }


@mistake(
    "rnn_cell_backward",
    hint="You share the bias gradient out between the two biases, half to each. Each of them moves the sum "
    "by its full amount, so each gets the whole.",
)
def bias_shared_out_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0) / 2,
        "db_hh": da.sum(axis=0) / 2,
    }


@mistake(
    "rnn_cell_backward",
    hint="The derivative of tanh is missing on the way to x and h. Every path from h' goes through a first: "
    "use `da` for dx and dh as well.",
)
def slope_in_weights_alone(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": dh_next @ W_ih,
        "dh": dh_next @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_cell_backward",
    hint="You add dh_next itself to dh, as if the old state were also copied into the new one. This cell "
    "writes its state anew: h reaches h' through W_hh alone.",
)
def state_passed_through(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh + dh_next,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }


@mistake(
    "rnn_backward",
    hint="Your weight gradients are overwritten at each step instead of accumulated: only the last round of "
    "your loop is left. All steps use the same weights, so their parts are added up.",
)
def weights_overwritten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih = da.T @ x[t]
        dW_hh = da.T @ h
        db_ih = da.sum(axis=0)
        db_hh = da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dW_hh is overwritten at each step instead of accumulated, unlike the other three. Add each "
    "step's part to it.",
)
def recurrent_gradient_overwritten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh = da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your bias gradients are overwritten at each step instead of accumulated. All steps use the same "
    "biases, so their parts are added up.",
)
def biases_overwritten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih = da.sum(axis=0)
        db_hh = da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Nothing comes back from later steps: each step sees its own dhs[t] alone. A state also feeds the "
    "next step; add what came back through it.",
)
def nothing_comes_back(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = dhs[t] * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Only the last step's upstream gradient enters. The loss may look at every state: at each step add "
    "dhs[t] to what came back.",
)
def last_loss_alone(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), dhs[-1]
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = dh * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="The last step's upstream gradient enters twice: `dh` starts as dhs[-1], and the loop adds dhs[t] "
    "at the last step again. Start with zeros.",
)
def last_loss_twice(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), dhs[-1]
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="You add what comes back from each step to what came back from the steps after it, and that has been passed "
    "on already. Only the weights' gradients are sums over the steps: make `dh` anew at each.",
)
def carried_gradient_accumulated(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh += da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="What you carry to the step before has not gone through the tanh: you multiply dhs[t] + dh by W_hh. "
    "Multiply by the slope first.",
)
def slope_lost_on_the_way(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = (dhs[t] + dh) @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your loop runs forward in time. The gradient of a state needs what comes back from the step after "
    "it, so the last step is the first to be done.",
)
def loop_runs_forward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in range(len(x)):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dx is in the order of the loop, the last step first. Put each step's gradient in its own "
    "place, or turn the list round at the end.",
)
def inputs_in_the_order_of_the_loop(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[len(x) - 1 - t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dW_hh uses the state that the step made. W_hh was multiplied with the state *before* the "
    "step, so that one belongs in the product. For step t that is hs[t - 1], and h0 for the first.",
)
def new_state_for_old(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t]
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="At the first step you take hs[-1], the last state, for the state before: in Python the index t - 1 "
    "is -1 there, and that is no error. The first step started from h0.",
)
def last_state_for_h0(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1]
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dW_hh uses h0 at every step. Step t started from the state that the step before it made, hs[t "
    "- 1]; only the first started from h0.",
)
def h0_for_every_step(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="The first step leaves nothing in your dW_hh, as if h0 were zero. It is the state that the first "
    "step started from.",
)
def h0_dropped_from_weights(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else np.zeros(h0.shape)
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dh0 is zero. What comes back from the first step is the gradient of h0: return it.",
)
def dh0_zero(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": np.zeros(h0.shape), "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dh0 is the gradient of h_1, the first state that was made. One more step leads back to h0: "
    "through the slope and through W_hh.",
)
def dh0_one_step_short(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh0, dh = dhs[t] + dh, da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh0, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="The derivative of tanh is missing: what arrives at h' has to be multiplied by 1 - h'² to reach a.",
)
def slope_forgotten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = dhs[t] + dh
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="You take the derivative of tanh at h' instead of at a: 1 - tanh(h')². The state is tanh(a) "
    "already, so the slope is 1 - h'².",
)
def slope_of_the_state(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - np.tanh(hs[t]) ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your slope is 1 - h', and it should be 1 - h'²: the square is missing.",
)
def slope_not_squared(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t])
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your slope is that of the wrong state. The tanh made the new state, so its derivative is 1 - h'² "
    "with the state *after* the step. For step t that is hs[t].",
)
def slope_one_step_early(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - h**2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="W_hh is transposed. Forwards the product is h @ W_hh.T, so backwards the gradient goes through "
    "W_hh as it stands: da @ W_hh.",
)
def recurrent_weights_transposed(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh.T
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your weight gradients are transposed. Row i of W belongs to unit i, so in dW too the unit comes "
    "first: da.T @ x, and likewise for the state.",
)
def weight_gradients_transposed(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.T.shape), np.zeros(W_hh.T.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += x[t].T @ da
        dW_hh += h.T @ da
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your dW_hh is transposed. Its row belongs to the unit that listens, as in W_hh, so `da` comes "
    "first in the product, and the state second.",
)
def recurrent_gradient_transposed(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += h.T @ da
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your bias gradients are averaged over the batch. Every row of the batch adds to the loss, so they "
    "are summed; an average, where one is wanted, is in the upstream gradient already.",
)
def bias_averaged(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.mean(axis=0)
        db_hh += da.mean(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your weight and bias gradients are averaged over the batch. Every row adds to the loss, so they "
    "are summed; an average, where one is wanted, is in the upstream gradient already.",
)
def rows_averaged(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t] / len(h0)
        dW_hh += da.T @ h / len(h0)
        db_ih += da.mean(axis=0)
        db_hh += da.mean(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="Your weight gradients are divided by the number of steps. The gradient of a sum over steps is the "
    "sum of their parts; an average, where one is wanted, is in the upstream gradient already.",
)
def steps_averaged(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    for gradient in (dW_ih, dW_hh, db_ih, db_hh):
        gradient /= len(x)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="One of the two bias gradients is left out: db_hh is zero. Both biases are added to the same sum, "
    "so both have the same gradient.",
)
def one_bias_left_out(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="You share the bias gradient out between the two biases, half to each. Each of them moves the sum "
    "by its full amount, so each gets the whole.",
)
def bias_shared_out(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0) / 2
        db_hh += da.sum(axis=0) / 2
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "rnn_backward",
    hint="You add what comes back into dhs itself, with +=. The array belongs to the caller: make a new one "
    "for the sum.",
)
def upstream_changed(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        dhs[t] += dh
        da = dhs[t] * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake(
    "truncated_backward",
    hint="The gradient is not cut at all: k changes nothing in your result. What comes back must stop at the "
    "first step of each chunk.",
)
def k_ignored(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    return rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh)


@mistake(
    "truncated_backward",
    hint="Your chunks are counted from the end of the sequence, so the first one is the short one. Count "
    "them from the first step: the last may be shorter.",
)
def chunks_counted_from_the_end(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    starts = sorted({0, *range(len(x) % k, len(x), k)})
    dx, dh0, sums = [], None, {}
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[start:end], before, hs[start:end], dhs[start:end], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="Your cuts are one step early: the first chunk has k - 1 steps. Going back, cut after step t = k, "
    "2k, ... counted from 0 has been done, not before.",
)
def first_chunk_too_short(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    starts = sorted({0, *range(k - 1, len(x), k)})
    dx, dh0, sums = [], None, {}
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[start:end], before, hs[start:end], dhs[start:end], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="Your chunks have k + 1 steps. Cut after every k.",
)
def chunks_one_step_too_long(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    starts = list(range(0, len(x), k + 1))
    dx, dh0, sums = [], None, {}
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[start:end], before, hs[start:end], dhs[start:end], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="Your chunks have k - 1 steps. Cut after every k.",
)
def chunks_one_step_too_short(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    starts = list(range(0, len(x), max(1, k - 1)))
    dx, dh0, sums = [], None, {}
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[start:end], before, hs[start:end], dhs[start:end], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="The steps after the last whole chunk are left out: their gradients are missing from every sum. The "
    "last chunk may be shorter than k.",
)
def last_chunk_dropped(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = np.zeros(x.shape), np.zeros(h0.shape), {}
    for start in range(0, len(x) - k + 1, k):
        chunk = slice(start, start + k)
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx[chunk] = part["dx"]
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": dx, "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="You start each chunk from a state of zero. Truncation cuts the gradient alone: the state is "
    "carried on, and a chunk starts from the last state before it.",
)
def state_reset_too(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = np.zeros(h0.shape) if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="You start each chunk from h0. The state is carried on: a chunk starts from the last state before it.",
)
def every_chunk_from_h0(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="You start a chunk from the first state that it makes itself, hs[start]. It started from the one "
    "before, hs[start - 1].",
)
def chunk_from_its_own_state(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="You start the first chunk from hs[-1], the last state of all: in Python the index start - 1 is -1 "
    "there, and that is no error. The first chunk starts from h0.",
)
def last_state_before_the_first_chunk(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start - 1]
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="Your weight gradients are those of the last chunk alone: each chunk overwrites what the one before "
    "left. Add them up.",
)
def chunks_overwritten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="Your weight gradients are averaged over the chunks. They are parts of one gradient, so they are summed.",
)
def chunks_averaged(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    sums = {name: total / len(dx) for name, total in sums.items()}
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="Your dh0 is that of the last chunk. Only the first chunk starts from h0, so it alone gives dh0.",
)
def dh0_of_the_last_chunk(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="You add up what comes back from every chunk into dh0. What comes back from a later chunk is cut "
    "off, and goes nowhere; dh0 is that of the first chunk alone.",
)
def dh0_of_all_chunks(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        dh0 = part["dh0"] if dh0 is None else dh0 + part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="The parts of your dx are in the wrong order: the last chunk's come first.",
)
def inputs_of_chunks_reversed(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    dx, dh0, sums = [], None, {}
    for start in range(0, len(x), k):
        chunk = slice(start, start + k)
        before = hs[start - 1] if start > 0 else h0
        part = rnn_backward(x[chunk], before, hs[chunk], dhs[chunk], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx[::-1]), "dh0": dh0, **sums}


@mistake(
    "truncated_backward",
    hint="You let each step's loss reach back over k steps of its own. That is another truncation, with a "
    "window that slides, and it costs k times as much. Here the sequence is cut into fixed chunks: a "
    "loss reaches back to the first step of its chunk.",
)
def a_window_for_each_loss(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    total = None
    for end in range(len(x)):
        start = max(0, end - k + 1)
        before = hs[start - 1] if start > 0 else h0
        alone = np.zeros(hs[start : end + 1].shape)
        alone[-1] = dhs[end]
        window = x[start : end + 1], before, hs[start : end + 1], alone
        part = rnn_backward(*window, W_ih, W_hh, b_ih, b_hh)
        dx = np.zeros(x.shape)
        dx[start : end + 1] = part["dx"]
        part["dx"] = dx
        if start > 0:
            part["dh0"] = np.zeros(h0.shape)
        total = part if total is None else {name: total[name] + part[name] for name in total}
    return total


@mistake("numerical_gradient", of=(one_sided, not_put_back))
def one_sided_and_not_put_back(f, x, eps=1e-5):
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        gradient[entry] = (f(moved) - f(x)) / eps
    return gradient


@mistake("rnn_cell_backward", of=(slope_forgotten_in_step, one_bias_left_out_in_step))
def slope_and_one_bias_forgotten_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": np.zeros(da.shape[1]),
    }


@mistake("rnn_cell_backward", of=(new_state_for_old_in_step, bias_averaged_in_step))
def new_state_and_bias_averaged_in_step(dh_next, x, h, h_next, W_ih, W_hh):
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h_next,
        "db_ih": da.mean(axis=0),
        "db_hh": da.mean(axis=0),
    }


@mistake("rnn_backward", of=(slope_forgotten, weights_overwritten))
def slope_forgotten_and_weights_overwritten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = dhs[t] + dh
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih = da.T @ x[t]
        dW_hh = da.T @ h
        db_ih = da.sum(axis=0)
        db_hh = da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake("rnn_backward", of=(new_state_for_old, dh0_zero))
def new_state_for_old_and_dh0_zero(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t]
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": np.zeros(h0.shape), "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake("rnn_backward", of=(new_state_for_old, bias_averaged))
def new_state_for_old_and_bias_averaged(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t]
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ h
        db_ih += da.mean(axis=0)
        db_hh += da.mean(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake("rnn_backward", of=(nothing_comes_back, weights_overwritten))
def nothing_comes_back_and_weights_overwritten(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        h = hs[t - 1] if t > 0 else h0
        da = dhs[t] * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih = da.T @ x[t]
        dW_hh = da.T @ h
        db_ih = da.sum(axis=0)
        db_hh = da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}


@mistake("truncated_backward", of=(chunks_counted_from_the_end, state_reset_too))
def chunks_from_the_end_and_state_reset(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    starts = sorted({0, *range(len(x) % k, len(x), k)})
    dx, dh0, sums = [], None, {}
    for start, end in zip(starts, [*starts[1:], len(x)], strict=True):
        before = np.zeros(h0.shape) if start > 0 else h0
        part = rnn_backward(x[start:end], before, hs[start:end], dhs[start:end], W_ih, W_hh, b_ih, b_hh)
        dx.append(part["dx"])
        if start == 0:
            dh0 = part["dh0"]
        for name in ["dW_ih", "dW_hh", "db_ih", "db_hh"]:
            sums[name] = sums.get(name, 0) + part[name]
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}


PAIRS = [
    both(slope_forgotten, state_reset_too),
    both(weights_overwritten, chunks_overwritten),
    both(slope_forgotten, k_ignored),
]
