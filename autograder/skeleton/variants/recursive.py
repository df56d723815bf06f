"""From the last step back to the start, by a function that calls itself; a list as the result."""


def leaky_average(x, s0, a):
    if len(x) == 0:
        return []
    before = leaky_average(x[:-1], s0, a)
    last = before[-1] if before else s0
    return [*before, (1 - a) * x[-1] + a * last]
