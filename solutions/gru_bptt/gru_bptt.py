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
# # The gradient of the GRU
#
# You will write what `loss.backward()` does for a gated recurrent unit (GRU): the gradients of one step, then those of a whole sequence, in NumPy.
# Then you are given backward passes that have lost something, and find out what. Allow two to three hours, most of them for the second task.
#
# You need the chain rule, matrix products and backpropagation through time (BPTT) for the plain cell, the assignment `bptt`. The chapter *The
# gradient of the GRU* of the book derives every line for one vector. What is left to you is the batch, the packed rows, and the order.
#
# A plain cell has one way back to its old state. A GRU has four, for it reads its old state in four places:
#
# | it reads $h$ | to make | so the gradient comes back |
# |---|---|---|
# | in $z \odot h$ | what it keeps | by the **keep** path: no matrix, no slope |
# | in $W_{hn} h$ | the candidate | by the **candidate** path, through the reset gate |
# | in $W_{hz} h$ | the update gate | by the **update** path |
# | in $W_{hr} h$ | the reset gate | by the **reset** path, the longest of all |
#
# A backward pass that loses one of them still runs, still returns the right shapes, and still learns a little. That is why it must be checked.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Hints are folded under the harder tasks: open one at a time.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np


def sigmoid(a):
    """1 / (1 + exp(-a)), as it stands; in the assignment `gru_cell` you write one that never overflows."""
    return 1 / (1 + np.exp(-a))


# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("gru_bptt")

# %% [markdown]
# ## Shapes
#
# $B$ is the batch, $T$ the number of steps, $D$ the input's size and $H$ the number of units. As in PyTorch the weights of the three blocks are packed
# into one array, in the order **r, z, n**: reset gate, update gate, candidate.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(T, B, D)`, one step `(B, D)` | the input |
# | `h`, `h0` | `(B, H)` | the state before the step; before the first step, $h_0$ |
# | `W_ih` | `(3H, D)` | rows `0 ... H-1` are $W_{ir}$, then $W_{iz}$, then $W_{in}$, each $H$ rows |
# | `W_hh` | `(3H, H)` | $W_{hr}$, $W_{hz}$, $W_{hn}$ likewise |
# | `b_ih`, `b_hh` | `(3H,)` | $b_{ir}, b_{iz}, b_{in}$ and $b_{hr}, b_{hz}, b_{hn}$ likewise |
#
# A gradient has the shape of what it is the gradient of, and is called after it: `dW_hh` is $\partial L / \partial W_{hh}$, an array `(3H, H)`.
# The loss $L$ is one number. It never appears in the code. Return new arrays and leave the inputs as they are: the caller still needs them.

# %% [markdown]
# ## 1. What the way back needs of the way there (1 point)
#
# Here is the cell once more. Give the state's part of the candidate a name of its own, $u$:
#
# $$r = \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}) \qquad z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz})$$
#
# $$u = W_{hn} h + b_{hn} \qquad n = \tanh(W_{in} x + b_{in} + r \odot u) \qquad h' = (1 - z) \odot n + z \odot h$$
#
# Every product needs its other factor on the way back. For $r$ that factor is $u$, so keep it. Return the tuple `(r, z, n, u)`; $h'$ itself is not needed.
# If you have done the assignment `gru_cell`, most of this is in it.
#
# <details><summary>Hint 1</summary>
#
# Two products, one with `W_ih` and one with `W_hh`, serve all three blocks. `np.split(..., 3, axis=1)` takes each apart.
# </details>
# <details><summary>Hint 2</summary>
#
# Of the state's product the first two blocks go into the gates. The third, with its bias in it, is $u$: it is what the reset gate multiplies, so $u$
# itself has no $r$ in it.
# </details>
# <details><summary>Hint 3</summary>
#
# The given `sigmoid` makes the two gates from sums of blocks; `np.tanh` makes the candidate from the input's third block and $r \odot u$. Return the
# four in the order that is asked for.
# </details>


