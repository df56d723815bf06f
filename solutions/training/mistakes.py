"""Known mistakes in `training`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake may call the other tasks' functions by name, as a learner's answer would; it costs its own task and every
later one that is built on it.  At the end are pairs, two mistakes at once.
"""

import torch
from torch import nn
from torch.nn import functional

from autograder.testing import both, mistake
from solutions.training.oracle import make_gru, make_reader, masked_loss

# masked_loss


@mistake(
    "masked_loss",
    hint="You average over all steps, padding too. Leave out what comes after a row's end: count step t of row b "
    "only where t < lengths[b].",
)
def padding_counted(logits, targets, lengths):
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


@mistake(
    "masked_loss",
    hint="You sum over the real steps and divide by the number of all steps. Divide by the number of real ones, "
    "lengths.sum().",
)
def divided_by_all_steps(logits, targets, lengths):
    each = functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    real = torch.arange(len(logits))[:, None] < lengths
    return (each * real).mean()


@mistake(
    "masked_loss",
    hint="You take each row's mean first and then the mean over the rows. That way a step of a short row counts "
    "more than one of a long row. Sum over all real steps and divide once.",
)
def mean_of_row_means(logits, targets, lengths):
    each = functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    real = torch.arange(len(logits))[:, None] < lengths
    return ((each * real).sum(dim=0) / lengths).mean()


@mistake(
    "masked_loss",
    hint="You take the mean over the rows at each step first, and then the mean over the steps. At late steps few "
    "rows are left, and they count too much. Sum over all real steps and divide once.",
)
def mean_of_step_means(logits, targets, lengths):
    each = functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    real = torch.arange(len(logits))[:, None] < lengths
    return ((each * real).sum(dim=1) / real.sum(dim=1)).mean()


@mistake("masked_loss", hint="You return the sum over the real steps. Wanted is their mean: divide by lengths.sum().")
def sum_for_mean(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] < lengths
    return functional.cross_entropy(logits[real], targets[real], reduction="sum")


@mistake(
    "masked_loss",
    hint="You divide the sum over the real steps by the batch, B. Divide by the number of real steps, lengths.sum().",
)
def divided_by_batch(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] < lengths
    return functional.cross_entropy(logits[real], targets[real], reduction="sum") / len(lengths)


@mistake(
    "masked_loss",
    hint="Your mask is one step too long: it counts step t = lengths[b], which is padding already. Steps count "
    "from 0, so t < lengths[b].",
)
def mask_too_long(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] <= lengths
    return functional.cross_entropy(logits[real], targets[real])


@mistake(
    "masked_loss",
    hint="Your mask is one step too short: it leaves out each row's last real step, t = lengths[b] - 1.",
)
def mask_too_short(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] < lengths - 1
    return functional.cross_entropy(logits[real], targets[real])


@mistake(
    "masked_loss",
    hint="Your mask is (B, T) and is laid beside numbers that run (T, B): once both are flattened, the wrong steps"
    " are left out. The batch is time-first: torch.arange(T)[:, None] < lengths.",
)
def mask_batch_first(logits, targets, lengths):
    real = (torch.arange(len(logits)) < lengths[:, None]).flatten()
    return functional.cross_entropy(logits.flatten(0, 1)[real], targets.flatten()[real])


@mistake(
    "masked_loss",
    hint="You set the logits of the padding to zero, and still count those steps: each adds log K. Leave the steps"
    " out of the mean.",
)
def padding_set_to_zero(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] < lengths
    return functional.cross_entropy((logits * real[:, :, None]).flatten(0, 1), targets.flatten())


@mistake(
    "masked_loss",
    hint="The softmax is taken twice: functional.cross_entropy takes logits and applies it itself. Give it the logits.",
)
def softmax_twice(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] < lengths
    return functional.cross_entropy(logits.softmax(dim=2)[real], targets[real])


@mistake(
    "masked_loss",
    hint="No gradient flows through what you return: `.item()`, `float`, `detach` or `no_grad` cuts the loss off from "
    "its graph, and `backward` has nowhere to begin. Return the tensor, in its graph.",
)
def number_for_tensor(logits, targets, lengths):
    real = torch.arange(len(logits))[:, None] < lengths
    return functional.cross_entropy(logits[real], targets[real]).item()


