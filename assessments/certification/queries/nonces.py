"""The signer's nonce: what it published last, which nobody could know before, and nobody can use long after."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy import orm

from assessments.certification.models import SignerKey
from assessments.certification.rules.acts import first_nonce, head_nonce
from lms.ledger import queries as ledger
from lms.ledger import rules as merkle
from lms.ledger.queries import Head

#: How long a nonce still serves once the next was published. Heads follow one another by the minute, so that a second
#: would do; a day lets an act stand that was begun on a page, or on a replica of the database, which lagged behind.
SERVES: Final = timedelta(hours=24)
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


def of_head(head: Head) -> bytes:
    """The nonce while this head is the newest that was signed."""
    return head_nonce(merkle.head_words(head.size, head.root, head.at), head.key_id, head.signature)


def newest(session: orm.Session) -> bytes:
    """The signer's nonce now: of the newest head it signed.

    On a fresh installation there is no such head: then it is a fixed value made from the id of the signer's newest
    key, or from nothing while the signer has not run. The signer accepts that one only of acts from before its first
    head, or from the day after it.
    """
    head = ledger.newest_signed_head(session)
    if head is not None:
        return of_head(head)
    key = session.scalar(sa.select(SignerKey.key_id).order_by(SignerKey.id.desc()).limit(1))
    return first_nonce(key or "")


def was_current(session: orm.Session, nonce: bytes, at: datetime) -> bool:
    """Whether this was the signer's nonce at some moment of the day before `at`, by the database's clock.

    The newest head serves for as long as no other was signed, so that a signer that stood still spoils no act.
    """
    for since, one in _before(session, at):
        if one == nonce:
            return True
        if since <= at - SERVES:
            return False
    return False


def _before(session: orm.Session, at: datetime) -> Iterator[tuple[datetime, bytes]]:
    """The signer's nonces up to a moment, newest first, each with when it began to serve."""
    keys = ledger.public_keys(session)
    for since, head in ledger.signed_until(session, at):
        if ledger.wrong_signature(head, keys) is None:
            yield since, of_head(head)
    query = sa.select(SignerKey.made_at, SignerKey.key_id).where(SignerKey.made_at <= at)
    for since, key_id in session.execute(query.order_by(SignerKey.id.desc())):
        yield since, first_nonce(key_id)
    yield ALWAYS, first_nonce("")
