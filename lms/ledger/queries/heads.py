"""Heads: what the log was said to be, when, by whom, and whether those who should know it do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from lms.ledger import rules
from lms.ledger.models import LedgerHead, LedgerHeadSignature

#: Gives the public keys of those who sign heads, by key id; filled in wiring.py.
SIGNERS: Final[dict[str, Callable[[orm.Session], Mapping[str, bytes]]]] = {}
#: So many are read at once.
_PAGE: Final = 50
#: Until then a head may still be on its way to a witness.
ON_ITS_WAY: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Head:
    """What the log was said to be, and by whom; signed where there is a key."""

    size: int
    root: bytes
    kept_by: str
    at: str = ""
    key_id: str = ""
    signature: bytes = b""


def public_keys(session: orm.Session) -> dict[str, bytes]:
    """The keys with which heads may be signed."""
    return {name: key for known in SIGNERS.values() for name, key in known(session).items()}


def wrong_signature(head: Head, keys: Mapping[str, bytes]) -> str | None:
    """Why the signature of a head is not believed; None for a good one, and for a head that nobody signed."""
    if not head.signature:
        return None
    if head.key_id not in keys:
        return f"is signed by {head.key_id}, a key that nobody published"
    if not rules.signature_holds(keys[head.key_id], head.signature, rules.head_words(head.size, head.root, head.at)):
        return "carries a signature that is not the key's"
    return None


def _heads() -> sa.Select[int, bytes, datetime, str, bytes]:
    head, signed = LedgerHead, LedgerHeadSignature
    query = sa.select(head.size, head.root, head.at, signed.key_id, signed.signature)
    return query.outerjoin(signed, signed.size == head.size)


def _read(rows: Sequence[Any]) -> list[Head]:
    return [Head(size, root, "", moment(at), key or "", sig or b"") for size, root, at, key, sig in rows]


def moment(at: datetime) -> str:
    """A moment as heads say it, whatever the time zone of the connection."""
    return at.astimezone(UTC).isoformat()


def stored_heads(session: orm.Session) -> Iterator[Head]:
    """All heads that were written down in the database."""
    yield from _read(session.execute(_heads()).all())


def heads_after(session: orm.Session, size: int, most: int = 10_000) -> list[Head]:
    """Heads of a longer log than this, oldest first."""
    query = _heads().where(LedgerHead.size > size).order_by(LedgerHead.size).limit(most)
    return _read(session.execute(query).all())


def newest_head(session: orm.Session) -> Head | None:
    """The newest head written down."""
    found = _read(session.execute(_heads().order_by(LedgerHead.size.desc()).limit(1)).all())
    return found[0] if found else None


def newest_signed_head(session: orm.Session) -> Head | None:
    """The newest head that the signer signed."""
    query = _heads().where(LedgerHeadSignature.size.is_not(None)).order_by(LedgerHead.size.desc()).limit(1)
    found = _read(session.execute(query).all())
    return found[0] if found else None


def signed_until(session: orm.Session, moment: datetime) -> Iterator[tuple[datetime, Head]]:
    """The heads signed up to a moment, the longest log first, each with the database's time of its signature."""
    signed, below = LedgerHeadSignature, sa.true()
    while True:
        query = _heads().add_columns(signed.at).where(signed.at <= moment, below)
        rows = session.execute(query.order_by(LedgerHead.size.desc()).limit(_PAGE)).all()
        for *words, at in rows:
            yield at, _read([words])[0]
        if len(rows) < _PAGE:
            return
        below = LedgerHead.size < rows[-1].size


def gap(session: orm.Session, kept: Sequence[Head]) -> int | None:
    """The size of a head that a witness was told and does not know, or that it knows and the database does not.

    The one was cut, emptied or replaced; the other lost a row. Heads of a longer log are for `verify`.
    """
    first = min((head.size for head in kept), default=0)
    told = sa.select(LedgerHead.size).where(LedgerHead.size >= first).order_by(LedgerHead.size)
    told = told.where(LedgerHead.at < sa.func.clock_timestamp() - ON_ITS_WAY)
    known = {head.size for head in kept}
    missed = next((size for size in session.scalars(told) if size not in known), None)
    return missed if missed is not None else _forgotten(session, kept)


def _forgotten(session: orm.Session, kept: Sequence[Head]) -> int | None:
    """A head, or its signature, that a witness has and the database has no longer."""
    here = set(session.scalars(sa.select(LedgerHead.size)))
    signed = set(session.scalars(sa.select(LedgerHeadSignature.size)))
    lost = (one.size for one in kept if one.size not in here or (one.signature and one.size not in signed))
    return min(lost, default=None)


def stray_signature(session: orm.Session) -> int | None:
    """A signature over a head that is not there."""
    heads = sa.exists().where(LedgerHead.size == LedgerHeadSignature.size)
    query = sa.select(LedgerHeadSignature.size).where(~heads).order_by(LedgerHeadSignature.size).limit(1)
    return session.scalar(query)
