"""What pages read: the newest run, the figures of an institution and of what is directly below it."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from assessments.insight.models import InsightFigure, InsightRun
from assessments.insight.policy import Insight
from assessments.insight.rules import NOTHING, OF_TECHNIQUES, Cell, Counts, Period
from lms.authz import POLICY, Actor, ByRole
from lms.db import db
from lms.institutions.models import Institution
from lms.jobs import Job
from lms.techniques.models import Technique

#: The job that makes all figures anew.
REFRESH = "insight.refresh"


def newest_run() -> InsightRun | None:
    """The figures that pages show; None before the first were made."""
    return db.session.scalar(sa.select(InsightRun).order_by(InsightRun.id.desc()).limit(1))


def figures(
    run: InsightRun, period: Period, category: str, ids: Sequence[int], *, whole: int = 0, technique: str = ""
) -> dict[int, Counts]:
    """Figures of these institutions in one statement: of `whole` technique by technique, of others in one.

    With a technique, what others have of the rest is left out.
    """
    of_techniques = InsightFigure.measure.in_([one.value for one in OF_TECHNIQUES])
    together = sa.and_(of_techniques, InsightFigure.institution_id != whole)
    key = sa.case((together, ""), else_=InsightFigure.key)
    query = (
        sa.select(
            InsightFigure.institution_id,
            InsightFigure.measure,
            key.label("shown"),
            sa.func.sum(InsightFigure.n),
            sa.func.sum(InsightFigure.total),
        )
        .where(
            InsightFigure.run_id == run.id,
            InsightFigure.period == period,
            InsightFigure.institution_id.in_(ids),
        )
        .group_by(InsightFigure.institution_id, InsightFigure.measure, sa.text("shown"))
    )
    if category:
        query = query.where(InsightFigure.category == category)
    if technique:
        query = query.where(~together | (InsightFigure.key == technique))
    cells: dict[int, dict[tuple[str, str], Cell]] = {}
    for institution, measure, shown, n, total in db.session.execute(query):
        cells.setdefault(institution, {})[measure, shown] = Cell(int(n), Decimal(total))
    return {one: Counts(cells[one]) if one in cells else NOTHING for one in ids}


def techniques(codes: Sequence[str]) -> dict[str, Technique]:
    """Techniques by code."""
    query = sa.select(Technique).where(Technique.code.in_(codes))
    return {one.code: one for one in db.session.scalars(query)}


def tops(actor: Actor) -> list[Institution]:
    """The topmost institutions whose figures this actor may read, by code."""
    roles = {clause.role for clause in POLICY[Insight.READ] if isinstance(clause, ByRole)}
    roots = {grant.root for grant in actor.grants if grant.role in roles}
    topmost = [r for r in roots if not any(r.startswith(f"{other}.") for other in roots)]
    query = sa.select(Institution).where(Institution.id.in_([int(r.rpartition(".")[2]) for r in topmost]))
    return list(db.session.scalars(query.order_by(Institution.code)))


def refreshing(asked: UUID | None = None) -> Job | None:
    """The making of figures that is under way, else the one asked for by its number."""
    unfinished = Job.state.in_(["queued", "running"])
    query = sa.select(Job).where(sa.or_(unfinished, Job.id == asked), Job.name == REFRESH)
    return db.session.scalar(query.order_by(unfinished.desc(), Job.requested_at.desc()).limit(1))
