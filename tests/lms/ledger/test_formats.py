"""The export, read by the stand-alone verifier; heads in a file outside the database; the job that writes them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lms.authz import Actor
from lms.db import db, transaction
from lms.errors import Conflict, Invalid, NotFound, Refused
from lms.ledger import formats, jobs, queries, services, verifier
from lms.ledger.queries import Head
from tests.conftest import As
from tests.lms.ledger.conftest import KIND, Diary

ACTOR = Actor.job("ledger")
GONE = UUID(int=1)


@pytest.fixture
def full(diary: Diary) -> Diary:
    diary.write("一", "二", about=GONE)
    diary.head()
    diary.write("三", "四", "五")
    with diary.session() as session:
        services.destroy_key(session, GONE)
    return diary


def exported(diary: Diary, path: Path, *, with_words: bool) -> Path:
    with diary.session() as session:
        assert formats.export(session, path, with_words=with_words) == 6
    return path


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line.pop("sum")  # a forger would not leave them
        change(line)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(("with_words", "opened"), [(False, 0), (True, 4)])
def test_an_export_holds_for_the_stand_alone_verifier(
    full: Diary, tmp_path: Path, with_words: bool, opened: int
) -> None:
    path = exported(full, tmp_path / "ledger.jsonl", with_words=with_words)
    found = verifier.check_ledger(str(path))
    assert (found["holds"], found["entries"], found["opened"], found["heads"]) == (True, 6, opened, 2)
    assert found["root"] == full.verify().root
    assert ("三" in path.read_text(encoding="utf-8")) is with_words


def test_an_export_that_was_edited_is_named(full: Diary, tmp_path: Path) -> None:
    path = exported(full, tmp_path / "ledger.jsonl", with_words=True)

    def forge(line: dict[str, Any]) -> None:
        if line.get("index") == 3:
            line["text"] = line["text"].replace("四", "死")

    with pytest.raises(verifier.Broken) as broken:
        verifier.check_ledger(str(changed(path, forge)))
    assert broken.value.finding["index"] == 3


@pytest.mark.parametrize("with_words", [False, True])
def test_no_byte_of_an_export_can_change_unseen(full: Diary, tmp_path: Path, with_words: bool) -> None:
    path = exported(full, tmp_path / "ledger.jsonl", with_words=with_words)
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for at in range(0, len(whole), 23):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        line = next(n for n in range(len(lines)) if at < sum(map(len, lines[: n + 1])))
        index = json.loads(lines[line]).get("index", 0)
        with pytest.raises((verifier.Broken, verifier.Unreadable)) as found:
            verifier.check_ledger(str(path))
        if isinstance(found.value, verifier.Broken):
            assert found.value.finding["index"] in (index, index + 1), at
        else:
            assert f"at entry {index}" in str(found.value), at


def test_the_line_in_which_something_changed_is_named(full: Diary, tmp_path: Path) -> None:
    path = exported(full, tmp_path / "ledger.jsonl", with_words=False)
    text = path.read_text(encoding="utf-8").replace('"index": 4, "kind"', '"index": 4,  "kind"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(verifier.Broken, match="line 7: something was changed here") as broken:
        verifier.check_ledger(str(path))
    assert broken.value.finding["index"] == 4


def test_an_export_that_was_cut_short_is_seen(full: Diary, tmp_path: Path) -> None:
    path = exported(full, tmp_path / "ledger.jsonl", with_words=False)
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    with pytest.raises(verifier.Broken, match="a head knows 6 entries"):
        verifier.check_ledger(str(path))


def test_an_empty_ledger_can_be_exported(diary: Diary, tmp_path: Path) -> None:
    with diary.session() as session:
        assert formats.export(session, tmp_path / "empty.jsonl") == 0
    assert verifier.check_ledger(str(tmp_path / "empty.jsonl"))["entries"] == 0


@pytest.mark.parametrize("index", range(6))
def test_a_proof_holds_for_the_stand_alone_verifier(full: Diary, tmp_path: Path, index: int) -> None:
    path = tmp_path / "proof.json"
    with full.session() as session:
        proof, opened = queries.proof(session, index), None
        if index in full.notes:
            opened = queries.open_words(session, KIND, index, full.notes[index].sealed)
    path.write_text(json.dumps(formats.proof_line(proof, opened)), encoding="utf-8")
    found = verifier.check_proof(str(path))
    assert found == {"holds": True, "index": index, "opened": index in (2, 3, 4), "witnessed": False}


@pytest.mark.parametrize(("since", "until"), [(1, None), (2, None), (3, 6), (5, 5), (4, 5), (6, 6)])
def test_that_the_log_went_on_holds_for_the_stand_alone_verifier(
    full: Diary, tmp_path: Path, since: int, until: int | None
) -> None:
    with full.session() as session:
        services.write_head(session)
        growth = queries.growth(session, since, until)
    assert growth.holds
    path = tmp_path / "growth.json"
    path.write_text(json.dumps(formats.growth_line(growth)), encoding="utf-8")
    found = verifier.check_proof(str(path))
    assert found == {"holds": True, "old": since, "new": until or 6, "witnessed": False}
    for bent in ({"old_root": "00" * 32}, {"new_root": "00" * 32}, {"old": since + 1}, {"proof": ["00" * 32]}):
        path.write_text(json.dumps(formats.growth_line(growth) | bent), encoding="utf-8")
        with pytest.raises(verifier.Broken):
            verifier.check_proof(str(path))


def test_nobody_can_show_that_the_log_went_on_to_where_it_is_not(full: Diary) -> None:
    for since, until in ((7, None), (3, 7), (4, 3), (0, 3)):
        with full.session() as session, pytest.raises(NotFound):
            queries.growth(session, since, until)


# ---- heads outside the database ----------------------------------------------------------------


def test_there_may_be_no_file_yet(tmp_path: Path) -> None:
    assert formats.read_heads(tmp_path / "none.jsonl") == []
    assert formats.newest([]) is None


def test_heads_are_read_as_they_were_written(full: Diary, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "heads.jsonl"
    with full.session() as session:
        head = queries.latest_head(session)
        assert head is not None
        kept = (head.size, head.root, head.at)
    formats.add_head(path, Head(kept[0], kept[1], "", kept[2].isoformat()))
    formats.add_head(path, Head(kept[0], kept[1], "", kept[2].isoformat()))
    read = formats.read_heads(path)
    assert [(one.size, one.root, one.kept_by) for one in read] == [
        (2, kept[1], "heads.jsonl, line 1"),
        (2, kept[1], "heads.jsonl, line 2"),
    ]
    found = verifier.gather([str(path)])
    assert [root for root, _ in found[2]] == [kept[1]] * 2


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"size": "1", "root": ""}', '{"size": true, "root": "00"}', '{"size": 1}']
)
def test_a_line_that_is_no_head_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "heads.jsonl"
    path.write_text("\n" + line, encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        formats.read_heads(path)
    assert refused.value.where == {"file": "heads.jsonl", "line": 2}


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "heads.jsonl").write_bytes(b"\xff\xff")
    with pytest.raises(Refused):
        formats.read_heads(tmp_path / "heads.jsonl")


# ---- the job -----------------------------------------------------------------------------------


class Witness:
    """The job, run as a worker runs it: each time with a session of its own, in the test's transaction."""

    def __init__(self, as_: As, path: Path) -> None:
        self._as, self.path = as_, path

    def run(self) -> dict[str, Any]:
        with self._as(ACTOR):
            return jobs.witness(self.path)(None)

    def write(self, *notes: str) -> None:
        with self._as(ACTOR), transaction(db.session):
            services.append_many(db.session, [services.Statement(KIND, {"note": note}) for note in notes])

    def heads(self) -> list[Head]:
        return formats.read_heads(self.path)


