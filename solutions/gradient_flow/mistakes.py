"""Known mistakes in `gradient_flow`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake may call the other tasks' functions by name, as a learner's answer would; it costs its own task and every
later one that is built on it.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions.reference import rnn_cell
from solutions.reference import rnn_jacobian as state_jacobian


@mistake(
    "state_jacobian",
    hint="Your slope is that of the old state. tanh is taken on the way to the new one, so its slope is 1 - h'², with "
    "the state after the step.",
)
def slope_of_old_state(x, h, W_ih, W_hh, b_ih, b_hh):
    return (1 - h**2)[:, :, None] * W_hh


@mistake(
    "state_jacobian",
    hint="The slope of tanh is missing: W_hh alone is the Jacobian of a linear cell. Row i is multiplied by 1 - h'_i².",
)
def slope_missing(x, h, W_ih, W_hh, b_ih, b_hh):
    return np.stack([W_hh] * len(h))


@mistake(
    "state_jacobian",
    hint="Your slopes multiply the columns of W_hh. They belong to the units that are written, so they multiply its "
    "rows: diag(1 - h'²) W_hh, not W_hh diag(1 - h'²).",
)
def slope_on_columns(x, h, W_ih, W_hh, b_ih, b_hh):
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return (1 - h_next**2)[:, None, :] * W_hh


@mistake(
    "state_jacobian",
    hint="Your Jacobian is transposed: entry [b, i, j] is how unit i of the new state moves with unit j of the old "
    "one. What a gradient is multiplied with on its way back is the transpose of this.",
)
def jacobian_transposed(x, h, W_ih, W_hh, b_ih, b_hh):
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return ((1 - h_next**2)[:, :, None] * W_hh).swapaxes(1, 2)


@mistake(
    "state_jacobian", hint="Your slope is 1 - h'. The derivative of tanh(a) is 1 - tanh²(a): the square is missing."
)
def slope_without_square(x, h, W_ih, W_hh, b_ih, b_hh):
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return (1 - h_next)[:, :, None] * W_hh


@mistake(
    "state_jacobian",
    hint="Your slope is the sigmoid's, s (1 - s). The cell has a tanh, and the derivative of tanh(a) is 1 - tanh²(a).",
)
def slope_of_sigmoid(x, h, W_ih, W_hh, b_ih, b_hh):
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return (h_next * (1 - h_next))[:, :, None] * W_hh


@mistake(
    "state_jacobian",
    hint="You take tanh twice: the new state is tanh(a) already, so the slope is 1 - h'² and not 1 - tanh²(h').",
)
def tanh_twice(x, h, W_ih, W_hh, b_ih, b_hh):
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return (1 - np.tanh(h_next) ** 2)[:, :, None] * W_hh


@mistake(
    "state_jacobian",
    hint="You return one matrix, a mean over the batch. Each row has its own state and its own Jacobian: (B, H, H).",
)
def mean_over_batch(x, h, W_ih, W_hh, b_ih, b_hh):
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return ((1 - h_next**2)[:, :, None] * W_hh).mean(axis=0)


@mistake(
    "decay_curve",
    hint="Your product is in the wrong order: going back one more step puts its Jacobian on the right, "
    "J_T J_{T-1} ..., since it is the first to act on a change.",
)
def product_on_the_left(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = J @ product
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


@mistake(
    "decay_curve",
    hint="Your curve starts at the wrong end: row k is how h_k feels h_0. Wanted is how h_T, the last state, feels "
    "h_{T-k}: begin with the last step's Jacobian and go back.",
)
def from_the_first_state(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, product, norms = h0, np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for x_t in x:
        product = state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh) @ product
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


@mistake(
    "decay_curve",
    hint="This is the Frobenius norm, the root of the sum of all squares. The spectral norm is the largest singular "
    "value: np.linalg.norm takes it with ord=2.",
)
def frobenius_norm(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, axis=(1, 2)))
    return np.stack(norms)


@mistake(
    "decay_curve",
    hint="You take the largest eigenvalue. A product of different matrices can stretch a vector by far more than that: "
    "the spectral norm is the largest singular value.",
)
def largest_eigenvalue(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.abs(np.linalg.eigvals(product)).max(axis=1))
    return np.stack(norms)


@mistake(
    "decay_curve",
    hint="You multiply the norms of the single Jacobians. That is an upper bound; wanted is the norm of their product, "
    "so multiply the matrices first.",
)
def product_of_norms(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, norms = h0, []
    for x_t in x:
        J = state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh)
        norms.append(np.linalg.norm(J, ord=2, axis=(1, 2)))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    return np.cumprod(np.stack([np.ones(len(h0)), *norms[::-1]]), axis=0)


@mistake(
    "decay_curve", hint="Lag 0 is missing: the first row is the norm of the identity, 1, and the result has T + 1 rows."
)
def lag_zero_missing(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), []
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


@mistake("decay_curve", hint="Your curve is upside down: row 0 should be lag 0, which is 1, and the last row lag T.")
def curve_reversed(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms[::-1])


@mistake("decay_curve", hint="Your sequence starts from zeros. Start it from the h0 that you are given.")
def h0_ignored(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = np.zeros_like(h0), []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


@mistake(
    "decay_curve",
    hint="The state is not carried: every Jacobian is taken at h0. Run the cell, and take each Jacobian at the state "
    "that the step starts from.",
)
def state_not_carried(x, h0, W_ih, W_hh, b_ih, b_hh):
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for x_t in x[::-1]:
        product = product @ state_jacobian(x_t, h0, W_ih, W_hh, b_ih, b_hh)
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


@mistake(
    "decay_curve",
    hint="You move the state on before you take the Jacobian, so each is taken one step late. The Jacobian of step t "
    "is at the state before it, h_{t-1}.",
)
def jacobian_one_step_late(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)


@mistake(
    "orthogonal",
    hint="The signs are left as the library gave them. Turn each column of Q for which the diagonal of R is negative.",
)
def signs_not_fixed(A):
    return np.linalg.qr(A)[0]


@mistake(
    "orthogonal",
    hint="Your signs turn the rows of Q. The k-th number on the diagonal of R belongs to the k-th column of Q.",
)
def signs_on_rows(A):
    Q, R = np.linalg.qr(A)
    return Q * np.sign(np.diag(R))[:, None]


@mistake(
    "orthogonal",
    hint="You take the signs of Q's own diagonal. It is the diagonal of R that should be positive: that makes Q "
    "unique.",
)
def signs_of_q(A):
    Q, _ = np.linalg.qr(A)
    return Q * np.sign(np.diag(Q))


@mistake(
    "orthogonal",
    hint="Your result is transposed. It is orthogonal too, but A = Q R holds for Q, not for its transpose.",
)
def factor_transposed(A):
    Q, R = np.linalg.qr(A)
    return (Q * np.sign(np.diag(R))).T


@mistake(
    "orthogonal",
    hint="You multiply by the diagonal of R itself, not by its signs, so the columns no longer have length 1.",
)
def diagonal_for_signs(A):
    Q, R = np.linalg.qr(A)
    return Q * np.diag(R)


@mistake(
    "orthogonal",
    hint="You divide each column of A by its length. They have length 1 then, but are not at right angles: QᵀQ is not "
    "I. Use the QR decomposition.",
)
def columns_of_length_one(A):
    return A / np.linalg.norm(A, axis=0)


@mistake(
    "orthogonal",
    hint="You divide A by its largest singular value. That one is 1 then, and all others are smaller; of an orthogonal "
    "matrix every singular value is 1. Use the QR decomposition.",
)
def spectral_norm_one(A):
    return A / np.linalg.norm(A, ord=2)


@mistake(
    "orthogonal",
    hint="Your matrix is orthogonal, and made from the singular vectors: the orthogonal matrix nearest to A. Asked for "
    "is another one, the Q of A = Q R with a positive diagonal of R.",
)
def nearest_orthogonal(A):
    U, _, Vt = np.linalg.svd(A)
    return U @ Vt


@mistake(
    "clip_by_global_norm",
    hint="You clip each array by its own norm. That changes the direction of the step: all arrays together are one "
    "vector, with one norm and one factor.",
)
def each_array_alone(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * (max_norm / max(np.linalg.norm(g), max_norm)) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You clip number by number, between -max_norm and max_norm. That changes the direction; scale all arrays by "
    "one factor, computed from the global norm.",
)
def clipped_by_value(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: np.clip(g, -max_norm, max_norm) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You scale short gradients up. Gradients whose norm is at most max_norm keep their values: the factor is "
    "never above 1.",
)
def always_scaled(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * (max_norm / norm if norm > 0 else 1) for name, g in gradients.items()}, norm


@mistake("clip_by_global_norm", hint="The root is missing: the norm is the square root of the sum of all squares.")
def norm_without_root(gradients, max_norm):
    norm = sum(np.sum(g**2) for g in gradients.values())
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You add the norms of the arrays. The norm of all together is the root of the sum of their squares.",
)
def sum_of_norms(gradients, max_norm):
    norm = sum(np.linalg.norm(g) for g in gradients.values())
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You take the largest norm of any one array. The global norm is that of all arrays together: the root of the "
    "sum of all squares.",
)
def largest_norm(gradients, max_norm):
    norm = max(np.linalg.norm(g) for g in gradients.values())
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You take the mean of the squares, not their sum, so the limit means something else for each size of the "
    "network.",
)
def mean_of_squares(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()) / sum(g.size for g in gradients.values()))
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="The norm that you return is the one after clipping. Return the norm before: it says how far off the "
    "gradients were.",
)
def norm_after_clipping(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}, min(norm, max_norm)


@mistake(
    "clip_by_global_norm",
    hint="There is a small number in your denominator. It is not needed here, and makes the norm a little less than "
    "max_norm.",
    convention="the denominator of torch.nn.utils.clip_grad_norm_, which adds 1e-6",
)
def small_number_added(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * min(1, max_norm / (norm + 1e-6)) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="Gradients of zero make you divide by zero, and NumPy warns. Divide by the larger of the norm and max_norm: "
    "then the factor is right in every case.",
)
def divides_by_zero(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * np.minimum(1, max_norm / norm) for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You change the caller's gradients. Make new arrays, with factor * g and not g *= factor.",
)
def gradients_changed(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    for g in gradients.values():
        g *= max_norm / max(norm, max_norm)
    return {name: g.copy() for name, g in gradients.items()}, norm


@mistake(
    "clip_by_global_norm",
    hint="You return the clipped gradients alone. Return a tuple: the dictionary, and the norm before.",
)
def norm_not_returned(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * (max_norm / max(norm, max_norm)) for name, g in gradients.items()}


@mistake(
    "clips_too_late", hint="Your answer is the wrong way round: True is for a loop whose steps see no clipping at all."
)
def answer_flipped(loop, parameters, max_norm, learning_rate):
    gradients = {name: np.full_like(p, 1000 * max_norm) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    return not all(np.allclose(after[name], p - learning_rate * gradients[name]) for name, p in parameters.items())


@mistake(
    "clips_too_late",
    hint="Your gradients are too small to be clipped, so every loop seems to do nothing to them. Make them far larger "
    "than max_norm.",
)
def nothing_to_clip(loop, parameters, max_norm, learning_rate):
    gradients = {name: np.full_like(p, 0.001 * max_norm) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    return all(np.allclose(after[name] - p, -learning_rate * gradients[name]) for name, p in parameters.items())


@mistake(
    "clips_too_late",
    hint="Your test finds no loop that clips too late. Are your gradients large enough to be clipped, so that a step "
    "of unclipped ones is longer than the limit? Make every number of them far larger than max_norm.",
)
def no_step_above_the_limit(loop, parameters, max_norm, learning_rate):
    gradients = {name: np.full_like(p, 0.001 * max_norm) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    length = np.sqrt(sum(np.sum((after[name] - p) ** 2) for name, p in parameters.items()))
    return bool(length > learning_rate * max_norm)


@mistake(
    "clips_too_late",
    hint="You also blame the loops that clip each array alone, or number by number. Their steps are longer than they "
    "should be, but they are clipped. Compare with the step that unclipped gradients would make.",
)
def every_long_step(loop, parameters, max_norm, learning_rate):
    gradients = {name: np.full_like(p, 1000 * max_norm) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    length = np.sqrt(sum(np.sum((after[name] - p) ** 2) for name, p in parameters.items()))
    return bool(length > 1.01 * learning_rate * max_norm)


@mistake(
    "clips_too_late",
    hint="The norm of your gradients is above max_norm, but each single number is below it, so a loop that clips "
    "number by number leaves them alone. Make every number far larger than max_norm.",
)
def numbers_below_the_limit(loop, parameters, max_norm, learning_rate):
    size = sum(p.size for p in parameters.values())
    gradients = {name: np.full_like(p, 2 * max_norm / np.sqrt(size)) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    return all(np.allclose(after[name] - p, -learning_rate * gradients[name]) for name, p in parameters.items())


@mistake(
    "clips_too_late",
    hint="You compare the step with max_norm and leave out the learning rate: a step is the learning rate times the "
    "gradients, so with a small rate even an unclipped step is short.",
)
def learning_rate_forgotten(loop, parameters, max_norm, learning_rate):
    gradients = {name: np.full_like(p, 20 * max_norm) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    length = np.sqrt(sum(np.sum((after[name] - p) ** 2) for name, p in parameters.items()))
    return bool(length > 1.01 * max_norm)


@mistake(
    "clips_too_late",
    hint="You look at the direction of the step alone. Right clipping keeps the direction too; what it changes is the "
    "length.",
)
def direction_alone(loop, parameters, max_norm, learning_rate):
    gradients = {name: 1000 * max_norm * (2 + np.arange(p.size).reshape(p.shape)) for name, p in parameters.items()}
    after = loop(parameters, lambda _: gradients, max_norm, learning_rate, 1)
    step = np.concatenate([np.ravel(p - after[name]) for name, p in parameters.items()])
    g = np.concatenate([np.ravel(gradients[name]) for name in parameters])
    return bool(step @ g > 0.999999 * np.linalg.norm(step) * np.linalg.norm(g))


@mistake("state_jacobian", of=(slope_of_old_state, slope_on_columns))
def slope_of_old_state_and_slope_on_columns(x, h, W_ih, W_hh, b_ih, b_hh):
    return (1 - h**2)[:, None, :] * W_hh


@mistake("decay_curve", of=(frobenius_norm, lag_zero_missing))
def frobenius_norm_and_lag_zero_missing(x, h0, W_ih, W_hh, b_ih, b_hh):
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product, norms = np.stack([np.eye(h0.shape[1])] * len(h0)), []
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, axis=(1, 2)))
    return np.stack(norms)


@mistake("clip_by_global_norm", of=(each_array_alone, small_number_added))
def each_array_alone_and_small_number_added(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * min(1, max_norm / (np.linalg.norm(g) + 1e-6)) for name, g in gradients.items()}, norm


@mistake("clip_by_global_norm", of=(always_scaled, divides_by_zero))
def always_scaled_and_divides_by_zero(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    return {name: g * (max_norm / norm) for name, g in gradients.items()}, norm


@mistake("clip_by_global_norm", of=(gradients_changed, norm_after_clipping))
def gradients_changed_and_norm_after_clipping(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    for g in gradients.values():
        g *= max_norm / max(norm, max_norm)
    return {name: g.copy() for name, g in gradients.items()}, min(norm, max_norm)


PAIRS = [
    both(slope_of_old_state, product_on_the_left),
    both(slope_without_square, h0_ignored),
    both(jacobian_transposed, frobenius_norm),
]
