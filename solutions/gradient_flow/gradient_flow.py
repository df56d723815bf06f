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
# # Why memory fades
#
# You will measure how far back a plain recurrent cell can feel its past, and build the two plainest remedies: an orthogonal start and
# clipping. Then you will test five training loops and find out which of them clip too late. Allow about two hours. You need the cell
# $h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})$, matrix products and the chain rule; the chapter *Why memory fades* of the book
# derives what you are about to write.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as
# often as you like. Your notebook will be graded on other inputs than the check's. Where you are stuck, open a hint; each says more than
# the one before.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("gradient_flow")

# %% [markdown]
# Here is the plain cell, ready-made. $B$ is the batch, $T$ the number of steps, $D$ the input's size and $H$ the number of units.


# %% nbgrader={"grade_id": "given", "grade": false, "locked": true, "schema_version": 3, "solution": false}
def rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh):
    """One step: x (B, D), h (B, H), W_ih (H, D), W_hh (H, H), b_ih (H,), b_hh (H,) -> the next state, (B, H)"""
    return np.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


# %% [markdown]
# ## 1. The Jacobian of one step (2 points)
#
# A small change of the old state makes a small change of the new one. The **Jacobian** $J = \partial h' / \partial h$ says how small:
# its entry $J_{ij}$ is the change of unit $i$ of $h'$ for a change of unit $j$ of $h$. With $a = W_{ih} x + b_{ih} + W_{hh} h + b_{hh}$
# and $h' = \tanh(a)$, the chain rule gives
#
# $$J_{ij} = \frac{\partial h'_i}{\partial h_j} = \tanh'(a_i)\, (W_{hh})_{ij}$$
#
# and the slope of $\tanh$ can be told from its value alone. Each row of the batch has its own state, so it has its own Jacobian: the
# result is `(B, H, H)`.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# What is the derivative of $\tanh(a)$, written with $\tanh(a)$ and without $a$?
# </details>
# <details><summary>Hint 2</summary>
#
# $\tanh'(a_i) = 1 - h_i'^2$, with the <em>new</em> state. It multiplies row $i$ of $W_{hh}$, so $J = \mathrm{diag}(1 - h'^2)\, W_{hh}$.
# </details>
# <details><summary>Hint 3</summary>
#
# The slopes are `(B, H)`. Give them a last axis of length 1, and broadcasting multiplies each with a whole row of `W_hh`.
# </details>


# %% nbgrader={"grade_id": "state_jacobian_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def state_jacobian(x, h, W_ih, W_hh, b_ih, b_hh):
    """The Jacobian of one step with respect to the state, for each row of the batch.

    The arguments as for `rnn_cell` -> (B, H, H); entry [b, i, j] is d h'[b, i] / d h[b, j]
    """
    ### BEGIN SOLUTION
    h_next = rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    return (1 - h_next**2)[:, :, None] * W_hh
    ### END SOLUTION


# %% nbgrader={"grade_id": "state_jacobian", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("state_jacobian")

# %% [markdown]
# ## 2. How far back a state can feel (3 points)
#
# Over several steps the Jacobians multiply. The state at the end feels the state $k$ steps before through
#
# $$\frac{\partial h_T}{\partial h_{T-k}} = J_T\, J_{T-1} \cdots J_{T-k+1}$$
#
# where $J_t = \partial h_t / \partial h_{t-1}$. One number says how much of a change can still be felt: the **spectral norm**, the largest
# singular value. A small change in $h_{T-k}$ makes one in $h_T$ that is at most so many times as long. At lag $k = 0$ the product is the identity, and its
# norm is 1.
#
# Compute the norm for every lag from 0 to $T$ and for each row of the batch. Run the cell forward first, from $h_0$; then multiply,
# beginning at the *last* step.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Two loops: one forward in time that collects the Jacobian of each step, one backward that multiplies them up.
# </details>
# <details><summary>Hint 2</summary>
#
# $J_t$ is the Jacobian of the step from $h_{t-1}$ to $h_t$: ask for it <em>before</em> you move the state on. Going back by one more
# step puts one more Jacobian on the <em>right</em> of the product.
# </details>
# <details><summary>Hint 3</summary>
#
# `@` multiplies stacks of matrices: `(B, H, H) @ (B, H, H)`. `np.linalg.norm(product, ord=2, axis=(1, 2))` is the spectral norm of
# each, `(B,)`. The product begins as `np.eye(H)`, once for each row.
# </details>


# %% nbgrader={"grade_id": "decay_curve_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def decay_curve(x, h0, W_ih, W_hh, b_ih, b_hh):
    """The spectral norm of d h_T / d h_{T-k} for k = 0 ... T.

    x (T, B, D), h0 (B, H), the weights as for `rnn_cell` -> (T + 1, B); row k is lag k, so row 0 is all ones
    """
    ### BEGIN SOLUTION
    h, jacobians = h0, []
    for x_t in x:
        jacobians.append(state_jacobian(x_t, h, W_ih, W_hh, b_ih, b_hh))
        h = rnn_cell(x_t, h, W_ih, W_hh, b_ih, b_hh)
    product = np.stack([np.eye(h0.shape[1])] * len(h0))
    norms = [np.ones(len(h0))]
    for J in jacobians[::-1]:
        product = product @ J
        norms.append(np.linalg.norm(product, ord=2, axis=(1, 2)))
    return np.stack(norms)
    ### END SOLUTION


