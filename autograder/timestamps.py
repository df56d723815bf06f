"""When a notebook was handed in: the `timestamp.txt` that nbgrader keeps beside it.

nbgrader writes "2026-10-12 21:03:00.482913 UTC", or the name of another zone, "Europe/Zurich", in the place of UTC; a
number, "+0200", and ISO 8601 are read as well, and what names no zone is UTC.  nbgrader 0.9.6 itself takes "+0200" for
200 seconds, and a zone that it does not know for UTC.  A file's own time is never used: copying changes it.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from pathlib import Path
from zoneinfo import ZoneInfo

import dateutil.parser
from dateutil.parser import UnknownTimezoneWarning

from autograder.learner.notebook import Unreadable
from autograder.notebook import read_bytes

FILE = "timestamp.txt"
LONGEST = 200  # characters; a file that holds more is no timestamp
NUMBER = re.compile(r"[+-]\d\d:?\d\d")


def read_timestamp(folder: Path, zone: ZoneInfo | None = None) -> str | None:
    """The moment in ISO 8601 with its offset, or None where there is no file or it holds no date.

    zone: the course's, whose short names ("CEST") are understood as well; nbgrader may have written one.
    """
    try:
        moment = parse(read_bytes(folder / FILE).decode().strip(), zone)
    except (OSError, Unreadable, ValueError, OverflowError):
        return None
    return moment.isoformat() if moment else None


def in_nbgraders_words(moment: str) -> str:
    """A moment in ISO 8601 with its offset, as nbgrader writes it: in UTC, the one zone that it reads right."""
    return f"{dt.datetime.fromisoformat(moment).astimezone(dt.UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def parse(text: str, course: ZoneInfo | None = None) -> dt.datetime | None:
    """A date with its zone from nbgrader's words for it.  Raises ValueError for what is none."""
    if not text or len(text) > LONGEST:
        return None
    parts = text.split()
    zone: dt.tzinfo | None = dt.UTC
    if len(parts) == 3:
        text, zone = " ".join(parts[:2]), zone_named(parts[2], course)
    moment = date_in(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def date_in(text: str) -> dt.datetime:
    """A date in ISO 8601, or in another form that nbgrader's reader knows."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownTimezoneWarning)
        try:
            moment = dateutil.parser.parse(text, default=dt.datetime(1, 1, 1))
        except UnknownTimezoneWarning as error:
            raise ValueError(f"{text} names no known time zone") from error
    if moment.year == 1:
        raise ValueError(f"{text} names no day")
    return moment


def zone_named(name: str, course: ZoneInfo | None) -> dt.tzinfo | None:
    if NUMBER.fullmatch(name):
        return dt.datetime.strptime(name, "%z").tzinfo
    if course and name in {dt.datetime(2026, month, 1, tzinfo=course).tzname() for month in (1, 7)}:
        return course
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
