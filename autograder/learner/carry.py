"""Carry a learner's work over from a notebook of an earlier release into the new one.

Answers go into the cells of the same name, and cells that the learner added go behind the cell that they stood behind.
The old notebook is only read.  Nothing that is written in the new one already is overwritten.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from .files import write_whole
from .notebook import former_names

RELEASE_TEXT = re.compile(r"cell-\d+")  # the ids of cells of the release that have no name
DONE, UNUSABLE = 0, 2


@dataclass
class Carried:
    """What was carried into `cells`, and what there is to say about it, a sentence each."""

    cells: list[dict]
    answers: int = 0
    added: int = 0
    sentences: list[str] = field(default_factory=list)


def carry_notebook(old: Path, new: Path) -> int:
    """The command: carry from one file into the other, and say what was done; 0, or 2 where that makes no sense."""
    try:
        if old.exists() and new.exists() and old.samefile(new):
            raise ValueError(f"{old} and {new} are one file. Put the new release into a folder of its own.")
        theirs, release = read_notebook(old), read_notebook(new)
        carried = carry(theirs["cells"], release["cells"])
        write_whole(new, json.dumps({**release, "cells": carried.cells}, indent=1, ensure_ascii=False) + "\n")
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    print(f"Carried {carried.answers} answers and {carried.added} cells of your own into {new}.")
    for sentence in carried.sentences:
        print(f"- {sentence}")
    waiting = [name_of(cell) for cell in carried.cells if is_answer(cell) and is_untouched(cell)]
    if waiting:
        print(f"Still to be written: {', '.join(waiting)}.")
    print(f"{old} is as it was.")
    return DONE


def carry(old: list[dict], new: list[dict]) -> Carried:
    """The cells of the new release with the work of the old notebook.  Raises ValueError where they share no cell."""
    carried = Carried(copy.deepcopy(new))
    named = {name_of(cell): cell for cell in carried.cells if name_of(cell)}
    now = {
        former: name for name, cell in named.items() for former in former_names(cell["metadata"]) if former not in named
    }
    if not any(now.get(name_of(cell), name_of(cell)) in named for cell in old if name_of(cell)):
        raise ValueError("The two are not notebooks of one exercise: they have no cell in common.")
    after: dict | None = None
    changed = 0
    for cell in old:
        name = now.get(name_of(cell), name_of(cell))
        if name in named:
            after = named[name]
            if is_answer(after):
                carry_answer(cell, after, name, carried)
        elif name and (not is_answer(cell) or is_untouched(cell)):
            continue  # of the earlier release, and nobody's work
        elif twin := next((each for each in carried.cells if not name_of(each) and same(each, cell)), None):
            after = twin
        elif not name and RELEASE_TEXT.fullmatch(str(cell.get("id"))):
            changed += 1
        elif text_of(cell).strip():
            after = insert(cell, after, carried)
            if name:
                carried.sentences.append(f"{name} is not asked any more. Your answer is kept as a cell of your own.")
    if changed:
        carried.sentences.append(
            f"{changed} cells of the exercise's own text are not as they were. What you may have written into them is "
            "in the old notebook alone."
        )
    return carried


def carry_answer(cell: dict, into: dict, name: str, carried: Carried) -> None:
    if is_untouched(cell) or not text_of(cell).strip():
        return
    if text_of(into) != text_of(cell):
        if not is_untouched(into):
            carried.sentences.append(f"{name} is answered in both. The new notebook keeps its own.")
            return
        if same_name_other_text(cell, into):
            carried.sentences.append(
                f"{name}: the exercise's own lines in this cell have changed. Yours are carried over as they were; "
                "compare them with a fresh copy of the new notebook."
            )
        into["source"] = text_of(cell)
        without_results(into)
    carried.answers += 1


def same_name_other_text(cell: dict, into: dict) -> bool:
    """Whether the cell was handed out with another text then.  A graded one's checksum changes with its points too."""
    return (
        name_of(cell) == name_of(into)
        and not grading_of(into).get("grade")
        and grading_of(cell).get("checksum") not in (None, grading_of(into).get("checksum"))
    )


def insert(cell: dict, after: dict | None, carried: Carried) -> dict:
    """Put a copy of a cell behind another, or at the beginning, as a cell of the learner's own."""
    made = copy.deepcopy(cell)
    for field_name in ("nbgrader", "deletable", "editable"):
        made["metadata"].pop(field_name, None)
    without_results(made)
    if not isinstance(made.get("id"), str) or made["id"] in {each.get("id") for each in carried.cells}:
        made["id"] = uuid.uuid4().hex[:8]
    place = next((place for place, each in enumerate(carried.cells, 1) if each is after), 0)
    carried.cells.insert(place, made)
    carried.added += 1
    return made


def without_results(cell: dict) -> None:
    """A cell that was not run in this notebook shows nothing."""
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None


# what a cell is


def grading_of(cell: dict) -> dict:
    grading = cell["metadata"].get("nbgrader")
    return grading if isinstance(grading, dict) else {}


def name_of(cell: dict) -> str | None:
    name = grading_of(cell).get("grade_id")
    return name if isinstance(name, str) else None


def is_answer(cell: dict) -> bool:
    return bool(grading_of(cell).get("solution"))


def text_of(cell: dict) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def same(one: dict, other: dict) -> bool:
    return one["cell_type"] == other["cell_type"] and text_of(one) == text_of(other)


def is_untouched(cell: dict) -> bool:
    """Whether an answer is as it was handed out: nbgrader's checksum of a cell still holds."""
    grading = grading_of(cell)
    graded, solution = bool(grading.get("grade")), bool(grading.get("solution"))
    locked = not solution and (graded or bool(grading.get("locked")))
    parts = [text_of(cell), cell["cell_type"], str(graded), str(solution), str(locked), str(grading.get("grade_id"))]
    if graded:
        parts.append(str(float(grading.get("points") or 0)))
    digest = hashlib.md5("".join(parts).encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return digest.hexdigest() == grading.get("checksum")


# files


def read_notebook(path: Path) -> dict:
    """A notebook of format 4.  Raises ValueError with a sentence for a file that is none, or is not there."""
    if not path.is_file():
        raise ValueError(f"There is no notebook {path}.")
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
        cells = notebook["cells"]
        sound = notebook["nbformat"] == 4 and all(isinstance(cell["metadata"], dict) for cell in cells)
        for cell in cells:
            cell["cell_type"] + text_of(cell)  # both are texts
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise ValueError(f"{path} cannot be read as a notebook. Open it in Jupyter, save it, and try again.")
    return notebook
