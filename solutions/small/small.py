# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Small exercises along the way
#
# Seven short tasks, one for each chapter that has no longer NumPy assignment of its own. Each takes one to five lines and five to ten minutes. They do not
# build on each other: do each one when you have read its chapter.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Where you are stuck, open a hint; each says more than the one before.
#
# $T$ is the number of steps, $B$ the batch, $D$ the input's size and $H$ the number of units.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("small")

# %% [markdown]
# ## 1. One weight, used at every step (2 points)
#
# For the chapter *What you need*. An affine map $y = W x + b$ is applied at each of $T$ steps to each of $B$ rows, always with the same $W$ and $b$.
# The gradients $\partial L / \partial y$ of all steps and rows are known: `dy`. What are the gradients of $W$ and of $b$?
#
# What is used many times gets the *sum* of what comes back from every use. Here there are $T \cdot B$ uses. $W$ has the shape $(H, D)$ and $b$ the shape $(H,)$.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# $dW$ has the shape of $W$ and $db$ that of $b$. Which axes of `dy` and `x` does that leave to sum over?
# </details>
# <details><summary>Hint 2</summary>
#
# For one step of a batch it is `dy.T @ x`. Either add that up over the steps, or make one long batch of all steps and rows first, with `reshape`.
# </details>
# <details><summary>Hint 3</summary>
#
# `np.einsum` sums over every letter that is missing on the right of its arrow. And `sum` takes a tuple of axes.
# </details>


# %% nbgrader={"grade_id": "shared_gradients_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def shared_gradients(dy, x):
    """The gradients of W and b, where y[t, b] = W x[t, b] + b for all steps and rows.

    dy (T, B, H), x (T, B, D) -> a tuple (dW, db): (H, D) and (H,)
    """
    ### BEGIN SOLUTION
    dW = np.einsum("tbh,tbd->hd", dy, x)
    db = dy.sum(axis=(0, 1))
    return dW, db
    ### END SOLUTION


# %% nbgrader={"grade_id": "shared_gradients", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("shared_gradients")

# %% [markdown]
# ## 2. From keeping to replacing (1 point)
#
# For the chapter *Notation and conventions*. In our GRU the update gate *keeps*, $h' = (1 - z) \odot n + z \odot h$. In another it *replaces*,
# $h' = (1 - z) \odot h + z \odot n$. Since $\sigma(-a) = 1 - \sigma(a)$, the second computes what the first does if everything that makes $z$
# changes its sign.
#
# You get one packed array of our GRU, weights or biases, with its three blocks of rows in the order r, z, n. Return that of the other GRU. The same function
# is to serve `W_ih` of shape $(3H, D)$, `W_hh` of shape $(3H, H)$ and the biases of shape $(3H,)$. Leave the array that you were given as it is.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Which rows make $z$? How many rows are in a block?
# </details>
# <details><summary>Hint 2</summary>
#
# `len(packed)` is $3H$, for a matrix and for a vector. `np.split` along the first axis gives the three blocks.
# </details>
# <details><summary>Hint 3</summary>
#
# A slice shares its memory with the array. Work on a copy, or join new blocks with `np.concatenate`.
# </details>


# %% nbgrader={"grade_id": "z_replaces_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def z_replaces(packed):
    """A packed array of a GRU whose z keeps, for the same GRU written with a z that replaces.

    packed (3H, ...), its rows in the order r, z, n -> a new array of the same shape
    """
    ### BEGIN SOLUTION
    of_r, of_z, of_n = np.split(packed, 3)
    return np.concatenate([of_r, -of_z, of_n])
    ### END SOLUTION


# %% nbgrader={"grade_id": "z_replaces", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("z_replaces")

