"""Rows of other tables: every field is committed to, and the very row is named which does not say what it did."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lms.content.models import ContentLoad
from lms.db import Model
from lms.ledger import formats, queries, rules, services, verifier
from lms.ledger.queries import ROOMS, SOURCES, Finding
from tests.lms.ledger.conftest import Diary

INSERT = sa.text(
    "INSERT INTO content_load (pack, version, digest, changes) "
    "SELECT 'pack-' || n, '版本', sha256(n::text::bytea), '{}' FROM generate_series(1, :n) n RETURNING id"
)


class Shelf:
    """A room of append-only rows, in the hands of the database's owner."""

    def __init__(self, diary: Diary) -> None:
        self.diary = diary

    def put(self, number: int) -> list[int]:
        return sorted(self.diary.owner.execute(INSERT, {"n": number}).scalars())

    def seal(self, *, whole: bool = False) -> int:
        with self.diary.session() as session:
            return services.seal_rows(session, whole=whole)

    def verify(self) -> Finding:
        return self.diary.verify()

    def meddle(self, statement: str, **values: object) -> None:
        assert self.diary.meddle(statement, **values)


@pytest.fixture
def shelf(diary: Diary, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    before = set(ROOMS)
    ROOMS.clear()
    ROOMS.add("lms.content")
    SOURCES[queries.ROWS] = queries.batches
    yield Shelf(diary)
    ROOMS.clear()
    ROOMS.update(before)


def test_rows_are_committed_to_once(shelf: Shelf) -> None:
    ids = shelf.put(5)
    assert shelf.seal() == 5
    assert shelf.seal() == 0
    more = shelf.put(2)
    found = shelf.verify()
    assert (found.holds, found.entries, found.rows, found.unsealed) == (True, 1, 5, 2)
    assert shelf.seal(whole=True) == 2
    assert shelf.verify().rows == 7
    with shelf.diary.session() as session:
        assert queries.last_batch(session, "content_load") is not None
        assert queries.last_batch(session, "content_load").id == max(*ids, *more)  # type: ignore[union-attr]


def test_many_rows_are_several_batches(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 3)
    shelf.put(8)
    assert shelf.seal() == 8
    assert (shelf.verify().entries, shelf.verify().rows) == (3, 8)


EDITS = [
    ("UPDATE content_load SET pack = 'x' WHERE id = :id", "content_load {id} was altered"),
    ("UPDATE content_load SET changes = '{\"a\": 1}' WHERE id = :id", "content_load {id} was altered"),
    ("UPDATE content_load SET digest = sha256('x') WHERE id = :id", "content_load {id} was altered"),
    (
        "UPDATE content_load SET loaded_at = loaded_at + interval '1 microsecond' WHERE id = :id",
        "content_load {id} was altered",
    ),
    ("DELETE FROM content_load WHERE id = :id", "content_load {id} is missing"),
    ("UPDATE ledger_row SET digest = sha256('x') WHERE row_id = :id", "content_load {id} was altered"),
    ("DELETE FROM ledger_row WHERE row_id = :id", "1 hashes of rows of content_load are missing"),
    ("UPDATE ledger_row SET row_id = -row_id WHERE row_id = :id", "content_load -{id} is missing"),
    ("DELETE FROM ledger_batch WHERE last = :id", "its words are missing"),
    ("UPDATE ledger_batch SET root = sha256('x') WHERE last = :id", "root was altered"),
    ("UPDATE ledger_batch SET columns = '{id}' WHERE last = :id", "columns was altered"),
    ("UPDATE ledger_batch SET rows = 1 WHERE last = :id", "rows was altered"),
]


@pytest.mark.parametrize(("statement", "why"), EDITS)
def test_what_was_changed_is_named(shelf: Shelf, statement: str, why: str) -> None:
    last = shelf.put(4)[-1]
    shelf.seal()
    shelf.diary.write("a note after it")
    shelf.meddle(statement, id=last)
    found = shelf.verify()
    assert (found.holds, found.index, found.why) == (False, 0, why.format(id=last))


def test_a_row_altered_with_its_hash_is_told_by_the_root(shelf: Shelf) -> None:
    ids = shelf.put(4)
    shelf.seal()
    shelf.meddle("UPDATE content_load SET pack = 'x' WHERE id = :id", id=ids[1])
    with shelf.diary.session() as session:
        said = sa.select(*queries.texts(ContentLoad.__table__, queries.names_of(ContentLoad)))
        values = session.execute(said.where(ContentLoad.id == ids[1])).one()
        salt = session.get_one(services.sealing.LedgerRow, ("content_load", ids[1])).salt
    digest = rules.commitment(salt, queries.row_words(list(values)))
    shelf.meddle("UPDATE ledger_row SET digest = :digest WHERE row_id = :id", digest=digest, id=ids[1])
    found = shelf.verify()
    assert (found.holds, found.why) == (
        False,
        f"content_load {ids[0]} to {ids[-1]}: one was altered together with its hash",
    )


def test_two_rows_that_changed_places_are_seen(shelf: Shelf) -> None:
    one, other = shelf.put(2)
    shelf.seal()
    swap = "UPDATE content_load a SET pack = b.pack, digest = b.digest FROM content_load b"
    shelf.meddle(f"{swap} WHERE (a.id, b.id) IN ((:one, :other), (:other, :one))", one=one, other=other)
    assert shelf.verify().why == f"content_load {one} was altered"


def test_a_row_that_was_put_in_later_with_an_earlier_time_is_never_committed_to(shelf: Shelf) -> None:
    shelf.put(3)
    shelf.seal()
    (late,) = shelf.put(1)
    shelf.meddle("UPDATE content_load SET loaded_at = loaded_at - interval '2 hours' WHERE id = :id", id=late)
    assert shelf.seal(whole=True) == 0
    found = shelf.verify()
    assert (found.holds, found.why) == (False, f"content_load {late} was put in later, with an earlier time")


def test_a_column_that_comes_later_changes_nothing_in_what_stands(shelf: Shelf) -> None:
    shelf.put(3)
    shelf.seal()
    shelf.diary.owner.exec_driver_sql("ALTER TABLE content_load ADD COLUMN more text DEFAULT 'x'")
    assert shelf.verify().holds


def test_a_column_that_was_committed_to_cannot_go(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put(1)
    shelf.seal()
    shelf.diary.owner.exec_driver_sql("UPDATE ledger_batch SET sealed_table = 'nowhere'")
    assert shelf.verify().why == "table was altered"


def test_one_row_can_be_proved_to_somebody_outside(shelf: Shelf, tmp_path: Path) -> None:
    ids = shelf.put(5)
    shelf.diary.write("before")
    shelf.seal()
    for number in ids:
        with shelf.diary.session() as session:
            row = queries.row_proof(session, "content_load", number)
            assert row is not None
            proof = queries.proof(session, row.index)
            kept = next(iter(queries.batches(session, row.index, row.index + 1)))
            opened = queries.open_words(session, queries.ROWS, row.index, kept.sealed)
        line = {**formats.proof_line(proof, opened), "row": formats.row_line(row)}
        path = tmp_path / "row.json"
        path.write_text(json.dumps(line), encoding="utf-8")
        found = verifier.check_proof(str(path))
        assert (found["holds"], found["table"], found["row"]["id"]) == (True, "content_load", str(number))
        assert found["row"]["version"] == "版本"
        forged = line["row"]["text"].replace("版本", "假本")
        for bent in ({"text": forged}, {"id": number + 1}, {"place": 7}, {"table": "result"}, {"proof": []}):
            path.write_text(json.dumps(line | {"row": line["row"] | bent}), encoding="utf-8")
            with pytest.raises(verifier.Broken, match="not one of those"):
                verifier.check_proof(str(path))


def test_nobody_can_prove_a_row_that_waits(shelf: Shelf) -> None:
    (waits,) = shelf.put(1)
    with shelf.diary.session() as session:
        assert queries.row_proof(session, "content_load", waits) is None


def test_the_text_of_a_row_is_the_same_whatever_the_connection(shelf: Shelf) -> None:
    shelf.put(3)
    shelf.seal()
    for setting in (
        "TimeZone = 'Asia/Shanghai'",
        "DateStyle = 'ISO, DMY'",
        "bytea_output = 'escape'",
        "lc_numeric = 'C'",
    ):
        shelf.diary.owner.exec_driver_sql(f"SET LOCAL {setting}")
    assert shelf.verify().holds


def test_every_sealed_table_has_a_number_and_a_time() -> None:
    """What the batches rest on; it fails for a table of certification that has neither."""
    before = set(ROOMS)
    ROOMS.add("assessments.certification")
    try:
        models = queries.sealed_models()
    finally:
        ROOMS.clear()
        ROOMS.update(before)
    assert {"certificate", "star_decision", "policy_version", "signer_key"} <= {one.__tablename__ for one in models}
    odd = [one.__tablename__ for one in models if not isinstance(one.__table__.c.id.type, sa.BigInteger)]
    assert odd == []
    assert all(isinstance(one, type) and issubclass(one, Model) for one in models)
