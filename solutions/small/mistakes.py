"""Known mistakes in `small`.  Each is a whole answer that a learner could write, and what to tell them."""

import numpy as np

from autograder.testing import mistake


@mistake(
    "shared_gradients",
    hint="Your gradients are a mean over the uses. What is used many times gets the sum of what comes back; if the "
    "loss is a mean, its 1/B is in dy already. Leave the division out.",
)
def mean_for_sum(dy, x):
    uses = dy.shape[0] * dy.shape[1]
    return np.einsum("tbh,tbd->hd", dy, x) / uses, dy.mean(axis=(0, 1))


@mistake(
    "shared_gradients",
    hint="You divide by the batch. Each row of the batch has used W and b, so its part is added and not averaged; if "
    "the loss is a mean, its 1/B is in dy already.",
)
def mean_over_batch(dy, x):
    return np.einsum("tbh,tbd->hd", dy, x) / dy.shape[1], dy.sum(axis=(0, 1)) / dy.shape[1]


@mistake(
    "shared_gradients",
    hint="Only the last step counts in your gradients. W and b were used at every step, so the parts of all steps are "
    "added up.",
)
def last_step_alone(dy, x):
    return dy[-1].T @ x[-1], dy[-1].sum(axis=0)


@mistake(
    "shared_gradients",
    hint="Your dW is transposed. It has the shape of W, (H, D): row i belongs to output i, as dy does. For one use it "
    "is the outer product of dy and x, in this order.",
)
def weight_transposed(dy, x):
    return np.einsum("tbh,tbd->dh", dy, x), dy.sum(axis=(0, 1))


@mistake(
    "shared_gradients",
    hint="Your db is summed over the steps alone, so (B, H) is left. b was used in every row too: sum over both axes, "
    "and (H,) is left.",
)
def bias_over_steps_alone(dy, x):
    return np.einsum("tbh,tbd->hd", dy, x), dy.sum(axis=0)


@mistake(
    "shared_gradients",
    hint="Your db is summed over the rows alone, so (T, H) is left. b was used at every step too: sum over both axes, "
    "and (H,) is left.",
)
def bias_over_rows_alone(dy, x):
    return np.einsum("tbh,tbd->hd", dy, x), dy.sum(axis=1)


@mistake(
    "shared_gradients",
    hint="You multiply the sum of dy with the sum of x. The product comes first, step by step and row by row, and then "
    "the sum: a sum of products is no product of sums.",
)
def product_of_sums(dy, x):
    return np.outer(dy.sum(axis=(0, 1)), x.sum(axis=(0, 1))), dy.sum(axis=(0, 1))


@mistake(
    "z_replaces",
    hint="You changed the sign of everything. The reset gate and the candidate are the same in both forms: negate the "
    "rows of z alone, those from H to 2H.",
)
def everything_negated(packed):
    return -packed


@mistake(
    "z_replaces",
    hint="You negated the first block, which is the reset gate's. Our rows are in the order r, z, n, so those of z are "
    "the rows from H to 2H.",
)
def reset_rows_negated(packed):
    of_r, of_z, of_n = np.split(packed, 3)
    return np.concatenate([-of_r, of_z, of_n])


@mistake(
    "z_replaces",
    hint="You negated the last block, which is the candidate's. Our rows are in the order r, z, n: those of z are the "
    "block in the middle.",
)
def candidate_rows_negated(packed):
    of_r, of_z, of_n = np.split(packed, 3)
    return np.concatenate([of_r, of_z, -of_n])


@mistake(
    "z_replaces",
    hint="You took 1 minus the rows of z. It is the gate that becomes 1 - z, after the sigmoid. Since "
    "σ(-a) = 1 - σ(a), what goes into the sigmoid changes its sign, and with it the rows.",
)
def one_minus_rows(packed):
    of_r, of_z, of_n = np.split(packed, 3)
    return np.concatenate([of_r, 1 - of_z, of_n])


@mistake(
    "z_replaces",
    hint="Your code writes the new signs into the array that it was given, for a slice shares its memory. The caller "
    "still needs the old weights: copy first.",
)
def input_overwritten(packed):
    H = len(packed) // 3
    packed[H : 2 * H] *= -1
    return packed.copy()


