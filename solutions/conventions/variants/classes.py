"""A dataclass for the weights, with what can be done to them as its methods."""

from dataclasses import asdict, dataclass

import numpy as np


@dataclass
class Packed:
    W_ih: np.ndarray
    W_hh: np.ndarray
    b_ih: np.ndarray
    b_hh: np.ndarray

    def map(self, change):
        return Packed(*(np.concatenate(change(*np.split(array, 3))) for array in asdict(self).values()))

    def step(self, x, h, keeps, after):
        i_r, i_z, i_n = np.split(self.W_ih @ x.T + self.b_ih[:, None], 3)
        U_n, c_n = np.split(self.W_hh, 3)[2], np.split(self.b_hh, 3)[2][:, None]
        h_r, h_z, h_n = np.split(self.W_hh @ h.T + self.b_hh[:, None], 3)
        r, z = np.exp(-np.logaddexp(0, -(i_r + h_r))), np.exp(-np.logaddexp(0, -(i_z + h_z)))
        n = np.tanh(i_n + (r * h_n if after else U_n @ (r * h.T) + c_n))
        old, new = (z, 1 - z) if keeps else (1 - z, z)
        return (old * h.T + new * n).T


@dataclass
class Program:
    units: int
    inputs: int

    def __post_init__(self):
        H, D = self.units, self.inputs
        self.h0 = np.full(H, -1.0)
        self.arrays = {"W_ih": np.zeros((3 * H, D)), "W_hh": np.zeros((3 * H, H)), "b_ih": np.zeros(3 * H)}
        self.arrays["b_ih"][:H] = 15

    def rows(self, name, gate):
        start = "rzn".index(gate) * self.units
        return self.arrays[name][start : start + self.units]

    def done(self):
        return {"h0": self.h0, **self.arrays, "b_hh": np.zeros(3 * self.units)}


def keras_to_torch(kernel, recurrent_kernel, bias):
    return asdict(Packed(kernel.T, recurrent_kernel.T, *bias).map(lambda z, r, n: (r, z, n)))


def to_write_convention(W_ih, W_hh, b_ih, b_hh):
    return asdict(Packed(W_ih, W_hh, b_ih, b_hh).map(lambda r, z, n: (r, -z, n)))


def count_parameters(gates, D, H, layers=1, bidirectional=False, biases=2):
    ways = [1, 2][bidirectional]
    sizes = [(3, D)] + [(3, ways * H)] * (layers - 1)
    return sum(ways * (gates * H * size + gates * H * H + gates * H * biases) for _, size in sizes)


def which_convention(x, h, W_ih, W_hh, b_ih, b_hh, h_next):
    given = Packed(W_ih, W_hh, b_ih, b_hh)
    swapped = given.map(lambda z, r, n: (r, z, n))
    for keeps in (True, False):
        for after in (True, False):
            for first, weights in ((True, given), (False, swapped)):
                if np.allclose(weights.step(x, h, keeps, after), h_next, atol=1e-5):
                    return {"keeps": keeps, "reset_after": after, "reset_first": first}
    raise ValueError("none of the eight")


def parity_weights():
    program = Program(3, 1)  # two more than needed
    program.rows("b_ih", "z")[0], program.rows("W_ih", "z")[0] = 11, -33
    program.rows("W_hh", "n")[0, 0] = -3
    return program.done()


def counter_weights():
    program = Program(5, 2)  # units 3 and 4 do something else
    program.rows("b_ih", "z")[:3] = 12
    program.rows("W_ih", "z")[:3] = -30
    program.rows("W_ih", "n")[:3] = [10, -50]
    program.rows("W_hh", "n")[1, 0] = program.rows("W_hh", "n")[2, 1] = 20
    program.rows("W_ih", "n")[3:] = 1
    return program.done()


def delay_weights():
    program = Program(2, 1)
    program.rows("b_ih", "z")[:] = -20
    program.rows("W_ih", "n")[1], program.rows("b_ih", "n")[1] = 12, -6
    program.rows("W_hh", "n")[0, 1] = 3
    return program.done()
