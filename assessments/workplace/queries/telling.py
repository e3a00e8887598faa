"""Whom to tell of requests to watch, and of what was seen."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask_babel import format_date

from assessments.workplace import events
from assessments.workplace.models import WorkplaceAssessment, WorkplaceRequest
from assessments.workplace.policy import Workplace
from lms.db import Everything, db
from lms.i18n import _, _l, pick
from lms.notifications.rules.kinds import Facts, Group, Heard, Kind, Payload, Told
from lms.techniques.models import Technique


def _technique(facts: Facts) -> str:
    return pick(facts["technique"], facts["technique_en"])


def _day(facts: Facts) -> str:
    return str(_("Proposed day: %(day)s", day=format_date(date.fromisoformat(facts["day"]))))


REQUESTED = Kind(
    "workplace.requested",
    Group.PRACTICE,
    _l("Requests to watch and assess"),
    lambda facts: _("A doctor asks you to watch: %(technique)s", technique=_technique(facts)),
    "workplace.asked",
    ("id",),
    _day,
    needs=Workplace.ASSESS_LIST,
)
DECLINED = Kind(
    "workplace.declined",
    Group.PRACTICE,
    _l("A request was declined"),
    lambda facts: _("Your request was declined: %(technique)s", technique=_technique(facts)),
    "workplace.asked",
    ("id",),
    lambda _facts: _("Open it to read why, and ask somebody else."),
    needs=Workplace.OWN,
)
ASSESSED = Kind(
    "workplace.assessed",
    Group.PRACTICE,
    _l("Assessments at your work"),
    lambda facts: _("Your work was assessed: %(technique)s", technique=_technique(facts)),
    "workplace.assessment",
    ("id",),
    lambda _facts: _("Read it, and say that you have seen it."),
    needs=Workplace.OWN,
)


def _facts(technique: Technique, number: int | str) -> dict[str, Any]:
    return {"technique": technique.title, "technique_en": technique.title_en, "id": number}


def _request(payload: Payload) -> WorkplaceRequest:
    return db.session.get_one(WorkplaceRequest, payload["request_id"], execution_options=Everything)


def requested(payload: Payload) -> Iterator[Told]:
    """Whoever is asked; whoever it is handed on to is told in turn."""
    row, assessor = _request(payload), payload["assessor_id"]
    facts = _facts(row.technique, row.id) | {"day": row.proposed_on.isoformat()}
    yield Told(assessor, f"request:{row.id}", facts)


def declined(payload: Payload) -> Iterator[Told]:
    """The doctor who asked."""
    row = _request(payload)
    yield Told(row.person_id, f"request:{row.id}", _facts(row.technique, row.id))


def assessed(payload: Payload) -> Iterator[Told]:
    """The doctor, for each version: a correction is told too."""
    encounter = UUID(payload["encounter_id"])
    query = sa.select(WorkplaceAssessment).where(WorkplaceAssessment.encounter_id == encounter)
    query = query.order_by(WorkplaceAssessment.version.desc()).limit(1)
    row = db.session.scalars(query, execution_options=Everything).one()
    yield Told(row.person_id, f"assessment:{row.id}", _facts(row.technique, str(row.id)))


HEARD: Final = (
    Heard(events.WorkplaceRequested, REQUESTED, requested),
    Heard(events.WorkplaceDeclined, DECLINED, declined),
    Heard(events.WorkplaceAssessed, ASSESSED, assessed),
)