# %% [markdown]
# ## 3. A row of lamps (1 point)
#
# For the chapter *Sequences and state*. Each of $B$ lamps has one button; a press turns the lamp on if it was off, and off if it was on. `presses[t, b]` says
# whether the button of lamp $b$ was pressed at step $t$, and `on[b]` whether that lamp was on *before* the first step. Which lamps are on after each step?
#
# This is a recurrent network with one bit of state a row: one function, the same at every step, that takes the input and the old state. All arrays hold
# True and False.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Write a loop over the steps with one line in it that makes the new state from the old one. Keep every state in a list.
# </details>
# <details><summary>Hint 2</summary>
#
# A lamp is on after a step if exactly one of two things holds: it was on, or its button was pressed. For arrays of True and False that is `^`.
# </details>
# <details><summary>Hint 3</summary>
#
# `np.stack` makes one array $(T, B)$ of a list of states. The state before the first step is not part of the result.
# </details>


# %% nbgrader={"grade_id": "lamps_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def lamps(presses, on):
    """Which lamps are on after each step.

    presses (T, B), on (B,): True or False -> (T, B), True or False
    """
    ### BEGIN SOLUTION
    states = []
    for pressed in presses:
        on = on ^ pressed
        states.append(on)
    return np.stack(states)
    ### END SOLUTION


# %% nbgrader={"grade_id": "lamps", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("lamps")

# %% [markdown]
# ## 4. A bias for each half-life (2 points)
#
# For the chapter *Training GRUs*. A unit whose update gate sees nothing but its bias $b$ keeps the share $\sigma(b)$ of its state at each step. So after
# $k$ steps it has kept $\sigma(b)^k$, and its half-life is where that is a half.
#
# Turn it round. You are given the half-life $k$ that each unit should begin with, in steps. Return a packed bias `b_ih` that gives it to them: its three blocks
# are in the order r, z, n, the blocks of r and n are zero, and `b_hh` will be zero as well.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# In two steps: which share $p$ must a unit keep at each step so that $p^k = \tfrac12$? And which $b$ has $\sigma(b) = p$?
# </details>
# <details><summary>Hint 2</summary>
#
# $p = (\tfrac12)^{1/k}$. Solve $p = 1 / (1 + e^{-b})$ for $b$.
# </details>
# <details><summary>Hint 3</summary>
#
# $b = \ln \frac{p}{1 - p}$. It stands in the middle block; `np.zeros_like(k)` is a block of zeros.
# </details>


# %% nbgrader={"grade_id": "half_life_bias_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def half_life_bias(k):
    """The bias b_ih with which each unit keeps half of its state for k steps, where gates see their bias alone.

    k (H,), half-lives in steps, above 0 -> (3H,), its blocks in the order r, z, n
    """
    ### BEGIN SOLUTION
    p = 0.5 ** (1 / k)
    zeros = np.zeros_like(k)
    return np.concatenate([zeros, np.log(p / (1 - p)), zeros])
    ### END SOLUTION


# %% nbgrader={"grade_id": "half_life_bias", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("half_life_bias")

# %% [markdown]
# ## 5. A time constant that tells what is left (1 point)
#
# For the chapter *What the gates learn*. You have recorded the update gate of $H$ units over $T$ steps of $B$ sequences. What a unit keeps over several steps is the
# *product* of its $z$, so what adds up are their logarithms. The time constant that goes with them is
#
# $$\tau = \frac{-1}{\text{mean of } \ln z}$$
#
# with the mean over all steps and all sequences. Compute it for each unit.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# One number a unit: which two of the three axes does the mean go over?
# </details>
# <details><summary>Hint 2</summary>
#
# The order counts: first the logarithm of each $z$, then the mean, then the reciprocal. `mean` takes a tuple of axes.
# </details>


# %% nbgrader={"grade_id": "time_constants_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def time_constants(z):
    """The time constant of each unit, in steps, from its recorded update gates.

    z (T, B, H), between 0 and 1 -> (H,)
    """
    ### BEGIN SOLUTION
    return -1 / np.log(z).mean(axis=(0, 1))
    ### END SOLUTION


# %% nbgrader={"grade_id": "time_constants", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("time_constants")