@mistake(
    "z_replaces",
    hint="You negated the rows of z, and beside that r and z have changed places. Here the order stays r, z, n; it is "
    "only the sign that changes.",
)
def blocks_swapped(packed):
    of_r, of_z, of_n = np.split(packed, 3)
    return np.concatenate([-of_z, of_r, of_n])


@mistake(
    "z_replaces",
    hint="You negated every third row. The blocks are not interleaved: all H rows of r come first, then all of z, then "
    "all of n.",
)
def every_third_row(packed):
    other = packed.copy()
    other[1::3] *= -1
    return other


@mistake(
    "lamps",
    hint="Your lamps forget: each step begins from the lamps as they were before the first step. Pass the state after "
    "one step on to the next.",
)
def state_not_carried(presses, on):
    return presses ^ on


@mistake(
    "lamps",
    hint="Your lamps start switched off. They start as `on` says.",
)
def start_ignored(presses, on):
    return np.logical_xor.accumulate(presses, axis=0)


@mistake(
    "lamps",
    hint="Your lamps never go out: with `or`, a lamp is on once it was on or was pressed. A press turns a lamp that is "
    "on off again, so exactly one of the two must hold.",
)
def never_off(presses, on):
    states = []
    for pressed in presses:
        on = on | pressed
        states.append(on)
    return np.stack(states)


@mistake(
    "lamps",
    hint="Your states are one step late: row t holds the lamps before step t. Store the state after the press; what "
    "was on before the first step is not part of the result.",
)
def one_step_late(presses, on):
    states = []
    for pressed in presses:
        states.append(on)
        on = on ^ pressed
    return np.stack(states)


@mistake("lamps", hint="You return the lamps after the last step alone. They are wanted after every step, (T, B).")
def last_lamps_only(presses, on):
    for pressed in presses:
        on = on ^ pressed
    return on


@mistake(
    "lamps",
    hint="Your result says which button was pressed, and not which lamp is on. A state is needed: whether each lamp "
    "was on before the press.",
)
def presses_themselves(presses, on):
    return presses.copy()


@mistake(
    "half_life_bias",
    hint="You put a half-life into the formula for a time scale, ln(k - 1). After that many steps about 1/e is left, "
    "and not a half. Begin with σ(b)^k = 1/2.",
)
def time_scale_for_half_life(k):
    zeros = np.zeros_like(k)
    return np.concatenate([zeros, np.log(k - 1), zeros])


@mistake(
    "half_life_bias",
    hint="With your bias 1/e is left after k steps, for the share that you keep is exp(-1/k). A half is wanted: the "
    "share is 0.5 to the power 1/k.",
)
def one_over_e_for_half(k):
    p, zeros = np.exp(-1 / k), np.zeros_like(k)
    return np.concatenate([zeros, np.log(p / (1 - p)), zeros])


@mistake(
    "half_life_bias",
    hint="Your bias has the wrong sign: a long half-life needs a gate near 1, and so a large positive bias. (Where z "
    "replaces the state it would be right.)",
    convention="an update gate that replaces the state",
)
def bias_negated(k):
    p, zeros = 0.5 ** (1 / k), np.zeros_like(k)
    return np.concatenate([zeros, np.log((1 - p) / p), zeros])


@mistake(
    "half_life_bias",
    hint="The numbers are right and stand in the first block, the reset gate's. The blocks are in the order r, z, n: "
    "put them into the middle.",
)
def in_reset_block(k):
    p, zeros = 0.5 ** (1 / k), np.zeros_like(k)
    return np.concatenate([np.log(p / (1 - p)), zeros, zeros])


@mistake(
    "half_life_bias",
    hint="You put the share itself where its bias belongs. The gate is σ(b), so b is what the sigmoid turns into that "
    "share: b = ln(p / (1 - p)).",
)
def share_for_bias(k):
    zeros = np.zeros_like(k)
    return np.concatenate([zeros, 0.5 ** (1 / k), zeros])


@mistake(
    "half_life_bias",
    hint="You took the logarithm of the share. The inverse of the sigmoid has two parts: b = ln(p / (1 - p)), so "
    "divide by 1 - p first.",
)
def logarithm_of_share(k):
    zeros = np.zeros_like(k)
    return np.concatenate([zeros, np.log(0.5 ** (1 / k)), zeros])


