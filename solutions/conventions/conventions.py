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
# # Conventions, and a GRU programmed by hand
#
# "GRU" is the name of several functions, and each is stored in several ways. In the first half of this notebook you will carry weights from one convention to another, count
# them, and find out from a cell's answers alone which convention it follows. In the second half you will use one convention so well that you can write the weights
# yourself: you will program a GRU without training it. Allow about three hours.
#
# You need the GRU cell (the assignment `gru_cell`), NumPy's `split` and `concatenate`, and for the second half a pencil. The chapters *Conventions* and *What it can compute* of
# the book go with it.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Where you are stuck, open a hint; each says more than the one before.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import itertools

import numpy as np

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("conventions")

# %% [markdown]
# ## The convention that we come from
#
# It is PyTorch's. $D$ is the input's size and $H$ the number of units; `W_ih` is `(3H, D)`, `W_hh` is `(3H, H)`, and `b_ih` and `b_hh` are `(3H,)`. All four are packed by rows in the order
# **r, z, n**: the first $H$ rows belong to the reset gate, the next $H$ to the update gate, the last $H$ to the candidate.
#
# $$r = \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}) \qquad z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz})$$
#
# $$n = \tanh\big(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})\big) \qquad h' = (1 - z) \odot n + z \odot h$$

# %% [markdown]
# ## 1. From Keras to PyTorch (2 points)
#
# A layer `keras.layers.GRU(H)` computes the same function. `layer.get_weights()` gives three arrays:
#
# | name | shape | what it is |
# |---|---|---|
# | `kernel` | `(D, 3H)` | the input's weights; the product is `x @ kernel` |
# | `recurrent_kernel` | `(H, 3H)` | the state's weights; the product is `h @ recurrent_kernel` |
# | `bias` | `(2, 3H)` | row 0 is added to the input's product, row 1 to the state's |
#
# The last axis of all three is packed in the order **z, r, h**, where Keras writes $h$ for the candidate $n$. Here $z$ keeps and $r$ acts after the product, as in PyTorch.
#
# Return a dictionary with the entries `W_ih`, `W_hh`, `b_ih` and `b_hh` that PyTorch would need. Every number of the three arrays has its own place in the four: none is added to another.
#
# <details><summary>Hint 1</summary>
#
# Two things differ: which axis is packed, and the order of the blocks. Neither changes a single number, so this is moving numbers about.
# </details>
# <details><summary>Hint 2</summary>
#
# `x @ kernel` is to be the same as `x @ W_ih.T`. So what is `W_ih`, apart from the order? Beware of `recurrent_kernel`: a block of it is `(H, H)`, and a forgotten transpose
# does not show in its shape.
# </details>
# <details><summary>Hint 3</summary>
#
# For one array: transpose it, split it into its three blocks of rows with `np.split(..., 3)`, and put them together in the other order. A small helper does this for all four.
# </details>


