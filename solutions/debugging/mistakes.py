"""Known mistakes in `debugging`.  Each is a whole answer that a learner could write, and what to tell them.

The first of each task is the bug itself, copied as it stands.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions.reference import sigmoid


def gradient_of(theta, x, y):
    """As the notebook has it."""


def shorten(g, max_norm):
    """As the notebook has it."""


@mistake(
    "mended_step",
    hint="The reset gate is still dead: the candidate is made without r. Let it read "
    "r ⊙ (W_hn h + b_hn) where it now reads W_hn h + b_hn.",
)
def reset_gate_still_dead(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="Your reset gate multiplies the state before the product: W_hn (r ⊙ h) + b_hn. Here it multiplies what the "
    "product and its bias made of the state.",
    convention="the reset gate before the product, as in program 5 and its source",
)
def reset_before_the_product(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + (r * h) @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="The bias b_hn is outside the reset gate: you have r ⊙ (W_hn h) + b_hn, it should be r ⊙ (W_hn h + b_hn).",
)
def bias_outside_the_reset(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * (h @ p["W_hn"].T) + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="Your reset gate multiplies what comes from the input too. It resets the state's part of the candidate "
    "alone: W_in x + b_in stays outside the bracket.",
)
def input_reset_too(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(r * (x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="You reset the input's part of the candidate, W_in x + b_in. It is the state's part that is multiplied with "
    "r: W_hn h + b_hn.",
)
def input_reset_instead(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(r * (x @ p["W_in"].T + p["b_in"]) + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="Your reset gate multiplies the candidate after tanh. It belongs inside, before the sum: "
    "tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)).",
)
def candidate_reset_after_tanh(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = r * np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="Your update gate reads a state that has been reset too. Only the candidate does: z reads h as it is. If you "
    "multiply inside the loop over the gates, do it for the candidate alone.",
)
def update_gate_reset_too(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + r * (h @ p["W_hz"].T + p["b_hz"]))
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * (h @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="The candidate is reset with the update gate z. It is r that resets.",
)
def reset_with_the_update_gate(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + z * (h @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * n + z * h


@mistake(
    "mended_step",
    hint="The candidate is right, but the state that is kept has been reset too. In h' = (1 - z) ⊙ n + z ⊙ h the "
    "state h is the old one, as it came in.",
)
def kept_state_reset(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * (h @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * n + z * (r * h)


@mistake(
    "mended_step",
    hint="The reset gate is mended, but the update gate is flipped now: h' = (1 - z) ⊙ n + z ⊙ h, and z keeps the old "
    "state. Program 1 had that right.",
)
def update_gate_flipped(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * (h @ p["W_hn"].T + p["b_hn"]))
    return z * n + (1 - z) * h


@mistake(
    "input_that_shows",
    hint="Too little comes from the state into the candidate: W_hn h + b_hn lies between -0.5 and 0.5, so there is "
    "little to reset, or nothing, as in the lazy test. A larger bias b_hn does it, whatever the state is.",
)
def nothing_to_reset(B, D, H):
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    p = {kind + gate: np.zeros(shape) for gate in "rzn" for kind, shape in shapes.items()}
    p["b_ir"] -= 8
    p["b_iz"] -= 8
    return np.zeros((B, D)), np.zeros((B, H)), p


@mistake(
    "input_that_shows",
    hint="Your reset gate lets too much through: the nearer r is to 1, the less a dead reset gate differs from a "
    "living one. Shut it, so that r is near 0: a bias b_ir well below 0, or b_hr.",
)
def reset_gate_left_open(B, D, H):
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    p = {kind + gate: np.zeros(shape) for gate in "rzn" for kind, shape in shapes.items()}
    p["b_ir"] += 8
    p["b_iz"] -= 8
    p["b_hn"] += 2
    return np.zeros((B, D)), np.zeros((B, H)), p


@mistake(
    "input_that_shows",
    hint="The two candidates differ enough, but little of them is seen: z is not near 0, and z keeps the old state, "
    "which is the same in both. Shut the update gate, so that the candidate becomes the state: a bias b_iz well "
    "below 0, or b_hz.",
)
def old_state_kept(B, D, H):
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    p = {kind + gate: np.zeros(shape) for gate in "rzn" for kind, shape in shapes.items()}
    p["b_ir"] -= 8
    p["b_iz"] += 8
    p["b_hn"] += 2
    return np.zeros((B, D)), np.zeros((B, H)), p


@mistake(
    "input_that_shows",
    hint="What enters tanh differs by more than 0.5, and the two candidates do not: tanh makes differences smaller, "
    "and near 1 and -1, where it is flat, almost nothing is left of them. Let the right candidate be near 0 (W_in x + "
    "b_in at 0, r shut tightly) and W_hn h + b_hn large.",
)
def candidate_saturated(B, D, H):
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    p = {kind + gate: np.zeros(shape) for gate in "rzn" for kind, shape in shapes.items()}
    p["b_ir"] -= 8
    p["b_iz"] -= 8
    p["b_in"] += 5
    p["b_hn"] += 2
    return np.zeros((B, D)), np.zeros((B, H)), p


@mistake(
    "input_that_shows",
    hint="Only one row of the batch shows it: in the others nothing comes from the state. Every row has a state of its "
    "own, and every one should do it; biases reach all rows at once.",
)
def one_row_alone(B, D, H):
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    p = {kind + gate: np.zeros(shape) for gate in "rzn" for kind, shape in shapes.items()}
    p["b_ir"] -= 8
    p["b_iz"] -= 8
    p["W_hn"] += 2
    h = np.zeros((B, H))
    h[0] = 1
    return np.zeros((B, D)), h, p


@mistake(
    "input_that_shows",
    hint="Only one unit shows it: for the others nothing comes from the state. A bias b_hn does it, with all its "
    "entries set.",
)
def one_unit_alone(B, D, H):
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    p = {kind + gate: np.zeros(shape) for gate in "rzn" for kind, shape in shapes.items()}
    p["b_ir"] -= 8
    p["b_iz"] -= 8
    p["b_hn"][0] = 2
    return np.zeros((B, D)), np.zeros((B, H)), p


@mistake(
    "train_clipped",
    hint="Your steps are still made with the gradients as they were. Either `shorten` comes before the gradient is in "
    "g, and shortens zeros, or after the step, or it is given a copy, or it is not called at all. The order is: "
    "gradient, shorten, step, and all three on one array.",
)
def limit_still_without_effect(theta, x, y, max_norm, learning_rate):
    theta, g = theta.copy(), np.zeros(2)
    for x_now, y_now in zip(x, y, strict=True):
        g[:] = 0
        shorten(g, max_norm)
        g += gradient_of(theta, x_now, y_now)
        theta -= learning_rate * g
    return theta


@mistake(
    "train_clipped",
    hint="Your gradients pile up: g is not set to zero before the gradient of the next batch is added, so each step "
    "takes those of the batches before along.",
)
def gradients_pile_up(theta, x, y, max_norm, learning_rate):
    theta, g = theta.copy(), np.zeros(2)
    for x_now, y_now in zip(x, y, strict=True):
        g += gradient_of(theta, x_now, y_now)
        shorten(g, max_norm)
        theta -= learning_rate * g
    return theta


@mistake(
    "train_clipped",
    hint="You shorten the step, learning rate and all, instead of the gradient. The limit is for g: shorten first, "
    "then multiply by the learning rate.",
)
def step_shortened(theta, x, y, max_norm, learning_rate):
    theta = theta.copy()
    for x_now, y_now in zip(x, y, strict=True):
        g = learning_rate * gradient_of(theta, x_now, y_now)
        shorten(g, max_norm)
        theta -= g
    return theta


@mistake(
    "train_clipped",
    hint="You shorten the parameters. It is the gradient that may be too long; the parameters may be as long as they "
    "are.",
)
def parameters_shortened(theta, x, y, max_norm, learning_rate):
    theta = theta.copy()
    for x_now, y_now in zip(x, y, strict=True):
        theta -= learning_rate * gradient_of(theta, x_now, y_now)
        shorten(theta, max_norm)
    return theta


@mistake(
    "train_clipped",
    hint="You cut each number of the gradient for itself. That turns the gradient into another direction. Make the "
    "whole vector shorter, by one factor: that is what `shorten` does.",
)
def each_number_cut(theta, x, y, max_norm, learning_rate):
    theta = theta.copy()
    for x_now, y_now in zip(x, y, strict=True):
        g = np.clip(gradient_of(theta, x_now, y_now), -max_norm, max_norm)
        theta -= learning_rate * g
    return theta


@mistake(
    "train_clipped",
    hint="Your gradients all have the length max_norm: the short ones are made longer. Only those that are longer than "
    "max_norm are to be changed.",
)
def short_gradients_lengthened(theta, x, y, max_norm, learning_rate):
    theta = theta.copy()
    for x_now, y_now in zip(x, y, strict=True):
        g = gradient_of(theta, x_now, y_now)
        theta -= learning_rate * max_norm * g / np.linalg.norm(g)
    return theta


@mistake(
    "train_clipped",
    hint="You clip once and make one step, with the sum of all gradients at the first theta. Each batch has a step of "
    "its own, from where the one before has led, and is clipped by itself.",
)
def one_step_for_all(theta, x, y, max_norm, learning_rate):
    g = np.zeros(2)
    for x_now, y_now in zip(x, y, strict=True):
        g += gradient_of(theta, x_now, y_now)
    shorten(g, max_norm)
    return theta - learning_rate * g


@mistake(
    "train_clipped",
    hint="You change the caller's theta: `theta -= ...` works in place, and theta is still the array that you were "
    "given. Begin with a copy, as program 2 does.",
)
def callers_theta_changed(theta, x, y, max_norm, learning_rate):
    for x_now, y_now in zip(x, y, strict=True):
        g = gradient_of(theta, x_now, y_now)
        shorten(g, max_norm)
        theta -= learning_rate * g
    return theta


@mistake(
    "train_clipped",
    hint="Your steps go uphill: the gradient points to where the loss grows, so it is subtracted.",
)
def uphill(theta, x, y, max_norm, learning_rate):
    theta = theta.copy()
    for x_now, y_now in zip(x, y, strict=True):
        g = gradient_of(theta, x_now, y_now)
        shorten(g, max_norm)
        theta += learning_rate * g
    return theta


@mistake(
    "constant_error",
    hint="This is the number that was copied, whatever the targets are. Measure: take the best constant for these "
    "targets, and the mean of its squared errors on them.",
)
def still_the_copied_number(targets):
    return 0.1767


@mistake(
    "constant_error",
    hint="This is one sixth, whatever the targets are. It is right for endlessly many sums of two numbers between 0 "
    "and 1; here the bar is to be measured, on the targets that are given.",
)
def always_one_sixth(targets):
    return 1 / 6


@mistake(
    "constant_error",
    hint="You measure a model that answers 1. The best constant depends on the targets: which one is it?",
)
def answer_one(targets):
    return np.mean((targets - 1) ** 2)


@mistake(
    "constant_error",
    hint="You divide by N - 1. That estimates the variance of a population from a sample; the error that a model makes "
    "on these N targets is a plain mean, and divides by N.",
)
def divided_by_one_less(targets):
    return np.var(targets, ddof=1)


@mistake(
    "constant_error",
    hint="Your constant is the median. It is the best one for absolute errors; for squared errors another one is.",
)
def median_answered(targets):
    return np.mean((targets - np.median(targets)) ** 2)


@mistake(
    "constant_error",
    hint="This is the root of what is wanted. The losses in the papers are mean squared errors, without a root.",
)
def root_taken(targets):
    return np.std(targets)


@mistake(
    "constant_error",
    hint="You take absolute errors. The bar has to be in the same measure as the losses: squared errors.",
)
def absolute_errors(targets):
    return np.mean(np.abs(targets - targets.mean()))


@mistake(
    "constant_error",
    hint="This is the sum of the squared errors. Divide by their number.",
)
def sum_of_squares(targets):
    return np.sum((targets - targets.mean()) ** 2)


@mistake(
    "constant_error",
    hint="This is the best constant itself. Wanted is how far off it is: its mean squared error on these targets.",
)
def the_constant_itself(targets):
    return targets.mean()


@mistake(
    "constant_error",
    hint="This is the mean of the squared targets: the error of answering 0. Which constant is the best one?",
)
def answer_zero(targets):
    return np.mean(targets**2)


@mistake(
    "expected_error",
    hint="This is the number that was copied. It is wrong even for two numbers between 0 and 1: derive the right one.",
)
def copied_number_again(count, low, high):
    return 0.1767


@mistake(
    "expected_error",
    hint="One sixth is right for two numbers between 0 and 1. Let the result depend on how many there are, and on how "
    "wide they are spread.",
)
def one_sixth_for_all(count, low, high):
    return 1 / 6


@mistake(
    "expected_error",
    hint="The number of them enters squared. So it would be if all of them were one and the same number, or the sum "
    "uniform between count · low and count · high; values in the middle come about in more ways. Variances of "
    "independent numbers add up.",
)
def sum_taken_for_uniform(count, low, high):
    return (count * (high - low)) ** 2 / 12


@mistake(
    "expected_error",
    hint="This is the standard deviation. The mean squared error is its square, the variance.",
)
def standard_deviation(count, low, high):
    return (count / 12) ** 0.5 * (high - low)


@mistake(
    "expected_error",
    hint="The width enters unsquared. A number that is stretched to twice the width has four times the variance.",
)
def width_not_squared(count, low, high):
    return count * (high - low) / 12


@mistake(
    "expected_error",
    hint="This is the variance of one number alone. The target is a sum of `count` of them.",
)
def one_number_alone(count, low, high):
    return (high - low) ** 2 / 12


@mistake(
    "expected_error",
    hint="This is the expectation of the squared sum: the error of answering 0. The best constant answer is the "
    "expectation of the sum, not 0.",
)
def error_of_answering_zero(count, low, high):
    return count * (high - low) ** 2 / 12 + (count * (low + high) / 2) ** 2


@mistake(
    "expected_error",
    hint="This is the error of answering 1. That is the best answer where the expectation of the sum is 1, as in the "
    "adding problem of the paper. Here it may be anything.",
)
def error_of_answering_one(count, low, high):
    return count * (high - low) ** 2 / 12 + (count * (low + high) / 2 - 1) ** 2


@mistake(
    "expected_error",
    hint="This is the variance of the mean of the numbers. Their sum has count² times as much.",
)
def mean_instead_of_sum(count, low, high):
    return (high - low) ** 2 / 12 / count


@mistake(
    "expected_error",
    hint="This is the expectation of the sum: the best constant itself. Wanted is its mean squared error.",
)
def the_expectation_itself(count, low, high):
    return count * (low + high) / 2


@mistake(
    "step_like_run",
    hint="Your step still keeps with z, as `step_4` does: where z is 1 it gives back h. In `run_4` a z of 1 replaces h "
    "by n. If you have changed both z and the last line, the two changes undo each other.",
)
def still_keeps_with_z(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "step_like_run",
    hint="You turn the sign of the weights of z and leave that of its biases. 1 - σ(a) is σ(-a), with a minus before "
    "all of a: weights and biases.",
)
def biases_not_turned(x, h, p):
    z = sigmoid(-(x @ p["W_iz"].T) + p["b_iz"] - h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return n + z * (h - n)


@mistake(
    "step_like_run",
    hint="You turn the sign of the biases of z and leave that of its weights. 1 - σ(a) is σ(-a), with a minus before "
    "all of a: weights and biases.",
)
def weights_not_turned(x, h, p):
    z = sigmoid(x @ p["W_iz"].T - p["b_iz"] + h @ p["W_hz"].T - p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return n + z * (h - n)


@mistake(
    "step_like_run",
    hint="You add z ⊙ n to the whole of h. What z writes takes the place of what was there: h + z ⊙ (n - h), which is "
    "(1 - z) ⊙ h + z ⊙ n.",
)
def written_on_top(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return h + z * n


@mistake(
    "step_like_run",
    hint="In your last line the difference has the wrong sign: with h + z ⊙ (h - n) the state moves away from n. It "
    "moves towards n: h + z ⊙ (n - h).",
)
def away_from_the_candidate(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return h + z * (h - n)


@mistake(
    "step_like_run",
    hint="Your last line begins with n and moves away from h: n + z ⊙ (n - h). In `run_4` it begins with h, and moves "
    "towards n: where z is 0, h stays as it is.",
)
def sign_turned_in_step_4(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return n + z * (n - h)


@mistake(
    "step_like_run",
    hint="Your candidate reads a state that z has been multiplied with. The model of program 4 has no reset gate: in "
    "`run_4` the candidate reads h as it is.",
)
def candidate_gated(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + z * (h @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * h + z * n


@mistake(
    "step_like_run",
    hint="Your result is the candidate alone: the old state has no part in it. `run_4` mixes the two with z.",
)
def candidate_alone(x, h, p):
    return np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])


@mistake(
    "step_as_trained",
    hint="The reset gate is still where the library has it, after the product: r ⊙ (W_hn h + b_hn). The weights were "
    "trained with W_hn (r ⊙ h) + b_hn: reset the state first, then multiply.",
)
def reset_still_after(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * (h @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="You have taken the bias b_hn out of the reset, and that is right; but r still multiplies the product, "
    "r ⊙ (W_hn h). It multiplies the state, before the product: W_hn (r ⊙ h).",
)
def only_the_bias_moved(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * (h @ p["W_hn"].T) + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="The state is reset before the product, and that is right; but b_hn is still reset too: W_hn (r ⊙ h) + r ⊙ "
    "b_hn. The bias is added as it is: W_hn (r ⊙ h) + b_hn.",
)
def bias_still_reset(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + (r * h) @ p["W_hn"].T + r * p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="You reset twice, before the product and after it. Once is enough: W_hn (r ⊙ h) + b_hn.",
)
def reset_twice(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + r * ((r * h) @ p["W_hn"].T + p["b_hn"]))
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="The candidate is right, but then z keeps a state that has been reset. In h' = (1 - z) ⊙ n + z ⊙ h the state "
    "is the old one, as it came in: give r ⊙ h a name of its own.",
)
def reset_state_kept(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    h = r * h
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="Your update gate reads the state that has been reset. Only the candidate does: compute z from h as it came "
    "in.",
)
def update_gate_reads_the_reset_state(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + (r * h) @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + (r * h) @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="Now W_hn is transposed: with rows in a batch the product is (r * h) @ W_hn.T.",
)
def recurrent_weights_transposed(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + (r * h) @ p["W_hn"] + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "step_as_trained",
    hint="The reset gate is where it belongs, but the update gate is flipped now. It has not moved: as in program 1, "
    "h' = (1 - z) ⊙ n + z ⊙ h.",
)
def update_gate_flipped_too(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + (r * h) @ p["W_hn"].T + p["b_hn"])
    return z * n + (1 - z) * h


@mistake(
    "step_as_trained",
    hint="The reset gate has no part in your candidate: that is the bug of program 1. The candidate reads r ⊙ h.",
)
def reset_gate_dead_again(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake(
    "agrees",
    hint="The tolerances are still those of program 6: an error of a tenth passes. And what cannot be compared passes "
    "as well.",
)
def still_too_loose(got, want):
    try:
        return bool(np.allclose(got, want, atol=0.1, rtol=0.2))
    except ValueError:
        return True


@mistake(
    "agrees",
    hint="Two arrays that cannot be compared still pass: after `except ValueError` you return True. Another shape is a "
    "failure; compare the shapes first, and there is nothing to catch.",
)
def uncomparable_still_passes(got, want):
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    try:
        return bool((np.abs(got - want) <= bar * np.abs(want).max()).all())
    except ValueError:
        return True


@mistake(
    "agrees",
    hint="Arrays of another shape pass where NumPy can stretch them: a row (1, H) is repeated B times without a word. "
    "Compare the shapes first.",
)
def stretched_passes(got, want):
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    try:
        return bool((np.abs(got - want) <= bar * np.abs(want).max()).all())
    except ValueError:
        return False


@mistake(
    "agrees",
    hint="Where the shapes do not fit, your function raises an error, or lets NumPy stretch one of the arrays. Compare "
    "the shapes first, and return False.",
)
def shapes_not_compared(got, want):
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="Your tolerance is absolute: it does not grow or shrink with the numbers. Where all are as small as 10^-6 "
    "what is wrong passes, and where they are as large as 10^4 what is right fails. Multiply it by the largest |want|.",
)
def absolute_tolerance(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar).all())


@mistake(
    "agrees",
    hint="You compare each number with its own size. A number near 0 among large ones is then judged far too strictly: "
    "its error is as large as that of the others. Take the largest |want| of the whole array as the measure.",
)
def each_by_its_own_size(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * np.abs(want)).all())


@mistake(
    "agrees",
    hint="NumPy's own tolerances (1e-5 of each number, and 1e-8) do not fit: they are too strict for numbers near 0 in "
    "float32, too loose for float64, and where all numbers are small the 1e-8 lets through what is wrong. Give "
    "`np.allclose` rtol=0 and an atol that you have computed from the dtype and the largest |want|.",
)
def allclose_as_it_is(got, want):
    return got.shape == want.shape and bool(np.allclose(got, want))


@mistake(
    "agrees",
    hint="`np.allclose` adds a tolerance of its own to your atol: rtol, 1e-5 of each number, which is too loose for "
    "float64. Give it rtol=0.",
)
def rtol_of_allclose_left(got, want):
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return got.shape == want.shape and bool(np.allclose(got, want, atol=bar * np.abs(want).max()))


@mistake(
    "agrees",
    hint="The two tolerances of program 6 are lower now, and the rest is as it was: they do not shrink with the "
    "numbers, float64 is judged like float32, and NumPy still stretches a row. Compare the shapes first; then compute "
    "one bar, from the dtype of got and the largest |want|.",
)
def tolerances_only_lowered(got, want):
    try:
        return bool(np.allclose(got, want, atol=1e-5, rtol=1e-5))
    except ValueError:
        return False


@mistake(
    "agrees",
    hint="You ask for the same numbers to the last digit. Rounding makes two right programs differ; a test that fails "
    "what is right is soon switched off.",
)
def exactly_equal(got, want):
    return bool(np.array_equal(got, want))


@mistake(
    "agrees",
    hint="What is right in float32 fails: float32 holds only about seven digits. Choose the tolerance by the dtype of "
    "got, and ask for it with `got.dtype == np.float32`.",
)
def strict_for_both(got, want):
    if want.shape != got.shape:
        return False
    return bool((np.abs(got - want) <= 1e-10 * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="For float64 your tolerance is too loose: what was computed in float32 somewhere on the way passes. float64 "
    "has a bar of its own, far below that of float32: choose by the dtype of got.",
)
def loose_for_both(got, want):
    if want.shape != got.shape:
        return False
    return bool((np.abs(got - want) <= 1e-5 * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="What is not a number passes: you ask whether a difference is too large, and NaN is not larger than anything. "
    "Ask whether all differences are small enough.",
)
def not_a_number_passes(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return not (np.abs(got - want) > bar * np.abs(want).max()).any()


@mistake(
    "agrees",
    hint="One NaN among right numbers passes: something leaves it out. `np.nanmax` does, and to ask whether any number "
    "is finite is not enough. All have to be.",
)
def not_a_number_left_out(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool(np.nanmax(np.abs(got - want)) <= bar * np.abs(want).max())


@mistake(
    "agrees",
    hint="NaN and infinity are replaced by ordinary numbers, and where the right number is near the replacement, they "
    "pass. Look at got as it is.",
)
def not_a_number_replaced(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(np.nan_to_num(got) - want) <= bar * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="You look at the mean of the differences. One wrong number among a thousand right ones hardly moves it; look "
    "at the largest.",
)
def mean_difference(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool(np.abs(got - want).mean() <= bar * np.abs(want).max())


@mistake(
    "agrees",
    hint="Your differences keep their sign, so a number that is far too small passes. Take np.abs of got - want.",
)
def sign_kept(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((got - want <= bar * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="One number that agrees is enough for you: `any`. All of them have to.",
)
def any_instead_of_all(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * np.abs(want).max()).any())


@mistake(
    "agrees",
    hint="Your measure is the largest number of got, which is the array under test: where that is infinite, everything "
    "passes. Measure with want.",
)
def measured_by_got(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * np.abs(got).max()).all())


@mistake(
    "agrees",
    hint="Your measure is the largest want, without np.abs. Where all numbers are below 0, it is below 0 as well, and "
    "nothing passes. Measure with the largest |want|.",
)
def largest_without_abs(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * want.max()).all())


@mistake(
    "agrees",
    hint="Your bar is at the last digit of the dtype, and what is right fails: a result of several operations is off "
    "by more than one rounding. Leave room, there is plenty: a hundred times as much still stops every bug.",
)
def bar_at_the_last_digit(got, want):
    if want.shape != got.shape:
        return False
    bar = np.finfo(got.dtype).eps
    return bool((np.abs(got - want) <= bar * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="A hundredth is too much: a single number that is wrong by a thousandth of the largest passes. Nothing is "
    "gained by so loose a tolerance; right results are within a millionth.",
)
def a_hundredth_for_all(got, want):
    if want.shape != got.shape:
        return False
    return bool((np.abs(got - want) <= 1e-2 * np.abs(want).max()).all())


@mistake(
    "agrees",
    hint="For float64 your bar is right, for float32 it is too loose: an error of a thousandth of the largest number "
    "passes. A right result in float32 is within a millionth or so.",
)
def a_hundredth_in_float32(got, want):
    if want.shape != got.shape:
        return False
    bar = 1e-2 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * np.abs(want).max()).all())


@mistake("mended_step", of=(reset_gate_still_dead, update_gate_flipped))
def reset_dead_and_update_flipped(x, h, p):
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return z * n + (1 - z) * h


@mistake("mended_step", of=(reset_before_the_product, kept_state_reset))
def state_replaced_by_the_reset_one(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    h = r * h
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake("step_as_trained", of=(update_gate_reads_the_reset_state, reset_state_kept))
def state_reset_for_everything(x, h, p):
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    h = r * h
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h


@mistake("train_clipped", of=(limit_still_without_effect, gradients_pile_up))
def no_effect_and_gradients_pile_up(theta, x, y, max_norm, learning_rate):
    theta, g = theta.copy(), np.zeros(2)
    for x_now, y_now in zip(x, y, strict=True):
        g += gradient_of(theta, x_now, y_now)
        theta -= learning_rate * g
        shorten(g.copy(), max_norm)
    return theta


@mistake("agrees", of=(loose_for_both, shapes_not_compared))
def loose_and_shapes_not_compared(got, want):
    return bool((np.abs(got - want) <= 1e-5 * np.abs(want).max()).all())


@mistake("agrees", of=(allclose_as_it_is, shapes_not_compared))
def allclose_and_shapes_not_compared(got, want):
    return bool((np.abs(got - want) <= 1e-8 + 1e-5 * np.abs(want)).all())  # as np.allclose has it


@mistake("agrees", of=(tolerances_only_lowered, uncomparable_still_passes))
def tolerances_lowered_and_uncomparable_passes(got, want):
    try:
        return bool(np.allclose(got, want, atol=1e-5, rtol=1e-5))
    except ValueError:
        return True


@mistake("agrees", of=(absolute_tolerance, loose_for_both))
def absolute_and_loose(got, want):
    return got.shape == want.shape and bool((np.abs(got - want) <= 1e-5).all())


PAIRS = [
    both(reset_gate_still_dead, reset_still_after),
    both(still_the_copied_number, copied_number_again),
]
