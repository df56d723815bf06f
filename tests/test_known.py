"""The list of known mistakes in the book: each is in it, under its task, and nothing is read as markup."""

import pytest
from running import COURSE

from autograder.course import assignment_names, find_assignment
from autograder.known import escaped, folded, single_mistakes, title_of


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_every_mistake_is_listed_with_its_hint(name):
    assignment = find_assignment(COURSE, name)
    tasks = [task.name for task in assignment.tasks if not task.manual]
    text = folded(assignment, {task: f"In {task}" for task in tasks})
    assert text.count(":::{dropdown}") == len(tasks)
    for mistake in single_mistakes(assignment):
        assert f"{title_of(mistake)}\n: {escaped(mistake.told.seen_from(mistake.task))}" in text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("dW_hh is 2 * 3", "dW\\_hh is 2 \\* 3"),
        ("from your `rnn_cell`, r*", "from your `rnn_cell`, r\\*"),
        ("a lone ` and |a|", "a lone \\` and \\|a\\|"),
    ],
)
def test_markup_is_escaped_and_code_stays(text, want):
    assert escaped(text) == want
