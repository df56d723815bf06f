"""Where a learner's code runs: in a process that has never held a check, a reference or an expected value."""
