"""The table of the audit log."""

import sqlalchemy as sa
from sqlalchemy import orm

from lms import clock
from lms.authz import Role
from lms.db import InScope, Ltree, Model, utc

# Neighbours above this floor, seen only as far as the fence of this one table needs them.
_institution = sa.table("institution", sa.column("id", sa.BigInteger), sa.column("path", Ltree()))
_grant = sa.table(
    "role_grant",
    sa.column("person_id", sa.BigInteger),
    sa.column("institution_id", sa.BigInteger),
    sa.column("role", sa.String),
    sa.column("begins_on", sa.Date),
    sa.column("ends_on", sa.Date),
)


class AuditEvent(InScope, Model):
    """One verb that was carried out.

    Names and details lie sealed, under the key of the person concerned where there is one. The columns hold
    ids only; the same values stand in the sealed words, so that an edit of a column is found by the ledger.
    """

    __tablename__ = "audit_event"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.Index(None, "on_type", "on_id"),
        sa.Index(None, "at"),
        sa.CheckConstraint("actor_person_id IS NULL OR actor_job IS NULL", name="one_actor"),
        sa.CheckConstraint("on_id IS NULL OR on_type IS NOT NULL", name="a_thing_has_a_type"),
    )

    at: orm.Mapped[utc]
    actor_person_id: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("person.id"), index=True)
    actor_job: orm.Mapped[str | None] = orm.mapped_column(sa.String(80))
    permission: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    verb: orm.Mapped[str] = orm.mapped_column(sa.String(120))
    on_type: orm.Mapped[str | None] = orm.mapped_column(sa.String(80))
    on_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(120))
    institution_id: orm.Mapped[int | None] = orm.mapped_column(  # type: ignore[assignment]
        sa.ForeignKey("institution.id"), index=True
    )
    request_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(40), index=True)
    sealed: orm.Mapped[bytes]
    ledger_index: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("ledger_entry.index"), unique=True)

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """What belongs to no institution is for the auditors of the whole tree."""
        today = clock.today()
        auditor = (
            sa.select(_grant.c.person_id)
            .join(_institution, _institution.c.id == _grant.c.institution_id)
            .where(
                _grant.c.person_id == person_id,
                _grant.c.role == Role.AUDITOR.value,
                _grant.c.begins_on <= today,
                sa.or_(_grant.c.ends_on.is_(None), _grant.c.ends_on > today),
                sa.func.nlevel(_institution.c.path) == 1,
            )
        )
        return [sa.and_(cls.institution_id.is_(None), sa.exists(auditor))]

    @property
    def columns(self) -> dict[str, int | str | None]:
        """The columns that must say what the sealed words say."""
        return {name: getattr(self, name) for name in COLUMNS}


class AuditWaiting(Model):
    """A deed that was done and is not in the log yet; a job moves it there, in its order."""

    __tablename__ = "audit_waiting"
    __database_fills__ = ("at",)

    at: orm.Mapped[utc]
    #: who, what, where, and what was told, as JSON under the installation's key
    sealed: orm.Mapped[bytes]


#: Columns that repeat what the sealed words say.
COLUMNS = (
    "actor_person_id",
    "actor_job",
    "permission",
    "verb",
    "on_type",
    "on_id",
    "institution_id",
    "request_id",
)
