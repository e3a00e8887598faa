"""The ledger of hours: entered once per source, taken back by another entry, never changed."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.hours.rules import HoursKind
from lms.db import Model, Personal, day, one_of, utc


class HoursEntry(Personal, Model):
    """Minutes of one kind, with what proves them and who confirmed them."""

    __tablename__ = "hours_entry"
    __append_only__ = True
    __database_fills__ = ("recorded_at", "undoes")
    __table_args__ = (
        sa.UniqueConstraint("source_kind", "source_id"),
        sa.UniqueConstraint("reverses_id"),
        sa.UniqueConstraint("id", "person_id", "kind", "on_day", "minutes"),
        # What takes an entry back is its exact opposite, so that no sum of a person, kind and day falls below nothing.
        sa.ForeignKeyConstraint(
            ["reverses_id", "person_id", "kind", "on_day", "undoes"],
            [
                "hours_entry.id",
                "hours_entry.person_id",
                "hours_entry.kind",
                "hours_entry.on_day",
                "hours_entry.minutes",
            ],
            name="fk_hours_entry_undoes_exactly_one",
        ),
        sa.CheckConstraint(one_of("kind", HoursKind), name="kind_known"),
        sa.CheckConstraint(
            "(reverses_id IS NULL) = (minutes > 0) AND minutes <> 0", name="only_reversals_are_negative"
        ),
        sa.CheckConstraint("minutes BETWEEN -1440 AND 1440", name="at_most_a_day"),
        # reading proves itself by its lesson's events, a simulated case by its acts; all else needs a witness
        sa.CheckConstraint(
            "kind = 'theory' OR (kind = 'simulation' AND source_kind = 'case_run') OR confirmed_by_id IS NOT NULL",
            name="somebody_confirms_what_is_done",
        ),
        sa.CheckConstraint("reverses_id IS NULL OR reason <> ''", name="reversals_say_why"),
        sa.Index(None, "person_id", "on_day"),
    )

    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    minutes: orm.Mapped[int]
    on_day: orm.Mapped[day]
    #: what the hours come from: 'lesson' and the completion's id, …
    source_kind: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    source_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    #: what a reader of the statement wants to know: {title, title_en, …}
    evidence: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    confirmed_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    reverses_id: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger)
    undoes: orm.Mapped[int | None] = orm.mapped_column(
        sa.Computed("CASE WHEN reverses_id IS NOT NULL THEN -minutes END", persisted=True)
    )
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    recorded_at: orm.Mapped[utc]


class HoursTarget(Model):
    """Minutes a year that are asked, from a day on; shared by all institutions."""

    __tablename__ = "hours_target"
    __append_only__ = True
    __database_fills__ = ("set_at",)
    __table_args__ = (sa.CheckConstraint("minutes BETWEEN 60 AND 60000", name="minutes_of_a_year"),)

    minutes: orm.Mapped[int]
    valid_from: orm.Mapped[date] = orm.mapped_column(index=True)
    set_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    set_at: orm.Mapped[utc]


class CreditScheme(Model):
    """How hours become credits, from a day on: the lines of `rules.Scheme`; shared by all institutions."""

    __tablename__ = "credit_scheme"
    __append_only__ = True
    __database_fills__ = ("set_at",)
    __table_args__ = (
        sa.CheckConstraint("jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) BETWEEN 1 AND 6", name="lines"),
        sa.CheckConstraint("asked BETWEEN 0 AND 1000", name="credits_of_a_year"),
        sa.CheckConstraint("reason <> ''", name="changed_with_a_reason"),
    )

    lines: orm.Mapped[list[dict[str, Any]]] = orm.mapped_column(pg.JSONB)
    asked: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(6, 1))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400))
    valid_from: orm.Mapped[date] = orm.mapped_column(index=True)
    set_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    set_at: orm.Mapped[utc]
