"""The subsidy of a month: one officer prepares what was shown, another settles it; then it stays what it is."""

from datetime import date

from assessments.certification.events import SubsidyPrepared
from assessments.certification.models import SubsidyLine, SubsidyMonth, SubsidyPreparation
from assessments.certification.policy import Following
from assessments.certification.queries import follows as queries
from assessments.certification.queries.follows import Month
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.errors import Conflict
from lms.events import publish
from lms.i18n import _
from lms.institutions.models import AUTHORITIES, Institution
from lms.service import service, tell


@service(needs=Following.SETTLE)
def prepare(actor: Actor, place: Institution, *, month: date, seen: bytes) -> SubsidyPreparation:
    """Say that the list of a month is right as it was shown; raises Conflict where it cannot be settled.

    A later preparation takes the place of an earlier one.
    """
    made = _can_be_settled(actor, place, month, seen)
    row = SubsidyPreparation(
        institution_id=place.id,
        month=made.month,
        persons=len(made.paid),
        yuan=made.yuan,
        content_hash=made.hash,
        prepared_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    publish(SubsidyPrepared(row.id))
    tell(month=month.isoformat(), persons=row.persons, yuan=str(row.yuan), hash=made.hash.hex())
    return row


@service(needs=Following.SETTLE)
def settle(actor: Actor, place: Institution, *, month: date, seen: bytes) -> SubsidyMonth:
    """Write down who gets what for a month, as another officer prepared it; raises Conflict where it cannot be."""
    made = _can_be_settled(actor, place, month, seen)
    prepared = queries.prepared(db.session, place, month)
    if prepared is None or prepared.content_hash != made.hash:
        raise Conflict(_("Nobody has prepared this very list. Prepare it first; another officer then settles it."))
    if prepared.prepared_by_id == actor.person_id:
        raise Conflict(_("You prepared this list yourself. Another officer must settle it."))
    row = _write(actor, place, made, prepared)
    tell(month=month.isoformat(), persons=row.persons, yuan=str(row.yuan), hash=made.hash.hex())
    return row


def _can_be_settled(actor: Actor, place: Institution, month: date, seen: bytes) -> Month:
    """The list of the month as it comes out now, if it is the one that was seen and this officer may decide it."""
    made = queries.month_of(db.session, place, month)
    if made is None or place.kind not in AUTHORITIES:
        raise Conflict(_("A health authority settles the months of its own area."))
    if clock.today() <= made.on:
        raise Conflict(_("This month is not over yet. Settle it from %(day)s on.", day=f"{made.on:%Y-%m-%d}"))
    db.session.refresh(place, with_for_update=True)
    if queries.overlapping(db.session, place, month) is not None:
        raise Conflict(_("This month has been settled already, here or by an authority above or below."))
    if made.hash != seen:
        raise Conflict(_("The list changed since you opened the page. Look at it again."))
    if any(one.id == actor.person_id for one, _row in made.paid):
        raise Conflict(_("You are on this list yourself. Another officer must settle it."))
    return made


def _write(actor: Actor, place: Institution, made: Month, prepared: SubsidyPreparation) -> SubsidyMonth:
    row = SubsidyMonth(
        institution_id=place.id,
        month=made.month,
        policy_id=made.version.id,
        persons=len(made.paid),
        yuan=made.yuan,
        content_hash=made.hash,
        prepared_by_id=prepared.prepared_by_id,
        settled_by_id=actor.person_id,
    )
    db.session.add(row)
    db.session.flush()
    for one, given in made.paid:
        if one.facts.held is not None:
            line = SubsidyLine(
                person_id=one.id,
                institution_id=one.place.id,
                subsidy_month_id=row.id,
                certificate_id=one.facts.held.certificate_id,
                star=one.facts.star,
                yuan=given.yuan,
            )
            db.session.add(line)
    db.session.flush()
    return row
