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
# # The plain recurrent network
#
# You will write one step of a plain recurrent cell, run it over a batch of sequences of different lengths, write the loss that such a network is
# trained with, and draw text from a tiny character model. All in NumPy. Allow about an hour and a half. You need matrix products and broadcasting;
# the chapters *Sequences and state* and *The recurrent cell* of the book say what a state is and where the formulas come from.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Where you are stuck, open the hints under the task, one at a time.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("rnn")

# %% [markdown]
# ## Shapes
#
# We use PyTorch's convention: $B$ is the batch (how many sequences at once), $T$ the number of steps, $D$ the input's size and $H$ the number of
# units.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(B, D)` | the input of one step, a row for each sequence |
# | `h` | `(B, H)` | the state before the step |
# | `W_ih` | `(H, D)` | the weights from the input: row `i` belongs to unit `i` |
# | `W_hh` | `(H, H)` | the weights from the state: row `i` is what unit `i` hears of all units |
# | `b_ih`, `b_hh` | `(H,)` | the two biases |
#
# A formula such as $W x$ is written for one column vector. A batch holds its vectors in rows, so in code it is `x @ W.T`.

# %% [markdown]
# ## 1. One step (2 points)
#
# The cell makes its new state from what it reads and from what it holds:
#
# $$h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})$$
#
# Write it for a whole batch at once. Return a new array and leave the inputs as they are: the caller still needs them.
#
# <details><summary>Hint 1</summary>
#
# The formula is for one column vector. A batch has its vectors in rows: what must happen to a weight matrix so that `(B, D)` times it is `(B, H)`?
# </details>
# <details><summary>Hint 2</summary>
#
# In code $W x$ is `x @ W.T`. A bias of shape `(H,)` is added to each row of a `(B, H)` array by itself: that is broadcasting.
# </details>
# <details><summary>Hint 3</summary>
#
# Two products, two biases, all four added, and one `np.tanh` around the sum. It needs no loop over the batch.
# </details>


