"""A keeper of words, and an owner of the database who cannot be trusted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from config import Settings
from lms import vault
from lms.authz import Actor
from lms.db import act_as, grants
from lms.ledger import queries, services
from lms.ledger.queries import SOURCES, Finding, Head, Kept
from tests import databases

KIND = "test.note"


@contextmanager
def owned(settings: Settings) -> Iterator[sa.Connection]:
    """The database as its owner sees it, in a transaction that is thrown away."""
    assert settings.database_owner_url is not None
    engine = sa.create_engine(settings.database_owner_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


def configure_vault() -> None:
    """The keys of the tests, where no app has put them in place."""
    keys = vault.keys_from(databases.SECRETS["data_keys"])
    vault.configure(vault.Vault(keys, databases.SECRETS["index_key"].encode()))


class Diary:
    """Keeps the words of notes, as a feature does in a table of its own."""

    def __init__(self, app: sa.Engine | sa.Connection, owner: sa.Connection | None = None) -> None:
        self.notes: dict[int, Kept] = {}
        self._app, self._owner = app, owner
        configure_vault()

    @property
    def owner(self) -> sa.Connection:
        """The database in the hands of its owner."""
        assert self._owner is not None
        return self._owner

    @contextmanager
    def session(self) -> Iterator[orm.Session]:
        """A session of the app; what it wrote is committed."""
        with orm.Session(self._app, join_transaction_mode="create_savepoint") as made:
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
        return self.owner.execute(sa.text(statement), values).rowcount


@contextmanager
def _heard(diary: Diary) -> Iterator[Diary]:
    before = dict(SOURCES)
    SOURCES.clear()
    SOURCES.update({services.KEY_DESTROYED: queries.destroyed_keys, KIND: diary.kept})
    yield diary
    SOURCES.clear()
    SOURCES.update(before)


@pytest.fixture
def diary(settings: Settings) -> Iterator[Diary]:
    """The app and the owner of its database on one connection, so that nothing needs cleaning up."""
    with owned(settings) as connection, _heard(Diary(connection, connection)) as made:
        yield made


@pytest.fixture
def app_diary(live: databases.Live) -> Iterator[Diary]:
    """A database of one's own, in which many sessions of the app's role really commit."""
    with _heard(Diary(live.engine(grants.APP))) as made:
        yield made
