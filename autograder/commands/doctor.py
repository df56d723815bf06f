"""`autograder doctor`: say how well learners' code is shut in here."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.jail.levels import ON_GPU, best_level, obstacles


def add_to(commands: Commands) -> None:
    add(
        commands,
        "doctor",
        run,
        "say how well learners' code is shut in here",
        "Say which level of isolation this machine allows, and what would raise it.",
        "example: autograder doctor",
    )


def run(course: Path, arguments: argparse.Namespace) -> int:
    print(f"Learners' code runs at level {best_level()} here.")
    for level, obstacle in obstacles().items():
        print(f"Not at level {level}: {obstacle}")
    print(f"On a GPU (grade --device cuda) it runs at level {ON_GPU}, for the assignments that declare it.")
    return 0
