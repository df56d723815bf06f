"""Every known mistake is stopped and named, every right way is accepted; and checks that are weak are seen to be."""

import pytest
from running import COURSE, on_the_map

from autograder import strength
from autograder.course import assignment_names, find_assignment
from autograder.strength import strength_of


@pytest.mark.parametrize("name", assignment_names(COURSE))
def test_no_assignment_misses_anything(name):
    found = strength_of(find_assignment(COURSE, name))
    assert [each.mistake.name for each in found.mistakes if not each.killed] == []
    assert [each.mistake.name for each in found.mistakes if not each.named] == []
    assert [variant for variant, accepted in found.variants.items() if not accepted] == []
    assert len(found.variants) >= (5 if name in on_the_map() else 0)


def test_checks_that_see_less_are_seen_to_be_weak(monkeypatch):
    def visible_alone(assignment):
        return [check for check in whole(assignment) if check.name.startswith("sigmoid")]

    whole = strength.collect_checks
    monkeypatch.setattr(strength, "collect_checks", visible_alone)
    found = strength_of(find_assignment(COURSE, "gru_cell"))
    assert 0 < found.killed < len(found.mistakes)
