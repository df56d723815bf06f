"""A small assignment that works, for `autograder new` to begin another with.

Where its files say `skeleton` stands the new assignment's name; `A leaky average` is its title, and 3 its points.
"""
