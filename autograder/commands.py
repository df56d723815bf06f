"""The instructor's commands: grade, demo, exercises, doctor, bundle."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.course import CourseError, assignment_names, find_assignment, find_course
from autograder.handed import WHOLE, Shard
from autograder.jail.levels import DEFAULT, LEVELS, ON_GPU, VARIABLE, NotIsolated, best_level, obstacles
from autograder.report import CannotWrite


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add the instructor's commands to those of the learner."""
    grade = add(
        commands,
        "grade",
        run_grade,
        "grade a folder of submissions",
        "Grade every submission in SUBMITTED, laid out as <student>/<assignment>/<assignment>.ipynb. Learners' code "
        "runs in processes of its own, under limits of time and memory. DIR receives a JSON report and a page for each "
        "submission, grades.csv and index.html. The same command again grades only what has changed, so a run that "
        "was stopped goes on. Exit code 0 when every submission has its status, whatever it is; 1 when the grader "
        "itself failed; 2 when the command makes no sense; 130 when Ctrl-C stopped it.",
        "example: autograder grade submitted --out grades --jobs 2",
    )
    grade.add_argument("submitted", type=Path, metavar="SUBMITTED", help="the folder of submissions")
    grade.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write (made if it is missing)")
    grade.add_argument("--assignment", metavar="NAME", help="grade this one (default: all that were handed in)")
    grade.add_argument("--jobs", type=positive, metavar="N", help="processes to use (default: one a core)")
    grade.add_argument(
        "--isolation",
        choices=LEVELS,
        help="the lowest level to grade at; below it the command refuses and says what to install (default: the "
        f"variable {VARIABLE}, else {DEFAULT})",
    )
    grade.add_argument("--regrade", action="store_true", help="grade anew what has a current report already")
    grade.add_argument(
        "--shard",
        type=shard,
        default=WHOLE,
        metavar="I/N",
        help="grade part I of N alone, 2/3 say; on as many machines as there are parts, each with an --out of its own, "
        "then: autograder merge",
    )
    grade.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="grade on the workers of this dask scheduler, tcp://host:8786 say (needs dask.distributed; they see the "
        "folders under the same paths)",
    )
    grade.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the references of assignments in torch run; with cuda and --isolation weak, learners' code runs "
        "there too, a second time, for the assignments that declare it (default: cpu)",
    )
    merge = add(
        commands,
        "merge",
        run_merge,
        "put shards together",
        "Put what `autograder grade --shard I/N` wrote on several machines into one folder: reports, pages, grades.csv "
        "and index.html.",
        "example: autograder merge grades-1 grades-2 --out grades",
    )
    merge.add_argument("parts", nargs="+", type=Path, metavar="PART", help="a folder that a shard was graded into")
    merge.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write (made if it is missing)")
    gradebook = add(
        commands,
        "import-gradebook",
        run_import_gradebook,
        "put the grades into nbgrader's gradebook",
        "Enter the reports of DIR into an nbgrader gradebook, as nbgrader's own autograde would, and faster. Marks "
        "and comments that a person gave stay. Doing it again changes nothing.",
        "example: autograder import-gradebook grades",
    )
    gradebook.add_argument("graded", type=Path, metavar="DIR", help="a folder that was graded into")
    gradebook.add_argument(
        "--gradebook", metavar="URL", help="the database (default: that of the course's nbgrader_config.py)"
    )
    demo = add(
        commands,
        "demo",
        run_demo,
        "make a class to try things on",
        "Make a demo class whose right grades are known: right answers in several styles, every known mistake, and "
        "some notebooks that misbehave. What each should score is written to DIR/truth.json.",
        "example: autograder demo && autograder grade _build/demo/submitted --out _build/grades",
    )
    demo.add_argument(
        "--assignment", metavar="NAME", help="of this one alone; students are named for what they hand in"
    )
    demo.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: _build/demo)")
    exercises = add(
        commands,
        "exercises",
        run_exercises,
        "make what learners receive, from solutions/",
        "Make exercises/NAME from solutions/NAME: the notebook without its answers (stripped by nbgrader) and the "
        "frozen cases of the learner's check. With --check, write nothing and say whether what is there is up to date.",
        "example: autograder exercises gru_cell",
    )
    exercises.add_argument("names", nargs="*", metavar="NAME", help="assignments (default: all)")
    exercises.add_argument("--check", action="store_true", help="compare only; exit code 1 when something differs")
    bundle = add(
        commands,
        "bundle",
        run_bundle,
        "pack what learners receive into a zip file",
        "Pack the exercises and the learner's half of autograder, and nothing of solutions/, into FILE. A learner "
        "unpacks it and runs: python -m pip install .",
        "example: autograder bundle --out gated.zip",
    )
    add(
        commands,
        "doctor",
        run_doctor,
        "say how well learners' code is shut in here",
        "Say which level of isolation this machine allows, and what would raise it.",
        "example: autograder doctor",
    )
    bundle.add_argument("--out", type=Path, required=True, metavar="FILE", help="the zip file to write")


