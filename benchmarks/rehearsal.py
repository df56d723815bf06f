"""What it costs to make a rehearsal class, and with --grade whether its grades are as the truth says.

Makes N students' notebooks of one assignment by `autograder demo --students N`.  Times depend on the machine; the
memory should not grow with the class.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from usage import run_and_measure

COURSE = Path(__file__).resolve().parents[1]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python benchmarks/rehearsal.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--students", type=int, default=30_000, metavar="N", help="how many students (default 30000)")
    made.add_argument("--assignment", default="gru_cell", metavar="NAME", help="which assignment (default gru_cell)")
    made.add_argument("--seed", type=int, default=0, metavar="NUMBER", help="which class (default 0)")
    made.add_argument("--grade", action="store_true", help="grade it too, and compare: some 0.1 s of a core a notebook")
    made.add_argument("--work", type=Path, default=COURSE / "_build" / "benchmark" / "rehearsal", metavar="DIR")
    return made


def main(arguments: list[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    out, log = given.work / "class", given.work / "log.txt"
    shutil.rmtree(given.work, ignore_errors=True)
    given.work.mkdir(parents=True)
    demo = ["demo", "--out", out, "--assignment", given.assignment]
    measure("make the class", [*demo, "--students", given.students, "--seed", given.seed], log)
    if given.grade:
        measure("grade it", ["grade", out / "submitted", "--out", out / "grades"], log)
        measure("compare it", [*demo, "--compare", out / "grades"], log)
        print(log.read_text().strip())
    return 0


def measure(what: str, command: list[object], log: Path) -> None:
    used = run_and_measure([sys.executable, "-m", "autograder", *map(str, command)], COURSE, {}, log)
    memory = used.memory / (1 << 20)
    print(f"{what}: {used.seconds:.1f} s, {used.cpu:.1f} s of a processor, at most {memory:.0f} MiB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
