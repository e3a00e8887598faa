"""Whoever owns the database can change it; what they changed is named."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from lms.ledger import models, rules, services
from lms.ledger.queries import SOURCES, Finding, Head, Kept, open_words
from tests.lms.ledger.conftest import KIND, Diary

GONE, STAYS = UUID(int=1), UUID(int=2)


@pytest.fixture
def full(diary: Diary) -> Diary:
    """Eleven entries: nine notes, an erasure at 7, a head at 5 and one at 11."""
    diary.write("0", "1")
    diary.write("2", "3", about=GONE)
    diary.write("4", about=STAYS)
    diary.head()
    diary.write("5", "6")
    with diary.session() as session:
        services.destroy_key(session, GONE)
    diary.write("8", "9", "10", about=STAYS)
    diary.head()
    return diary


def named(found: Finding) -> tuple[bool, int | None, str | None]:
    return found.holds, found.index, found.why


def test_an_untouched_ledger_holds(full: Diary) -> None:
    kept = full.head()
    for chunk in (1, 2, 3, 11, 1000):
        found = full.verify(kept, chunk=chunk)
        assert found == Finding(True, 11, opened=9, erased=2, heads=2, witnessed=1, root=kept.root.hex())


def test_an_empty_ledger_holds(diary: Diary) -> None:
    assert diary.verify() == Finding(True, root=rules.EMPTY_ROOT.hex())


# ---- the ledger's own rows ---------------------------------------------------------------------

ROWS: list[tuple[str, int, str]] = [
    (
        "UPDATE ledger_entry SET commitment = sha256('x') WHERE index = 4",
        4,
        "the entry is not the one whose hashes stand in the tree",
    ),
    (
        "UPDATE ledger_entry SET nodes = sha256('x') WHERE index = 4",
        4,
        "the entry is not the one whose hashes stand in the tree",
    ),
    (
        "UPDATE ledger_entry SET nodes = nodes || sha256('x') WHERE index = 4",
        4,
        "the entry is not the one whose hashes stand in the tree",
    ),
    ("DELETE FROM ledger_entry WHERE index = 4", 4, "the entry is missing"),
    ("DELETE FROM ledger_entry WHERE index = 0", 0, "the entry is missing"),
    ("UPDATE ledger_entry SET kind = 'other' WHERE index = 4", 4, "other words claim its place too"),
    (
        "UPDATE ledger_entry SET recorded_at = recorded_at - interval '2 hours' WHERE index = 4",
        4,
        "its time was altered",
    ),
    (
        "UPDATE ledger_entry a SET commitment = b.commitment, nodes = b.nodes FROM ledger_entry b"
        " WHERE (a.index, b.index) IN ((4, 6), (6, 4))",
        4,
        "its words are not those committed to",
    ),
    ("DELETE FROM ledger_entry WHERE index >= 9", 9, "the rest is missing: the head of 11 knows 11 entries"),
    ("UPDATE ledger_head SET root = sha256('x') WHERE size = 5", 0, "entries 0 to 4 do not lead to the head of 5"),
    ("UPDATE ledger_head SET root = sha256('x') WHERE size = 11", 5, "entries 5 to 10 do not lead to the head of 11"),
]


@pytest.mark.parametrize(("statement", "index", "why"), ROWS)
def test_a_row_of_the_ledger_that_was_changed(full: Diary, statement: str, index: int, why: str) -> None:
    assert full.meddle(statement)
    assert named(full.verify()) == (False, index, why)


def rewrite(diary: Diary, index: int, note: str, until: int = 11) -> None:
    """What the database's owner can do at worst: an entry and the whole tree above it written anew.

    Its words are taken from another entry, for the owner has no key to seal new ones.
    """
    with diary.owner.begin_nested():
        connection = diary.owner
        rows = connection.exec_driver_sql("SELECT index, commitment FROM ledger_entry ORDER BY index").all()
        leaves = dict(rows)
        leaves[index] = rules.commitment(b"s" * 32, note.encode())
        log = rules.Frontier()
        for i in range(len(leaves)):
            log, done = log.append(leaves[i])
            change = "UPDATE ledger_entry SET commitment = %s, nodes = %s WHERE index = %s"
            connection.exec_driver_sql(change, (leaves[i], b"".join(done), i))
            if i + 1 in (5, until):
                connection.exec_driver_sql("UPDATE ledger_head SET root = %s WHERE size = %s", (log.root(), i + 1))


def test_an_entry_whose_whole_tree_was_written_anew_does_not_fit_its_words(full: Diary) -> None:
    rewrite(full, 6, "forged")
    assert named(full.verify()) == (False, 6, "its words are not those committed to")


def test_an_erased_entry_written_anew_with_the_whole_tree_is_told_by_the_head_kept_elsewhere(full: Diary) -> None:
    """No words are left to compare, all of the database agrees, heads included: only the witness knows."""
    connection = full.owner
    first = connection.exec_driver_sql("SELECT commitment FROM ledger_entry WHERE index = 0").scalar()
    one = Head(1, rules.leaf_hash(first), "file")
    honest = full.head()
    rewrite(full, 2, "forged")
    assert full.verify().holds
    assert full.verify(one).holds
    found = full.verify(honest)
    assert named(found) == (False, 0, "entries 0 to 10 do not lead to the head of 11 (elsewhere)")
    found = full.verify(one, honest)
    assert named(found) == (False, 1, "entries 1 to 10 do not lead to the head of 11 (elsewhere)")
    assert (found.index, found.until) == (1, 10)


def test_a_tail_cut_with_its_heads_and_words_is_told_by_the_head_kept_elsewhere(full: Diary) -> None:
    honest = full.head()
    full.meddle("DELETE FROM ledger_head WHERE size > 8")
    full.meddle("DELETE FROM ledger_entry WHERE index > 8")
    for index in (9, 10):
        del full.notes[index]
    assert full.verify().holds
    assert named(full.verify(honest)) == (
        False,
        9,
        "the rest is missing: the head of 11 (elsewhere) knows 11 entries",
    )


# ---- the words ---------------------------------------------------------------------------------


def test_words_that_were_swapped(full: Diary) -> None:
    four, eight = full.notes[4], full.notes[8]
    full.notes[4], full.notes[8] = replace(eight, index=4), replace(four, index=8)
    assert named(full.verify()) == (False, 4, "its words were altered and do not open")


def test_words_that_are_gone(full: Diary) -> None:
    del full.notes[5]
    assert named(full.verify()) == (False, 5, "its words are missing")


def test_the_words_of_an_erased_entry_must_stay_too(full: Diary) -> None:
    del full.notes[2]
    assert named(full.verify()) == (False, 2, "its words are missing")


@pytest.mark.parametrize("sealed", [b"", b"\0", b"\1short", b"\2" + b"x" * 40, b"\0k1:" + b"x" * 60, b"\1" + b"x" * 60])
def test_sealed_words_that_were_changed(full: Diary, sealed: bytes) -> None:
    full.notes[5] = replace(full.notes[5], sealed=sealed)
    assert named(full.verify()) == (False, 5, "its words were altered and do not open")


def test_no_byte_of_sealed_words_can_change(full: Diary) -> None:
    whole = full.notes[8].sealed
    for at in range(0, len(whole), 7):
        bent = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        full.notes[8] = replace(full.notes[8], sealed=bent)
        assert full.verify().index == 8


def test_a_column_beside_the_words_that_was_edited(full: Diary) -> None:
    full.notes[6] = replace(full.notes[6], columns={"note": "6b"})
    assert named(full.verify()) == (False, 6, "note was altered")


def test_a_time_beside_the_words_that_was_edited(full: Diary) -> None:
    connection = full.owner
    at = connection.exec_driver_sql("SELECT recorded_at FROM ledger_entry WHERE index = 6").scalar_one()
    full.notes[6] = replace(full.notes[6], at=at)
    assert full.verify().holds
    full.notes[6] = replace(full.notes[6], at=at.replace(year=2001))
    assert named(full.verify()) == (False, 6, "its time was altered")


def test_words_that_were_made_up(full: Diary) -> None:
    full.notes[11] = replace(full.notes[8], index=11)
    assert named(full.verify()) == (False, 11, "words claim this place, but the entry is missing")


def test_two_rows_of_words_for_one_entry(full: Diary, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = full.kept
    monkeypatch.setitem(SOURCES, KIND, lambda *asked: [*honest(*asked)] * 2)
    assert named(full.verify()) == (False, 0, "other words claim its place too")


def test_a_kind_nobody_keeps_words_of(full: Diary) -> None:
    with full.session() as session:
        services.append(session, "unheard-of", {})
    assert named(full.verify()) == (False, 11, "nobody keeps words of this kind")


# ---- keys --------------------------------------------------------------------------------------

LOSE = "UPDATE ledger_subject SET sealed_key = NULL, destroyed_at = now()"
KEYS: list[tuple[list[str], int, str]] = [
    # An edit cannot be hidden by losing the key of its words: the loss must have been recorded.
    (["DELETE FROM ledger_subject WHERE id = :stays"], 4, "its words were altered and do not open"),
    (
        ["ALTER TABLE ledger_subject DROP CONSTRAINT {check}", f"{LOSE} WHERE id = :stays"],
        4,
        "its words were altered and do not open",
    ),
    (
        [
            "ALTER TABLE ledger_subject DROP CONSTRAINT {check}",
            f"{LOSE}, destroyed_index = 5 WHERE id = :stays",
        ],
        5,
        "other words claim its place too",
    ),
    (
        [f"{LOSE}, destroyed_index = 5, destruction = '\\x00' WHERE id = :stays"],
        5,
        "other words claim its place too",
    ),
    (["UPDATE ledger_subject SET sealed_key = 'x' WHERE id = :stays"], 4, "its words were altered and do not open"),
    (["UPDATE ledger_subject SET destruction = 'x' WHERE id = :gone"], 7, "its words were altered and do not open"),
    (["UPDATE ledger_subject SET id = :other WHERE id = :gone"], 2, "its words were altered and do not open"),
]


@pytest.mark.parametrize(("statements", "index", "why"), KEYS)
def test_a_key_that_was_lost_or_changed(full: Diary, statements: list[str], index: int, why: str) -> None:
    values = {"gone": GONE, "stays": STAYS, "other": uuid4()}
    for statement in statements:
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        full.meddle(statement.replace("{check}", "ck_ledger_subject_destroyed_as_recorded"), **used)
    assert named(full.verify()) == (False, index, why)


def test_the_recorded_loss_of_one_key_does_not_excuse_the_loss_of_another(full: Diary) -> None:
    full.meddle("ALTER TABLE ledger_subject DROP CONSTRAINT uq_ledger_subject_destroyed_index")
    theirs = "destruction = (SELECT destruction FROM ledger_subject WHERE id = :gone)"
    full.meddle(f"{LOSE}, destroyed_index = 7, {theirs} WHERE id = :stays", gone=GONE, stays=STAYS)
    assert named(full.verify()) == (False, 7, "other words claim its place too")


# ---- while others write ------------------------------------------------------------------------


def test_entries_that_come_during_the_walk_do_not_disturb_it(full: Diary) -> None:
    calls: list[Callable[[], object]] = [lambda: full.write("meanwhile"), full.head]
    honest = full.kept

    def busy(*asked: object) -> object:
        if calls:
            calls.pop(0)()
        return honest(*asked)  # type: ignore[arg-type]

    SOURCES[KIND] = busy  # type: ignore[assignment]
    found = full.verify()
    assert (found.holds, found.entries) == (True, 11)
    assert full.verify().entries == 12


def test_words_sealed_anew_by_who_has_the_keys_cannot_change_their_kind(full: Diary) -> None:
    """The kind stands in the committed words too, not only in the seal."""
    with full.session() as session:
        opened = open_words(session, KIND, 5, full.notes[5].sealed)
    assert opened is not None
    sealed = models.seal_words(opened.salt + opened.text, models.place_of("other", 5))
    SOURCES["other"] = lambda _session, first, end: [Kept(5, sealed)] if first <= 5 < end else []
    del full.notes[5]
    full.meddle("UPDATE ledger_entry SET kind = 'other' WHERE index = 5")
    assert named(full.verify()) == (False, 5, "its kind was altered")
