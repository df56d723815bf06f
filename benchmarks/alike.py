"""What `autograder alike` costs and finds in a large class that has some copies in it.

Everybody's answers are made from the course's solution, its variants and its known mistakes, each written by a hand of
its own (benchmarks/rewriting.py).  Planted pairs are copies: other names, comments, docstrings and layout.

example: python benchmarks/alike.py --assignment gru_bptt --students 1000 --pairs 20
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat
from rewriting import disguised, individual
from usage import run_and_measure

from autograder.catalogue import Catalogue
from autograder.course import Assignment, find_assignment, find_course
from autograder.demo import answer_cells, solved, written_otherwise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignment", default="gru_bptt", metavar="NAME")
    parser.add_argument("--students", type=int, default=1000, metavar="N")
    parser.add_argument("--pairs", type=int, default=20, metavar="N", help="copies among them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the class and the report here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(arguments, arguments.out or Path(scratch))


def measure(arguments: argparse.Namespace, out: Path) -> None:
    assignment = find_assignment(find_course(), arguments.assignment)
    planted = make_class(assignment, out / "submitted", arguments.students, arguments.pairs, arguments.seed)
    report = out / "alike"
    command = [sys.executable, "-m", "autograder", "alike", str(out / "submitted"), "--out", str(report)]
    used = run_and_measure(command, assignment.course, {}, out / "alike.log")
    (told,) = json.loads((report / "alike.json").read_text())
    found = {frozenset((pair["first"], pair["second"])) for pair in told["pairs"]}
    little = set(told["too_little_of_their_own"])
    unseen = sum(bool(pair & little) for pair in planted)
    print(
        f"{assignment.name}: {arguments.students} students, {len(planted)} planted pairs. {used.cpu:.1f} CPU s, "
        f"{used.seconds:.1f} s on the clock, {used.memory >> 20} MB. Listed {len(found & planted)} of the planted "
        f"({unseen} have too little of their own) and {len(found - planted)} others; "
        f"{len(little)} students have too little of their own."
    )


def make_class(assignment: Assignment, submitted: Path, students: int, pairs: int, seed: int) -> set[frozenset[str]]:
    """Write the class; the planted pairs, by name."""
    chance = random.Random(seed)
    catalogue = Catalogue(assignment)
    bases = [solved(assignment)] * 8
    bases += [written_otherwise(assignment, variant.read_text()) for variant in assignment.variants] * 4
    bases += [solved(assignment, mistake.sources) for mistake in catalogue.mistakes]
    notebooks = [rewritten(chance.choice(bases), individual, chance) for _ in range(students - pairs)]
    planted = set()
    for number, copied in enumerate(chance.sample(range(len(notebooks)), pairs), len(notebooks)):
        notebooks.append(rewritten(notebooks[copied], disguised, chance))
        planted.add(frozenset((student(copied), student(number))))
    for number, notebook in enumerate(notebooks):
        place = submitted / student(number) / assignment.name / assignment.release.name
        place.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, place)
    return planted


def student(number: int) -> str:
    return f"student-{number:05}"


def rewritten(
    notebook: nbformat.NotebookNode, rewrite: Callable[[str, random.Random], str], chance: random.Random
) -> nbformat.NotebookNode:
    made = copy.deepcopy(notebook)
    for cell in answer_cells(made):
        cell.source = rewrite(cell.source, chance)
    return made


if __name__ == "__main__":
    main()