def add(
    commands: argparse._SubParsersAction, name: str, run: Callable, short: str, description: str, example: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=short, description=description, epilog=example)
    made.add_argument("--course", type=Path, metavar="DIR", help="the course (default: the nearest with solutions/)")
    made.set_defaults(run=lambda arguments: guarded(run, arguments))
    return made


def guarded(run: Callable[[Path, argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run a command on its course.  What the user got wrong is said in a sentence, with exit code 2."""
    try:
        return run(find_course(arguments.course), arguments)
    except (CourseError, NotIsolated) as error:
        print(error, file=sys.stderr)
        return 2
    except CannotWrite as error:
        print(error, file=sys.stderr)
        return 1


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; give 1 or more")
    return int(text)


def shard(text: str) -> Shard:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a whole; give I/N with I from 1 to N, 2/3 say")
    return Shard(int(number), int(count))


def run_grade(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.grade import How, grade

    how = How(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(How)})
    return grade(course, arguments.submitted, arguments.out, how)


def run_merge(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.merge import merge, missing_shards

    count = merge(arguments.parts, arguments.out)
    print(f"{count} reports. Look at {arguments.out / 'index.html'}; the data are in {arguments.out / 'grades.csv'}.")
    missing = missing_shards(arguments.parts)
    if missing:
        print(f"Not among them: shard {', '.join(missing)}.", file=sys.stderr)
    return 1 if missing else 0


def run_import_gradebook(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.gradebook import gradebook_address, import_into

    return import_into(arguments.gradebook or gradebook_address(course), arguments.graded)


def run_demo(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.demo import make_demo

    out = arguments.out or course / "_build" / "demo"
    if arguments.assignment:
        find_assignment(course, arguments.assignment)
    count = make_demo(course, out, arguments.assignment)
    print(f"{count} submissions in {out / 'submitted'}; what each should score is in {out / 'truth.json'}.")
    return 0


def run_exercises(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.release import differences, release

    found = []
    for name in arguments.names or assignment_names(course):
        assignment = find_assignment(course, name)
        if not arguments.check:
            release(assignment, assignment.released)
            print(f"Made {assignment.released}.")
            continue
        with tempfile.TemporaryDirectory() as fresh:
            release(assignment, Path(fresh))
            found += differences(assignment, Path(fresh))
    for sentence in found:
        print(f"{sentence} Run: autograder exercises", file=sys.stderr)
    return 1 if found else 0


def run_doctor(course: Path, arguments: argparse.Namespace) -> int:
    print(f"Learners' code runs at level {best_level()} here.")
    for level, obstacle in obstacles().items():
        print(f"Not at level {level}: {obstacle}")
    print(f"On a GPU (grade --device cuda) it runs at level {ON_GPU}, for the assignments that declare it.")
    return 0


def run_bundle(course: Path, arguments: argparse.Namespace) -> int:
    from autograder.bundle import make_bundle

    make_bundle(course, arguments.out)
    print(f"Wrote {arguments.out}. It holds the exercises and the learner's half of autograder, and no answer.")
    return 0
