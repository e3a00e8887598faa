"""Names and order of write-ahead log segments: which are there, which are missing, which nobody needs any more.

A name has 24 hexadecimal digits: eight for the timeline, then the place in the log in two parts, of which the second
counts the segments in four gigabytes (PostgreSQL 15-18, `src/include/access/xlog_internal.h`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

_LOG = 1 << 32
_NAME = re.compile(r"[0-9A-F]{24}")
PARTIAL = ".partial"


@dataclass(frozen=True)
class Segments:
    """How a server cuts its log: the timeline it writes and the bytes of a segment."""

    timeline: int
    size: int

    def name(self, number: int) -> str:
        """The file that holds this segment."""
        per = _LOG // self.size
        return f"{self.timeline:08X}{number // per:08X}{number % per:08X}"

    def number(self, name: str) -> int | None:
        """Which segment a file holds; None for a file of another timeline, or of another kind."""
        stem = name.removesuffix(PARTIAL)
        if not _NAME.fullmatch(stem) or int(stem[:8], 16) != self.timeline:
            return None
        return int(stem[8:16], 16) * (_LOG // self.size) + int(stem[16:], 16)

    def holding(self, position: int) -> int:
        """The segment in which the byte before this position lies: what a reader up to there must have."""
        return max(position - 1, 0) // self.size

    def missing(self, names: Iterable[str], first: int, last: int) -> list[str]:
        """The segments from first to last that no file holds."""
        found = {self.number(name) for name in names}
        return [self.name(number) for number in range(first, last + 1) if number not in found]

    def before(self, names: Iterable[str], first: int) -> list[str]:
        """The files that are older than the first segment anybody needs."""
        return sorted(name for name in names if (number := self.number(name)) is not None and number < first)


def position(text: str) -> int:
    """A place in the log, written `16/B374D848`, as the number of bytes before it."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def written(place: int) -> str:
    """A place in the log as PostgreSQL writes it."""
    return f"{place >> 32:X}/{place & 0xFFFFFFFF:X}"


def useless(ended: Sequence[datetime], since: datetime) -> list[datetime]:
    """The ends of backups that nobody needs to restore to any moment from `since` on.

    The newest one that ended by then is needed: it alone leads to the moments before the next.
    """
    older = sorted(moment for moment in ended if moment <= since)
    return older[:-1]
