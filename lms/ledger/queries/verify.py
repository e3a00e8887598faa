"""Verification: the whole log recomputed from its first leaf, against heads, words and columns."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.ledger import rules
from lms.ledger.models import LedgerBatch, LedgerEntry
from lms.ledger.queries import heads, rows, tree
from lms.ledger.queries.heads import Head
from lms.ledger.queries.words import SOURCES, Erased, Kept, Keys, Opened

CHUNK: Final = 1000
#: The database writes the time of a row itself, a little after the words were given theirs.
SLACK: Final = timedelta(seconds=60)
_END: Final = 2**63 - 1


@dataclass(frozen=True)
class Finding:
    """What verification found: that all holds, or the first entry that does not, and why."""

    holds: bool
    entries: int = 0
    opened: int = 0
    erased: int = 0
    heads: int = 0
    witnessed: int = 0
    root: str = ""
    #: Of heads signed by the signer, here and elsewhere; rows committed to, and those that wait for it.
    signed: int = 0
    rows: int = 0
    unsealed: int = 0
    #: Entries that are missing since a restore, where that was said.
    lost: int = 0
    index: int | None = None
    until: int | None = None
    kind: str | None = None
    why: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines: only what has something to say."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class _Broken(Exception):
    def __init__(self, index: int, why: str, kind: str | None = None, until: int | None = None):
        super().__init__(why)
        self.finding = Finding(False, index=index, why=why, kind=kind, until=until)


def verify(
    session: orm.Session, witnessed: Iterable[Head] = (), chunk: int = CHUNK, *, restored: bool = False
) -> Finding:
    """Recompute everything; `witnessed` are heads kept outside the database.

    With `restored` (to an earlier moment, by who says so) a head of a longer log counts as lost, not as broken.
    """
    size, known = tree.size(session), [*heads.stored_heads(session), *witnessed]
    lost = max(max((head.size for head in known), default=0) - size, 0) if restored else 0
    if restored:
        known = [head for head in known if head.size <= size]
    try:
        return replace(_Walk(session, size, known, chunk).run(), lost=lost)
    except _Broken as broken:
        return broken.finding


class _Walk:
    """One walk from leaf 0; entries appended meanwhile are left for the next walk."""

    def __init__(self, session: orm.Session, size: int, known: list[Head], chunk: int) -> None:
        self.session, self.size, self.chunk = session, size, chunk
        self.log, self.keys, self.signers = rules.Frontier(), Keys(session), heads.public_keys(session)
        self.opened = self.erased = self.heads = self.witnessed = self.signed = 0
        self.agreed = {False: 0, True: 0}  # up to where any head, and up to where one kept elsewhere agreed
        self.awaited: dict[int, list[Head]] = {}
        for head in known:
            self.awaited.setdefault(head.size, []).append(head)

    def run(self) -> Finding:
        self.compare()
        for first in range(0, self.size, self.chunk):
            end = min(first + self.chunk, self.size)
            self.walk(first, end)
            self.look_at_rows(first, end)
        self.look_beyond()
        self.look_behind()
        counted = sa.select(sa.func.coalesce(sa.func.sum(LedgerBatch.rows), 0))
        sealed = int(self.session.scalar(counted.where(LedgerBatch.ledger_index < self.size)) or 0)
        found = Finding(True, self.size, self.opened, self.erased, self.heads, self.witnessed, self.log.root().hex())
        return replace(found, signed=self.signed, rows=sealed, unsealed=rows.waiting(self.session))

    def look_at_rows(self, first: int, end: int) -> None:
        """The rows that these entries commit to must still say what they did."""
        fault = rows.fault_in(self.session, first, end)
        if fault is not None:
            raise _Broken(fault[0], fault[1], rows.ROWS)

    def look_behind(self) -> None:
        """No row may claim to have been there when others were committed to, if nobody committed to it."""
        for model in rows.sealed_models():
            number = rows.backdated(self.session, model)
            if number is not None:
                why = f"{model.__tablename__} {number} was put in later, with an earlier time"
                raise _Broken(self.size, why, rows.ROWS)

    def walk(self, first: int, end: int) -> None:
        """Entries first … end - 1, in one statement for the tree and one for each kind of words."""
        table = LedgerEntry
        query = sa.select(table.index, table.kind, table.commitment, table.nodes, table.recorded_at).where(
            table.index >= first, table.index < end
        )
        entries = {row[0]: row[1:] for row in self.session.execute(query)}
        kept = _kept(self.session, first, end)
        self.keys.load_for(one.sealed for here in kept.values() for one in here.values())
        for index in range(first, end):
            if index not in entries:
                raise _Broken(index, "the entry is missing")
            kind, commitment, nodes, recorded_at = entries[index]
            self.grow(index, kind, commitment, nodes)
            self.hear(index, kind, commitment, recorded_at, kept.get(index, {}))
            self.compare()

    def grow(self, index: int, kind: str, commitment: bytes, nodes: bytes) -> None:
        """The entry must complete the nodes that stand beside it."""
        self.log, completed = self.log.append(commitment)
        if b"".join(completed) != nodes:
            raise _Broken(index, "the entry is not the one whose hashes stand in the tree", kind)

    def hear(self, index: int, kind: str, commitment: bytes, recorded_at: datetime, kept: dict[str, Kept]) -> None:
        """The words must be those committed to, at the place and time they were."""
        if kept.keys() - {kind}:
            raise _Broken(index, "other words claim its place too", kind)
        if kind not in kept:
            why = "its words are missing" if kind in SOURCES else "nobody keeps words of this kind"
            raise _Broken(index, why, kind)
        words = kept[kind]
        try:
            opened = self.keys.open(kind, index, words.sealed)
        except Erased:
            self.erased += 1
            return
        except vault.CannotOpen:
            raise _Broken(index, "its words were altered and do not open", kind) from None
        if rules.commitment(opened.salt, opened.text) != commitment:
            raise _Broken(index, "its words are not those committed to", kind)
        if wrong := _contradiction(opened, kind, recorded_at, words):
            raise _Broken(index, wrong, kind)
        self.opened += 1

    def compare(self) -> None:
        """Every head of this size must have this root."""
        here = self.awaited.pop(self.log.size, [])
        for head in here:
            if head.root != self.log.root():
                # Each entry agrees with itself: one of these, or the head, was written anew. Heads kept
                # here may have been written anew too, so that those kept elsewhere trust only their like.
                first, last = self.agreed[bool(head.kept_by)], max(self.log.size - 1, 0)
                why = f"entries {first} to {last} do not lead to the head {_by(head)}"
                raise _Broken(first, why, until=last)
            if wrong := heads.wrong_signature(head, self.signers):
                raise _Broken(max(self.log.size - 1, 0), f"the head {_by(head)} {wrong}")
            self.signed += bool(head.signature)
            self.heads += not head.kept_by
            self.witnessed += bool(head.kept_by)
        for head in here:
            self.agreed[False] = self.log.size
            self.agreed[True] = self.log.size if head.kept_by else self.agreed[True]

    def look_beyond(self) -> None:
        """No head and no words may speak of entries that are not there."""
        now = max(self.size, tree.size(self.session))
        for size in sorted(size for size in self.awaited if size > now):
            head = self.awaited[size][0]
            raise _Broken(now, f"the rest is missing: the head {_by(head)} knows {size} entries")
        if stray := heads.stray_signature(self.session):
            raise _Broken(min(stray, now) - 1, f"the head of {stray} was signed and is missing")
        beyond = [index for index in _kept(self.session, now, _END) if index >= now]
        if beyond and min(beyond) >= tree.size(self.session):
            raise _Broken(min(beyond), "words claim this place, but the entry is missing")


def _by(head: Head) -> str:
    return f"of {head.size} ({head.kept_by})" if head.kept_by else f"of {head.size}"


def _kept(session: orm.Session, first: int, end: int) -> dict[int, dict[str, Kept]]:
    found: dict[int, dict[str, Kept]] = {}
    for kind, source in SOURCES.items():
        for kept in source(session, first, end):
            here = found.setdefault(kept.index, {})
            here[f"{kind} again" if kind in here else kind] = kept
    return found


def _contradiction(opened: Opened, kind: str, recorded_at: datetime, kept: Kept) -> str | None:
    """What beside the words does not say the same as the words."""
    document = opened.document
    at = datetime.fromisoformat(document["at"])
    if document["kind"] != kind:
        return "its kind was altered"
    for moment in (recorded_at, kept.at or at):
        if abs(moment.astimezone(UTC) - at) > SLACK:
            return "its time was altered"
    for name, value in kept.columns.items():
        if document["words"].get(name) != value:
            return f"{name} was altered"
    return None
