"""Agreements and sessions of the past, from paper logs or another system: set-based, once per source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from courses.mentoring.models import MentoringSession, Pairing, SessionDecision, Settled
from courses.mentoring.policy import Mentoring
from courses.mentoring.services.arranging import lock_pairs
from courses.mentoring.services.sessions import LONGEST, PAGE, SHORTEST
from courses.mentoring.services.written import told
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.digests import digest
from lms.errors import Conflict, Invalid
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.models import Person
from lms.people.queries.homes import homes_below
from lms.service import service, tell
from lms.techniques.models import Technique

_CHUNK = 2000


@dataclass(frozen=True)
class PastPair:
    """An agreement that both have signed elsewhere; `source_id` is its number there."""

    person_id: int
    mentor_id: int
    agreed_from: date
    agreed_until: date
    source_id: str
    ended_on: date | None = None
    ended_why: str = ""
    apprentice_duties: str = ""
    mentor_duties: str = ""


@dataclass(frozen=True)
class PastSession:
    """A session that both have signed elsewhere; `source_id` is its number in that log."""

    pairing_id: int
    on_day: date
    minutes: int
    on_site: bool
    technique_ids: tuple[int, ...]
    done: str
    source_id: str
    next_step: str = ""


@service(needs=Mentoring.BRING_IN, tells=("source_kind",))
def bring_in_pairs(
    actor: Actor, institution: Institution, *, rows: Sequence[PastPair], source_kind: str
) -> dict[str, int]:
    """Take over agreements made elsewhere, of apprentices at or below an institution: the pair's id by source id.

    What was brought in before stays as it is. All or nothing: raises Invalid naming the row, or Conflict where an
    apprentice would have two mentors at once. Capacity is not asked: what was agreed is a fact.
    """
    lock_pairs()
    _source(source_kind)
    people = _people({one for row in rows for one in (row.person_id, row.mentor_id)})
    homes = homes_below(institution, {row.person_id for row in rows})
    for number, row in enumerate(rows, 1):
        known = row.person_id in homes and row.mentor_id in people and row.person_id != row.mentor_id
        if not known or row.agreed_until <= row.agreed_from:
            raise Invalid(_("Row %(number)s names people or dates that do not fit.", number=number), row=number)
    signed = clock.now()
    values = [_pair_row(row, people, source_kind, signed, actor.person_id) for row in rows]
    insert = pg.insert(Pairing).on_conflict_do_nothing(index_elements=["source_kind", "source_id"])
    try:
        with db.session.begin_nested():
            for at in range(0, len(values), _CHUNK):
                db.session.execute(insert, values[at : at + _CHUNK], execution_options=Everything)
    except sa.exc.IntegrityError:
        raise Conflict(_("An apprentice would have two mentors at once, or the dates do not fit.")) from None
    found = _by_source(Pairing, source_kind, [row.source_id for row in rows])
    tell(rows=len(rows), institution=institution.id, digest=_digest([row.source_id for row in rows]))
    return found


def _pair_row(row: PastPair, people: dict[int, Person], kind: str, signed: object, by: int | None) -> dict[str, object]:
    apprentice, mentor = people[row.person_id], people[row.mentor_id]
    return {
        "person_id": apprentice.id,
        "institution_id": apprentice.institution_id,
        "mentor_id": mentor.id,
        "mentor_institution_id": mentor.institution_id,
        "apprentice_name": apprentice.name,
        "mentor_name": mentor.name,
        "agreed_from": row.agreed_from,
        "agreed_until": row.agreed_until,
        "ended_on": row.ended_on,
        "ended_why": row.ended_why,
        "apprentice_duties": row.apprentice_duties,
        "mentor_duties": row.mentor_duties,
        "apprentice_agreed_at": signed,
        "mentor_agreed_at": signed,
        "made_by_id": by,
        "source_kind": kind,
        "source_id": row.source_id,
    }


@service(needs=Mentoring.BRING_IN, tells=("source_kind",))
def bring_in(actor: Actor, institution: Institution, *, rows: Sequence[PastSession], source_kind: str) -> int:
    """Take over sessions that both sides have confirmed elsewhere, of pairs at or below an institution; how many.

    Once per source id: what was brought in before stays as it is. All or nothing: raises Invalid naming the row. One
    line in the audit log for all of them; nobody is told of each (no SessionConfirmed).
    """
    _source(source_kind)
    known = _pairs({row.pairing_id for row in rows}, institution)
    _check_all(rows, known)
    made = 0
    for at in range(0, len(rows), _CHUNK):
        made += _enter(rows[at : at + _CHUNK], known, source_kind)
    tell(rows=len(rows), entered=made, institution=institution.id, digest=_digest([row.source_id for row in rows]))
    return made


def _check_all(rows: Sequence[PastSession], known: dict[int, Pairing]) -> None:
    techniques = set(db.session.scalars(sa.select(Technique.id)))
    today = clock.today()
    for number, row in enumerate(rows, 1):
        pair = known.get(row.pairing_id)
        fits = pair is not None and pair.runs_on(row.on_day) and row.on_day <= today
        whole = SHORTEST <= row.minutes <= LONGEST and techniques.issuperset(row.technique_ids) and row.source_id
        if not (fits and whole):
            raise Invalid(_("Row %(number)s names a pair, day, length or technique that does not fit.", number=number))
        told(row.done, "done", 2000, needed=True)
        told(row.next_step, "next_step", 1000)


def _enter(rows: Sequence[PastSession], known: dict[int, Pairing], source_kind: str) -> int:
    values = [
        {
            "person_id": known[row.pairing_id].person_id,
            "institution_id": known[row.pairing_id].institution_id,
            "pairing_id": row.pairing_id,
            "mentor_id": known[row.pairing_id].mentor_id,
            "on_day": row.on_day,
            "minutes": row.minutes,
            "on_site": row.on_site,
            "technique_ids": sorted(set(row.technique_ids)),
            "done": row.done.strip(),
            "next_step": row.next_step.strip(),
            "logged_by_id": known[row.pairing_id].mentor_id,
            "source_kind": source_kind,
            "source_id": row.source_id,
        }
        for row in rows
    ]
    insert = pg.insert(MentoringSession).on_conflict_do_nothing(index_elements=["source_kind", "source_id"])
    returning = insert.returning(MentoringSession.id, MentoringSession.person_id, MentoringSession.institution_id)
    made = db.session.execute(returning, values, execution_options=Everything).all()
    decisions = [
        {
            "person_id": row.person_id,
            "institution_id": row.institution_id,
            "session_id": row.id,
            "decided": Settled.CONFIRMED.value,
            "by_id": row.person_id,
        }
        for row in made
    ]
    if decisions:
        db.session.execute(sa.insert(SessionDecision), decisions, execution_options=Everything)
    return len(made)


def _source(kind: str) -> None:
    if not kind or kind == PAGE or len(kind) > 40:
        raise Invalid(_("Say by a word of your own where these rows come from."), field="source_kind")


def _people(ids: set[int]) -> dict[int, Person]:
    query = sa.select(Person).where(Person.id.in_(ids))
    return {one.id: one for one in db.session.scalars(query, execution_options=Everything)}


def _pairs(ids: set[int], place: Institution) -> dict[int, Pairing]:
    query = sa.select(Pairing).join(Institution, Institution.id == Pairing.institution_id)
    query = query.where(Pairing.id.in_(ids), Institution.path.within([place.path]))
    return {one.id: one for one in db.session.scalars(query, execution_options=Everything)}


def _by_source(model: type[Pairing], kind: str, ids: list[str]) -> dict[str, int]:
    query = sa.select(model.source_id, model.id).where(model.source_kind == kind, model.source_id.in_(ids))
    return {str(source): number for source, number in db.session.execute(query, execution_options=Everything)}


def _digest(ids: list[str]) -> str:
    return digest(ids).hex()
