"""The stand-alone verifier: run as strangers run it, on files that are right and files that are not."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger import rules, verifier

Line = dict[str, Any]
SCRIPT = Path(verifier.__file__)


def entry(index: int, *, shown: bool = True) -> Line:
    text = rules.canonical({"kind": "deed", "words": {"what": f"第{index}条"}})
    salt = bytes([index]) * 32
    line: Line = {"type": "entry", "index": index, "kind": "deed"}
    line["commitment"] = rules.commitment(salt, text).hex()
    return {**line, "salt": salt.hex(), "text": text.decode()} if shown else line


def head(entries: list[Line]) -> Line:
    root = rules.root_of(bytes.fromhex(line["commitment"]) for line in entries)
    return {"type": "head", "size": len(entries), "root": root.hex(), "at": "2026-11-22T00:00:00Z"}


def ledger(size: int = 7, *heads: int) -> list[Line]:
    entries = [entry(i, shown=i != 2) for i in range(size)]
    return [head(entries[:n]) for n in heads or (3, size)] + entries


class Run:
    """The script in a process of its own, in a folder that holds nothing of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, lines: list[Line]) -> Path:
        path = self.folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    def __call__(self, *arguments: object) -> tuple[int, Line]:
        command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments), "--json"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert not done.stderr
        return done.returncode, json.loads(done.stdout)

    def check(self, lines: list[Line], *witness: Line) -> tuple[int, Line]:
        more = ["--witness", self.write("heads.jsonl", list(witness))] if witness else []
        return self(self.write("ledger.jsonl", lines), *more)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    names = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert names
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_whole_ledger_holds(run: Run) -> None:
    lines = ledger()
    code, found = run.check(lines)
    expected = {"holds": True, "entries": 7, "opened": 6, "closed": 1, "heads": 2}
    assert (code, found) == (0, {**expected, "root": lines[1]["root"]})


def test_an_empty_ledger_holds(run: Run) -> None:
    code, found = run.check([])
    assert (code, found["entries"], found["root"]) == (0, 0, rules.EMPTY_ROOT.hex())


def test_it_speaks_to_people_too(run: Run) -> None:
    path = run.write("ledger.jsonl", ledger())
    done = subprocess.run([sys.executable, SCRIPT, path], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("It holds: 7 entries, 6 with their words, 2 heads compared.\nRoot: ")


@given(st.integers(0, 150))
def test_two_implementations_agree_on_the_root(size: int) -> None:
    log = verifier.Log()
    for i in range(size):
        log.append(bytes([i]) * 32)
    assert log.root() == rules.root_of(bytes([i]) * 32 for i in range(size))


# ---- what was tampered with is named -----------------------------------------------------------


def changed(lines: list[Line], index: int, **values: object) -> list[Line]:
    return [{**x, **values} if x.get("index") == index else x for x in lines]


def test_words_that_were_edited(run: Run) -> None:
    forged = entry(4)["text"].replace("第4条", "第9条")
    code, found = run.check(changed(ledger(), 4, text=forged))
    assert (code, found["index"]) == (1, 4)
    assert found["why"] == "the words are not those committed to"


def test_a_kind_that_was_edited(run: Run) -> None:
    code, found = run.check(changed(ledger(), 4, kind="other"))
    assert (code, found["index"], found["why"]) == (1, 4, "the kind is not the one committed to")


def test_an_entry_that_was_replaced_whole(run: Run) -> None:
    """It agrees with itself; only the heads tell, and between which of them."""
    other = {**entry(9), "index": 4}
    code, found = run.check([*ledger()[:-3], other, *ledger()[-2:]])
    assert (code, found["index"], found["to"]) == (1, 3, 6)
    assert "entries 3 to 6 do not lead to the head" in found["why"]


def test_an_entry_that_was_taken_out(run: Run) -> None:
    code, found = run.check([line for line in ledger() if line.get("index") != 4])
    assert (code, found["index"], found["why"]) == (
        1,
        4,
        "entry 4 is missing: 5 stands in its place",
    )


def test_two_entries_that_were_swapped(run: Run) -> None:
    four, five = entry(4), entry(5)
    moved = changed(ledger(), 4, commitment=five["commitment"], salt=five["salt"], text=five["text"])
    moved = changed(moved, 5, commitment=four["commitment"], salt=four["salt"], text=four["text"])
    code, found = run.check(moved)
    assert (code, found["index"], found["to"]) == (1, 3, 6)


def test_a_tail_that_was_cut(run: Run) -> None:
    code, found = run.check(ledger()[:-2])
    assert (code, found["index"]) == (1, 5)
    assert found["why"].startswith("a head knows 7 entries (")


def test_a_tail_that_was_cut_with_its_heads_is_told_by_the_witness(run: Run) -> None:
    whole, cut = ledger(7, 7), ledger(5, 5)
    assert run.check(cut)[0] == 0
    code, found = run.check(cut, whole[0])
    assert (code, found["index"]) == (1, 5)
    assert "heads.jsonl, line 1" in found["why"]


def test_a_log_that_was_written_anew_is_told_by_the_witness(run: Run) -> None:
    entries = [entry(i) for i in (0, 1, 9, 3, 4)]
    fork = [head(entries)] + [{**x, "index": i} for i, x in enumerate(entries)]
    assert run.check(fork)[0] == 0
    code, found = run.check(fork, head([entry(0)]), head([entry(i) for i in range(5)]))
    assert (code, found["index"], found["to"]) == (1, 1, 4)


@given(st.integers(0, 6), st.integers(0, 31), st.integers(0, 7))
def test_no_bit_of_a_commitment_can_turn(index: int, byte: int, bit: int) -> None:
    lines = ledger()
    value = bytearray.fromhex(entry(index)["commitment"])
    value[byte] ^= 1 << bit
    walk = verifier.Walk({h["size"]: [(bytes.fromhex(h["root"]), "here")] for h in lines[:2]})
    forged = changed(lines, index, commitment=value.hex())[2:]
    with pytest.raises(verifier.Broken):
        all(walk.step({**line, "where": "here"}) is None for line in forged)


# ---- what cannot be read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "line 1: not JSON"),
        ("[1]", "line 1: neither an entry"),
        ('{"type": "other"}', "line 1: neither an entry"),
        ('{"type": "entry", "index": "0"}', "line 1: index is missing or not int"),
        ('{"type": "entry", "index": true}', "line 1: index is missing or not int"),
        ('\n{"type": "entry", "index": 0}', "line 2: commitment is missing or not str"),
        ('{"type": "entry", "index": 0, "commitment": "zz"}', "commitment is not hexadecimal"),
        ('{"type": "head", "size": 0, "root": "00"}', "root is not 32 bytes long"),
        ("[" * 100_000, "line 1: not JSON"),
    ],
)
def test_what_is_no_ledger_is_said_to_be_none(run: Run, text: str, why: str) -> None:
    path = run.folder / "bad.jsonl"
    path.write_text(text, encoding="utf-8")
    code, found = run(path)
    assert (code, found["holds"]) == (2, None)
    assert why in found["why"]


