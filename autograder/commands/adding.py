"""How a command of the instructor's half is added, and what its errors look like."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.course import CourseError, find_course
from autograder.files import in_words
from autograder.jail.levels import NotIsolated
from autograder.names import as_word
from autograder.report import CannotWrite

Commands = argparse._SubParsersAction


def add(
    commands: Commands, name: str, run: Callable, short: str, description: str, example: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=short, description=description, epilog=example)
    made.add_argument("--course", type=Path, metavar="DIR", help="the course (default: the nearest with solutions/)")
    made.set_defaults(run=lambda arguments: guarded(run, arguments))
    return made


def guarded(run: Callable[[Path, argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run a command on its course.  What the user got wrong is said in a sentence, with exit code 2.

    What the machine refuses (a disk, a right, memory) is said in a sentence too, with exit code 1.
    """
    try:
        return run(find_course(arguments.course), arguments)
    except (CourseError, NotIsolated) as error:
        print(error, file=sys.stderr)
        return 2
    except CannotWrite as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # who reads what is printed has read enough
        raise
    except OSError as error:
        print(f"This went wrong: {in_words(error)}. Mend that, and run the same command again.", file=sys.stderr)
        return 1
    except UnicodeEncodeError as error:  # of a file's name: what is written and said is never in such a character set
        print(
            f"The name {as_word(error.object)} cannot be written in this system's character set, {error.encoding}. "
            "Set the variable PYTHONUTF8=1, and run the same command again.",
            file=sys.stderr,
        )
        return 1
    except MemoryError:
        print(
            "This machine has too little memory for that. Free some, and run the same command again.", file=sys.stderr
        )
        return 1
