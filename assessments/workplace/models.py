"""What is asked of a year, who asked whom to watch, what was seen, and what the doctor answered."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.stations.models import Station, StationVersion
from assessments.stations.rules import Kind
from assessments.workplace.rules.written import Difficulty, Setting
from courses.mentoring.models import mentored_by
from lms import clock
from lms.authz import Role
from lms.db import Model, Personal, day, one_of, text_key, utc
from lms.institutions.models import ConsortiumMember, Institution
from lms.people.models import Category, Person, RoleGrant
from lms.techniques.models import Technique

_SHA256 = "octet_length({}) = 32"
#: Kinds of forms that belong here: all but the stations of an exam.
FORMS = tuple(kind for kind in Kind if kind is not Kind.STATION)


class State(StrEnum):
    """How far a request is."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Turned(StrEnum):
    """What became of a request otherwise than by an assessment."""

    DELEGATED = "delegated"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Answered(StrEnum):
    """What was said to an assessment afterwards."""

    ACKNOWLEDGED = "acknowledged"
    DISAGREED = "disagreed"
    REFLECTED = "reflected"
    #: by an exam officer: it no longer counts
    WITHDRAWN = "withdrawn"


class WorkplaceRequirement(Model):
    """What is asked of one category of doctors in a year, under one name; the numbers stand in its versions."""

    __tablename__ = "workplace_requirement"
    __table_args__ = (
        sa.CheckConstraint(one_of("category", Category), name="category_known"),
        sa.Index(
            "uq_workplace_requirement_one_a_category",
            "category",
            unique=True,
            postgresql_where=sa.text("NOT retired"),
        ),
    )

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    category: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]


class WorkplaceRequirementVersion(Model):
    """The numbers, named by their hash, never changed."""

    __tablename__ = "workplace_requirement_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("requirement_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    requirement_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("workplace_requirement.id"))
    version: orm.Mapped[int]
    #: total, assessors, wanted: content.RequirementFile.body makes it
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    requirement: orm.Mapped[WorkplaceRequirement] = orm.relationship()


class WorkplaceRequest(Personal, Model):
    """That a doctor asks somebody to watch and assess. `person` is the doctor, `institution` the doctor's own.

    Names are as they were, because the two may not reach each other's own rows.
    """

    __tablename__ = "workplace_request"
    __table_args__ = (
        sa.CheckConstraint(one_of("state", State), name="state_known"),
        sa.CheckConstraint("assessor_id <> person_id", name="nobody_asks_oneself"),
        sa.CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed_on_a_day"),
        sa.Index(
            "uq_workplace_request_one_open_at_a_time",
            "person_id",
            "station_id",
            "technique_id",
            "assessor_id",
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
        ),
        sa.Index(None, "assessor_id", "state"),
        sa.Index(None, "proposed_on", postgresql_where=sa.text("state = 'open'")),
    )

    station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station.id"), index=True)
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    doctor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    assessor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    assessor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    assessor_institution_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    proposed_on: orm.Mapped[day]
    note: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    state: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=State.OPEN)
    closed_on: orm.Mapped[date | None]
    asked_at: orm.Mapped[utc]
    #: since when it waits for this assessor: anew after it was handed on
    waits_since: orm.Mapped[utc]

    station: orm.Mapped[Station] = orm.relationship()
    technique: orm.Mapped[Technique] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """The doctor who asked, and whoever is asked."""
        return [cls.person_id == person_id, cls.assessor_id == person_id]


