"""What went wrong while an exam was sat, as it was written down at the time."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.exams.models.exams import Exam
from assessments.exams.models.rooms import ExamRoom
from assessments.exams.models.sitting import Candidate
from lms.db import InScope, Model, one_of, utc


class What(StrEnum):
    """What kind of incident it was."""

    POWER = "power"
    NETWORK = "network"
    DEVICE = "device"
    HEALTH = "health"
    CONDUCT = "conduct"
    OTHER = "other"


class Incident(InScope, Model):
    """What happened when, whom it concerned, and how many minutes were given back; never changed."""

    __tablename__ = "exam_incident"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("what", What), name="what_known"),
        sa.CheckConstraint("words <> ''", name="words_given"),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600", name="minutes_from_0_to_600"),
    )

    exam_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam.id"), index=True)
    room_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("exam_room.id"), index=True)
    what: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    words: orm.Mapped[str]
    happened_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    #: what each of those concerned was given back for it
    minutes: orm.Mapped[int] = orm.mapped_column(server_default="0")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    exam: orm.Mapped[Exam] = orm.relationship()
    room: orm.Mapped[ExamRoom | None] = orm.relationship()


class IncidentCandidate(InScope, Model):
    """That an incident concerned a candidate."""

    __tablename__ = "exam_incident_candidate"
    __append_only__ = True
    __table_args__ = (sa.UniqueConstraint("incident_id", "candidate_id"),)

    incident_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_incident.id"))
    candidate_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("exam_candidate.id"), index=True)

    candidate: orm.Mapped[Candidate] = orm.relationship()
