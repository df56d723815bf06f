"""Known mistakes in `gru_bptt`.  Each is a whole answer that a learner could write, and what to tell them.

A mistake may call the other tasks' functions by name, as a learner's would; it costs its own task and every later one
that is built on it, unless `spoils` says which.  At the end are pairs, two mistakes at once.
"""

import numpy as np

from autograder.testing import both, mistake
from solutions.reference import gru_cell_backward, gru_gates, sigmoid


@mistake(
    "gru_gates",
    hint="Your gates have changed places: the rows are packed in the order r, z, n, so the first H rows "
    "are the reset gate's and the next H the update gate's.",
    convention="the gates in the order of Keras and ONNX (z, r, n)",
)
def gates_exchanged(x, h, W_ih, W_hh, b_ih, b_hh):
    i_z, i_r, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_z, h_r, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="Your gates are right, but you return z before r. The tuple is (r, z, n, u), in the order of the packed rows.",
)
def returned_in_another_order(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return z, r, n, u


@mistake(
    "gru_gates",
    hint="You take the rows apart one by one, every third to a gate. They are packed in blocks: the first "
    "H are the reset gate's, the next H the update gate's, the last H the candidate's.",
)
def rows_interleaved(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.moveaxis((x @ W_ih.T + b_ih).reshape(len(x), -1, 3), 2, 0)
    h_r, h_z, u = np.moveaxis((h @ W_hh.T + b_hh).reshape(len(x), -1, 3), 2, 0)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="You reset the state before the product, r ⊙ h first and then W_hn. Here the reset gate acts on "
    "the product and its bias: u = W_hn h + b_hn, and n sees r ⊙ u.",
)
def reset_before_the_product(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, _ = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    H = h.shape[1]
    u = (r * h) @ W_hh[2 * H :].T + b_hh[2 * H :]
    n = np.tanh(i_n + u)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="The bias b_hn stands outside your reset gate. It belongs inside, in u = W_hn h + b_hn, and n sees r ⊙ u.",
)
def bias_outside_reset(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    b_hn = b_hh[2 * h.shape[1] :]
    u = u - b_hn
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u + b_hn)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="Your n is right, but the u that you return lacks its bias. It is all that the reset gate "
    "multiplies, W_hn h + b_hn: that is what the gradient of r will be multiplied with.",
)
def bias_missing_in_u(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, u - b_hh[2 * h.shape[1] :]


@mistake(
    "gru_gates",
    hint="The u that you return is multiplied with r already. Return u = W_hn h + b_hn as it is before the reset gate.",
)
def u_already_reset(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, r * u


@mistake(
    "gru_gates",
    hint="You return all that stands under the tanh as u. It is the state's part alone, W_hn h + b_hn, "
    "before the reset gate.",
)
def u_with_the_inputs_part(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, i_n + r * u


@mistake(
    "gru_gates",
    hint="Your reset gate is dead: you compute r, but n does not use it. The candidate sees r ⊙ u.",
)
def reset_gate_dead(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + u)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="The tanh of the candidate is missing.",
)
def candidate_without_tanh(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = i_n + r * u
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="Your candidate goes through the sigmoid. The two gates do; the candidate goes through tanh.",
)
def sigmoid_for_the_candidate(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = sigmoid(i_n + r * u)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="The recurrent bias b_hh is missing: the state's part of each block is W_hh h + b_hh.",
)
def no_recurrent_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T + b_ih, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, u


@mistake(
    "gru_gates",
    hint="The input bias b_ih is missing: the input's part of each block is W_ih x + b_ih.",
)
def no_input_bias(x, h, W_ih, W_hh, b_ih, b_hh):
    i_r, i_z, i_n = np.split(x @ W_ih.T, 3, axis=1)
    h_r, h_z, u = np.split(h @ W_hh.T + b_hh, 3, axis=1)
    r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
    n = np.tanh(i_n + r * u)
    return r, z, n, u


@mistake(
    "gru_cell_backward",
    hint="The keep path is missing in your dh. In h' = (1 - z) ⊙ n + z ⊙ h the old state stands by itself, "
    "times z: add dh_next ⊙ z to what comes back through W_hh.",
)
def keep_path_dropped(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your dh is the keep path alone. The old state also makes both gates and the candidate: add what "
    "they send back through W_hh.",
)
def keep_path_alone(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your keep path is multiplied with 1 - z. In h' = (1 - z) ⊙ n + z ⊙ h the old state has the factor z.",
)
def keep_path_by_one_minus_z(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * (1 - z) + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your keep path lets all of dh_next pass. In h' = (1 - z) ⊙ n + z ⊙ h the old state has the factor z.",
)
def keep_path_without_z(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="The candidate path is missing in your dh: h makes u = W_hn h + b_hn, so the gradient of u comes "
    "back through W_hn. Your weight gradients are right.",
)
def candidate_path_dropped(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state[:, : 2 * h.shape[1]] @ W_hh[: 2 * h.shape[1]],
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="The update path is missing in your dh: h makes the update gate, so da_z comes back through W_hz. "
    "Your weight gradients are right.",
)
def update_path_dropped(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + da_r @ W_hh[: h.shape[1]] + (da_n * r) @ W_hh[2 * h.shape[1] :],
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="The reset path is missing in your dh: h makes the reset gate, so da_r comes back through W_hr. "
    "Your weight gradients are right.",
)
def reset_path_dropped(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state[:, h.shape[1] :] @ W_hh[h.shape[1] :],
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your update gate is flipped: here z keeps the old state and 1 - z lets the candidate in, so the "
    "gradient of h has the factor z, that of n has 1 - z, and z is multiplied with h - n.",
    convention="the update gate of Chung et al. (2014)",
)
def update_gate_flipped(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * z * (1 - n**2)
    da_z = dh_next * (n - h) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * (1 - z) + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your gradient of n is multiplied with z. In h' = (1 - z) ⊙ n + z ⊙ h the candidate has the factor 1 - z.",
)
def candidate_by_z(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * z * (1 - n**2)
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


@mistake(
    "gru_cell_backward",
    hint="In your gradient of the candidate the factor 1 - z is missing: h' takes only this share of n.",
)
def candidate_weight_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - n**2)
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


@mistake(
    "gru_cell_backward",
    hint="The slope of tanh is missing: from n to what stands under its tanh, multiply by 1 - n².",
)
def tanh_slope_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z)
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


@mistake(
    "gru_cell_backward",
    hint="Your slope of tanh is 1 - n, and it should be 1 - n²: the square is missing.",
)
def tanh_slope_not_squared(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n)
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


@mistake(
    "gru_cell_backward",
    hint="You take the slope of tanh at n: 1 - tanh(n)². But n is a tanh already, so the slope is 1 - n².",
)
def tanh_slope_at_the_candidate(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - np.tanh(n) ** 2)
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


@mistake(
    "gru_cell_backward",
    hint="You use the sigmoid's slope for the candidate, n (1 - n). It is made by tanh, whose slope is 1 - n².",
)
def sigmoid_slope_for_the_candidate(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * n * (1 - n)
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


@mistake(
    "gru_cell_backward",
    hint="The sign of your update gate's gradient is flipped. With z once in it the new state is n + z ⊙ "
    "(h - n): z is multiplied with h - n, not n - h.",
)
def update_sign_flipped(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (n - h) * z * (1 - z)
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


@mistake(
    "gru_cell_backward",
    hint="Your update gate's gradient is multiplied with h alone. z stands twice in h' = (1 - z) ⊙ n + z ⊙ "
    "h: it is multiplied with h - n.",
)
def update_gate_sees_the_state_alone(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * h * z * (1 - z)
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


@mistake(
    "gru_cell_backward",
    hint="Your update gate's gradient is multiplied with -n alone. z stands twice in h' = (1 - z) ⊙ n + z "
    "⊙ h: it is multiplied with h - n.",
)
def update_gate_sees_the_candidate_alone(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = -dh_next * n * z * (1 - z)
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


@mistake(
    "gru_cell_backward",
    hint="Your update gate gets no gradient: the z rows of all weights and biases are zero. z stands in h' "
    "= n + z ⊙ (h - n), so it gets dh_next ⊙ (h - n), times its slope.",
)
def update_gate_gets_nothing(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = np.zeros(z.shape)
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


@mistake(
    "gru_cell_backward",
    hint="The sigmoid's slope is missing for the update gate: from z to what stands under its σ, multiply "
    "by z (1 - z).",
)
def slope_of_z_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n)
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


@mistake(
    "gru_cell_backward",
    hint="The sigmoid's slope is missing for the reset gate: from r to what stands under its σ, multiply by r (1 - r).",
)
def slope_of_r_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u
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


@mistake(
    "gru_cell_backward",
    hint="The sigmoid's slope is missing for both gates: from r to what stands under its σ, multiply by r "
    "(1 - r), and likewise for z.",
)
def sigmoid_slopes_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n)
    da_r = da_n * u
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


@mistake(
    "gru_cell_backward",
    hint="Your reset gate gets no gradient: the r rows of all weights and biases are zero. r stands in n = "
    "tanh(... + r ⊙ u), so it gets da_n ⊙ u, times its slope.",
)
def reset_gate_gets_nothing(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = np.zeros(r.shape)
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


@mistake(
    "gru_cell_backward",
    hint="Your reset gate's gradient is multiplied with h. In this course r is multiplied with u = W_hn h "
    "+ b_hn, so that is its factor.",
)
def reset_gate_by_the_state(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * h * r * (1 - r)
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


@mistake(
    "gru_cell_backward",
    hint="Your reset gate's gradient is multiplied with W_hn h. The bias b_hn is inside the reset gate "
    "too: the factor is u = W_hn h + b_hn.",
)
def reset_gate_without_the_bias(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    u = u - b_hh[2 * h.shape[1] :]
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


@mistake(
    "gru_cell_backward",
    hint="On the way to the reset gate the slope of tanh is missing: r stands under the tanh of n, so what "
    "reaches it is da_n ⊙ u, and da_n has 1 - n² in it.",
)
def reset_gate_before_the_tanh(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = dh_next * (1 - z) * u * r * (1 - r)
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


@mistake(
    "gru_cell_backward",
    hint="You send da_n to the state as it is. It reaches u through n = tanh(... + r ⊙ u), so the gradient "
    "of u is da_n ⊙ r. That changes dh, the n rows of dW_hh, and those of db_hh, which is not equal "
    "to db_ih.",
)
def reset_missing_to_the_state(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="You send da_n ⊙ r to the input. The reset gate stands before the state's part alone: the input's "
    "part of the candidate gets da_n as it is.",
)
def reset_to_the_input_too(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n * r], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="The reset gate is on the wrong side: you multiply da_n with r for the input, and not for the "
    "state. It is the state's part u that r multiplies.",
)
def reset_on_the_wrong_side(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n * r], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your weight gradients are right, but in dh the gradient comes back through W_hn without the "
    "reset gate: it is da_n ⊙ r that belongs to W_hn.",
)
def reset_missing_in_dh(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_input @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="The n rows of your dW_hh lack the reset gate: u = W_hn h + b_hn gets da_n ⊙ r, so W_hn does.",
)
def reset_missing_in_recurrent_gradient(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
        "dW_hh": d_input.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your db_hh is the same as db_ih. That holds for r and z. For the candidate b_hn stands inside "
    "the reset gate and b_in outside: the n rows of db_hh are sums of da_n ⊙ r.",
)
def one_bias_gradient_for_both(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
        "db_hh": d_input.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="You go back as if the state were reset before the product, W_hn (r ⊙ h). Here it is r ⊙ (W_hn h "
    "+ b_hn): r gets da_n ⊙ u, and W_hn gets da_n ⊙ r with h itself.",
)
def backward_of_the_other_reset(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    dp = da_n @ W_hh[2 * h.shape[1] :]
    da_r = dp * h * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_gates = d_input[:, : 2 * h.shape[1]]
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_gates @ W_hh[: 2 * h.shape[1]] + dp * r,
        "dW_ih": d_input.T @ x,
        "dW_hh": np.concatenate([d_gates.T @ h, da_n.T @ (r * h)]),
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_input.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="You reset the state before the product, W_hn (r ⊙ h) + b_hn, forward and backward. Here the "
    "reset gate acts on the product and its bias, r ⊙ (W_hn h + b_hn).",
    convention="the reset gate of the published version of Cho et al. (2014) (in Keras: reset_after=False)",
)
def reset_before_the_product_in_both(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, _, _ = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    H = h.shape[1]
    n = np.tanh(x @ W_ih[2 * H :].T + b_ih[2 * H :] + (r * h) @ W_hh[2 * H :].T + b_hh[2 * H :])
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    dp = da_n @ W_hh[2 * H :]
    da_r = dp * h * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_gates = d_input[:, : 2 * H]
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_gates @ W_hh[: 2 * H] + dp * r,
        "dW_ih": d_input.T @ x,
        "dW_hh": np.concatenate([d_gates.T @ h, da_n.T @ (r * h)]),
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_input.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your gradients are packed in the order z, r, n. The rows of the weights are in the order r, z, "
    "n, and so are those of their gradients.",
)
def packed_update_gate_first(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_z, da_r, da_n], axis=1)
    d_state = np.concatenate([da_z, da_r, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your gradients are packed in the order n, r, z. The rows of the weights are in the order r, z, "
    "n, and so are those of their gradients.",
)
def packed_candidate_first(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_n, da_r, da_z], axis=1)
    d_state = np.concatenate([da_n * r, da_r, da_z], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your weight gradients are transposed. Row i of W belongs to a unit, so in dW too the unit comes "
    "first: d_input.T @ x, and likewise for the state.",
)
def weight_gradients_transposed(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": x.T @ d_input,
        "dW_hh": h.T @ d_state,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your dW_hh uses the state that the step made, h'. W_hh was multiplied with the state before the "
    "step, so h belongs in the product. Nothing but dW_hh shows this mistake.",
)
def new_state_for_old(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    after = n + z * (h - n)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ after,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your bias gradients are averaged over the batch. Every row of the batch adds to the loss, so "
    "they are summed; an average, where one is wanted, is in the upstream gradient already.",
)
def biases_averaged(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
        "db_ih": d_input.mean(axis=0),
        "db_hh": d_state.mean(axis=0),
    }


@mistake(
    "gru_cell_backward",
    hint="Your db_hh is zero. The recurrent bias is added to W_hh h, so it gets what the state's side "
    "gets, summed over the rows.",
)
def recurrent_bias_left_out(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
        "db_hh": np.zeros(b_hh.shape),
    }


@mistake(
    "gru_cell_backward",
    hint="Your gradients are right, but you multiply dh_next in place, and it belongs to the caller. Make a new array.",
    spoils=(),
)
def upstream_changed_in_step(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    dh_next *= z
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake(
    "gru_backward",
    hint="Nothing comes back from the step after: you go through each step with dhs[t] alone. A state has "
    "a second way to the loss, through the next step: add the dh that came back from there.",
)
def nothing_carried(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t], x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="You use dhs of the last step alone. The loss looks at every state: add dhs[t] at each step to "
    "what is carried.",
)
def only_the_last_loss(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), dhs[-1]
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="dhs of the last step is counted twice: it is in the array that you start with, and is added "
    "again. Nothing comes back to the last step, so start with zeros.",
)
def last_loss_twice(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), dhs[-1]
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="Your weight and bias gradients are those of one step alone: each step overwrites what the one "
    "before left. All steps share the weights, so they are summed.",
)
def overwritten_not_summed(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
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
        sums = {name: step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="Your weight and bias gradients are averaged over the steps. They are parts of one gradient, so "
    "they are summed.",
)
def averaged_over_steps(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
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
        sums = {name: sums[name] + step[name] for name in sums}
    sums = {name: total / len(x) for name, total in sums.items()}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="What you carry piles up: you add a step's dh to what was carried before. All of that has gone "
    "through the step already: the step's dh takes its place.",
)
def carried_piles_up(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], dh + step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="You go back through a step with the state that it made. Each step needs the state that it "
    "started from; for the first that is h0.",
)
def states_after_the_steps(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t + 1], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="For the first step you take hs[-1], which Python reads as the last state of all. The first step "
    "started from h0.",
)
def last_state_before_the_first_step(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    h, hs = h0, []
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, h, *weights)
        h = (1 - z) * n + z * h
        hs.append(h)
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t - 1], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="Your forward pass starts from zeros. The sequence starts from h0.",
)
def started_from_zero(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [np.zeros(h0.shape)]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="You go back through every step from h0. A step starts from the state that the step before it "
    "made: run the sequence forward first, and keep its states.",
)
def every_step_from_h0(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], h0, *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="Your forward pass mixes the wrong way round: here h' = (1 - z) ⊙ n + z ⊙ h, so z keeps the old state.",
)
def forward_flipped(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append(z * n + (1 - z) * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="You walk from the first step to the last. What a step sends back goes to the step before it, so "
    "start at the last.",
)
def forwards_in_time(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in range(len(x)):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="You use dhs[t - 1] at step t. dhs[t] belongs to the state that step t made, and that is where "
    "the step's way back begins.",
)
def upstream_of_the_step_before(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t - 1] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="Your dh0 is zero. The sequence started from h0: what comes back from the first step is its gradient.",
)
def dh0_zero(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
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
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": np.zeros(h0.shape), **sums}


@mistake(
    "gru_backward",
    hint="Your dh0 is the gradient at the state that the first step made. Go back through the first step too.",
)
def dh0_of_the_first_state(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        before = dhs[t] + dh
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": before, **sums}


@mistake(
    "gru_backward",
    hint="Your dx is reversed in time: you collect it from the last step to the first. dx[t] belongs to x[t].",
)
def inputs_in_reverse(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = [], np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t], *weights)
        dx.append(step["dx"])
        dh = step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": np.stack(dx), "dh0": dh, **sums}


@mistake(
    "gru_backward",
    hint="Your gradients are right, but you add what is carried to dhs in place, and dhs belongs to the "
    "caller. Make a new array.",
)
def upstream_changed(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        dhs[t] += dh
        step = gru_cell_backward(dhs[t], x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake(
    "dropped_path",
    hint="Your function never finds a missing way. Check three things: your four ways add up to the dh of "
    "your `gru_cell_backward`; what is missing is that sum minus the given dh, not the other way "
    "round; and you compare with np.allclose, for the arrays agree only to rounding.",
)
def nothing_ever_found(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * z,
        "candidate": (da_n * r) @ W_hn,
        "update": (dh_next * (h - n) * z * (1 - z)) @ W_hz,
        "reset": (da_n * u * r * (1 - r)) @ W_hr,
    }
    missing = dh - sum(ways.values())
    return {name: np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="Your function finds every way but the keep path. What comes by it is dh_next ⊙ z.",
)
def keep_never_found(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * (1 - z),
        "candidate": (da_n * r) @ W_hn,
        "update": (dh_next * (h - n) * z * (1 - z)) @ W_hz,
        "reset": (da_n * u * r * (1 - r)) @ W_hr,
    }
    missing = gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh)["dh"] - dh
    return {name: np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="Your function finds every way but the candidate path. What comes by it is da_n ⊙ r, through "
    "W_hn, the last H rows of W_hh.",
)
def candidate_never_found(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * z,
        "candidate": da_n @ W_hn,
        "update": (dh_next * (h - n) * z * (1 - z)) @ W_hz,
        "reset": (da_n * u * r * (1 - r)) @ W_hr,
    }
    missing = gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh)["dh"] - dh
    return {name: np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="Your function finds every way but the update path. What comes by it is da_z, through W_hz, the "
    "second H rows of W_hh; da_z has h - n in it and the slope z (1 - z).",
)
def update_never_found(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * z,
        "candidate": (da_n * r) @ W_hn,
        "update": (dh_next * (n - h) * z * (1 - z)) @ W_hz,
        "reset": (da_n * u * r * (1 - r)) @ W_hr,
    }
    missing = gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh)["dh"] - dh
    return {name: np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="Your function finds every way but the reset path. What comes by it is da_r, through W_hr, the "
    "first H rows of W_hh; da_r is made of da_n, u and the slope r (1 - r).",
)
def reset_never_found(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * z,
        "candidate": (da_n * r) @ W_hn,
        "update": (dh_next * (h - n) * z * (1 - z)) @ W_hz,
        "reset": (dh_next * u * r * (1 - r)) @ W_hr,
    }
    missing = gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh)["dh"] - dh
    return {name: np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="You take the update path for the reset path, and the other way round. The first H rows of W_hh "
    "make the reset gate, the next H the update gate.",
)
def gates_named_the_other_way(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    da_n = dh_next * (1 - z) * (1 - n**2)
    ways = {
        "keep": dh_next * z,
        "candidate": (da_n * r) @ W_hn,
        "reset": (dh_next * (h - n) * z * (1 - z)) @ W_hz,
        "update": (da_n * u * r * (1 - r)) @ W_hr,
    }
    missing = sum(ways.values()) - dh
    return {name: np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="Your function always names a way, where nothing is missing too: it takes the one that fits best. "
    "Ask whether it fits at all.",
)
def always_one_found(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
    best = min(ways, key=lambda name: np.abs(missing - ways[name]).max())
    return {name: name == best for name in ways}


@mistake(
    "dropped_path",
    hint="Your answers are turned round: True is for the way that is missing, False for those that are there.",
)
def truth_turned_round(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
    return {name: not np.allclose(missing, way) for name, way in ways.items()}


@mistake(
    "dropped_path",
    hint="You take for missing what is nowhere near zero in the difference, so all four come out True as "
    "soon as one is lost. Compare the difference with each way by itself.",
)
def what_is_given_taken_for_what_is_missing(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
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
    return {name: not np.allclose(missing, 0) for name in ways}


@mistake("gru_cell_backward", of=(keep_path_dropped, reset_missing_to_the_state))
def keep_path_dropped_and_reset_missing_to_the_state(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake("gru_cell_backward", of=(keep_path_dropped, tanh_slope_forgotten))
def keep_path_dropped_and_tanh_slope_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake("gru_cell_backward", of=(update_sign_flipped, reset_missing_to_the_state))
def update_sign_flipped_and_reset_missing_to_the_state(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (n - h) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake("gru_cell_backward", of=(update_sign_flipped, one_bias_gradient_for_both))
def update_sign_flipped_and_one_bias_gradient_for_both(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (n - h) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_input.sum(axis=0),
    }


@mistake("gru_cell_backward", of=(candidate_by_z, keep_path_by_one_minus_z))
def candidate_by_z_and_keep_path_by_one_minus_z(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * z * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * (1 - z) + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake("gru_cell_backward", of=(sigmoid_slopes_forgotten, tanh_slope_forgotten))
def sigmoid_slopes_forgotten_and_tanh_slope_forgotten(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z)
    da_z = dh_next * (h - n)
    da_r = da_n * u
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


@mistake("gru_cell_backward", of=(reset_gate_gets_nothing, reset_missing_to_the_state))
def reset_gate_gets_nothing_and_reset_missing_to_the_state(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = np.zeros(r.shape)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n], axis=1)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ h,
        "db_ih": d_input.sum(axis=0),
        "db_hh": d_state.sum(axis=0),
    }


@mistake("gru_cell_backward", of=(biases_averaged, new_state_for_old))
def biases_averaged_and_new_state_for_old(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    da_n = dh_next * (1 - z) * (1 - n**2)
    da_z = dh_next * (h - n) * z * (1 - z)
    da_r = da_n * u * r * (1 - r)
    d_input = np.concatenate([da_r, da_z, da_n], axis=1)
    d_state = np.concatenate([da_r, da_z, da_n * r], axis=1)
    after = n + z * (h - n)
    return {
        "dx": d_input @ W_ih,
        "dh": dh_next * z + d_state @ W_hh,
        "dW_ih": d_input.T @ x,
        "dW_hh": d_state.T @ after,
        "db_ih": d_input.mean(axis=0),
        "db_hh": d_state.mean(axis=0),
    }


@mistake("gru_backward", of=(nothing_carried, overwritten_not_summed))
def nothing_carried_and_overwritten_not_summed(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t], x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake("gru_backward", of=(overwritten_not_summed, states_after_the_steps))
def overwritten_not_summed_and_states_after_the_steps(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [h0]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t] + dh, x[t], hs[t + 1], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


@mistake("gru_backward", of=(dh0_zero, overwritten_not_summed))
def dh0_zero_and_overwritten_not_summed(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
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
        sums = {name: step[name] for name in sums}
    return {"dx": dx, "dh0": np.zeros(h0.shape), **sums}


@mistake("gru_backward", of=(nothing_carried, started_from_zero))
def nothing_carried_and_started_from_zero(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    weights = W_ih, W_hh, b_ih, b_hh
    hs = [np.zeros(h0.shape)]
    for x_t in x:
        _, z, n, _ = gru_gates(x_t, hs[-1], *weights)
        hs.append((1 - z) * n + z * hs[-1])
    dx, dh = np.zeros(x.shape), np.zeros(h0.shape)
    sums = dict.fromkeys(["dW_ih", "dW_hh", "db_ih", "db_hh"], 0)
    for t in reversed(range(len(x))):
        step = gru_cell_backward(dhs[t], x[t], hs[t], *weights)
        dx[t], dh = step["dx"], step["dh"]
        sums = {name: sums[name] + step[name] for name in sums}
    return {"dx": dx, "dh0": dh, **sums}


PAIRS = [
    both(gates_exchanged, packed_update_gate_first),
    both(update_gate_flipped, forward_flipped),
    both(gates_exchanged, overwritten_not_summed),
    both(keep_path_dropped, overwritten_not_summed),
    both(update_sign_flipped, dh0_zero),
    both(reset_missing_to_the_state, states_after_the_steps),
    both(new_state_for_old, nothing_carried),
    both(one_bias_gradient_for_both, only_the_last_loss),
]
