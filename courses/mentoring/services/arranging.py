"""Making a pair, changing its terms, ending it early."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from courses.mentoring.events import PairBegan, PairEnded
from courses.mentoring.models import MentorOffer, Pairing
from courses.mentoring.policy import Mentoring
from courses.mentoring.queries import matching, pairs
from courses.mentoring.rules import term_fits
from courses.mentoring.services.written import kept
from lms import clock
from lms.authz import Actor, Role
from lms.db import Everything, db
from lms.errors import Conflict, Invalid
from lms.events import publish
from lms.i18n import _
from lms.people.models import Person
from lms.service import service, tell

LONGEST_DUTIES = 4000


@dataclass(frozen=True)
class Terms:
    """From when, until before when, and what both promise; duties left out are the usual ones."""

    agreed_from: date
    agreed_until: date
    apprentice_duties: str | None = None
    mentor_duties: str | None = None


def lock_pairs() -> None:
    """Pairs are made one at a time, so that no place is given twice; held until the commit."""
    name = sa.func.hashtextextended("mentoring:pairs", 0)
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))


def checked(terms: Terms) -> Terms:
    """The terms with duties filled in; raises Invalid where the term is too short or too long."""
    asked = pairs.policy()
    if not term_fits(terms.agreed_from, terms.agreed_until, asked):
        words = _(
            "An agreement runs %(shortest)s to %(longest)s years.",
            shortest=asked.shortest_years,
            longest=asked.longest_years,
        )
        raise Invalid(words, field="agreed_until")
    learns, teaches = pairs.duties()
    return Terms(
        terms.agreed_from,
        terms.agreed_until,
        kept(terms.apprentice_duties or learns, "apprentice_duties", LONGEST_DUTIES),
        kept(terms.mentor_duties or teaches, "mentor_duties", LONGEST_DUTIES),
    )


@service(needs=Mentoring.PAIR)
def pair(actor: Actor, apprentice: Person, *, mentor: Person, terms: Terms, on_paper: bool = False) -> Pairing:
    """Make two people mentor and apprentice; `on_paper`: both have signed already, outside the system.

    Raises Conflict where the mentor has no free place or the apprentice has a mentor in that time.
    """
    lock_pairs()
    terms = checked(terms)
    why_not = refusals([(apprentice.id, mentor.id)], terms)
    if why_not:
        raise Conflict(why_not[apprentice.id])
    signed = clock.now() if on_paper else None
    made = Pairing(
        person_id=apprentice.id,
        institution_id=apprentice.institution_id,
        mentor_id=mentor.id,
        mentor_institution_id=mentor.institution_id,
        apprentice_name=apprentice.name,
        mentor_name=mentor.name,
        agreed_from=terms.agreed_from,
        agreed_until=terms.agreed_until,
        apprentice_duties=terms.apprentice_duties,
        mentor_duties=terms.mentor_duties,
        apprentice_agreed_at=signed,
        mentor_agreed_at=signed,
        made_by_id=actor.person_id,
    )
    db.session.add(made)
    db.session.flush()
    publish(PairBegan(made.id))
    tell(pairing=made.id, person=apprentice.id, mentor=mentor.id, on_paper=on_paper)
    return made


def refusals(wanted: list[tuple[int, int]], terms: Terms) -> dict[int, str]:
    """Why which of these (apprentice, mentor) cannot become pairs, in order; call it under `lock_pairs`.

    Set-based and over the fence: places and mentors are counted wherever the other side works.
    """
    people = {one for couple in wanted for one in couple}
    doctors, teaching = _holding(people, Role.DOCTOR), _holding(people, Role.MENTOR)
    free, busy = _free_places({mentor for _a, mentor in wanted}), _busy({a for a, _m in wanted}, terms)
    found: dict[int, str] = {}
    for apprentice, mentor in wanted:
        if apprentice == mentor:
            found[apprentice] = _("Nobody mentors themselves.")
        elif apprentice not in doctors:
            found[apprentice] = _("The doctor no longer works here as a doctor.")
        elif mentor not in teaching:
            found[apprentice] = _("The mentor is no longer a mentor.")
        elif apprentice in busy:
            found[apprentice] = _("The doctor has a mentor in that time already.")
        elif terms.agreed_until > clock.today() and free.get(mentor, 0) < 1:
            found[apprentice] = _("The mentor has no free place.")
        else:
            free[mentor] = free.get(mentor, 0) - 1
            busy.add(apprentice)
    return found


def _holding(people: set[int], role: Role) -> set[int]:
    query = sa.select(Person.id).where(Person.id.in_(people), matching.holds(role))
    return set(db.session.scalars(query, execution_options=Everything))


def _free_places(mentors: set[int]) -> dict[int, int]:
    query = matching.offering().where(Person.id.in_(mentors), MentorOffer.id.is_not(None))
    rows = db.session.execute(query, execution_options=Everything)
    return {row.id: row.capacity - row.taken for row in rows}


def _busy(apprentices: set[int], terms: Terms) -> set[int]:
    last = sa.func.least(Pairing.agreed_until, Pairing.ended_on)
    overlapping = sa.and_(
        Pairing.agreed_from < terms.agreed_until, last > terms.agreed_from, last > Pairing.agreed_from
    )
    query = sa.select(Pairing.person_id).where(Pairing.person_id.in_(apprentices), overlapping)
    return set(db.session.scalars(query, execution_options=Everything))


@service(needs=Mentoring.PAIR)
def amend(actor: Actor, pairing: Pairing, *, terms: Terms) -> None:
    """Change dates or duties; both sides then agree anew. Nothing changed, nothing to agree to."""
    lock_pairs()
    db.session.refresh(pairing, with_for_update=True)
    if pairing.is_over(clock.today()):
        raise Conflict(_("This pair is over."))
    terms = checked(terms)
    before = (pairing.agreed_from, pairing.agreed_until, pairing.apprentice_duties, pairing.mentor_duties)
    after = (terms.agreed_from, terms.agreed_until, terms.apprentice_duties, terms.mentor_duties)
    if before == after:
        return
    pairing.agreed_from, pairing.agreed_until = terms.agreed_from, terms.agreed_until
    pairing.apprentice_duties, pairing.mentor_duties = terms.apprentice_duties or "", terms.mentor_duties or ""
    pairing.apprentice_agreed_at = pairing.mentor_agreed_at = None
    try:
        with db.session.begin_nested():
            db.session.flush()
    except sa.exc.IntegrityError:
        raise Conflict(_("The doctor has a mentor in that time already.")) from None
    tell(pairing=pairing.id, before=[str(day) for day in before[:2]], after=[str(day) for day in after[:2]])


@service(needs=Mentoring.PAIR, tells=("reason",))
def end(actor: Actor, pairing: Pairing, *, reason: str) -> None:
    """End a pair before its term is over, from today on; what was done together stays."""
    db.session.refresh(pairing, with_for_update=True)
    today = clock.today()
    if pairing.is_over(today):
        raise Conflict(_("This pair is over."))
    pairing.ended_why = kept(reason, "reason", 400, needed=True)
    pairing.ended_on = max(today, pairing.agreed_from)
    pairing.ended_by_id = actor.person_id
    db.session.flush()
    publish(PairEnded(pairing.id))
    tell(pairing=pairing.id, person=pairing.person_id, mentor=pairing.mentor_id)
