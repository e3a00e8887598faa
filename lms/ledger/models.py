"""Tables of the ledger: hashes only. The words lie with whoever recorded them, sealed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from lms import vault
from lms.db import Model, utc
from lms.ledger.rules import HASH_BYTES


class LedgerEntry(Model):
    """One leaf of the Merkle tree; rows are gapless from 0 and never change."""

    __tablename__ = "ledger_entry"
    __signer__ = ("SELECT",)
    __append_only__ = True
    __database_fills__ = ("recorded_at",)
    __table_args__ = (
        sa.CheckConstraint("index >= 0", name="index_from_zero"),
        sa.CheckConstraint("octet_length(commitment) = 32", name="commitment_is_a_hash"),
        sa.CheckConstraint("octet_length(nodes) > 0 AND mod(octet_length(nodes), 32) = 0", name="nodes_are_hashes"),
    )

    id = None  # type: ignore[assignment]  # the index is the key
    index: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    commitment: orm.Mapped[bytes]
    #: The hashes of all tree nodes this entry completes, leaf first: what later roots and proofs need.
    nodes: orm.Mapped[bytes]
    recorded_at: orm.Mapped[utc]


def node_in(nodes: bytes, level: int) -> bytes:
    """One hash out of those that an entry completed."""
    return nodes[level * HASH_BYTES : (level + 1) * HASH_BYTES]


class LedgerHead(Model):
    """What the whole log was at some moment; also written to a file outside the database."""

    __tablename__ = "ledger_head"
    __signer__ = ("SELECT",)
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint("size > 0", name="size_positive"),
        sa.CheckConstraint("octet_length(root) = 32", name="root_is_a_hash"),
    )

    id = None  # type: ignore[assignment]  # one head a size
    size: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    root: orm.Mapped[bytes]
    at: orm.Mapped[utc]


class LedgerHeadSignature(Model):
    """The signer's word for a head: it goes on from every head that the signer signed before."""

    __tablename__ = "ledger_head_signature"
    __app__ = ("SELECT",)
    __signer__ = ("SELECT", "INSERT")
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint("octet_length(signature) = 64", name="signature_is_ed25519"),
        sa.CheckConstraint("key_id ~ '^[0-9a-f]{16}$'", name="key_named"),
    )

    id = None  # type: ignore[assignment]  # one signature a head
    size: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("ledger_head.size"), primary_key=True, autoincrement=False)
    key_id: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    signature: orm.Mapped[bytes]
    at: orm.Mapped[utc]


class LedgerBatch(Model):
    """Rows of one table that one entry commits to: the root over their hashes stands in its sealed words."""

    __tablename__ = "ledger_batch"
    __append_only__ = True
    __database_fills__ = ("at",)
    __table_args__ = (
        sa.CheckConstraint("rows > 0", name="rows_positive"),
        sa.CheckConstraint("octet_length(root) = 32", name="root_is_a_hash"),
        sa.Index(None, "sealed_table", "last"),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    sealed_table: orm.Mapped[str] = orm.mapped_column(sa.String(63))
    #: The columns that were hashed, in their order: a later column changes nothing in what was sealed before it.
    columns: orm.Mapped[list[str]] = orm.mapped_column(pg.ARRAY(sa.Text))
    rows: orm.Mapped[int]
    #: The highest id among them.
    last: orm.Mapped[int] = orm.mapped_column(sa.BigInteger)
    root: orm.Mapped[bytes]
    at: orm.Mapped[utc]
    ledger_index: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("ledger_entry.index"), unique=True)
    sealed: orm.Mapped[bytes]


class LedgerRow(Model):
    """The salted hash of one row of another table: so that the very row is named which was altered."""

    __tablename__ = "ledger_row"
    __append_only__ = True
    __table_args__ = (
        sa.CheckConstraint("octet_length(salt) = 32", name="salt_is_long"),
        sa.CheckConstraint("octet_length(digest) = 32", name="digest_is_a_hash"),
    )

    id = None  # type: ignore[assignment]  # one hash a row
    sealed_table: orm.Mapped[str] = orm.mapped_column(sa.String(63), primary_key=True)
    row_id: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    # Written before its batch, so that nobody waits at the ledger while thousands of rows go in.
    batch_id: orm.Mapped[UUID] = orm.mapped_column(
        sa.ForeignKey("ledger_batch.id", deferrable=True, initially="DEFERRED"), index=True
    )
    salt: orm.Mapped[bytes]
    digest: orm.Mapped[bytes]


class LedgerSubject(Model):
    """The key under which all words about one person are sealed; destroying it erases them.

    That it was destroyed is itself an entry of the ledger: nobody can hide an edit by losing a key.
    """

    __tablename__ = "ledger_subject"
    __signer__ = ("SELECT",)
    __table_args__ = (
        sa.CheckConstraint(
            "(sealed_key IS NULL) = (destroyed_at IS NOT NULL)"
            " AND (destroyed_at IS NULL) = (destroyed_index IS NULL)"
            " AND (destroyed_at IS NULL) = (destruction IS NULL)",
            name="destroyed_as_recorded",
        ),
    )

    id: orm.Mapped[UUID] = orm.mapped_column(primary_key=True)  # type: ignore[assignment]
    sealed_key: orm.Mapped[bytes | None]
    made_at: orm.Mapped[utc]
    destroyed_at: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))
    destroyed_index: orm.Mapped[int | None] = orm.mapped_column(sa.ForeignKey("ledger_entry.index"), unique=True)
    #: The sealed words of the entry that says so.
    destruction: orm.Mapped[bytes | None]


# ---- sealing -----------------------------------------------------------------------------------
# The first byte says whose key opens the words: the installation's, or that of the subject whose id follows.

_GENERAL, _SUBJECT = b"\0", b"\1"


def seal_words(plain: bytes, place: bytes, subject: UUID | None = None, key: bytes | None = None) -> bytes:
    """Seal words for one place in the ledger, under the subject's key or the installation's."""
    if subject is None or key is None:
        return _GENERAL + vault.current().seal(plain, place)
    return _SUBJECT + subject.bytes + vault.seal_under(key, plain, place)


def subject_in(sealed: bytes | None) -> UUID | None:
    """Whose key opens these words; None for the installation's. Raises CannotOpen."""
    if sealed is None:  # a column that may be empty, beside an entry that was put in
        raise vault.CannotOpen
    if sealed[:1] == _GENERAL:
        return None
    if sealed[:1] != _SUBJECT or len(sealed) < 17:
        raise vault.CannotOpen
    return UUID(bytes=sealed[1:17])


def open_words(sealed: bytes, place: bytes, key: bytes | None) -> bytes:
    """The words sealed for this place; raises CannotOpen if anything was changed."""
    if sealed[:1] == _GENERAL:
        return vault.current().open(sealed[1:], place)
    if key is None:
        raise vault.CannotOpen
    return vault.open_under(key, sealed[17:], place)


def place_of(kind: str, index: int) -> bytes:
    """What seals words to their place, so that they open nowhere else."""
    return f"ledger:{kind}:{index}".encode()


def new_sealed_key(subject: UUID) -> bytes:
    """A fresh key for one subject, itself sealed by the installation's vault."""
    return vault.current().seal(vault.new_key(), b"ledger-subject:" + subject.bytes)


def open_key(subject: UUID, sealed_key: bytes) -> bytes:
    """The subject's key; raises CannotOpen."""
    return vault.current().open(sealed_key, b"ledger-subject:" + subject.bytes)
