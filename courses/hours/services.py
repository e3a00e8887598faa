"""The verbs over hours."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.hours.events import HoursConfirmed
from courses.hours.models import HoursEntry, HoursTarget
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind
from lms.authz import Actor
from lms.db import Everything, db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell


@dataclass(frozen=True)
class Earned:
    """Hours to be entered: how many, when, from what, proved by what, confirmed by whom."""

    kind: HoursKind
    minutes: int
    on_day: date
    source_kind: str
    source_id: str
    evidence: dict[str, Any]
    confirmed_by_id: int | None = None


@service(needs=Hours.CREDIT)
def credit(actor: Actor, person: Person, *, earned: Earned) -> HoursEntry | None:
    """Enter hours; None where this source was entered before, whatever it said then."""
    values = {
        "person_id": person.id,
        "institution_id": person.institution_id,
        "kind": earned.kind,
        "minutes": earned.minutes,
        "on_day": earned.on_day,
        "source_kind": earned.source_kind,
        "source_id": earned.source_id,
        "evidence": earned.evidence,
        "confirmed_by_id": earned.confirmed_by_id,
    }
    insert = pg.insert(HoursEntry).values(values).on_conflict_do_nothing(index_elements=["source_kind", "source_id"])
    made = db.session.scalar(insert.returning(HoursEntry), execution_options=Everything)
    if made is not None:
        tell(person=person.id, kind=made.kind, minutes=made.minutes, source=f"{made.source_kind}:{made.source_id}")
        publish(HoursConfirmed(made.id, person.id, made.kind, None))
    return made


@service(needs=Hours.REVERSE, tells=("reason",))
def reverse(actor: Actor, entry: HoursEntry, *, reason: str) -> HoursEntry:
    """Take an entry back by an opposite one; raises Conflict when that has been done, or for a reversal."""
    if entry.reverses_id is not None:
        raise Conflict(_("This entry takes another one back; enter the hours anew instead."))
    values = {
        "person_id": entry.person_id,
        "institution_id": entry.institution_id,
        "kind": entry.kind,
        "minutes": -entry.minutes,
        "on_day": entry.on_day,
        "source_kind": "reversal",
        "source_id": str(entry.id),
        "evidence": entry.evidence,
        "confirmed_by_id": actor.person_id or entry.confirmed_by_id,
        "reverses_id": entry.id,
        "reason": reason,
    }
    insert = pg.insert(HoursEntry).values(values).on_conflict_do_nothing()
    made: HoursEntry | None = db.session.scalar(insert.returning(HoursEntry), execution_options=Everything)
    if made is None:
        raise Conflict(_("These hours have been taken back already."))
    publish(HoursConfirmed(made.id, made.person_id, made.kind, entry.id))
    return made


@service(needs=Hours.SET_TARGET, tells=("minutes", "valid_from"))
def set_target(actor: Actor, on: object, *, minutes: int, valid_from: date) -> HoursTarget:
    """Say how many minutes a year are asked from a day on; what was asked before stays known."""
    made = HoursTarget(minutes=minutes, valid_from=valid_from, set_by_id=actor.person_id)
    db.session.add(made)
    db.session.flush()
    return made


def holder(person_id: int) -> Person:
    """The person hours are entered for; for subscribers that only know the id."""
    return db.session.scalars(sa.select(Person).where(Person.id == person_id)).one()
