"""Background work: every night everybody's marks are looked at."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from assessments.stall import services
from assessments.stall.policy import WATCHER
from lms import clock
from lms.db import act_as, db

WATCH = "stall.watch"


def watch(progress: Callable[[int, int], object], **_: Any) -> dict[str, Any]:
    """Score everybody and raise flags; twice on a day, or after a crash, makes no difference."""
    act_as(db.session, WATCHER)
    return services.watch(WATCHER, None, today=clock.today(), progress=progress)


def nightly(hour: int, minute: int) -> Callable[[datetime], bool]:
    """Due once a night, by the wall clock where the institutions are; asked with the minute by UTC."""

    def due(moment: datetime) -> bool:
        there = clock.local(moment.replace(tzinfo=UTC))
        return (there.hour, there.minute) == (hour, minute)

    return due
