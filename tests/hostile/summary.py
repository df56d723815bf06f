"""Judge the corpus at every walled level that holds here, and write in numbers what came of it.

    PYTHONPATH=tests python -m hostile.summary --out benchmarks/results

The book shows this table; `tests/test_hostile.py` finds the same.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from autograder.jail.levels import obstacles

from . import FULL, THEMES

LEVELS = ("sealed", "container")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m hostile.summary", description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write hostile.json")
    out = parser.parse_args().out
    found = {"kernel": platform.release(), "python": platform.python_version(), "themes": sizes(), "levels": {}}
    for level in LEVELS:
        if level in obstacles():
            print(f"Level {level} does not hold here. {obstacles()[level]}")
            continue
        print(f"{level} (some minutes) ...", flush=True)
        found["levels"][level] = summary(outcome_at(level))
        print(json.dumps(found["levels"][level]))
    out.mkdir(parents=True, exist_ok=True)
    (out / "hostile.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


def outcome_at(level: str) -> dict:
    """What `hostile.judging` notes at a level."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hostile.judging", level, folder]
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=True)
        return json.loads((Path(folder) / "outcome.json").read_text())


def sizes() -> dict[str, int]:
    """How many attacks there are of each kind."""
    return {theme: len(attacks) for theme, attacks in THEMES.items()}


def summary(outcome: dict) -> dict:
    """What the promises are about.  Each number but those in `ended` should be 0."""
    attacks = {attack.name: attack for theme in THEMES.values() for attack in theme}
    entries = outcome["entries"]
    reports = {name: entry["attack"]["reports"][0] for name, entry in entries.items()}
    after = [entry["next"]["reports"][0] for entry in entries.values()]
    words = {name: json.dumps(reports[name]) + entry["attack"]["page"] for name, entry in entries.items()}
    return {
        "inflated": sum(report["score"] > attacks[name].deserves for name, report in reports.items()),
        "secrets_read": sum(outcome["secret"] in text or "BREACH" in text for text in words.values()),
        "files_written_or_changed": len(outcome["changed"]),
        "servers_reached": len(outcome["heard"]),
        "processes_left": len(outcome["processes"]),
        "next_without_full_marks": sum(report["score"] < FULL for report in after),
        "faults_of_the_grader": sum(len(entry["attack"]["faults"]) for entry in entries.values())
        + len(outcome["crashed"]),
        "without_a_report": len(attacks.keys() - reports.keys()),
        "ended": dict(Counter(report["status"] for report in reports.values()).most_common()),
    }


if __name__ == "__main__":
    sys.exit(main())
