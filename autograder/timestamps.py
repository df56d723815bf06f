"""When a notebook was handed in: the `timestamp.txt` that nbgrader keeps beside it.

nbgrader writes "2026-10-12 21:03:00.482913 UTC", or the name of another zone, "Europe/Zurich", in the place of UTC; a
number, "+0200", and ISO 8601 are read as well, and what names no zone is UTC.  nbgrader 0.9.6 itself takes "+0200" for
200 seconds, and a zone that it does not know for UTC.  A file's own time is never used: copying changes it.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import dateutil.parser

from autograder.notebook import Unreadable, read_bytes

FILE = "timestamp.txt"
LONGEST = 200  # characters; a file that holds more is no timestamp
NUMBER = re.compile(r"[+-]\d\d:?\d\d")


def read_timestamp(folder: Path) -> str | None:
    """The moment in ISO 8601 with its offset, or None where there is no file or it holds no date."""
    try:
        moment = parse(read_bytes(folder / FILE).decode().strip())
    except (OSError, Unreadable, ValueError, OverflowError):
        return None
    return moment.isoformat() if moment else None


def parse(text: str) -> dt.datetime | None:
    """A date with its zone from nbgrader's words for it.  Raises ValueError for what is none."""
    if not text or len(text) > LONGEST:
        return None
    parts = text.split()
    zone: dt.tzinfo | None = dt.UTC
    if len(parts) == 3:
        text, name = " ".join(parts[:2]), parts[2]
        zone = dt.datetime.strptime(name, "%z").tzinfo if NUMBER.fullmatch(name) else zone_named(name)
    moment = dateutil.parser.parse(text, default=dt.datetime(1, 1, 1))
    if moment.year == 1:  # it names no day
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
        raise ValueError(f"{name} is no known time zone") from error


def as_the_gradebook_holds_it(text: str) -> dt.datetime | None:
    """A timestamp in UTC that does not say so; None for what cannot be read, where nbgrader's own reader stops all."""
    try:
        moment = parse(text)
    except (ValueError, OverflowError):
        return None
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment else None
