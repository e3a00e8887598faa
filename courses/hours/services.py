"""The verbs over hours."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.hours.events import HoursBroughtIn, HoursConfirmed
from courses.hours.models import CreditScheme, HoursEntry, HoursTarget
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind, Scheme
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.db.many import insert_many
from lms.digests import digest
from lms.errors import Conflict, Invalid, row_numbers
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.queries.homes import homes_of_rows
from lms.people.services.patients import unnamed
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


#: What hours are called by their source that a manager entered.
BY_HAND = "by_hand"
#: How far back they may be entered.
BACK = timedelta(days=731)
#: Rows that go to the database in one statement.
AT_ONCE = 5000
MOST_A_DAY = 24 * 60


@service(needs=Hours.CREDIT)
def credit(actor: Actor, person: Person, *, earned: Earned) -> HoursEntry | None:
    """Enter hours; None where this source was entered before, whatever it said then."""
    values = _values(person.id, person.institution_id, earned)
    insert = pg.insert(HoursEntry).values(values).on_conflict_do_nothing(index_elements=["source_kind", "source_id"])
    made = db.session.scalar(insert.returning(HoursEntry), execution_options=Everything)
    if made is not None:
        tell(person=person.id, kind=made.kind, minutes=made.minutes, source=f"{made.source_kind}:{made.source_id}")
        publish(HoursConfirmed(made.id, person.id, made.kind, None))
    return made


def _values(person_id: int, institution_id: int, earned: Earned) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "institution_id": institution_id,
        "kind": earned.kind.value,
        "minutes": earned.minutes,
        "on_day": earned.on_day,
        "source_kind": earned.source_kind,
        "source_id": earned.source_id,
        "evidence": earned.evidence,
        "confirmed_by_id": earned.confirmed_by_id,
    }


@service(needs=Hours.BRING_IN)
def bring_in(actor: Actor, place: Institution, *, rows: Sequence[tuple[int, Earned]]) -> int:
    """Take over hours kept elsewhere of people at or below a place, each with its person; how many are new.

    All or nothing; a source that was entered before stays as it is. Raises Invalid, with row numbers from 1, for
    people who work elsewhere, days to come, minutes no day has, and hours of doing that nobody confirmed.
    """
    homes = homes_of_rows(place, [person for person, _earned in rows])
    wrong = [n for n, (_person, earned) in enumerate(rows, 1) if not _possible(earned, clock.today())]
    if wrong:
        raise Invalid(
            _(
                "These hours cannot be, or nobody confirmed them: %(rows)s. Nothing was written.",
                rows=row_numbers(wrong),
            )
        )
    whole, written = hashlib.sha256(), 0
    for first in range(0, len(rows), AT_ONCE):
        some = [_values(person, homes[person], earned) for person, earned in rows[first : first + AT_ONCE]]
        for values in some:
            whole.update(digest(values | {"on_day": values["on_day"].isoformat()}))
        insert = insert_many(HoursEntry, some).on_conflict_do_nothing().returning(HoursEntry.id)
        written += len(db.session.execute(insert, execution_options=Everything).all())
    tell(rows=len(rows), written=written, hash=whole.hexdigest())
    if written:
        publish(HoursBroughtIn(place.id, written, whole.hexdigest()))
    return written


def _possible(earned: Earned, today: date) -> bool:
    confirmed = earned.kind is HoursKind.THEORY or earned.confirmed_by_id is not None
    return confirmed and 0 < earned.minutes <= MOST_A_DAY and earned.on_day <= today


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
def set_target(actor: Actor, top: Institution, *, minutes: int, valid_from: date) -> HoursTarget:
    """Say how many minutes a year are asked from a day on; what was asked before stays known."""
    made = HoursTarget(minutes=minutes, valid_from=valid_from, set_by_id=actor.person_id)
    db.session.add(made)
    db.session.flush()
    return made


@service(needs=Hours.SET_CREDITS, tells=("reason",))
def set_credits(actor: Actor, top: Institution, *, scheme: Scheme, valid_from: date, reason: str) -> CreditScheme:
    """Say how hours become credits from a day on; what held before stays known."""
    if not scheme.lines:
        raise Invalid(_("Give at least one line."))
    if any(line.minutes < 1 or line.credits <= 0 or (line.most is not None and line.most < 0) for line in scheme.lines):
        raise Invalid(_("Hours and credits of a line are more than nothing."))
    lines = [
        {
            "class": line.credit_class.value,
            "minutes": line.minutes,
            "credits": str(line.credits),
            "kinds": list(line.kinds),
            "sources": list(line.sources),
            "most": None if line.most is None else str(line.most),
        }
        for line in scheme.lines
    ]
    made = CreditScheme(
        lines=lines, asked=scheme.asked, reason=reason, valid_from=valid_from, set_by_id=actor.person_id
    )
    db.session.add(made)
    db.session.flush()
    tell(lines=lines, asked=str(scheme.asked), valid_from=str(valid_from))
    return made


@dataclass(frozen=True)
class Given:
    """Hours that a manager enters: what was attended, how it is known, when and how long."""

    kind: HoursKind
    minutes: int
    on_day: date
    title: str
    proof: str
    #: made with the page, so that sending it twice is one entry
    source_id: str


@service(needs=Hours.CREDIT)
def enter(actor: Actor, person: Person, *, given: Given) -> HoursEntry | None:
    """Enter hours that somebody earned outside the product and stand by them; None where the page was sent before."""
    if actor.person_id is None or actor.person_id == person.id:
        raise Conflict(_("Nobody confirms hours of their own. Ask another manager."))
    if not 5 <= given.minutes <= MOST_A_DAY:
        raise Invalid(_("A day has 5 minutes to 24 hours."), field="hours")
    today = clock.today()
    if not today - BACK <= given.on_day <= today:
        raise Invalid(_("Choose a day of the last two years."), field="on_day")
    evidence = {"title": unnamed(given.title.strip(), "title"), "title_en": "", "proof": unnamed(given.proof, "proof")}
    if not evidence["title"] or not evidence["proof"].strip():
        raise Invalid(_("Say what it was and how it is known."), field="title")
    earned = Earned(given.kind, given.minutes, given.on_day, BY_HAND, given.source_id, evidence, actor.person_id)
    return credit(actor, person, earned=earned)


def holder(person_id: int) -> Person:
    """The person hours are entered for; for subscribers that only know the id."""
    return db.session.scalars(sa.select(Person).where(Person.id == person_id)).one()
