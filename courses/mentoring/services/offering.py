"""Saying how many apprentices a mentor takes, and what is asked of all pairs."""

from datetime import date

import sqlalchemy as sa

from courses.mentoring.models import MentoringPolicy, MentorOffer
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries.matching import holds
from courses.mentoring.rules import Policy
from courses.mentoring.services.written import kept
from lms.authz import Actor, Role
from lms.db import db
from lms.errors import Invalid
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

MOST = 20


@service(needs=Mentoring.OFFER, tells=("capacity", "begins_on", "ends_on"))
def offer(
    actor: Actor, mentor: Person, *, capacity: int, begins_on: date, ends_on: date | None = None, note: str = ""
) -> MentorOffer | None:
    """Say how many apprentices a mentor takes at once, from a day on; what was offered from that day gives way.

    No place at all (0) ends the offer on that day: pairs that run go on, no new ones are made.
    """
    if not 0 <= capacity <= MOST:
        raise Invalid(_("A mentor takes 0 to %(most)s apprentices at once.", most=MOST), field="capacity")
    if ends_on is not None and ends_on <= begins_on:
        raise Invalid(_("The end must come after the beginning."), field="ends_on")
    if db.session.scalar(sa.select(Person.id).where(Person.id == mentor.id, holds(Role.MENTOR))) is None:
        raise Invalid(_("%(name)s is not a mentor. Grant the role first.", name=mentor.name))
    note = kept(note, "note", 400)
    tell(person=mentor.id)
    _give_way(mentor, begins_on)
    if capacity == 0:
        return None
    made = MentorOffer(
        person_id=mentor.id,
        institution_id=mentor.institution_id,
        capacity=capacity,
        begins_on=begins_on,
        ends_on=ends_on,
        note=note,
        recorded_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _give_way(mentor: Person, begins_on: date) -> None:
    """Earlier offers end on this day; those that would only have begun later never do."""
    mine = sa.select(MentorOffer).where(MentorOffer.person_id == mentor.id).with_for_update()
    for earlier in db.session.scalars(mine.order_by(MentorOffer.id)):
        if earlier.ends_on is None or earlier.ends_on > begins_on:
            earlier.ends_on = max(earlier.begins_on, begins_on)
    db.session.flush()


@service(needs=Mentoring.SET_POLICY, tells=("numbers", "valid_from"))
def set_policy(
    actor: Actor, on: object, *, numbers: Policy, duties: tuple[str, str], duties_en: tuple[str, str], valid_from: date
) -> MentoringPolicy:
    """Say what is asked of pairs from a day on (duties: the apprentice's, the mentor's); agreements made stay."""
    ordered = 1 <= numbers.shortest_years <= numbers.usual_years <= numbers.longest_years <= 10
    if not ordered:
        raise Invalid(_("The shortest term must not be above the usual one, nor that above the longest."))
    if not 1 <= numbers.sessions_a_year <= 366 or not 60 <= numbers.teaching_minutes <= 60_000:
        raise Invalid(_("These numbers cannot be asked of a year."))
    made = MentoringPolicy(
        sessions_a_year=numbers.sessions_a_year,
        teaching_minutes=numbers.teaching_minutes,
        shortest_years=numbers.shortest_years,
        usual_years=numbers.usual_years,
        longest_years=numbers.longest_years,
        apprentice_duties=kept(duties[0], "apprentice_duties", 4000, needed=True),
        mentor_duties=kept(duties[1], "mentor_duties", 4000, needed=True),
        apprentice_duties_en=kept(duties_en[0], "apprentice_duties_en", 4000),
        mentor_duties_en=kept(duties_en[1], "mentor_duties_en", 4000),
        valid_from=valid_from,
        set_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    return made