@pytest.fixture
def witness(as_: As, tmp_path: Path) -> Witness:
    return Witness(as_, tmp_path / "heads.jsonl")


def test_a_new_head_is_witnessed_once(witness: Witness) -> None:
    before = witness.run()["size"]
    witness.write("a", "b")
    assert witness.run() == {"size": before + 2, "new": True}
    assert witness.run() == {"size": before + 2, "new": False}
    witness.write("c")
    assert witness.run() == {"size": before + 3, "new": True}
    assert [head.size for head in witness.heads()][-2:] == [before + 2, before + 3]


def test_a_head_that_never_reached_the_file_is_written_the_next_time(witness: Witness, monkeypatch: Any) -> None:
    witness.write("a")
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            witness.run()
    witness.path.write_text("", encoding="utf-8")
    assert witness.run()["new"]
    assert len(witness.heads()) == 1


def test_the_witness_does_not_go_on_from_a_log_that_was_cut(witness: Witness) -> None:
    witness.write("a")
    size = witness.run()["size"]
    more = json.dumps({"type": "head", "size": size + 4, "root": "00" * 32})
    witness.path.write_text(more, encoding="utf-8")
    with pytest.raises(Conflict, match=f"the ledger has {size} entries, but {size + 4} were witnessed"):
        witness.run()
    assert len(witness.heads()) == 1


def test_the_witness_does_not_go_on_from_another_log(witness: Witness) -> None:
    witness.write("a")
    size = witness.run()["size"]
    witness.path.write_text(json.dumps({"type": "head", "size": size, "root": "00" * 32}), encoding="utf-8")
    witness.write("b")
    with pytest.raises(Conflict, match="are not those witnessed"):
        witness.run()
    assert len(witness.heads()) == 1
