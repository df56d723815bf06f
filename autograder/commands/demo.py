"""`autograder demo`: make a class to try things on, and compare its grades with the truth."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from autograder.commands.adding import Commands, add
from autograder.course import CourseError, find_assignment

MOST_TOLD = 50


def add_to(commands: Commands) -> None:
    command = add(
        commands,
        "demo",
        run,
        "make a class to try things on",
        "Make a demo class whose right grades are known: right answers in several styles, every known mistake, and "
        "some notebooks that misbehave. What each should score is written to DIR/truth.json. With --students N it is a "
        "class to rehearse with instead: N plausible students, of whom some make mistakes, stop early, are late, hand "
        "in nothing, or copy; DIR/truth.json and truth.csv say all that is known of each, and course.toml when the "
        "assignments were due. With --compare GRADES nothing is made: it says where the grades of the class in DIR "
        "differ from the truth, with exit code 1 where they do.",
        "example: autograder demo --students 200 --assignment gru_cell --out _build/rehearsal && autograder grade "
        "_build/rehearsal/submitted --out _build/rehearsal/grades && autograder demo --out _build/rehearsal --compare "
        "_build/rehearsal/grades",
    )
    command.add_argument(
        "--assignment",
        action="append",
        metavar="NAME",
        help="of this one alone (may be given several times); without --students, the students of a single one are "
        "named for what they hand in",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: _build/demo)")
    command.add_argument("--students", type=positive, metavar="N", help="a plausible class of so many students")
    command.add_argument(
        "--seed", type=int, metavar="NUMBER", help="another number makes another class (default: 0; with --students)"
    )
    command.add_argument("--compare", type=Path, metavar="GRADES", help="compare these grades with the truth in DIR")


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of students; give 1 or more")
    return int(text)


def run(course: Path, arguments: argparse.Namespace) -> int:
    out = arguments.out or course / "_build" / "demo"
    only = [find_assignment(course, name).name for name in dict.fromkeys(arguments.assignment or ())]
    if arguments.seed is not None and not arguments.students:
        raise CourseError("--seed is for a class with --students N; the demo class is always the same.")
    if arguments.compare:
        return compare(out, arguments.compare, only)
    if arguments.students:
        return rehearse(course, out, arguments.students, arguments.seed or 0, only)
    from autograder.demo import make_demo

    count = make_demo(course, out, only)
    print(f"{count} submissions in {out / 'submitted'}; what each should score is in {out / 'truth.json'}.")
    return 0


def rehearse(course: Path, out: Path, students: int, seed: int, only: list[str]) -> int:
    from autograder.rehearsal.files import make_class

    kinds = make_class(course, out, students, seed, only)
    print(f"{students} students in {out / 'submitted'}, who handed in: {listed(kinds)}.")
    print(f"The truth about each is in {out / 'truth.json'}, and as a table in {out / 'truth.csv'}.")
    print(f"When the assignments were due is in {out / 'course.toml'}; the course's own dates are as they were.")
    print(f"Grade it:    autograder grade {out / 'submitted'} --out {out / 'grades'}")
    print(f"Compare it:  autograder demo --out {out} --compare {out / 'grades'}")
    return 0


def listed(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda each: -each[1]))


def compare(out: Path, graded: Path, only: list[str]) -> int:
    from autograder.rehearsal.truth import compared, read_truth

    found = compared(read_truth(out / "truth.json"), graded, only)
    sentences = [sentence for each in found.values() for sentence in each]
    for sentence in sentences[:MOST_TOLD]:
        print(sentence, file=sys.stderr)
    if len(sentences) > MOST_TOLD:
        print(f"... and {len(sentences) - MOST_TOLD} more.", file=sys.stderr)
    if sentences:
        print(f"{sum(map(bool, found.values()))} of {len(found)} submissions are graded otherwise than the truth says.")
        return 1
    print(f"All {len(found)} submissions are graded as the truth says.")
    return 0
