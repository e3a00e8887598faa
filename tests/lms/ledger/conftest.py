"""A database of one's own, a keeper of words, and an owner of the database who cannot be trusted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.authz import Actor
from lms.db import act_as, grants
from lms.ledger import queries, services
from lms.ledger.queries import SOURCES, Finding, Head, Kept
from tests import databases

KIND = "test.note"


class Diary:
    """Keeps the words of notes, as a feature does in a table of its own."""

    def __init__(self, live: databases.Live) -> None:
        self.live = live
        self.notes: dict[int, Kept] = {}
        self._app, self._owner = live.engine(grants.APP), live.engine()

    @contextmanager
    def session(self) -> Iterator[orm.Session]:
        """A session of the app's own role; what it wrote is committed."""
        with orm.Session(self._app) as made:
            act_as(made, Actor.job("test"))
            yield made
            made.commit()

    def write(self, *notes: str, about: UUID | None = None) -> list[int]:
        """Record some notes, all in one transaction."""
        statements = [services.Statement(KIND, {"note": note}, about) for note in notes]
        with self.session() as session:
            recorded = services.append_many(session, statements)
        for note, one in zip(notes, recorded, strict=True):
            self.notes[one.index] = Kept(one.index, one.sealed, columns={"note": note})
        return [one.index for one in recorded]

    def kept(self, _session: orm.Session, first: int, end: int) -> Iterable[Kept]:
        """The source of the words."""
        return [kept for kept in self.notes.values() if first <= kept.index < end]

    def verify(self, *witnessed: Head, chunk: int = 3) -> Finding:
        """What `ledger verify` says, in small chunks so that their edges are met."""
        with self.session() as session:
            return queries.verify(session, witnessed, chunk)

    def head(self) -> Head:
        """Write a head down, as the job does; the head as somebody outside keeps it."""
        with self.session() as session:
            head = services.write_head(session)
            assert head is not None
            return Head(head.size, head.root, "elsewhere")

    def meddle(self, statement: str, **values: Any) -> int:
        """Change the database as its owner; how many rows were changed."""
        with self._owner.begin() as connection:
            return connection.execute(sa.text(statement), values).rowcount


@pytest.fixture
def diary(live: databases.Live) -> Iterator[Diary]:
    made = Diary(live)
    before = dict(SOURCES)
    SOURCES.clear()
    SOURCES.update({services.KEY_DESTROYED: queries.destroyed_keys, KIND: made.kept})
    vault.configure(
        vault.Vault(vault.keys_from(databases.SECRETS["data_keys"]), databases.SECRETS["index_key"].encode())
    )
    yield made
    SOURCES.clear()
    SOURCES.update(before)
