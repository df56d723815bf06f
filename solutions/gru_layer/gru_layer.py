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
# # A GRU layer for real batches
#
# You will write what `torch.nn.GRU` is: a module that runs stacked, bidirectional gated recurrent units (GRUs) over a batch of sequences of different
# lengths, loads the library's own weights, and works on whatever device and in whatever precision its tensors have. Then you will feed a sequence
# through it in pieces, as it would arrive from a microphone. Allow two to three hours. You need the step of a GRU (the assignment `gru_cell`, in
# NumPy) and a little PyTorch: tensors, broadcasting, `nn.Module`.
#
# None of the arithmetic is new. What is new is where such a layer goes wrong: at the end of a short sequence, at the turn of a direction, in the order
# of the states, at the seam between two chunks. A mistake there raises no error and costs a model a few points that nobody misses.
#
# You write the GRU yourself: while a check runs, `torch.nn.GRU`, `torch.nn.GRUCell` and the functions behind them are refused. In a cell of your own you may
# compare with them as often as you like. Your gradients come from autograd; you need no backward pass here.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words. You can run it as often
# as you like. Your notebook will be graded on other inputs than the check's. Some tasks have hints, folded away: open them one at a time.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import torch
from torch import nn

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("gru_layer")

# %% [markdown]
# ## Shapes
#
# $T$ is the number of steps, $B$ the batch, $D$ the input's size and $H$ the number of units. Sequences are time-first, as `nn.GRU` has them unless told
# otherwise. The weights of the three blocks are packed in PyTorch's order **r, z, n**.
#
# | name | shape | what it is |
# |---|---|---|
# | `x` | `(T, B, D)` | a batch of sequences, padded at their ends to the longest |
# | `lengths` | `(B,)` | how many steps of each row are real: whole numbers from 1 to $T$, in any order, on the device of `x` |
# | `h0` | `(B, H)` | the state before the first step |
# | `W_ih`, `W_hh` | `(3H, D)`, `(3H, H)` | rows `0 ... H-1` are $W_{ir}$ and $W_{hr}$, then those of $z$, then those of $n$ |
# | `b_ih`, `b_hh` | `(3H,)` | the biases, likewise |
#
# Two rules for all of it. **Make no tensor on a device or in a precision of your own choosing:** what you need besides the inputs takes both from
# them (`x.new_zeros(...)`, `torch.arange(..., device=x.device)`). And **do not write into the inputs**: the caller still needs them, and autograd too.

# %% [markdown]
# ## 1. One layer (3 points)
#
# The step, from the assignment `gru_cell`:
#
# $$r = \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}) \qquad z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz})$$
#
# $$n = \tanh\big(W_{in} x + b_{in} + r \odot (W_{hn} h + b_{hn})\big) \qquad h' = (1 - z) \odot n + z \odot h$$
#
# Run it over all $T$ steps of a batch. Return a tuple: the **outputs**, which are the states after each step, and the **final state** once more by
# itself. (`nn.GRU` puts an axis for the layer before the final state; here there is one layer, and no such axis.) No gradient may be lost: whatever
# the loss says of any output has to reach `x`, `h0` and the weights.
#
# <details><summary>Hint 1: what the steps share</summary>
#
# The input's part of all three blocks needs no state. `x @ W_ih.T + b_ih` computes it for all steps in one product, `(T, B, 3H)`; the loop is left
# with the state's part.
#
# </details>
# <details><summary>Hint 2: how to collect the outputs</summary>
#
# A list and `torch.stack` at the end keep the graph, the device and the dtype. A tensor made beforehand has to get all three right, and the loop must not
# write to a state that a step still needs.
#
# </details>
# <details><summary>Hint 3: the blocks</summary>
#
# `a.chunk(3, dim=-1)` takes `(B, 3H)` apart into three `(B, H)`, in the order of the packed rows. The input's part and the state's part of $n$ are needed
# apart: $r$ multiplies only the second, its bias included.
#
# </details>


