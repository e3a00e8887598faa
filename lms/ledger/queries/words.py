"""The words: who keeps them, and how they are opened again."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.ledger import models
from lms.ledger.models import LedgerSubject
from lms.ledger.rules import SALT_BYTES


@dataclass(frozen=True)
class Kept:
    """Words as somebody keeps them: sealed, beside columns that must say the same."""

    index: int
    sealed: bytes
    at: datetime | None = None
    columns: Mapping[str, object] = field(default_factory=dict)


#: Gives the words of one kind for the entries from `first` up to and without `end`.
Source = Callable[[orm.Session, int, int], Iterable[Kept]]

#: Who keeps the words of which kind of entry; filled in wiring.py.
SOURCES: dict[str, Source] = {}


@dataclass(frozen=True)
class Opened:
    """Words that were opened, with the salt that makes them checkable."""

    salt: bytes
    text: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The text as it was committed to: `at`, `kind` and `words`."""
        return json.loads(self.text)  # type: ignore[no-any-return]


class Erased(Exception):
    """The words are gone because the key of the person they were about was destroyed."""


class Keys:
    """The keys of subjects, read once each."""

    def __init__(self, session: orm.Session) -> None:
        self._session = session
        self._rows: dict[UUID, tuple[bytes | None, int | None] | None] = {}

    def load(self, wanted: Collection[UUID]) -> None:
        """Read the keys of many subjects at once."""
        new = set(wanted) - self._rows.keys()
        if new:
            columns = LedgerSubject.id, LedgerSubject.sealed_key, LedgerSubject.destroyed_index
            query = sa.select(*columns).where(LedgerSubject.id.in_(new))
            self._rows.update(dict.fromkeys(new))
            self._rows.update({one: (key, gone) for one, key, gone in self._session.execute(query)})

    def load_for(self, sealed: Iterable[bytes]) -> None:
        """Read the keys that open these words."""
        found = set()
        for words in sealed:
            try:
                found.add(models.subject_in(words))
            except vault.CannotOpen:
                continue  # said when they are opened
        self.load([subject for subject in found if subject is not None])

    def open(self, kind: str, index: int, sealed: bytes) -> Opened:
        """The words sealed at this place; raises Erased, or CannotOpen."""
        subject = models.subject_in(sealed)
        key = None if subject is None else self._key(subject)
        plain = models.open_words(sealed, models.place_of(kind, index), key)
        return Opened(plain[:SALT_BYTES], plain[SALT_BYTES:])

    def _key(self, subject: UUID) -> bytes:
        self.load([subject])
        sealed_key, destroyed = self._rows[subject] or (None, None)
        if sealed_key is not None:
            return models.open_key(subject, sealed_key)
        if destroyed is None:  # lost, and nobody recorded why
            raise vault.CannotOpen
        raise Erased


def open_words(session: orm.Session, kind: str, index: int, sealed: bytes) -> Opened | None:
    """The words of one entry, or None if they were erased; raises CannotOpen if they were changed."""
    try:
        return Keys(session).open(kind, index, sealed)
    except Erased:
        return None


def destroyed_keys(session: orm.Session, first: int, end: int) -> Iterable[Kept]:
    """The ledger's own words: that the key of a person was destroyed."""
    row = LedgerSubject
    query = sa.select(row.id, row.destroyed_index, row.destruction, row.destroyed_at).where(
        row.destroyed_index >= first, row.destroyed_index < end
    )
    for subject, index, sealed, at in session.execute(query):
        yield Kept(index or 0, sealed or b"", at, {"subject": str(subject)})
