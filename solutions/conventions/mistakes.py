"""Known mistakes in `conventions`.  Each is a whole answer that a learner could write, and what to tell them.

The programs at the end are recognised by what they do, not by their weights: other weights that do the same are told
the same.  So their hints speak of what is seen, and of the usual cause.
"""

import itertools

import numpy as np

from autograder.testing import mistake


@mistake(
    "keras_to_torch",
    hint="Your rows are still in Keras's order z, r, h. PyTorch packs r, z, n: the first two blocks change places, in "
    "all four arrays.",
)
def order_left_as_in_keras(kernel, recurrent_kernel, bias):
    return {"W_ih": kernel.T.copy(), "W_hh": recurrent_kernel.T.copy(), "b_ih": bias[0].copy(), "b_hh": bias[1].copy()}


@mistake(
    "keras_to_torch",
    hint="The weights are in the order r, z, n, but the biases are still in Keras's order z, r, h: their blocks change "
    "places too.",
)
def order_of_biases_left(kernel, recurrent_kernel, bias):
    W_ih, W_hh = (
        np.concatenate([rows[1], rows[0], rows[2]]) for rows in (np.split(kernel.T, 3), np.split(recurrent_kernel.T, 3))
    )
    return {"W_ih": W_ih, "W_hh": W_hh, "b_ih": bias[0].copy(), "b_hh": bias[1].copy()}


@mistake(
    "keras_to_torch",
    hint="Each block of `W_hh` is transposed. Keras multiplies `h @ recurrent_kernel`, PyTorch `h @ W_hh.T`. As a "
    "block is (H, H) you have to turn it although its shape would fit without.",
)
def recurrent_blocks_not_transposed(kernel, recurrent_kernel, bias):
    W_z, W_r, W_n = np.split(kernel, 3, axis=1)
    U_z, U_r, U_n = np.split(recurrent_kernel, 3, axis=1)
    (b_z, b_r, b_n), (c_z, c_r, c_n) = np.split(bias[0], 3), np.split(bias[1], 3)
    return {
        "W_ih": np.concatenate([W_r.T, W_z.T, W_n.T]),
        "W_hh": np.concatenate([U_r, U_z, U_n]),
        "b_ih": np.concatenate([b_r, b_z, b_n]),
        "b_hh": np.concatenate([c_r, c_z, c_n]),
    }


@mistake(
    "keras_to_torch",
    hint="You bring the kernels to the right shape with `reshape`. That reads the numbers in the order in which they "
    "lie in memory and mixes rows and columns. What is wanted is the transpose, `kernel.T`.",
)
def reshaped_instead_of_transposed(kernel, recurrent_kernel, bias):
    def packed(rows):
        z, r, n = np.split(rows, 3)
        return np.concatenate([r, z, n])

    return {
        "W_ih": packed(kernel.reshape(kernel.shape[::-1])),
        "W_hh": packed(recurrent_kernel.reshape(recurrent_kernel.shape[::-1])),
        "b_ih": packed(bias[0]),
        "b_hh": packed(bias[1]),
    }


@mistake(
    "keras_to_torch",
    hint="Your two biases have changed places: row 0 of `bias` is added to the input's product, so it is `b_ih`.",
)
def biases_exchanged(kernel, recurrent_kernel, bias):
    def packed(rows):
        z, r, n = np.split(rows, 3)
        return np.concatenate([r, z, n])

    return {
        "W_ih": packed(kernel.T),
        "W_hh": packed(recurrent_kernel.T),
        "b_ih": packed(bias[1]),
        "b_hh": packed(bias[0]),
    }


@mistake(
    "keras_to_torch",
    hint="You add the two biases into one and leave the other zero. For r and z that does no harm. But b_hn stands "
    "inside the reset gate, r ⊙ (W_hn h + b_hn), and is no part of a sum: keep both rows of `bias` apart.",
)
def biases_added_up(kernel, recurrent_kernel, bias):
    def packed(rows):
        z, r, n = np.split(rows, 3)
        return np.concatenate([r, z, n])

    b_ih = packed(bias[0] + bias[1])
    return {"W_ih": packed(kernel.T), "W_hh": packed(recurrent_kernel.T), "b_ih": b_ih, "b_hh": np.zeros_like(b_ih)}


