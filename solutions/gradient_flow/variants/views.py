"""Everything written into arrays made beforehand, by way of transposes and views."""

import numpy as np


def state_jacobian(x, h, W_ih, W_hh, b_ih, b_hh):
    J = np.empty((len(h), *W_hh.shape))
    J[:] = W_hh
    into = J.transpose(2, 0, 1)
    into *= 1 - np.tanh(W_ih @ x.T + W_hh @ h.T + (b_ih + b_hh)[:, None]).T ** 2
    return J


def decay_curve(x, h0, W_ih, W_hh, b_ih, b_hh):
    T, B, H = len(x), *h0.shape
    states = np.empty((T + 1, B, H))
    states[0] = h0
    for t in range(T):
        states[t + 1] = rnn_cell(x[t], states[t], W_ih, W_hh, b_ih, b_hh)
    flat = state_jacobian(x.reshape(T * B, -1), states[:-1].reshape(T * B, H), W_ih, W_hh, b_ih, b_hh)
    jacobians = np.asarray(flat).reshape(T, B, H, H)
    products = np.empty((T + 1, B, H, H))
    products[0] = np.eye(H)
    for k in range(T):
        # the transposes, so that the order turns round
        np.matmul(jacobians[T - 1 - k].swapaxes(1, 2), products[k], out=products[k + 1])
    return np.linalg.norm(products, ord=2, axis=(2, 3))


def orthogonal(A):
    Q, R = np.linalg.qr(A)
    Q[:, R.diagonal() < 0] *= -1
    return Q


def clip_by_global_norm(gradients, max_norm):
    norm = float(np.sqrt(sum((g * g).sum() for g in gradients.values())))
    clipped = {name: np.array(g, copy=True) for name, g in gradients.items()}
    if norm > max_norm:
        for g in clipped.values():
            g *= max_norm
            g /= norm
    return clipped, norm


def clips_too_late(loop, parameters, max_norm, learning_rate):
    rng = np.random.default_rng(5)
    g = {name: max_norm * rng.uniform(100, 200, p.shape) for name, p in parameters.items()}
    after = loop(parameters, lambda now: {name: each.copy() for name, each in g.items()}, max_norm, learning_rate, 1)
    expected = np.concatenate([(p - learning_rate * g[name]).ravel() for name, p in parameters.items()])
    return np.allclose(np.concatenate([after[name].ravel() for name in parameters]), expected, rtol=1e-6)