# summaries


@mistake(
    "summaries",
    hint="You take the last states of the padded batch: the forward direction has read on through the padding, and"
    " the backward one has read the padding first. Pack the batch, so that no padding is read.",
)
def padding_read(weights, x, lengths):
    _, h = make_gru(weights)(x)
    return torch.cat([h[0], h[1]], dim=1)


@mistake(
    "summaries",
    hint="You take both directions at the last step, T - 1. For a shorter row the forward one has read padding by "
    "then; the backward one has read that one step alone. Pack the batch and take the last states.",
)
def outputs_at_the_last_step(weights, x, lengths):
    states, _ = make_gru(weights)(x)
    return states[-1]


@mistake(
    "summaries",
    hint="You take both directions at each row's last real step. There the backward one has only just begun: it "
    "has read the padding and that step. Its end is at step 0, and it must not have read padding.",
)
def both_at_the_own_end(weights, x, lengths):
    states, _ = make_gru(weights)(x)
    return states[lengths - 1, torch.arange(len(lengths))]


@mistake(
    "summaries",
    hint="The forward half is right. The backward one is read at step 0, but it began at step T - 1 and so read "
    "the padding before the row. Pack the batch: then each row is read from its own end.",
)
def backward_reads_padding(weights, x, lengths):
    gru, hidden = make_gru(weights), len(weights["weight_ih_l0"]) // 3
    states, _ = gru(x)
    forward = states[lengths - 1, torch.arange(len(lengths)), :hidden]
    return torch.cat([forward, states[0, :, hidden:]], dim=1)


@mistake(
    "summaries",
    hint="The batch is packed, but then you read both directions at the row's last step. There the backward one "
    "has read a single step. Take the last states, the GRU's second result.",
)
def packed_and_read_at_the_end(weights, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    states, _ = nn.utils.rnn.pad_packed_sequence(make_gru(weights)(packed)[0])
    return states[lengths - 1, torch.arange(len(lengths))]


@mistake("summaries", hint="The two directions have changed places: forward comes first, it is h[0].")
def directions_exchanged(weights, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    _, h = make_gru(weights)(packed)
    return torch.cat([h[1], h[0]], dim=1)


@mistake(
    "summaries",
    hint="The last states are (2, B, H), and a plain reshape of them mixes rows: it lays the first two rows' "
    "forward states side by side. Take h[0] and h[1] apart and join them along the units.",
)
def reshaped_across_rows(weights, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    _, h = make_gru(weights)(packed)
    return h.reshape(len(lengths), -1)


@mistake(
    "summaries",
    hint="Packing wants the rows sorted by length, the longest first, unless you say `enforce_sorted=False`. Then "
    "it sorts them itself, and gives them back in your order.",
)
def not_sorted(weights, x, lengths):
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths)
    _, h = make_gru(weights)(packed)
    return torch.cat([h[0], h[1]], dim=1)


@mistake(
    "summaries",
    hint="Your rows come back sorted by length, not in the order in which they were given. Undo the sorting, or "
    "pack with `enforce_sorted=False`, which does it for you.",
)
def left_sorted(weights, x, lengths):
    ordered, order = lengths.sort(descending=True)
    packed = nn.utils.rnn.pack_padded_sequence(x[:, order], ordered)
    _, h = make_gru(weights)(packed)
    return torch.cat([h[0], h[1]], dim=1)


# starting_weights


@mistake(
    "starting_weights",
    hint="You make the whole (3H, H) matrix orthogonal at once. Then its columns are, and none of the three blocks"
    " is: make three (H, H) matrices and stack them.",
)
def orthogonal_as_a_whole(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(seed), hidden**-0.5, 3 * hidden
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": nn.init.orthogonal_(torch.empty(rows, hidden), generator=generator),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="Your three blocks of W_hh are one and the same matrix. Draw one for each gate, and go on with one "
    "generator: one that is seeded again for each block begins again and gives the same.",
)
def one_block_thrice(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(seed), hidden**-0.5, 3 * hidden
    block = nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator)
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": block.repeat(3, 1),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="You put `keep` into both biases. The gate sees their sum, so it starts with twice as much: leave one of "
    "them at zero.",
)
def bias_twice(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(seed), hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": bias.clone(),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="`keep` stands in the reset gate's rows, the first block. PyTorch's order is r, z, n: the update gate's "
    "rows are H to 2H.",
)
def bias_of_the_reset_gate(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(seed), hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    bias = torch.zeros(rows)
    bias[:hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="`keep` has the wrong sign. In PyTorch a large z keeps the state, so a gate that should keep starts with "
    "+keep.",
    convention="the sign of the update gate's bias where z replaces the state",
)
def bias_of_the_other_sign(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(seed), hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = -keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="`keep` fills the whole bias. It belongs to the update gate alone, rows H to 2H; the other gates start at 0.",
)
def bias_of_every_gate(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(seed), hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": torch.full((rows,), float(keep)),
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="Your draws do not come from the seed: the same seed gives other weights the second time. Give the "
    "generator that you seeded to every draw, as `generator=`.",
)
def generator_not_passed(inputs, hidden, outputs, keep, seed):
    bound, rows = hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden)) for _ in range(3)]
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="You use the generator that everybody shares: `torch.manual_seed` sets it, and making a module draws from"
    " it, so what else the program draws is changed. Make a generator of your own, "
    "torch.Generator().manual_seed(seed).",
)
def global_generator_set(inputs, hidden, outputs, keep, seed):
    torch.manual_seed(seed)
    bound, rows = hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden)) for _ in range(3)]
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound),
        "out.bias": torch.zeros(outputs),
    }


