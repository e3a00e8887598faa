"""What people write, read the way they meant it: full-width letters, days and times in every usual form."""

import re
import unicodedata
from datetime import date, datetime

from lms import clock

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_DAY_CLOSE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2})\s*[:时点]\s*(\d{1,2})?\s*分?")


def plain(text: str) -> str:
    """Text as typed, without the traces of the input method: full-width forms, outer blanks."""
    return unicodedata.normalize("NFKC", text).strip()


def read_day(text: str) -> date | None:
    """The calendar day that somebody wrote, or None: 2026-11-22, 2026/11/22, 2026年11月22日, 20261122."""
    written = plain(text)
    found = _DAY.fullmatch(written) or _DAY_CLOSE.fullmatch(written)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """The local day and time that somebody wrote, aware, or None."""
    parts = re.fullmatch(r"(.+?[日号]?)[\sT]*(\d{1,2}\s*[:时点].*)", plain(text))
    day = read_day(parts[1]) if parts else None
    clocked = _TIME.fullmatch(parts[2].strip()) if parts else None
    if day is None or clocked is None:
        return None
    try:
        at = datetime(day.year, day.month, day.day, int(clocked[1]), int(clocked[2] or 0))
    except ValueError:
        return None
    return at.replace(tzinfo=clock.zone())
