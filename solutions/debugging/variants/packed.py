"""Weights packed as PyTorch has them, by a class, and one product for all gates."""

from dataclasses import dataclass


@dataclass
class Packed:
    from_x: np.ndarray
    from_h: np.ndarray

    @classmethod
    def of(cls, x, h, p, gates="rzn"):
        def product(v, kind):
            W = np.vstack([p[f"W_{kind}{gate}"] for gate in gates])
            b = np.hstack([p[f"b_{kind}{gate}"] for gate in gates])
            return (v @ W.T + b).reshape(len(v), len(gates), -1).swapaxes(0, 1)

        return cls(product(x, "i"), product(h, "h"))

    def gate(self, place):
        return sigmoid(self.from_x[place] + self.from_h[place])


def mended_step(x, h, p):
    a = Packed.of(x, h, p)
    n = np.tanh(a.from_x[2] + a.gate(0) * a.from_h[2])
    return n + a.gate(1) * (h - n)


def input_that_shows(B, D, H):
    p = {}
    for gate, bias in [("r", -5.0), ("z", -5.0), ("n", -0.5)]:
        p[f"W_i{gate}"], p[f"W_h{gate}"] = np.zeros((H, D)), np.zeros((H, H))
        p[f"b_i{gate}"], p[f"b_h{gate}"] = np.full(H, bias), np.zeros(H)
    p["b_hn"] = np.full(H, 2.0)
    return np.ones((B, D)), np.ones((B, H)), p


def train_clipped(theta, x, y, max_norm, learning_rate):
    for batch in zip(x, y, strict=True):
        g = gradient_of(theta, *batch)
        g = g * min(1, max_norm / (np.linalg.norm(g) + 1e-6))  # as PyTorch has it
        theta = theta - learning_rate * g
    return theta


def constant_error(targets):
    return np.var(targets)


def expected_error(count, low, high):
    return count / 12 * (high - low) ** 2


def step_like_run(x, h, p):
    a = Packed.of(x, h, p, "zn")
    z, n = a.gate(0), np.tanh(a.from_x[1] + a.from_h[1])
    return h + z * (n - h)


def step_as_trained(x, h, p):
    a = Packed.of(x, h, p)
    n = np.tanh(a.from_x[2] + Packed.of(x, a.gate(0) * h, p, "n").from_h[0])
    return (1 - a.gate(1)) * n + a.gate(1) * h


def agrees(got, want):
    bar = {"float32": 1e-5, "float64": 1e-11}[got.dtype.name]
    return got.shape == want.shape and np.allclose(got, want, rtol=0, atol=bar * np.abs(want).max())