# %% nbgrader={"grade_id": "gru_layer_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh):
    """All states of one layer in one direction.

    x (T, B, D), h0 (B, H), W_ih (3H, D), W_hh (3H, H), b_ih (3H,), b_hh (3H,)
    -> the tuple (outputs, h_n): h_1 ... h_T, (T, B, H), and h_T, (B, H)
    """
    ### BEGIN SOLUTION
    h, outputs = h0, []
    for i in x @ W_ih.T + b_ih:
        i_r, i_z, i_n = i.chunk(3, dim=-1)
        h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(i_r + h_r), torch.sigmoid(i_z + h_z)
        n = torch.tanh(i_n + r * h_n)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs), h
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_layer", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("gru_layer")

# %% [markdown]
# ## 2. Rows of different lengths (3 points)
#
# Sentences differ in length and a batch is a rectangle, so short rows are padded at their ends. Nothing may depend on what stands there:
#
# - the **outputs** at padded steps are zero;
# - the **final state** of a row is the one after its *own* last step, step `lengths[b]`. In code that is index `lengths[b] - 1`.
#
# A GRU does not stop by itself. Given zeros, or anything, it goes on: $h' = (1 - z) \odot n + z \odot h$ moves as long as it is called. The picture in
# section 6 shows how far. This is what `torch.nn.utils.rnn.pack_padded_sequence` is for; here you do it with an index and a mask.
#
# <details><summary>Hint 1</summary>
#
# Padding stands *after* the real steps, and a state depends only on steps before it. So your `gru_layer` may run over everything: up to its end, each
# row is right. What is left is to choose the right state, and to blank what must not be seen.
#
# </details>
# <details><summary>Hint 2: the mask</summary>
#
# `torch.arange(T, device=x.device)[:, None] < lengths` compares each step with each length: `(T, B)`, True where a step is real. One more axis at the end
# lets it meet `(T, B, H)` in `torch.where`.
#
# </details>
# <details><summary>Hint 3: the final state</summary>
#
# Two index tensors of length $B$, one for the step and one for the row, pick one state from each row: `outputs[steps, rows]` is `(B, H)`.
#
# </details>


# %% nbgrader={"grade_id": "gru_layer_padded_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def gru_layer_padded(x, lengths, h0, W_ih, W_hh, b_ih, b_hh):
    """One layer in one direction over rows of different lengths.

    x (T, B, D), lengths (B,) from 1 to T, the other arguments as for `gru_layer`
    -> the tuple (outputs, h_n): (T, B, H), zero where x is padding; (B, H), each row's state after its own last step
    """
    ### BEGIN SOLUTION
    outputs, _ = gru_layer(x, h0, W_ih, W_hh, b_ih, b_hh)
    steps, rows = (torch.arange(size, device=x.device) for size in x.shape[:2])
    real = (steps[:, None] < lengths)[:, :, None]
    return torch.where(real, outputs, 0), outputs[lengths - 1, rows]
    ### END SOLUTION


# %% nbgrader={"grade_id": "gru_layer_padded", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("gru_layer_padded")

# %% [markdown]
# ## 3. Turning a batch round (2 points)
#
# A second direction reads each row from its end to its beginning. With one length for all, that is `x.flip(0)`. With padding it is not: a flip puts
# the padding of the short rows *first*, and the layer would read it before the first real step.
#
# Write a function that turns round the real steps of each row and leaves its padding where it is. For a row of length 3 in a batch of 5 steps,
# $a\,b\,c\,\cdot\,\cdot$ becomes $c\,b\,a\,\cdot\,\cdot$. Turned twice, everything is back in its place.
#
# <details><summary>Hint 1</summary>
#
# For each step and each row, say from which step it is taken: a table of indices, `(T, B)`. What does it hold for a real step $t$ of a row of length
# $\ell$? At $t = 0$ it should be the last real step. And for a padded one?
#
# </details>
# <details><summary>Hint 2</summary>
#
# `torch.where(t < lengths, ..., t)` with `t` of shape `(T, 1)` makes the table. `x[table, rows]` with `rows` of shape `(B,)` takes from every row
# what the table says, for all $D$ numbers at once.
#
# </details>


