"""Institutions in their tree, and consortia."""

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms.db import InScope, Ltree, Model, day, one_of, utc


class Kind(StrEnum):
    """What an institution is."""

    CITY_COMMISSION = "city_commission"
    CITY_HOSPITAL = "city_hospital"
    COUNTY_COMMISSION = "county_commission"
    COUNTY_HOSPITAL = "county_hospital"
    TOWNSHIP_HOSPITAL = "township_hospital"
    COMMUNITY_CENTRE = "community_centre"
    VILLAGE_CLINIC = "village_clinic"


#: Health authorities: they issue certificates.
AUTHORITIES = frozenset({Kind.CITY_COMMISSION, Kind.COUNTY_COMMISSION})


class Institution(Model):
    """One institution; `path` is its place in the tree, made of the ids from the root down."""

    __tablename__ = "institution"
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", Kind), name="kind_known"),
        sa.CheckConstraint("name <> ''", name="named"),
        sa.Index("ix_institution_path_gist", "path", postgresql_using="gist"),
    )

    code: orm.Mapped[str] = orm.mapped_column(sa.String(40), unique=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    name_en: orm.Mapped[str | None] = orm.mapped_column(sa.String(160))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(30))
    division_code: orm.Mapped[str] = orm.mapped_column(sa.String(12), index=True)
    parent_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    path: orm.Mapped[str] = orm.mapped_column(Ltree(), unique=True)
    sort_key: orm.Mapped[str] = orm.mapped_column(sa.String(240), server_default="")
    active: orm.Mapped[bool] = orm.mapped_column(server_default=sa.true())
    created_at: orm.Mapped[utc]

    parent: orm.Mapped["Institution | None"] = orm.relationship(remote_side="Institution.id")

    @property
    def depth(self) -> int:
        """1 for the root."""
        return self.path.count(".") + 1


class Change(StrEnum):
    """What can happen to an institution."""

    CREATED = "created"
    RENAMED = "renamed"
    MOVED = "moved"
    CLOSED = "closed"
    REOPENED = "reopened"


class InstitutionChange(InScope, Model):
    """One thing that happened to an institution, with what it was before and after."""

    __tablename__ = "institution_change"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (sa.CheckConstraint(one_of("change", Change), name="change_known"),)

    change: orm.Mapped[str] = orm.mapped_column(sa.String(20))
    before: orm.Mapped[str] = orm.mapped_column(sa.String(200), server_default="")
    after: orm.Mapped[str] = orm.mapped_column(sa.String(200), server_default="")
    at: orm.Mapped[utc]


class Consortium(Model):
    """A medical consortium: a leader and members, beside the administrative tree."""

    __tablename__ = "consortium"
    __table_args__ = (
        sa.CheckConstraint("name <> ''", name="named"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > begins_on", name="ends_after_beginning"),
    )

    name: orm.Mapped[str] = orm.mapped_column(sa.String(120), unique=True)
    leader_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]

    leader: orm.Mapped[Institution] = orm.relationship()
    members: orm.Mapped[list["ConsortiumMember"]] = orm.relationship(back_populates="consortium")

    @property
    def institution(self) -> Institution:
        """Where rights over it are asked for: at its leader."""
        return self.leader


class ConsortiumMember(Model):
    """One institution's membership; in one consortium at a time."""

    __tablename__ = "consortium_member"
    __table_args__ = (
        sa.CheckConstraint("ends_on IS NULL OR ends_on > begins_on", name="ends_after_beginning"),
        pg.ExcludeConstraint(
            ("institution_id", "="),
            (sa.text("daterange(begins_on, ends_on, '[)')"), "&&"),
            name="one_consortium_at_a_time",
        ),
    )

    consortium_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("consortium.id"), index=True)
    institution_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("institution.id"), index=True)
    begins_on: orm.Mapped[day]
    ends_on: orm.Mapped[date | None]

    consortium: orm.Mapped[Consortium] = orm.relationship(back_populates="members")
    institution: orm.Mapped[Institution] = orm.relationship()