class WorkplaceTurn(Personal, Model):
    """A request was handed on, declined, withdrawn or put away: by whom, to whom, why."""

    __tablename__ = "workplace_turn"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("turned", Turned), name="turn_known"),
        sa.CheckConstraint("(turned = 'expired') = (by_id IS NULL)", name="only_time_has_no_hand"),
        sa.CheckConstraint("(turned = 'delegated') = (to_id IS NOT NULL)", name="handed_on_to_somebody"),
        sa.CheckConstraint("turned IN ('expired', 'withdrawn') OR reason <> ''", name="says_why"),
        sa.Index(None, "request_id", "id"),
    )

    request_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("workplace_request.id"))
    turned: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    #: who it had been with, as named then
    from_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    to_name: orm.Mapped[str] = orm.mapped_column(sa.String(80), server_default="")
    by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    to_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Whoever the request itself is in reach of."""
        table = WorkplaceRequest.__table__.c
        return [
            cls.person_id == person_id,
            cls.request_id.in_(sa.select(table.id).where(table.assessor_id == person_id)),
        ]


class WorkplaceAssessment(Personal, Model):
    """One piece of work that an assessor watched, as handed in; a correction supersedes. `person` is the doctor."""

    __tablename__ = "workplace_assessment"
    __append_only__ = True
    __database_fills__ = ("submitted_at",)
    __table_args__ = (
        sa.UniqueConstraint("encounter_id", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint("assessor_id <> person_id", name="nobody_assesses_oneself"),
        sa.CheckConstraint("kind <> 'station'", name="a_form_of_the_workplace"),
        sa.CheckConstraint(one_of("kind", Kind), name="kind_known"),
        sa.CheckConstraint(one_of("setting", Setting), name="setting_known"),
        sa.CheckConstraint(one_of("difficulty", Difficulty), name="difficulty_known"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_on_the_entrustment_scale"),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_bounds"),
        sa.CheckConstraint("observe_minutes BETWEEN 1 AND 480", name="minutes_watched"),
        sa.CheckConstraint("feedback_minutes BETWEEN 1 AND 240", name="minutes_talked"),
        sa.CheckConstraint("good <> '' AND improve <> '' AND action <> ''", name="says_what_was_said"),
        sa.CheckConstraint("jsonb_typeof(marks) = 'object'", name="marks_by_item"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.CheckConstraint("(version = 1) = (encounter_id = id)", name="named_by_its_first_version"),
        sa.CheckConstraint("(version = 1) = (reason = '')", name="a_correction_has_a_reason"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
        sa.Index(
            "uq_workplace_assessment_one_a_request",
            "request_id",
            unique=True,
            postgresql_where=sa.text("version = 1"),
        ),
        sa.Index(None, "person_id", "observed_on"),
        sa.Index(None, "assessor_id", "observed_on"),
        sa.Index(None, "institution_id", "observed_on"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    #: the id of its first version: what stays the same under corrections
    encounter_id: orm.Mapped[UUID]
    version: orm.Mapped[int]
    supersedes_id: orm.Mapped[UUID | None] = orm.mapped_column(sa.ForeignKey("workplace_assessment.id"))
    reason: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    request_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("workplace_request.id"))
    station_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station_version.id"), index=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    technique_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    doctor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    assessor_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"))
    assessor_name: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    assessor_institution_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    observed_on: orm.Mapped[day]
    setting: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    difficulty: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    #: the case in a few words, nobody named
    about: orm.Mapped[str] = orm.mapped_column(sa.String(200), server_default="")
    #: {"<item>": points}; what was not observed is not in it
    marks: orm.Mapped[dict[str, int]] = orm.mapped_column(pg.JSONB)
    rating: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    level: orm.Mapped[int]
    comment: orm.Mapped[str] = orm.mapped_column(server_default="")
    good: orm.Mapped[str]
    improve: orm.Mapped[str]
    action: orm.Mapped[str]
    observe_minutes: orm.Mapped[int]
    feedback_minutes: orm.Mapped[int]
    #: what the marks come to under the sheet engine's rules of that time
    percent: orm.Mapped[Decimal] = orm.mapped_column(sa.Numeric(5, 2))
    critical: orm.Mapped[bool]
    rules: orm.Mapped[int]
    begun_at: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    own_clock: orm.Mapped[bool]
    submitted_at: orm.Mapped[utc]
    #: SHA-256 of the RFC 8785 form of what was handed in
    content_hash: orm.Mapped[bytes]

    station_version: orm.Mapped[StationVersion] = orm.relationship()
    technique: orm.Mapped[Technique] = orm.relationship()

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """The doctor, the assessor, and the doctor's mentor of today."""
        return [
            cls.person_id == person_id,
            cls.assessor_id == person_id,
            cls.person_id.in_(mentored_by(person_id)),
        ]


