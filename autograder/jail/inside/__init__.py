"""What is on the other side of the wall.  These modules run beside a learner's code and may be subverted by it.

The process that holds them finds `autograder.learner`, these modules, NumPy and two stand-ins, and nothing else of this
project.
"""
