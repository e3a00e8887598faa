"""Content that people are judged by: a row under a code for ever; versions, named by their hash, never change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from lms.content.formats import File, Pack, Tally, digest
from lms.db import db


def _whole(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"body": body}


@dataclass(frozen=True)
class Versioned:
    """Where one kind of file is kept.

    An entry of such a file has a `code`, its `sources` and a `body()`: what is said, as plain values. The hash of the
    body tells versions apart; `columns` lays it into the columns of `version`, whose `parent` names the row.
    """

    row: type[Any]
    version: type[Any]
    parent: str
    columns: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _whole

    def bring(self, pack: Pack, files: Sequence[File[Any]], about: Callable[[Any], dict[str, Any]]) -> Tally:
        """Bring rows and newest versions to what the files say: other content is a new version, nothing is removed.

        `about` gives what the row itself says of an entry: its titles, whether it is retired …
        """
        tally = Tally()
        known = {row.code: row for row in db.session.scalars(sa.select(self.row))}
        newest = self._newest()
        for file in files:
            before = known.get(file.value.code)
            row, renamed = self._row(file.value.code, before, about(file.value))
            fresh = self._version(pack, file.value, row.id, newest.get(row.id))
            tally.note(created=before is None, changed=renamed or fresh)
        db.session.flush()
        return tally

    def _newest(self) -> dict[int, Any]:
        parent = getattr(self.version, self.parent)
        query = sa.select(self.version).ext(pg.distinct_on(parent)).order_by(parent, self.version.version.desc())
        return {getattr(version, self.parent): version for version in db.session.scalars(query)}

    def _row(self, code: str, row: Any, values: dict[str, Any]) -> tuple[Any, bool]:
        """The row under which the versions stand, and whether it says something else now."""
        if row is None:
            row = self.row(code=code, **values)
            db.session.add(row)
            db.session.flush()
            return row, False
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            row.updated_at = sa.func.clock_timestamp()
        return row, bool(changed)

    def _version(self, pack: Pack, entry: Any, row_id: int, before: Any) -> bool:
        """Add a version where the content is another than the newest version's; whether it is."""
        body = entry.body()
        hashed = digest(body)
        if before is not None and before.content_hash == hashed:
            return False
        made = self.version(
            **{self.parent: row_id},
            **self.columns(body),
            version=before.version + 1 if before else 1,
            sources=[pack.source(code) for code in entry.sources],
            content_hash=hashed,
        )
        db.session.add(made)
        return True