# %% nbgrader={"grade_id": "gru_gates_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    """The gates, the candidate and the state's part of the candidate, of one step.

    x (B, D), h (B, H), W_ih (3H, D), W_hh (3H, H), b_ih (3H,), b_hh (3H,) -> the tuple (r, z, n, u), each (B, H)
    """
    ### BEGIN SOLUTION
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    return r, z, np.tanh(i_n + r * u), u
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_gates", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("gru_gates")

# %% [markdown]
# ## 2. One step back (5 points)
#
# Somebody gives you `dh_next` $= \partial L / \partial h'$, of shape `(B, H)`. Go back through the four lines, last line first:
#
# 1. $h' = (1 - z) \odot n + z \odot h$ is made of three things, $n$, $z$ and $h$. What is each multiplied with? Mind the sign for $z$, which stands in it twice.
# 2. $n = \tanh(a_n)$. The slope of $\tanh$ is known from its result: $1 - n^2$.
# 3. $a_n = W_{in} x + b_{in} + r \odot u$. Here $r$ and $u$ are each other's factor.
# 4. $r = \sigma(a_r)$ and $z = \sigma(a_z)$, with the slope $\sigma' = \sigma (1 - \sigma)$.
# 5. What is left are affine maps: of $x$ three, of $h$ three. Weights and biases are shared by all rows of the batch, so theirs are sums over the rows.
#
# Watch out in step 5. The input sees the preactivations $a_r$, $a_z$ and $a_n$. The state sees $a_r$, $a_z$ and $u$, and from $a_n$ to $u$ there is a reset gate.
# So there are *two* packed arrays, and `db_hh` is not `db_ih`.
#
# Compute the gates again with your `gru_gates`. Return a dictionary with the keys `dx`, `dh`, `dW_ih`, `dW_hh`, `db_ih` and `db_hh`.
#
# <details><summary>Hint 1: names</summary>
#
# Call the gradients of the preactivations `da_r`, `da_z` and `da_n`, all `(B, H)`. Begin with `da_n` and `da_z`, which need `dh_next` alone; `da_r` needs `da_n`.
#
# </details>
# <details><summary>Hint 2: the update gate</summary>
#
# Write $h' = n + z \odot (h - n)$: the same, with $z$ in it once. What $z$ is multiplied with is now plain to see.
#
# </details>
# <details><summary>Hint 3: the reset gate</summary>
#
# $r$ is multiplied with $u$, so the gradient of $r$ is `da_n * u`; for its preactivation, multiply by the slope of $\sigma$. And $u$ is multiplied with $r$.
#
# </details>
# <details><summary>Hint 4: the affine maps</summary>
#
# Pack twice with `np.concatenate([...], axis=1)`, both `(B, 3H)` in the order r, z, n: `d_input`, what the input sees, and `d_state`, what the state sees. `dx` and `dW_ih` come from
# the first as in the plain cell, `dW_hh` from the second. So does `dh`, and then one path is still missing in it: the one without a matrix.
#
# </details>


# %% nbgrader={"grade_id": "gru_cell_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    """The gradients of one step, given dh_next (B, H), the loss's gradient at the new state.

    The other arguments as for `gru_gates`
    -> {"dx": (B, D), "dh": (B, H), "dW_ih": (3H, D), "dW_hh": (3H, H), "db_ih": (3H,), "db_hh": (3H,)}
    """
    ### BEGIN SOLUTION
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_cell_backward", "grade": true, "locked": true, "points": 5, "schema_version": 3, "solution": false} tags=["check"]
check("gru_cell_backward")

# %% [markdown]
# ## 3. Back through a whole sequence (4 points)
#
# The loss may look at every state: `dhs[t]`, of shape `(B, H)`, is how it changes with the state that step `t` made, by looking at it. What it says of that
# state through later steps is for you to carry back.
#
# This time you are not given the states. Run the sequence forward first, from `h0`, and keep the state that each step *started from*; that is the one which its
# backward step needs. Then walk from the last step to the first.
#
# Return a dictionary with the keys `dx`, `dh0`, `dW_ih`, `dW_hh`, `db_ih` and `db_hh`.
#
# <details><summary>Hint 1: forward</summary>
#
# Start a list with `h0` and append one state a step, made with your `gru_gates` and the last line of the cell. In which entry is the state that step `t` started from?
#
# </details>
# <details><summary>Hint 2: what is carried, what is summed, what is stored</summary>
#
# Carry one array, `dh`, zero before the last step: the gradient at a state is `dhs[t]` plus what was carried. The weights' and biases' gradients are summed over the steps, and
# `dx[t]` is stored.
#
# </details>
# <details><summary>Hint 3: the ends</summary>
#
# What is carried after the first step has a name: it is `dh0`.
#
# </details>


# %% nbgrader={"grade_id": "gru_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_backward(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    """Backpropagation through time for a GRU.

    x (T, B, D), h0 (B, H), dhs (T, B, H): how the loss changes with each state by looking at it, the weights as for
    `gru_gates`
    -> {"dx": (T, B, D), "dh0": (B, H), "dW_ih": (3H, D), "dW_hh": (3H, H), "db_ih": (3H,), "db_hh": (3H,)}
    """
    ### BEGIN SOLUTION
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: total + step[name] for name, total in sums.items()}
    return {"dx": dx, "dh0": dh, **sums}
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_backward", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("gru_backward")

# %% [markdown]
# The check compares with answers that it brought along. Here is a test that you can do anywhere. Move *one* argument a little way $\varepsilon$ in a random
# direction $d$, up and down, and see by how much the loss changes; your gradient must foretell it, as its product with $d$. The loss looks at every state, with a
# random weight each, so `dhs` is those weights. Each error should be below $10^{-6}$; where a path is forgotten they are above $10^{-1}$.

# %% nbgrader={"grade_id": "own_check", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
rng = np.random.default_rng(0)
T, B, D, H = 6, 2, 3, 4
shapes = {"x": (T, B, D), "h0": (B, H), "W_ih": (3 * H, D), "W_hh": (3 * H, H), "b_ih": (3 * H,), "b_hh": (3 * H,)}
given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
dhs = rng.normal(size=(T, B, H))


def loss(x, h0, **weights):
    total, h = 0.0, h0
    for x_t, weight in zip(x, dhs, strict=True):
        _, z, n, _ = gru_gates(x_t, h, **weights)
        h = (1 - z) * n + z * h
        total += (weight * h).sum()
    return total


found = gru_backward(given["x"], given["h0"], dhs, *list(given.values())[2:])
for name, at in given.items():
    worst = 0.0
    for _ in range(20):
        d = 1e-5 * rng.normal(size=at.shape)
        change = (loss(**{**given, name: at + d}) - loss(**{**given, name: at - d})) / 2
        foretold = (found[f"d{name}"] * d).sum()
        worst = max(worst, abs(change - foretold) / 1e-5)
    print(f"d{name:5} largest error {worst:.1e}")

# %% [markdown]
# ## 4. Your gradients at work
#
# A layer of 32 units reads 60 random steps, and the loss looks at the last state alone. How much of it is felt at the state $k$ steps before? That is the `dh0` which your `gru_backward` gives
# for the last $k$ steps, started from that state. We draw it for one layer whose update gates get four different biases, and beside each the power $\sigma(b)^k$ that a gate of this
# size alone would leave. Look before you read on.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

rng = np.random.default_rng(1)
T, D, H = 60, 3, 32
x, dh_last = rng.normal(size=(T, 1, D)), rng.normal(size=(1, H))
W_ih, W_hh, b_ih, b_hh = [rng.uniform(-1, 1, shape) / np.sqrt(H) for shape in [(3 * H, D), (3 * H, H), 3 * H, 3 * H]]

figure, axes = plt.subplots(figsize=(8, 4.2))
lags = np.arange(1, T + 1)
for bias, line in [(0, ":"), (1, "-."), (2, "--"), (4, "-")]:
    b = b_ih.copy()
    b[H : 2 * H] += bias
    states = [np.zeros((1, H))]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, states[-1], W_ih, W_hh, b, b_hh)
        states.append((1 - z) * n + z * states[-1])
    sizes = []
    for k in lags:
        dhs = np.zeros((k, 1, H))
        dhs[-1] = dh_last
        dh0 = gru_backward(x[T - k :], states[T - k], dhs, W_ih, W_hh, b, b_hh)["dh0"]
        sizes.append(np.linalg.norm(dh0) / np.linalg.norm(dh_last))
    axes.semilogy(lags, sizes, line, color="k")
    axes.semilogy(lags, sigmoid(bias) ** lags, line, color="0.7", zorder=0)
    axes.annotate(f"bias {bias}", (T, sizes[-1]), xytext=(5, -3), textcoords="offset points")
axes.set(xlabel="lag $k$ (gray: the power of the gate alone)", ylabel="size of the gradient", xlim=(0, T + 8))
plt.show()

# %% [markdown]
# With the bias at 0, where libraries start, half of every state is written over at each step, and sixty steps back there is nothing left to learn from: a GRU
# does not keep gradients by itself. Each number added to the bias moves the curve up. At 4 the gate keeps 98 of a hundred parts, and much of the gradient is there after sixty steps.
#
# The black curves lie above the gray ones where the gate is half open: there the other three paths carry something too.

# %% [markdown]
# ## 5. Which way is lost? (4 points)
#
# The gradient comes back to $h$ in four ways, and `dh` is the sum of what comes by each. You have all four in your `gru_cell_backward`, three of them in one matrix product.
#
# Somebody gives you a step's inputs and a `dh` from a backward pass that may have **lost one** of the four ways. Say which. You are not told how the pass was made: decide
# by the numbers. Return a dictionary with the keys `"keep"`, `"candidate"`, `"update"` and `"reset"`; the value is `True` for the way that is missing, and `False`
# for the others. Where nothing is missing, all four are `False`.
#
# The arrays come from another computation than yours, so they agree to rounding, not to the last bit.
#
# <details><summary>Hint 1</summary>
#
# What is missing is the whole gradient minus what you are given. What must that difference be, if the keep path was lost?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Compute what comes by each of the four ways, an array `(B, H)` each: `dh_next * z` for the first, and for the other three one block of
# what the state sees (`da_r`, `da_z` or `da_n * r`) times the *block* of `W_hh` that belongs to it.
# Their sum must be your `dh`. Check that first.
#
# </details>
# <details><summary>Hint 3</summary>
#
# `np.allclose(a, b)` tells whether two arrays agree to rounding.
#
# </details>


# %% nbgrader={"grade_id": "dropped_path_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def dropped_path(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    """Which way back to the old state is missing in dh, if any.

    dh (B, H): from a backward pass of one step that may have lost one way.  The other arguments as for
    `gru_cell_backward`
    -> {"keep": bool, "candidate": bool, "update": bool, "reset": bool}, True where that way is missing
    """
    ### BEGIN SOLUTION
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * z,
        "candidate": (da_n * r) @ W_hn,
        "update": (dh_next * (h - n) * z * (1 - z)) @ W_hz,
        "reset": (da_n * u * r * (1 - r)) @ W_hr,
    }
    missing = sum(ways.values()) - dh
    return {name: np.allclose(missing, way) for name, way in ways.items()}
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropped_path", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("dropped_path")

# %% [markdown]
# The file `probes.py` beside this notebook holds three backward passes, `pass_a`, `pass_b` and `pass_c`, and each has lost one way. Find out which before you read the file.
# The grader asks about every way, and about passes that have lost none. Do not use `probes` in your function: it is not there when your notebook is graded.

# %% nbgrader={"grade_id": "three_passes", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import probes

rng = np.random.default_rng(2)
B, D, H = 4, 3, 5
shapes = [(B, H), (B, D), (B, H), (3 * H, D), (3 * H, H), (3 * H,), (3 * H,)]
step = [rng.normal(size=shape) for shape in shapes]
for backward in [probes.pass_a, probes.pass_b, probes.pass_c]:
    lost = [name for name, missing in dropped_path(backward(*step), *step).items() if missing]
    print(backward.__name__, "has lost:", *lost)

# %% [markdown]
# ## 6. In words (2 points)
#
# In a plain cell and in an LSTM `db_ih` and `db_hh` are always equal. In a GRU two of the three blocks are equal and one is not. Which one, what is it that makes it differ, and what
# would it mean for a trained network if that block of `db_hh` were zero at every step? Two or three sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "two_biases", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# The blocks of r and z are equal: there the two biases are only ever added to each other. In the candidate $b_{in}$ stands outside the reset gate and $b_{hn}$ inside, so the gradient of
# $b_{hn}$ is that of $b_{in}$ times $r$, at every step and for every row, before the sum.
#
# If it were zero at every step, the reset gates would be shut all the time (or no gradient would reach the candidate at all, but then $b_{in}$ would get none either): the candidate never
# hears the state.

# %% [markdown]
# ## 7. In words (2 points)
#
# A colleague has seen the picture above and starts all update gates with a bias of 8. Which of the four paths carries the gradient then, and how far? What is the price: how large is the slope
# $z (1 - z)$ of such a gate, how much of the candidate does a step write, and what follows for training? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "an_open_highway", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# With $z = \sigma(8) \approx 0.9997$ the keep path carries nearly all of it: after 100 steps about 0.97 is left, after 1000 still 0.7. The other three paths are
# multiplied by $1 - z$ or by $z (1 - z)$, about $3 \cdot 10^{-4}$, and carry next to nothing.
#
# The price: a step writes only $3 \cdot 10^{-4}$ of its candidate, so the state hardly takes anything in. The gradients of the candidate's weights are as small, and so are those
# of the gate itself, since its slope is $3 \cdot 10^{-4}$: training can hardly move the gate away from 8. The gradient travels far but moves nothing; it can be
# learned from only where something is written. A bias should suit the lags of the task.
