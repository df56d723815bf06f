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
# # Six bugs
#
# Six short programs, each with a bug. Five of the bugs were found in public: in a paper's companion code, in a training script, in a README, in a framework, in a test. The other one (program 5) is
# easily made of the two versions that a textbook has. We have written the programs anew, small, in NumPy. None of them raises an error; that is what they have in common. You will find each bug, mend it, and explain some of them. Allow two to three hours.
#
# You need the GRU, and clipping: the chapters *The GRU cell*, *Conventions* and *Why memory fades* of the book. The authors of the
# originals have shown their work to everybody; that is why we can learn from it.
#
# For each program you see where it was seen, the program itself, and a symptom. Then it is your turn. The program stays as it is, so that you can run it beside yours: you
# write the mended function, under another name, in the answer cell below. It often differs by one line. Copy the program and change that line, or write it anew; what counts is what it does.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Hints are folded: open one at a time.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np


def sigmoid(a):
    """1 / (1 + exp(-a)), as it stands; in the assignment `gru_cell` you write one that never overflows."""
    return 1 / (1 + np.exp(-a))


def weights(rng, D, H):
    """Random weights of a GRU, by name, between -1/sqrt(H) and 1/sqrt(H) as PyTorch draws them."""
    shapes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    return {kind + gate: rng.uniform(-1, 1, shape) / np.sqrt(H) for gate in "rzn" for kind, shape in shapes.items()}


# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("debugging")

# %% [markdown]
# ## Shapes
#
# $B$ is the batch, $T$ the number of steps, $D$ the input's size and $H$ the number of units. Here the weights are not packed: they are in a dictionary `p`,
# under the names that they have in the formulas.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(B, D)`, a sequence `(T, B, D)` | the input |
# | `h`, `h0` | `(B, H)` | the state before the step, before the first step |
# | `p["W_ir"]`, `p["W_iz"]`, `p["W_in"]` | `(H, D)` | the input's weights of the reset gate, of the update gate, of the candidate |
# | `p["W_hr"]`, `p["W_hz"]`, `p["W_hn"]` | `(H, H)` | the state's weights |
# | `p["b_ir"]` ... `p["b_hn"]` | `(H,)` | the six biases |
#
# A formula such as $W x$ is written for one column vector. A batch holds its vectors in rows, so in code it is `x @ W.T`. Return new arrays and leave the arguments as they
# are: the caller still needs them. All is in float64 unless we say otherwise.

# %% [markdown]
# ## Program 1: a gate that does nothing
#
# *Where it was seen.* In the code that goes with a paper on what recurrent networks can count (Weiss, Goldberg and Yahav 2018; repository
# `tech-srl/counting_dimensions`, file `GRU.py`). The paper says that a GRU cannot count as an LSTM can. Whether its figures were made with just this file, we do not
# know; the chapter *What it can compute* trains GRUs without the bug on one of its tasks, and there too the LSTM counts further.
#
# The program should be one step of the course's GRU:
#
# $$r = \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}) \qquad z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz})$$
#
# $$n = \tanh\big(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})\big) \qquad h' = (1 - z) \odot n + z \odot h$$


# %% nbgrader={"grade_id": "program_1", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def program_1(x, h, p):
    """One step of a GRU: x (B, D), h (B, H), p the weights -> the next state, (B, H)."""
    gates = {}
    for gate, curve in [("r", sigmoid), ("z", sigmoid), ("n", np.tanh)]:
        from_x = x @ p[f"W_i{gate}"].T + p[f"b_i{gate}"]
        from_h = h @ p[f"W_h{gate}"].T + p[f"b_h{gate}"]
        if gate == "n":
            reset_h = gates["r"] * from_h
        gates[gate] = curve(from_x + from_h)
    return (1 - gates["z"]) * gates["n"] + gates["z"] * h


# %% [markdown]
# *The symptom.* There is none that you would notice: it trains, and its loss falls. You have to ask. Here we change one array of weights at a time, at
# random, and print how far the result moves.


# %% nbgrader={"grade_id": "symptom_1", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
def largest_change(step, name):
    """How far a step's result moves if one array of weights does."""
    rng = np.random.default_rng(0)
    x, h, p = rng.normal(size=(5, 3)), rng.uniform(-1, 1, (5, 4)), weights(rng, 3, 4)
    moved = {**p, name: p[name] + rng.normal(size=p[name].shape)}
    return np.abs(step(x, h, moved) - step(x, h, p)).max()


