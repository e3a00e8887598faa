"""Stations and forms of the workplace under one name each, their versions, who approved these, and blueprints."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from assessments.stations.rules import Kind
from assessments.stations.rules.skills import Skill
from assessments.stations.rules.standing import Status
from lms.db import Model, one_of, text_key, utc
from lms.people.models import Person
from lms.techniques.models import Technique

_SHA256 = "octet_length({}) = 32"


class Station(Model):
    """One practical task under one name; what is asked and marked stands in its versions."""

    __tablename__ = "station"
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", Kind), name="kind_known"),
        sa.CheckConstraint(f"skill IS NULL OR {one_of('skill', Skill)}", name="skill_known"),
        sa.CheckConstraint("kind <> 'station' OR technique_id IS NOT NULL", name="station_of_a_technique"),
    )

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(20), server_default=Kind.STATION)
    #: what kind of task it sets, as blueprints ask for it
    skill: orm.Mapped[str | None] = orm.mapped_column(sa.String(20))
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    #: nothing where a form of the workplace fits any technique
    technique_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("technique.id"), index=True)
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]

    technique: orm.Mapped[Technique | None] = orm.relationship()


class StationVersion(Model):
    """What a station says and how it is marked; named by its hash, never changed."""

    __tablename__ = "station_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("station_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    station_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station.id"))
    version: orm.Mapped[int]
    #: minutes, texts, equipment, items, key_rule, pass_percent, levels: content.StationFile.body makes it
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    #: its author, who does not approve it; nobody where it came with a pack, which counts as approved
    made_by_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey(Person.id), index=True)
    made_at: orm.Mapped[utc]

    station: orm.Mapped[Station] = orm.relationship()


class StationStatus(Model):
    """Somebody said how far a version has come; the newest word counts, and none is ever taken back."""

    __tablename__ = "station_status"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint(one_of("status", Status), name="status_known"),
        sa.CheckConstraint("status <> 'draft'", name="a_draft_is_where_nothing_was_said"),
        sa.CheckConstraint("status = 'approved' OR note <> ''", name="no_without_a_reason"),
        sa.Index("ix_station_status_newest", "station_version_id", "id"),
    )

    station_version_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("station_version.id"))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    note: orm.Mapped[str] = orm.mapped_column(sa.String(400), server_default="")
    by_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey(Person.id), index=True)
    at: orm.Mapped[utc]


class Blueprint(Model):
    """A template of a practical exam under one name; its posts stand in its versions."""

    __tablename__ = "blueprint"

    code: orm.Mapped[text_key] = orm.mapped_column(unique=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    title_en: orm.Mapped[str] = orm.mapped_column(sa.String(160))
    retired: orm.Mapped[bool] = orm.mapped_column(server_default=sa.false())
    updated_at: orm.Mapped[utc]


class BlueprintVersion(Model):
    """The posts of a practical exam in order, with marks and minutes; named by its hash, never changed."""

    __tablename__ = "blueprint_version"
    __append_only__ = True
    __database_fills__ = ("made_at",)
    __table_args__ = (
        sa.UniqueConstraint("blueprint_id", "version"),
        sa.CheckConstraint(_SHA256.format("content_hash"), name="content_hash_is_sha256"),
    )

    blueprint_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("blueprint.id"))
    version: orm.Mapped[int]
    #: title, summary, total, pass_marks, parts: content.BlueprintFile.body makes it
    body: orm.Mapped[dict[str, Any]] = orm.mapped_column(pg.JSONB)
    sources: orm.Mapped[list[dict[str, str]]] = orm.mapped_column(pg.JSONB)
    content_hash: orm.Mapped[bytes]
    made_at: orm.Mapped[utc]

    blueprint: orm.Mapped[Blueprint] = orm.relationship()
