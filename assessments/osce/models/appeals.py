"""Appeals against released results of practical exams, and the answers to them."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.osce.models.circuits import Circuit
from assessments.osce.models.rulings import Revision
from assessments.osce.models.scores import CircuitScore
from lms.db import Model, Personal, one_of, utc
from lms.people.models import Person


class Answered(StrEnum):
    """What an appeal came to."""

    #: a new version of the result was released
    REVISED = "revised"
    REJECTED = "rejected"


class CircuitAppeal(Personal, Model):
    """That a candidate does not accept a released result, and why. `institution` is the circuit's."""

    __tablename__ = "circuit_appeal"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("score_id"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
    )

    circuit_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit.id"), index=True)
    score_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_score.id"))
    reason: orm.Mapped[str]
    made_at: orm.Mapped[utc]

    circuit: orm.Mapped[Circuit] = orm.relationship()
    score: orm.Mapped[CircuitScore] = orm.relationship()
    person: orm.Mapped[Person] = orm.relationship(viewonly=True)
    answer: orm.Mapped["CircuitAppealAnswer | None"] = orm.relationship(viewonly=True)


class CircuitAppealAnswer(Personal, Model):
    """An officer's answer to an appeal: once, with its reason; never the candidate's own."""

    __tablename__ = "circuit_appeal_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("outcome", Answered), name="outcome_known"),
        sa.CheckConstraint("reason <> ''", name="reason_given"),
        sa.CheckConstraint("by_id <> person_id", name="not_ones_own"),
        sa.CheckConstraint("(outcome = 'revised') = (revision_id IS NOT NULL)", name="revised_by_a_revision"),
    )

    appeal_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("circuit_appeal.id"), unique=True)
    outcome: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    revision_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("circuit_revision.id"), index=True)
    reason: orm.Mapped[str]
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    revision: orm.Mapped[Revision | None] = orm.relationship()
