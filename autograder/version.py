"""Which grader this is: a report is current only for the code that wrote it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import autograder

GRADER = Path(__file__).parent


@cache
def grader_version() -> str:
    """The version, and a hash of the grader's own code: "0.1.0+1f0c96b2a1d3"."""
    digest = hashlib.sha256()
    for file in sorted([*GRADER.rglob("*.py"), *GRADER.rglob("*.html")]):
        digest.update(f"{file.relative_to(GRADER).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{autograder.__version__}+{digest.hexdigest()[:12]}"
