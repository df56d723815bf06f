"""Read notebooks that anyone may have made, without running or believing them."""

from __future__ import annotations

import os
import stat
import warnings
from pathlib import Path

import nbformat

from autograder.learner.notebook import (
    FORMAT,
    LARGEST,
    Cell,
    Unreadable,
    cells_of,
    fields_of,
    refuse_cells,
    refuse_size,
)


def read_cells(path: Path) -> list[Cell]:
    """The cells of a notebook file.  Raises `Unreadable`, or FileNotFoundError."""
    return cells_of(parse(read_bytes(path)))


def read_bytes(path: Path) -> bytes:
    """The bytes of an ordinary file of bounded size.  A link is refused: it could point at somebody else's work."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = "it is a link, and a file is wanted" if path.is_symlink() else (error.strerror or "").lower()
        raise Unreadable(f"The notebook cannot be opened: {reason}.") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise Unreadable("Where the notebook should be there is something other than a file.")
    with os.fdopen(descriptor, "rb") as file:
        refuse_size(status.st_size)
        return file.read(LARGEST + 1)


def parse(data: bytes) -> nbformat.NotebookNode:
    """A notebook of the current format from a file's bytes.  Raises `Unreadable`."""
    fields = fields_of(data)
    version = fields["nbformat"]
    if version == FORMAT:
        refuse_cells(fields)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.convert(nbformat.reader.reads(data.decode("utf-8-sig")), FORMAT)
    except Exception as error:
        raise Unreadable(f"The notebook's format {version} could not be brought up to date ({error}).") from error
    refuse_cells(notebook)
    return notebook