@mistake(
    "half_life_bias",
    hint="All three blocks of yours hold the bias. It belongs to the update gate alone; r and n keep a bias of zero.",
)
def in_all_blocks(k):
    p = 0.5 ** (1 / k)
    return np.tile(np.log(p / (1 - p)), 3)


@mistake(
    "half_life_bias",
    hint="You return the update gate's block alone, H numbers. A packed bias has 3H: zeros for r, then these, then "
    "zeros for n.",
)
def update_block_only(k):
    p = 0.5 ** (1 / k)
    return np.log(p / (1 - p))


@mistake(
    "time_constants",
    hint="This is 1 / (1 - mean z). It hides that one small z wipes out what all the large ones kept. Take the "
    "logarithm of each z first, then the mean.",
)
def from_mean_gate(z):
    return 1 / (1 - z.mean(axis=(0, 1)))


@mistake(
    "time_constants",
    hint="This is the mean of 1 / (1 - z). A few z near 1 make it huge, whatever was lost between them. Average the "
    "logarithms of z, and take the reciprocal at the end.",
)
def mean_of_time_constants(z):
    return (1 / (1 - z)).mean(axis=(0, 1))


@mistake(
    "time_constants",
    hint="You take the mean first and then the logarithm. Shares multiply, so their logarithms add up: the logarithm "
    "of each z comes first.",
)
def log_of_mean(z):
    return -1 / np.log(z.mean(axis=(0, 1)))


@mistake(
    "time_constants",
    hint="You average the time constants of single steps, -1 / ln z. It is the logarithms that are averaged; the "
    "reciprocal comes after the mean.",
)
def reciprocal_before_mean(z):
    return (-1 / np.log(z)).mean(axis=(0, 1))


@mistake(
    "time_constants",
    hint="Your mean goes over the steps alone, so each sequence has time constants of its own, (B, H). Average over "
    "the sequences too.",
)
def mean_over_steps_alone(z):
    return -1 / np.log(z).mean(axis=0)


@mistake(
    "time_constants",
    hint="You made one time constant for all units together. Leave the last axis out of the mean: one number a unit.",
)
def one_for_all_units(z):
    return -1 / np.log(z).mean()


@mistake(
    "time_constants",
    hint="You add up the logarithms and do not divide by how many there are, so a longer recording makes a shorter "
    "time constant. Take the mean.",
)
def sum_for_mean(z):
    return -1 / np.log(z).sum(axis=(0, 1))


@mistake(
    "time_constants",
    hint="Your time constants are negative: the logarithm of a number below 1 is. The formula has -1 over the mean.",
)
def sign_forgotten(z):
    return 1 / np.log(z).mean(axis=(0, 1))


@mistake(
    "chosen_errors",
    hint="You took the lowest test error of each run. So the test data have chosen the moment, and the result is too "
    "good: let the validation error choose, and only read the test error there.",
)
def chosen_by_test(valid, test):
    return test.min(axis=1)


@mistake(
    "chosen_errors",
    hint="You took the last moment of each run. The result is read at the moment of the lowest validation error, which "
    "may lie before the end.",
)
def last_moment(valid, test):
    return test[:, -1]


@mistake(
    "chosen_errors",
    hint="You return the lowest validation error. That is the number by which the moment was chosen, so it is too "
    "good; what is reported is the test error at that moment.",
)
def validation_reported(valid, test):
    return valid.min(axis=1)


@mistake(
    "chosen_errors",
    hint="You chose one moment for all seeds, by the mean of their curves. Each run has a best moment of its own.",
)
def one_moment_for_all(valid, test):
    return test[:, valid.mean(axis=0).argmin()]


@mistake(
    "chosen_errors",
    hint="You return which moment is best, and not the test error there. Use these numbers to index test.",
)
def moments_themselves(valid, test):
    return valid.argmin(axis=1)


@mistake(
    "chosen_errors",
    hint="Your argmin goes down the columns, so it finds the best seed at each moment. Look along each row: axis=1.",
)
def best_seed_of_each_moment(valid, test):
    best = valid.argmin(axis=0)
    return test[best, np.arange(test.shape[1])]


