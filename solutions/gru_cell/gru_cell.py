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
# # The GRU cell
#
# You will write one step of a gated recurrent unit, then run it over a sequence, in NumPy. Allow about an hour. You need matrix products and
# broadcasting; the chapter *The GRU cell* of the book derives what you are about to write.
#
# A recurrent network reads a sequence one item at a time and keeps a **state** $h$, one number for each of its $H$ units. A plain recurrent
# cell writes the whole state anew at every step, so it soon forgets. A GRU lets each unit decide, at each step, how much of its old value to
# keep. Two **gates** decide, numbers between 0 and 1 that the cell computes from the input and the state:
#
# - the **update gate** $z$ says how much of the old state a unit *keeps*;
# - the **reset gate** $r$ says how much of the old state goes into its proposal for the new one, the **candidate** $n$.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("gru_cell")

# %% [markdown]
# ## Shapes
#
# We use PyTorch's convention: $B$ is the batch (how many sequences at once), $T$ the number of steps, $D$ the input's size and $H$ the number of units.
# The weights of the three blocks are packed into one array, in the order **r, z, n**.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(B, D)` | the input of one step, a row for each sequence |
# | `h` | `(B, H)` | the state before the step |
# | `W_ih` | `(3H, D)` | rows `0 ... H-1` are $W_{ir}$, the next $H$ are $W_{iz}$, the last $H$ are $W_{in}$ |
# | `W_hh` | `(3H, H)` | $W_{hr}$, $W_{hz}$, $W_{hn}$ likewise |
# | `b_ih`, `b_hh` | `(3H,)` | the biases $b_{ir}, b_{iz}, b_{in}$ and $b_{hr}, b_{hz}, b_{hn}$, likewise |
#
# A formula such as $W x$ is written for one column vector. A batch holds its vectors in rows, so in code it is `x @ W.T`.

# %% [markdown]
# ## 1. The gate's curve (1 point)
#
# A gate is a number between 0 and 1. The sigmoid makes one from any number $a$:
#
# $$\sigma(a) = \frac{1}{1 + e^{-a}}$$
#
# Typed as it stands, it meets $e^{1000}$ at $a = -1000$: infinity, and a warning. The value still comes out right, but a warning that you have
# learned to ignore hides the next one. Find a form that never takes $\exp$ of a positive number. (Multiply numerator and denominator by
# $e^{a}$ and see for which $a$ that helps. Beware: `np.where` computes both of its choices before it picks.)
#
# <details><summary>Hint 1</summary>
#
# For $a \ge 0$ the formula as it stands takes $\exp$ of a number that is not positive: nothing can overflow there. So only negative $a$ need another
# form.
# </details>
# <details><summary>Hint 2</summary>
#
# Numerator and denominator times $e^{a}$: $\sigma(a) = \dfrac{e^{a}}{1 + e^{a}}$, which is safe for $a \le 0$. Both forms take $\exp$ of the same
# thing, the number whose size is that of $a$ and whose sign is never plus.
# </details>
# <details><summary>Hint 3</summary>
#
# Compute that one exponential for the whole array, from `np.abs`. The denominator is 1 plus it in both forms. Only the numerator depends on the sign of
# $a$, and there a choice between two finite numbers does no harm.
# </details>


# %% nbgrader={"grade_id": "sigmoid_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def sigmoid(a):
    """1 / (1 + exp(-a)) for an array of any shape: finite, and without a warning, for |a| up to 1000."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)
    ### END SOLUTION


# %% nbgrader={"grade_id": "sigmoid", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("sigmoid")

# %% [markdown]
# ## 2. One step (4 points)
#
# The cell reads an input $x$ and the state $h$. First the two gates:
#
# $$r = \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}) \qquad z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz})$$
#
# Then the candidate. The reset gate multiplies what comes from the state, *after* the product and its bias:
#
# $$n = \tanh\big(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})\big)$$
#
# And the new state, unit by unit a mixture of the old state and the candidate:
#
# $$h' = (1 - z) \odot n + z \odot h$$
#
# The sign $\odot$ is the product unit by unit, `*` in NumPy. Write it for a whole batch at once. Two products, one with `W_ih` and one with
# `W_hh`, serve all three blocks: each is `(B, 3H)`, and `np.split` takes it apart along its last axis. Return a new array and leave the inputs as they are: the caller still needs them.
#
# <details><summary>Hint 1</summary>
#
# Begin with the two products, each with its own bias. Their columns come in the order of the packed rows, r, z, n; `np.split(..., 3, axis=1)` gives the
# three blocks of each.
# </details>
# <details><summary>Hint 2</summary>
#
# The two parts of a gate are added before the sigmoid. The candidate is the exception: its two parts stay apart until the reset gate has multiplied the
# state's part, bias included. So do not add the two products as wholes.
# </details>
# <details><summary>Hint 3</summary>
#
# Six blocks, then three lines: both gates by your `sigmoid`, the candidate by `np.tanh`, and the mixture. In the mixture look once more at which of the
# two $z$ multiplies: where $z$ is 1 the old state stays.
# </details>


# %% nbgrader={"grade_id": "gru_cell_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of a GRU for a batch.

    x (B, D), h (B, H), W_ih (3H, D), W_hh (3H, H), b_ih (3H,), b_hh (3H,) -> the next state, (B, H)
    """
    ### BEGIN SOLUTION
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * h_n)
    return (1 - z) * n + z * h
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_cell", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("gru_cell")