# %% nbgrader={"grade_id": "reverse_padded_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def reverse_padded(x, lengths):
    """Each row's real steps in reverse order; its padding stays where it is.

    x (T, B, any), lengths (B,) from 1 to T -> the same shape
    """
    ### BEGIN SOLUTION
    t = torch.arange(x.shape[0], device=x.device)[:, None]
    rows = torch.arange(x.shape[1], device=x.device)
    return x[torch.where(t < lengths, lengths - 1 - t, t), rows]
    ### END SOLUTION


# %% nbgrader={"grade_id": "reverse_padded", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("reverse_padded")

# %% [markdown]
# ## 4. The module (6 points)
#
# Now put it together as an `nn.Module` that can stand in for `nn.GRU`.
#
# Write the rest of `__init__`, which makes the parameters, and the method `forward(self, x, h0=None, lengths=None)`, which uses them.
#
# **Parameters.** Four for each layer and direction, with the library's names and shapes, so that its `state_dict` fits yours: `weight_ih_l0`, `weight_hh_l0`,
# `bias_ih_l0`, `bias_hh_l0` for layer 0; the same with `_reverse` at the end for the other direction; then `..._l1`, and so on. Layer 0 reads
# the input, $D$ numbers. A later layer reads the outputs of the one below: $H$ numbers, or $2H$ where there are two directions. All of them start
# uniform between $-1/\sqrt{H}$ and $1/\sqrt{H}$.
#
# **Directions.** The reverse direction reads each row from its own last step to its first. Its outputs are turned back, so that the output at step $t$
# belongs to the input at step $t$. Both outputs stand side by side, forward first: `(T, B, 2H)`. Its final state is the one after it has read
# everything, and that is at the row's *first* step.
#
# **States.** `h0` and `h_n` are `(layers · directions, B, H)` in the order layer 0 forward, layer 0 reverse, layer 1 forward, ... Where `h0` is None, all
# start from zeros; where `lengths` is None, all rows have $T$ steps.
#
# <details><summary>Hint 1: parameters by name</summary>
#
# `self.register_parameter(name, nn.Parameter(...))` makes one whose name you put together, `getattr(self, name)` finds it again. A tensor that is no
# `nn.Parameter`, or one in a plain list, is invisible to `state_dict()`, to `.to(device)` and to every optimiser.
#
# </details>
# <details><summary>Hint 2: the two loops</summary>
#
# Outside over the layers, inside over the directions. Each pass takes the next state of `h0` and leaves one for `h_n`: counting them gives the right order by
# itself. After the inner loop, the outputs of all directions become the input of the next layer.
#
# </details>
# <details><summary>Hint 3: one pass</summary>
#
# For the reverse direction: `reverse_padded`, then `gru_layer_padded`, then `reverse_padded` again on the outputs. For the forward one, only the middle. Without
# lengths, make them: a whole-number tensor of $B$ times $T$, on the device of `x`.
#
# </details>


