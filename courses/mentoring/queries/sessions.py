"""Sessions: what was logged, what became of it, and what waits for whom."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from courses.mentoring.models import MentoringSession, Pairing, SessionDecision
from lms.db import Everything, db
from lms.i18n import pick
from lms.people.models import Person
from lms.techniques.models import Technique


def of_pair(pair: Pairing) -> sa.Select[MentoringSession]:
    """A pair's sessions, the latest first, each with what became of it."""
    return (
        sa.select(MentoringSession)
        .where(MentoringSession.pairing_id == pair.id)
        .options(orm.joinedload(MentoringSession.decision))
        .order_by(MentoringSession.on_day.desc(), MentoringSession.id.desc())
    )


def waiting_for(person_id: int) -> list[MentoringSession]:
    """Sessions that the other side has logged and one has to confirm or reject, the oldest first."""
    mine = sa.or_(MentoringSession.person_id == person_id, MentoringSession.mentor_id == person_id)
    query = (
        sa.select(MentoringSession)
        .outerjoin(SessionDecision, SessionDecision.session_id == MentoringSession.id)
        .where(mine, MentoringSession.logged_by_id != person_id, SessionDecision.id.is_(None))
        .options(orm.joinedload(MentoringSession.pairing))
    )
    return list(db.session.scalars(query.order_by(MentoringSession.on_day, MentoringSession.id)))


def titles(sessions: Sequence[MentoringSession]) -> dict[int, str]:
    """What the techniques of these sessions are called, in the reader's language."""
    ids = {one for session in sessions for one in session.technique_ids}
    query = sa.select(Technique.id, Technique.title, Technique.title_en).where(Technique.id.in_(ids))
    return {row.id: pick(row.title, row.title_en) for row in db.session.execute(query)}


def replaced(sessions: Sequence[MentoringSession]) -> set[int]:
    """Which of these (rejected) sessions have been logged anew."""
    ids = [session.id for session in sessions]
    query = sa.select(MentoringSession.replaces_id).where(MentoringSession.replaces_id.in_(ids))
    return set(db.session.scalars(query))


def category_of(pair: Pairing) -> str:
    """The apprentice's professional category: it says which techniques are core; both of the two may know it."""
    query = sa.select(Person.category).where(Person.id == pair.person_id)
    return db.session.scalars(query, execution_options=Everything).one()


def practisable(pair: Pairing) -> list[Technique]:
    """The techniques a session of this pair is offered to be about: the core ones of the apprentice's category."""
    fits = Technique.categories.contains([category_of(pair)])
    query = sa.select(Technique).where(Technique.core, ~Technique.retired, fits)
    return list(db.session.scalars(query.order_by(Technique.id)))
