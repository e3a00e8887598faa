"""Who may ask, answer, and look after what is said.

Questions are part of the lesson: whoever may read lessons reads them, of whatever county, and the same doubt is
answered once for all. Who asks or answers has begun the course; mentors and editors answer below their own place
without that. A talk belongs to the institution of whoever asked: its editors and managers look after it, whoever
wrote in it, and nobody else's do. Names stand beside words; they are read with them and nowhere else.
"""

from typing import Any

import sqlalchemy as sa

from courses.enrolment.models import Enrolment
from lms.authz import Actor, Anyone, ByRelation, ByRole, Permission, Role, declare, itself
from lms.db import db


class Discussion(Permission):
    """Permissions over questions on lessons."""

    READ = "discussion:question:read"
    ASK = "discussion:question:ask"
    ANSWER = "discussion:question:answer"
    ACCEPT = "discussion:question:accept"
    FOLLOW = "discussion:question:follow"
    REMIND = "discussion:question:remind"
    DESK = "discussion:desk:read"
    EDIT = "discussion:entry:edit"
    HISTORY = "discussion:entry:history"
    RATE = "discussion:entry:rate"
    REPORT = "discussion:entry:report"
    MODERATE = "discussion:entry:moderate"


def learns(actor: Actor, on: Any) -> bool:
    """The actor has begun the course that this belongs to."""
    query = sa.select(Enrolment.id).where(Enrolment.person_id == actor.person_id, Enrolment.course_id == on.course_id)
    return db.session.scalar(query.limit(1)) is not None


_learner = ByRelation("learner of this course", learns)
_writer = ByRelation("who wrote it", itself)
_keepers = (ByRole(Role.COURSE_EDITOR), ByRole(Role.INSTITUTION_MANAGER))

declare(
    {
        Discussion.READ: [Anyone(signed_in=True)],
        Discussion.ASK: [_learner],
        Discussion.ANSWER: [ByRole(Role.MENTOR), ByRole(Role.COURSE_EDITOR), _learner],
        Discussion.ACCEPT: [ByRelation("who asked", itself)],
        Discussion.FOLLOW: [Anyone(signed_in=True)],
        Discussion.REMIND: [],
        Discussion.DESK: [ByRole(Role.MENTOR), *_keepers],
        Discussion.EDIT: [_writer],
        Discussion.HISTORY: [_writer, *_keepers, ByRole(Role.AUDITOR)],
        Discussion.RATE: [Anyone(signed_in=True)],
        Discussion.REPORT: [Anyone(signed_in=True)],
        Discussion.MODERATE: [*_keepers],
    }
)