@mistake(
    "chosen_errors",
    hint="You index the columns alone, so every row gives the best moments of all rows, (S, S). Index the rows too, "
    "with np.arange(S): one number a row.",
)
def all_rows_at_all_moments(valid, test):
    return test[:, valid.argmin(axis=1)]


@mistake(
    "chosen_errors",
    hint="You took the moment with the highest validation error. It is an error: lower is better, argmin.",
)
def worst_moment(valid, test):
    return test[np.arange(len(test)), valid.argmax(axis=1)]


@mistake(
    "paired_factor",
    hint="Your standard deviation divides by S. A sample's divides by S - 1: say ddof=1. With five seeds the interval "
    "is a tenth too narrow otherwise.",
)
def divided_by_all(a, b, t):
    d = np.log(a / b)
    reach = t * d.std() / np.sqrt(len(d))
    return np.exp(d.mean()), np.exp(d.mean() - reach), np.exp(d.mean() + reach)


@mistake(
    "paired_factor",
    hint="Your interval is that of a single seed: it does not get narrower with more of them. For the mean divide the "
    "standard deviation by the square root of S.",
)
def interval_of_one_seed(a, b, t):
    d = np.log(a / b)
    reach = t * d.std(ddof=1)
    return np.exp(d.mean()), np.exp(d.mean() - reach), np.exp(d.mean() + reach)


@mistake(
    "paired_factor",
    hint="You divide the standard deviation by S. It is the variance of a mean that is S times smaller; its standard "
    "deviation is smaller by the square root of S.",
)
def no_square_root(a, b, t):
    d = np.log(a / b)
    reach = t * d.std(ddof=1) / len(d)
    return np.exp(d.mean()), np.exp(d.mean() - reach), np.exp(d.mean() + reach)


@mistake(
    "paired_factor",
    hint="You treat the two as if they had nothing to do with each other, and add their variances. They share their "
    "seeds: take the difference of the logarithms seed by seed, and one standard deviation of that.",
)
def not_paired(a, b, t):
    logs = np.log([a, b])
    middle = -np.diff(logs.mean(axis=1))[0]
    reach = t * np.sqrt(logs.var(axis=1, ddof=1).sum() / len(a))
    return np.exp(middle), np.exp(middle - reach), np.exp(middle + reach)


@mistake(
    "paired_factor",
    hint="You average the ratios as they are. Then twice as large and half as large do not cancel: their mean is 1.25. "
    "Take logarithms first, and go back at the end.",
)
def ratios_without_logarithms(a, b, t):
    ratio = a / b
    reach = t * ratio.std(ddof=1) / np.sqrt(len(ratio))
    return ratio.mean(), ratio.mean() - reach, ratio.mean() + reach


@mistake(
    "paired_factor",
    hint="These are still logarithms: 0 would mean no difference. Take exp of the middle and of both ends, and you "
    "have factors, where 1 means no difference.",
)
def not_taken_back(a, b, t):
    d = np.log(a / b)
    reach = t * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - reach, d.mean() + reach


@mistake(
    "paired_factor",
    hint="Your factor is upside down: it says by how much b is larger than a. Take a / b.",
)
def upside_down(a, b, t):
    d = np.log(b / a)
    reach = t * d.std(ddof=1) / np.sqrt(len(d))
    return np.exp(d.mean()), np.exp(d.mean() - reach), np.exp(d.mean() + reach)


@mistake(
    "paired_factor",
    hint="You went back from logarithms too early: your ends are the factor plus and minus the reach, which is still a "
    "logarithm. The ends are exp(middle - reach) and exp(middle + reach), and lie at unequal distances.",
)
def reach_beside_factor(a, b, t):
    d = np.log(a / b)
    reach = t * d.std(ddof=1) / np.sqrt(len(d))
    return np.exp(d.mean()), np.exp(d.mean()) - reach, np.exp(d.mean()) + reach


@mistake(
    "paired_factor",
    hint="You return the ends in the wrong order. The tuple is (factor, low, high).",
)
def ends_swapped(a, b, t):
    d = np.log(a / b)
    reach = t * d.std(ddof=1) / np.sqrt(len(d))
    return np.exp(d.mean()), np.exp(d.mean() + reach), np.exp(d.mean() - reach)
