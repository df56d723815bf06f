"""How strong an assignment's checks are: which known mistakes they stop and name, and which right answers they accept.

It runs our own code alone, the solution, its variants and the catalogue, so it needs no jail.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.catalogue import Catalogue
from autograder.checks import Check, collect_checks
from autograder.course import Assignment
from autograder.learner.actions import load_probes
from autograder.learner.compare import Disagreement
from autograder.recording import Solved
from autograder.runtime import runtime_of
from autograder.source import solution_namespace
from autograder.testing import Called, Mistake


@dataclass(frozen=True)
class Found:
    """What became of one known mistake.  killed: every task that it spoils failed.  named: and was told by its name."""

    mistake: Mistake
    killed: bool
    named: bool


@dataclass(frozen=True)
class Strength:
    """mistakes: what became of each.  variants: the other right ways by name, and whether every check accepts them."""

    assignment: str
    checks: int
    mistakes: list[Found]
    variants: dict[str, bool]

    @property
    def killed(self) -> int:
        return sum(found.killed for found in self.mistakes)

    @property
    def named(self) -> int:
        return sum(found.named for found in self.mistakes)


def strength_of(assignment: Assignment, seed: int = 0) -> Strength:
    """Run every check on every known mistake and on every variant, on inputs drawn from `seed`."""
    catalogue, checks = Catalogue(assignment), collect_checks(assignment)
    runtime = runtime_of(assignment)
    probes = load_probes(runtime.probes)

    def run(names: dict, tasks: Iterable[str]) -> dict[str, tuple[bool, list[Called]]]:
        """Of each task: whether the functions in `names` pass it, and what was asked of them."""
        found = {}
        for task in tasks:
            passed, calls = [], []
            for check in checks:
                if check.task == task:
                    asked = Solved(names, catalogue.parameters, probes, runtime.refused)
                    passed.append(passes(check, asked, seed))
                    calls += asked.calls
            found[task] = all(passed), calls
        return found

    def find(mistake: Mistake) -> Found:
        wanted = catalogue.names(mistake)
        found = run(catalogue.spoiled_namespace(mistake), wanted)
        killed = not any(passed for passed, _ in found.values())
        told: dict[str, str | None] = {}
        for task in sorted(found, key=catalogue.tasks.index):
            suspect = catalogue.name(task, found[task][1], told.values())
            told[task] = suspect and suspect.mistake.name
        return Found(mistake, killed, killed and told == wanted)

    def accepted(variant: str) -> bool:
        names = {**solution_namespace(assignment), "__name__": "__main__"}  # as in a kernel, where dataclasses look
        exec(variant, names)
        return all(passed for passed, _ in run(names, catalogue.tasks).values())

    variants = {path.stem: accepted(path.read_text()) for path in assignment.variants}
    return Strength(assignment.name, len(checks), [find(mistake) for mistake in catalogue.mistakes], variants)


def passes(check: Check, asked: Solved, seed: int) -> bool:
    try:
        check.run(asked, seed)
    except (Disagreement, AssertionError):
        return False
    return True
