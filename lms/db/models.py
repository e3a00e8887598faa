"""The base class of all tables and the mixins that put a row inside the fence."""

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import orm

if TYPE_CHECKING:
    from lms.institutions.models import Institution


class Model(orm.DeclarativeBase):
    """A table of ours; constraints get names, so that a refusal can say which rule was broken."""

    metadata: ClassVar[sa.MetaData] = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    #: True: the app's database role may insert and read, never change or remove (see lms.db.grants).
    __append_only__: ClassVar[bool] = False
    #: For append-only tables: columns the database fills and the app may not choose.
    __database_fills__: ClassVar[tuple[str, ...]] = ()
    #: What the app's role may do to an append-only table; ("SELECT",) where only the signer writes.
    __app__: ClassVar[tuple[str, ...]] = ("SELECT", "INSERT")
    #: Privileges of the signer's database role on this table, e.g. ("SELECT",).
    __signer__: ClassVar[tuple[str, ...]] = ()

    id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, sort_order=-10)


class InScope:
    """A row owned by one institution; seen by whoever oversees that institution's subtree."""

    @orm.declared_attr
    def institution_id(cls) -> orm.Mapped[int]:
        """The owning institution."""
        return orm.mapped_column(sa.ForeignKey("institution.id"), index=True)

    @orm.declared_attr
    def institution(cls) -> orm.Mapped["Institution"]:
        """The same, loaded: its path tells who oversees the row."""
        return orm.relationship("Institution", foreign_keys=[cls.institution_id], viewonly=True)  # type: ignore[list-item]

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:  # noqa: ARG003 - for those that override
        """Conditions under which a row is within a person's reach without any role.

        One's own, or by a named, dated relation; features override and extend.
        """
        return []


class Personal(InScope):
    """A row about one person, who sees it too."""

    @orm.declared_attr
    def person_id(cls) -> orm.Mapped[int]:
        """Whom the row is about."""
        return orm.mapped_column(sa.ForeignKey("person.id"), index=True)

    @classmethod
    def within_reach(cls, person_id: int) -> list[sa.ColumnElement[bool]]:
        """One's own rows."""
        return [_column(cls, "person_id") == person_id]


def _column(cls: type, name: str) -> sa.ColumnElement[Any]:
    return getattr(cls, name)  # type: ignore[no-any-return]