# %% nbgrader={"grade_id": "rnn_cell_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step of a plain recurrent cell for a batch.

    x (B, D), h (B, H), W_ih (H, D), W_hh (H, H), b_ih (H,), b_hh (H,) -> the next state, (B, H)
    """
    ### BEGIN SOLUTION
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)
    ### END SOLUTION


# %% nbgrader={"grade_id": "rnn_cell", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("rnn_cell")

# %% [markdown]
# ## 2. A batch of sequences (3 points)
#
# Now run the cell over time. The state after one step is the state before the next:
#
# $$h_t = \mathrm{cell}(x_t, h_{t-1}), \qquad t = 1 \dots T$$
#
# The input holds $x_1 \dots x_T$, the result holds $h_1 \dots h_T$, both with time first. The state $h_0$ is given and is not part of the result.
# In code $x_1$ is `x[0]`.
#
# Real sequences differ in length. To stand in one array, the shorter ones are filled up at their end with **padding**. So the function also takes
# `lengths`: row `b` of the batch has `lengths[b]` steps, from 1 to `T`. From there on its states in the result are **zero**. The padding may hold
# anything, even NaN ("not a number"), and must not change the result. With `lengths=None` every row has all `T` steps.
#
# <details><summary>Hint 1</summary>
#
# Write it without lengths first: a loop over `x`, one call of your `rnn_cell` a step, and a list that collects the states. `np.stack` makes one
# array of a list.
# </details>
#
# <details><summary>Hint 2</summary>
#
# Then think of one step `t`. A row is still running there if `t < lengths[b]`, with `t` counted from 0 as in code. Compared with the whole array
# `lengths`, this gives one truth value for each row, `(B,)`. Where it is false, zeros belong in the result.
# </details>
#
# <details><summary>Hint 3</summary>
#
# NaN times zero is NaN, so a product does not remove it. `np.where(condition, a, b)` picks entry by entry and does. The condition needs the shape
# `(B, 1)` to be broadcast over the units: `running[:, None]`.
# </details>


# %% nbgrader={"grade_id": "rnn_forward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh, lengths=None):
    """All states of a plain recurrent network over a batch of sequences.

    x (T, B, D), h0 (B, H), the weights as for `rnn_cell`, lengths None or (B,), integers from 1 to T
    -> h_1 ... h_T, (T, B, H), each row zero after its own length
    """
    ### BEGIN SOLUTION
    h, states = h0, []
    for t, x_t in enumerate(x):
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        if lengths is not None:
            h = np.where((t < lengths)[:, None], h, 0)
        states.append(h)
    return np.stack(states)
    ### END SOLUTION


# %% nbgrader={"grade_id": "rnn_forward", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("rnn_forward")

# %% [markdown]
# ## 3. The loss (3 points)
#
# A character model says, at every position, how likely each of $K$ characters is to come next. It gives $K$ numbers of any size, the **logits**
# $a$. The softmax makes probabilities of them, and the loss of a position is the negative logarithm of the probability of the character that did
# come, the **target** $y$:
#
# $$p_k = \frac{e^{a_k}}{\sum_j e^{a_j}} \qquad \ell = -\log p_y$$
#
# `cross_entropy` returns the **mean** of $\ell$ over all steps and all rows, one number, with the natural logarithm. The logits are `(T, B, K)`,
# the targets `(T, B)`, whole numbers from $0$ to $K - 1$.
#
# Typed as it stands, the formula meets $e^{1000}$, which is infinite, or the logarithm of a probability that was rounded to $0$. Yours must be
# right, and without a warning, for logits from $-1000$ to $1000$: both where whole positions lie high or low, and where the logits of one position
# lie far apart.
#
# <details><summary>Hint 1</summary>
#
# Put the formula for $p_y$ into $\ell$ and simplify on paper before you write code. The logarithm of a quotient is a difference, and one of its
# two parts needs no `exp` at all.
# </details>
#
# <details><summary>Hint 2</summary>
#
# $\ell = \log \sum_j e^{a_j} - a_y$. Nothing changes if you take the same number from all logits of a position. With which number is no exponent
# above zero, and one of them exactly zero?
# </details>
#
# <details><summary>Hint 3</summary>
#
# Each position has a largest logit of its own: `logits.max(axis=-1, keepdims=True)`. To pick the target's logit at every position, look at
# `np.take_along_axis`, or at an index for each axis, made with `np.arange` or `np.indices`.
# </details>


# %% nbgrader={"grade_id": "cross_entropy_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def cross_entropy(logits, targets):
    """The mean of -log softmax(logits)[target] over all steps and rows: finite for |logits| up to 1000, no warning.

    logits (T, B, K), targets (T, B), integers from 0 to K - 1 -> one number
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=-1, keepdims=True)
    of_target = np.take_along_axis(shifted, targets[..., None], axis=-1)[..., 0]
    return np.mean(np.log(np.exp(shifted).sum(axis=-1)) - of_target)
    ### END SOLUTION


# %% nbgrader={"grade_id": "cross_entropy", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("cross_entropy")

# %% [markdown]
# ## 4. Drawing text (4 points)
#
# A character model can write. Here is one of the plainest kind: your cell, and an affine map from its state to the logits. Feed it a character and
# it says how likely each character is to be next; draw one of them; feed that in; and so on. For each draw:
#
# 1. the last character goes in **one-hot**, a vector of $K$ numbers with a $1$ at the character's place and $0$ elsewhere: $h \leftarrow \mathrm{cell}(x, h)$;
# 2. the logits are made from the **new** state, $a = W_{out} h + b_{out}$, and divided by the **temperature** $\tau$;
# 3. the softmax makes probabilities, $p = \mathrm{softmax}(a / \tau)$;
# 4. a number $u$ between $0$ and $1$ picks the character: **the first $k$ with $p_0 + p_1 + \dots + p_k > u$**.
#
# If $u$ is drawn evenly from $[0, 1)$, character $k$ comes with probability $p_k$. The function does not draw the $u$ itself: they are given, one
# for each character to draw, so that the result is determined and can be checked. The state is zero at the beginning, and the first character that
# goes in is `start`. It is not part of the result.
#
# Two cautions. The logits may be near 1000, here too. And rounding can leave the sum of all $p$ a hair below $1$, and a $u$ above it: then the
# last character is meant.
#
# <details><summary>Hint 1</summary>
#
# Write one draw, then put it into a loop over `u`. Two things are carried from draw to draw: the state and the last character.
# </details>
#
# <details><summary>Hint 2</summary>
#
# `rnn_cell` wants a batch, so give it a batch of one: `x` of shape `(1, K)` and a state of shape `(1, H)`, of zeros at first. `np.cumsum` makes
# the sums $p_0 + \dots + p_k$ for all $k$.
# </details>
#
# <details><summary>Hint 3</summary>
#
# Count how many of the sums are not above $u$: that is the first $k$ whose sum is. `np.searchsorted` counts too; read what its `side` means. For
# the second caution, no index is above $K - 1$.
# </details>


