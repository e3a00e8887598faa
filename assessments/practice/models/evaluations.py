"""Forms of evaluation, who evaluates whom over which period, and every record that was scored."""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import clock
from lms.db import InScope, Model, Personal, day, one_of, text_key, utc
from lms.people.models import Person
from lms.techniques.models import Technique

_SHA256 = "octet_length({}) = 32"
#: An assessor reads the records after the period has ended: two months leave room to draw them, to score ten and to
#: mend what an officer returned. After that the doctor's work is no longer the assessor's business.
ASSESSOR_DAYS = 60


class State(StrEnum):
    """How far an evaluation is."""

    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Decided(StrEnum):
    """What was decided about an evaluation."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class EvaluationForm(Model):
    """One way of looking at clinical practice; what is scored stands in its versions."""

    __tablename__ = "evaluation_form"

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    technique_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]

    technique: orm.Mapped[Technique | None] = orm.relationship()


class EvaluationFormVersion(Model):
    """What is scored and how; named by its hash, never changed."""

    __tablename__ = "evaluation_form_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("form_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    form_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation_form.id"))
    version: orm.Mapped[int]
    #: records_required, criteria, pass_percent: the shape is assessments.practice.rules.Form's
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    form: orm.Mapped[EvaluationForm] = orm.relationship()


class Evaluation(Personal, Model):
    """That an assessor of another institution judges a doctor's work of one period.

    `person` is the doctor, `institution` the doctor's own when it was assigned.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("assessor_id <> person_id", name="nobody_evaluates_oneself"),
        sa.CheckConstraint("assessor_institution_id <> institution_id", name="assessor_of_another_institution"),
        sa.CheckConstraint("period_until >= period_from", name="period_ends_after_beginning"),
        sa.CheckConstraint("(state = 'accepted') = (percent IS NOT NULL)", name="percent_when_accepted"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.UniqueConstraint("person_id", "form_version_id", "assessor_id", "period_from"),
        sa.Index(None, "state", "period_until"),
    )

    form_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation_form_version.id"), index=True)
    assessor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    assessor_institution_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    #: names as they were: doctor and assessor cannot reach each other's own rows
    doctor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    assessor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    period_from: orm.Mapped[day]
    period_until: orm.Mapped[day]
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.ASSIGNED)
    percent: orm.Mapped[Decimal | None] = orm.mapped_column(sa.Numeric(5, 2))
    assigned_by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    assigned_at: orm.Mapped[utc]

    version: orm.Mapped[EvaluationFormVersion] = orm.relationship()
    person: orm.Mapped[Person] = orm.relationship(foreign_keys="Evaluation.person_id")
    assessor: orm.Mapped[Person] = orm.relationship(foreign_keys="Evaluation.assessor_id")

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own, and those one assesses until some time after the period."""
        return [cls.person_id == person_id, sa.and_(cls.assessor_id == person_id, cls.period_until >= oldest_period())]


class EvaluationRecord(Personal, Model):
    """One de-identified record of a patient's care, scored; a correction supersedes."""

    __tablename__ = "evaluation_record"
    __append_only__ = True
    __database_fills__ = ("recorded_at",)
    __table_args__ = (
        sa.UniqueConstraint("evaluation_id", "number", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint("number BETWEEN 1 AND 200", name="number_from_1_to_200"),
        sa.CheckConstraint("label <> ''", name="labelled"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("assessor_id <> person_id", name="nobody_scores_oneself"),
        sa.CheckConstraint("jsonb_typeof(scores) = 'object'", name="scores_by_criterion"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    evaluation_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation.id"))
    number: orm.Mapped[int]
    version: orm.Mapped[int]
    supersedes_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("evaluation_record.id"))
    #: by which the clinic finds the record again; never a name, a number of a person or a telephone
    label: orm.Mapped[str] = orm.mapped_column(sa.String(60))
    #: {"<criterion>": points}
    scores: orm.Mapped[dict[str, int]] = orm.mapped_column(pg.JSONB)
    note: orm.Mapped[str] = orm.mapped_column(server_default="")
    assessor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    content_hash: orm.Mapped[bytes]
    recorded_at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """About oneself, once accepted; and those of an evaluation one assesses now."""
        table = Evaluation.__table__
        accepted = sa.select(table.c.id).where(table.c.person_id == person_id, table.c.state == State.ACCEPTED.value)
        assessed = sa.select(table.c.id).where(
            table.c.assessor_id == person_id, table.c.period_until >= oldest_period()
        )
        return [cls.evaluation_id.in_(accepted), cls.evaluation_id.in_(assessed)]


class EvaluationDecision(InScope, Model):
    """Submitted, returned or accepted: by whom, over which records, why."""

    __tablename__ = "evaluation_decision"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("decided", Decided), name="decision_known"),
        sa.CheckConstraint("decided <> 'returned' OR reason <> ''", name="a_return_has_a_reason"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.Index(None, "evaluation_id", "id"),
    )

    evaluation_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("evaluation.id"))
    decided: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    content_hash: orm.Mapped[bytes]
    reason: orm.Mapped[str] = orm.mapped_column(server_default="")
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Decisions on evaluations one assesses now: a return says what to mend."""
        table = Evaluation.__table__
        assessed = sa.select(table.c.id).where(
            table.c.assessor_id == person_id, table.c.period_until >= oldest_period()
        )
        return [cls.evaluation_id.in_(assessed)]


def oldest_period() -> Any:
    """A period that ended before this day is out of its assessor's hands."""
    return clock.today() - timedelta(days=ASSESSOR_DAYS)
