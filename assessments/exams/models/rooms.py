"""When and where an exam is sat: its windows and its rooms."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import InScope, Model

_when = sa.DateTime(timezone=True)
# Who sits stands in a module that knows this one.
_sits = sa.table("exam_candidate", sa.column("exam_id", sa.BigInteger), sa.column("person_id", sa.BigInteger))


class ExamWindow(InScope, Model):
    """From when until when some of the candidates sit an exam; without any, all sit it while the exam is open."""

    __tablename__ = "exam_window"
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "opens_at", "closes_at"),
        sa.CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    opens_at: orm.Mapped[datetime] = orm.mapped_column(_when)
    closes_at: orm.Mapped[datetime] = orm.mapped_column(_when)

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Those of exams in which the person is a candidate."""
        return [cls.exam_id.in_(sa.select(_sits.c.exam_id).where(_sits.c.person_id == person_id))]


class ExamRoom(InScope, Model):
    """A room in which an exam is sat, with so many seats, in each of its windows."""

    __tablename__ = "exam_room"
    __table_args__ = (
        sa.UniqueConstraint("exam_id", "name"),
        sa.CheckConstraint("name <> ''", name="named"),
        sa.CheckConstraint("seats BETWEEN 1 AND 5000", name="seats_from_1_to_5000"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    seats: orm.Mapped[int]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Those of exams in which the person is a candidate."""
        return [cls.exam_id.in_(sa.select(_sits.c.exam_id).where(_sits.c.person_id == person_id))]
