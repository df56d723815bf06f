"""Cells of a CSV file, and a file of them that is written as its rows come and is whole or not there."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from autograder.report import SCRATCH, CannotWrite

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might run it.  A number with its sign it takes as a number.

    Source: https://owasp.org/www-community/attacks/CSV_Injection, which names these first characters.
    """
    return text.startswith(STARTS_A_FORMULA) and not NUMBER.fullmatch(text)


def safe(cell: object) -> object:
    """The cell with an apostrophe before it where a spreadsheet would run it: a student's name is hostile input."""
    return f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell


def number(points: float) -> str:
    """Points as every system reads them: 9.5, and 8 rather than 8.0."""
    return f"{round(points, 4):.4f}".rstrip("0").rstrip(".")


@contextlib.contextmanager
def csv_file(path: Path, delimiter: str = ",") -> Iterator[Any]:
    """A `csv.writer` whose rows are at `path` when the context ends well, and nowhere else.  Raises `CannotWrite`."""
    with new_file(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        yield csv.writer(file, delimiter=delimiter, lineterminator="\r\n" if delimiter == ";" else "\n")


@contextlib.contextmanager
def new_file(path: Path, mode: str, **how: Any) -> Iterator[TextIO]:
    """A file that takes its name once it is whole.  Raises `CannotWrite`."""
    scratch = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=SCRATCH)
        with os.fdopen(descriptor, mode, **how) as file:
            yield file
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotWrite(f"{path} cannot be written: {reason}. Mend that, and run the same command again.") from error
    finally:
        if scratch:
            with contextlib.suppress(OSError):
                os.unlink(scratch)