@mistake(
    "keras_to_torch",
    hint="The rows of your update gate have the other sign. Keras's z keeps the old state, as PyTorch's does: the "
    "numbers stay as they are.",
)
def update_gate_negated(kernel, recurrent_kernel, bias):
    def packed(rows):
        z, r, n = np.split(rows, 3)
        return np.concatenate([r, -z, n])

    return {
        "W_ih": packed(kernel.T),
        "W_hh": packed(recurrent_kernel.T),
        "b_ih": packed(bias[0]),
        "b_hh": packed(bias[1]),
    }


@mistake(
    "keras_to_torch",
    hint="Your blocks are in the order n, r, z: the whole order is turned round. From z, r, h to r, z, n only the "
    "first two change places; the candidate's block stays last.",
)
def order_turned_round(kernel, recurrent_kernel, bias):
    def packed(rows):
        z, r, n = np.split(rows, 3)
        return np.concatenate([n, r, z])

    return {
        "W_ih": packed(kernel.T),
        "W_hh": packed(recurrent_kernel.T),
        "b_ih": packed(bias[0]),
        "b_hh": packed(bias[1]),
    }


@mistake(
    "to_write_convention",
    hint="You replace the numbers by 1 minus themselves. It is the gate that becomes 1 - z, not its weights: "
    "1 - σ(a) = σ(-a), so what is inside the sigmoid changes its sign.",
)
def one_minus_the_weights(W_ih, W_hh, b_ih, b_hh):
    converted = {"W_ih": W_ih.copy(), "W_hh": W_hh.copy(), "b_ih": b_ih.copy(), "b_hh": b_hh.copy()}
    H = len(W_hh) // 3
    for array in converted.values():
        array[H : 2 * H] = 1 - array[H : 2 * H]
    return converted


@mistake(
    "to_write_convention",
    hint="You negate the rows of the weights and leave the biases. All of a is to change its sign, and "
    "a = W_iz x + b_iz + W_hz h + b_hz: the rows of both biases too.",
)
def biases_not_negated(W_ih, W_hh, b_ih, b_hh):
    H = W_hh.shape[1]
    W_ih, W_hh = W_ih.copy(), W_hh.copy()
    W_ih[H : 2 * H] *= -1
    W_hh[H : 2 * H] *= -1
    return {"W_ih": W_ih, "W_hh": W_hh, "b_ih": b_ih.copy(), "b_hh": b_hh.copy()}


@mistake(
    "to_write_convention",
    hint="You negate the input's part alone, `W_ih` and `b_ih`. The state's part is in the same sigmoid: the rows of z "
    "in `W_hh` and `b_hh` change their sign too.",
)
def state_part_not_negated(W_ih, W_hh, b_ih, b_hh):
    H = W_hh.shape[1]
    W_ih, b_ih = W_ih.copy(), b_ih.copy()
    W_ih[H : 2 * H] *= -1
    b_ih[H : 2 * H] *= -1
    return {"W_ih": W_ih, "W_hh": W_hh.copy(), "b_ih": b_ih, "b_hh": b_hh.copy()}