class WorkplaceAnswer(Personal, Model):
    """What was said to one version of an assessment: read, not agreed with, thought over, or withdrawn."""

    __tablename__ = "workplace_answer"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("answered", Answered), name="answer_known"),
        sa.CheckConstraint("answered = 'acknowledged' OR text <> ''", name="says_what"),
        sa.CheckConstraint("(answered = 'withdrawn') = (by_id <> person_id)", name="the_doctor_answers"),
        sa.Index(
            "uq_workplace_answer_read_once",
            "assessment_id",
            unique=True,
            postgresql_where=sa.text("answered IN ('acknowledged', 'disagreed')"),
        ),
        sa.Index(
            "uq_workplace_answer_withdrawn_once",
            "encounter_id",
            unique=True,
            postgresql_where=sa.text("answered = 'withdrawn'"),
        ),
        sa.Index(None, "encounter_id", "id"),
    )

    assessment_id: orm.Mapped[UUID] = orm.mapped_column(sa.ForeignKey("workplace_assessment.id"), index=True)
    encounter_id: orm.Mapped[UUID]
    answered: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    text: orm.Mapped[str] = orm.mapped_column(server_default="")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    at: orm.Mapped[utc]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """Whoever the assessment itself is in reach of."""
        table = WorkplaceAssessment.__table__.c
        return [
            cls.person_id == person_id,
            cls.person_id.in_(mentored_by(person_id)),
            cls.assessment_id.in_(sa.select(table.id).where(table.assessor_id == person_id)),
        ]


def may_watch(person_id: int) -> sa.ColumnElement[bool]:
    """The condition on `Person` that somebody works with this doctor, so that they may be assessed on the spot.

    Today: their mentor; a mentor over the subtree in which the doctor works; or of an institution in one consortium
    with the doctor's. Never oneself. Columns of the tables themselves: no fence is laid inside it.
    """
    person = Person.__table__.c
    return sa.and_(
        person.id != person_id,
        sa.or_(person.id.in_(mentored_by(person_id)), _taught_there(person_id), _same_consortium(person_id)),
    )


def _in_force(rows: Any) -> sa.ColumnElement[bool]:
    today = clock.today()
    return sa.and_(rows.begins_on <= today, sa.or_(rows.ends_on.is_(None), rows.ends_on > today))


def _taught_there(person_id: int) -> sa.ColumnElement[bool]:
    person, grant = Person.__table__.c, RoleGrant.__table__.alias("teaching")
    root, home = (Institution.__table__.alias(name) for name in ("teaching_root", "taught_home"))
    joined = grant.join(root, root.c.id == grant.c.institution_id).join(home, root.c.path.above(home.c.path))
    return (
        sa.exists()
        .select_from(joined)
        .where(
            grant.c.person_id == person_id,
            grant.c.role == Role.MENTOR.value,
            _in_force(grant.c),
            home.c.id == person.institution_id,
        )
    )


def _same_consortium(person_id: int) -> sa.ColumnElement[bool]:
    """Both institutions, or institutions above them, are members of one consortium today."""
    person, me = Person.__table__.c, Person.__table__.alias("watching")
    mine, theirs = (ConsortiumMember.__table__.alias(name) for name in ("my_membership", "their_membership"))
    home, member = (Institution.__table__.alias(name) for name in ("their_home", "their_member"))
    my_home, my_member = (Institution.__table__.alias(name) for name in ("my_home", "my_member"))
    joined = (
        me.join(my_home, my_home.c.id == me.c.institution_id)
        .join(my_member, my_member.c.path.above(my_home.c.path))
        .join(mine, mine.c.institution_id == my_member.c.id)
        .join(theirs, theirs.c.consortium_id == mine.c.consortium_id)
        .join(member, member.c.id == theirs.c.institution_id)
        .join(home, member.c.path.above(home.c.path))
    )
    return (
        sa.exists()
        .select_from(joined)
        .where(
            me.c.id == person_id,
            _in_force(mine.c),
            _in_force(theirs.c),
            home.c.id == person.institution_id,
        )
    )