# %% nbgrader={"grade_id": "GRU_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
class GRU(nn.Module):
    """Stacked GRU layers in one or two directions, with the parameters of `torch.nn.GRU`.

    GRU(input_size, hidden_size, num_layers=1, bidirectional=False), called as gru(x, h0=None, lengths=None)

    x (T, B, D), h0 (layers · directions, B, H) or None for zeros, lengths (B,) or None where all rows have T steps
    -> the tuple (outputs, h_n): (T, B, directions · H) of the last layer, zero at padding; (layers · directions, B, H)
    """

    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden_size, self.num_layers = hidden_size, num_layers
        self.directions = ["", "_reverse"] if bidirectional else [""]
        for layer in range(num_layers):
            size = hidden_size * len(self.directions) if layer else input_size
            for direction in self.directions:
                shapes = {
                    "weight_ih": (3 * hidden_size, size),
                    "weight_hh": (3 * hidden_size, hidden_size),
                    "bias_ih": (3 * hidden_size,),
                    "bias_hh": (3 * hidden_size,),
                }
                for stem, shape in shapes.items():
                    start = nn.init.uniform_(torch.empty(shape), -(hidden_size**-0.5), hidden_size**-0.5)
                    self.register_parameter(f"{stem}_l{layer}{direction}", nn.Parameter(start))

    def forward(self, x, h0=None, lengths=None):
        steps, batch, _ = x.shape
        if h0 is None:
            h0 = x.new_zeros(self.num_layers * len(self.directions), batch, self.hidden_size)
        if lengths is None:
            lengths = torch.full((batch,), steps, device=x.device)
        last = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self.directions:
                names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
                weights = [getattr(self, f"{name}_l{layer}{direction}") for name in names]
                turned = reverse_padded(x, lengths) if direction else x
                output, h_n = gru_layer_padded(turned, lengths, h0[len(last)], *weights)
                outputs.append(reverse_padded(output, lengths) if direction else output)
                last.append(h_n)
            x = torch.cat(outputs, dim=-1)
        return x, torch.stack(last)
        ### END SOLUTION


# %% nbgrader={"grade_id": "GRU", "grade": true, "locked": true, "points": 6, "schema_version": 3, "solution": false} tags=["check"]
check("GRU")

# %% [markdown]
# The library's weights fit your module, so the two can be compared on anything you like. Here in single precision, on a batch with padding:

# %% nbgrader={"grade_id": "compared", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(0)
theirs = nn.GRU(3, 4, num_layers=2, bidirectional=True)
ours = GRU(3, 4, 2, True)
ours.load_state_dict(theirs.state_dict())
x, lengths = torch.randn(7, 5, 3), torch.tensor([7, 2, 5, 1, 4])
packed_outputs, their_state = theirs(pack_padded_sequence(x, lengths, enforce_sorted=False))
their_outputs, _ = pad_packed_sequence(packed_outputs)
outputs, state = ours(x, None, lengths)
print("largest difference of the outputs:     ", (outputs - their_outputs).abs().max().item())
print("largest difference of the final states:", (state - their_state).abs().max().item())

# %% [markdown]
# ## 5. A stream (2 points)
#
# A microphone, a log or a trader does not wait until the sequence is complete. A recurrent layer need not wait either: all that it knows of the past is
# its state. Give it the sequence in chunks and hand the state on, and the result is that of the whole sequence at once, number by number.
#
# Write it for any layer that is called as yours is: `layer(x, h0)` returns a tuple `(outputs, h_n)`, and `h_n` has the shape that `h0` must have. The chunks
# may differ in length. Where `h0` is None, the layer knows how to begin.
#
# The gradients, too, are to be those of the whole: do not cut the graph at the seams. (A training loop over very long sequences does cut
# there, on purpose. Then it is truncated BPTT, and the gradients are others.)
#
# <details><summary>Hint 1</summary>
#
# What does the second chunk need to know of the first? Nothing but the state in which the first one left the layer.
# </details>
# <details><summary>Hint 2</summary>
#
# The layer returns that state as the second part of its tuple, in the very shape that it takes as `h0`. Keep it from round to round; in the first round
# it is what `stream` was given, None included. Do not detach it.
# </details>
# <details><summary>Hint 3</summary>
#
# Collect each chunk's outputs in a list. They differ in length, so they are joined and not stacked: `torch.cat` along the time axis. The last state
# that came back is the second part of the result.
# </details>


# %% nbgrader={"grade_id": "stream_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def stream(layer, chunks, h0=None):
    """The outputs and the final state of a layer that is given a sequence in chunks.

    layer: called as layer(x, h0), returns (outputs, h_n).  chunks: a list of tensors, each (its own T, B, D)
    -> the tuple (outputs, h_n): those of all chunks, one after another in time, and the state after the last
    """
    ### BEGIN SOLUTION
    h, outputs = h0, []
    for chunk in chunks:
        output, h = layer(chunk, h)
        outputs.append(output)
    return torch.cat(outputs), h
    ### END SOLUTION