def print_changes(step):
    for gate, word in [("r", "reset gate"), ("z", "update gate"), ("n", "candidate")]:
        moves = [f"{kind}{gate} {largest_change(step, kind + gate):.3f}" for kind in ("W_i", "W_h", "b_i", "b_h")]
        print(f"{word:12}", "   ".join(moves))


print_changes(program_1)

# %% [markdown]
# ### 1. Mend it (2 points)
#
# Four of twelve arrays do nothing at all. Write the step without the bug.
#
# <details><summary>Hint 1</summary>
#
# Which variable is computed and never read? A linter would have said so. In the original it was the same: the state was multiplied with the reset gate (there, before the product with its weights), and the next line took the state
# without it.
#
# </details>
# <details><summary>Hint 2</summary>
#
# In this course's convention the reset gate multiplies the state's part of the candidate, bias included, and nothing else: $n = \tanh\big(W_{in} x +
# b_{in} + r \odot (W_{hn} h + b_{hn})\big)$. Find the place in the program where $W_{hn} h + b_{hn}$ is known and not yet added.
# </details>
# <details><summary>Hint 3</summary>
#
# The loop treats all three blocks alike, and the third is not alike. Before its two parts are added, one of them must be multiplied by what the first
# round of the loop has stored.
# </details>


# %% nbgrader={"grade_id": "mended_step_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def mended_step(x, h, p):
    """Program 1, mended: one step of a GRU.

    x (B, D), h (B, H), p the twelve weights by name -> the next state, (B, H)
    """
    ### BEGIN SOLUTION
    gates = {}
    for gate, curve in [("r", sigmoid), ("z", sigmoid), ("n", np.tanh)]:
        from_x = x @ p[f"W_i{gate}"].T + p[f"b_i{gate}"]
        from_h = h @ p[f"W_h{gate}"].T + p[f"b_h{gate}"]
        if gate == "n":
            from_h = gates["r"] * from_h
        gates[gate] = curve(from_x + from_h)
    return (1 - gates["z"]) * gates["n"] + gates["z"] * h
    ### END SOLUTION


# %% nbgrader={"grade_id": "mended_step", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("mended_step")

# %% [markdown]
# Ask yours the same question. No number should be zero.

# %% nbgrader={"grade_id": "alive", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
print_changes(mended_step)

# %% [markdown]
# ### 2. An input that shows it (3 points)
#
# Why did no test find it? Perhaps there was none; but a lazy one would not have found it either. Here we compare program 1 with your step on a random input: from a state of
# zero and with biases of zero, and then with random numbers everywhere.

# %% nbgrader={"grade_id": "lazy_test", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
rng = np.random.default_rng(1)
x, h, p = rng.normal(size=(5, 3)), rng.uniform(-1, 1, (5, 4)), weights(rng, 3, 4)
without = {name: np.zeros(4) if name.startswith("b_") else array for name, array in p.items()}
for words, state, given in [("state and biases of zero", 0 * h, without), ("random numbers everywhere", h, p)]:
    apart = np.abs(program_1(x, state, given) - mended_step(x, state, given))
    print(f"{words}: the results differ by {apart.min():.3f} to {apart.max():.3f}")

# %% [markdown]
# The first input sees nothing. The second sees it, but in places only a little, and a loose tolerance would let it pass. Set a trap by hand instead. Return an input `(x, h, p)` on
# which program 1 and the right step differ by **more than 0.5 in every one** of the $B \cdot H$ numbers of the result. No number in it may be below
# $-10$ or above $10$.
#
# Many inputs do it; yours is judged by what it does. For each number of the result that does not show the bug, the check says the first reason that holds:
#
# | the check counts | what stands in the way |
# |---|---|
# | `nothing_to_reset` | $W_{hn} h + b_{hn}$ is between $-0.5$ and $0.5$: too little comes from the state |
# | `reset_gate_open` | $r$ is not near enough to 0: resetting takes away at most 0.5 |
# | `candidate_flat` | $\tanh$ makes the difference smaller, most of all far from 0, where it is flat: the two candidates differ by at most 0.5 |
# | `state_kept` | $z$ is not near enough to 0: little of the candidate reaches the new state |
# | `shown` | nothing: here the two differ by more than 0.5. This should be $B \cdot H$, the others 0 |
#
# <details><summary>Hint 1</summary>
#
# You may choose the weights. With weights of zero a gate depends on its biases alone, and every row of the batch is alike.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Which value should $r$ have, so that a dead reset gate matters most? Which value $z$? Which biases do it?
#
# </details>
# <details><summary>Hint 3</summary>
#
# With $r$ near 0 the right candidate is $\tanh(W_{in} x + b_{in})$, and program 1's is $\tanh(W_{in} x + b_{in} + W_{hn} h + b_{hn})$. One bias alone can make
# the first 0 and the second 0.9.
#
# </details>


