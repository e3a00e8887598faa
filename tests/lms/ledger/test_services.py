"""Appending: gapless, one after the other, in few statements, and readable only with the key."""

import threading
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import orm

from lms import vault
from lms.ledger import models, queries, rules, services
from lms.ledger.models import LedgerEntry, LedgerSubject
from tests.lms.ledger.conftest import KIND, Diary


def commitments(diary: Diary) -> list[bytes]:
    with diary.session() as session:
        return list(session.scalars(sa.select(LedgerEntry.commitment).order_by(LedgerEntry.index)))


def test_an_empty_ledger(diary: Diary) -> None:
    with diary.session() as session:
        assert queries.size(session) == 0
        assert queries.frontier(session) == rules.Frontier()
        assert queries.root(session, 0) == rules.EMPTY_ROOT
        assert services.append_many(session, []) == []
        assert services.write_head(session) is None


def test_entries_are_numbered_without_gaps_and_make_the_defined_root(diary: Diary) -> None:
    assert diary.write("a") == [0]
    assert diary.write("b", "c", "d") == [1, 2, 3]
    for size in range(4, 21):
        with diary.session() as session:
            log = queries.frontier(session)
            assert log.size == queries.size(session) == size
            assert log.root() == queries.root(session, size) == rules.root_of(commitments(diary))
        diary.write(str(size))


def test_words_are_committed_to_and_can_be_opened_again(diary: Diary) -> None:
    diary.write("先", "后", about=uuid4())
    with diary.session() as session:
        opened = queries.open_words(session, KIND, 1, diary.notes[1].sealed)
        assert opened is not None
        assert opened.document["words"] == {"note": "后"}
        assert opened.document["kind"] == KIND
        assert rules.commitment(opened.salt, opened.text) == commitments(diary)[1]
        with pytest.raises(vault.CannotOpen):  # nowhere else
            queries.open_words(session, KIND, 0, diary.notes[1].sealed)


def test_the_same_words_do_not_look_the_same(diary: Diary) -> None:
    diary.write("same", "same")
    one, two = commitments(diary)
    assert one != two


def test_what_was_rolled_back_leaves_no_gap(diary: Diary) -> None:
    diary.write("a")
    with diary.session() as session:
        services.append(session, KIND, {"note": "never"})
        session.rollback()
    assert diary.write("b") == [1]
    assert diary.verify().holds


def test_appending_is_a_constant_number_of_statements_and_a_logarithm_of_rows(diary: Diary) -> None:
    about = uuid4()
    sent: list[str] = []

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "SAVEPOINT" not in statement:
            sent.append(statement)

    def cost(count: int) -> int:
        sent.clear()
        diary.write(*map(str, range(count)), about=about)
        return len(sent)

    try:
        cost(1)
        assert cost(1) == cost(300) == cost(1) == 4
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    with diary.session() as session:
        for way in ("seqscan", "bitmapscan", "sort"):  # as it is once the table is large
            session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        written = queries.peaks().compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = session.scalar(sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {written}"))
    assert _rows_read(plan[0]["Plan"]) <= 63


def _rows_read(plan: dict[str, object]) -> float:
    own = float(plan["Actual Rows"]) * float(plan["Actual Loops"])  # type: ignore[arg-type]
    return max([own, *(_rows_read(part) for part in plan.get("Plans", []))])  # type: ignore[attr-defined]


def test_many_at_once_wait_for_one_another(app_diary: Diary) -> None:
    """Eight writers of twenty entries each: no gap, no double, and the words all fit."""
    wrong: list[BaseException] = []

    def run(writer: int) -> None:
        try:
            for i in range(20):
                app_diary.write(f"{writer}-{i}", about=about[i % 3])
        except BaseException as error:
            wrong.append(error)

    about = [uuid4() for _ in range(3)]
    threads = [threading.Thread(target=run, args=[i]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    found = app_diary.verify(chunk=50)
    assert (found.holds, found.entries, found.opened) == (True, 160, 160)


# ---- subjects ----------------------------------------------------------------------------------


def test_destroying_a_key_erases_the_words_and_leaves_every_proof(diary: Diary) -> None:
    gone, stays = uuid4(), uuid4()
    diary.write("one", "two", about=gone)
    diary.write("three", about=stays)
    with diary.session() as session:
        before = queries.proof(session, 1)
        assert services.destroy_key(session, gone)
        assert not services.destroy_key(session, gone)
        assert not services.destroy_key(session, uuid4())
    with diary.session() as session:
        assert queries.open_words(session, KIND, 0, diary.notes[0].sealed) is None
        assert queries.open_words(session, KIND, 2, diary.notes[2].sealed) is not None
        subject = session.get_one(LedgerSubject, gone)
        assert subject.sealed_key is None
        assert subject.destroyed_index == 3
        after = queries.proof(session, 1)
        assert after.holds
        assert before.holds
        assert (before.commitment, before.size) == (after.commitment, 3)
    found = diary.verify()
    assert (found.holds, found.entries, found.opened, found.erased) == (True, 4, 2, 2)


def test_what_is_recorded_about_an_erased_person_has_no_key_of_theirs(diary: Diary) -> None:
    gone = uuid4()
    diary.write("before", about=gone)
    with diary.session() as session:
        services.destroy_key(session, gone)
    (index,) = diary.write("the erasure was carried out", about=gone)
    assert models.subject_in(diary.notes[index].sealed) is None
    found = diary.verify()
    assert (found.opened, found.erased) == (2, 1)


def test_the_key_lies_sealed_in_the_database(diary: Diary) -> None:
    about = uuid4()
    diary.write("x", about=about)
    with diary.session() as session:
        sealed = session.scalars(sa.select(LedgerSubject.sealed_key)).one()
        assert sealed is not None
        key = models.open_key(about, sealed)
        assert key not in sealed
        with pytest.raises(vault.CannotOpen):
            models.open_key(uuid4(), sealed)


# ---- what the app's own role cannot do ---------------------------------------------------------


@pytest.fixture
def two(diary: Diary) -> Diary:
    diary.write("a", "b")
    diary.head()
    return diary


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET commitment = commitment",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_head SET root = root",
        "DELETE FROM ledger_head",
        "INSERT INTO ledger_entry (index, kind, commitment, nodes, recorded_at) VALUES (9, 'x', '', '', now())",
        "INSERT INTO ledger_head (size, root, at) VALUES (9, '', now())",
    ],
)
def test_the_app_can_only_append(session: orm.Session, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        session.execute(sa.text(statement))
    session.rollback()


@pytest.mark.parametrize("index", range(5))
def test_proofs_come_from_the_newest_head_that_knows_the_entry(two: Diary, index: int) -> None:
    two.write("c", "d", "e")
    with two.session() as session:
        proof = queries.proof(session, index)
    assert proof.holds
    assert proof.size == (2 if index < 2 else 5)
