"""Known mistakes in `skeleton`.  Each is a whole answer that a learner could write, and what to tell them.

The checks must stop each of them, and no two may answer alike: so each is known by what it returns.
"""

import numpy as np

from autograder.testing import mistake


@mistake(
    "leaky_average",
    hint="Your a and 1 - a have changed places: a is the share of the average so far that is kept.",
)
def shares_exchanged(x, s0, a):
    s, averages = s0, []
    for x_t in x:
        s = (1 - a) * s + a * x_t
        averages.append(s)
    return np.stack(averages)


@mistake(
    "leaky_average",
    hint="Your input comes in whole. Only the share 1 - a of it does: the two shares add up to 1.",
)
def input_not_scaled(x, s0, a):
    s, averages = s0, []
    for x_t in x:
        s = a * s + x_t
        averages.append(s)
    return np.stack(averages)


@mistake(
    "leaky_average",
    hint="Your average starts at 0. It starts at s0: the first step keeps the share a of that.",
)
def start_forgotten(x, s0, a):
    s, averages = np.zeros_like(s0), []
    for x_t in x:
        s = a * s + (1 - a) * x_t
        averages.append(s)
    return np.stack(averages)


@mistake(
    "leaky_average",
    hint="Your result is one step late: it begins with s0 and the last average is missing. Keep an average after its "
    "step, not before.",
)
def one_step_late(x, s0, a):
    s, averages = s0, []
    for x_t in x:
        averages.append(s)
        s = a * s + (1 - a) * x_t
    return np.stack(averages)


@mistake(
    "leaky_average",
    hint="Every step of yours starts from s0 again. What one step makes is what the next one starts from.",
)
def nothing_carried(x, s0, a):
    return a * s0 + (1 - a) * x