# %% nbgrader={"grade_id": "input_that_shows_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def input_that_shows(B, D, H):
    """An input on which program 1 is off by more than 0.5 in every number of its result.

    B rows, D inputs, H units -> the tuple (x, h, p): x (B, D), h (B, H), p the twelve weights by name, all numbers
    between -10 and 10
    """
    ### BEGIN SOLUTION
    p = {name: np.zeros_like(array) for name, array in weights(np.random.default_rng(0), D, H).items()}
    p["b_ir"] -= 8  # r near 0
    p["b_iz"] -= 8  # z near 0
    p["b_hn"] += 2  # something to reset
    return np.zeros((B, D)), np.zeros((B, H)), p
    ### END SOLUTION


# %% nbgrader={"grade_id": "input_that_shows", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("input_that_shows")

# %% [markdown]
# ## Program 2: a limit that limits nothing
#
# *Where it was seen.* In the training script for music of a well-known comparison of convolutional and recurrent networks (repository `locuslab/TCN`, file
# `TCN/poly_music/music_test.py`). The original is written for PyTorch; the order of its calls is that of the program here.
#
# The model is as small as can be: one unit without a curve, $h_t = w\, h_{t-1} + v\, x_t$ from $h_0 = 0$, and two parameters, $\theta = (w, v)$. The loss compares its last state with a
# target: the mean of $(h_T - y)^2$ over the batch. The state after $T$ steps holds powers of $w$ up to $w^{T-1}$, so the gradient explodes where $w$ is above 1. That is what clipping is for: where the
# gradient $g$ is longer than a limit $m$, it is made shorter, and keeps its direction. The function `shorten` does it in place, as PyTorch's `clip_grad_norm_` does.


# %% nbgrader={"grade_id": "program_2", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def gradient_of(theta, x, y):
    """The gradient of mean((h_T - y)**2) at theta = (w, v): x (T, B), y (B,) -> (2,)"""
    w, v = theta
    h, dh_dw, dh_dv = np.zeros((3, len(y)))
    for x_t in x:
        h, dh_dw, dh_dv = w * h + v * x_t, h + w * dh_dw, x_t + w * dh_dv
    return np.array([np.mean(2 * (h - y) * dh_dw), np.mean(2 * (h - y) * dh_dv)])


def shorten(g, max_norm):
    """Make the vector g shorter, in place, where it is longer than max_norm."""
    norm = np.linalg.norm(g)
    if norm > max_norm:
        g *= max_norm / norm


def program_2(theta, x, y, max_norm, learning_rate):
    """Gradient descent, a step for each of N batches: theta (2,), x (N, T, B), y (N, B) -> theta after the last."""
    theta, g = theta.copy(), np.zeros(2)
    for x_now, y_now in zip(x, y, strict=True):
        # optimizer.zero_grad()
        g[:] = 0
        # clip_grad_norm_(model.parameters(), max_norm)
        shorten(g, max_norm)
        # loss.backward()
        g += gradient_of(theta, x_now, y_now)
        # optimizer.step()
        theta -= learning_rate * g
    return theta


# %% [markdown]
# *The symptom.* The loss jumps. You set a lower limit, and it jumps at the same place to the same value. Is the limit still too high?

# %% nbgrader={"grade_id": "symptom_2", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt


def batches(rng, N, T, B):
    """Random inputs, and the targets that w = 0.9, v = 1 would give."""
    x = rng.normal(size=(N, T, B))
    return x, np.einsum("t,ntb->nb", 0.9 ** np.arange(T)[::-1], x)


def losses(trainer, max_norm):
    """The loss on a fixed batch before the first step and after each."""
    x, y = batches(np.random.default_rng(0), 60, 12, 8)
    seen_x, seen_y = batches(np.random.default_rng(1), 1, 12, 200)
    found = []
    for steps in range(len(x) + 1):
        w, v = trainer(np.array([1.0, 0.5]), x[:steps], y[:steps], max_norm, 0.01)
        h = np.einsum("t,tb->b", v * w ** np.arange(12)[::-1], seen_x[0])
        found.append(np.mean((h - seen_y[0]) ** 2))
    return found


