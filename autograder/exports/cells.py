"""Cells of a CSV file, and files that are written as their parts come and are whole or not there."""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.files import replacing, why
from autograder.names import as_cell
from autograder.report import CannotWrite

NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")  # which a spreadsheet takes as one, whatever its sign


def is_formula(name: str) -> bool:
    """Whether a spreadsheet might run a name that has to stay letter for letter."""
    return as_cell(name) != name and not NUMBER.fullmatch(name)


def number(points: float) -> str:
    """Points as every system reads them: 9.5, and 8 rather than 8.0."""
    return f"{points:.4f}".rstrip("0").rstrip(".")


@contextlib.contextmanager
def csv_file(path: Path, delimiter: str = ",") -> Iterator[Any]:
    """A `csv.writer` whose rows are at `path` when the block ends well, and nowhere else.  Raises `CannotWrite`."""
    with (
        new_file(path) as scratch,
        scratch.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        yield csv.writer(file, delimiter=delimiter, lineterminator="\n")


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file to write that takes its place when the block ends well.  Raises `CannotWrite`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as scratch:
            yield scratch
    except OSError as error:
        raise CannotWrite(
            f"{path} cannot be written: {why(error)}. Mend that, and run the same command again."
        ) from error
