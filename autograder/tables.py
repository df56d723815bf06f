"""Tables as CSV, in which a spreadsheet runs nothing: a student's name is hostile input."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from autograder.names import as_cell


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """The table.  What begins like a formula has a ' before it, which `names.from_cell` takes away."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(safe, row) for row in rows)
    return text.getvalue()


def safe(cell: object) -> object:
    """The cell as a spreadsheet runs nothing of it."""
    return as_cell(cell) if isinstance(cell, str) else cell