def draw_losses(trainer):
    _, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    axes.plot(losses(trainer, 1000.0), color="0.75", linewidth=6, label="limit 1000")
    axes.plot(losses(trainer, 1.0), "k-", label="limit 1")
    axes.set(title=trainer.__name__, xlabel="step", ylabel="loss")
    axes.legend()
    plt.show()


draw_losses(program_2)

# %% [markdown]
# ### 3. Mend it (2 points)
#
# The two lines lie on each other: the limit has no effect at all. Write the training without the bug.
#
# <details><summary>Hint 1</summary>
#
# What is in `g` at the moment when `shorten` is called?
#
# </details>
# <details><summary>Hint 2</summary>
#
# An array that is shortened in place must be the one that the step then uses, and it must hold this batch's gradient when it is shortened. Write down,
# for one round, the order of three things: take the gradient, shorten it, step.
# </details>
# <details><summary>Hint 3</summary>
#
# Move one line so that it stands between the other two, and nothing else changes. Is `theta` of the caller left as it was?
# </details>


# %% nbgrader={"grade_id": "train_clipped_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def train_clipped(theta, x, y, max_norm, learning_rate):
    """Program 2, mended: gradient descent with clipped gradients, a step for each of N batches.

    theta (2,), x (N, T, B), y (N, B), max_norm and learning_rate above 0 -> theta after the last step, (2,)
    """
    ### BEGIN SOLUTION
    theta = theta.copy()
    for x_now, y_now in zip(x, y, strict=True):
        g = gradient_of(theta, x_now, y_now)
        shorten(g, max_norm)
        theta -= learning_rate * g
    return theta
    ### END SOLUTION


# %% nbgrader={"grade_id": "train_clipped", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("train_clipped")

# %% nbgrader={"grade_id": "mended_2", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
draw_losses(train_clipped)

# %% [markdown]
# With a limit of 1 no step is longer than 0.01, and the loss falls. With 1000 it jumps as before: no gradient here is that long. The other wrong place, after the step, was seen as
# well (repository `jongwook/onsets-and-frames`, issue 24), and its author gives the reason why nobody noticed: most of the time the gradients were below the limit anyway.

# %% [markdown]
# ## Program 3: a bar that is too high
#
# *Where it was seen.* In the same repository, in `TCN/adding_problem/README.md` ("Simply predicting the sum to be 1 should give an MSE of about 0.1767"), with the same words in the
# paper that it belongs to (Bai, Kolter and Koltun 2018), and again in repositories that follow it. The number is older: Le, Jaitly and Hinton (2015) give it too.
#
# In the adding problem a network reads numbers between 0 and 1, two of which are marked, and has to give the sum of the two. A network that has learned nothing can still answer 1
# every time, and is then not too far off. Only who does better than that has learned something. The number 0.1767 is meant to be the error of answering 1.


# %% nbgrader={"grade_id": "program_3", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def program_3(predictions, targets):
    """Whether a model does better than to answer 1 every time: predictions and targets (N,) -> True or False."""
    return bool(np.mean((predictions - targets) ** 2) < 0.1767)


# %% [markdown]
# *The symptom.* We judge a "model" that answers 1 every time, on twenty test sets of a thousand sequences.

# %% nbgrader={"grade_id": "symptom_3", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
rng = np.random.default_rng(0)
ones = np.ones(1000)
verdicts = [program_3(ones, rng.uniform(size=(1000, 2)).sum(axis=1)) for _ in range(20)]
print(f"It has learned something, says program 3, on {sum(verdicts)} of {len(verdicts)} test sets.")

# %% [markdown]
# A bar that a model clears which does not even read its input is worth nothing. There are two ways to a better one: measure it on the very targets on which the model is
# judged, or compute it.
#
# ### 4. The bar, measured (1 point)
#
# Of all models that answer the same number every time, how large is the mean squared error of the best one, on these targets? No such model can do better on them.
#
# <details><summary>Hint 1</summary>
#
# For which $c$ is the mean of $(y - c)^2$ least? Take the derivative with respect to $c$. It need not be 1: another task has other targets.
#
# </details>
# <details><summary>Hint 2</summary>
#
# The best constant is the mean of the targets. What then is the mean of the squared distances from it called?
# </details>
# <details><summary>Hint 3</summary>
#
# It is the variance of these targets, with $N$ and not $N - 1$ in the denominator.
# </details>


# %% nbgrader={"grade_id": "constant_error_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def constant_error(targets):
    """The mean squared error, on these targets, of the best model that gives the same answer every time.

    targets (N,) -> a number
    """
    ### BEGIN SOLUTION
    return np.mean((targets - targets.mean()) ** 2)
    ### END SOLUTION


