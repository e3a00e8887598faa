"""Heads: signed by who remembers what was signed, told to several witnesses, and missed where they are missing."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lms.errors import Conflict, Invalid, Unavailable
from lms.ledger import formats, queries, services, verifier
from lms.ledger.queries import SIGNERS, Head
from lms.ledger.services import witnessing
from tests.lms.ledger.conftest import Diary

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
KEY_ID = verifier.sha256(PUBLIC).hexdigest()[:16]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SIGNERS, "test", lambda _session: {KEY_ID: PUBLIC})


def sign(diary: Diary, folder: Path, key: Ed25519PrivateKey = KEY) -> int | None:
    with diary.session() as session:
        services.write_head(session)
        return services.sign_head(session, folder, KEY_ID, key.sign)


def witnessed(diary: Diary, path: Path) -> None:
    with diary.session() as session:
        services.witness(session, path)


def test_the_signer_signs_a_head_once_and_remembers(diary: Diary, tmp_path: Path) -> None:
    diary.write("a", "b")
    assert sign(diary, tmp_path) == 2
    assert sign(diary, tmp_path) is None
    diary.write("c")
    assert sign(diary, tmp_path) == 3
    kept = formats.read_heads(tmp_path / witnessing.REMEMBERED)
    assert [head.size for head in kept] == [2, 3]
    found = diary.verify(*kept)
    assert (found.holds, found.signed, found.witnessed) == (True, 4, 2)


def test_the_signer_does_not_sign_a_log_that_was_written_anew(diary: Diary, tmp_path: Path) -> None:
    diary.write("a", "b")
    sign(diary, tmp_path)
    diary.meddle("UPDATE ledger_entry SET nodes = sha256('x') || substr(nodes, 33) WHERE index = 1")
    diary.meddle("UPDATE ledger_entry SET nodes = substr(nodes, 1, 32) || sha256('x') WHERE index = 1")
    diary.write("c")
    with pytest.raises(Conflict, match="are not those witnessed"):
        sign(diary, tmp_path)


def test_the_signer_does_not_sign_a_head_that_is_not_the_log_s(diary: Diary, tmp_path: Path) -> None:
    diary.write("a")
    diary.meddle("INSERT INTO ledger_head (size, root) VALUES (1, sha256('x'))")
    with pytest.raises(Conflict, match="is not that of the ledger"):
        sign(diary, tmp_path)


def test_a_signature_follows_its_head_to_the_witness(diary: Diary, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    diary.write("a")
    witnessed(diary, path)
    assert [bool(head.signature) for head in formats.read_heads(path)] == [False]
    sign(diary, tmp_path)
    witnessed(diary, path)
    witnessed(diary, path)
    assert [bool(head.signature) for head in formats.read_heads(path)] == [False, True]
    found = verifier.signers([str(path)], [PUBLIC])
    assert found == {"signed": 1}


def test_a_forged_signature_is_named(diary: Diary, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    diary.write("a", "b")
    sign(diary, tmp_path)
    witnessed(diary, path)
    (honest,) = [head for head in formats.read_heads(path) if head.signature]
    forged = Head(honest.size, honest.root, "elsewhere", honest.at, honest.key_id, b"x" * 64)
    found = diary.verify(forged)
    assert (found.holds, found.index) == (False, 1)
    assert found.why == "the head of 2 (elsewhere) carries a signature that is not the key's"
    stranger = Head(honest.size, honest.root, "elsewhere", honest.at, "0" * 16, honest.signature)
    assert "a key that nobody published" in str(diary.verify(stranger).why)
    formats.add_head(path, Head(3, honest.root, "", honest.at, honest.key_id, honest.signature))
    with pytest.raises(verifier.Broken, match="the signature is not the key's"):
        verifier.signers([str(path)], [PUBLIC])
    with pytest.raises(verifier.Broken, match="no head is signed with a key you named"):
        verifier.signers([str(path)], [OTHER.public_key().public_bytes_raw()])


@pytest.mark.parametrize("where", ["signature", "message", "key", "scalar", "point"])
def test_the_verifiers_own_ed25519_is_as_strict_as_a_library(where: str) -> None:
    for number in range(20):
        key, words = Ed25519PrivateKey.generate(), bytes([number]) * number
        public, signature = key.public_key().public_bytes_raw(), key.sign(words)
        assert verifier.signed(public, signature, words)
        match where:
            case "signature":
                signature = bytes([signature[0] ^ 1]) + signature[1:]
            case "message":
                words += b"x"
            case "key":
                public = OTHER.public_key().public_bytes_raw()
            case "scalar":  # the same point, another name of it
                answer = int.from_bytes(signature[32:], "little") + verifier.ORDER
                signature = signature[:32] + answer.to_bytes(32, "little")
            case "point":
                signature = (2**255 - 1).to_bytes(32, "little") + signature[32:]
        assert not verifier.signed(public, signature, words)


# ---- several witnesses -------------------------------------------------------------------------


def test_every_witness_is_told_and_one_that_is_away_keeps_nobody_from_hearing(diary: Diary, tmp_path: Path) -> None:
    store, away = tmp_path / "store", tmp_path / "file-in-the-way"
    store.mkdir()
    away.write_text("")
    others = [str(away / "heads.jsonl"), str(tmp_path / "second.jsonl"), f"file://{store}"]
    diary.write("a", "b")
    with diary.session() as session, pytest.raises(Unavailable, match="file-in-the-way"):
        services.witness_all(session, tmp_path / "first.jsonl", others)
    diary.write("c")
    with diary.session() as session:
        assert services.witness_all(session, tmp_path / "first.jsonl", others[1:]) == {"size": 3, "new": True}
    for witness in (str(tmp_path / "first.jsonl"), *others[1:]):
        kept = formats.heads_of(witness)
        assert [head.size for head in kept] == [2, 3], witness
        assert diary.verify(*kept).holds


def test_a_store_keeps_the_head_it_has(diary: Diary, tmp_path: Path) -> None:
    address = f"file://{tmp_path}"
    formats.store_head(address, Head(3, b"a" * 32, "", "2026-01-01"))
    formats.store_head(address, Head(3, b"a" * 32, "", "2026-01-02"))
    with pytest.raises(Conflict, match="another head of 3 entries"):
        formats.store_head(address, Head(3, b"b" * 32, "", "2026-01-03"))
    with pytest.raises(Unavailable):
        formats.store_head("nowhere://bucket", Head(3, b"a" * 32, ""))


def test_a_witness_that_missed_some_heads_is_told_them_later(diary: Diary, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    diary.write("a")
    witnessed(diary, path)
    for note in "bc":
        diary.write(note)
        diary.head()
    witnessed(diary, path)
    assert [head.size for head in formats.read_heads(path)] == [1, 2, 3]


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    lines = [f'{{"type": "head", "size": {size}, "root": "{size:064x}", "at": ""}}\n' for size in range(1, 2001)]
    path.write_text("".join(lines))
    last = formats.last_heads(path)
    assert last[-1].size == 2000
    assert 0 < len(last) < 1000
    path.write_text("no head\n")
    with pytest.raises(Invalid):
        formats.last_head(path)


def test_a_witness_that_was_emptied_or_lost_a_line_is_missed(diary: Diary, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    for note in "abc":
        diary.write(note)
        witnessed(diary, path)
    kept = formats.read_heads(path)
    with diary.session() as session:
        assert queries.gap(session, []) is None  # they may still be on their way
    diary.meddle("UPDATE ledger_head SET at = at - interval '1 hour'")
    with diary.session() as session:
        assert queries.gap(session, kept) is None
        assert queries.gap(session, []) == 1
        assert queries.gap(session, [kept[0], kept[2]]) == 2
        assert queries.gap(session, kept[:2]) == 3
        assert queries.gap(session, kept[1:]) is None  # a witness that was named later


def test_a_head_or_a_signature_that_was_taken_away_is_missed(diary: Diary, tmp_path: Path) -> None:
    path = tmp_path / "heads.jsonl"
    diary.write("a")
    sign(diary, tmp_path)
    witnessed(diary, path)
    kept = formats.read_heads(path)
    with diary.session() as session:
        assert queries.gap(session, kept) is None
    diary.meddle("ALTER TABLE ledger_head_signature DROP CONSTRAINT fk_ledger_head_signature_size_ledger_head")
    diary.meddle("DELETE FROM ledger_head")
    assert diary.verify(*kept).why == "the head of 1 was signed and is missing"
    diary.meddle("DELETE FROM ledger_head_signature")
    with diary.session() as session:
        assert queries.gap(session, kept) == 1


def test_a_restored_database_says_what_was_lost(diary: Diary) -> None:
    diary.write("a", "b")
    kept = diary.head()
    before = diary.verify(kept)
    with diary.session() as session:
        found = queries.verify(session, [kept, Head(5, b"x" * 32, "elsewhere")], restored=True)
    assert (found.holds, found.lost, found.entries) == (True, 3, 2)
    assert before.lost == 0
    assert not diary.verify(kept, Head(5, b"x" * 32, "elsewhere")).holds


def test_the_app_s_role_may_not_sign_heads(app_diary: Diary) -> None:
    app_diary.write("a")
    app_diary.head()
    insert = sa.text("INSERT INTO ledger_head_signature (size, key_id, signature) VALUES (1, :key, :signature)")
    with app_diary.session() as session, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        session.execute(insert, {"key": KEY_ID, "signature": b"x" * 64})
