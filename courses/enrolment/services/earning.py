"""Minutes of lessons become hours: once each, marked where they were learned without network."""

from typing import Any

import sqlalchemy as sa

from courses.enrolment.models import LessonCompletion, LessonSupplement
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from courses.hours.services import Earned, credit, holder
from lms import clock
from lms.authz import Actor
from lms.db import act_as, db

#: On whose behalf finished lessons become hours.
BOOKKEEPER = Actor.job("enrolment.hours", Hours.CREDIT)


def enter_hours(event: dict[str, Any]) -> None:
    """Hear of a finished lesson and enter its minutes as theory; other kinds wait for somebody who confirms them."""
    act_as(db.session, BOOKKEEPER)
    query = sa.select(LessonCompletion).where(LessonCompletion.id == event["completion_id"])
    done = db.session.scalars(query).one()
    _enter(done, done, "lesson")


def enter_more_hours(event: dict[str, Any]) -> None:
    """Hear of minutes that became known after a lesson was complete, and enter them as well."""
    act_as(db.session, BOOKKEEPER)
    more = db.session.scalars(sa.select(LessonSupplement).where(LessonSupplement.id == event["supplement_id"])).one()
    done = db.session.scalars(sa.select(LessonCompletion).where(LessonCompletion.id == more.completion_id)).one()
    _enter(done, more, "lesson_more")


def _enter(done: LessonCompletion, spent: LessonCompletion | LessonSupplement, source: str) -> None:
    version = done.lesson.version
    if not spent.minutes or version.hours_kind != HoursKind.THEORY:
        return
    earned = Earned(
        kind=HoursKind.THEORY,
        minutes=spent.minutes,
        on_day=clock.local(spent.completed_at).date(),
        source_kind=source,
        source_id=str(spent.id),
        evidence={
            "title": f"{version.title}：{done.lesson.title}",
            "title_en": f"{version.title_en}: {done.lesson.title_en}",
            "course": version.course.code,
            "version": version.number,
            "lesson": done.lesson.code,
            "opened_at": spent.opened_at.isoformat(),
            "completed_at": spent.completed_at.isoformat(),
            "offline_minutes": spent.offline_minutes,
        },
    )
    credit(BOOKKEEPER, holder(done.person_id), earned=earned)