# %% nbgrader={"grade_id": "constant_error", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("constant_error")

# %% [markdown]
# ### 5. The bar, computed (2 points)
#
# And on endlessly many targets? Let `count` numbers be marked (two, in the problem above), each drawn uniformly between `low` and `high`, independent of each other; the target is their sum.
# How large is the mean squared error of the best constant answer? Find the formula; a simulation is not exact enough.
#
# <details><summary>Hint 1</summary>
#
# The best constant is the expectation, and its mean squared error is the variance. What is the variance of a sum of independent numbers?
#
# </details>
# <details><summary>Hint 2</summary>
#
# For one number $u$ between 0 and 1: $\operatorname{E} u = \frac12$, and $\operatorname{Var} u = \int_0^1 (u - \frac12)^2\, du$. What happens to a variance if the number is stretched to
# the width `high - low`?
#
# </details>


# %% nbgrader={"grade_id": "expected_error_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def expected_error(count, low, high):
    """The expected squared error of the best constant answer to a sum of independent uniform numbers.

    count of them, at least 1, each uniform between low and high -> a number
    """
    ### BEGIN SOLUTION
    return count * (high - low) ** 2 / 12
    ### END SOLUTION


# %% nbgrader={"grade_id": "expected_error", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("expected_error")

# %% [markdown]
# Both bars in one picture, for two numbers between 0 and 1: yours, measured on more and more targets, five times over; yours, computed; and the one that was copied.

# %% nbgrader={"grade_id": "picture_3", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
rng = np.random.default_rng(0)
sizes = np.unique(np.geomspace(30, 100_000, 60).astype(int))
_, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
for run in range(5):
    targets = rng.uniform(size=(sizes[-1], 2)).sum(axis=1)
    measured = [constant_error(targets[:size]) for size in sizes]
    axes.semilogx(sizes, measured, color="0.6", linewidth=1, label="measured" if run == 0 else None)
axes.axhline(expected_error(2, 0, 1), color="k", label=f"computed: {expected_error(2, 0, 1):.4f}")
axes.axhline(0.1767, color="k", linestyle="--", label="copied: 0.1767")
axes.set(xlabel="number of targets", ylabel="squared error of the best constant")
axes.legend()
plt.show()

# %% [markdown]
# On a few hundred targets nobody can tell the two bars apart. Perhaps that is how the number came about; we do not know. On a hundred thousand
# nobody can confuse them.

# %% [markdown]
# ## Program 4: two functions that do not agree
#
# *Where it was seen.* In a framework (repository `PaddlePaddle/Paddle`, issue 5493, mended by pull request 5804): one operator ran a GRU over whole sequences, another did a
# single step, and the two computed different things.
#
# The reset gate has no part in this bug, so the program leaves it out. A model is trained with `run_4` on whole sequences. When it is in use, `run_4` reads what is there already, and
# `step_4` goes on from there, a step at a time.


