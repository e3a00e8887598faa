"""Everything that is kept about one person, found by the shape of the tables, so that no new table is forgotten."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from lms.db import Everything, Model, Personal
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import Keys
from lms.ledger.queries.words import Erased
from lms.people.models import Person, Post, RoleGrant
from lms.people.rules.own_data import SECRET, whose_name
from lms.vault import CannotOpen

#: Tables about a person that are not handed out, each with its reason in words for people; filled in wiring.py.
WITHHELD: Final[dict[str, Any]] = {}
#: Besides the Personal ones: tables of this feature that speak of one person.
_OWN: Final = (Post, RoleGrant)


@dataclass(frozen=True)
class Column:
    """A column that names a person: whose rows these are, or who acted in them."""

    model: type[Model]
    name: str

    @property
    def table(self) -> sa.Table:
        """Its table."""
        found = self.model.__table__
        assert isinstance(found, sa.Table)
        return found


def area_of(table: str) -> str:
    """The feature that a table belongs to."""
    owners = (m.class_.__module__ for m in Model.registry.mappers if m.class_.__tablename__ == table)
    return next((owner.split(".")[1] for owner in owners), "")


def about() -> list[Column]:
    """The tables that speak of one person, by name."""
    models: set[Any] = {m.class_ for m in Model.registry.mappers if issubclass(m.class_, (Personal, *_OWN))}
    return [Column(one, "person_id") for one in sorted(models, key=lambda model: model.__tablename__)]


def below() -> list[tuple[Column, sa.Table]]:
    """Tables whose rows belong to a row about a person, and that table."""
    personal = {column.table.name: column.table for column in about()}
    found = []
    for mapper in Model.registry.mappers:
        table = mapper.local_table
        if isinstance(table, sa.Table) and table.name not in personal and "institution_id" not in table.c:
            for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
                if key.column.table.name in personal and key.column.name == "id":
                    found.append((Column(mapper.class_, key.parent.name), personal[key.column.table.name]))
                    break
    return sorted(found, key=lambda pair: pair[0].table.name)


def acting() -> list[Column]:
    """Columns in which a person stands as somebody who did something in rows about others, or about all."""
    mine = {(column.table.name, column.name) for column in about()}
    found = [
        Column(mapper.class_, key.parent.name)
        for mapper in Model.registry.mappers
        for key in mapper.local_table.foreign_keys
        if key.column.table.name == "person" and (key.parent.table.name, key.parent.name) not in mine
    ]
    return sorted(found, key=lambda column: (column.table.name, column.name))


def rows_about(session: orm.Session, person_id: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Table by table, what is kept about a person; secrets and what is withheld are not in it."""
    me = sa.select(*_shown(Person.__table__)).where(Person.id == person_id)
    yield "person", _read(session, me)
    for column in about():
        if column.table.name not in WITHHELD:
            query = sa.select(*_shown(column.table)).where(column.table.c.person_id == person_id)
            yield column.table.name, _read(session, _ordered(query, column.table))
    for column, owner in below():
        if column.table.name not in WITHHELD and owner.name not in WITHHELD:
            mine = sa.select(owner.c.id).where(owner.c.person_id == person_id)
            query = sa.select(*_shown(column.table)).where(column.table.c[column.name].in_(mine))
            yield column.table.name, _read(session, _ordered(query, column.table))


def _ordered(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    return query.order_by(*table.primary_key.columns)


def _shown(table: Any) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.name not in SECRET]


def _read(session: orm.Session, query: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in session.execute(query, execution_options=Everything)]


def deeds(session: orm.Session, person_id: int) -> dict[str, int]:
    """How often a person acted in rows about others, by table and column: the rows are the others' data."""
    found = {}
    for column in acting():
        query = sa.select(sa.func.count()).select_from(column.table).where(column.table.c[column.name] == person_id)
        if number := session.scalar(query, execution_options=Everything):
            found[f"{column.table.name}.{column.name}"] = number
    return found


def opened_words(session: orm.Session, person_id: int) -> Iterator[Mapping[str, Any]]:
    """What lies sealed beside rows about a person, opened, with the entry of the ledger that commits to it."""
    keys = Keys(session)
    for column in about():
        table = column.table
        if table.name in WITHHELD or not {"sealed", "ledger_index"} <= set(table.c.keys()):
            continue
        query = (
            sa.select(table.c.id, table.c.ledger_index, table.c.sealed, LedgerEntry.kind)
            .join(LedgerEntry, LedgerEntry.index == table.c.ledger_index)
            .where(table.c.person_id == person_id)
            .order_by(table.c.ledger_index)
        )
        for number, index, sealed, kind in session.execute(query, execution_options=Everything):
            try:
                words = keys.open(kind, index, sealed).document
            except (Erased, CannotOpen):
                continue
            yield {"table": table.name, "id": number, "ledger_index": index, **words}


def names() -> Iterator[tuple[type[Model], str, str]]:
    """Columns in which the name of a person stands beside their id: table, name, id."""
    for mapper in Model.registry.mappers:
        table = mapper.local_table
        owners = frozenset(key.parent.name for key in table.foreign_keys if key.column.table.name == "person")
        for column in table.columns:
            owner = whose_name(column.name, owners)
            if column.name == "name" and column.table is not Person.__table__:
                owner = next(iter(sorted(owners & {"person_id", "examiner_id"})), None)
            if owner is not None:
                yield mapper.class_, column.name, owner
