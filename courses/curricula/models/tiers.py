"""Curricula: what is asked of a category, tier by tier, in versions that never change; drafts; and who gets which.

All of it is shared by all institutions. Versions, tiers, requirements and publications are append-only; which version
holds today is the latest publication. A person's own way through it is kept in the room above.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from courses.curricula.models.courses import Course
from courses.curricula.rules.tiers import Begins, Moving
from lms.db import Model, one_of, utc
from lms.institutions.models import Institution
from lms.people.models import Category
from lms.techniques.models import Technique


class Curriculum(Model):
    """A curriculum under its code, whatever its version: one for a category."""

    __tablename__ = "curriculum"
    __table_args__ = (sa.CheckConstraint(one_of("category", Category), name="category_known"),)

    code: orm.Mapped[str] = orm.mapped_column(sa.String(80), unique=True)
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30), unique=True)
    created_at: orm.Mapped[utc]

    versions: orm.Mapped[list["CurriculumVersion"]] = orm.relationship(
        back_populates="curriculum", order_by="CurriculumVersion.number"
    )


class CurriculumVersion(Model):
    """One state of a curriculum, told from others by the hash of all it says."""

    __tablename__ = "curriculum_version"
    __append_only__ = True
    __database_fills__ = ("created_at",)
    __table_args__ = (
        sa.UniqueConstraint("curriculum_id", "number"),
        sa.UniqueConstraint("id", "curriculum_id"),
        sa.CheckConstraint("number > 0", name="number_from_one"),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_sha256"),
    )

    curriculum_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum.id"))
    number: orm.Mapped[int]
    digest: orm.Mapped[bytes]
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    summary: orm.Mapped[str]
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    #: what was written, as it can be edited again
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: None: out of a content pack
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    created_at: orm.Mapped[utc]

    curriculum: orm.Mapped[Curriculum] = orm.relationship(back_populates="versions")
    tiers: orm.Mapped[list["CurriculumTier"]] = orm.relationship(
        back_populates="version", order_by="CurriculumTier.star"
    )


class CurriculumTier(Model):
    """What leads to one star."""

    __tablename__ = "curriculum_tier"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("version_id", "star"),
        sa.UniqueConstraint("id", "version_id", "star"),
        sa.CheckConstraint("star BETWEEN 1 AND 5", name="star_from_1_to_5"),
    )

    version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_version.id"))
    star: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))

    version: orm.Mapped[CurriculumVersion] = orm.relationship(back_populates="tiers")
    requirements: orm.Mapped[list["CurriculumRequirement"]] = orm.relationship(
        back_populates="tier", order_by="CurriculumRequirement.position"
    )


class CurriculumRequirement(Model):
    """One thing a tier asks; what `what`, `amount` and `percent` mean is said by its kind."""

    __tablename__ = "curriculum_requirement"
    __append_only__ = True
    __table_args__ = (
        sa.UniqueConstraint("version_id", "code"),
        sa.ForeignKeyConstraint(
            ["tier_id", "version_id", "star"],
            ["curriculum_tier.id", "curriculum_tier.version_id", "curriculum_tier.star"],
            name="fk_curriculum_requirement_tier_of_the_version",
        ),
        sa.CheckConstraint("amount > 0", name="asks_for_something"),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name="percent_of_a_hundred"),
        sa.CheckConstraint("months BETWEEN 1 AND 240", name="months_ahead"),
        sa.CheckConstraint("kind <> 'course' OR course_id IS NOT NULL", name="a_course_is_named"),
        sa.CheckConstraint("kind <> 'technique' OR technique_id IS NOT NULL", name="a_technique_is_named"),
        sa.CheckConstraint("NOT yearly OR kind = 'hours'", name="only_hours_are_asked_yearly"),
        sa.Index(None, "tier_id", "position", unique=True),
    )

    tier_id: orm.Mapped[int]
    version_id: orm.Mapped[int]
    star: orm.Mapped[int] = orm.mapped_column(sa.SmallInteger)
    position: orm.Mapped[int]
    code: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    #: '': words are made from the kind
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    course_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("course.id"), index=True)
    technique_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    what: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    amount: orm.Mapped[int]
    percent: orm.Mapped[int | None]
    yearly: orm.Mapped[bool]
    #: due so many months after the beginning, where that is earlier than the tier's day
    months: orm.Mapped[int | None]
    #: codes of requirements of this version that must be met first
    after: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))

    tier: orm.Mapped[CurriculumTier] = orm.relationship(back_populates="requirements")
    course: orm.Mapped[Course | None] = orm.relationship()
    technique: orm.Mapped[Technique | None] = orm.relationship()


class CurriculumPublication(Model):
    """That a version became the one that holds, and who of those under way was to go over; the latest one counts."""

    __tablename__ = "curriculum_publication"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["version_id", "curriculum_id"],
            ["curriculum_version.id", "curriculum_version.curriculum_id"],
            name="fk_curriculum_publication_version_of_the_curriculum",
        ),
        sa.CheckConstraint(one_of("moving", Moving), name="moving_known"),
    )

    curriculum_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum.id"), index=True)
    version_id: orm.Mapped[int] = orm.mapped_column(index=True)
    moving: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: None: published when its pack was first loaded
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    at: orm.Mapped[utc]

    version: orm.Mapped[CurriculumVersion] = orm.relationship(
        viewonly=True, primaryjoin=lambda: CurriculumVersion.id == orm.foreign(CurriculumPublication.version_id)
    )


class CurriculumDraft(Model):
    """What an editor is writing: at most one for a curriculum; `revision` tells that somebody else has written."""

    __tablename__ = "curriculum_draft"

    curriculum_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum.id"), unique=True)
    based_on_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum_version.id"))
    content: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    #: the works it rests on; None: those of the version it was begun from
    sources: orm.Mapped[list[dict[str, str]] | None] = orm.mapped_column(pg.JSONB(none_as_null=True))
    revision: orm.Mapped[int] = orm.mapped_column(server_default="1")
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"))
    changed_at: orm.Mapped[utc]

    curriculum: orm.Mapped[Curriculum] = orm.relationship()
    based_on: orm.Mapped[CurriculumVersion] = orm.relationship()

    @property
    def works(self) -> list[dict[str, str]]:
        """The works it rests on as it is written now."""
        return self.based_on.sources if self.sources is None else self.sources


class AssignmentRule(Model):
    """Who of a category gets its curriculum, by place, post and day of joining, and how fast; the first that fits."""

    __tablename__ = "assignment_rule"
    __table_args__ = (
        sa.CheckConstraint(one_of("begins", Begins), name="begins_known"),
        sa.CheckConstraint("cardinality(months) = 5", name="a_date_for_each_tier"),
        sa.CheckConstraint(
            "months[1] >= 1 AND months[1] <= months[2] AND months[2] <= months[3] AND months[3] <= months[4] "
            "AND months[4] <= months[5] AND months[5] <= 240",
            name="months_in_order",
        ),
        sa.CheckConstraint("joined_from <= joined_until", name="joined_in_order"),
        sa.Index(None, "curriculum_id", "priority"),
    )

    code: orm.Mapped[str] = orm.mapped_column(sa.String(80), unique=True)
    curriculum_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("curriculum.id"))
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    #: None: everywhere
    place_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    #: words of which the post's title has one; empty: any post
    posts: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text), server_default="{}")
    joined_from: orm.Mapped[date | None]
    joined_until: orm.Mapped[date | None]
    begins: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    months: orm.Mapped[list[int]] = orm.mapped_column(pg.ARRAY(sa.Integer))
    #: the smallest that fits a person counts
    priority: orm.Mapped[int]
    retired_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    created_at: orm.Mapped[utc]

    curriculum: orm.Mapped[Curriculum] = orm.relationship()
    place: orm.Mapped[Institution | None] = orm.relationship()

    @property
    def institution(self) -> Institution | None:
        """Where the right to change it is asked for; a rule for everywhere is shared."""
        return self.place