# %% [markdown]
# ## 3. A whole sequence (3 points)
#
# Now run the cell over time. The state after one step is the state before the next:
#
# $$h_t = \mathrm{cell}(x_t, h_{t-1}), \qquad t = 1 \dots T$$
#
# The input holds $x_1 \dots x_T$, the result holds $h_1 \dots h_T$, both with time first. The state $h_0$ is given and is
# not part of the result. In code $x_1$ is `x[0]`.
#
# <details><summary>Hint 1</summary>
#
# A loop over `x` goes along its first axis, which is time: each round gives one $x_t$ of shape `(B, D)`.
# </details>
# <details><summary>Hint 2</summary>
#
# Two things live through the loop: the state that the next step starts from, which is `h0` at first, and a list of all states so far. Which of them
# belongs in the result for step 1?
# </details>
# <details><summary>Hint 3</summary>
#
# In each round, call `gru_cell` with the item and the state, let what it returns be the state, and append that to the list. After the loop `np.stack`
# makes one array of the list, time first.
# </details>


# %% nbgrader={"grade_id": "gru_forward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    """All states of a GRU over a sequence.

    x (T, B, D), h0 (B, H), the weights as for `gru_cell` -> h_1 ... h_T, (T, B, H)
    """
    ### BEGIN SOLUTION
    h, states = h0, []
    for x_t in x:
        h = gru_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_forward", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("gru_forward")

# %% [markdown]
# ## 4. Your cell at work
#
# Here are two units whose weights we set by hand. The input has two numbers a step: a signal, and a marker that is 1 now and then and else 0.
# Run the cell and look before you read on.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

steps = 80
signal = 0.8 * np.sin(np.arange(steps) / 6)
marker = np.isin(np.arange(steps), [8, 30, 52]).astype(float)

H, D = 2, 2
W_ih, W_hh, b_ih, b_hh = np.zeros((3 * H, D)), np.zeros((3 * H, H)), np.zeros(3 * H), np.zeros(3 * H)
b_ih[H : 2 * H] = [8, 2.2]  # the update gates: both keep, the first nearly all
W_ih[H, 1] = -16  # but the marker shuts the first unit's gate
W_ih[2 * H :, 0] = 1  # the candidates: both read the signal

x = np.stack([signal, marker], axis=1)[:, None, :]
states = gru_forward(x, np.zeros((1, H)), W_ih, W_hh, b_ih, b_hh)[:, 0]

figure, axes = plt.subplots(figsize=(8, 3.5))
axes.plot(np.tanh(signal), color="0.6", label="the candidate, tanh(signal)")
axes.plot(states[:, 0], "k-", label="unit 0")
axes.plot(states[:, 1], "k--", label="unit 1")
for step in np.flatnonzero(marker):
    axes.axvline(step, color="k", linewidth=0.8, linestyle=":")
axes.set(xlabel="step (dotted: the marker is 1)", ylabel="value")
axes.legend(loc="upper right")
plt.show()

# %% [markdown]
# Unit 0 takes the candidate's value, tanh of the signal, when the marker comes, and holds it until the next: its update gate is near 1 but for
# those steps. Unit 1 keeps nine tenths of itself at each step, so it follows slowly: a running average of the candidate. One formula does both.
# In a trained network the weights choose.

# %% [markdown]
# ## 5. In words (2 points)
#
# What does a unit do at a step where $r = 0$ and $z = 1$? And what would it do with $r = 0$ and $z = 0$? Two or three sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "what_a_unit_does", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# With $z = 1$ the unit keeps its state as it was: the candidate has weight $1 - z = 0$, so it does not matter what $r$ does to it.
#
# With $z = 0$ the unit takes the candidate alone, and with $r = 0$ the candidate sees only the input, $\tanh(W_{in} x + b_{in})$. The unit
# forgets its past and starts afresh from the input.