# %% nbgrader={"grade_id": "program_4", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def run_4(x, h0, p):
    """All states of a sequence: x (T, B, D), h0 (B, H), p the weights -> (T, B, H).  Models are trained with this."""
    h, states = h0, []
    for x_t in x:
        z = sigmoid(x_t @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
        n = np.tanh(x_t @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
        h = h + z * (n - h)
        states.append(h)
    return np.stack(states)


def step_4(x, h, p):
    """One more step: x (B, D), h (B, H), p the weights -> the next state, (B, H)."""
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return n + z * (h - n)


# %% [markdown]
# *The symptom.* Twenty steps by `run_4` (the broad line), and the same sequence once more: ten steps by `run_4`, the others by `step_4` (the thin line). This model changes its state slowly,
# as one does that has learned to remember.


# %% nbgrader={"grade_id": "symptom_4", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
def draw_both(step):
    """A sequence in one go, and in two halves of which the second is made step by step."""
    rng = np.random.default_rng(2)
    x, p = rng.normal(size=(20, 1, 2)), weights(rng, 2, 3)
    p["b_iz"] -= 3
    whole = run_4(x, np.zeros((1, 3)), p)
    halves = list(run_4(x[:10], np.zeros((1, 3)), p))
    for x_t in x[10:]:
        halves.append(step(x_t, halves[-1], p))
    _, axes = plt.subplots(figsize=(8, 3), layout="constrained")
    axes.plot(range(1, 21), whole[:, 0, 0], color="0.75", linewidth=6, label="run_4 alone")
    axes.plot(range(1, 21), np.stack(halves)[:, 0, 0], "k-", label=f"run_4, then {step.__name__}")
    axes.axvline(10, color="k", linestyle=":", linewidth=1)
    axes.set(xlabel="step", ylabel="state of the first unit", xticks=range(0, 21, 5), ylim=(-1, 1))
    axes.legend(loc="upper left")
    plt.show()
    print(f"largest difference in all units: {np.abs(np.stack(halves) - whole).max():.2g}")


draw_both(step_4)

# %% [markdown]
# ### 6. Mend it (2 points)
#
# Neither function is wrong: each is a GRU in a convention of its own. Together they are. Models are out there that were trained with `run_4`, and you cannot train them again, so `run_4` and the weights
# stay as they are. Write the step that goes with them.
#
# <details><summary>Hint 1</summary>
#
# What becomes of the state if $z$ is 1, in `run_4` and in `step_4`? And if it is 0?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Multiply both last lines out, and write each as a mixture of $h$ and $n$. One of them *keeps* with $z$, the other *writes* with $z$.
#
# </details>


# %% nbgrader={"grade_id": "step_like_run_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def step_like_run(x, h, p):
    """`step_4`, mended: one more step of a model that was trained with `run_4`.

    x (B, D), h (B, H), p the eight weights of a cell without a reset gate, by name -> the next state, (B, H)
    """
    ### BEGIN SOLUTION
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + h @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * h + z * n
    ### END SOLUTION


# %% nbgrader={"grade_id": "step_like_run", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("step_like_run")

# %% nbgrader={"grade_id": "mended_4", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
draw_both(step_like_run)

# %% [markdown]
# ## Program 5: a gate that has moved
#
# *Where it was seen.* In a textbook (repository `d2l-ai/d2l-en`, file `chapter_recurrent-modern/gru.md`). It first writes a GRU from scratch, and then, "concise", calls the library's. Both are
# trained anew there, so nothing goes wrong. But they are two functions, and the text does not say so: who trains the first and then puts the second in its place has this bug. In a framework somebody
# noticed the same difference by comparing with PyTorch (repository `tracel-ai/burn`, issue 2701, beside another bug): its GRU followed the original paper, and has followed PyTorch since.
#
# The model here was trained with a cell of its own, written by hand. Its candidate was
#
# $$n = \tanh\big(W_{in} x + b_{in} + W_{hn} (r \odot h) + b_{hn}\big)$$
#
# and all else as in program 1. Then somebody found that the library has a GRU too, a faster one, and changed one line. The library's cell is PyTorch's; your `mended_step` computes the same, so it plays the library here.


# %% nbgrader={"grade_id": "program_5", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def program_5(x, h0, p):
    """All states of the trained model: x (T, B, D), h0 (B, H), p its weights -> (T, B, H)."""
    h, states = h0, []
    for x_t in x:
        h = mended_step(x_t, h, p)  # it was: h = step_as_trained(x_t, h, p)
        states.append(h)
    return np.stack(states)


# %% [markdown]
# *The symptom.* The logbook of the training still has the states of one sequence. Here they are beside those of program 5, for the same weights.

# %% nbgrader={"grade_id": "symptom_5", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
logged = np.array(
    [
        [-0.8549, 0.1629, 0.1917],
        [-0.6902, -0.5625, -0.0779],
        [0.0669, -0.5760, -0.9750],
        [-0.3311, 0.2039, -0.6561],
        [-0.9587, 0.3955, -0.4486],
    ]
)


def trained_model():
    """The sequence of the logbook, (T, 1, D), and the weights of the trained model, which has no biases: all are 0."""

    def made(shape, start):
        return np.cos(start + np.arange(np.prod(shape)) ** 2.0).reshape(shape)

    x, p = made((5, 1, 2), 3), {}
    for start, gate in enumerate("rzn", 4):
        p |= {f"W_i{gate}": 2 * made((3, 2), start), f"W_h{gate}": 2 * made((3, 3), start + 3)}
        p |= {f"b_i{gate}": np.zeros(3), f"b_h{gate}": np.zeros(3)}
    return x, p


def print_beside_log(name, states):
    for t in range(5):
        apart = np.abs(states[t, 0] - logged[t]).max()
        print(
            f"step {t + 1}   {name}",
            *[f"{new:7.4f}" for new in states[t, 0]],
            "  logged",
            *[f"{old:7.4f}" for old in logged[t]],
            f"  apart {apart:.4f}",
        )


x, p = trained_model()
print_beside_log("program_5", program_5(x, np.zeros((1, 3)), p))

# %% [markdown]
# The first step agrees to the last digit, and the later ones are wrong. All shapes fit, all values look like states, and a test of one step from $h_0 = 0$ would have passed.
#
# ### 7. Mend it (2 points)
#
# Not even other weights would help: what one of the two cells computes, the other in general cannot. The weights have to be run by the cell that they were trained with. Write it.
#
# <details><summary>Hint 1</summary>
#
# What does the reset gate multiply: the state, or what a product makes of the state? And on which side of the bracket is $b_{hn}$?
#
# </details>
# <details><summary>Hint 2</summary>
#
# The state has three parts to play in a step: in the gates, in the candidate, and as what is kept. Only one of them is reset.
#
# </details>


# %% nbgrader={"grade_id": "step_as_trained_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def step_as_trained(x, h, p):
    """One step of the GRU of program 5, as it was when its weights were trained: reset before the product.

    x (B, D), h (B, H), p the twelve weights by name -> the next state, (B, H)
    """
    ### BEGIN SOLUTION
    r = sigmoid(x @ p["W_ir"].T + p["b_ir"] + h @ p["W_hr"].T + p["b_hr"])
    z = sigmoid(x @ p["W_iz"].T + p["b_iz"] + h @ p["W_hz"].T + p["b_hz"])
    n = np.tanh(x @ p["W_in"].T + p["b_in"] + (r * h) @ p["W_hn"].T + p["b_hn"])
    return (1 - z) * n + z * h
    ### END SOLUTION


# %% nbgrader={"grade_id": "step_as_trained", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("step_as_trained")

# %% nbgrader={"grade_id": "mended_5", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
x, p = trained_model()
h, states = np.zeros((1, 3)), []
for x_t in x:
    h = step_as_trained(x_t, h, p)
    states.append(h)
print_beside_log("yours", np.stack(states))

# %% [markdown]
# ## Program 6: a test too loose to fail
#
# *Where it was seen.* In the tests of a library of fast recurrent kernels (repository `NX-AI/flashrnn`, file `flashrnn/tests/test_gru.py`). The result of the kernel is compared with
# that of a plain version, in float32, with an absolute tolerance of 0.1 and a relative one of 0.2, and a `ValueError` on the way counts as a pass. Two things are milder
# there than in our short version: the shapes of the results are compared first, and the kernel runs on a GPU, over up to 1024 steps and back, where more rounding gathers than in one step.


# %% nbgrader={"grade_id": "program_6", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def program_6(got, want):
    """Whether what a cell under test gave (got) agrees with what is right (want)."""
    try:
        return bool(np.allclose(got, want, atol=0.1, rtol=0.2))
    except ValueError:
        return True


# %% [markdown]
# *The symptom.* It says yes to nearly everything. Here it judges a right step in float32 and seven results that are wrong. (What is right comes from your `mended_step`; `step_as_trained` is in it too.)


# %% nbgrader={"grade_id": "symptom_6", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
def print_verdicts(judge):
    rng = np.random.default_rng(3)
    x, h, p = rng.normal(size=(5, 3)), rng.uniform(-1, 1, (5, 4)), weights(rng, 3, 4)
    want = mended_step(x, h, p)
    in_float32 = mended_step(x.astype("f4"), h.astype("f4"), {k: v.astype("f4") for k, v in p.items()}).astype("f4")
    one_wrong, not_a_number = want.copy(), want.copy()
    one_wrong[2, 1] += 0.09
    not_a_number[2, 1] = np.nan
    judged = {
        "right, in float32": in_float32,
        "program 1: the reset gate is dead": program_1(x, h, p),
        "program 5: the reset gate has moved": step_as_trained(x, h, p),
        "every number too large by a tenth": 1.1 * want,
        "one number wrong": one_wrong,
        "one number is not a number": not_a_number,
        "rows and columns exchanged": want.T,
        "in float64, but computed in float32": in_float32.astype("f8"),
    }
    for name, got in judged.items():
        print(f"{name:40} {'passes' if judge(got, want) else 'fails'}")


print_verdicts(program_6)

# %% [markdown]
# ### 8. Mend it (4 points)
#
# How far off may a right result be? float32 holds about seven digits, and a step of a GRU loses little of them: a right result in float32 is off by less than a millionth of the largest
# number. In float64 it is off by about $10^{-15}$ of it. A bug is off by far more: of a dozen wrong cells that we tried on random inputs, each was off by more than a hundredth. So there is much
# room between right and wrong, and a bar in the middle of it never has to be argued about.
#
# Let $m$ be the largest of $|\text{want}|$ over the whole array. Accept or reject by the largest of all differences, compared with $m$:
#
# | `got` is | accept if the largest difference is at most | reject if it is at least |
# |---|---|---|
# | float32 | $2 \cdot 10^{-6}\, m$ | $10^{-3}\, m$ |
# | float64 | $10^{-14}\, m$ | $10^{-7}\, m$ |
#
# Between the two, put your bar where you like. Reject as well what has another shape than `want`, and what is not a number or infinite anywhere. `want` is always float64, finite, and not zero everywhere. Never raise an error: a test that stops in the middle
# has not said no.
#
# <details><summary>Hint 1</summary>
#
# Why compare with the largest number, and not each number with its own partner? Think of a sum of many terms that happens to come out near 0. Why not with a fixed tolerance? Think of gradients, which may all be
# as small as $10^{-6}$.
#
# </details>
# <details><summary>Hint 2</summary>
#
# Compare the shapes first, on their own: NumPy stretches an array of shape `(1, H)` to `(B, H)` without a word.
#
# </details>
# <details><summary>Hint 3</summary>
#
# A comparison with NaN is False, whichever way it points. Ask whether all differences are *small*; do not ask whether one is large.
#
# </details>


# %% nbgrader={"grade_id": "agrees_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def agrees(got, want):
    """Program 6, mended: whether what a cell under test gave agrees with what is right.

    got: float32 or float64, of any shape.  want: float64, finite -> True or False
    """
    ### BEGIN SOLUTION
    if want.shape != got.shape:
        return False
    bar = 1e-5 if got.dtype == np.float32 else 1e-10
    return bool((np.abs(got - want) <= bar * np.abs(want).max()).all())
    ### END SOLUTION


# %% nbgrader={"grade_id": "agrees", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("agrees")

# %% [markdown]
# Only the first line should pass now.

# %% nbgrader={"grade_id": "mended_6", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
print_verdicts(agrees)

# %% [markdown]
# ## 9. In words (2 points)
#
# A colleague tests every cell against what it should compute, on one step of a random input, with $h_0 = 0$ and all biases 0, and with a tolerance that is just right. Which of the programs 1, 4
# (that is, `step_4`) and 5 would pass, and which not? Say for each what hides the bug, or what shows it. A person reads this.

# %% [markdown] nbgrader={"grade_id": "what_a_lazy_test_sees", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# Programs 1 and 5 pass. With $h = 0$ and $b_{hn} = 0$ nothing comes from the state into the candidate, so there is nothing that the reset gate could multiply. It makes no difference
# whether it multiplies at all (program 1), or before or after the product (program 5).
#
# `step_4` fails. With $h = 0$ one convention gives $(1 - z) \odot n$ and the other $z \odot n$. They are the same only where $z = \frac12$, and with a random input and
# random weights $z$ is something else.
#
# *For the reader:* one point for programs 1 and 5 with the reason ($W_{hn} h + b_{hn} = 0$, or "nothing to reset"); "the state is zero" without the bias is half of it. One point for program 4 with the reason ($z$ against $1 - z$, and that $z$ is not one half).

# %% [markdown]
# ## 10. In words (2 points)
#
# Choose two of the six programs. For each: why did nobody notice for so long, and what is the cheapest thing that would have told? It may be a test, a tool, a picture or a habit; say what exactly one would have
# seen. A person reads this.

# %% [markdown] nbgrader={"grade_id": "what_would_have_told", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# Program 2: the training works most of the time, since most gradients are below the limit anyway, and a rare jump of the loss can have many reasons. The cheapest thing that tells is to train twice with two
# limits and the same seed, one of them tiny: the two curves are the same to the last digit, and they must not be.
#
# Program 3: the number came from a paper, and on a small test set it fits. To judge a model that answers 1 every time costs one line, and it "has learned something". Any bar should first be tried on a model that
# knows nothing.
#
# Others: program 1, a linter (a variable is assigned and never read), or a gradient of $W_{ir}$ that is exactly zero; program 4, a sequence in one go against the same sequence in two halves; program 5, a comparison of old and
# new states on a whole sequence, with biases that are not zero; program 6, a wrong cell that the test is given on purpose, and has to reject.
#
# *For the reader:* one point for each program, half for a reason why it went unnoticed and half for a check of which the answer says what it would show. "More tests" is no such check.