# %% [markdown]
# ## 6. The result of a run (1 point)
#
# For the chapter *GRU or LSTM?* A network was trained with $S$ seeds, and its error was measured at $U$ moments of each run, on the validation data and on the test
# data. A run's result is its *test* error at the moment at which its *validation* error is lowest.
#
# Each seed has a best moment of its own. The test data have no say in which it is.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `argmin` tells where the lowest number of each row stands. Of which of the two arrays, and along which axis?
# </details>
# <details><summary>Hint 2</summary>
#
# `test[:, best]` takes all of those columns from every row: $(S, S)$ numbers. You want one number a row.
# </details>
# <details><summary>Hint 3</summary>
#
# Give the row's number too: `np.arange(len(test))` for the first axis, the best moments for the second.
# </details>


# %% nbgrader={"grade_id": "chosen_errors_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def chosen_errors(valid, test):
    """The test error of each run at the moment of its lowest validation error.

    valid (S, U), test (S, U): a row for each seed -> (S,)
    """
    ### BEGIN SOLUTION
    best = valid.argmin(axis=1)
    return test[np.arange(len(test)), best]
    ### END SOLUTION


# %% nbgrader={"grade_id": "chosen_errors", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("chosen_errors")

# %% [markdown]
# ## 7. A factor and how sure it is (2 points)
#
# For the chapter *What people say, and what we measured*. Two networks were trained with the same $S$ seeds: `a[s]` and `b[s]` are their errors with
# seed $s$, from the same data in the same order. By which factor is the first error larger?
#
# Errors are compared by their ratio, so take for each seed the logarithm $d_s = \ln (a_s / b_s)$. With their mean $\bar d$ and their sample standard deviation $s_d$ (divide
# by $S - 1$) the interval of the mean is $\bar d \pm t\, s_d / \sqrt{S}$. The number $t$ of Student's distribution is given. Then go back from logarithms to factors.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Everything is computed from the $S$ differences $d_s$. What the two networks have in common with a seed cancels in each of them; that is why one pairs.
# </details>
# <details><summary>Hint 2</summary>
#
# `std` divides by $S$ unless you say `ddof=1`.
# </details>
# <details><summary>Hint 3</summary>
#
# The middle and both ends are logarithms: `np.exp` of each.
# </details>


# %% nbgrader={"grade_id": "paired_factor_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def paired_factor(a, b, t):
    """By which factor the errors a are larger than the errors b, seed by seed, and its interval.

    a (S,), b (S,), all above 0, t a number -> a tuple (factor, low, high)
    """
    ### BEGIN SOLUTION
    d = np.log(a / b)
    reach = t * d.std(ddof=1) / np.sqrt(len(d))
    return np.exp(d.mean()), np.exp(d.mean() - reach), np.exp(d.mean() + reach)
    ### END SOLUTION


# %% nbgrader={"grade_id": "paired_factor", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("paired_factor")

# %% [markdown]
# ## 8. In words (2 points)
#
# A report says: "We trained both with a learning rate of 0.01. The GRU reached an error of 0.021 and the LSTM 0.024, so the GRU is the better cell." Name two things
# that you would ask its authors to do before you believe it, and say of each how it could turn the sentence round. Two to four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "before_you_believe", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# *More seeds, and an interval.* It was one run of each. If two runs of the same cell differ by more than 0.003, another seed may give the opposite order; an interval of
# the paired factor that holds one would say that these runs do not decide.
#
# *A learning rate for each.* The rate 0.01 may suit the GRU and not the LSTM. With the best rate of each, chosen on validation data, the order may be the other way round.
#
# (Also: equal numbers of parameters, or of seconds; more than one task; a result chosen by the validation error and not by the test error.)
#
# *To grade:* one point for each thing that is asked for together with how it could change the conclusion; half a point for a thing that is only named. "More data" or
# "train longer" counts only if the answer says why that could favour one of the two.
