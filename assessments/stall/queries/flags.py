"""Flags with what became of them.

Names and later marks come by subqueries over the tables themselves: a mentor reaches neither the doctor's row nor the
doctor's results, but does reach the flag, and these belong to it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.results.models import Result
from assessments.stall.models import TAKEN_UP, Answer, Flag, FlagAnswer, newest_answer
from assessments.stall.queries.marks import KINDS
from assessments.stall.rules import Parameters
from assessments.stall.rules.reasons import target, whole_percent
from courses.mentoring.models import Pairing, mentored_by
from lms import clock
from lms.db import db
from lms.institutions.models import Institution
from lms.institutions.queries.tree import shown_name
from lms.people.models import Person

_RESULT: Any = Result.__table__
_ANSWER: Any = FlagAnswer.__table__
_PERSON: Any = Person.__table__
_PAIR: Any = Pairing.__table__


@dataclass(frozen=True)
class Sought:
    """What a list of flags is narrowed to."""

    state: str = "open"
    words: str = ""
    without_mentor: bool = False


@dataclass(frozen=True)
class Shown:
    """One flag with everything a page says of it."""

    flag: Flag
    place: str
    doctor: str
    mentor: str | None
    mine: bool
    answer: str | None
    plan: str | None
    note: str | None
    answered_at: datetime | None
    answered_by: str | None
    #: [["2026-10-03", 78.0], …]: marks given since it was raised, oldest first
    later: list[list[Any]]

    @property
    def target(self) -> int:
        """What the mean of later marks must reach to count as risen."""
        return target(float(self.flag.level), Parameters())

    @property
    def percent(self) -> int | None:
        """How many of 100 such cases stall, as it is said: never none and never all; None by the plain rule."""
        return None if self.flag.probability is None else whole_percent(float(self.flag.probability))

    @property
    def later_mean(self) -> float | None:
        """The mean of the marks given since."""
        return sum(mark for _, mark in self.later) / len(self.later) if self.later else None

    @property
    def risen(self) -> bool:
        """Whether the marks given since have risen."""
        return self.later_mean is not None and self.later_mean >= self.target

    @property
    def state(self) -> str:
        """The answer that counts; else whether the marks have risen; else open."""
        return self.answer or ("risen" if self.risen else "open")


def _since(column: Any) -> sa.Select[Any]:
    """Of the marks that stand and were given after the flag was raised."""
    newer = _RESULT.alias()
    return sa.select(column).where(
        _RESULT.c.person_id == Flag.person_id,
        _RESULT.c.technique_id == Flag.technique_id,
        _RESULT.c.kind.in_([kind.value for kind in KINDS]),
        _RESULT.c.value.between(0, 100),
        _RESULT.c.on_day > Flag.raised_on,
        ~sa.exists().where(newer.c.supersedes_id == _RESULT.c.id),
    )


def _risen() -> sa.ColumnElement[bool]:
    asked = Parameters()
    reach = sa.func.ceil(sa.func.least(Flag.level + sa.literal(asked.gain, sa.Numeric), asked.mastery))
    mean = _since(sa.func.avg(_RESULT.c.value)).scalar_subquery()
    return sa.func.coalesce(mean >= reach, sa.false())


def is_open() -> sa.ColumnElement[bool]:
    """The condition that a flag waits for an answer and the marks have not risen by themselves."""
    return sa.and_(newest_answer(Flag.id).is_(None), ~_risen())


def _newest(column: Any) -> Any:
    query = sa.select(column).where(_ANSWER.c.flag_id == Flag.id).order_by(_ANSWER.c.id.desc()).limit(1)
    return query.scalar_subquery()


def _name(person_id: Any) -> Any:
    return sa.select(_PERSON.c.name).where(_PERSON.c.id == person_id).scalar_subquery()


def _mentor() -> Any:
    today, last = clock.today(), sa.func.least(_PAIR.c.agreed_until, _PAIR.c.ended_on)
    pair = sa.select(_PERSON.c.name).join_from(_PAIR, _PERSON, _PERSON.c.id == _PAIR.c.mentor_id)
    runs = (_PAIR.c.person_id == Flag.person_id, _PAIR.c.agreed_from <= today, last > today)
    return pair.where(*runs).limit(1).scalar_subquery()


def _everything(reader: int) -> sa.Select[Any]:
    """Flags within reach with all that `Shown` holds, in its order."""
    by = (
        sa.select(_PERSON.c.name)
        .join_from(_ANSWER, _PERSON, _PERSON.c.id == _ANSWER.c.by_id)
        .where(_ANSWER.c.flag_id == Flag.id)
        .order_by(_ANSWER.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    mark = sa.func.jsonb_build_array(_RESULT.c.on_day, _RESULT.c.value)
    later = _since(sa.func.jsonb_agg(pg.aggregate_order_by(mark, _RESULT.c.on_day, _RESULT.c.id))).scalar_subquery()
    return (
        sa.select(
            Flag,
            shown_name(),
            _name(Flag.person_id),
            _mentor(),
            Flag.person_id.in_(mentored_by(reader)),
            newest_answer(Flag.id),
            _newest(_ANSWER.c.plan),
            _newest(_ANSWER.c.note),
            _newest(_ANSWER.c.at),
            by,
            sa.func.coalesce(later, sa.literal([], pg.JSONB)),
        )
        .join(Institution, Institution.id == Flag.institution_id)
        .options(orm.joinedload(Flag.technique))
    )


def listing(reader: int, sought: Sought) -> sa.Select[Any]:
    """Flags within reach, narrowed, likeliest of the newest first; rows make `Shown(*row)`."""
    query = _everything(reader)
    if sought.state == "open":
        query = query.where(is_open())
    elif sought.state == "risen":
        query = query.where(newest_answer(Flag.id).is_(None), _risen())
    elif sought.state == "answered":
        query = query.where(newest_answer(Flag.id).is_not(None))
    elif sought.state in [*Answer]:
        query = query.where(newest_answer(Flag.id) == sought.state)
    if sought.words:
        query = query.where(_name(Flag.person_id).icontains(sought.words, autoescape=True))
    if sought.without_mentor:
        query = query.where(_mentor().is_(None))
    return query.order_by(Flag.raised_on.desc(), Flag.probability.desc().nulls_last(), Flag.id)


def shown(reader: int, flag: Flag) -> Shown:
    """One flag that was loaded within reach, with what a page says of it."""
    return Shown(*db.session.execute(_everything(reader).where(Flag.id == flag.id)).one())


def waiting(reader: int, most: int) -> list[Shown]:
    """The open flags of those one mentors, for the home page."""
    query = listing(reader, Sought()).where(Flag.person_id.in_(mentored_by(reader)))
    return [Shown(*row) for row in db.session.execute(query.limit(most))]


def of_pairs(reader: int, people: list[int]) -> dict[int, list[Shown]]:
    """The open flags of these doctors within reach, by doctor."""
    found: dict[int, list[Shown]] = {}
    for row in db.session.execute(listing(reader, Sought()).where(Flag.person_id.in_(people))):
        found.setdefault(row[0].person_id, []).append(Shown(*row))
    return found


def own(person_id: int, since: date) -> list[Shown]:
    """One's own flags that were taken up lately and whose marks have not risen yet."""
    if db.session.scalar(sa.select(Flag.id).where(Flag.person_id == person_id).limit(1)) is None:
        return []  # nearly everybody: the long question is not even put together
    query = _everything(person_id).where(Flag.person_id == person_id, newest_answer(Flag.id).in_(TAKEN_UP), ~_risen())
    lately = query.where(_newest(_ANSWER.c.at) >= since).order_by(Flag.raised_on.desc(), Flag.id)
    return [Shown(*row) for row in db.session.execute(lately)]


def answers(flag: Flag) -> list[tuple[FlagAnswer, str]]:
    """All that was answered, newest first, with names."""
    query = sa.select(FlagAnswer, _name(FlagAnswer.by_id)).where(FlagAnswer.flag_id == flag.id)
    return [(row, name) for row, name in db.session.execute(query.order_by(FlagAnswer.id.desc()))]


def resting(today: date, quiet_days: int) -> set[tuple[int, int]]:
    """Pairs of person and technique that are not flagged now: flagged and open, or only lately answered or raised."""
    since = today - timedelta(days=quiet_days)
    lately = sa.or_(Flag.raised_on > since, _newest(_ANSWER.c.at) > since)
    query = sa.select(Flag.person_id, Flag.technique_id).where(sa.or_(is_open(), lately))
    return {(person, technique) for person, technique in db.session.execute(query)}


def open_counts() -> Counter[int]:
    """How many flags of each person wait for an answer."""
    query = sa.select(Flag.person_id, sa.func.count()).where(is_open()).group_by(Flag.person_id)
    return Counter({person: count for person, count in db.session.execute(query)})  # noqa: C416 - rows, not pairs