@mistake(
    "starting_weights",
    hint="Every seed gives the same weights. Is the generator seeded with the argument `seed`?",
)
def seed_not_used(inputs, hidden, outputs, keep, seed):
    generator, bound, rows = torch.Generator().manual_seed(0), hidden**-0.5, 3 * hidden
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden), generator=generator) for _ in range(3)]
    bias = torch.zeros(rows)
    bias[hidden : 2 * hidden] = keep
    return {
        "gru.weight_ih_l0": torch.empty(rows, inputs).uniform_(-bound, bound, generator=generator),
        "gru.weight_hh_l0": torch.cat(blocks),
        "gru.bias_ih_l0": bias,
        "gru.bias_hh_l0": torch.zeros(rows),
        "out.weight": torch.empty(outputs, hidden).uniform_(-bound, bound, generator=generator),
        "out.bias": torch.zeros(outputs),
    }


# train_batches


@mistake(
    "train_batches",
    hint="You clip before `backward`, when the gradients of this batch are not there yet, so the steps are not "
    "clipped at all. The order is zero_grad, backward, clip, step.",
)
def clipped_before_backward(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        loss.backward()
        optimiser.step()
        losses += [loss.item()]
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="Your steps use gradients that are not clipped. Clipping stands between `backward`, which makes the "
    "gradients, and `step`, which uses them; after the step it does nothing.",
)
def clipped_after_step(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        optimiser.step()
        norms.append(nn.utils.clip_grad_norm_(reader.parameters(), max_norm).item())
        losses += [loss.item()]
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="You clip each parameter by its own norm. That changes the direction of the step. All gradients together "
    "are one vector: call clip_grad_norm_ once, with all parameters.",
)
def clipped_one_by_one(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        each = torch.stack([nn.utils.clip_grad_norm_([p], max_norm) for p in reader.parameters()])
        optimiser.step()
        losses += [loss.item()]
        norms.append(each.norm().item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="You clip number by number, between -max_norm and max_norm. That changes the direction of the step. Scale"
    " all gradients by one factor: clip_grad_norm_, not clip_grad_value_.",
)
def clipped_by_value(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norms.append(nn.utils.get_total_norm([p.grad for p in reader.parameters()]).item())
        nn.utils.clip_grad_value_(reader.parameters(), max_norm)
        optimiser.step()
        losses += [loss.item()]
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="The gradients are never set to zero, so each batch adds its own to those of all batches before. Call "
    "`optimiser.zero_grad()` before each `backward`.",
)
def gradients_pile_up(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses += [loss.item()]
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="The step is made before `backward`, so it uses the gradients of the batch before, or none. The order is "
    "zero_grad, backward, clip, step.",
)
def step_before_backward(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        loss = masked_loss(reader(x)[0], targets, lengths)
        optimiser.step()
        optimiser.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        losses += [loss.item()]
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="The weights never change, though losses and norms are computed. Does `optimiser.step()` run, with "
    "gradients that are there, and do you return the model's weights and not those that you were given?",
)
def no_step(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    losses, norms = [], []
    for x, targets, lengths in batches:
        reader.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        losses += [loss.item()]
        norms.append(nn.utils.clip_grad_norm_(reader.parameters(), max_norm).item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="The losses and norms are right, and the weights are still the first ones. Return the model's, "
    "`reader.state_dict()`, and not those that you were given.",
)
def first_weights_returned(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses += [loss.item()]
        norms.append(norm.item())
    return {name: tensor.clone() for name, tensor in weights.items()}, losses, norms


@mistake(
    "train_batches",
    hint="There is no momentum from step to step. Make the optimiser once, before the loop, with momentum=0.9: it "
    "holds the momentum, and a new one begins from zero.",
)
def optimiser_made_anew(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses += [loss.item()]
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="The norms that you return are those after clipping. Return the norms before: they say how often, and by "
    "how much, the limit was passed. `clip_grad_norm_` returns them.",
)
def norms_after_clipping(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses += [loss.item()]
        norms.append(min(norm.item(), max_norm))
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="Your losses are those after the step. Each is wanted as it was before: the loss that `backward` was "
    "called on.",
)
def losses_after_the_step(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        masked_loss(reader(x)[0], targets, lengths).backward()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses.append(masked_loss(reader(x)[0], targets, lengths).item())
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="The gradients are zero, or gone, when they are clipped and used: all the norms that you return are 0. "
    "`zero_grad` stands before `backward`, or after `step`, and not between the two.",
)
def zeroed_after_backward(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        optimiser.zero_grad()
        norm = nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
        losses += [loss.item()]
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


@mistake(
    "train_batches",
    hint="Gradients whose norm is below `max_norm` are scaled too, up to the limit. A limit only shortens: the factor "
    "max_norm / norm is for norms above it, and never more than 1.",
)
def always_scaled(weights, batches, learning_rate, max_norm):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses, norms = [], []
    for x, targets, lengths in batches:
        optimiser.zero_grad()
        loss = masked_loss(reader(x)[0], targets, lengths)
        loss.backward()
        norm = nn.utils.get_total_norm([p.grad for p in reader.parameters()])
        for p in reader.parameters():
            p.grad *= max_norm / norm
        optimiser.step()
        losses += [loss.item()]
        norms.append(norm.item())
    return reader.state_dict(), losses, norms


# evaluate


@mistake(
    "evaluate",
    hint="Dropout is still on: a module begins in training mode. Call `reader.eval()` first. `torch.no_grad()` "
    "alone does not switch it off.",
)
def dropout_left_on(weights, batches, dropout):
    reader = make_reader(weights, dropout)
    total, steps = 0.0, 0
    with torch.no_grad():
        for x, targets, lengths in batches:
            total += masked_loss(reader(x)[0], targets, lengths).item() * lengths.sum().item()
            steps += lengths.sum().item()
    return total / steps


@mistake(
    "evaluate",
    hint="You take the mean of the batches' means. A batch with few real steps then counts as much as one with "
    "many: weight each with its lengths.sum().",
)
def mean_of_batch_means(weights, batches, dropout):
    reader = make_reader(weights, dropout).eval()
    with torch.no_grad():
        losses = [masked_loss(reader(x)[0], targets, lengths).item() for x, targets, lengths in batches]
    return sum(losses) / len(losses)


@mistake(
    "evaluate",
    hint="You weight each batch with its number of rows. What counts the same is a real step: weight with "
    "lengths.sum().",
)
def weighted_by_rows(weights, batches, dropout):
    reader = make_reader(weights, dropout).eval()
    total, rows = 0.0, 0
    with torch.no_grad():
        for x, targets, lengths in batches:
            total += masked_loss(reader(x)[0], targets, lengths).item() * len(lengths)
            rows += len(lengths)
    return total / rows


@mistake(
    "evaluate",
    hint="You weight each batch with all its steps, T times B, padding too. Only real steps count: lengths.sum().",
)
def weighted_by_all_steps(weights, batches, dropout):
    reader = make_reader(weights, dropout).eval()
    total, steps = 0.0, 0
    with torch.no_grad():
        for x, targets, lengths in batches:
            total += masked_loss(reader(x)[0], targets, lengths).item() * targets.numel()
            steps += targets.numel()
    return total / steps


# train_chunks


@mistake(
    "train_chunks",
    hint="The state is carried with its history: the second `backward` wants to go back into the chunk before, "
    "whose graph is gone. Carry `h.detach()`: the numbers go on, the gradient does not.",
)
def state_not_detached(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="`retain_graph=True` keeps the old graphs, and `backward` goes on into them, where the last step has "
    "changed the weights. Nothing need be kept: carry `h.detach()`, and the graph ends at the chunk's "
    "beginning.",
)
def graph_retained(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward(inputs=None, retain_graph=True)
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The state is not carried: every chunk begins from zeros, as if the text before had not been. Give the "
    "state after a chunk, detached, to the next one.",
)
def state_not_carried(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, _ = reader(inputs[start : start + k])
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The state is carried from the end of one epoch into the beginning of the next. There the text begins "
    "anew, and its first character does not follow on its last: begin each epoch without a state.",
)
def state_kept_between_epochs(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses, h = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], [], None
    for _ in range(epochs):
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The state is detached at every step, so the gradient goes back one step only. Detach it once for each "
    "chunk, where it passes from one to the next.",
)
def detached_at_every_step(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            outputs = []
            for t in range(start, min(start + k, len(inputs))):
                logits, h = reader(inputs[t : t + 1], h)
                h = h.detach()
                outputs.append(logits)
            loss = functional.cross_entropy(torch.cat(outputs).flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="Your targets are the inputs themselves, so the model learns to repeat the character that it has just "
    "read. The target at each step is the next one: codes[1:].",
)
def targets_not_shifted(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[:-1], []
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
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="You shift the wrong way: the model reads a character and is asked for the one before it. Inputs are "
    "codes[:-1] and targets codes[1:].",
)
def shifted_the_wrong_way(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[1:], len(weights["out.bias"])).float(), codes[:-1], []
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
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="You cut the text first and shift inside each piece: the prediction across each cut is lost, and the last"
    " character of a piece is never read. Shift the whole text once, then cut inputs and targets alike.",
)
def shifted_inside_the_chunk(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    losses = []
    for _ in range(epochs):
        h = None
        for start in range(0, len(codes), k):
            piece = codes[start : start + k]
            if len(piece) < 2:
                continue
            optimiser.zero_grad()
            logits, h = reader(functional.one_hot(piece[:-1], len(weights["out.bias"])).float(), h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), piece[1:].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The last chunk is left out where it is shorter than k. It counts too: let `range` run to the end, a "
    "slice stops by itself.",
)
def short_chunk_dropped(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        for start in range(0, len(inputs) - k + 1, k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The gradients are not set to zero between chunks, so each step uses those of all chunks so far. Call "
    "`optimiser.zero_grad()` for every chunk.",
)
def gradients_of_all_chunks(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        optimiser.zero_grad()
        for start in range(0, len(inputs), k):
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="There is one step for each epoch. Make one for each chunk: zero_grad, backward, clip and step all stand "
    "in the inner loop.",
)
def one_step_an_epoch(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        optimiser.zero_grad()
        for start in range(0, len(inputs), k):
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            losses += [loss.item()]
        nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
        optimiser.step()
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The gradients are not clipped before the step. Call clip_grad_norm_ between `backward` and `step`, for "
    "every chunk.",
)
def chunks_not_clipped(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        h = None
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


@mistake(
    "train_chunks",
    hint="The momentum is lost where a new epoch begins. Make the optimiser once, before both loops: the state begins "
    "anew with each epoch, and the training goes on.",
)
def optimiser_made_for_each_epoch(weights, codes, k, learning_rate, max_norm, epochs):
    reader = make_reader(weights)
    inputs, targets, losses = functional.one_hot(codes[:-1], len(weights["out.bias"])).float(), codes[1:], []
    for _ in range(epochs):
        optimiser = torch.optim.SGD(reader.parameters(), lr=learning_rate, momentum=0.9)
        h = None
        for start in range(0, len(inputs), k):
            optimiser.zero_grad()
            logits, h = reader(inputs[start : start + k], h)
            h = h.detach()
            loss = functional.cross_entropy(logits.flatten(0, 1), targets[start : start + k].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), max_norm)
            optimiser.step()
            losses += [loss.item()]
    return reader.state_dict(), losses


# learn


@mistake(
    "learn",
    hint="Every draw gives the same batch: the generator begins again from the seed each time. Make it once, before "
    "the loop, and draw inside.",
)
def always_the_same_batch(weights, draw, seed, updates):
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.03)
    for _ in range(updates):
        x, y = draw(torch.Generator().manual_seed(seed))
        optimiser.zero_grad()
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()


@mistake(
    "learn",
    hint="Every seed gives the same weights. Is your generator seeded with the argument `seed`?",
)
def same_for_every_seed(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(0)
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.03)
    for _ in range(updates):
        x, y = draw(generator)
        optimiser.zero_grad()
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()


@mistake(
    "learn",
    hint="The same seed gives other weights the second time: your batches come from a generator that is not seeded"
    " with `seed`. Make one with torch.Generator().manual_seed(seed) and give it to `draw`.",
)
def not_of_the_seed(weights, draw, seed, updates):
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.03)
    for _ in range(updates):
        x, y = draw(None)
        optimiser.zero_grad()
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()


@mistake(
    "learn",
    hint="What you return are the first weights, unchanged. Return the model's after the loop, "
    "`reader.state_dict()`, and see that `optimiser.step()` runs at each update.",
)
def nothing_learnt(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(seed)
    reader = make_reader(weights)
    for _ in range(updates):
        x, y = draw(generator)
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
    return reader.state_dict()


@mistake(
    "learn",
    hint="`draw` is called less often than `updates` says, and each update should have a batch of its own. "
    "`range(updates)` goes round as often as is asked for; `range(1, updates)` once less.",
)
def one_update_too_few(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(seed)
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.03)
    for _ in range(1, updates):
        x, y = draw(generator)
        optimiser.zero_grad()
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()


@mistake(
    "learn",
    hint="You draw one batch and train on it again and again. Call `draw` inside the loop, so that each update has a "
    "new one.",
)
def one_batch_for_all(weights, draw, seed, updates):
    x, y = draw(torch.Generator().manual_seed(seed))
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters(), lr=0.03)
    for _ in range(updates):
        optimiser.zero_grad()
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()


@mistake(
    "learn",
    hint="Seeds and draws are in order; what was learned in 150 updates is not enough yet. Print the loss as it goes. "
    "If it falls slowly, the learning rate may be too small: Adam's own 0.001 is, here. If it stays near 1/6, look at "
    "the shapes in the loss, (B,) and (B,), and at which output it asks, the last.",
)
def learning_too_slowly(weights, draw, seed, updates):
    generator = torch.Generator().manual_seed(seed)
    reader = make_reader(weights)
    optimiser = torch.optim.Adam(reader.parameters())
    for _ in range(updates):
        x, y = draw(generator)
        optimiser.zero_grad()
        functional.mse_loss(reader(x)[0][-1, :, 0], y).backward()
        nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimiser.step()
    return reader.state_dict()


PAIRS = [
    both(padding_counted, clipped_before_backward),
    both(mean_of_row_means, gradients_pile_up),
    both(padding_counted, dropout_left_on),
    both(mean_of_row_means, mean_of_batch_means),
]