# %% nbgrader={"grade_id": "sample_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def sample(start, u, W_ih, W_hh, b_ih, b_hh, W_out, b_out, temperature=1.0):
    """Characters drawn one after another from a character model, each fed back as the next input.

    start, an integer from 0 to K - 1; u (N,), numbers in [0, 1), one for each draw; W_ih (H, K), W_hh (H, H),
    b_ih (H,), b_hh (H,), W_out (K, H), b_out (K,) -> the N characters drawn, integers, (N,)
    """
    ### BEGIN SOLUTION
    K, H = W_out.shape
    h, k, drawn = np.zeros((1, H)), start, []
    for u_n in u:
        x = np.zeros((1, K))
        x[0, k] = 1
        h = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
        a = (W_out @ h[0] + b_out) / temperature
        e = np.exp(a - a.max())
        p = e / e.sum()
        k = min(int(np.sum(np.cumsum(p) <= u_n)), K - 1)
        drawn.append(k)
    return np.array(drawn)
    ### END SOLUTION


# %% nbgrader={"grade_id": "sample", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("sample")

# %% [markdown]
# ## 5. Your network writes
#
# Below are the weights of a network with 16 units, each rounded to one byte. It was trained on twelve lines of verse about rain (the course's
# script `experiments/train_tiny_characters.py` did it, and holds the verse). Your `sample` lets it write, at three temperatures.

# %% nbgrader={"grade_id": "weights", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import base64

WEIGHTS = """
GwHQ5BLw9xbLJA3+GrvgAu7k7/gfGrztCQ7hESY08+7T6uwR9gj+Fw0508bqEhvPCQ5JL/sDDtLw+/fW1BzM9fzt4g8S/BL6AiAlB//v+/bj+vMH1fQN
8jgl1tkn8d03+CrB1g3Y3y3k++/ww70eFQDUDd/0QCi6RdwQOtEJE/ri/i4zRbYE+Crn/9z+Nfns5NIH6/LqIPwSVwciL94HMkHS6/oM2uX83OYPDjLg
Axnx4Nw01vQcCff10Bn5LRm/KfAhEN754OW/Px4n9lrYBzIGMA/mOuIQE/gl/sER8weiAB8RNwk18ekiKAcB7UTbCCvJ2RnD8P4iz+Yc5PIO3dOz0OAp
Ihjn+wkdMgM8M+bSE9w4OhgL+P8I9cHl9vQI6v3j1Tky88LPy9AQ+PHoIDEX+A/qJuUS3Ob6Ey7f5xf+9RzjQAYI7DAa8vYOuwjy3tzvyB8P//vc7xw5
4t4C6y1RCP4c7zA+6eDuw9MkDRPu9ybcDjEwAPPvAfUe2ypCDxUCBPsHCe8IEh0UFxnq9vD47BHy9QcW9wcDBhH17RDpExDvC/r08vzwDfL69f8TBgTw
4A8OJQ8F/wEJ8/jkGvsf+QQI/OEb8QPrABr8FPMP4v4GAvUEB+YD6RYPCfol+wH59frtBhnv9fb19QoGDP4A6e4J8/8O+vMJAQIPGwAA+PAIC/gGEgjv
DgYWCTnZACLlAfjtCPoOHgn08O714vL5+gT/DQQEEu8KFvf+8gzx+fYCCfLv5hrh//3tA/j/+wAV/wr8Dujv9QL7BwUdBvTsFAkA6w3z+PIZ7fb19QUL
CuMA+gPx/A339P7+AvcXEvji8x0MA+gH8P4NAAf7+vD9/AX7CAEBBwkB/fj/BgL4+/wHBP0A/AYJ/vv8BAv++A4/JsEpHSchFrsTyBDI09a93yPdyiIh
LQ3I1PPLURElUb9G+9Y7/gQl6rr9RR0+9+//JCIePTLl+x/IIePuURP81rZH0t+7uiW45NDwGtb1GkAfFUHyAM8JDisH+8PvHDPbthna8fklzwjKMPbI
0dPT87jFMBTtLkbl5vow3Fb46rktGtXm4B7cBDcVxxryNjr6Jh/v8UPeLgUJIfKuwyzjLC3+3Nrr8QI0EOw0DUi9MA8T4MfhMgXwPSzsSdo/GeUd6b8G
9yrK+wYCKfASvs8t/TfIEczCHcv2VDf36xziCer7VD8T6svH/ME36gPd6yD5syRA7zUzHxg5Qvw/81YCN9b43g3CEw2nRd7+Ghw7Bln/NOz1KxTKQUAP
vNrmwc387Q3TMt6e4Ar9zATgyy0pxQMUJSIuI8RMHrjZNCwm4tsLxhG93CohPsLZzfWu9cA1Khbt/r4kFMjwDBvJye815jnxGzTQEdsTvxMyzuAhHiQR
CS8GG93dEgwhKg8j1hHh6f/3/hjyCer/6w/y+wf9GxgK9uz1
"""
characters = "\n ,.acdefghiklmnoprstuwy"
K, H = len(characters), 16
shapes = {"W_ih": (H, K), "W_hh": (H, H), "b_ih": (H,), "b_hh": (H,), "W_out": (K, H), "b_out": (K,)}

