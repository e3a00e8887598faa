"""Background work: requests that nobody answered are put away by night."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from assessments.workplace import services
from assessments.workplace.policy import Workplace
from lms import clock
from lms.authz import Actor
from lms.db import act_as, db

EXPIRE = "workplace.expire"
KEEPER = Actor.job(EXPIRE, Workplace.EXPIRE)


def expire(_progress: Callable[[int, int], object], **_: Any) -> dict[str, Any]:
    """Put away what is overdue; twice on a day makes no difference."""
    act_as(db.session, KEEPER)
    return {"expired": services.expire(KEEPER, None, today=clock.today())}


def nightly(moment: datetime) -> bool:
    """Due at ten past three, by the wall clock where the institutions are; asked with the minute by UTC."""
    there = clock.local(moment.replace(tzinfo=UTC))
    return (there.hour, there.minute) == (3, 10)