@mistake(
    "to_write_convention",
    hint="You negate the first block of rows. That is the reset gate's: the rows are packed in the order r, z, n, and "
    "it is z that has to become 1 - z.",
)
def reset_gate_negated(W_ih, W_hh, b_ih, b_hh):
    def converted(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([-r, z, n])

    return {"W_ih": converted(W_ih), "W_hh": converted(W_hh), "b_ih": converted(b_ih), "b_hh": converted(b_hh)}


@mistake(
    "to_write_convention",
    hint="You negate every row. Only the update gate's rows change their sign, those from H to 2H; the reset gate and "
    "the candidate are the same in both conventions.",
)
def all_rows_negated(W_ih, W_hh, b_ih, b_hh):
    return {"W_ih": -W_ih, "W_hh": -W_hh, "b_ih": -b_ih, "b_hh": -b_hh}


@mistake(
    "to_write_convention",
    hint="You exchange the rows of z with those of n. The two change places in the formula, but there one is a gate, a "
    "σ, and the other a value, a tanh: their weights cannot change places. What z was before, 1 - z must be now.",
)
def z_and_n_exchanged(W_ih, W_hh, b_ih, b_hh):
    def converted(array):
        r, z, n = np.split(array, 3)
        return np.concatenate([r, n, z])

    return {"W_ih": converted(W_ih), "W_hh": converted(W_hh), "b_ih": converted(b_ih), "b_hh": converted(b_hh)}


@mistake(
    "to_write_convention",
    hint="The numbers are right, but you change the caller's arrays: a slice such as `W_ih[H : 2 * H]` is a view, and "
    "`*= -1` writes into it. Copy the four arrays first.",
)
def negated_in_place(W_ih, W_hh, b_ih, b_hh):
    H = W_hh.shape[1]
    converted = {"W_ih": W_ih, "W_hh": W_hh, "b_ih": b_ih, "b_hh": b_hh}
    for array in converted.values():
        array[H : 2 * H] *= -1
    return converted


@mistake(
    "count_parameters",
    hint="You count one bias for each row whatever is asked. The argument `biases` says how many there are: PyTorch "
    "has two, most papers one, some none.",
)
def always_one_bias(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions = 1 + bidirectional
    first = directions * gates * H * (D + H + 1)
    return first + (layers - 1) * directions * gates * H * (directions * H + H + 1)


@mistake(
    "count_parameters",
    hint="You count two biases for each row whatever is asked. The argument `biases` says how many there are: PyTorch "
    "has two, most papers one, some none.",
)
def always_two_biases(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions = 1 + bidirectional
    first = directions * gates * H * (D + H + 2)
    return first + (layers - 1) * directions * gates * H * (directions * H + H + 2)


@mistake(
    "count_parameters",
    hint="You count the biases once for the layer, H of each kind. Every block has its own: there is a bias for each "
    "of the `gates * H` rows.",
)
def biases_of_one_block(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions, total = 1 + bidirectional, 0
    for layer in range(layers):
        inputs = directions * H if layer else D
        total += directions * (gates * H * (inputs + H) + biases * H)
    return total


@mistake(
    "count_parameters",
    hint="Every layer of yours reads the D inputs. Only the first does: the layer above reads the H units of the layer "
    "below it, or the 2H of its two directions.",
)
def every_layer_reads_the_input(gates, D, H, layers=1, bidirectional=False, biases=2):
    return layers * (1 + bidirectional) * gates * H * (D + H + biases)


@mistake(
    "count_parameters",
    hint="With two directions, your upper layers read H numbers. The layer below hands up both of its states, side by "
    "side: the rows of `W_ih` are 2H long there.",
)
def one_direction_is_read(gates, D, H, layers=1, bidirectional=False, biases=2):
    first, upper = gates * H * (D + H + biases), gates * H * (H + H + biases)
    return (1 + bidirectional) * (first + (layers - 1) * upper)


@mistake(
    "count_parameters",
    hint="Your upper layers read 2H numbers, but you count one direction of each layer alone. A bidirectional layer "
    "has two whole sets of weights, one for each direction of time.",
)
def second_direction_not_counted(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions, total = 1 + bidirectional, 0
    for layer in range(layers):
        inputs = directions * H if layer else D
        total += gates * H * (inputs + H + biases)
    return total


@mistake(
    "count_parameters",
    hint="With two directions you double the state that a layer reads of itself too. Each direction reads its own H "
    "units alone: `W_hh` is (gates * H, H) in either. Only what comes from the layer below is 2H wide.",
)
def directions_read_each_other(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions, total = 1 + bidirectional, 0
    for layer in range(layers):
        inputs = directions * H if layer else D
        total += directions * gates * H * (inputs + directions * H + biases)
    return total


@mistake(
    "count_parameters",
    hint="You leave the candidate's block out. `gates` is the number of blocks of H rows, three in a GRU: r, z and n.",
)
def candidate_not_counted(gates, D, H, layers=1, bidirectional=False, biases=2):
    directions, total = 1 + bidirectional, 0
    for layer in range(layers):
        inputs = directions * H if layer else D
        total += directions * (gates - 1) * H * (inputs + H + biases)
    return total


@mistake(
    "which_convention",
    hint="Your `keeps` is the wrong way round, the other two answers are right. With h' = (1 - z) ⊙ n + z ⊙ h it is "
    "the old state that z multiplies: that cell keeps.",
)
def keeps_the_wrong_way_round(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    best, least = None, np.inf
    for keeps, after, first in itertools.product([True, False], repeat=3):
        (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        a_r, a_z = x @ W_r.T + h @ U_r.T + b_r + c_r, x @ W_z.T + h @ U_z.T + b_z + c_z
        r, z = (1 / (1 + np.exp(-a)) for a in ((a_r, a_z) if first else (a_z, a_r)))
        n = np.tanh(x @ W_n.T + b_n + (r * (h @ U_n.T + c_n) if after else (r * h) @ U_n.T + c_n))
        distance = np.abs((z * n + (1 - z) * h if keeps else (1 - z) * n + z * h) - h_next).max()
        if distance < least:
            best, least = (keeps, after, first), distance
    return dict(zip(("keeps", "reset_after", "reset_first"), best, strict=True))


@mistake(
    "which_convention",
    hint="Your `reset_after` is the wrong way round, the other two answers are right. In r ⊙ (W_hn h + b_hn) the "
    "product comes first and the reset after it.",
)
def after_the_wrong_way_round(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    best, least = None, np.inf
    for keeps, before, first in itertools.product([True, False], repeat=3):
        (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        a_r, a_z = x @ W_r.T + h @ U_r.T + b_r + c_r, x @ W_z.T + h @ U_z.T + b_z + c_z
        r, z = (1 / (1 + np.exp(-a)) for a in ((a_r, a_z) if first else (a_z, a_r)))
        n = np.tanh(x @ W_n.T + b_n + ((r * h) @ U_n.T + c_n if before else r * (h @ U_n.T + c_n)))
        distance = np.abs(((1 - z) * n + z * h if keeps else z * n + (1 - z) * h) - h_next).max()
        if distance < least:
            best, least = (keeps, before, first), distance
    return dict(zip(("keeps", "reset_after", "reset_first"), best, strict=True))


@mistake(
    "which_convention",
    hint="Your `reset_first` is the wrong way round, the other two answers are right. It asks whether the first block "
    "of rows makes r.",
)
def order_the_wrong_way_round(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    best, least = None, np.inf
    for keeps, after, first in itertools.product([True, False], repeat=3):
        (W_z, W_r, W_n), (U_z, U_r, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_z, b_r, b_n), (c_z, c_r, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        a_r, a_z = x @ W_r.T + h @ U_r.T + b_r + c_r, x @ W_z.T + h @ U_z.T + b_z + c_z
        r, z = (1 / (1 + np.exp(-a)) for a in ((a_r, a_z) if first else (a_z, a_r)))
        n = np.tanh(x @ W_n.T + b_n + (r * (h @ U_n.T + c_n) if after else (r * h) @ U_n.T + c_n))
        distance = np.abs(((1 - z) * n + z * h if keeps else z * n + (1 - z) * h) - h_next).max()
        if distance < least:
            best, least = (keeps, after, first), distance
    return dict(zip(("keeps", "reset_after", "reset_first"), best, strict=True))


@mistake(
    "which_convention",
    hint="Your function returns None: there is no `return` at its end, or it finds no cell that agrees. The cell was "
    "run in single precision, so none of the eight gives its numbers to the last digit: do not ask for equality, but "
    "take the cell whose largest difference is the smallest.",
)
def asks_for_equality(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    for keeps, after, first in itertools.product([True, False], repeat=3):
        (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        a_r, a_z = x @ W_r.T + h @ U_r.T + b_r + c_r, x @ W_z.T + h @ U_z.T + b_z + c_z
        r, z = (1 / (1 + np.exp(-a)) for a in ((a_r, a_z) if first else (a_z, a_r)))
        n = np.tanh(x @ W_n.T + b_n + (r * (h @ U_n.T + c_n) if after else (r * h) @ U_n.T + c_n))
        if np.array_equal((1 - z) * n + z * h if keeps else z * n + (1 - z) * h, h_next):
            return {"keeps": keeps, "reset_after": after, "reset_first": first}
    return None


@mistake(
    "which_convention",
    hint="You add up the differences with their signs. What is too large in one place and too small in another then "
    "cancels, and a wrong cell can come out near zero. Take `np.abs` first.",
)
def differences_cancel(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    best, least = None, np.inf
    for keeps, after, first in itertools.product([True, False], repeat=3):
        (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        a_r, a_z = x @ W_r.T + h @ U_r.T + b_r + c_r, x @ W_z.T + h @ U_z.T + b_z + c_z
        r, z = (1 / (1 + np.exp(-a)) for a in ((a_r, a_z) if first else (a_z, a_r)))
        n = np.tanh(x @ W_n.T + b_n + (r * (h @ U_n.T + c_n) if after else (r * h) @ U_n.T + c_n))
        distance = (((1 - z) * n + z * h if keeps else z * n + (1 - z) * h) - h_next).sum()
        if distance < least:
            best, least = (keeps, after, first), distance
    return dict(zip(("keeps", "reset_after", "reset_first"), best, strict=True))


@mistake(
    "which_convention",
    hint="You take it for granted that the rows are in the order r, z, n. They may be in the order z, r, n: that makes "
    "eight cells to try, not four.",
)
def order_not_asked(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    best, least = None, np.inf
    for keeps, after in itertools.product([True, False], repeat=2):
        (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        r = 1 / (1 + np.exp(-(x @ W_r.T + h @ U_r.T + b_r + c_r)))
        z = 1 / (1 + np.exp(-(x @ W_z.T + h @ U_z.T + b_z + c_z)))
        n = np.tanh(x @ W_n.T + b_n + (r * (h @ U_n.T + c_n) if after else (r * h) @ U_n.T + c_n))
        distance = np.abs(((1 - z) * n + z * h if keeps else z * n + (1 - z) * h) - h_next).max()
        if distance < least:
            best, least = (keeps, after), distance
    return {"keeps": best[0], "reset_after": best[1], "reset_first": True}


@mistake(
    "which_convention",
    hint="You ask the three questions one at a time, each with PyTorch's answers to the other two. Where one of those "
    "is wrong, both cells that you compare are wrong, and which is nearer is chance. Try all eight together.",
)
def one_question_at_a_time(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    def distance(keeps=True, after=True, first=True):
        (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_ih, 3), np.split(W_hh, 3)
        (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_ih, 3), np.split(b_hh, 3)
        a_r, a_z = x @ W_r.T + h @ U_r.T + b_r + c_r, x @ W_z.T + h @ U_z.T + b_z + c_z
        r, z = (1 / (1 + np.exp(-a)) for a in ((a_r, a_z) if first else (a_z, a_r)))
        n = np.tanh(x @ W_n.T + b_n + (r * (h @ U_n.T + c_n) if after else (r * h) @ U_n.T + c_n))
        return np.abs(((1 - z) * n + z * h if keeps else z * n + (1 - z) * h) - h_next).max()

    ours = distance()
    return {
        "keeps": bool(ours <= distance(keeps=False)),
        "reset_after": bool(ours <= distance(after=False)),
        "reset_first": bool(ours <= distance(first=False)),
    }


@mistake(
    "parity_weights",
    hint="Your unit turns round at every 0 and stays at every 1. A z near 1 keeps, in PyTorch's convention: it has "
    "to be near 1 where x is 0 and near 0 where x is 1.",
    convention="the update gate of a cell whose z writes (Chung et al. 2014)",
)
def turns_at_zeros():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [20.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, -10.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit turns round at every step, whatever it reads. Let z depend on x: near 1 where x is 0, so that the "
    "unit keeps.",
)
def turns_at_every_step():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.zeros((3, 1)),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, -10.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit turns on at the first 1 and stays on. That is a latch: what it writes is always a 1. Let it write "
    "the opposite of what it was, with a negative weight for the state in the candidate.",
)
def stays_on():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [-20.0], [0.0]]),
        "W_hh": np.zeros((3, 1)),
        "b_ih": np.array([10.0, 10.0, 4.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit says what the last bit was. It writes at every step, and what it writes comes from the input "
    "alone. It has to keep where x is 0, and to look at its own state where x is 1.",
)
def says_the_last_bit():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [0.0], [8.0]]),
        "W_hh": np.zeros((3, 1)),
        "b_ih": np.array([0.0, -10.0, -4.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Every answer is the other way round: your unit is on where the number of ones is even. After no ones at all "
    "it has to be off, so start it at `h0 = [-1]`.",
)
def on_where_even():
    return {
        "h0": np.array([1.0]),
        "W_ih": np.array([[0.0], [-20.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, 10.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit 0 is neither on nor off at any step: its state is near 0. Either it starts there, and 0 turned "
    "round is 0 again: let `h0` be -1. Or what it keeps and what it writes is too small.",
)
def never_leaves_zero():
    return {
        "h0": np.array([0.0]),
        "W_ih": np.array([[0.0], [-20.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, 10.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Before the first 1 your unit is neither on nor off, and after it all is right. Off is a state near -1 "
    "here, not near 0: start from `h0 = [-1]`.",
)
def off_taken_for_zero():
    return {
        "h0": np.array([0.0]),
        "W_ih": np.array([[0.0], [-20.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-8.0]]),
        "b_ih": np.array([10.0, 10.0, 4.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit 0 is off at every step: it never turns round. Either it never writes (z has to fall to near 0 "
    "where x is 1), or it writes what it already is (the state's weight in the candidate has to be negative).",
)
def never_turns():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.zeros((3, 1)),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, 10.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit turns round at first and then fades: after some ones it is neither on nor off. What it writes "
    "has to be as large as what it held, tanh(-c h) with c well above 1. Mind that r = σ(0) is one half and halves "
    "that weight.",
)
def fades_as_it_turns():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [-20.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-1.0]]),
        "b_ih": np.array([0.0, 10.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "parity_weights",
    hint="Your unit turns round where it should, but it leaks while it waits: after some zeros it is neither on nor "
    "off. z = σ(2) is 0.88, and 0.88 to the tenth is little. Take a bias of 10 and a weight of -20 for z.",
)
def leaks_while_it_waits():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [-4.0], [0.0]]),
        "W_hh": np.array([[0.0], [0.0], [-4.0]]),
        "b_ih": np.array([10.0, 2.0, 0.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "counter_weights",
    hint="At the first count all three units turn on at once, and the count jumps to 3. Unit 1 may turn on only where "
    "unit 0 was on, and unit 2 only where unit 1 was: let each candidate look at the unit before.",
)
def jumps_to_three():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.zeros((9, 3)),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 4.0, 4.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your count stops at 1. At a count each unit has to write what the unit before it was; unit 0 has none before "
    "it and writes a 1. Check the entries of the candidate's block in `W_hh`: row 1, column 0 and row 2, column 1.",
)
def stops_at_one():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), 4 * np.eye(3)]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your counter never goes back: the second input does nothing. Where it is 1, all three units have to write "
    "a 0.",
)
def never_cleared():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.tile([-20.0, 0.0], (3, 1)), np.zeros((3, 2))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your second input counts as well: where it is 1 the units write, but what they write is what they would "
    "write at a count. Give it a negative weight in all three candidates, larger than all else there.",
)
def clearing_counts():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), np.zeros((3, 2))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your second input turns unit 0 off and no other, and the rest move up by one place. All three units have to "
    "write a 0 there: the weight of the second input belongs in all three rows of the candidate.",
)
def only_the_first_unit_is_cleared():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), [[0.0, -12.0], [0.0, 0.0], [0.0, 0.0]]]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Where both inputs are 1 your counter counts first: the count is 1 there. The clearing has to win, so it "
    "needs the larger weight in the candidate of unit 0.",
)
def counts_while_it_clears():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), [[24.0, -12.0], [0.0, -12.0], [0.0, -12.0]]]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [-4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your counter moves up at every step, also where there is nothing to count: the units write there. z has to "
    "be near 1, a bias of 10, and fall to near 0 only where one of the inputs is 1.",
)
def counts_every_step():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((6, 2)), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(3, 10.0), np.full(3, -10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your three units are off at every step: nothing is ever counted. Either they never write (z has to fall to "
    "near 0 where the first input is 1, and z has the second H rows), or unit 0 writes a 0 at a count.",
)
def never_counts():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((6, 2)), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Before the first count your units are neither on nor off: they start at 0. The count starts at 0, which "
    "means that all three are off, at -1.",
)
def units_start_at_zero():
    return {
        "h0": np.zeros(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your counter begins at 3: a unit that is on counts, and yours are on at the start. Let `h0` be -1 for "
    "units 0, 1 and 2.",
)
def units_start_on():
    return {
        "h0": np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -20.0), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(6, 10.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "counter_weights",
    hint="Your counter counts right but cannot wait: where nothing is read for a while the units leak, and the count "
    "is no longer clear. Shut z more tightly, with a bias of 10 and weights of -20.",
)
def count_leaks_away():
    return {
        "h0": -np.ones(3),
        "W_ih": np.concatenate([np.zeros((3, 2)), np.full((3, 2), -6.0), np.tile([0.0, -12.0], (3, 1))]),
        "W_hh": np.concatenate([np.zeros((6, 3)), [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]]),
        "b_ih": np.concatenate([np.full(3, 10.0), np.full(3, 3.0), [4.0, 0.0, 0.0]]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "delay_weights",
    hint="Your unit 0 says the bit of this step, not of the one before. Let another unit hold the bit of this step, "
    "and let unit 0 write what that unit was.",
)
def no_delay():
    return {
        "h0": np.array([-1.0]),
        "W_ih": np.array([[0.0], [0.0], [8.0]]),
        "W_hh": np.zeros((3, 1)),
        "b_ih": np.array([0.0, -10.0, -4.0]),
        "b_hh": np.zeros(3),
    }


@mistake(
    "delay_weights",
    hint="Your unit 0 is two steps late. It looks at a unit that is itself one step late: two units are enough, unit 1 "
    "for the bit of this step and unit 0 for what unit 1 was.",
)
def two_steps_late():
    return {
        "h0": -np.ones(3),
        "W_ih": np.array([[0.0]] * 8 + [[8.0]]),
        "W_hh": np.array([[0.0, 0.0, 0.0]] * 6 + [[0.0, 4.0, 0.0], [0.0, 0.0, 4.0], [0.0, 0.0, 0.0]]),
        "b_ih": np.array([10.0] * 3 + [-10.0] * 3 + [0.0, 0.0, -4.0]),
        "b_hh": np.zeros(9),
    }


@mistake(
    "delay_weights",
    hint="Every answer is the other way round. The state's weight in the candidate of unit 0 has to be positive: it "
    "repeats what unit 1 was.",
)
def delayed_and_turned_round():
    return {
        "h0": np.array([-1.0, 1.0]),
        "W_ih": np.array([[0.0]] * 5 + [[8.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, -4.0], [0.0, 0.0]]),
        "b_ih": np.array([10.0, 10.0, -10.0, -10.0, 0.0, -4.0]),
        "b_hh": np.zeros(6),
    }


@mistake(
    "delay_weights",
    hint="At the first step your unit 0 is neither on nor off; after that all is right. It says there what unit 1 "
    "was at the start: let `h0` be -1 for both.",
)
def first_step_unclear():
    return {
        "h0": np.zeros(2),
        "W_ih": np.array([[0.0]] * 5 + [[8.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, 4.0], [0.0, 0.0]]),
        "b_ih": np.array([10.0, 10.0, -10.0, -10.0, 0.0, -4.0]),
        "b_hh": np.zeros(6),
    }


@mistake(
    "delay_weights",
    hint="Your unit 0 turns on once and stays on: it keeps, or it hears only ones. Both units have to write at every "
    "step, so z is near 0 throughout, and a 0 has to be written as -1.",
)
def delay_stays_on():
    return {
        "h0": -np.ones(2),
        "W_ih": np.array([[0.0], [0.0], [0.0], [-20.0], [0.0], [8.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, 4.0], [0.0, 0.0]]),
        "b_ih": np.array([10.0, 10.0, -10.0, 10.0, 0.0, -4.0]),
        "b_hh": np.zeros(6),
    }


@mistake(
    "delay_weights",
    hint="Your unit 0 is off at every step. Either it or the unit that it looks at never writes (z has to be near 0 "
    "throughout for both, a bias of -10), or it does not look at that unit at all.",
)
def delay_never_on():
    return {
        "h0": -np.ones(2),
        "W_ih": np.array([[0.0]] * 5 + [[8.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, 4.0], [0.0, 0.0]]),
        "b_ih": np.array([10.0, 10.0, 10.0, -10.0, 0.0, -4.0]),
        "b_hh": np.zeros(6),
    }


@mistake(
    "delay_weights",
    hint="Your unit 0 is neither on nor off at any step: what it writes is too small. Its candidate has to hear unit 1 "
    "with a weight of 4 or so. And it hears the state through r alone, which must not be shut.",
)
def delay_too_faint():
    return {
        "h0": -np.ones(2),
        "W_ih": np.array([[0.0]] * 5 + [[8.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, 4.0], [0.0, 0.0]]),
        "b_ih": np.array([-10.0, -10.0, -10.0, -10.0, 0.0, -4.0]),
        "b_hh": np.zeros(6),
    }


@mistake(
    "delay_weights",
    hint="Where your unit 0 should be off it is neither on nor off: its state is near 0 there. A bit 0 is a state "
    "near -1, so it has to be written as tanh of a number well below 0, and `h0` is -1.",
)
def delayed_zero_written_as_zero():
    return {
        "h0": np.zeros(2),
        "W_ih": np.array([[0.0]] * 5 + [[4.0]]),
        "W_hh": np.array([[0.0, 0.0]] * 4 + [[0.0, 4.0], [0.0, 0.0]]),
        "b_ih": np.array([10.0, 10.0, -10.0, -10.0, 0.0, 0.0]),
        "b_hh": np.zeros(6),
    }
