"""What a consultation earns: time really spent, and the same case only once in a while. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

#: For how long the same case does not earn hours again: whoever plays it the next day remembers it.
COUNTS_AGAIN = timedelta(days=30)


class Uncredited(StrEnum):
    """Why a run earns no hours."""

    RECENTLY = "recently"


def spent(first: datetime, last: datetime, *, expected: int) -> int:
    """Whole minutes between the first act and the end; at least one, at most what the case is expected to take."""
    return max(1, min(expected, int((last - first).total_seconds() // 60)))


def uncredited(now: datetime, last_credited: datetime | None) -> Uncredited | None:
    """Why the same case earns nothing again just now; None where it counts."""
    return Uncredited.RECENTLY if last_credited is not None and now < counts_again(last_credited) else None


def counts_again(last_credited: datetime) -> datetime:
    """From when on the same case counts again."""
    return last_credited + COUNTS_AGAIN
