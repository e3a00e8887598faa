"""Marks in the ledger: whoever changes, adds or removes one, even as the database's owner, is found."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import rfc8785
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from assessments.results.models import Result, ResultBatch
from assessments.results.queries import sealed
from config import Settings
from lms.db import db
from lms.ledger.queries import verify
from lms.ledger.rules import root_of


@pytest.fixture
def app(built: Flask, settings: Settings) -> Iterator[Flask]:
    """The application in the hands of the database's owner, who may change what nobody else may; all is thrown away."""
    with built.app_context():
        maker = db.sessionmaker
    before = dict(maker.kw)
    owner = sa.create_engine(settings.database_owner_url, poolclass=sa.NullPool)
    with owner.connect() as connection:
        outer = connection.begin()
        maker.configure(binds=None, bind=connection, join_transaction_mode="create_savepoint")
        try:
            yield built
        finally:
            maker.kw.clear()
            maker.kw.update(before)
            outer.rollback()


@pytest.fixture
def recorded(record_all, mark, session, world):
    """Two batches of marks; the ids of the second."""
    record_all([mark(world.a.doctor, 1)])
    record_all([mark(world.a.doctor, n) for n in range(10, 15)])
    session.commit()
    return list(session.scalars(sa.select(Result.id).where(Result.source_id >= "10").order_by(Result.id)))


def test_what_stands_is_what_was_committed_to(recorded, session) -> None:
    finding = verify(session)
    assert (finding.holds, finding.why) == (True, None)
    batches = session.scalars(sa.select(ResultBatch).order_by(ResultBatch.ledger_index)).all()
    assert [one.opening for one in batches] == [False, True, False]
    assert [tree.columns["marks"] for tree in sealed.kept(session, 0, 10_000)] == [1, 0, 5]


CHANGES = {
    "value": "value = 99",
    "day": "on_day = on_day - 1",
    "assessor": "assessor_id = person_id",
    "person": "person_id = (SELECT max(id) FROM person)",
    "critical failure": "critical_failure = true",
    "valid until": "valid_until = '2099-01-01'",
    "source": "source_hash = sha256('x')",
    "moved to another batch": "batch_id = (SELECT id FROM result_batch ORDER BY ledger_index LIMIT 1)",
    "moved out of all batches": "batch_id = NULL",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_mark_is_found(recorded, session, change) -> None:
    session.execute(sa.text(f"UPDATE result SET {change} WHERE id = {recorded[2]}"))
    finding = verify(session)
    assert (finding.holds, finding.kind) == (False, sealed.BATCH)
    assert finding.why == f"mark {recorded[2]} was altered"


def test_a_removed_mark_is_found(recorded, session) -> None:
    session.execute(sa.text(f"DELETE FROM result WHERE id = {recorded[-1]}"))
    assert verify(session).why == f"mark {recorded[-1]} was altered"


def test_who_changes_the_hashes_beside_the_mark_is_found_too(recorded, session, world) -> None:
    session.execute(sa.text(f"UPDATE result SET value = 99 WHERE id = {recorded[2]}"))
    batch = session.get_one(Result, recorded[0]).batch_id
    session.execute(sa.update(ResultBatch).values(leaves=sealed.tree_of(session, batch).packed()))
    assert not verify(session).holds


@pytest.mark.parametrize("batch", ["batch_id", "NULL"])
def test_an_added_mark_is_found(recorded, session, batch) -> None:
    names = "person_id, institution_id, kind, value, on_day, source_kind, source_hash"
    copy = f"INSERT INTO result ({names}, source_id, batch_id) SELECT {names}, 'forged', {batch} FROM result"
    session.execute(sa.text(f"{copy} WHERE id = {recorded[0]}"))
    finding = verify(session)
    assert (finding.holds, finding.kind) == (False, sealed.BATCH)
    assert finding.why.startswith("mark ")


def test_marks_from_before_there_were_batches_are_sealed_with_the_first(record_all, mark, session, world) -> None:
    old = {"person_id": world.a.doctor, "institution_id": world.a.township, "kind": "theory_exam"}
    old |= {"value": 60, "on_day": date(2026, 1, 2), "source_kind": "old", "source_id": "1", "source_hash": bytes(32)}
    session.execute(sa.insert(Result), [old])
    session.commit()
    record_all([mark(world.a.doctor, 1)])
    assert verify(session).holds
    session.execute(sa.text("UPDATE result SET value = 99 WHERE source_kind = 'old'"))
    assert verify(session).why == f"mark {session.scalar(sa.select(sa.func.min(Result.id)))} was altered"


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 2**53 - 1),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dates(),
    st.binary(max_size=32),
    st.decimals(0, 1000, places=3),
)


@given(st.lists(VALUES, min_size=len(sealed.COLUMNS), max_size=len(sealed.COLUMNS)))
def test_a_leaf_is_the_one_canonical_form(row) -> None:
    plain = [
        value.isoformat() if isinstance(value, date) else value.hex() if isinstance(value, bytes) else value
        for value in (str(one) if isinstance(one, Decimal) else one for one in row)
    ]
    assert sealed.leaf(row) == rfc8785.dumps(dict(zip(sealed.COLUMNS, plain, strict=True)))


def test_moments_are_written_in_one_zone() -> None:
    row = [None] * len(sealed.COLUMNS)
    row[sealed.COLUMNS.index("recorded_at")] = datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert b'"recorded_at":"2026-01-02T03:00:00.000000+00:00"' in sealed.leaf(row)


def test_the_tree_is_the_ledgers_own(recorded, session) -> None:
    batch = session.get_one(Result, recorded[0]).batch_id
    names = ", ".join(sealed.COLUMNS)
    rows = session.execute(sa.text(f"SELECT {names} FROM result WHERE batch_id = :b ORDER BY id"), {"b": batch})
    assert sealed.tree_of(session, batch).root == root_of(map(sealed.leaf, rows))
