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
# # Backpropagation through time
#
# You will write the gradients of a recurrent network by hand, in NumPy: of one step, of a whole sequence, and of a sequence that is cut into
# pieces. Before that you write the tool that tells you whether they are right. Allow two to three hours.
#
# You need the recurrent cell and its loop over time (they are given below), the chain rule, and matrix products. The chapter *Backpropagation
# through time* of the book derives the gradients line by line, and the chapter *How to check a gradient* says why the first task works.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Hints are folded under the harder tasks: open one at a time.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np


def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step: x (B, D), h (B, H) -> the next state, (B, H)."""
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh):
    """All states: x (T, B, D), h0 (B, H) -> h_1 ... h_T, (T, B, H)."""
    h, states = h0, []
    for x_t in x:
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
        states.append(h)
    return np.stack(states)


# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("bptt")

# %% [markdown]
# ## Shapes
#
# $B$ is the batch, $T$ the number of steps, $D$ the input's size and $H$ the number of units.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(T, B, D)`, one step `(B, D)` | the input |
# | `h0` | `(B, H)` | the state before the first step, $h_0$ |
# | `hs` | `(T, B, H)` | the states $h_1 \dots h_T$; in code $h_1$ is `hs[0]` |
# | `W_ih`, `W_hh` | `(H, D)`, `(H, H)` | the weights of the input and of the state |
# | `b_ih`, `b_hh` | `(H,)` | the two biases |
#
# A gradient has the shape of what it is the gradient of, and is called after it: `dW_hh` is $\partial L / \partial W_{hh}$, an array `(H, H)`.
# The loss $L$ is one number. It never appears in the code: all we need of it is how it changes with the states.

# %% [markdown]
# ## 1. A gradient by trying (2 points)
#
# Change one entry $a$ of an array a little, both ways, and see what becomes of the loss. The **central difference**
#
# $$\frac{\partial L}{\partial a} \approx \frac{L(a + \varepsilon) - L(a - \varepsilon)}{2 \varepsilon}$$
#
# needs no derivation, so it can judge one. Write it for an array of any shape: one entry at a time moves, all others stay where they are.
#
# `f` takes an array of the shape of `x` and returns a number. Leave `x` as it was: work on a copy.
#
# <details><summary>Hint 1</summary>
#
# `np.ndindex(x.shape)` gives the index of each entry, one after another, whatever the number of axes.
# </details>
# <details><summary>Hint 2</summary>
#
# An entry that has been moved must be back in its place, exactly, before the next one moves. Adding $\varepsilon$ and subtracting it again does not
# always give the same number: set the entry from `x` instead.
# </details>


# %% nbgrader={"grade_id": "numerical_gradient_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def numerical_gradient(f, x, eps=1e-5):
    """The gradient of f at x by central differences with the step eps.

    f: takes an array of the shape of x and returns a number.  x: float64, any shape -> an array of the same shape
    """
    ### BEGIN SOLUTION
    gradient, moved = np.zeros(x.shape), x.copy()
    for entry in np.ndindex(x.shape):
        moved[entry] = x[entry] + eps
        above = f(moved)
        moved[entry] = x[entry] - eps
        below = f(moved)
        moved[entry] = x[entry]
        gradient[entry] = (above - below) / (2 * eps)
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "numerical_gradient", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("numerical_gradient")

# %% [markdown]
# ## 2. Back through one step (3 points)
#
# One step of the cell is two lines:
#
# $$a = W_{ih} x + b_{ih} + W_{hh} h + b_{hh} \qquad h' = \tanh(a)$$
#
# Somebody gives you $\partial L / \partial h'$, the array `dh_next`. Go back through the two lines in reverse: first from $h'$ to $a$, call the result
# `da`, then from $a$ to each of the six things it is made of. The biases' own values do not enter, so the function is not given them;
# $h'$ is given as `h_next`, so nothing needs to be computed twice.
#
# Return a dictionary with the keys `dx`, `dh`, `dW_ih`, `dW_hh`, `db_ih` and `db_hh`.
#
# <details><summary>Hint 1</summary>
#
# The shapes leave few choices. `da` is `(B, H)`. To reach `(B, D)`, or `(H, D)`, or `(H,)`, what can you multiply it with, and over which axis must you
# sum? Every row of the batch used the same weights, so all rows add to the weights' gradients.
# </details>
# <details><summary>Hint 2</summary>
#
# The derivative of $\tanh$ at $a$ is $1 - \tanh(a)^2$, and $\tanh(a)$ is an array you already have.
# </details>
# <details><summary>Hint 3</summary>
#
# Forwards the product is `x @ W_ih.T`. Backwards, `dx` takes `da` through `W_ih` without the transpose, and `dW_ih` is a product of `da`, transposed, with `x`.
# The state goes the same way as the input.
# </details>


# %% nbgrader={"grade_id": "rnn_cell_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def rnn_cell_backward(dh_next, x, h, h_next, W_ih, W_hh):
    """The gradients of one step h_next = rnn_cell(x, h, ...), given dh_next = dL/dh_next.

    dh_next (B, H), x (B, D), h (B, H), h_next (B, H), W_ih (H, D), W_hh (H, H)
    -> {"dx": (B, D), "dh": (B, H), "dW_ih": (H, D), "dW_hh": (H, H), "db_ih": (H,), "db_hh": (H,)}
    """
    ### BEGIN SOLUTION
    da = dh_next * (1 - h_next**2)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "rnn_cell_backward", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("rnn_cell_backward")

# %% [markdown]
# ## 3. Back through a whole sequence (4 points)
#
# The loss may look at every state: `dhs[t]` is how it changes with the state of step `t` *by looking at it*. But a state has a second way to the loss. It
# feeds the next step, and through it all later ones. The whole gradient of a state is the sum of both:
#
# $$\frac{\partial L}{\partial h_t}\bigg|_{\text{whole}} = \text{dhs}_t + \big(\text{what comes back from step } t + 1\big)$$
#
# So we start at the last step, where nothing comes back, and walk to the first. Each step uses the same weights, and each leaves its part of
# $\partial L / \partial W$: the parts are summed. What comes back from the first step of all is the gradient of $h_0$.
#
# Return a dictionary with the keys `dx`, `dh0`, `dW_ih`, `dW_hh`, `db_ih` and `db_hh`. You may call your `rnn_cell_backward` at each step, or write its
# lines into the loop. The biases are arguments so that the list is that of `rnn_forward`; you need only their shape.
#
# <details><summary>Hint 1</summary>
#
# Keep one array `dh` of shape `(B, H)`: what has come back from the step after. It starts at zero.
# </details>
# <details><summary>Hint 2</summary>
#
# Which state did step `t` start from? Not `hs[t]`, which is what it made. And for `t = 0`? Beware: `hs[t - 1]` is then `hs[-1]`, the last state,
# and Python does not complain.
# </details>
# <details><summary>Hint 3</summary>
#
# In each round of the loop: add `dhs[t]` to what came back, go through the step with the sum, *add* the weights' parts to four arrays that started at zero,
# store `dx[t]`, and let the step's `dh` be what comes back to the step before.
# </details>


# %% nbgrader={"grade_id": "rnn_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh):
    """Backpropagation through time: the gradients of a sequence hs = rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh).

    x (T, B, D), h0 (B, H), hs (T, B, H), dhs (T, B, H): how the loss changes with each state by looking at it
    -> {"dx": (T, B, D), "dh0": (B, H), "dW_ih": (H, D), "dW_hh": (H, H), "db_ih": (H,), "db_hh": (H,)}
    """
    ### BEGIN SOLUTION
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    dW_ih, dW_hh = np.zeros(W_ih.shape), np.zeros(W_hh.shape)
    db_ih, db_hh = np.zeros(b_ih.shape), np.zeros(b_hh.shape)
    for t in reversed(range(len(x))):
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dx[t] = da @ W_ih
        dh = da @ W_hh
        dW_ih += da.T @ x[t]
        dW_hh += da.T @ (hs[t - 1] if t > 0 else h0)
        db_ih += da.sum(axis=0)
        db_hh += da.sum(axis=0)
    return {"dx": dx, "dh0": dh, "dW_ih": dW_ih, "dW_hh": dW_hh, "db_ih": db_ih, "db_hh": db_hh}
    ### END SOLUTION


# %% nbgrader={"grade_id": "rnn_backward", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("rnn_backward")

# %% [markdown]
# Now let your first function judge your third. The loss below looks at every state, with a random weight each, so `dhs` is those weights. The relative
# error should be far below $10^{-7}$ for each of the six. If it is not, the check has surely told you why.

# %% nbgrader={"grade_id": "own_check", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
rng = np.random.default_rng(0)
T, B, D, H = 6, 2, 3, 4
names = ["x", "h0", "W_ih", "W_hh", "b_ih", "b_hh"]
arguments = [rng.normal(size=shape) for shape in [(T, B, D), (B, H), (H, D), (H, H), (H,), (H,)]]
dhs = rng.normal(size=(T, B, H))
gradients = rnn_backward(arguments[0], arguments[1], rnn_forward(*arguments), dhs, *arguments[2:])
for place, name in enumerate(names):

    def loss(moved, place=place):
        return (dhs * rnn_forward(*arguments[:place], moved, *arguments[place + 1 :])).sum()

    tried, yours = numerical_gradient(loss, arguments[place]), gradients[f"d{name}"]
    error = np.linalg.norm(yours - tried) / (np.linalg.norm(yours) + np.linalg.norm(tried))
    print(f"d{name:5} relative error {error:.1e}")

# %% [markdown]
# ## 4. Truncated backpropagation through time (3 points)
#
# Over a very long sequence the walk back needs all states in memory, and takes as many steps as the way there. *Truncated* BPTT cuts the sequence into chunks
# of $k$ steps, counted from the first step; the last chunk may be shorter. States are carried from chunk to chunk as ever. Gradients are
# not: each chunk is treated as if the state it starts from were a given constant.
#
# `hs` and `dhs` are for the whole sequence, as before. The weights' gradients are summed over all chunks, `dx` is put together from them, and `dh0` is that of
# the first chunk, the only one that starts from $h_0$.
#
# <details><summary>Hint 1</summary>
#
# A chunk is a sequence. You have a function for sequences. Which arguments does it need to see of a chunk only?
# </details>
# <details><summary>Hint 2</summary>
#
# `range(0, len(x), k)` gives the first step of each chunk, and a slice that runs past the end is cut off at the end. From which state does the chunk
# that begins at `start` start?
# </details>
# <details><summary>Hint 3</summary>
#
# With the chunk's own `h0`, which is `hs[start - 1]` unless `start` is 0, each chunk is one call of `rnn_backward`. Sum four of its results, keep two.
# </details>


# %% nbgrader={"grade_id": "truncated_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k):
    """As `rnn_backward`, with the gradient cut after every k steps: it stays in its chunk.  k: at least 1."""
    ### BEGIN SOLUTION
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
    return {"dx": np.concatenate(dx), "dh0": dh0, **sums}
    ### END SOLUTION


# %% nbgrader={"grade_id": "truncated_backward", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("truncated_backward")

# %% [markdown]
# ## 5. Your gradients at work
#
# A network reads 60 steps, and the loss looks at the last state alone. How much does it feel the input of each step? Here is the size of your `dx[t]`, from
# the whole backward pass and from three truncated ones. Look before you read on.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

rng = np.random.default_rng(1)
T, B, D, H = 60, 1, 16, 32
W_hh = np.linalg.qr(rng.normal(size=(H, H)))[0]
W_ih, b_ih, b_hh = rng.normal(size=(H, D)) / 12, np.zeros(H), np.zeros(H)
x, h0 = rng.normal(size=(T, B, D)), np.zeros((B, H))
hs = rnn_forward(x, h0, W_ih, W_hh, b_ih, b_hh)
dhs = np.zeros(hs.shape)
dhs[-1] = rng.normal(size=(B, H))

figure, axes = plt.subplots(figsize=(8, 3.5))
steps = np.arange(1, T + 1)
whole = rnn_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh)["dx"]
axes.plot(steps, np.linalg.norm(whole, axis=(1, 2)), color="0.85", linewidth=10, label="whole sequence")
looks = {
    20: {"color": "0.55", "linewidth": 6},
    10: {"color": "k"},
    25: {"color": "k", "marker": "o", "mfc": "w", "ls": ""},
}
for k, look in looks.items():
    cut = truncated_backward(x, h0, hs, dhs, W_ih, W_hh, b_ih, b_hh, k)["dx"]
    size = np.linalg.norm(cut, axis=(1, 2))
    axes.plot(steps[size > 0], size[size > 0], **look, label=f"k = {k}")
axes.set(xlabel="step", ylabel="size of dx[t]", yscale="log")
axes.legend(loc="upper left")
plt.show()

# %% [markdown]
# Inside the last chunk the truncated gradient is the whole one, exactly; before it, it is zero, and its line ends. With $k = 25$ the last chunk is short: 60 is two chunks
# of 25 and one of 10, so the loss at the end feels no more than with $k = 10$. How far back a loss is felt depends on where in its chunk it sits.

# %% [markdown]
# ## 6. In words (2 points)
#
# A friend tests a backward pass of their own against differences on one input: $T = 1$, $h_0 = 0$, and all six gradients agree. Name two mistakes in a backward pass
# that this test cannot see, and say for each what hides it. A person reads this.

# %% [markdown] nbgrader={"grade_id": "a_blind_test", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# With one step there is nothing to accumulate: a pass that overwrites the weights' gradients at each step, instead of adding to them, gives the same.
# Nor does anything come back from a later step, so a pass that drops what comes back is not seen either.
#
# With $h_0 = 0$ the gradient of $W_{hh}$ is zero at the first step, whatever else is wrong with it: a pass that takes zeros for $h_0$, or leaves
# $h_0$ out of $\partial L / \partial W_{hh}$, gives the same zeros.

# %% [markdown]
# ## 7. In words (2 points)
#
# Truncation changes the gradient. Which dependencies in the data can a network trained with chunks of $k$ steps still learn, and which does the gradient
# never tell it about? Is a dependency over more than $k$ steps out of the question? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "what_is_cut", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# The gradient connects a loss to the inputs of its own chunk alone. Dependencies within a chunk are learned as with the whole pass; that an
# input in an earlier chunk mattered is never told. If a loss sits early in its chunk, even a dependency over few steps is cut.
#
# A longer dependency is not ruled out, since states are still carried across the cut: what the network has learned to keep for other reasons stays
# there to be read. But nothing teaches it to keep something for more than a chunk's length.
