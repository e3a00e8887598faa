"""Whom to tell of a flag."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from assessments.stall import events
from assessments.stall.models import Flag
from assessments.stall.policy import Stall
from courses.mentoring.models import Pairing, running
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l, pick
from lms.notifications.queries import holders
from lms.notifications.rules.kinds import Group, Heard, How, Kind, Told

RAISED = Kind(
    "stall.raised",
    Group.MENTORING,
    _l("Apprentices who need you"),
    lambda facts: _(
        "A skill seems to have stopped rising: %(technique)s",
        technique=pick(facts["technique"], facts["technique_en"]),
    ),
    "stall.flag",
    ("id",),
    lambda _facts: _("Look at the reasons, and say what you will do."),
    mail=How.DAILY,
    needs=Stall.LIST,
)


def raised(payload: Mapping[str, Any]) -> Iterator[Told]:
    """The mentor of today; for a doctor without one, whoever manages the institution."""
    flag = db.session.get_one(Flag, payload["flag_id"], execution_options=Everything)
    query = sa.select(Pairing.mentor_id).where(Pairing.person_id == flag.person_id, running(clock.today()))
    people = list(db.session.scalars(query, execution_options=Everything))
    people = people or holders(Role.INSTITUTION_MANAGER, flag.institution_id, least=1)
    facts = {"technique": flag.technique.title, "technique_en": flag.technique.title_en, "id": flag.id}
    for person in people:
        if person != flag.person_id:
            yield Told(person, f"flag:{flag.id}", facts)


HEARD: Final = (Heard(events.FlagRaised, RAISED, raised),)
