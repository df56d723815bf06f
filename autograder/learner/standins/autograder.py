"""Stands in for `autograder` where work is graded: what a notebook asks of it does nothing there."""


class Nothing:
    """Whatever is asked of it, it takes, and gives itself."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self


def open(assignment):
    return Nothing()


progress = next_task = validate = Nothing()
