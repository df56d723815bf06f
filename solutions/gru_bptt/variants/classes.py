"""A small tape: arrays that remember how they were made, and send gradients back by themselves."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(eq=False)
class Var:
    value: np.ndarray
    parents: list = field(default_factory=list)  # (variable, how its gradient is made of this one's)
    grad: object = 0

    def __add__(self, other):
        return Var(self.value + other.value, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other):
        return Var(self.value * other.value, [(self, lambda g: g * other.value), (other, lambda g: g * self.value)])

    def rows(self, start, stop):
        def back(g):
            whole = np.zeros(self.value.shape)
            whole[start:stop] = g
            return whole

        return Var(self.value[start:stop], [(self, back)])

    def curve(self, value, slope):
        return Var(value, [(self, lambda g: g * slope)])

    def sigmoid(self):
        s = sigmoid(self.value)
        return self.curve(s, s * (1 - s))

    def tanh(self):
        t = np.tanh(self.value)
        return self.curve(t, 1 - t * t)

    def one_minus(self):
        return self.curve(1 - self.value, -1.0)

    def back(self, gradient):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent, _ in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = self.grad + gradient
        for node in reversed(order):
            for parent, way in node.parents:
                parent.grad = parent.grad + way(node.grad)


def affine(x, W, b):
    return Var(
        x.value @ W.value.T + b.value,
        [(x, lambda g: g @ W.value), (W, lambda g: g.T @ x.value), (b, lambda g: g.sum(axis=0))],
    )


class Cell:
    def __init__(self, W_ih, W_hh, b_ih, b_hh):
        H = W_hh.shape[1]
        self.packed = [Var(array) for array in (W_ih, W_hh, b_ih, b_hh)]
        self.blocks = [[array.rows(k * H, (k + 1) * H) for array in self.packed] for k in range(3)]

    def gates(self, x, h):
        if not isinstance(h, dict):
            h = dict.fromkeys(["reset", "update", "candidate"], h)
        parts = []
        for way, (W, U, b, c) in zip(["reset", "update", "candidate"], self.blocks, strict=True):
            parts.append((affine(x, W, b), affine(h[way], U, c)))
        (i_r, h_r), (i_z, h_z), (i_n, u) = parts
        r, z = (i_r + h_r).sigmoid(), (i_z + h_z).sigmoid()
        return r, z, (i_n + r * u).tanh(), u

    def step(self, x, h, keep=None):
        _, z, n, _ = self.gates(x, h)
        return z.one_minus() * n + z * (keep or h)

    def gradients(self):
        return dict(zip(["dW_ih", "dW_hh", "db_ih", "db_hh"], [array.grad for array in self.packed], strict=True))


def gru_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    return tuple(gate.value for gate in Cell(W_ih, W_hh, b_ih, b_hh).gates(Var(x), Var(h)))


def gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    cell, x, h = Cell(W_ih, W_hh, b_ih, b_hh), Var(x), Var(h)
    cell.step(x, h).back(dh_next)
    return {"dx": x.grad, "dh": h.grad, **cell.gradients()}


def gru_backward(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    cell, inputs, first = Cell(W_ih, W_hh, b_ih, b_hh), [Var(x_t) for x_t in x], Var(h0)
    states = [first]
    for x_t in inputs:
        states.append(cell.step(x_t, states[-1]))
    loss = Var(0.0, [(h, lambda g, d=d: g * d) for h, d in zip(states[1:], dhs, strict=True)])
    loss.back(1.0)
    return {"dx": np.array([x_t.grad for x_t in inputs]), "dh0": first.grad, **cell.gradients()}


def dropped_path(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    cell, keep = Cell(W_ih, W_hh, b_ih, b_hh), Var(h)
    copies = {way: Var(h) for way in ["reset", "update", "candidate"]}
    cell.step(Var(x), copies, keep).back(dh_next)
    ways = {"keep": keep.grad, **{way: copy.grad for way, copy in copies.items()}}
    missing = np.sum(list(ways.values()), axis=0) - dh
    return {name: np.allclose(missing, way, rtol=1e-8, atol=1e-12) for name, way in ways.items()}
