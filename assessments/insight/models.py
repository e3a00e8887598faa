"""What is kept of many people's records, so that no page has to count them: one row per figure, made all at once."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.insight.rules import Measure, Period
from lms.db import InScope, Model, one_of, utc
from lms.people.models import Category


class InsightRun(Model):
    """One making of all figures; readers name a run, so that nobody sees half of the next one."""

    __tablename__ = "insight_run"
    __table_args__ = (sa.CheckConstraint("jsonb_typeof(windows) = 'object'", name="windows_by_period"),)

    as_of: orm.Mapped[utc]
    on_day: orm.Mapped[date]
    #: {"this_year": {"from": "2026-01-01", "until": "2026-11-22", "target": 2400}, …}: target in minutes a year
    windows: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)


class InsightFigure(InScope, Model):
    """One number about an institution and all below it: how many (`n`), and what they come to (`total`).

    Both only ever add up: over categories, over institutions beside one another, over keys.
    """

    __tablename__ = "insight_figure"
    __table_args__ = (
        sa.UniqueConstraint("run_id", "institution_id", "period", "measure", "category", "key"),
        sa.CheckConstraint(one_of("period", Period), name="period_known"),
        sa.CheckConstraint(one_of("measure", Measure), name="measure_known"),
        sa.CheckConstraint(one_of("category", Category), name="category_known"),
        sa.CheckConstraint("n > 0", name="nothing_is_not_written_down"),
    )

    run_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("insight_run.id"))
    period: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    measure: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    #: a star, a kind of hours, a band of marks, a technique's code, the fate of a flag
    key: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    n: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    #: minutes for hours, percent for marks; 0 where counting is all
    total: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(18, 3), server_default="0")
