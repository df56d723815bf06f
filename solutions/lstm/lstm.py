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
# # The LSTM, forward and backward
#
# You will write one step of a long short-term memory (LSTM) in NumPy, run it over a sequence, and then derive what PyTorch does for you
# elsewhere: every gradient of the step and of the whole sequence. Allow two to three hours, most of them for the backward half.
#
# You need the chain rule for matrix products and backpropagation through time (BPTT) for the plain recurrent cell; the chapter *The LSTM* of the book
# derives the lines that you are about to put together. If you have done the assignment `bptt`, you have met every idea but one: here *two* things are
# carried from step to step, and two gradients are carried back.
#
# - The **cell state** $c$ is the memory. A step multiplies it by a gate and adds something, and that is all that happens to it.
# - The **state** $h$ is what the cell shows of its memory, to the next layer and to its own gates.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Some tasks have hints, folded away: open them one at a time.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np


def sigmoid(a):
    """1 / (1 + exp(-a)), as it stands; in the assignment `gru_cell` you write one that never overflows."""
    return 1 / (1 + np.exp(-a))


# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("lstm")

# %% [markdown]
# ## Shapes
#
# $B$ is the batch, $T$ the number of steps, $D$ the input's size and $H$ the number of units. As in PyTorch the weights of the four blocks are packed
# into one array, in the order **i, f, g, o**: input gate, forget gate, candidate, output gate.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(B, D)` | the input of one step, a row for each sequence |
# | `h`, `c` | `(B, H)` | the state and the cell state before the step |
# | `W_ih` | `(4H, D)` | rows `0 ... H-1` are $W_{ii}$, then $W_{if}$, $W_{ig}$, $W_{io}$, each $H$ rows |
# | `W_hh` | `(4H, H)` | $W_{hi}$, $W_{hf}$, $W_{hg}$, $W_{ho}$ likewise |
# | `b_ih`, `b_hh` | `(4H,)` | $b_{ii}, b_{if}, b_{ig}, b_{io}$ and $b_{hi}, b_{hf}, b_{hg}, b_{ho}$, likewise |
#
# A formula such as $W x$ is written for one column vector. A batch holds its vectors in rows, so in code it is `x @ W.T`. The function
# `sigmoid` is there already. Return new arrays and leave the inputs as they are: the caller still needs them.

# %% [markdown]
# ## 1. The gates (2 points)
#
# A step reads $x$ and $h$ and computes three gates and a candidate:
#
# $$i = \sigma(W_{ii} x + b_{ii} + W_{hi} h + b_{hi}) \qquad f = \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf})$$
#
# $$g = \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg}) \qquad o = \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho})$$
#
# All four are the same affine map with other weights, so one product with `W_ih` and one with `W_hh` serve them all. You will need the gates
# twice, forward and backward; that is why they have a function of their own.
#
# <details><summary>Hint 1</summary>
#
# The sum of both products and both biases is one array of shape `(B, 4H)`. Which columns belong to the forget gate?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `np.split(a, 4, axis=1)` takes it apart into four arrays of shape `(B, H)`, in the order of the packed rows.
#
# </details>


