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
# # Training GRUs
#
# You will write what stands around a GRU: a loss that leaves padding out, a summary of sequences of different lengths, first weights from a seed,
# a training loop that clips, an evaluation, a loop over a long text in pieces, and a training run of your own that is judged by what it has
# learned. Allow two to three hours. You need PyTorch's tensors, `backward` and optimisers; the chapter *Training GRUs* of the book says why each
# of these parts is as it is, and what happens where it is not.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as
# often as you like. Your notebook will be graded on other inputs than the check's. Where you are stuck, open a hint; each says more than
# the one before.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import torch
from torch import nn
from torch.nn import functional


class Reader(nn.Module):
    """A GRU and an affine map on each of its states.

    x (T, B, D), the state before, h (1, B, H) or None for zeros -> outputs (T, B, K), the last state (1, B, H)
    """

    def __init__(self, inputs, hidden, outputs, dropout=0.0):
        super().__init__()
        self.gru = nn.GRU(inputs, hidden)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, x, h=None):
        states, h = self.gru(x, h)
        return self.out(self.drop(states)), h


def make_reader(weights, dropout=0.0):
    """A Reader with these weights, {name: tensor} as in its state_dict.  They are copied, and stay as they are."""
    rows, inputs = weights["gru.weight_ih_l0"].shape
    reader = Reader(inputs, rows // 3, len(weights["out.bias"]), dropout)
    reader.load_state_dict(weights)
    return reader


def make_gru(weights):
    """A GRU of both directions, with these weights: gru(x) -> states (T, B, 2H), the last states (2, B, H)."""
    rows, inputs = weights["weight_ih_l0"].shape
    gru = nn.GRU(inputs, rows // 3, bidirectional=True)
    gru.load_state_dict(weights)
    return gru


# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("training")

# %% [markdown]
# The cell above defines `Reader`, the model of this notebook, and two functions that make a model of given weights. Your functions take
# weights and return weights, so that the check can compare the numbers: `make_reader(weights)` on the way in, `reader.state_dict()` on the
# way out. In between it is the PyTorch that you would write anywhere.
#
# $T$ is the number of steps, $B$ the batch, $D$ the input's size, $H$ the number of units and $K$ the number of characters.

# %% [markdown]
# ## 1. A loss that leaves padding out (2 points)
#
# Sequences of different lengths stand side by side in one batch, so the shorter ones are padded. Row $b$ has $\ell_b$ real steps; what comes
# after them means nothing, neither among the logits nor among the targets. The loss is the mean over all *real* steps of the batch,
#
# $$L = \frac{\sum_b \sum_{t < \ell_b} -\log p_{t,b}(\text{target}_{t,b})}{\sum_b \ell_b}, \qquad p = \mathrm{softmax}(\text{logits}).$$
#
# Each step counts the same, whichever row it is in. Return a tensor of no axes, through which gradients flow.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Which steps are real is a table of True and False of shape `(T, B)`: compare the number of each step with the length of each row.
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.arange(T)[:, None] < lengths` is that table. A tensor of shape `(T, B, K)` indexed with it has the shape `(number of real steps, K)`.
# </details>
# <details><summary>Hint 3</summary>
#
# `functional.cross_entropy(a, b)` takes logits `(N, K)` and targets `(N,)` and returns the mean. It applies the softmax itself.
# </details>


# %% nbgrader={"grade_id": "masked_loss_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def masked_loss(logits, targets, lengths):
    """The mean of -log p(target) over the real steps.

    logits (T, B, K), targets (T, B) whole numbers from 0 to K - 1, lengths (B,) from 1 to T -> a tensor of no axes
    """
    ### BEGIN SOLUTION
    real = torch.arange(len(logits))[:, None] < lengths
    return functional.cross_entropy(logits[real], targets[real])
    ### END SOLUTION


# %% nbgrader={"grade_id": "masked_loss", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("masked_loss")

# %% [markdown]
# ## 2. One vector for each sequence (3 points)
#
# To classify a sequence one takes the state at its end. With padding there are two ends: the row's own, and step $T$. And a GRU that reads in both
# directions has two states to give: the forward one after the row's last real step, and the backward one, which began at the row's last real step
# and ends at its first.
#
# Return both side by side, forward first. Each row's result must be what the GRU would say of that row alone, without any padding. Mind
# the backward direction: what does it read first? The lengths are in no order.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Taking the outputs at `lengths - 1` is right for the forward direction alone. The backward one has by then read one real step, and before that the padding.
# </details>
# <details><summary>Hint 2</summary>
#
# `nn.utils.rnn.pack_padded_sequence(x, lengths, ...)` tells the GRU where each row ends; it then reads no padding in either direction. It wants rows sorted by
# length, unless you say `enforce_sorted=False`.
# </details>
# <details><summary>Hint 3</summary>
#
# Given a packed sequence, a GRU returns the last states `(2, B, H)` of each row as its second result: forward and backward, in your rows' order.
# </details>


# %% nbgrader={"grade_id": "summaries_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def summaries(weights, x, lengths):
    """What a GRU of both directions makes of each row.

    weights as for `make_gru`, x (T, B, D), lengths (B,) from 1 to T -> (B, 2H), forward beside backward
    """
    ### BEGIN SOLUTION
    gru = make_gru(weights)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    _, h = gru(packed)
    return torch.cat([h[0], h[1]], dim=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "summaries", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("summaries")

# %% [markdown]
# ## 3. First weights, from a seed (3 points)
#
# Draw the weights of a `Reader`:
#
# | name | shape | values |
# |---|---|---|
# | `gru.weight_ih_l0` | `(3H, D)` | uniform between $\pm 1/\sqrt{H}$ |
# | `gru.weight_hh_l0` | `(3H, H)` | each of the three blocks, $W_{hr}$, $W_{hz}$ and $W_{hn}$, an orthogonal matrix of its own |
# | `gru.bias_ih_l0`, `gru.bias_hh_l0` | `(3H,)` | for the update gate `keep` *in all*, for the others 0 |
# | `out.weight` | `(K, H)` | uniform between $\pm 1/\sqrt{H}$ |
# | `out.bias` | `(K,)` | 0 |
#
# The rows are in PyTorch's order, $r$, $z$, $n$. All are float32 tensors.
#
# The seed decides every draw, and nothing else is disturbed: draw from a generator of your own, `torch.Generator().manual_seed(seed)`, which
# the functions of `nn.init` take as `generator=`. `torch.manual_seed` would set the generator that everybody shares.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# `nn.init.orthogonal_` of the whole `(3H, H)` matrix makes its *columns* orthogonal, and none of the three blocks. Make three matrices.
# </details>
# <details><summary>Hint 2</summary>
#
# A gate sees the sum of its two biases. Put `keep` into one of them.
# </details>
# <details><summary>Hint 3</summary>
#
# Making a `Reader` or an `nn.GRU` draws weights from the shared generator. You need neither: the result is a dictionary of tensors.
# </details>


# %% nbgrader={"grade_id": "starting_weights_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def starting_weights(inputs, hidden, outputs, keep, seed):
    """The first weights of Reader(inputs, hidden, outputs), all drawn from the seed: {name: tensor} as in the table."""
    ### BEGIN SOLUTION
    generator, bound = torch.Generator().manual_seed(seed), hidden**-0.5

    def uniform(rows, columns):
        return nn.init.uniform_(torch.empty(rows, columns), -bound, bound, generator=generator)

    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    bias = torch.zeros(3 * hidden)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": uniform(3 * hidden, inputs),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(3 * hidden),
        "out.weight": uniform(outputs, hidden),
        "out.bias": torch.zeros(outputs),
    }
    ### END SOLUTION


# %% nbgrader={"grade_id": "starting_weights", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("starting_weights")

# %% [markdown]
# ## 4. The training loop (4 points)
#
# Now the loop. For each batch, in order: the gradients of `masked_loss`, clipped to a global norm of `max_norm`, and a step of
#
# ```python
# torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9)
# ```
#
# All gradients together are one vector with one norm, and where that is above `max_norm` all are multiplied by one factor;
# `nn.utils.clip_grad_norm_` does that, and returns the norm *before*. The order of the five lines of a step matters, and nothing warns where it is wrong.
#
# Return a tuple: the weights after the last step, the loss of each batch (as it was before the step), and the global norm of each batch
# before clipping. Losses and norms are lists of numbers.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# What is made once, before the loop? The model and the optimiser: it holds the momentum, which must live from step to step.
# </details>
# <details><summary>Hint 2</summary>
#
# Gradients are added to what is there, so they are set to zero before `backward`. `backward` makes them, `step` uses them; clipping stands between these two.
# </details>
# <details><summary>Hint 3</summary>
#
# `loss.item()` is the number alone. A list of the tensors themselves would keep every batch's graph in memory.
# </details>


# %% nbgrader={"grade_id": "train_batches_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def train_batches(weights, batches, learning_rate, max_norm):
    """One pass over the batches.

    weights as for `make_reader`, batches: a list of (x (T, B, D), targets (T, B), lengths (B,))
    -> (weights, losses, norms): {name: tensor}, and two lists with a number for each batch
    """
    ### BEGIN SOLUTION
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        logits, _ = reader(x)
        loss = masked_loss(logits, targets, lengths)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses.append(loss.item())
        norms.append(norm.item())
    return reader.state_dict(), losses, norms
    ### END SOLUTION


# %% nbgrader={"grade_id": "train_batches", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("train_batches")

# %% [markdown]
# ## 5. The evaluation (2 points)
#
# The model was trained with dropout: make it with `make_reader(weights, dropout)`. In an evaluation nothing is dropped, nothing is learned, and no
# graph is needed.
#
# Return one number: the mean of $-\log p(\text{target})$ over all real steps of *all* batches. Batches have different sizes and different lengths, and a
# real step counts the same in each of them.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# A module begins in training mode. Which method changes that?
# </details>
# <details><summary>Hint 2</summary>
#
# The mean of the batches' means is not the mean: a batch with few real steps would count as much as one with many. Weight each batch's loss
# with its number of real steps.
# </details>


# %% nbgrader={"grade_id": "evaluate_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def evaluate(weights, batches, dropout):
    """The mean of -log p(target) over the real steps of all batches, nothing dropped -> a number.

    weights as for `make_reader`, batches as for `train_batches`, dropout: the share that was dropped in training
    """
    ### BEGIN SOLUTION
    reader = make_reader(weights, dropout)
    reader.eval()
    total, steps = 0.0, 0
    with torch.no_grad():
        for x, targets, lengths in batches:
            logits, _ = reader(x)
            real = lengths.sum().item()
            total += masked_loss(logits, targets, lengths).item() * real
            steps += real
    return total / steps
    ### END SOLUTION


# %% nbgrader={"grade_id": "evaluate", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("evaluate")

# %% [markdown]
# ## 6. A long text in pieces (4 points)
#
# A text is one sequence, too long to go back through. `codes` holds `B` texts side by side, a column each: whole numbers from 0 to $K - 1$, shape
# `(N, B)`. From each character the model is to predict the next, so there are $N - 1$ predictions. Cut *them* into chunks of $k$; the last one may be shorter.
# The input is one-hot, in float32.
#
# For each chunk: the mean cross-entropy, its gradients clipped to `max_norm`, one step of `torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9)`. The *state*
# goes on from chunk to chunk; the *gradient* does not. At the beginning of each epoch the text begins anew, and so does the state.
#
# Return a tuple: the weights after the last step, and a list of the loss of each chunk, over all epochs.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Shift once, for the whole text: inputs are `codes[:-1]`, targets `codes[1:]`. Then cut both at the same places.
# </details>
# <details><summary>Hint 2</summary>
#
# `h.detach()` is the same state without its history. Without it the second `backward` would go on into the chunk before, whose graph is gone.
# </details>
# <details><summary>Hint 3</summary>
#
# `functional.cross_entropy` wants logits `(N, K)` and targets `(N,)`: `logits.flatten(0, 1)` and `targets.flatten()`. `tensor.split(k)` cuts a tensor into pieces of $k$ steps.
# </details>


# %% nbgrader={"grade_id": "train_chunks_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def train_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    """Truncated backpropagation through time over a text.

    weights as for `make_reader`, with D = K; codes (N, B), whole numbers from 0 to K - 1
    -> (weights, losses): {name: tensor}, and a list with a number for each chunk of each epoch
    """
    ### BEGIN SOLUTION
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs = functional.one_hot(codes[:-1], len(weights["out.bias"])).float()
    targets = codes[1:]
    losses = []
    for _ in range(epochs):
        h = None
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses.append(loss.item())
    return reader.state_dict(), losses
    ### END SOLUTION


# %% nbgrader={"grade_id": "train_chunks", "grade": true, "locked": true, "points": 4, "schema_version": 3, "solution": false} tags=["check"]
check("train_chunks")

# %% [markdown]
# ## 7. A run of your own (3 points)
#
# This time what you do is up to you; what counts is what comes out. The task is to add: each sequence holds random numbers, two of them are marked,
# and the answer after the last step is the sum of those two. `draw(generator)` gives you a batch, drawn from a generator of yours: `x (T, B, 2)`, numbers and
# marks, and `y (B,)`, the sums. `probes.adding` in the file beside this notebook is one such function.
#
# Train the model of `weights` for `updates` updates, each on a new batch. The loss is the mean squared error of the *last* output (there is one, $K = 1$). Optimiser,
# learning rate and clipping are your choice. The grader then lets your weights add on sequences that they have never seen: with 150 updates the
# mean squared error should be below 0.05. Always answering the mean makes an error of $1/6 = 0.167$.
#
# All that is random comes from `seed`, through one generator: the same seed gives the same weights, whatever else the program has drawn before, and another seed gives others.

# %% [markdown]
# <details><summary>Hint 1</summary>
#
# Make the generator once, before the loop. Made inside, it would begin from the seed again at each update: always the same batch.
# </details>
# <details><summary>Hint 2</summary>
#
# `outputs[-1, :, 0]` are the answers `(B,)`. Compare shapes before you subtract: `(B, 1)` minus `(B,)` is `(B, B)`, without a word.
# </details>
# <details><summary>Hint 3</summary>
#
# `torch.optim.Adam` with a learning rate between 0.02 and 0.05 and a clip at 1 will do.
# </details>


# %% nbgrader={"grade_id": "learn_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def learn(weights, draw, seed, updates):
    """Weights that add.

    weights as for `make_reader`, with D = 2 and K = 1; draw(generator) -> x (T, B, 2), y (B,)
    -> the weights after so many updates, {name: tensor}
    """
    ### BEGIN SOLUTION
    generator = torch.Generator().manual_seed(seed)
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.03)
    for _ in range(updates):
        x, y = draw(generator)
        optimiser.zero_grad()
        outputs, _ = reader(x)
        functional.mse_loss(outputs[-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()
    ### END SOLUTION


# %% nbgrader={"grade_id": "learn", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("learn")

# %% [markdown]
# ## 8. Your functions at work
#
# How many updates does it take? One run is one number. Here are eight, of eight seeds, each with first weights of its own. Look at how far they lie apart half-way.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt
import probes

x_test, y_test = probes.adding(torch.Generator().manual_seed(1000), batch=500)
counts, errors = [0, 25, 50, 75, 100, 150], []
for seed in range(8):
    first = starting_weights(2, 12, 1, 1.0, seed)
    row = []
    for updates in counts:
        reader = make_reader(learn(first, probes.adding, seed, updates))
        with torch.no_grad():
            row.append(functional.mse_loss(reader(x_test)[0][-1, :, 0], y_test).item())
    errors.append(row)

figure, axes = plt.subplots(figsize=(8, 3.5))
for row in errors:
    axes.semilogy(counts, row, color="0.7", marker=".")
axes.semilogy(counts, torch.tensor(errors).median(dim=0).values, "k-", marker="o", label="median of eight seeds")
axes.axhline(1 / 6, color="k", linestyle=":", label="always the mean, 1/6")
axes.set(xlabel="updates", ylabel="error on fresh data")
axes.legend()
plt.show()

# %% [markdown]
# And a text. The model reads a nursery rhyme, again and again, in chunks of eight characters, and carries its state. Then it is asked, character by character, for
# the likeliest next one.

# %% nbgrader={"grade_id": "rhyme", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
text = "humpty dumpty sat on a wall, humpty dumpty had a great fall. "
known = sorted(set(text))
codes = torch.tensor([known.index(character) for character in text])[:, None]
first = starting_weights(len(known), 32, len(known), 1.0, seed=0)
trained, losses = train_chunks(first, codes, k=8, learning_rate=0.1, max_norm=1.0, epochs=150)

reader, h, code, said = make_reader(trained).eval(), None, codes[:1], ""
with torch.no_grad():
    for _ in range(60):
        said += known[code.item()]
        logits, h = reader(functional.one_hot(code, len(known)).float(), h)
        code = logits[-1].argmax(dim=1)[None]
print(said)

figure, axes = plt.subplots(figsize=(8, 3))
axes.plot(losses, "k-", linewidth=0.6)
axes.set(xlabel="chunk", ylabel="loss")
plt.show()

# %% [markdown]
# ## 9. In words (2 points)
#
# A friend's loop over a long text stops at the second chunk with *Trying to backward through the graph a second time*. The friend writes `loss.backward(retain_graph=True)`, as the
# message suggests. What would the program then try to do at the hundredth chunk, what would that cost, and what should the friend write instead? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "retained", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# The state carries its whole history, so the backward pass of the hundredth chunk would go back through all hundred chunks. Every graph must be kept, so memory
# grows with each chunk, and so does the time of each step. (As it happens PyTorch stops at once with another error, since the step has changed weights that the older graphs need.)
# The error was no accident to be silenced: the history should be cut, with `h = h.detach()` between two chunks. The numbers in the state go on, the gradient ends.

# %% [markdown]
# ## 10. In words (2 points)
#
# A report says: "With chrono initialisation the error after 1000 updates is 0.031, with PyTorch's own 0.034. Chrono initialisation is better." One run each. What would you
# ask for before you believe it, and what would you want to see printed? Three or four sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "one_run_each", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# Several seeds for each, at least five, with the same seeds, data and number of updates on both sides, and the learning rate tuned for both. Two runs that differ in nothing but the seed
# may differ by more than 0.003, so one pair says nothing.
#
# Printed should be all runs, or their median with an interval over the seeds, on data held out from training; best the difference seed by seed, with its interval. If the interval holds
# zero, the report should say that no difference was found.
