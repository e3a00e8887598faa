"""Sign-offs of techniques, the signatures under them, and what ended them otherwise."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.signoff.rules import Side
from courses.mentoring.models import Pairing
from lms.db import Model, Personal, day, one_of, utc
from lms.techniques.models import Technique


class State(StrEnum):
    """How far a sign-off is."""

    OPEN = "open"
    SIGNED = "signed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class SignOff(Personal, Model):
    """That a mentor asks to entrust a technique to the apprentice at a level, with one assessor beside the mentor.

    `person` is the doctor. `level` is what both have signed; names are as they were, because the three may not reach
    each other's own rows.
    """

    __tablename__ = "sign_off"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("mentor_id <> person_id", name="nobody_signs_off_oneself"),
        sa.CheckConstraint("assessor_id NOT IN (person_id, mentor_id)", name="assessor_is_a_third_person"),
        sa.CheckConstraint(
            "(assessor_id IS NULL) = (assessor_institution_id IS NULL)"
            " AND (assessor_id IS NULL) = (assessor_name = '')",
            name="assessor_named_whole",
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_on_the_entrustment_scale"),
        sa.CheckConstraint(
            "(state IN ('signed', 'withdrawn')) = (level IS NOT NULL) AND (level IS NULL) = (signed_on IS NULL)",
            name="level_when_signed",
        ),
        sa.Index(
            "uq_sign_off_one_open_at_a_time",
            "person_id",
            "technique_id",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(None, "assessor_id", "state"),
        sa.Index(None, "mentor_id", "state"),
    )

    pairing_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("pairing.id"), index=True)
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    doctor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    mentor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    mentor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    assessor_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    assessor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    assessor_institution_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.OPEN)
    level: orm.Mapped[int | None]
    signed_on: orm.Mapped[date | None]
    asked_at: orm.Mapped[utc]

    pairing: orm.Mapped[Pairing] = orm.relationship()
    technique: orm.Mapped[Technique] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """The doctor, the mentor who asked, and the assessor who was chosen."""
        return [cls.person_id == person_id, cls.mentor_id == person_id, cls.assessor_id == person_id]


class Signature(Personal, Model):
    """One side's level with what was observed; a later one of the same side supersedes. `person` is the doctor."""

    __tablename__ = "sign_off_signature"
    __append_only__ = True
    __database_fills__ = ("signed_at",)
    __table_args__ = (
        sa.UniqueConstraint("sign_off_id", "side", "version"),
        sa.CheckConstraint(one_of("side", Side), name="side_known"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_on_the_entrustment_scale"),
        sa.CheckConstraint("signer_id <> person_id", name="nobody_signs_for_oneself"),
        sa.CheckConstraint("note <> ''", name="says_what_was_observed"),
        sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash_is_sha256"),
    )

    sign_off_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("sign_off.id"))
    side: orm.Mapped[str] = orm.mapped_column(sa.String(10))
    version: orm.Mapped[int]
    signer_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    signer_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    level: orm.Mapped[int]
    observed_on: orm.Mapped[day]
    note: orm.Mapped[str]
    content_hash: orm.Mapped[bytes]
    signed_at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Whoever the sign-off itself is in reach of."""
        return [cls.person_id == person_id, cls.sign_off_id.in_(_of(person_id))]


class SignOffDecision(Personal, Model):
    """A sign-off was declined by the assessor, cancelled by the mentor, or withdrawn by an officer: why."""

    __tablename__ = "sign_off_decision"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.UniqueConstraint("sign_off_id"),
        sa.CheckConstraint("decided IN ('declined', 'cancelled', 'withdrawn')", name="decision_known"),
        sa.CheckConstraint("reason <> ''", name="says_why"),
    )

    sign_off_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("sign_off.id"))
    decided: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400))
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Whoever the sign-off itself is in reach of."""
        return [cls.person_id == person_id, cls.sign_off_id.in_(_of(person_id))]


def _of(person_id: int) -> sa.Select[int]:
    """Sign-offs in which a person is mentor or assessor."""
    table = SignOff.__table__.c
    return sa.select(table.id).where(sa.or_(table.mentor_id == person_id, table.assessor_id == person_id))
