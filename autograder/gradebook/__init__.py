"""nbgrader's gradebook: what goes into it, what stays in it, and what can be wrong with it."""
