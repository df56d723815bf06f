"""What a learner receives: standard library and NumPy only, and nothing that knows an answer.

The same modules are used where a learner's code runs for a grade, so they import each other relatively.
"""
