"""Functions of an array to take the gradient of.  Public: a learner may read and call them."""

import numpy as np


def cubic(x):
    """A sum of cubes, each with a weight of its own, and the square of the sum of all entries.  x of any shape."""
    weights = np.cos(np.arange(x.size)).reshape(x.shape)
    return float((weights * x**3).sum() + x.sum() ** 2)


def product_of_rows(x):
    """The product of the sums of the rows of a matrix: it needs both axes of x."""
    return float(np.prod(x.sum(axis=1)))
