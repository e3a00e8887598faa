"""What doctors owe of rotation, and what counts already."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.rotations.models import Rotation, RotationPolicy
from courses.rotations.rules import Numbers, Outcome, Owed, State, years_back
from lms import clock
from lms.authz import Role
from lms.db import db
from lms.institutions.models import ConsortiumMember, Institution
from lms.people.models import Person, RoleGrant


def numbers(on: date | None = None) -> Numbers:
    """What is asked on a day (today)."""
    newest = sa.select(RotationPolicy).where(RotationPolicy.valid_from <= (on or clock.today()))
    row = db.session.scalar(newest.order_by(RotationPolicy.valid_from.desc(), RotationPolicy.id.desc()).limit(1))
    if row is None:
        return Numbers()
    return Numbers(row.stay_days, row.stay_years, row.consortium_days, row.star_days)


def _days(first: date, last: date, present: Any) -> Any:
    """Days of a rotation in a period, never more than were attended (`rules.counted` in SQL)."""
    begins = sa.func.coalesce(Rotation.started_on, Rotation.begins_on)
    inside = sa.func.least(Rotation.last_on, sa.cast(last, sa.Date)) - sa.func.greatest(begins, sa.cast(first, sa.Date))
    return sa.func.least(present, sa.func.greatest(0, inside + 1))


def _sum(days: Any, *conditions: Any) -> Any:
    return sa.func.coalesce(sa.func.sum(days).filter(*conditions), 0)


def _tally(asked: Numbers, today: date) -> sa.Subquery:
    """By person within reach: what counts and what is ahead towards each of the three."""
    passed = sa.and_(Rotation.state == State.EVALUATED, Rotation.outcome == Outcome.PASSED)
    # Being there, or waiting for the receiving side's word, still may count.
    ahead = Rotation.state.in_([State.PLANNED, State.UNDER_WAY, State.INTERRUPTED, State.ENDED])
    shared = Rotation.consortium_id.is_not(None)
    since, year = years_back(today, asked.stay_years), (date(today.year, 1, 1), date(today.year, 12, 31))
    whole = Rotation.last_on - sa.func.coalesce(Rotation.started_on, Rotation.begins_on) + 1
    later = date(today.year + asked.stay_years, 12, 31)
    return (
        sa.select(
            Rotation.person_id,
            _sum(_days(since, today, Rotation.present_days), passed).label("stay"),
            _sum(_days(since, later, whole), ahead).label("stay_ahead"),
            _sum(_days(*year, Rotation.present_days), passed, shared).label("year"),
            _sum(_days(*year, whole), ahead, shared).label("year_ahead"),
            _sum(Rotation.present_days, passed).label("ever"),
            _sum(whole, ahead).label("ever_ahead"),
        )
        .group_by(Rotation.person_id)
        .subquery("tally")
    )


def in_a_consortium(institution_id: Any, today: date) -> sa.ColumnElement[bool]:
    """Whether an institution is in a consortium on a day: only then a month a year is asked."""
    member = ConsortiumMember.__table__.c
    still = sa.or_(member.ends_on.is_(None), member.ends_on > today)
    return sa.exists().where(member.institution_id == institution_id, member.begins_on <= today, still)


def owed(person: Person) -> list[Owed]:
    """What is asked of a doctor today, what counts, and what is ahead."""
    today = clock.today()
    asked, tally = numbers(today), _tally(numbers(today), today)
    row = db.session.execute(sa.select(tally).where(tally.c.person_id == person.id)).first()
    have = row._mapping if row else dict.fromkeys(tally.c.keys(), 0)
    found = [
        Owed("stay", asked.stay_days, have["stay"], have["stay_ahead"], years_back(today, asked.stay_years), today)
    ]
    if asked.consortium_days and db.session.scalar(sa.select(in_a_consortium(person.institution_id, today))):
        year = (date(today.year, 1, 1), date(today.year, 12, 31))
        found.append(Owed("consortium", asked.consortium_days, have["year"], have["year_ahead"], *year))
    if asked.star_days:
        found.append(Owed("star", asked.star_days, have["ever"], have["ever_ahead"]))
    return found


def _doctors(today: date) -> sa.ColumnElement[bool]:
    roles = RoleGrant.__table__.c
    still = sa.or_(roles.ends_on.is_(None), roles.ends_on > today)
    held = sa.exists().where(
        roles.person_id == Person.id, roles.role == Role.DOCTOR.value, roles.begins_on <= today, still
    )
    return sa.and_(Person.active, held)


def listing(words: str = "", state: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Doctors within reach with what counts and what is ahead, those who owe most first."""
    today = clock.today()
    asked, tally = numbers(today), _tally(numbers(today), today)
    have, ahead = sa.func.coalesce(tally.c.stay, 0), sa.func.coalesce(tally.c.stay_ahead, 0)
    member = in_a_consortium(Person.institution_id, today)
    year = sa.func.coalesce(tally.c.year, 0)
    query = (
        sa.select(
            Person,
            Institution.name.label("place"),
            Institution.name_en.label("place_en"),
            have.label("stay"),
            ahead.label("ahead"),
            year.label("year"),
            member.label("member"),
        )
        .join(Institution, Institution.id == Person.institution_id)
        .outerjoin(tally, tally.c.person_id == Person.id)
        .where(_doctors(today))
        .options(orm.contains_eager(Person.institution))
    )
    owes = sa.or_(have < asked.stay_days, sa.and_(member, year < asked.consortium_days))
    ways = {"owes": [owes], "unplanned": [have + ahead < asked.stay_days], "done": [~owes]}
    query = query.where(*ways.get(state, []))
    if words:
        either = (Person.name, Institution.name)
        query = query.where(sa.or_(*(name.icontains(words, autoescape=True) for name in either)))
    return query.order_by(have + ahead, Person.sort_key, Person.id)