# %% nbgrader={"grade_id": "decay_curve", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("decay_curve")

# %% [markdown]
# ## 3. An orthogonal start (2 points)
#
# If $W_{hh}$ is **orthogonal**, $W^\top W = I$, it keeps the length of every vector, and what shrinks the product is the slopes of
# $\tanh$ alone. Random orthogonal matrices are made from a matrix of normal numbers by its QR decomposition: $A = Q R$ with $Q$
# orthogonal and $R$ upper triangular.
#
# That alone does not determine $Q$: the signs are free. Turn one column of $Q$ and the same row of $R$, and the product stays. Which
# signs you get depends on the library, and they are not random either. So fix them: **let the diagonal of $R$ be positive.** Then there is one
# $Q$ for each invertible $A$, and for normal numbers $Q$ is uniform over all orthogonal matrices.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `np.linalg.qr` gives you both $Q$ and $R$. Which columns of $Q$ have to be turned?
# </details>
# <details><summary>Hint 2</summary>
#
# With $S$ the diagonal matrix of the signs of $R$'s diagonal, $Q R = (Q S)(S R)$, and $S R$ has a positive diagonal.
# </details>
# <details><summary>Hint 3</summary>
#
# Multiplying by a diagonal matrix from the right multiplies the columns: a vector of signs, broadcast along the rows.
# </details>


# %% nbgrader={"grade_id": "orthogonal_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def orthogonal(A):
    """The orthogonal factor of A = Q R, where the diagonal of R is positive.

    A (H, H), invertible -> Q (H, H)
    """
    ### BEGIN SOLUTION
    Q, R = np.linalg.qr(A)
    return Q * np.sign(np.diag(R))
    ### END SOLUTION


# %% nbgrader={"grade_id": "orthogonal", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("orthogonal")

# %% [markdown]
# ## 4. Clipping (3 points)
#
# Where the product grows instead, one step of gradient descent can throw the parameters far away. **Clipping by the global norm** limits
# the step and keeps its direction. Take all gradients together as one long vector $g$, of norm
#
# $$\lVert g \rVert = \sqrt{\textstyle\sum_k \lVert g_k \rVert^2}$$
#
# over all arrays $g_k$. Where $\lVert g \rVert$ is above the limit $m$, multiply *every* array by the same factor $m / \lVert g \rVert$;
# else leave the values as they are. No small number is added to the denominator here (PyTorch adds `1e-6`).
#
# The gradients come in a dictionary. Return a tuple: a dictionary of the clipped ones, and the norm that they had *before*. The caller's
# arrays stay as they are. Gradients that are all zero are no special case: nothing to clip, and no warning from NumPy.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# There are two passes over the dictionary: one for the norm, one to scale. How many factors are there in all?
# </details>
# <details><summary>Hint 2</summary>
#
# The sum of all squares of all numbers in all arrays, then one root. The factor is 1 where the norm is at most `max_norm`.
# </details>
# <details><summary>Hint 3</summary>
#
# `max_norm / max(norm, max_norm)` is the factor in both cases, and never divides by zero. A dictionary comprehension makes new arrays.
# </details>


