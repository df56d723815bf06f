"""`autograder doctor`: say what this machine can do for a course, and what to do about each problem."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from autograder.commands.adding import Commands, add


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "doctor",
        run,
        "say what is missing here, and what to do about it",
        "Look at what the course needs: the packages, the level of isolation that learners' code is graded at, CUDA, "
        "what learners receive, nbgrader's tools and its gradebook, room. Each problem comes with advice. Exit code "
        "0 when a class can be graded here, 1 when something keeps it from that.",
        "example: autograder doctor",
    )
    command.add_argument("--json", action="store_true", help="the same as JSON, for a program to read")


def run(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.doctor import PROBLEM, findings

    found = []
    for finding in findings(course):
        found.append(finding)
        if not arguments.json:
            print(f"{finding.state:<8}{finding.what}: {finding.said}", flush=True)
            if finding.advice:
                print(f"{'':8}{finding.advice}")
    problems = sum(finding.state == PROBLEM for finding in found)
    if arguments.json:
        print(json.dumps([vars(finding) for finding in found], indent=1))
    elif problems:
        print(f"{problems} to mend before a class is graded here.")
    else:
        print("A class can be graded here.")
    return 1 if problems else 0
