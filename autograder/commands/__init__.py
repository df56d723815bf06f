"""The instructor's commands, a module each: `add_to` describes one, `run` does it."""

from __future__ import annotations

from autograder.commands import alike, bundle, collect, demo, doctor, exercises, glance, grade, gradebook, merge
from autograder.commands.adding import Commands

# As `autograder --help` lists them.
IN_ORDER = (collect, grade, merge, glance, alike, gradebook, demo, exercises, bundle, doctor)


def add_commands(commands: Commands) -> None:
    """Add the instructor's commands to those of the learner."""
    for command in IN_ORDER:
        command.add_to(commands)
