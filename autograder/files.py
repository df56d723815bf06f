"""Files and folders that are there whole or not at all, whenever the process ends; and errors about them in words."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

SCRATCH = ".new-"  # how the name of a file or folder begins that is not yet whole
OLD = ".old-"  # and that of a folder whose place is being taken


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place when the block ends well.

    A reader sees the old file or the whole new one.  Its rights are those that the umask leaves to a new file.
    """
    scratch = path.with_name(f"{SCRATCH}{secrets.token_hex(6)}")
    os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        yield scratch
        os.replace(scratch, path)
    except BaseException:
        with contextlib.suppress(OSError):
            scratch.unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Write a file, and the folders above it: all of it or nothing.  Half a character is written by its number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder` to fill, which takes its place when the block ends well; the old one is removed.

    What an earlier run left half made there, or half removed, is removed first.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = folder.with_name(f"{SCRATCH}{folder.name}"), folder.with_name(f"{OLD}{folder.name}")
    if old.exists() and not folder.exists():  # it was killed between its two steps
        os.rename(old, folder)
    remove_folders(fresh, old)
    fresh.mkdir()
    try:
        yield fresh
    except BaseException:
        remove_folders(fresh)
        raise
    if folder.exists():
        os.rename(folder, old)
    os.rename(fresh, folder)
    remove_folders(old)


def remove_folders(*folders: Path) -> None:
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)


def remove_scraps(folder: Path, *patterns: str) -> None:
    """Remove the files that a process was writing when it was killed."""
    for pattern in ("", *patterns):
        for scrap in folder.glob(f"{pattern}{SCRATCH}*"):
            with contextlib.suppress(OSError):
                scrap.unlink()


def why(error: OSError) -> str:
    """What went wrong, in the system's words: "no space left on device"."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def in_words(error: OSError) -> str:
    """What went wrong and where: "grades/index.html: permission denied"."""
    return f"{error.filename}: {why(error)}" if error.filename else why(error)
