"""What grading costs: ours, ours behind nbgrader, and stock nbgrader, on the same notebooks, in one run.

A class of right submissions in several styles is graded again and again: by `autograder grade` with one process and
with two, by `nbgrader autograde` with our step in it, and by stock nbgrader, which starts a kernel for each notebook
and runs the learner's own check there.  Times depend on the machine; the ratios say more.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
import nbformat
from rich.console import Console
from rich.table import Table
from usage import Usage, run_and_measure

from autograder.course import find_assignment
from autograder.demo import solved, written_otherwise
from autograder.jail.levels import level_to_use

mpl.use("Agg")
import matplotlib.pyplot as plt

COURSE = Path(__file__).resolve().parents[1]
NAME = "gru_cell"
STOCK = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.db_url = "sqlite:///" + {root!r} + "/gradebook.db"
"""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ENVIRONMENT = {**ONE_THREAD, "AUTOGRADER_KEY": "a key for measuring", "PYTHONWARNINGS": "ignore"}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python benchmarks/grading.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--submissions", type=int, default=400, metavar="N", help="for our own grader (default 400)")
    made.add_argument("--nbgrader", type=int, default=40, metavar="N", help="for nbgrader's commands (default 40)")
    made.add_argument("--large", type=int, metavar="N", help="also a large class, 10000 say (some minutes)")
    made.add_argument("--isolation", default="weak", help="the lowest level to measure at (default: what holds)")
    made.add_argument("--work", type=Path, default=COURSE / "_build" / "benchmark", help="where the classes are made")
    made.add_argument("--out", type=Path, metavar="DIR", help="write grading.json and grading.svg there")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write the data and the picture if asked."""
    given = parser().parse_args(arguments)
    console = Console()
    os.environ["AUTOGRADER_ISOLATION"] = given.isolation
    shutil.rmtree(given.work, ignore_errors=True)
    rows = []
    for row in measurements(given):
        rows.append(row)
        console.print(f"{row['what']}, {row['submissions']} submissions: {row['cpu_each']:.3f} CPU s each")
    found = {"machine": machine(), "isolation": level_to_use(given.isolation), "rows": rows, **conclusions(rows)}
    console.print(table(rows))
    for name, value in conclusions(rows).items():
        console.print(f"{name.replace('_', ' ')}: {value:.3g}")
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "grading.json").write_text(json.dumps(found, indent=1) + "\n")
        draw(rows, given.out / "grading.svg")
    return 0


def measurements(given: argparse.Namespace):
    """One row after another: each command on a class of its own, the same notebooks in all."""
    small = max(20, given.submissions // 4)
    for what, count, jobs in [
        ("autograder, cold start", 1, 1),
        ("autograder, 1 process", small, 1),
        ("autograder, 1 process", given.submissions, 1),
        ("autograder, 2 processes", given.submissions, 2),
        *([("autograder, 2 processes", given.large, 2)] if given.large else []),
    ]:
        yield row(what, count, measure_ours(given.work / f"ours-{jobs}-{count}", count, jobs))
    for count in (1, given.nbgrader):
        yield row("nbgrader with our step", count, measure_nbgrader(given.work / f"step-{count}", count, stock=False))
    for count in (1, given.nbgrader):
        yield row("nbgrader, stock", count, measure_nbgrader(given.work / f"stock-{count}", count, stock=True))


def row(what: str, count: int, usage: Usage) -> dict:
    return {
        "what": what,
        "submissions": count,
        **asdict(usage),
        "cpu_each": usage.cpu / count,
        "per_second": count / usage.seconds,
    }


def measure_ours(folder: Path, count: int, jobs: int) -> Usage:
    make_class(folder / "submitted", count)
    command = ["-m", "autograder", "grade", "submitted", "--out", "grades", f"--jobs={jobs}", f"--course={COURSE}"]
    usage = run_and_measure([sys.executable, *command], folder, ENVIRONMENT, folder / "log")
    must_all_be_right(json.loads(path.read_text())["score"] for path in folder.glob("grades/reports/*/*.json"))
    return usage


def measure_nbgrader(folder: Path, count: int, stock: bool) -> Usage:
    """`nbgrader autograde` on a class.  What comes before, making the assignment known, is not measured."""
    make_class(folder / "submitted", count)
    environment = {**ENVIRONMENT, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK.format(root=str(folder)))
        source = folder / "source" / NAME
        shutil.copytree(COURSE / "_build" / "source" / NAME, source)
        shutil.copy(COURSE / "exercises" / NAME / "cases.npz", source)
    else:
        shutil.copy(COURSE / "nbgrader_config.py", folder)
        for name in ("solutions", "exercises"):
            shutil.copytree(COURSE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(COURSE / "_build" / "source", folder / "_build" / "source")
    nbgrader = [sys.executable, "-m", "nbgrader"]
    run_and_measure([*nbgrader, "generate_assignment", NAME, "--force"], folder, environment, folder / "log-before")
    usage = run_and_measure([*nbgrader, "autograde", NAME], folder, environment, folder / "log")
    run_and_measure([*nbgrader, "export", "--to=grades.csv"], folder, environment, folder / "log-after")
    lines = (folder / "grades.csv").read_text().splitlines()
    column = lines[0].split(",").index("score")
    must_all_be_right(float(line.split(",")[column]) for line in lines[1:])
    return usage


def must_all_be_right(scores) -> None:
    scores = list(scores)
    if not scores or set(scores) != {8.0}:
        raise SystemExit(f"Right submissions should score 8, and these scores came: {sorted(set(scores))}.")


def make_class(submitted: Path, count: int) -> None:
    """So many right submissions: the solution and every style that the assignment knows, in turn."""
    assignment = find_assignment(COURSE, NAME)
    notebooks = [solved(assignment)]
    notebooks += [written_otherwise(assignment, variant.read_text()) for variant in assignment.variants]
    texts = [nbformat.writes(notebook) for notebook in notebooks]
    for number in range(count):
        folder = submitted / f"student-{number:06}" / NAME
        folder.mkdir(parents=True)
        (folder / f"{NAME}.ipynb").write_text(texts[number % len(texts)])
        shutil.copy(COURSE / "exercises" / NAME / "cases.npz", folder)  # stock nbgrader needs them at hand


def conclusions(rows: list[dict]) -> dict[str, float]:
    """What the targets are about.  `marginal`: without what a command costs before its first submission."""
    ours = [row for row in rows if row["what"] == "autograder, 1 process"]
    two = [row for row in rows if row["what"] == "autograder, 2 processes"]
    step = [row for row in rows if row["what"] == "nbgrader with our step"]
    stock = [row for row in rows if row["what"] == "nbgrader, stock"]
    return {
        "cold_start_seconds": rows[0]["seconds"],
        "cpu_seconds_each": ours[-1]["cpu_each"],
        "cpu_seconds_each_marginal": marginal(*ours),
        "submissions_per_second_on_two": two[-1]["per_second"],
        "efficiency_of_two_processes": ours[-1]["seconds"] / two[0]["seconds"] / 2,
        "cpu_seconds_each_through_nbgrader": step[-1]["cpu_each"],
        "cpu_seconds_each_through_nbgrader_marginal": marginal(*step),
        "cpu_seconds_each_stock_nbgrader": stock[-1]["cpu_each"],
        "stock_nbgrader_over_ours": stock[-1]["cpu_each"] / ours[-1]["cpu_each"],
        "memory_large_over_small": two[-1]["memory"] / two[0]["memory"],
    }


def marginal(small: dict, large: dict) -> float:
    return (large["cpu"] - small["cpu"]) / (large["submissions"] - small["submissions"])


def machine() -> dict[str, str]:
    """Where this was measured."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    names = ("nbgrader", "numpy", "pytest")
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def table(rows: list[dict]) -> Table:
    made = Table(title="What grading costs")
    for heading in ("", "submissions", "seconds", "a second", "CPU s each", "most memory, MB"):
        made.add_column(heading, justify="right" if heading else "left")
    for each in rows:
        numbers = (f"{each['seconds']:.1f}", f"{each['per_second']:.1f}", f"{each['cpu_each']:.3f}")
        made.add_row(each["what"], str(each["submissions"]), *numbers, f"{each['memory'] / 1e6:.0f}")
    return made


def draw(rows: list[dict], file: Path) -> None:
    """CPU seconds a submission, on a scale of powers of ten."""
    shown = [each for each in rows if each["submissions"] > 1]
    labels = [f"{each['what']}\n({each['submissions']} submissions)" for each in shown]
    figure, axes = plt.subplots(figsize=(7, 0.6 * len(shown) + 1), layout="constrained")
    bars = axes.barh(labels, [each["cpu_each"] for each in shown], color="#3b6ea8")
    axes.bar_label(bars, [f"{each['cpu_each']:.3g}" for each in shown], padding=4)
    axes.set(xscale="log", xlabel="CPU seconds a submission (each step to the right is ten times as much)")
    axes.margins(x=0.15)
    axes.invert_yaxis()
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main())