# %% nbgrader={"grade_id": "lstm_gates_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    """The gates and the candidate of one step.

    x (B, D), h (B, H), W_ih (4H, D), W_hh (4H, H), b_ih (4H,), b_hh (4H,) -> the tuple (i, f, g, o), each (B, H)
    """
    ### BEGIN SOLUTION
    a_i, a_f, a_g, a_o = np.split(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh, 4, axis=1)
    return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    ### END SOLUTION


# %% nbgrader={"grade_id": "lstm_gates", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("lstm_gates")

# %% [markdown]
# ## 2. One step (2 points)
#
# The forget gate says how much of the old cell state stays, the input gate how much of the candidate is added. The output gate says how much of
# the new cell state is shown:
#
# $$c' = f \odot c + i \odot g \qquad h' = o \odot \tanh(c')$$
#
# Use your `lstm_gates`.
#
# <details><summary>Hint 1</summary>
#
# Your `lstm_gates` gives the four arrays of this step as a tuple, in the order i, f, g, o. Nothing else here reads the input or the weights.
# </details>
# <details><summary>Hint 2</summary>
#
# The new cell state comes first, since the new state is made of it: $h' = o \odot \tanh(c')$, with $c'$ and not $c$ in it.
# </details>
# <details><summary>Hint 3</summary>
#
# Two products unit by unit make $c'$: the forget gate with what was held, the input gate with the candidate. Then one more makes $h'$. Mind the order
# in which the two are returned.
# </details>


# %% nbgrader={"grade_id": "lstm_cell_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def lstm_cell(x, h, c, W_ih, W_hh, b_ih, b_hh):
    """One step of an LSTM for a batch.

    x (B, D), h (B, H), c (B, H), the weights as for `lstm_gates` -> the tuple (h', c'), each (B, H)
    """
    ### BEGIN SOLUTION
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    c_next = f * c + i * g
    return o * np.tanh(c_next), c_next
    ### END SOLUTION


# %% nbgrader={"grade_id": "lstm_cell", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("lstm_cell")

# %% [markdown]
# ## 3. A whole sequence (1 point)
#
# Both the state and the cell state after one step are those before the next:
#
# $$h_t, c_t = \mathrm{cell}(x_t, h_{t-1}, c_{t-1}), \qquad t = 1 \dots T$$
#
# Return all states and all cell states, time first. $h_0$ and $c_0$ are given and are not part of the result. In code $x_1$ is `x[0]` and
# $h_1$ is `hs[0]`.
#
# <details><summary>Hint 1</summary>
#
# It is the loop of a plain recurrent cell, with two arrays that are handed on in the place of one.
# </details>
# <details><summary>Hint 2</summary>
#
# Two arrays live through the loop, which begin as `h0` and `c0`, and two lists, which begin empty. What a step returns is what the next step is given.
# </details>
# <details><summary>Hint 3</summary>
#
# In each round unpack what `lstm_cell` returns into the names of both states, and append each to its own list. After the loop `np.stack` makes an array
# of either.
# </details>


# %% nbgrader={"grade_id": "lstm_forward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def lstm_forward(x, h0, c0, W_ih, W_hh, b_ih, b_hh):
    """All states and cell states of an LSTM over a sequence.

    x (T, B, D), h0 (B, H), c0 (B, H), the weights as for `lstm_gates`
    -> the tuple (hs, cs): h_1 ... h_T and c_1 ... c_T, each (T, B, H)
    """
    ### BEGIN SOLUTION
    h, c, hs, cs = h0, c0, [], []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, W_ih, W_hh, b_ih, b_hh)
        hs.append(h)
        cs.append(c)
    return np.stack(hs), np.stack(cs)
    ### END SOLUTION


# %% nbgrader={"grade_id": "lstm_forward", "grade": true, "locked": true, "points": 1, "schema_version": 3, "solution": false} tags=["check"]
check("lstm_forward")

# %% [markdown]
# ## 4. One step back (5 points)
#
# Somewhere after this step stands a loss $L$, one number. Of it we are told two gradients, each of shape `(B, H)`: `dh_next` $= \partial L / \partial h'$
# and `dc_next` $= \partial L / \partial c'$, the second as what comes *after* this step sees $c'$: through the next step's $c$, and not through this
# step's $h'$. We want the gradient of everything that went in.
#
# The name of a gradient is `d` and the name of what it belongs to, and it has the shape of what it belongs to. Return a dictionary with the
# seven of them: `dx`, `dh`, `dc`, `dW_ih`, `dW_hh`, `db_ih`, `db_hh`.
#
# Work backwards through the two lines of the step and the four gates:
#
# 1. $h' = o \odot \tanh(c')$ is made of $o$ and of $c'$. So $c'$ has a part in the loss in *two* ways, and its whole gradient is a sum.
# 2. $c' = f \odot c + i \odot g$ is made of four things. Each gets the gradient of $c'$ times what it is multiplied with.
# 3. Each gate is a curve of its **preactivation** $a$, the number under $\sigma$ or $\tanh$. The slopes can be had from the results:
#    $\sigma'(a) = \sigma(a)(1 - \sigma(a))$ and $\tanh'(a) = 1 - \tanh^2(a)$.
# 4. The packed preactivations are $a = W_{ih} x + b_{ih} + W_{hh} h + b_{hh}$: an affine map, as in the plain cell.
#
# Compute the gates again with your `lstm_gates`. Weights and biases are shared by all rows of the batch: their gradients are sums over the rows.
#
# <details><summary>Hint 1: where to begin</summary>
#
# Draw the step with an arrow for every product. Two arrows leave $c'$: one to $h'$ and one out of the step, to the next. Begin with a name
# for the whole gradient of $c'$, and use it for $i$, $f$, $g$ and $c$. The output gate does not need it.
#
# </details>
# <details><summary>Hint 2: the gradient of c'</summary>
#
# What reaches $c'$ through $h' = o \odot \tanh(c')$ is $\partial L / \partial h'$ times $o$ times the slope of $\tanh$ at $c'$. Add to it
# what comes from the next step.
#
# </details>
# <details><summary>Hint 3: the preactivations</summary>
#
# For the input gate: the gradient of $i$ is that of $c'$ times $g$; for its preactivation, multiply by $i (1 - i)$. The other three are made
# alike. `np.concatenate([...], axis=1)` packs the four into one array `da` of shape `(B, 4H)`, in the order i, f, g, o.
#
# </details>
# <details><summary>Hint 4: the affine map</summary>
#
# Let the shapes tell you. `da` is `(B, 4H)`, `W_ih` is `(4H, D)` and `dx` is to be `(B, D)`: one product does it, without a transpose. `dW_ih` is
# `(4H, D)`, made of `da` and `x`, and the sum over the batch is inside that product.
#
# </details>


# %% nbgrader={"grade_id": "lstm_cell_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def lstm_cell_backward(dh_next, dc_next, x, h, c, W_ih, W_hh, b_ih, b_hh):
    """The gradients of one step.

    dh_next and dc_next (B, H): the loss's gradient at h' and c'; the other arguments as for `lstm_cell`
    -> a dictionary of dx (B, D), dh and dc (B, H), dW_ih (4H, D), dW_hh (4H, H), db_ih and db_hh (4H,)
    """
    ### BEGIN SOLUTION
    i, f, g, o = lstm_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    tanh_c = np.tanh(f * c + i * g)
    dc = dc_next + dh_next * o * (1 - tanh_c**2)
    da_i = dc * g * i * (1 - i)
    da_f = dc * c * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh_next * tanh_c * o * (1 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
    return {
        "dx": da @ W_ih,
        "dh": da @ W_hh,
        "dc": dc * f,
        "dW_ih": da.T @ x,
        "dW_hh": da.T @ h,
        "db_ih": da.sum(axis=0),
        "db_hh": da.sum(axis=0),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "lstm_cell_backward", "grade": true, "locked": true, "points": 5, "schema_version": 3, "solution": false} tags=["check"]
check("lstm_cell_backward")

# %% [markdown]
# ## 5. Backpropagation through time (4 points)
#
# Now the whole sequence. The loss may look at every state and at every cell state: `dhs[t]` and `dcs[t]` hold what it says of `hs[t]` and `cs[t]`
# *directly*, both `(T, B, H)`. What it says of them through later steps is for you to carry back.
#
# The states are given, as your `lstm_forward` would have returned them: `hs` and `cs`. Mind the index: step `t` *makes* `hs[t]`; the state that it
# *read* is the one before, and for the first step that is `h0`.
#
# Return a dictionary of `dx` `(T, B, D)`, `dh0`, `dc0`, and the gradients of the weights and biases, `dW_ih`, `dW_hh`, `db_ih`, `db_hh`.
#
# <details><summary>Hint 1: the order</summary>
#
# Start at the last step and go back to the first. What do you know of the gradient of `hs[T-1]` before you start, and what else must be added to that
# of `hs[T-2]`?
#
# </details>
# <details><summary>Hint 2: what is carried</summary>
#
# Carry two arrays, `dh` and `dc`, zero at the start. At step $t$ the gradient at $h_t$ is `dhs[t]` plus what was carried. Your `lstm_cell_backward`
# turns it, with that at $c_t$, into the two arrays to carry on.
#
# </details>
# <details><summary>Hint 3: what is summed</summary>
#
# All steps share the weights, so each step *adds* its share to `dW_ih`, `dW_hh`, `db_ih` and `db_hh`. An input belongs to one step alone: `dx[t]` is
# stored, not added. What is left in `dh` and `dc` after the first step has a name too.
#
# </details>


# %% nbgrader={"grade_id": "lstm_backward_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def lstm_backward(x, h0, c0, hs, cs, dhs, dcs, W_ih, W_hh, b_ih, b_hh):
    """The gradients of a sequence.

    x (T, B, D), h0 and c0 (B, H), hs and cs (T, B, H) as `lstm_forward` returns them, dhs and dcs (T, B, H) what the
    loss says of each of them directly, the weights as for `lstm_gates`
    -> a dictionary of dx (T, B, D), dh0 and dc0 (B, H), dW_ih (4H, D), dW_hh (4H, H), db_ih and db_hh (4H,)
    """
    ### BEGIN SOLUTION
    weights = W_ih, W_hh, b_ih, b_hh
    sums = dict.fromkeys(("dW_ih", "dW_hh", "db_ih", "db_hh"), 0)
    dx, dh, dc = np.zeros_like(x), np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        h, c = (hs[t - 1], cs[t - 1]) if t else (h0, c0)
        step = lstm_cell_backward(dhs[t] + dh, dcs[t] + dc, x[t], h, c, *weights)
        dx[t], dh, dc = step["dx"], step["dh"], step["dc"]
        sums = {name: total + step[name] for name, total in sums.items()}
    return {"dx": dx, "dh0": dh, "dc0": dc, **sums}
    ### END SOLUTION


# %% nbgrader={"grade_id": "lstm_backward", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("lstm_backward")

# %% [markdown]
# ## 6. Your LSTM at work
#
# On the left, one unit whose weights we set by hand reads a text of brackets. Its forget gate stays open, and so does its input gate; the candidate is
# about $+1$ for an opening bracket and about $-1$ for a closing one. On the right, your backward pass: four LSTMs with random weights, which differ in
# the bias of the forget gate alone. The loss looks at the last state only; the curve shows how much of its gradient arrives at the input of each step before.
# Run the cell and look before you read on.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

text = "(()(()))()((()()))"
x = np.array([[[float(letter == "("), float(letter == ")")]] for letter in text])
W_ih, W_hh, b_ih, b_hh = np.zeros((4, 2)), np.zeros((4, 1)), np.array([8.0, 8.0, 0.0, 8.0]), np.zeros(4)
W_ih[2] = [4, -4]  # the candidate: about +1 for "(", about -1 for ")"
hs, cs = lstm_forward(x, np.zeros((1, 1)), np.zeros((1, 1)), W_ih, W_hh, b_ih, b_hh)

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
left.step(range(len(text)), cs[:, 0, 0], "k-", where="mid", label="cell state c")
left.plot(hs[:, 0, 0], "k:", label="state h")
left.set_xticks(range(len(text)), list(text))
left.set(title="one unit reads brackets", ylabel="value", ylim=(-0.2, 3.9))
left.legend(loc="upper center", ncols=2)

rng = np.random.default_rng(0)
T, B, D, H = 60, 8, 3, 16
x = rng.normal(size=(T, B, D))
start, dcs, dhs = np.zeros((B, H)), np.zeros((T, B, H)), np.zeros((T, B, H))
dhs[-1] = rng.normal(size=(B, H))
shapes = [(4 * H, D), (4 * H, H), 4 * H, 4 * H]
W_ih, W_hh, b_ih, b_hh = [rng.uniform(-1, 1, shape) / np.sqrt(H) for shape in shapes]
for bias, line in [(-1, ":"), (0, "-."), (1, "--"), (4, "-")]:
    b_f = b_ih.copy()
    b_f[H : 2 * H] += bias
    hs, cs = lstm_forward(x, start, start, W_ih, W_hh, b_f, b_hh)
    dx = lstm_backward(x, start, start, hs, cs, dhs, dcs, W_ih, W_hh, b_f, b_hh)["dx"]
    sizes = np.linalg.norm(dx, axis=(1, 2))
    right.semilogy(sizes, line, color="k")
    right.annotate(
        f"bias {bias:+d}", (0, sizes[0]), xytext=(-4, 0), textcoords="offset points", ha="right", va="center"
    )
right.set(title="what reaches the input of each step", xlabel="step", ylabel="size of the gradient", xlim=(-14, T))
plt.show()

# %% [markdown]
# The cell state counts: it climbs at each opening bracket, falls at each closing one, and is back near zero when all are closed. The state $h$
# shows it through $\tanh$, squashed. No cell whose memory must stay between $-1$ and $1$ counts as plainly.
#
# The gradient on the right fades as it goes back, and how fast is set by one number. Along the cell state it is multiplied by
# the forget gate at every step: with the gate open by numbers near 1, with the gate half shut by numbers near one half.

# %% [markdown]
# ## 7. In words (2 points)
#
# In a plain recurrent cell the gradient is multiplied by a matrix and by the slope of $\tanh$ at every step back. By what is it multiplied along
# the cell state of an LSTM, from $c_t$ to $c_{t-1}$? When does it survive a hundred steps, when not, and is there another way back beside
# this one? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "the_way_back", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# Along the cell state alone the gradient is multiplied by the forget gate $f_t$, unit by unit: no matrix, and no slope of $\tanh$.
#
# After a hundred steps the product of a hundred forget gates is left. It survives where the gates stay close to 1: $0.99^{100}$ is about a third, but $0.9^{100}$ is
# about $3 \cdot 10^{-5}$. A unit that must remember needs its forget gate open, which is why its bias is often started at 1 or more.
#
# There is another way, through the gates: $c_{t-1}$ is shown in $h_{t-1}$, and $h_{t-1}$ enters all four blocks of step $t$. That way has a matrix and slopes in
# it, as the plain cell has, and may fade or grow.
