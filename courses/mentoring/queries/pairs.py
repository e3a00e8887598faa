"""Pairs: which run, how far they are in the year, what is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.mentoring.models import (
    MentoringPolicy,
    MentoringSession,
    Pairing,
    SessionDecision,
    Settled,
    not_over,
    running,
)
from courses.mentoring.rules import DEFAULTS, Policy, terms_hash
from lms import clock
from lms.db import Everything, db
from lms.i18n import _, pick
from lms.institutions.models import Institution


def pairs_on(on: date) -> sa.Select[int, int, int]:
    """Pairs that run on a day, within reach: (pairing_id, person_id of the apprentice, mentor_id)."""
    return sa.select(Pairing.id.label("pairing_id"), Pairing.person_id, Pairing.mentor_id).where(running(on))


# ---- what is asked ---------------------------------------------------------------------------------------------


def set_policy(on: date) -> MentoringPolicy | None:
    """What somebody set for a day, if anybody did."""
    newest = (
        sa.select(MentoringPolicy)
        .where(MentoringPolicy.valid_from <= on)
        .order_by(MentoringPolicy.valid_from.desc(), MentoringPolicy.id.desc())
    )
    return db.session.scalar(newest.limit(1))


def policy(on: date | None = None) -> Policy:
    """The numbers that hold on a day (today)."""
    row = set_policy(on or clock.today())
    if row is None:
        return DEFAULTS
    return Policy(
        row.sessions_a_year, row.teaching_minutes, row.shortest_years, row.usual_years, row.longest_years
    )  # fmt: skip


def duties() -> tuple[str, str]:
    """The duties an agreement begins with, of the apprentice and of the mentor, in the reader's language."""
    row = set_policy(clock.today())
    if row is not None:
        return pick(row.apprentice_duties, row.apprentice_duties_en), pick(row.mentor_duties, row.mentor_duties_en)
    numbers = {"sessions": DEFAULTS.sessions_a_year, "hours": DEFAULTS.teaching_minutes // 60}
    learns = _(
        "Prepare every session and bring questions from one's own practice.\n"
        "Practise what was agreed as the next step, and log or confirm sessions within a week.\n"
        "Work on the core techniques until one may do them alone.\n"
        "Keep patients' data out of everything written here."
    )
    teaches = _(
        "Hold at least %(sessions)s sessions a year on site and teach at least %(hours)s hours a year.\n"
        "Demonstrate, watch, and say what was good and what comes next.\n"
        "Sign off a technique only after having watched it, at the level that was seen.\n"
        "Be reachable between sessions for questions about difficult patients.",
        **numbers,
    )
    return learns, teaches


# ---- how far a pair is -----------------------------------------------------------------------------------------


def _year_from(today: date) -> sa.ColumnElement[date]:
    """The first day of the pair's own running year: from its beginning, anew every year; of the last one once over."""
    least = sa.func.least(Pairing.agreed_until, Pairing.ended_on) - 1
    at = sa.func.greatest(Pairing.agreed_from, sa.func.least(sa.cast(today, sa.Date), least))
    lived = sa.func.age(sa.cast(at, sa.DateTime), sa.cast(Pairing.agreed_from, sa.DateTime))
    years = sa.cast(sa.extract("year", lived), sa.Integer)
    moved = sa.cast(Pairing.agreed_from, sa.DateTime).op("+")(sa.func.make_interval(years))
    return sa.cast(moved, sa.Date)


def tally(today: date) -> sa.Subquery:
    """By pair within reach: confirmed sessions of its running year (on site, remote), minutes, and what waits."""
    year_from = _year_from(today)
    confirmed = SessionDecision.decided == Settled.CONFIRMED
    current = sa.and_(confirmed, MentoringSession.on_day >= year_from)
    count = sa.func.count(MentoringSession.id)
    return (
        sa.select(
            Pairing.id.label("pairing_id"),
            year_from.label("year_from"),
            count.filter(current, MentoringSession.on_site).label("on_site"),
            count.filter(current, ~MentoringSession.on_site).label("remote"),
            sa.func.coalesce(sa.func.sum(MentoringSession.minutes).filter(current), 0).label("minutes"),
            count.filter(confirmed).label("ever"),
            count.filter(SessionDecision.id.is_(None)).label("waiting"),
            sa.func.max(MentoringSession.on_day).filter(confirmed).label("last_on"),
        )
        .outerjoin(MentoringSession, MentoringSession.pairing_id == Pairing.id)
        .outerjoin(SessionDecision, SessionDecision.session_id == MentoringSession.id)
        .group_by(Pairing.id)
        .subquery("tally")
    )


def tallies(pairs: Sequence[Pairing]) -> dict[int, Any]:
    """The same for these pairs, by id."""
    counted = tally(clock.today())
    query = sa.select(counted).where(counted.c.pairing_id.in_([pair.id for pair in pairs]))
    return {row.pairing_id: row for row in db.session.execute(query)}


def taught_minutes(mentor_ids: Sequence[int], year: int) -> dict[int, int]:
    """Confirmed minutes that these mentors taught in a calendar year, in whatever county their apprentices work.

    Looks over the fence by ids that the reader can reach: a mentor's hours count for the mentor's own hospital.
    """
    query = (
        sa.select(MentoringSession.mentor_id, sa.func.sum(MentoringSession.minutes))
        .join(SessionDecision, SessionDecision.session_id == MentoringSession.id)
        .where(
            MentoringSession.mentor_id.in_(mentor_ids),
            SessionDecision.decided == Settled.CONFIRMED,
            MentoringSession.on_day.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(MentoringSession.mentor_id)
    )
    return {mentor: int(minutes) for mentor, minutes in db.session.execute(query, execution_options=Everything)}


def hash_of(pairing: Pairing) -> str:
    """The terms of a pair as one number, so that nobody agrees to what was not shown."""
    return terms_hash(pairing.agreed_from, pairing.agreed_until, pairing.apprentice_duties, pairing.mentor_duties)


# ---- lists -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sought:
    """What a list of pairs is narrowed to."""

    words: str = ""
    state: str = ""
    sort: str = "apprentice"


def _in_state(state: str, today: date) -> list[sa.ColumnElement[bool]]:
    over = ~not_over(Pairing, today)
    agreed = sa.and_(Pairing.apprentice_agreed_at.is_not(None), Pairing.mentor_agreed_at.is_not(None))
    ways = {
        "running": [running(today), agreed],
        "waiting": [~over, ~agreed],
        "planned": [Pairing.agreed_from > today],
        "over": [over],
    }
    return ways.get(state, [])


def state_of(pair: Pairing) -> str:
    """How far a pair is, in one word: waiting (to be agreed to), planned, running or over."""
    today = clock.today()
    if pair.is_over(today):
        return "over"
    if not pair.agreed:
        return "waiting"
    return "running" if pair.agreed_from <= today else "planned"


def listing(sought: Sought) -> sa.Select[*tuple[Any, ...]]:
    """Pairs within reach with the names of both institutions and how far they are."""
    today = clock.today()
    counted, theirs = tally(today), orm.aliased(Institution)
    sorts: dict[str, Any] = {
        "apprentice": Pairing.apprentice_name.collate("C"),
        "mentor": Pairing.mentor_name.collate("C"),
        "from": Pairing.agreed_from,
        "until": Pairing.agreed_until,
        "sessions": counted.c.on_site,
    }
    query = (
        sa.select(
            Pairing,
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            theirs.name.label("mentor_place"),
            theirs.name_en.label("mentor_place_en"),
            counted.c.on_site,
            counted.c.waiting,
            counted.c.last_on,
        )
        .join(Institution, Institution.id == Pairing.institution_id)
        .join(theirs, theirs.id == Pairing.mentor_institution_id)
        .join(counted, counted.c.pairing_id == Pairing.id)
        .where(*_in_state(sought.state, today))
    )
    if sought.words:
        either = (Pairing.apprentice_name, Pairing.mentor_name, Institution.name, theirs.name)
        query = query.where(sa.or_(*(name.icontains(sought.words, autoescape=True) for name in either)))
    column = sorts.get(sought.sort.removeprefix("-"), sorts["apprentice"])
    return query.order_by(column.desc() if sought.sort.startswith("-") else column, Pairing.id)


def as_mentor(person_id: int) -> list[Pairing]:
    """A mentor's apprentices who are not over yet, whoever needs agreement first."""
    query = sa.select(Pairing).where(Pairing.mentor_id == person_id, not_over(Pairing, clock.today()))
    return list(db.session.scalars(query.order_by(Pairing.mentor_agreed_at.is_not(None), Pairing.agreed_from)))


def as_apprentice(person_id: int) -> list[Pairing]:
    """One's own agreements, the newest first."""
    query = sa.select(Pairing).where(Pairing.person_id == person_id)
    return list(db.session.scalars(query.order_by(Pairing.agreed_from.desc(), Pairing.id.desc())))


def ended_as_mentor(person_id: int) -> list[Pairing]:
    """A mentor's former apprentices."""
    last = sa.func.least(Pairing.agreed_until, Pairing.ended_on)
    query = sa.select(Pairing).where(Pairing.mentor_id == person_id, ~not_over(Pairing, clock.today()))
    return list(db.session.scalars(query.order_by(last.desc(), Pairing.id)))


def place_names(ids: Sequence[int]) -> dict[int, str]:
    """What institutions are called, in the reader's language."""
    query = sa.select(Institution.id, Institution.name, Institution.name_en).where(Institution.id.in_(ids))
    return {row.id: pick(row.name, row.name_en) for row in db.session.execute(query)}
