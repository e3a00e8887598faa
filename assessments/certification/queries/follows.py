"""Who works where with which star on a day: what the subsidy list, the titles and the honours are worked out from.

These look over the fence, below an institution the reader was allowed to ask about: a list of a past month holds who
worked there then, wherever they are now. As many statements for one person as for a county.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import (
    Certificate,
    CertificateChange,
    CertificatePeriod,
    CertificateSignature,
    FollowsPolicy,
    PeriodSignature,
    SubsidyLine,
    SubsidyMonth,
    SubsidyPreparation,
)
from assessments.certification.rules import status
from assessments.certification.rules.follows import Facts, Follows, Held, Row, Served, day_of, subsidy_of, unbroken
from lms.authz import POLICY, Actor, ByRole, Permission
from lms.db import Everything
from lms.db.many import among
from lms.digests import digest
from lms.institutions.models import Institution
from lms.people.models import Person, Post

_parsed: dict[bytes, Follows] = {}


def policy_on(session: orm.Session, on: date) -> FollowsPolicy | None:
    """The policy on what follows from stars that applies on a day: of those that do, the newest."""
    query = sa.select(FollowsPolicy).where(FollowsPolicy.valid_from <= on)
    order = FollowsPolicy.valid_from.desc(), FollowsPolicy.version.desc(), FollowsPolicy.id.desc()
    return session.scalars(query.order_by(*order).limit(1)).first()


def rules_of(version: FollowsPolicy) -> Follows:
    """A version as value objects, read once: it never changes."""
    if version.content_hash not in _parsed:
        _parsed[version.content_hash] = Follows.model_validate(version.content)
    return _parsed[version.content_hash]


def tops(session: orm.Session, actor: Actor, needs: Permission) -> list[Institution]:
    """The topmost institutions about which this actor may ask, by code."""
    roles = {clause.role for clause in POLICY[needs] if isinstance(clause, ByRole)}
    roots = {grant.root for grant in actor.grants if grant.role in roles}
    topmost = [one for one in roots if not any(one.startswith(f"{other}.") for other in roots)]
    query = sa.select(Institution).where(Institution.id.in_([int(one.rpartition(".")[2]) for one in topmost]))
    return list(session.scalars(query.order_by(Institution.code)))


@dataclass(frozen=True)
class Known:
    """One person and where they work on the day, with what the rules want to know."""

    id: int
    name: str
    category: str
    place: Institution
    facts: Facts


def known(session: orm.Session, place: Institution, policy: Follows, on: date, words: str = "") -> list[Known]:
    """Everybody the policy is for whose main post on that day is at or below a place, by institution and name."""
    query = _working(place, policy, on)
    if words:
        ways = Person.name, Institution.name, Institution.name_en
        query = query.where(sa.or_(*(one.icontains(words, autoescape=True) for one in ways)))
    return _known(session, session.execute(query, execution_options=Everything).all(), policy, on)


def known_person(session: orm.Session, person: Person, policy: Follows, on: date) -> Known | None:
    """The same of one person; None for whom the policy is not meant."""
    if person.category not in policy.categories:
        return None
    found = _known(session, [(person, person.institution)], policy, on)
    return found[0]


def _working(place: Institution, policy: Follows, on: date) -> sa.Select[Person, Institution]:
    begun = sa.and_(Post.begins_on <= on, sa.or_(Post.ends_on.is_(None), Post.ends_on > on))
    return (
        sa.select(Person, Institution)
        .join(Post, Post.person_id == Person.id)
        .join(Institution, Institution.id == Post.institution_id)
        .where(Post.main, begun, Institution.path.within([place.path]), Person.category.in_(policy.categories))
        .order_by(Institution.sort_key, Institution.id, Person.sort_key, Person.id)
    )


def _known(session: orm.Session, rows: Sequence[Any], policy: Follows, on: date) -> list[Known]:
    ids = [person.id for person, _place in rows]
    posts, held = _posts(session, ids, policy), _held(session, ids, on)
    return [
        Known(
            person.id,
            person.name,
            person.category,
            place,
            Facts(
                on=on,
                held=held.get(person.id),
                posts=posts.get(person.id, ()),
                primary_now=place.kind in policy.primary,
                active=person.deactivated_on is None or person.deactivated_on > on,
            ),
        )
        for person, place in rows
    ]


def _posts(session: orm.Session, ids: Sequence[int], policy: Follows) -> Mapping[int, Sequence[Served]]:
    query = (
        sa.select(Post.person_id, Post.begins_on, Post.ends_on, Institution.kind)
        .join(Institution, Institution.id == Post.institution_id)
        .where(among(Post.person_id, ids))
        .order_by(Post.begins_on, Post.id)
    )
    found = defaultdict[int, list[Served]](list)
    for person, begins, ends, kind in session.execute(query, execution_options=Everything):
        found[person].append(Served(begins, ends, kind in policy.primary))
    return found


# ---- certificates in force ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Paper:
    """A signed certificate with its periods and what became of it."""

    id: int
    number: str
    star: int
    periods: Sequence[status.Period]
    changes: Sequence[status.Change]

    def ended_by(self, on: date) -> date | None:
        """The first day on which it was revoked or replaced, if that has come."""
        final = (status.ChangeKind.REVOKED, status.ChangeKind.SUPERSEDED)
        days = [one.on_day for one in self.changes if one.kind in final and one.on_day <= on]
        return min(days, default=None)

    def spans(self, on: date) -> list[tuple[date, date | None]]:
        """When it was in force, whole as it is seen on a day; none where it was revoked."""
        if any(one.kind is status.ChangeKind.REVOKED and one.on_day <= on for one in self.changes):
            return []
        end = self.ended_by(on)
        if end is None:
            return [(one.begins_on, one.ends_on) for one in self.periods]
        last = end - timedelta(days=1)
        return [(one.begins_on, min(one.last, last)) for one in self.periods if one.begins_on <= last]


def _held(session: orm.Session, ids: Sequence[int], on: date) -> dict[int, Held]:
    found = {}
    for person, papers in _papers(session, ids).items():
        in_force = [one for one in papers if status.status(one.periods, one.changes, on).in_force]
        if in_force:
            best = max(in_force, key=lambda one: (one.star, one.id))
            found[person] = _hold(best, papers, on)
    return found


def _hold(best: _Paper, papers: Sequence[_Paper], on: date) -> Held:
    since = {}
    for star in range(1, best.star + 1):
        span = unbroken([span for one in papers if one.star >= star for span in one.spans(on)], on)
        since[star] = span[0] if span else on
    period = next(one for one in best.periods if one.holds(on))
    return Held(best.star, best.number, since, period.ends_on, best.id)


def _papers(session: orm.Session, ids: Sequence[int]) -> Mapping[int, Sequence[_Paper]]:
    """The signed certificates of these persons; a period or a change counts as `decisions.status_of` has it."""
    signed = sa.exists().where(CertificateSignature.certificate_id == Certificate.id)
    query = sa.select(Certificate.person_id, Certificate.id, Certificate.number, Certificate.star)
    rows = session.execute(query.where(among(Certificate.person_id, ids), signed), execution_options=Everything).all()
    numbers = [row.id for row in rows]
    periods, changes = _periods(session, numbers), _changes(session, numbers)
    found = defaultdict[int, list[_Paper]](list)
    for person, number, label, star in rows:
        found[person].append(_Paper(number, label, star, periods[number], changes[number]))
    return found


def _periods(session: orm.Session, numbers: Sequence[int]) -> dict[int, list[status.Period]]:
    row = CertificatePeriod
    signed = sa.exists().where(PeriodSignature.period_id == row.id)
    query = sa.select(row.certificate_id, row.begins_on, row.ends_on, row.due_on, row.renewable_until)
    query = query.where(among(row.certificate_id, numbers), sa.or_(row.proposal_id.is_(None), signed))
    found = defaultdict[int, list[status.Period]](list)
    for certificate, begins, ends, due, until in session.execute(
        query.order_by(row.begins_on), execution_options=Everything
    ):
        found[certificate].append(status.Period(begins, ends, due, until))
    return found


def _changes(session: orm.Session, numbers: Sequence[int]) -> dict[int, list[status.Change]]:
    row = CertificateChange
    effective = sa.or_(
        row.by_certificate_id.is_(None),
        sa.exists().where(CertificateSignature.certificate_id == row.by_certificate_id),
    )
    query = sa.select(row.certificate_id, row.kind, row.on_day).where(among(row.certificate_id, numbers), effective)
    found = defaultdict[int, list[status.Change]](list)
    for certificate, kind, day in session.execute(query.order_by(row.id), execution_options=Everything):
        found[certificate].append(status.Change(status.ChangeKind(kind), day))
    return found


# ---- the subsidy of a month ---------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    """The subsidy of one month at and below an institution, as it comes out now."""

    month: date
    on: date
    version: FollowsPolicy
    policy: Follows
    paid: tuple[tuple[Known, Row], ...]
    #: Who holds a star that is worth something and gets nothing, and why.
    refused: tuple[tuple[Known, Row], ...]

    @property
    def yuan(self) -> Decimal:
        """What it comes to."""
        return sum((row.yuan for _known, row in self.paid), Decimal(0))

    @property
    def hash(self) -> bytes:
        """What an officer settles: month, policy, and each person with certificate and amount."""
        lines = [
            [one.id, one.facts.held.number if one.facts.held else "", one.facts.star, str(row.yuan)]
            for one, row in sorted(self.paid, key=lambda pair: pair[0].id)
        ]
        return digest(
            {"month": self.month.isoformat(), "policy": self.version.content_hash.hex(), "lines": lines},
        )


def month_of(session: orm.Session, place: Institution, month: date) -> Month | None:
    """The subsidy of a month as it comes out now; None while no policy applies."""
    version = policy_on(session, month)
    if version is None:
        return None
    policy = rules_of(version)
    on = day_of(policy.subsidy, month)
    least = policy.subsidy.monthly[0].star
    rows = [(one, subsidy_of(policy, one.facts)) for one in known(session, place, policy, on)]
    paid = tuple((one, row) for one, row in rows if row.met)
    refused = tuple((one, row) for one, row in rows if not row.met and one.facts.star >= least)
    return Month(month, on, version, policy, paid, refused)


# ---- settled months -----------------------------------------------------------------------------


def settled(session: orm.Session, place: Institution, month: date) -> SubsidyMonth | None:
    """The month as it was settled for this institution."""
    query = sa.select(SubsidyMonth).where(SubsidyMonth.institution_id == place.id, SubsidyMonth.month == month)
    return session.scalars(query.options(orm.selectinload(SubsidyMonth.lines))).first()


def prepared(session: orm.Session, place: Institution, month: date) -> SubsidyPreparation | None:
    """What an officer has last prepared for this month and institution."""
    row = SubsidyPreparation
    query = sa.select(row).where(row.institution_id == place.id, row.month == month).order_by(row.id.desc())
    return session.scalars(query.limit(1)).first()


def overlapping(session: orm.Session, place: Institution, month: date) -> SubsidyMonth | None:
    """A settlement of this month that holds the same people: of an institution above or below."""
    related = sa.or_(Institution.path.within([place.path]), Institution.path.above(place.path))
    query = sa.select(SubsidyMonth).join(Institution, Institution.id == SubsidyMonth.institution_id)
    return session.scalars(query.where(SubsidyMonth.month == month, related), execution_options=Everything).first()


def lines_of(session: orm.Session, person_id: int, most: int = 12) -> list[Any]:
    """What a person was given month by month, newest first; rows of (line, month)."""
    query = sa.select(SubsidyLine, SubsidyMonth).join(SubsidyMonth).where(SubsidyLine.person_id == person_id)
    rows = session.execute(query.order_by(SubsidyMonth.month.desc()).limit(most), execution_options=Everything)
    return list(rows)
