"""Sums over named axes, singular values, and the gradients as one long vector."""

import numpy as np


def state_jacobian(x, h, W_ih, W_hh, b_ih, b_hh):
    a = np.einsum("bd,id->bi", x, W_ih) + np.einsum("bj,ij->bi", h, W_hh) + b_ih + b_hh
    return np.einsum("bi,ij->bij", 1 - np.tanh(a) ** 2, W_hh)


def decay_curve(x, h0, W_ih, W_hh, b_ih, b_hh):
    states = [h0]
    for x_t in x:
        states.append(rnn_cell(x_t, states[-1], W_ih, W_hh, b_ih, b_hh))
    product = np.broadcast_to(np.eye(h0.shape[1]), (len(h0), *W_hh.shape))
    norms = np.ones((len(x) + 1, len(h0)))
    for lag, t in enumerate(reversed(range(len(x))), start=1):
        product = np.einsum("bij,bjk->bik", product, state_jacobian(x[t], states[t], W_ih, W_hh, b_ih, b_hh))
        norms[lag] = np.linalg.svd(product, compute_uv=False)[:, 0]
    return norms


def orthogonal(A):
    Q, R = np.linalg.qr(A)
    return np.einsum("ik,k->ik", Q, np.where(R.diagonal() < 0, -1.0, 1.0))


def clip_by_global_norm(gradients, max_norm):
    flat = np.concatenate([np.ravel(g) for g in gradients.values()])
    norm = np.sqrt(np.einsum("i,i->", flat, flat))
    factor = min(1.0, max_norm / norm) if norm > 0 else 1.0
    return {name: np.multiply(factor, g) for name, g in gradients.items()}, norm


def clips_too_late(loop, parameters, max_norm, learning_rate):
    rng = np.random.default_rng(0)
    signs = {name: rng.choice([-1.0, 1.0], p.shape) for name, p in parameters.items()}
    large = {name: 50 * max_norm * each for name, each in signs.items()}
    one = loop(parameters, lambda _: large, max_norm, learning_rate, 1)
    two = loop(parameters, lambda _: {name: 2 * g for name, g in large.items()}, max_norm, learning_rate, 1)
    return any(not np.allclose(one[name], two[name], rtol=0, atol=1e-6 * learning_rate * max_norm) for name in one)