# %% nbgrader={"grade_id": "clip_by_global_norm_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def clip_by_global_norm(gradients, max_norm):
    """Gradients whose global norm is at most max_norm, and the norm before.

    gradients {name: array of any shape}, max_norm above 0 -> ({name: array}, norm)
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    factor = max_norm / max(norm, max_norm)
    return {name: factor * g for name, g in gradients.items()}, norm
    ### END SOLUTION


# %% nbgrader={"grade_id": "clip_by_global_norm", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("clip_by_global_norm")

# %% [markdown]
# ## 5. Who clips too late? (3 points)
#
# A right clip in the wrong place does nothing, and nothing tells you: there is no error, and the training mostly works. Public
# repositories have had this bug for years. You could read the code of a loop; here you **measure** instead, which also works where
# there is much code.
#
# A training loop is a function
#
# ```python
# loop(parameters, gradient_of, max_norm, learning_rate, steps)
# ```
#
# It does `steps` steps of plain gradient descent, $\theta \leftarrow \theta - \eta\, g$, and returns the new parameters in a new dictionary. In
# each step it asks `gradient_of(parameters)` for the gradients, a dictionary of arrays by the same names, and clips to `max_norm` in some way at
# some time. *You* choose `gradient_of`: it may return what you like, as long as the shapes are those of the parameters.
#
# We say that a loop **clips too late** if its steps are made with the gradients as they were: whatever it clips, the steps do not see it. A
# loop whose clipping changes the step does not clip too late, even if it clips in a wrong way, each array alone say, or number by number.
#
# Write a function that tries a loop and answers `True` if it clips too late, else `False`. It has to be right for every kind of loop that
# you can think of, for a learning rate of 0.001 as for one of 4.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Choose the gradients so that you know what the parameters are after one step if nothing was clipped. Would every way of clipping
# that you can think of have to do something to them?
# </details>
# <details><summary>Hint 2</summary>
#
# Let every single number of the gradients be far above `max_norm`. Then run one step, and compare with
# $\theta - \eta\, g$ for the unclipped $g$.
# </details>
# <details><summary>Hint 3</summary>
#
# `gradient_of` is free to ignore the parameters that it is given. `np.full_like(p, ...)` makes a gradient as large as you like: make them
# anew at each call, for a loop may clip what it is given in place.
# Compare all arrays with `np.allclose`, whose tolerance is relative to the size of the numbers.
# </details>


# %% nbgrader={"grade_id": "clips_too_late_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def clips_too_late(loop, parameters, max_norm, learning_rate):
    """Whether the steps of a training loop are made with unclipped gradients.

    loop: called as loop(parameters, gradient_of, max_norm, learning_rate, steps)
    parameters {name: array}, max_norm and learning_rate above 0 -> True or False
    """
    ### BEGIN SOLUTION
    size = 1000 * max_norm

    def gradient_of(now):
        return {name: np.full_like(p, size) for name, p in now.items()}

    after = loop(parameters, gradient_of, max_norm, learning_rate, 1)
    return all(np.allclose(after[name], p - learning_rate * size) for name, p in parameters.items())
    ### END SOLUTION


# %% nbgrader={"grade_id": "clips_too_late", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("clips_too_late")

# %% [markdown]
# The file `probes.py` beside this notebook holds five loops, `loop_a` to `loop_e`, and some more, about which the grader asks. Try your function on the five before you read
# the file.

# %% nbgrader={"grade_id": "five_loops", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import probes

rng = np.random.default_rng(0)
parameters = {"W_hh": rng.normal(size=(4, 4)), "W_ih": rng.normal(size=(4, 3)), "b_hh": rng.normal(size=4)}
for loop in [probes.loop_a, probes.loop_b, probes.loop_c, probes.loop_d, probes.loop_e]:
    print(loop.__name__, "clips too late:", clips_too_late(loop, parameters, max_norm=1.0, learning_rate=0.1))

# %% [markdown]
# ## 6. In words (2 points)
#
# Now open `probes.py`. For each loop that clips too late, say which line stands in the wrong place and what that line clips instead. And
# why would nobody notice during an ordinary training run? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "why_too_late", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# In `loop_b` the clip comes before the gradients are added: it clips zeros, and the gradients that come after it are used as they are. In `loop_d` it
# comes after the step: it clips gradients that have been used already and are thrown away at the next step.
#
# Both loops train. Most gradients are below the limit, so most steps are right; only the rare large one is not held back, and then the
# loss jumps, which can have many reasons. No error is raised.

# %% [markdown]
# ## 7. Your functions at work
#
# How far back does a cell feel, with three starts of $W_{hh}$? We draw the mean of your decay curves over a hundred steps, for PyTorch's start (uniform
# between $\pm 1/\sqrt{H}$) and for your orthogonal matrices, as they are and multiplied by 1.5.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

T, B, D, H = 100, 4, 3, 32
rng = np.random.default_rng(1)
x, h0 = 0.1 * rng.normal(size=(T, B, D)), np.zeros((B, H))
W_ih, zero = rng.uniform(-1, 1, (H, D)) / np.sqrt(H), np.zeros(H)
Q = orthogonal(rng.normal(size=(H, H)))
starts = {
    "uniform, as PyTorch draws": (rng.uniform(-1, 1, (H, H)) / np.sqrt(H), "k:"),
    "orthogonal": (Q, "k-"),
    "1.5 times orthogonal": (1.5 * Q, "k--"),
}

figure, axes = plt.subplots(figsize=(8, 4))
for name, (W_hh, line) in starts.items():
    curve = decay_curve(x, h0, W_ih, W_hh, zero, zero)
    axes.semilogy(curve.mean(axis=1), line, label=name)
axes.set(xlabel="lag $k$", ylabel=r"norm of $\partial h_T / \partial h_{T-k}$")
axes.legend()
plt.show()

# %% [markdown]
# A straight line on this scale is a constant factor for each step. The uniform start loses nearly a third of the signal at every step. The
# orthogonal one loses only what the slopes of $\tanh$ take, and these are near 1 as long as the states are small. At 1.5 the product grows by
# nearly 1.5 a step while the states are still small: that is at the beginning of the sequence, at the right end of the curve. Then the states have
# grown, the slopes hold them back, and the product grows more slowly.
