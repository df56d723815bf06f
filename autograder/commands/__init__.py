"""The instructor's commands, a module each: `add_to` describes one, `run` does it."""

from __future__ import annotations

from autograder.commands import (
    alike,
    bundle,
    collect,
    demo,
    doctor,
    enter_marks,
    exercises,
    export,
    glance,
    grade,
    gradebook,
    gradescope,
    mend,
    merge,
    new,
    prove,
    rubric,
)
from autograder.commands.adding import Commands

IN_ORDER = (  # as `autograder --help` lists them
    *(collect, grade, merge, glance, alike, export, gradebook, mend, rubric, enter_marks),  # a class
    *(new, exercises, prove, demo, bundle, gradescope, doctor),  # a course
)


def add_commands(commands: Commands) -> None:
    """Add the instructor's commands to those of the learner."""
    for command in IN_ORDER:
        command.add_to(commands)
