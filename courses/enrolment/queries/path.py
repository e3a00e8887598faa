"""Somebody's way through their curriculum: what each tier asks, what they have of it, and until when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from courses.curricula.models import Course, CurriculumRequirement, CurriculumTier, CurriculumVersion
from courses.curricula.queries.kinds import progress
from courses.curricula.queries.tiers import Names, names_of, words
from courses.curricula.rules.tiers import Asked, Stand, State, stands, tier_at
from courses.enrolment.models import Enrolment
from courses.enrolment.models.assign import AssignmentChange, CurriculumAssignment
from lms.db import Everything, db


@dataclass(frozen=True)
class Step:
    """One requirement as its person sees it."""

    code: str
    kind: str
    words: str
    stand: Stand
    amount: int
    yearly: bool
    blocked_by: tuple[str, ...]
    course: str | None
    technique: str | None
    #: the course it names is out of use
    out_of_use: bool


@dataclass(frozen=True)
class TierOnPath:
    """One tier with its steps."""

    star: int
    title: str
    title_en: str
    due_on: date
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.stand.state is State.DONE for step in self.steps)

    @property
    def asked(self) -> int:
        """How many steps are asked: all but those that nobody can begin any more."""
        return sum(step.stand.state is not State.LIFTED for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether nothing is left."""
        return self.done == self.asked


@dataclass(frozen=True)
class Path:
    """The whole way: the tiers, and in which of them one is."""

    assignment: CurriculumAssignment
    version: CurriculumVersion
    tiers: tuple[TierOnPath, ...]
    at: int

    @property
    def here(self) -> TierOnPath:
        """The tier one is in."""
        return self.tiers[self.at - 1]

    @property
    def pressing(self) -> list[Step]:
        """What is overdue or due, wherever on the way."""
        late = {State.OVERDUE, State.DUE}
        return [step for tier in self.tiers for step in tier.steps if step.stand.state in late]


def assignment_of(person_id: int) -> CurriculumAssignment | None:
    """What somebody follows today."""
    query = sa.select(CurriculumAssignment).where(
        CurriculumAssignment.person_id == person_id, CurriculumAssignment.ended_on.is_(None)
    )
    return db.session.scalar(query.options(orm.joinedload(CurriculumAssignment.rule)))


_ASKED = (
    CurriculumRequirement.star,
    CurriculumRequirement.code,
    CurriculumRequirement.amount,
    CurriculumRequirement.after,
    CurriculumRequirement.yearly,
    CurriculumRequirement.months,
    sa.func.coalesce(Course.retired, sa.false()).label("out_of_use"),
)


def path(assignment: CurriculumAssignment, today: date) -> Path:
    """The way of whoever has this assignment; the caller may see it, so what proves it is read over the fence."""
    version = db.session.scalars(
        sa.select(CurriculumVersion)
        .where(CurriculumVersion.id == assignment.version_id)
        .options(orm.selectinload(CurriculumVersion.tiers))
    ).one()
    have = progress([version.id], today)
    mine = (
        sa.select(have.c.requirement_id, have.c.have)
        .where(have.c.person_id == assignment.person_id)
        .cte("mine")
        .prefix_with("MATERIALIZED")  # else, where tables look empty to the planner, once for each requirement
    )
    begun = sa.exists().where(
        Enrolment.person_id == assignment.person_id, Enrolment.course_id == CurriculumRequirement.course_id
    )
    rows = db.session.execute(
        sa.select(*_ASKED, begun.label("begun"), sa.func.coalesce(mine.c.have, 0).label("have"))
        .outerjoin(mine, mine.c.requirement_id == CurriculumRequirement.id)
        .outerjoin(Course, Course.id == CurriculumRequirement.course_id)
        .where(CurriculumRequirement.version_id == version.id)
        .order_by(CurriculumRequirement.star, CurriculumRequirement.position),
        execution_options=Everything,
    ).all()
    asked = [
        Asked(
            row.code, row.star, row.amount, tuple(row.after), row.yearly, row.months, row.out_of_use and not row.begun
        )
        for row in rows
    ]
    owned = {row.code: Decimal(row.have) for row in rows}
    found = stands(asked, owned, assignment.begins_on, assignment.due_on, today)
    out = {row.code for row in rows if row.out_of_use}
    tiers = _tiers(version, found, assignment, out)
    return Path(assignment, version, tiers, tier_at(asked, found))


def _tiers(
    version: CurriculumVersion, found: dict[str, Stand], assignment: CurriculumAssignment, out: set[str]
) -> tuple[TierOnPath, ...]:
    names = names_of([version.content])
    said = {one["code"]: words(one, names) for tier in version.content["tiers"] for one in tier["requirements"]}
    titles: dict[int, CurriculumTier] = {tier.star: tier for tier in version.tiers}
    return tuple(
        TierOnPath(
            star=tier["star"],
            title=titles[tier["star"]].title,
            title_en=titles[tier["star"]].title_en,
            due_on=assignment.due_on[tier["star"] - 1],
            steps=tuple(
                _step(one, found[one["code"]], said, names, one["code"] in out) for one in tier["requirements"]
            ),
        )
        for tier in version.content["tiers"]
    )


def _step(one: dict[str, Any], stand: Stand, said: dict[str, str], names: Names, out: bool) -> Step:
    """A step; a course leads to its page unless it can neither be begun nor was."""
    readable = ("course", one["course"]) in names and stand.state is not State.LIFTED
    return Step(
        code=one["code"],
        kind=one["kind"],
        words=said[one["code"]],
        stand=stand,
        amount=one["amount"] or 1,
        yearly=one["yearly"],
        blocked_by=tuple(said[code] for code in stand.blocked_by),
        course=one["course"] if readable else None,
        technique=one["technique"] if ("technique", one["technique"]) in names else None,
        out_of_use=out,
    )


def changes(assignment_id: int) -> list[tuple[AssignmentChange, int]]:
    """What happened to an assignment, the newest first, with the number of the version that held from then on."""
    query = (
        sa.select(AssignmentChange, CurriculumVersion.number)
        .join(CurriculumVersion, CurriculumVersion.id == AssignmentChange.version_id)
        .where(AssignmentChange.assignment_id == assignment_id)
        .order_by(AssignmentChange.id.desc())
    )
    return [(change, number) for change, number in db.session.execute(query.limit(20))]
