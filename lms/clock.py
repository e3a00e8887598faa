"""The one place where the time comes from."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Asia/Shanghai")


def configure(timezone: str) -> None:
    """Say in which time zone a calendar day begins and ends."""
    global _zone
    _zone = ZoneInfo(timezone)


def zone() -> ZoneInfo:
    """The time zone in which people read dates."""
    return _zone


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day where the institutions are."""
    return now().astimezone(_zone).date()


def local(moment: datetime) -> datetime:
    """A moment as the people there read it from the wall."""
    return moment.astimezone(_zone)
