"""The answer key.  Nothing below this folder is ever given to a learner; `autograder bundle` leaves it out."""
