"""Whom to tell of a rotation."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import sqlalchemy as sa
from flask_babel import format_date

from courses.rotations import events
from courses.rotations.models import Rotation, RotationReceiver
from courses.rotations.policy import Rotations
from lms import clock
from lms.authz import Role
from lms.db import Everything, db
from lms.i18n import _, _l, pick
from lms.notifications.queries.reaching import holders
from lms.notifications.rules.kinds import Facts, Group, Heard, Kind, Payload, Told


def _where(facts: Facts) -> str:
    first, last = (format_date(date.fromisoformat(facts[name])) for name in ("first", "last"))
    words = {"department": pick(facts["title"], facts["title_en"]), "first": first, "last": last}
    return str(_("%(department)s, from %(first)s to %(last)s", **words))


PLANNED = Kind(
    "rotations.planned",
    Group.PRACTICE,
    _l("A rotation was planned or moved"),
    lambda facts: (
        _("A rotation is planned for you") if facts["side"] == "doctor" else _("A doctor is planned at your department")
    ),
    "rotations.rotation",
    ("id",),
    _where,
)
STOPPED = Kind(
    "rotations.stopped",
    Group.PRACTICE,
    _l("A rotation was cancelled or interrupted"),
    lambda facts: _("A rotation was cancelled") if facts["cancelled"] else _("A rotation was interrupted"),
    "rotations.rotation",
    ("id",),
    _where,
)
EVALUATED = Kind(
    "rotations.evaluated",
    Group.PRACTICE,
    _l("A rotation was evaluated"),
    lambda _facts: _("Your rotation was evaluated"),
    "rotations.rotation",
    ("id",),
    _where,
    needs=Rotations.OWN,
)
RECORDED = Kind(
    "rotations.recorded",
    Group.PRACTICE,
    _l("A rotation was recorded afterwards"),
    lambda facts: (
        _("A rotation of yours was recorded afterwards")
        if facts["side"] == "doctor"
        else _("A rotation was recorded afterwards and waits for your word")
    ),
    "rotations.rotation",
    ("id",),
    _where,
)


def _facts(stay: Rotation) -> dict[str, object]:
    named = stay.department
    return {
        "id": stay.id,
        "title": named.name,
        "title_en": named.name_en,
        "first": stay.begins_on.isoformat(),
        "last": stay.last_on.isoformat(),
        "cancelled": stay.started_on is None,
    }


def _rotation(payload: Payload) -> Rotation:
    return db.session.get_one(Rotation, payload["rotation_id"], execution_options=Everything)


def _receivers(stay: Rotation) -> Iterator[int]:
    today = clock.today()
    query = sa.select(RotationReceiver.person_id).where(
        RotationReceiver.department_id == stay.department_id,
        RotationReceiver.person_id != stay.person_id,
        RotationReceiver.begins_on <= today,
        sa.or_(RotationReceiver.ends_on.is_(None), RotationReceiver.ends_on > today),
    )
    yield from db.session.scalars(query, execution_options=Everything)


def both(payload: Payload) -> Iterator[Told]:
    """The doctor and who receives there; once for each range of days."""
    stay = _rotation(payload)
    return _sides(stay, f"rotation:{stay.id}:{stay.begins_on}:{stay.last_on}", _receivers(stay), "host")


def doctor(payload: Payload) -> Iterator[Told]:
    """The doctor, once for each word on it."""
    stay = _rotation(payload)
    yield Told(stay.person_id, f"evaluation:{payload['evaluation_id']}", _facts(stay))


def recorded(payload: Payload) -> Iterator[Told]:
    """The doctor, and the nearest managers over the doctor's institution who may be the second person."""
    stay = _rotation(payload)
    return _sides(stay, f"recorded:{stay.id}", _seconds(stay), "second")


def _sides(stay: Rotation, matter: str, others: Iterable[int], side: str) -> Iterator[Told]:
    yield Told(stay.person_id, matter, _facts(stay) | {"side": "doctor"})
    for person in others:
        yield Told(person, matter, _facts(stay) | {"side": side})


def _seconds(stay: Rotation) -> list[int]:
    besides = {stay.person_id, stay.planned_by_id or 0, *_receivers(stay)}
    return holders(Role.INSTITUTION_MANAGER, stay.institution_id, least=1, besides=besides)


HEARD: Final = (
    Heard(events.RotationPlanned, PLANNED, both),
    Heard(events.RotationStopped, STOPPED, both),
    Heard(events.RotationEnded, EVALUATED, doctor),
    Heard(events.RotationRecorded, RECORDED, recorded),
)
