"""Every hour: what has waited for a day is said to those who may answer."""

from typing import Any

from courses.discussion import services
from courses.discussion.policy import Discussion
from lms.authz import Actor
from lms.db import act_as, db
from lms.jobs import Progress

REMIND = "discussion.remind"


def remind(_progress: Progress) -> dict[str, Any]:
    """Say what waits."""
    actor = Actor.job("discussion.remind", Discussion.REMIND)
    act_as(db.session, actor)
    return {"questions": services.remind(actor, None)}
