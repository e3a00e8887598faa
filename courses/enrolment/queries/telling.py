"""Whom to tell of their curriculum: that they have one, that its days are others, that its version is another.

Thousands get one in a night, so the inbox alone says it unless somebody chooses otherwise.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from flask_babel import format_date
from sqlalchemy import orm

from courses.curricula.models import CurriculumVersion
from courses.curricula.policy import Curricula
from courses.enrolment import events
from courses.enrolment.models.assign import AssignmentChange
from lms import clock
from lms.authz import Permission
from lms.db import Everything, db
from lms.db.many import among
from lms.i18n import _, _l, pick
from lms.notifications.rules.kinds import Facts, Group, Heard, How, Kind, Payload, Told


def _title(facts: Facts) -> str:
    return pick(facts["title"], facts["title_en"])


def _next_day(facts: Facts) -> str:
    """The day that comes next of those that hold now."""
    day = format_date(date.fromisoformat(facts["day"]), "medium")
    return str(_("Tier %(star)s is due on %(day)s.", star=facts["star"], day=day))


_NEEDS: Final[Permission] = Curricula.OWN
GIVEN = Kind(
    "enrolment.curriculum_given",
    Group.LEARNING,
    _l("I was given a curriculum"),
    lambda facts: _("You have a curriculum: %(title)s", title=_title(facts)),
    "enrolment.path",
    (),
    _next_day,
    mail=How.OFF,
    needs=_NEEDS,
)
RULED = Kind(
    "enrolment.days_changed",
    Group.LEARNING,
    _l("The days of my curriculum have changed"),
    lambda facts: _("Your curriculum has other days now: %(title)s", title=_title(facts)),
    "enrolment.path",
    (),
    _next_day,
    mail=How.OFF,
    needs=_NEEDS,
)
MOVED = Kind(
    "enrolment.version_changed",
    Group.LEARNING,
    _l("My curriculum has a new version"),
    lambda facts: _("Your curriculum has a new version: %(title)s", title=_title(facts)),
    "enrolment.path",
    (),
    lambda facts: _("Version %(number)s. What you have done stays done, and the days stay.", number=facts["number"]),
    mail=How.OFF,
    needs=_NEEDS,
)


def _changes(payload: Payload) -> sa.Select[*tuple[Any, ...]]:
    """What each change came to, with the days that held before it."""
    earlier = orm.aliased(AssignmentChange)
    before = (
        sa.select(earlier.due_on)
        .where(earlier.assignment_id == AssignmentChange.assignment_id, earlier.id < AssignmentChange.id)
        .order_by(earlier.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(
            AssignmentChange.id,
            AssignmentChange.person_id,
            AssignmentChange.due_on,
            before.label("before"),
            CurriculumVersion.number,
            CurriculumVersion.title,
            CurriculumVersion.title_en,
        )
        .join(CurriculumVersion, CurriculumVersion.id == AssignmentChange.version_id)
        .where(among(AssignmentChange.id, payload["change_ids"]))
        .order_by(AssignmentChange.id)
    )


def everybody(payload: Payload) -> Iterator[Told]:
    """Whom these changes are about, each once a change."""
    for row in db.session.execute(_changes(payload), execution_options=Everything):
        yield _told(row)


def with_other_days(payload: Payload) -> Iterator[Told]:
    """Whom these changes gave other days; another rule or place with the same days is nothing to tell."""
    for row in db.session.execute(_changes(payload), execution_options=Everything):
        if row.before != row.due_on:
            yield _told(row)


def _told(row: Any) -> Told:
    today = clock.today()
    star = next((star for star, day in enumerate(row.due_on, 1) if day >= today), len(row.due_on))
    facts = {"title": row.title, "title_en": row.title_en, "number": row.number, "star": star}
    return Told(row.person_id, f"change:{row.id}", facts | {"day": row.due_on[star - 1].isoformat()})


HEARD: Final = (
    Heard(events.CurriculaGiven, GIVEN, everybody),
    Heard(events.DaysRuled, RULED, with_other_days),
    Heard(events.VersionsTaken, MOVED, everybody),
)
