"""Adding what was counted up the tree, and putting it where pages read."""

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.insight.models import InsightFigure, InsightRun
from assessments.insight.queries import sources
from assessments.insight.rules import Period, Window
from lms.institutions.models import Institution


def write_figures(period: Period, during: Window, target: int, run_id: int) -> pg.Insert:
    """One statement, and so one moment, for all figures of a period, each at its institution and at all above."""
    counted = sources.everything(during, target).subquery()
    here, above = orm.aliased(Institution), orm.aliased(Institution)
    summed = (
        sa.select(
            sa.literal(run_id),
            above.id,
            sa.literal(period.value),
            counted.c.measure,
            counted.c.category,
            counted.c.key,
            sa.func.sum(counted.c.n),
            sa.func.sum(counted.c.total),
        )
        .join_from(counted, here, here.id == counted.c.institution_id)
        .join(above, above.path.above(here.path))
        .group_by(above.id, counted.c.measure, counted.c.category, counted.c.key)
    )
    columns = ["run_id", "institution_id", "period", "measure", "category", "key", "n", "total"]
    return pg.insert(InsightFigure).from_select(columns, summed)


def forget(keep: int) -> list[sa.Delete]:
    """Drop all runs but the newest: a page that began with the one before can still finish with it."""
    kept = sa.select(InsightRun.id).order_by(InsightRun.id.desc()).limit(keep).scalar_subquery()
    old = InsightFigure.run_id.not_in(kept)
    return [sa.delete(InsightFigure).where(old), sa.delete(InsightRun).where(InsightRun.id.not_in(kept))]
