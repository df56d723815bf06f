"""How long a learner waits: from the start of Python to `import autograder`, and to the first answer of a check.

In what `autograder bundle` packs, for each assignment in NumPy alone, as it is given: `check(TASK)` of its first task
in a fresh Python, as the first cells of a notebook do, and `autograder check NAME --task TASK` in a terminal, which
runs the notebook too.  Medians of several rounds, in seconds on the clock; the kernel's own start is Jupyter's and is
not counted.

example: python benchmarks/start.py --rounds 9
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy

from autograder.bundle import make_bundle
from autograder.learner import given, outline

COURSE = Path(__file__).resolve().parent.parent
WANTED = 2.0  # seconds, for the slowest of them


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="rounds of each measurement (default: 9)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the medians as JSON too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "gated.zip")
        make_bundle(COURSE, file)
        with zipfile.ZipFile(file) as bundle:
            bundle.extractall(scratch)
        root = Path(scratch, "gated")
        # The bundle and NumPy, and not this course, which is installed here too.
        os.environ["PYTHONPATH"] = os.pathsep.join([str(root), str(Path(numpy.__file__).parent.parent)])
        found = outline.load(root / "exercises")
        released = [given.load(found.root / name) for name in found.assignments]
        in_numpy = [each for each in released if each.packages == ("numpy",)]
        medians = measure_all(in_numpy, root / "exercises", arguments.rounds)
    for name, seconds in medians.items():
        print(f"{name:<45} {seconds:6.2f} s")
    if arguments.out:
        arguments.out.write_text(json.dumps({"rounds": arguments.rounds, "seconds": medians}, indent=1) + "\n")
    slowest = max(medians.values())
    print(f"The slowest is {slowest:.2f} s; {WANTED:g} s are wanted.")
    return 0 if slowest < WANTED else 1


def measure_all(released: list[given.Given], folder: Path, rounds: int) -> dict[str, float]:
    """Median seconds by what was done.  The rounds go over everything in turn, so that a busy minute is shared."""
    asked = {
        "python": ["-c", "print('here', flush=True)"],
        "import numpy": ["-c", "import numpy; print('here', flush=True)"],
        "import autograder": ["-c", "import autograder; print('here', flush=True)"],
    }
    for each in released:
        task, name = each.coded[0].name, each.assignment
        code = f"import autograder; check = autograder.open({name!r}); check({task!r})"
        asked[f"{name}: check({task!r})"] = ["-u", "-c", code]
        asked[f"{name}: autograder check"] = ["-u", "-m", "autograder", "check", name, "--task", task]
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, command in asked.items():
            seconds[name].append(until_first_line(command, folder))
    return {name: round(statistics.median(each), 3) for name, each in seconds.items()}


def until_first_line(command: list[str], folder: Path) -> float:
    """Seconds from the start of Python to the first line that it prints."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-S", *command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    line = process.stdout.readline()
    waited = time.perf_counter() - started
    process.stdout.read()
    process.wait()
    if not line:
        raise SystemExit(f"python {' '.join(command)} printed nothing.")
    return waited


if __name__ == "__main__":
    sys.exit(main())
