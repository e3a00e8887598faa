"""Column types that recur, named for what they hold."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.types import TypeDecorator, UserDefinedType

from lms import vault

#: A moment; the database's own clock is the default, so that no client can choose it.
utc = Annotated[datetime, orm.mapped_column(sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp())]
#: A calendar day where the institutions are.
day = Annotated[date, orm.mapped_column(sa.Date)]
#: A short code by which people and files name a thing.
text_key = Annotated[str, orm.mapped_column(sa.String(80))]


class Ltree(UserDefinedType[str]):
    """PostgreSQL's label path: `530300.530302.17`."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "LTREE"

    class comparator_factory(UserDefinedType.Comparator[str]):  # noqa: N801 - SQLAlchemy's name
        def within(self, roots: Any) -> sa.ColumnElement[bool]:
            """At or below one of the given paths."""
            array = sa.cast(roots, sa.ARRAY(Ltree()))
            return self.expr.op("<@", return_type=sa.Boolean())(sa.any_(array))

        def above(self, path: Any) -> sa.ColumnElement[bool]:
            """At or above the given path."""
            return self.expr.op("@>", return_type=sa.Boolean())(sa.cast(path, Ltree()))


class Sealed(TypeDecorator[str]):
    """Text that the database holds encrypted; look it up by a `blind_index` column beside it."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Any) -> bytes | None:
        """Seal on the way in."""
        return None if value is None else vault.current().seal(value.encode())

    def process_result_value(self, value: bytes | None, _dialect: Any) -> str | None:
        """Open on the way out."""
        return None if value is None else vault.current().open(value).decode()


def one_of(column: str, words: type[StrEnum]) -> str:
    """The condition that a column holds one of these words, for a named CHECK."""
    return "{} IN ({})".format(column, ", ".join(f"'{word}'" for word in words))