# %% nbgrader={"grade_id": "stream", "grade": true, "locked": true, "points": 2, "schema_version": 3, "solution": false} tags=["check"]
check("stream")

# %% [markdown]
# ## 6. Your layer at work
#
# On the left, a row of ten real steps and what happens to its state if nobody stops it: your `gru_layer` runs on over fifty steps of padding, all
# zeros, for 24 random layers. The curves are the distance from the state at the row's own end, as a share of that state's length. On the right, one bidirectional
# layer without biases reads zeros but for a single tap at step 12: how large is each half of the outputs at each step? Run the cell and look before you read on.

# %% nbgrader={"grade_id": "picture", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["picture"]
import matplotlib.pyplot as plt

torch.manual_seed(0)
D, H, real, padding, tap = 3, 16, 10, 50, 12
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
with torch.no_grad():
    for _ in range(24):
        x = torch.zeros(real + padding, 1, D)
        x[:real] = torch.randn(real, 1, D)
        weights = [
            torch.empty(shape).uniform_(-(H**-0.5), H**-0.5) for shape in [(3 * H, D), (3 * H, H), (3 * H,), (3 * H,)]
        ]
        outputs, _ = gru_layer(x, torch.zeros(1, H), *weights)
        _, h_n = gru_layer_padded(x, torch.tensor([real]), torch.zeros(1, H), *weights)
        distance = (outputs[real - 1 :, 0] - h_n).norm(dim=-1) / h_n.norm()
        left.plot(range(padding + 1), distance, "k-", linewidth=0.8)
    layer = GRU(D, H, 1, True)
    for name, parameter in layer.named_parameters():
        if name.startswith("bias"):
            parameter.zero_()
    x = torch.zeros(30, 1, D)
    x[tap] = 3
    forward, reverse = layer(x)[0][:, 0].split(H, dim=-1)
right.plot(forward.norm(dim=-1), "k-", label="forward half")
right.plot(reverse.norm(dim=-1), "k--", label="reverse half")
right.axvline(tap, color="k", linestyle=":", linewidth=1)
left.set(title="nobody stops the state", xlabel="steps of padding read", ylabel="distance / length", ylim=(0, None))
right.set(title="who knows of the tap at step 12", xlabel="step", ylabel="size of the output")
right.legend()
plt.show()

# %% [markdown]
# A few steps of padding are enough to move the final state by a large part of itself, and then it settles: at a point of the layer's own, which has
# little to do with the row. A classifier that reads that state mostly reads the padding. It trains, it even learns a little, and no error is raised.
#
# The forward half knows of the tap from step 12 on, the reverse half up to step 12: each has read another part of the sequence. Concatenated,
# every step knows both sides. If your reverse half had not been turned back, its curve would stand on the wrong side of the mirror.

# %% [markdown]
# ## 7. In words (2 points)
#
# Which of the options of your GRU (several layers, two directions, rows of different lengths) can be streamed, chunk by chunk, so that the result is exactly that of the
# whole sequence, and which cannot? And in training one often writes `h = h.detach()` between two chunks: what stays the same then, and what
# changes? Four or five sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "what_streams", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# Layers stream: the state of every layer is handed on, and what layer 2 reads at a step, layer 1 has already said. A reverse direction does not: its first step
# is the last of the whole sequence, which has not arrived yet; run on each chunk by itself, it knows nothing of the chunks to come. Rows of different lengths
# stream if each row that has ended keeps its state: the chunk's own lengths have to be given, and a row that ended before must not be run on.
#
# After `detach` all outputs and states are the same numbers; only the graph is cut. The gradient of a loss in one chunk stops at that chunk's first step. What
# earlier inputs did to the state is no longer blamed on the weights, so dependencies longer than a chunk are hard to learn; in exchange
# memory is bounded by a chunk.
#
# *One point for which options stream, with the reason for the reverse direction; one for the same values with a gradient that ends at the seam.*
