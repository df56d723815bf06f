# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A leaky average
#
# You will write an average that forgets. Allow half an hour. You need NumPy's arithmetic with arrays.
#
# Write each function in its cell, run the cell, then run the check below it. The check tells you what is wrong in words.
# You can run it as often as you like. Your notebook will be graded on other inputs than the check's.

# %% nbgrader={"grade_id": "setup", "grade": false, "locked": true, "schema_version": 3, "solution": false}
import numpy as np

# %% nbgrader={"grade_id": "open", "grade": false, "locked": true, "schema_version": 3, "solution": false} tags=["check"]
import autograder

check = autograder.open("skeleton")

# %% [markdown]
# ## 1. The average (3 points)
#
# A sequence $x_1 \dots x_T$ comes in, a row of $B$ numbers at each step. The average starts at $s_0$. At each step it
# keeps a share $a$ of what it was and takes the rest from the input:
#
# $$s_t = a\, s_{t-1} + (1 - a)\, x_t, \qquad t = 1 \dots T$$
#
# Return all averages $s_1 \dots s_T$. The start $s_0$ is not part of the result. In code $x_1$ is `x[0]`.
#
# <details><summary>Hint 1</summary>
#
# Go through the steps with a loop and keep the average so far in a variable. What does it hold before the first step?
#
# </details>
# <details><summary>Hint 2</summary>
#
# Put each new average into a list; `np.stack` makes one array of them.
#
# </details>


# %% nbgrader={"grade_id": "leaky_average_answer", "grade": false, "locked": false, "schema_version": 3, "solution": true}
def leaky_average(x, s0, a):
    """The average after each step.

    x (T, B), s0 (B,), a a number from 0 to 1 -> (T, B)
    """
    ### BEGIN SOLUTION
    s, averages = s0, []
    for x_t in x:
        s = a * s + (1 - a) * x_t
        averages.append(s)
    return np.stack(averages)
    ### END SOLUTION


# %% nbgrader={"grade_id": "leaky_average", "grade": true, "locked": true, "points": 3, "schema_version": 3, "solution": false} tags=["check"]
check("leaky_average")

# %% [markdown]
# ## 2. In words (2 points)
#
# After about how many steps has the average forgotten half of where it started, for $a = 0.9$? Does it ever forget all
# of it? Two or three sentences. A person reads this.

# %% [markdown] nbgrader={"grade_id": "how_it_forgets", "grade": true, "locked": false, "points": 2, "schema_version": 3, "solution": true}
# After $t$ steps the start has the share $a^t$. Half of it is left where $0.9^t = 0.5$, after $\ln 0.5 / \ln 0.9 \approx 6.6$
# steps, so after about seven. It never forgets all of it: $a^t$ falls towards 0 and is never there.
