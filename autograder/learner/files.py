"""Files of the learner's that are there whole or not at all, whenever the process ends."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write a file, in the place of the one that is there, whose rights it keeps.  Raises OSError."""
    descriptor, scratch = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as made:
            made.write(text)
        if file.exists():
            os.chmod(scratch, file.stat().st_mode & 0o777)
        os.replace(scratch, file)
    except BaseException:
        os.unlink(scratch)
        raise
