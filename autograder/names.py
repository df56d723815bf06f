"""Names that anyone may have made up: as folders on any disk, as text in any encoding, as cells of a table.

A student's name is the name of their folder, or a word from somebody's roster.  It may hold whatever a file system or a
roster lets through, and two of them may differ in capitals or in how an accent is written alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 120  # bytes of a file's name: room for what is added to it, where a disk takes 143
FORBIDDEN = set('<>:"/\\|?*')  # on Windows, and the slash everywhere
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)
MARKED = re.compile(r"~[0-9a-f]{8}$")  # a name that looks like one of ours
RUNS = re.compile("(?='*[=+\\-@\t\r\n＝＋－＠])")  # how a cell begins that a spreadsheet may run, or one of ours


def file_name(name: str) -> str:
    """A name for a file or folder that no other name gets, on any disk: "ana" stays, "Ana" becomes "Ana~dea210f0".

    It depends on the name alone, not on who else is there.  What a disk that ignores capitals, or how an accent is
    spelled, could take for another name gets eight digits of the name's SHA-256; so does what cannot be a file's name
    on some system.
    """
    stem = "".join(c if c.isprintable() and c not in FORBIDDEN else "_" for c in name)
    if stem.startswith(("-", ".")):
        stem = "_" + stem[1:]
    if stem.endswith((".", " ")):
        stem = stem[:-1] + "_"
    if not stem or DEVICES.match(stem):
        stem = "_" + stem
    if stem == name == folded(name) and len(name.encode()) <= LONGEST and not MARKED.search(name):
        return name
    short = stem.encode()[: LONGEST - 9].decode("utf-8", "ignore")
    return f"{short}~{hashlib.sha256(raw(name)).hexdigest()[:8]}"


def folded(name: str) -> str:
    """The same for two names that some disk may take for one: without capitals, accents spelled in one way."""
    plain = unicodedata.normalize("NFKD", name).upper().casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", plain).casefold())


def mistakable(names: Iterable[str]) -> list[list[str]]:
    """The groups of names that differ in capitals or in the spelling of accents alone."""
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        groups.setdefault(folded(name), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def raw(name: str) -> bytes:
    """A name's bytes, whatever they are."""
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")


def as_text(name: str) -> str:
    r"""A name as text for a page, a table or a database: a byte that is no character by its number, "caf\udce9"."""
    return name.encode("utf-8", "backslashreplace").decode()


def as_word(name: str) -> str:
    r"""A name on one line of a terminal, which nothing in it steers: a mark by its number, "two\nlines"."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def as_cell(text: str) -> str:
    """A text as a cell of a table that people open in a spreadsheet, which then runs nothing: '=1+1 for =1+1.

    Only what begins like a formula changes, so 't Hooft stays.  `from_cell` gives the text back.
    """
    return f"'{text}" if RUNS.match(text) else text


def from_cell(cell: str) -> str:
    """What `as_cell` was given."""
    return cell[1:] if cell.startswith("'") and RUNS.match(cell) else cell
