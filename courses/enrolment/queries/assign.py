"""Who is to have which curriculum, and whom a new version can serve: set by set, however many people there are."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models import (
    AssignmentRule,
    Course,
    Curriculum,
    CurriculumPublication,
    CurriculumRequirement,
)
from courses.curricula.queries.kinds import progress
from courses.curricula.queries.tiers import holding
from courses.curricula.rules.tiers import Begins, Moving
from courses.enrolment.models import Enrolment
from courses.enrolment.models.assign import CurriculumAssignment
from lms.db import Everything, db
from lms.db.many import among
from lms.institutions.models import Institution
from lms.people.models import Person, Post


@contextmanager
def hashed_joins() -> Iterator[None]:
    """Join thousands with thousands by hash or order alone.

    The planner takes what the rules come to for one row, and a table that grows as we write for a small one; looking
    through it once for every person made the work for a hundred thousand last ten times as long.
    """
    db.session.execute(sa.select(sa.func.set_config("enable_nestloop", "off", True)))
    yield
    db.session.execute(sa.select(sa.func.set_config("enable_nestloop", "on", True)))


def months_after(begins: Any, months: Any) -> sa.ColumnElement[Any]:
    """The days so many months after a day, as an array."""
    count = sa.func.unnest(months).table_valued(sa.column("count", sa.Integer), with_ordinality="at", name="month")
    count = count.render_derived()
    day = sa.cast(begins + sa.func.make_interval(0, count.c.count), sa.Date)
    made = sa.func.array_agg(pg.aggregate_order_by(day, count.c.at), type_=pg.ARRAY(sa.Date))
    return sa.select(made).select_from(count).scalar_subquery()


def wanted(person_ids: Collection[int], today: date) -> sa.CTE:
    """Of these people, who is to have which curriculum by the first rule that fits them, and from which day."""
    joined = sa.select(sa.func.min(Post.begins_on)).where(Post.person_id == Person.id, Post.main).scalar_subquery()
    post = (
        sa.select(Post.title)
        .where(Post.person_id == Person.id, Post.main, Post.begins_on <= today)
        .where(sa.or_(Post.ends_on.is_(None), Post.ends_on > today))
        .limit(1)
        .scalar_subquery()
    )
    person = (
        sa.select(Person.id, Person.institution_id, Person.category, Institution.path, joined.label("joined"),
                  sa.func.coalesce(post, "").label("post"))
        .join(Institution, Institution.id == Person.institution_id)
        .where(Person.active, among(Person.id, person_ids))
        .cte("person_now")
    )  # fmt: skip
    place = orm.aliased(Institution)
    return (
        sa.select(
            person.c.id.label("person_id"),
            person.c.institution_id,
            person.c.joined,
            AssignmentRule.id.label("rule_id"),
            AssignmentRule.months,
            AssignmentRule.begins,
            AssignmentRule.curriculum_id,
            CurriculumPublication.version_id,
        )
        .ext(pg.distinct_on(person.c.id))
        .join(Curriculum, Curriculum.category == person.c.category)
        .join(AssignmentRule, AssignmentRule.curriculum_id == Curriculum.id)
        .outerjoin(place, place.id == AssignmentRule.place_id)
        .join(CurriculumPublication, CurriculumPublication.curriculum_id == Curriculum.id)
        .where(CurriculumPublication.id.in_(holding()), AssignmentRule.retired_at.is_(None), *_fits(person.c, place))
        .order_by(person.c.id, AssignmentRule.priority, AssignmentRule.id)
        .cte("wanted")
    )


def _fits(person: Any, place: Any) -> list[sa.ColumnElement[bool]]:
    word = sa.func.unnest(AssignmentRule.posts).table_valued(sa.column("word", sa.Text), name="word").render_derived()
    named = sa.exists(sa.select(1).select_from(word).where(sa.func.strpos(person.post, word.c.word) > 0))
    return [
        sa.or_(AssignmentRule.place_id.is_(None), place.path.op("@>")(person.path)),
        sa.or_(AssignmentRule.joined_from.is_(None), person.joined >= AssignmentRule.joined_from),
        sa.or_(AssignmentRule.joined_until.is_(None), person.joined <= AssignmentRule.joined_until),
        sa.or_(sa.func.cardinality(AssignmentRule.posts) == 0, named),
    ]


def beginning(want: Any, otherwise: Any) -> sa.ColumnElement[Any]:
    """From which day the months count: the day of joining where the rule says so and it is known."""
    joins = sa.and_(want.begins == Begins.JOINING.value, want.joined.is_not(None))
    return sa.case((joins, want.joined), else_=otherwise)


def learners(below: int | None = None) -> list[int]:
    """Ids of everybody active whose category has a curriculum; of those who work at or below a place."""
    query = sa.select(Person.id).join(Curriculum, Curriculum.category == Person.category).where(Person.active)
    if below is not None:
        place, home = orm.aliased(Institution), orm.aliased(Institution)
        query = query.join(home, home.id == Person.institution_id).join(place, place.path.op("@>")(home.path))
        query = query.where(place.id == below)
    return list(db.session.scalars(query.order_by(Person.id), execution_options=Everything))


def without(category: str) -> int:
    """How many active people of a category follow no curriculum."""
    mine = sa.exists().where(CurriculumAssignment.person_id == Person.id, CurriculumAssignment.ended_on.is_(None))
    query = sa.select(sa.func.count()).where(Person.active, Person.category == category, ~mine)
    return db.session.scalar(query.select_from(Person), execution_options=Everything) or 0


def followers(curriculum_id: int) -> dict[int, int]:
    """Version → how many follow it."""
    query = sa.select(CurriculumAssignment.version_id, sa.func.count()).where(
        CurriculumAssignment.curriculum_id == curriculum_id, CurriculumAssignment.ended_on.is_(None)
    )
    return dict(db.session.execute(query.group_by(CurriculumAssignment.version_id), execution_options=Everything).all())


def under_way(curriculum_id: int, version_id: int) -> list[int]:
    """Ids of the assignments that follow another version of a curriculum than this one."""
    query = sa.select(CurriculumAssignment.id).where(
        CurriculumAssignment.curriculum_id == curriculum_id,
        CurriculumAssignment.version_id != version_id,
        CurriculumAssignment.ended_on.is_(None),
    )
    return list(db.session.scalars(query.order_by(CurriculumAssignment.id), execution_options=Everything))


@dataclass(frozen=True)
class Fate:
    """What becomes of one assignment when a version is to be followed."""

    assignment_id: int
    person_id: int
    begun: bool
    reopened: tuple[str, ...]
    past_due: tuple[str, ...]

    def moves(self, moving: Moving) -> bool:
        """Whether they go over under this rule."""
        return self.asked(moving) and not self.excepted

    def asked(self, moving: Moving) -> bool:
        """Whether the rule means them at all."""
        return moving is Moving.EVERYBODY or (moving is Moving.NOT_BEGUN and not self.begun)

    @property
    def excepted(self) -> bool:
        """Whether the version cannot serve them."""
        return bool(self.reopened or self.past_due)


def fates(assignment_ids: Collection[int], version_id: int, today: date) -> list[Fate]:
    """For each of these assignments: has anything been met, and why the version could not serve its person."""
    way = (
        sa.select(
            CurriculumAssignment.id,
            CurriculumAssignment.person_id,
            CurriculumAssignment.version_id,
            sa.literal(version_id, sa.BigInteger).label("to_id"),
            CurriculumAssignment.begins_on,
            CurriculumAssignment.due_on,
        )
        .where(among(CurriculumAssignment.id, assignment_ids))
        .cte("way")
    )
    olds = set(db.session.scalars(sa.select(way.c.version_id).distinct(), execution_options=Everything))
    met = _met(way, [*olds, version_id], today)
    past = _past(way, met, [*olds, version_id])
    finished = _finished(way, past)
    missing = _missing(way, past, version_id, today)
    reopened = missing.c.code, sa.and_(finished.c.star.is_not(None), ~missing.c.yearly)
    late = missing.c.code, sa.and_(missing.c.fresh, missing.c.due_on < today)
    begun = sa.exists().where(met.c.assignment_id == way.c.id, met.c.version_id == way.c.version_id)
    listed = [
        sa.func.array_agg(pg.aggregate_order_by(code, missing.c.place)).filter(why) for code, why in (reopened, late)
    ]
    query = (
        sa.select(way.c.id, way.c.person_id, begun, *listed)
        .select_from(way)
        .outerjoin(missing, missing.c.assignment_id == way.c.id)
        .outerjoin(finished, sa.and_(finished.c.assignment_id == way.c.id, finished.c.star == missing.c.star))
        .group_by(way.c.id, way.c.person_id, way.c.version_id)
        .order_by(way.c.id)
    )
    with hashed_joins():
        rows = db.session.execute(query, execution_options=Everything).all()
    return [Fate(id, person, bool(begins), tuple(a or ()), tuple(b or ())) for id, person, begins, a, b in rows]


def homes_of(assignment_ids: Collection[int]) -> dict[int, int]:
    """Where the people of these assignments work."""
    query = sa.select(CurriculumAssignment.id, CurriculumAssignment.institution_id)
    rows = db.session.execute(query.where(among(CurriculumAssignment.id, assignment_ids)), execution_options=Everything)
    return dict(rows.all())


def _met(way: sa.CTE, versions: list[int], today: date) -> sa.CTE:
    """What the people under way have met, of what they follow and of what they would follow."""
    have = progress(versions, today)
    return (
        sa.select(
            way.c.id.label("assignment_id"),
            CurriculumRequirement.id.label("requirement_id"),
            CurriculumRequirement.version_id,
        )
        .select_from(way)
        .join(have, have.c.person_id == way.c.person_id)
        .join(CurriculumRequirement, CurriculumRequirement.id == have.c.requirement_id)
        .where(have.c.have >= CurriculumRequirement.amount)
        .cte("met")
    )


def _past(way: sa.CTE, met: sa.CTE, versions: list[int]) -> sa.CTE:
    """What holds nobody up: what they have met, and courses out of use that they have not begun, which nobody asks."""
    retired = sa.select(CurriculumRequirement.id).join(Course, Course.id == CurriculumRequirement.course_id)
    closed = db.session.scalars(retired.where(Course.retired, CurriculumRequirement.version_id.in_(versions))).all()
    if not closed:
        return met
    ask = CurriculumRequirement
    begun = sa.exists().where(Enrolment.person_id == way.c.person_id, Enrolment.course_id == ask.course_id)
    parts = [
        sa.select(way.c.id.label("assignment_id"), ask.id.label("requirement_id"), ask.version_id)
        .join(ask, ask.version_id == follows)
        .where(ask.id.in_(closed), ~begun)
        for follows in (way.c.version_id, way.c.to_id)
    ]
    return sa.union_all(sa.select(*met.c), *parts).cte("past")


def _finished(way: sa.CTE, met: sa.CTE) -> sa.CTE:
    """Tiers of the version that is followed in which nothing is left (what is asked yearly aside)."""
    ask = orm.aliased(CurriculumRequirement)
    return (
        sa.select(way.c.id.label("assignment_id"), ask.star)
        .select_from(way)
        .join(ask, ask.version_id == way.c.version_id)
        .outerjoin(met, sa.and_(met.c.assignment_id == way.c.id, met.c.requirement_id == ask.id))
        .where(~ask.yearly)
        .group_by(way.c.id, ask.star)
        .having(sa.func.bool_and(met.c.requirement_id.is_not(None)))
        .cte("finished")
    )


def _missing(way: sa.CTE, met: sa.CTE, version_id: int, today: date) -> sa.CTE:
    """What the version asks and these people have not met: whether it is new to them, and when it is due."""
    ask, before = orm.aliased(CurriculumRequirement), orm.aliased(CurriculumRequirement)
    tier = way.c.due_on[ask.star]
    own = sa.cast(way.c.begins_on + sa.func.make_interval(0, ask.months), sa.Date)
    day = sa.case((ask.yearly, sa.literal(date(today.year, 12, 31))), else_=sa.func.least(tier, own))
    return (
        sa.select(
            way.c.id.label("assignment_id"),
            ask.star,
            ask.code,
            ask.yearly,
            (ask.star * 1000 + ask.position).label("place"),
            before.id.is_(None).label("fresh"),
            day.label("due_on"),
        )
        .select_from(way)
        .join(ask, ask.version_id == version_id)
        .outerjoin(met, sa.and_(met.c.assignment_id == way.c.id, met.c.requirement_id == ask.id))
        .outerjoin(before, sa.and_(before.version_id == way.c.version_id, before.code == ask.code))
        .where(met.c.requirement_id.is_(None))
        .cte("missing")
    )
