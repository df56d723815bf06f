"""What is on the other side of the wall.  These modules run beside a learner's code and may be subverted by it.

The process that holds them finds `autograder.learner`, these modules, the packages that the assignment declares and
stand-ins for some others, and nothing else of this project.
"""
