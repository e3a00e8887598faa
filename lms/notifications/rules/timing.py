"""When something may reach a person: at once, in the digest of the day, never in quiet hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from lms.notifications.rules.kinds import How

#: After how long a letter that was not taken is tried again; after the last one nobody tries any more.
AGAIN: Final = (
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)


@dataclass(frozen=True)
class Habits:
    """When a person wants to be left alone (from one time to another, over midnight too; equal: never), and the hour
    of the digest."""

    quiet_from: time = time(22)
    quiet_until: time = time(7)
    digest_at: time = time(18)

    def quiet(self, at: time) -> bool:
        """Whether this time of day is a quiet one; the end is not."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until


def due(moment: datetime, how: How, habits: Habits, zone: tzinfo) -> datetime:
    """The first moment from this one on at which it may go out."""
    local = moment.astimezone(zone)
    if how is How.DAILY:
        local = _next(local, habits.digest_at, zone)
    if habits.quiet(local.time()):
        local = _next(local, habits.quiet_until, zone)
    return max(local.astimezone(UTC), moment.astimezone(UTC))


def _next(local: datetime, at: time, zone: tzinfo) -> datetime:
    """The next time the clock on the wall shows this hour, now included."""
    today = datetime.combine(local.date(), at, zone)
    return today if today >= local else datetime.combine(local.date() + timedelta(days=1), at, zone)


def again(moment: datetime, tries: int, habits: Habits, zone: tzinfo) -> datetime | None:
    """When to try again after so many tries; None: not any more."""
    if tries > len(AGAIN):
        return None
    return due(moment + AGAIN[tries - 1], How.NOW, habits, zone)
