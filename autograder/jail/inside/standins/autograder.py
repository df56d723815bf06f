"""Stands in for `autograder` where work is graded: the check that a notebook opens does nothing there."""


def open(assignment):
    def check(task=None):
        return None

    return check