numbers = np.frombuffer(base64.b64decode(WEIGHTS), np.int8) / 32
parts = np.split(numbers, np.cumsum([np.prod(shape) for shape in shapes.values()])[:-1])
weights = {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def write(seed, temperature, length=150):
    u = np.random.default_rng(seed).uniform(size=length)
    return "".join(characters[k] for k in sample(characters.index("\n"), u, **weights, temperature=temperature))


for temperature in [0.4, 1.0, 1.6]:
    print(f"temperature {temperature}:\n{write(0, temperature)}\n")

# %% [markdown]
# And here it reads. For a line that it writes itself, and for one that it has never seen, your `rnn_forward` makes the states, and your
# `cross_entropy` says at each character how surprised the network is to meet it.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt


def surprise(text):
    """The loss at each character of a text that follows a newline."""
    numbers = np.array([characters.index(c) for c in "\n" + text])
    x = np.eye(K)[numbers[:-1], None]
    cell = [weights[name] for name in ["W_ih", "W_hh", "b_ih", "b_hh"]]
    logits = rnn_forward(x, np.zeros((1, H)), *cell) @ weights["W_out"].T + weights["b_out"]
    return [cross_entropy(logits[t : t + 1], numbers[t + 1].reshape(1, 1)) for t in range(len(text))]


figure, panels = plt.subplots(2, 1, figsize=(8, 4.5), sharey=True)
for panel, text in zip(
    panels, ["the stream runs down to find the sea,", "the cat runs down to find the fish,"], strict=True
):
    panel.bar(range(len(text)), surprise(text), color="0.4")
    panel.set_xticks(range(len(text)), text.replace(" ", "_"), fontsize=9)
    panel.set_ylabel("loss")
    panel.axhline(np.log(K), color="k", linestyle=":", linewidth=1)
figure.suptitle("how surprised it is at each character (dotted: a guess among all)", fontsize=10)
figure.tight_layout()
plt.show()

# %% [markdown]
# It is sure inside the words and lines that it knows, and surprised where there is a choice, at the beginning of a word most of all. The cat is
# news to it. Read on past the cat: how many characters does it take until the network is itself again?

# %% [markdown]
# ## 6. In words (2 + 1 points)
#
# Two lines begin differently and both have reached the word "the" and the space after it. In general the network gives two different sets of
# probabilities for the next character. What makes them differ, although the last input is the same? And what could a network with $W_{hh} = 0$
# know, when it chooses the next character? Two to four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "what_the_state_knows", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# The probabilities come from the state, and the state comes from the last input *and* the state before, which comes from all inputs before it. The
# two lines differ earlier on, so the two states may differ, and with them the logits.
#
# With $W_{hh} = 0$ the state is $\tanh(W_{ih} x + b_{ih} + b_{hh})$, a function of the last character alone. Such a network can only know which
# character tends to follow which: after a space it would always have the same probabilities.

# %% [markdown]
# What happens to the probabilities when the temperature goes to $0$, and when it grows without bound? One or two sentences.

# %% [markdown] nbgrader={"grade_id": "temperature", "grade": true, "locked": false, "points": 1, "schema_version": 3, "solution": true}
# Towards $0$ the differences between the logits grow without bound: the most likely character comes nearly always, and the text is the same
# whatever $u$ is. When the temperature grows, the divided logits all go to $0$, and each of the $K$ characters becomes equally likely.
