"""The second officer's answer to what a first one asked: to revoke, to suspend, to lift a suspension."""

from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models.stars import InLedger
from lms.db import Personal, utc


def answers(request: str) -> tuple[Any, ...]:
    """What holds of every answer to the requests of a table: never the first officer's, never about oneself."""
    return (
        sa.ForeignKeyConstraint(["request_id", "requested_by_id"], [f"{request}.id", f"{request}.by_id"]),
        sa.CheckConstraint("by_id <> requested_by_id", name="the_second_is_not_the_first"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
    )


class SecondAnswer(InLedger, Personal):
    """Confirmed, or declined with a reason (sealed)."""

    __append_only__: ClassVar[bool] = True
    __database_fills__: ClassVar[tuple[str, ...]] = ("at",)

    request_id: orm.Mapped[int] = orm.mapped_column(unique=True)
    requested_by_id: orm.Mapped[int]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    confirmed: orm.Mapped[bool]
    act_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("officer_act.id"))
    at: orm.Mapped[utc]
