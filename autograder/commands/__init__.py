"""The instructor's commands, a module each: `add_to` describes one, `run` does it."""

from __future__ import annotations

from autograder.commands import (
    bundle,
    collect,
    demo,
    doctor,
    exercises,
    export,
    grade,
    gradebook,
    gradescope,
    merge,
)
from autograder.commands.adding import Commands

# as `autograder --help` lists them
IN_ORDER = (collect, grade, merge, export, gradebook, demo, exercises, bundle, gradescope, doctor)


def add_commands(commands: Commands) -> None:
    """Add the instructor's commands to those of the learner."""
    for command in IN_ORDER:
        command.add_to(commands)
