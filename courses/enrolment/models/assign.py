"""Whose curriculum is which version, until when each tier is due, and all that ever changed about it."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models import AssignmentRule, Curriculum, CurriculumVersion
from lms.db import InScope, Model, Personal, day, one_of, utc


class CurriculumAssignment(Personal, Model):
    """One person's curriculum, in the version they follow; one at a time, and none is ever removed."""

    __tablename__ = "curriculum_assignment"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["version_id", "curriculum_id"],
            ["curriculum_version.id", "curriculum_version.curriculum_id"],
            name="fk_curriculum_assignment_version_of_the_curriculum",
        ),
        sa.CheckConstraint("cardinality(due_on) = 5", name="a_date_for_each_tier"),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= begins_on", name="ends_after_beginning"),
        sa.Index("uq_curriculum_assignment_one_at_a_time", "person_id", unique=True,
                 postgresql_where=sa.text("ended_on IS NULL")),
        sa.Index(None, "curriculum_id", "version_id", postgresql_where=sa.text("ended_on IS NULL")),
    )  # fmt: skip

    curriculum_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum.id"))
    version_id: orm.Mapped[int] = orm.mapped_column(index=True)
    rule_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("assignment_rule.id"), index=True)
    begins_on: orm.Mapped[day]
    #: until when each tier is due, from the first to the fifth
    due_on: orm.Mapped[list[date]] = orm.mapped_column(pg.ARRAY(sa.Date))
    ended_on: orm.Mapped[date | None]
    created_at: orm.Mapped[utc]

    curriculum: orm.Mapped[Curriculum] = orm.relationship()
    version: orm.Mapped[CurriculumVersion] = orm.relationship(
        foreign_keys=[version_id],
        viewonly=True,
        primaryjoin=lambda: CurriculumVersion.id == CurriculumAssignment.version_id,
    )
    rule: orm.Mapped[AssignmentRule] = orm.relationship()


class AssignmentEvent(StrEnum):
    """What can happen to an assignment."""

    GIVEN = "given"
    RULED = "ruled"
    MOVED = "moved"
    ENDED = "ended"


class AssignmentChange(Personal, Model):
    """One thing that happened to an assignment, with the version and the days that held from then on."""

    __tablename__ = "assignment_change"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint(one_of("event", AssignmentEvent), name="event_known"),)

    assignment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_assignment.id"), index=True)
    event: orm.Mapped[str] = orm.mapped_column(sa.String(10))
    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_version.id"), index=True)
    rule_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("assignment_rule.id"), index=True)
    begins_on: orm.Mapped[day]
    due_on: orm.Mapped[list[date]] = orm.mapped_column(pg.ARRAY(sa.Date))
    at: orm.Mapped[utc]


class AssignmentException(Personal, Model):
    """Somebody whom a new version cannot serve, and why; they keep theirs until an editor decides."""

    __tablename__ = "assignment_exception"
    __table_args__ = (
        sa.UniqueConstraint("publication_id", "assignment_id"),
        sa.CheckConstraint("cardinality(reopened) + cardinality(past_due) > 0", name="there_is_a_reason"),
        sa.CheckConstraint("(settled_at IS NULL) = (settled_by_id IS NULL)", name="settled_by_somebody"),
        sa.CheckConstraint("(settled_at IS NULL) = (moved IS NULL)", name="settled_one_way"),
    )

    publication_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_publication.id"))
    assignment_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_assignment.id"), index=True)
    #: requirements that would open a tier again that this person has finished
    reopened: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    #: new requirements whose day is past for this person before they could begin
    past_due: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    settled_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    settled_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    moved: orm.Mapped[bool | None]

    assignment: orm.Mapped[CurriculumAssignment] = orm.relationship()


class VersionPreview(Model):
    """What putting a version to use would come to, counted on one day; made anew whenever an editor asks."""

    __tablename__ = "curriculum_version_preview"
    __table_args__ = (
        sa.CheckConstraint("people >= begun AND begun >= begun_excepted", name="parts_of_the_people"),
        sa.CheckConstraint("excepted >= begun_excepted AND begun_excepted >= 0", name="parts_of_the_excepted"),
    )

    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_version.id"), index=True)
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    asked_at: orm.Mapped[utc]
    #: the day on which it was counted; None: it is not yet
    on_day: orm.Mapped[date | None]
    done_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    #: how many follow another version; of these, who has met anything, and whom the version cannot serve
    people: orm.Mapped[int] = orm.mapped_column(server_default="0")
    begun: orm.Mapped[int] = orm.mapped_column(server_default="0")
    excepted: orm.Mapped[int] = orm.mapped_column(server_default="0")
    begun_excepted: orm.Mapped[int] = orm.mapped_column(server_default="0")

    version: orm.Mapped[CurriculumVersion] = orm.relationship()


class PreviewException(InScope, Model):
    """Somebody whom a version could not serve if it were put to use, and why; nothing of it holds for that person."""

    __tablename__ = "curriculum_preview_exception"
    __table_args__ = (
        sa.UniqueConstraint("preview_id", "person_id"),
        sa.CheckConstraint("cardinality(reopened) + cardinality(past_due) > 0", name="there_is_a_reason"),
    )

    preview_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_version_preview.id", ondelete="CASCADE"))
    person_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    reopened: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    past_due: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