# %% nbgrader={"grade_id": "keras_to_torch_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def keras_to_torch(kernel, recurrent_kernel, bias):
    """The weights of a layer of Keras, packed as PyTorch has them.

    kernel (D, 3H), recurrent_kernel (H, 3H), bias (2, 3H), columns z, r, h
    -> {"W_ih": (3H, D), "W_hh": (3H, H), "b_ih": (3H,), "b_hh": (3H,)}, rows r, z, n
    """

    ### BEGIN SOLUTION
    def reordered(rows):
        z, r, n = np.split(rows, 3)
        return np.concatenate([r, z, n])

    return {
        "W_ih": reordered(kernel.T),
        "W_hh": reordered(recurrent_kernel.T),
        "b_ih": reordered(bias[0]),
        "b_hh": reordered(bias[1]),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "keras_to_torch", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("keras_to_torch")

# %% [markdown]
# ## 2. From keeping to writing (2 points)
#
# In some texts the last line of the cell is
#
# $$h' = (1 - z) \odot h + z \odot n$$
#
# There a $z$ near 1 does not keep the state, it *writes* the candidate. All else is as in PyTorch. Given the weights of a cell that keeps, return those of a cell that writes and
# computes the same $h'$ for every $x$ and $h$: again a dictionary with the four entries. Each is made from the array of the same name alone, so nothing moves from one
# bias to the other. The arrays that you are given stay as they are.
#
# <details><summary>Hint 1</summary>
#
# The writing cell must have $1 - z$ where the keeping one has $z$, and each is the sigmoid of something. For which $c$ is $\sigma(c) = 1 - \sigma(a)$? Try $a = 0$, then put $a = 2$ into
# a calculator.
# </details>
# <details><summary>Hint 2</summary>
#
# $1 - \sigma(a) = \sigma(-a)$. What is inside the sigmoid is a sum of four terms. Which arrays do they come from, and which of their rows?
# </details>


# %% nbgrader={"grade_id": "to_write_convention_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def to_write_convention(W_ih, W_hh, b_ih, b_hh):
    """The weights that compute with h' = (1 - z) h + z n what these compute with h' = (1 - z) n + z h.

    W_ih (3H, D), W_hh (3H, H), b_ih (3H,), b_hh (3H,), rows r, z, n
    -> {"W_ih": (3H, D), "W_hh": (3H, H), "b_ih": (3H,), "b_hh": (3H,)}, new arrays
    """
    ### BEGIN SOLUTION
    H = W_hh.shape[1]
    converted = {"W_ih": W_ih.copy(), "W_hh": W_hh.copy(), "b_ih": b_ih.copy(), "b_hh": b_hh.copy()}
    for array in converted.values():
        array[H : 2 * H] *= -1
    return converted
    ### END SOLUTION


# %% nbgrader={"grade_id": "to_write_convention", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("to_write_convention")

# %% [markdown]
# And the way back, from a cell that writes to one that keeps? Call your function twice on the same weights and see what you get.

# %% [markdown]
# ## 3. How many numbers are there to carry? (2 points)
#
# One layer of a recurrent network has, for each of its `gates` blocks (three in a GRU, with the candidate; four in an LSTM), a weight for each input and each unit, and two biases a row, one,
# or none. A stack of layers has more:
#
# - the first layer reads the $D$ inputs; every other layer reads the state of the layer below it;
# - where the network is `bidirectional`, each layer has two such sets of weights, one for each direction of time, and hands both states, side by side, to the layer above.
#
# Count all numbers that are learned.
#
# <details><summary>Hint 1</summary>
#
# Count one direction of one layer first: it has `gates * H` rows. How long is a row, with its biases?
# </details>
# <details><summary>Hint 2</summary>
#
# Only the length of a row differs from layer to layer: $D$ numbers for the input in the first layer, $H$ in the others, or $2H$ where there are two directions below.
# </details>


# %% nbgrader={"grade_id": "count_parameters_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def count_parameters(gates, D, H, layers=1, bidirectional=False, biases=2):
    """How many numbers a stack of recurrent layers learns.

    gates: blocks of H rows, 3 for a GRU and 4 for an LSTM; D inputs; H units in each layer and direction;
    biases: 2, 1 or 0 for each row -> int
    """
    ### BEGIN SOLUTION
    directions = 2 if bidirectional else 1
    total = 0
    for layer in range(layers):
        inputs = D if layer == 0 else directions * H
        total += directions * gates * H * (inputs + H + biases)
    return total
    ### END SOLUTION


# %% nbgrader={"grade_id": "count_parameters", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("count_parameters")

# %% [markdown]
# It is often said that a GRU has two thirds of an LSTM's parameters, because it has two gates instead of three. Count, for networks of 128 units:

# %% nbgrader={"grade_id": "ratios", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
for D, layers, bidirectional in itertools.product([10, 300], [1, 3], [False, True]):
    gru, lstm = (count_parameters(gates, D, 128, layers, bidirectional) for gates in (3, 4))
    kind = f"D = {D}, {layers} layers, {1 + bidirectional} directions"
    print(f"{kind:32} GRU {gru:9,}  LSTM {lstm:9,}  ratio {gru / lstm:.4f}")

# %% [markdown]
# ## 4. Which convention is it? (4 points)
#
# Somebody gives you weights and one step of the cell that they belong to: what it read, what its state was, and what it answered. There is no documentation. You know only that `W_ih` and `W_hh`
# are packed by rows, that there are two biases, and that the cell was run in single precision, so its numbers are right to about seven digits. Three questions are open:
#
# - `keeps`: is $h' = (1 - z) \odot n + z \odot h$ (`True`) or $(1 - z) \odot h + z \odot n$ (`False`)?
# - `reset_after`: is $n = \tanh\big(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})\big)$ (`True`) or $\tanh\big(W_{in} x + b_{in} + W_{hn} (r \odot h) + b_{hn}\big)$ (`False`)?
# - `reset_first`: are the rows packed in the order r, z, n (`True`) or z, r, n (`False`)?
#
# Answer all three: return a dictionary with these three entries.
#
# <details><summary>Hint 1</summary>
#
# Three questions with two answers each: how many cells are there in all? You have weights and inputs, so you can run every one of them.
# </details>
# <details><summary>Hint 2</summary>
#
# Do not ask the questions one after another: a cell that has one answer right and the others wrong need not be nearer than one that has all wrong. Run all eight and compare each with `h_next`.
# </details>
# <details><summary>Hint 3</summary>
#
# No cell agrees exactly, because the answer was rounded: `==` finds none. Take the cell whose largest difference, `np.abs(...).max()`, is the smallest. `itertools.product([True, False], repeat=3)` gives the
# eight combinations.
# </details>


# %% nbgrader={"grade_id": "which_convention_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def which_convention(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    """Which of eight conventions the cell follows that answered h_next.

    x (B, D), h (B, H), W_ih (3H, D), W_hh (3H, H), b_ih (3H,), b_hh (3H,), h_next (B, H)
    -> {"keeps": bool, "reset_after": bool, "reset_first": bool}
    """

    ### BEGIN SOLUTION
    def sigmoid(a):
        return (1 + np.tanh(a / 2)) / 2

    def answer(keeps, reset_after, reset_first):
        order = (0, 1, 2) if reset_first else (1, 0, 2)
        W_r, W_z, W_n = (np.split(W_ih, 3)[place] for place in order)
        U_r, U_z, U_n = (np.split(W_hh, 3)[place] for place in order)
        b_r, b_z, b_n = (np.split(b_ih, 3)[place] for place in order)
        c_r, c_z, c_n = (np.split(b_hh, 3)[place] for place in order)
        r = sigmoid(x @ W_r.T + b_r + h @ U_r.T + c_r)
        z = sigmoid(x @ W_z.T + b_z + h @ U_z.T + c_z)
        from_h = r * (h @ U_n.T + c_n) if reset_after else (r * h) @ U_n.T + c_n
        n = np.tanh(x @ W_n.T + b_n + from_h)
        return (1 - z) * n + z * h if keeps else (1 - z) * h + z * n

    def distance(answers):
        return np.abs(answer(*answers) - h_next).max()

    keeps, reset_after, reset_first = min(itertools.product([True, False], repeat=3), key=distance)
    return {"keeps": keeps, "reset_after": reset_after, "reset_first": reset_first}
    ### END SOLUTION


# %% nbgrader={"grade_id": "which_convention", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("which_convention")

# %% [markdown]
# ## 5. In words (2 points)
#
# A colleague converts weights from PyTorch to a library whose GRU has the reset after the product, as PyTorch's has, but only *one* bias for each row. Their converter adds the two: `b = b_ih + b_hh`. They test it on
# a cell whose biases are all zero, and it agrees to the last digit. For which of the three blocks is the sum right, for which not, and why? And what did the test show? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "one_bias", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# In $r$ and $z$ the two biases only ever appear as a sum, so one bias $b_{ih} + b_{hh}$ does exactly the same. In the candidate they do not: $b_{hn}$ stands inside the reset gate, $r \odot (W_{hn} h + b_{hn})$, and what
# it adds is $r \odot b_{hn}$, which changes with $r$ from step to step. No constant can replace it, unless $b_{hn} = 0$.
#
# The test shows nothing about the biases: with all of them zero, any way to combine them gives the same. A test needs random biases, and $b_{hn}$ above all.
#
# (One point for $r$ and $z$ right and $n$ wrong with the reason, that $r$ multiplies $b_{hn}$; one point for the blind test.)

# %% [markdown]
# ## A program of weights
#
# From here on the convention is PyTorch's again, and you write the weights yourself. A **program** is a dictionary of five arrays: `W_ih`, `W_hh`, `b_ih`, `b_hh` in the shapes above, and `h0`, the state to start from, `(H,)`, with
# every entry between $-1$ and $1$. You choose $H$; three units are enough for all that follows, and more than 32 are refused.
#
# A unit says *on* where its state is above $0.25$ and *off* where it is below $-0.25$. In between it says neither, and the check shows that as `0.5`: the state was never clear, or it has faded, because the
# gate leaks while it waits or because what is written is too small. So think of the bit 1 as a state near $+1$ and of the bit 0 as a state near $-1$.
# The inputs are the numbers 0 and 1.
#
# Large weights make switches. $\sigma(10)$ is 0.99995 and $\sigma(-10)$ is 0.00005. So for each unit and each kind of step ask two questions. *Keep or write?* That is $z$: choose a bias and weights so that it is far above 0
# where the unit keeps, and far below 0 where it writes. *Write what?* That is $n$: a number well above 1 inside $\tanh$ writes a 1, one well below $-1$ writes a 0.
#
# Here is a program of one unit that keeps nothing and writes the bit that it reads. The file `probes.py` beside this notebook runs it.


# %% nbgrader={"grade_id": "example", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import probes

last_bit = {
    "h0": np.array([-1.0]),
    "W_ih": np.array([[0.0], [0.0], [8.0]]),  # rows r, z, n
    "W_hh": np.zeros((3, 1)),
    "b_ih": np.array([0.0, -10.0, -4.0]),  # z near 0: always write.  n = tanh(8 x - 4)
    "b_hh": np.zeros(3),
}
bits = np.array([0, 1, 1, 0, 1, 0, 0, 1])
print("reads ", bits)
print("says  ", probes.read_bits(last_bit, bits[:, None, None])[:, 0].astype(int))
print("states", probes.run_program(last_bit, bits[:, None, None])[:, 0, 0].round(3))

# %% [markdown]
# ## 6. Parity (3 points)
#
# Write a program for $D = 1$ whose unit 0 says after each step whether the number of ones so far is odd: on if odd, off if even. So it starts off, turns round at each 1, and stays as it is at each 0. The sequences
# have up to 200 steps, and a bit may have to be held through all of them.
#
# Many programs are right. What is compared is what unit 0 says, on sequences that are drawn anew. To see what yours does, run it as the example was run: `run_program` gives
# all states.
#
# <details><summary>Hint 1</summary>
#
# One unit is enough. Make a table with two rows, $x = 0$ and $x = 1$: does the unit keep or write there? What it writes, if it writes, depends on what it *was*. Which weight tells the candidate what the state was?
# </details>
# <details><summary>Hint 2</summary>
#
# $z$ should be near 1 at $x = 0$ and near 0 at $x = 1$: a bias of $10$ and a weight of $-20$. The candidate should be the opposite of the state: $n \approx -1$ from $h \approx 1$, and $1$ from $-1$.
# </details>
# <details><summary>Hint 3</summary>
#
# $n = \tanh(-c\, h)$ with $c$ well above 1, so that it writes full values: with $c = 1$ each turn would write a smaller number than the last. The candidate hears the state through $r$: open it with a bias of 10, or remember that
# $\sigma(0)$ is one half. And a state that starts at 0 stays there, for $-c \cdot 0$ is 0: start from `h0 = [-1]`.
# </details>


# %% nbgrader={"grade_id": "parity_weights_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def parity_weights():
    """A program for D = 1: unit 0 is on where the number of ones so far is odd.

    -> {"h0": (H,), "W_ih": (3H, 1), "W_hh": (3H, H), "b_ih": (3H,), "b_hh": (3H,)}, any H
    """
    ### BEGIN SOLUTION
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [-20.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, 10.0, 0.0]),
        "b_hh": np.zeros(3),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "parity_weights", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("parity_weights")

# %% [markdown]
# ## 7. A counter with a reset (4 points)
#
# Now $D = 2$. The first input is 1 at a step that is to be counted, the second is 1 at a step that clears the count; else they are 0. The count starts at 0, it stops at 3, and where both inputs are 1 the clearing wins.
#
# The count is read from units 0, 1 and 2 (so $H$ is at least 3): it is *how many of them are on*. The check shows 1.5 where one is on and another neither on nor off. Again up to 200 steps, and a count may have to be held for long.
#
# | step | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
# |---|---|---|---|---|---|---|---|---|---|
# | count, `x[..., 0]` | 0 | 1 | 1 | 0 | 1 | 1 | 0 | 1 | 1 |
# | clear, `x[..., 1]` | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 0 | 1 |
# | units that are on | 0 | 1 | 2 | 2 | 3 | 3 | 0 | 1 | 0 |
#
# <details><summary>Hint 1</summary>
#
# Let the units fill up like a thermometer: at a count of 2, units 0 and 1 are on and unit 2 is off. Which unit has to turn on at the next count, and how can it know that it is the one?
# </details>
# <details><summary>Hint 2</summary>
#
# At a count each unit writes what the unit *before* it was. Unit 0 has none before it and always writes a 1. Then a unit that is on stays on, and the first that is off turns on; at 3 nothing changes. In `W_hh` the
# candidate's rows are the last $H$: which two entries of that block are not zero?
# </details>
# <details><summary>Hint 3</summary>
#
# $z$: all units alike, a bias of $10$, and $-20$ for either input. Candidates: $n_0 = \tanh(4 - 12\, x_1)$, $n_1 = \tanh(4 h_0 - 12\, x_1)$ and so on, where $x_1$ is the clearing input and weighs more than all the rest. Open $r$ with a
# bias of $10$.
# </details>


# %% nbgrader={"grade_id": "counter_weights_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def counter_weights():
    """A program for D = 2: units 0, 1 and 2 count what came since the last clearing, up to 3.

    -> {"h0": (H,), "W_ih": (3H, 2), "W_hh": (3H, H), "b_ih": (3H,), "b_hh": (3H,)}, H at least 3
    """
    ### BEGIN SOLUTION
    H = 3
    W_ir, W_iz, W_in = np.zeros((H, 2)), np.full((H, 2), -20.0), np.tile([0.0, -12.0], (H, 1))
    W_hn = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]])
    return {
        "h0": -np.ones(H),
        "W_ih": np.concatenate([W_ir, W_iz, W_in]),
        "W_hh": np.concatenate([np.zeros((2 * H, H)), W_hn]),
        "b_ih": np.concatenate([np.full(2 * H, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(3 * H),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "counter_weights", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("counter_weights")

# %% [markdown]
# ## 8. A delay (3 points)
#
# $D = 1$ again. Unit 0 is to say after each step what the bit *of the step before* was. At the first step, where there was none, it says off.
#
# <details><summary>Hint 1</summary>
#
# A GRU reads the input of this step alone. Whatever unit 0 is to say about the step before must come from the state. How many bits does the state have to hold?
# </details>
# <details><summary>Hint 2</summary>
#
# Two units: unit 1 holds the last bit, as in the example above. All units change at once, each from the *old* state of the others. So what does unit 0 see if it looks at unit 1?
# </details>
# <details><summary>Hint 3</summary>
#
# Neither unit ever keeps. Unit 1 writes $\tanh(8 x - 4)$, unit 0 writes $\tanh(4 h_1)$. Mind `r`, and `h0`.
# </details>


# %% nbgrader={"grade_id": "delay_weights_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def delay_weights():
    """A program for D = 1: unit 0 says what the bit of the step before was, and off at the first step.

    -> {"h0": (H,), "W_ih": (3H, 1), "W_hh": (3H, H), "b_ih": (3H,), "b_hh": (3H,)}, any H
    """
    ### BEGIN SOLUTION
    return {
        "h0": np.array([-1.0, -1.0]),
        "W_ih": np.array([[0.0], [0.0], [0.0], [0.0], [0.0], [8.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, 4.0], [0.0, 0.0]]),
        "b_ih": np.array([10.0, 10.0, -10.0, -10.0, 0.0, -4.0]),
        "b_hh": np.zeros(6),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "delay_weights", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("delay_weights")

# %% [markdown]
# ## 9. Your programs at work
#
# Here are your three programs on one sequence each. Nothing was trained. Look at the heights: a state that has been written is near $+1$ or $-1$, and one that is held does not move.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

rng = np.random.default_rng(3)
steps = np.arange(40)
bits = (rng.uniform(size=40) < 0.3).astype(float)
clear = np.isin(steps, [16, 30]).astype(float)
runs = {
    "parity: unit 0": probes.run_program(parity_weights(), bits[:, None, None])[:, 0, :1],
    "counter: units 0, 1, 2": probes.run_program(counter_weights(), np.stack([bits, clear], 1)[:, None])[:, 0, :3],
    "delay: unit 0": probes.run_program(delay_weights(), bits[:, None, None])[:, 0, :1],
}
figure, panels = plt.subplots(4, 1, figsize=(8, 7), sharex=True, height_ratios=[0.8, 1, 2.2, 1])
panels[0].plot(steps[bits > 0], np.ones(int(bits.sum())), "ko", label="bit, or count")
panels[0].plot(steps[clear > 0], np.zeros(int(clear.sum())), "ks", mfc="w", label="clear")
panels[0].set(ylim=(-0.6, 1.6), yticks=[0, 1], yticklabels=["clear", "1"], title="what is read")
for panel, (title, states) in zip(panels[1:], runs.items(), strict=True):
    for unit, state in enumerate(states.T):
        panel.step(steps, state - 2.6 * unit, "k", where="mid")
        panel.axhline(-2.6 * unit, color="0.7", linewidth=0.8)
    panel.set(title=title, yticks=[])
panels[-1].set(xlabel="step")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## 10. In words (2 points)
#
# Your parity program writes $\tanh(-c\, h)$. Suppose that the state has drifted a little, from 1 to 0.9, because no gate is ever quite shut. What does the next turn write from 1 and from 0.9 with $c = 4$, and what with $c = 1$? And
# the turns after it? (A few lines of code tell you.) Why does that decide whether the program can run for ever? Two to four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "for_ever", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# With $c = 4$ the turn writes $\tanh(-3.6) = -0.9985$, where from a full 1 it would have been $\tanh(-4) = -0.9993$: of the error of a tenth less than a thousandth is left. $\tanh$ is flat there, so every turn
# repairs the state. With $c = 1$ it writes $-0.76$ from 1 and $-0.72$ from 0.9: the error has shrunk too, but so has the state, and it shrinks again at each turn, until it can no longer be told from 0.
#
# A program runs for ever if each turn brings the state back to the same full value, and errors die out on the way. Writing with a large weight does that; holding does not, for it keeps what is there, errors included, and so the gate must be shut tightly enough for the longest wait.
#
# (One point for what is written in the two cases; one for saying that with a large $c$ the state is repaired, so that errors do not add up, and with $c = 1$ it fades.)