def test_bytes_that_are_no_text_and_files_that_are_not_there(run: Run) -> None:
    (run.folder / "bad.jsonl").write_bytes(b"\xff\xfe\x00")
    assert run("bad.jsonl")[0] == 2
    assert run("missing.jsonl")[0] == 2
    assert run("--proof", "missing.json")[0] == 2


def test_half_of_the_words_is_not_enough(run: Run) -> None:
    lines = [{k: v for k, v in line.items() if k != "salt"} for line in ledger()]
    assert run.check(lines)[0] == 2


def test_it_must_be_told_what_to_check(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["a", "--proof", "b"]):
        with pytest.raises(SystemExit) as end:
            verifier.main(arguments)
        assert end.value.code == 2
    assert "give either a ledger or --proof" in capsys.readouterr().err


# ---- the proof of one entry --------------------------------------------------------------------


def proof(index: int, size: int = 7) -> Line:
    entries = [bytes.fromhex(entry(i)["commitment"]) for i in range(size)]
    spans = rules.inclusion_spans(index, size)
    steps = [rules.root_of(entries[span.first : span.end]).hex() for span in spans]
    lead = {"type": "proof", "size": size, "root": rules.root_of(entries).hex(), "proof": steps}
    return {**entry(index), **lead}


@pytest.mark.parametrize("index", range(7))
def test_the_proof_of_an_entry_holds(run: Run, index: int) -> None:
    path, heads = run.write("proof.json", [proof(index)]), run.write("heads.jsonl", ledger()[:2])
    expected = {"holds": True, "index": index, "opened": True}
    assert run("--proof", path) == (0, {**expected, "witnessed": False})
    assert run("--proof", path, "--witness", heads) == (0, {**expected, "witnessed": True})


@pytest.mark.parametrize(
    "wrong",
    [
        {"index": 3},
        {"index": 7},
        {"index": -1},
        {"proof": []},
        {"proof": proof(5)["proof"]},
        {"size": 2**70},
        {"proof": [*proof(4)["proof"], "00" * 32]},
    ],
)
def test_a_proof_that_was_bent(run: Run, wrong: Line) -> None:
    code, found = run("--proof", run.write("proof.json", [{**proof(4), **wrong}]))
    assert (code, found["why"]) == (1, "the proof does not lead from the entry to the root")


def test_a_proof_from_another_log(run: Run) -> None:
    path = run.write("proof.json", [proof(4)])
    elsewhere = {**head([entry(i) for i in range(7)]), "root": "00" * 32}
    code, found = run("--proof", path, "--witness", run.write("heads.jsonl", [elsewhere]))
    assert (code, found["why"]) == (1, "a head kept elsewhere has another root")
    code, found = run("--proof", path, "--witness", run.write("heads.jsonl", ledger(7, 3)[:1]))
    assert (code, found["why"]) == (1, "no head of 7 entries is kept elsewhere")
