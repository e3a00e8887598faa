#!/usr/bin/env python3
"""Check an exported ledger without trusting the system that wrote it.

This file stands alone: it needs Python 3.10 or newer and nothing else, least of all the application.
Copy it, read it (it is short), and run it:

    python3 verifier.py ledger.jsonl                          does the log agree with itself?
    python3 verifier.py ledger.jsonl --witness heads.jsonl    and with the heads kept elsewhere?
    python3 verifier.py --proof proof.json --witness heads.jsonl    is this one entry in the log?

A ledger file has one JSON object a line:

    {"type": "head", "size": 1, "root": "<hex>", "at": "…"}
    {"type": "entry", "index": 0, "kind": "…", "commitment": "<hex>", "salt": "<hex>", "text": "…"}

`salt` and `text` are missing where the words are not shown or were erased. Where they are shown,
SHA-256(salt ‖ text) is the commitment, and the text is a JSON object that names the kind. The root of
`size` entries is the Merkle tree hash of RFC 9162 over the first `size` commitments.

Exit code: 0 it holds, 1 it does not (the first broken entry is named), 2 the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

Line = dict[str, Any]
Heads = dict[int, list[tuple[bytes, str]]]  # size → (root, where it was kept)


class Broken(Exception):
    """Something recorded is not as it was."""

    def __init__(self, why: str, index: int, **more: int) -> None:
        super().__init__(why)
        self.finding: Line = {"holds": False, "index": index, "why": why, **more}


class Unreadable(Exception):
    """The file is not what it should be; nothing can be said."""


# ---- the Merkle tree of RFC 9162 ---------------------------------------------------------------


def leaf(entry: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of a subtree."""
    return sha256(b"\1" + left + right).digest()


class Log:
    """A log of which only the peaks are kept: (width, hash), the widest first."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def append(self, entry: bytes) -> None:
        """One entry more; peaks of equal width become one."""
        width, hashed = 1, leaf(entry)
        while self.peaks and self.peaks[-1][0] == width:
            hashed = node(self.peaks.pop()[1], hashed)
            width *= 2
        self.peaks.append((width, hashed))
        self.size += 1

    def root(self) -> bytes:
        """The hash that stands for the whole log."""
        if not self.peaks:
            return sha256(b"").digest()
        bag = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            bag = node(peak, bag)
        return bag


def climb(hashed: bytes, index: int, size: int, steps: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to, or nothing if it has the wrong length."""
    turns, first, end = [], 0, size
    while end - first > 1:
        cut = 1 << ((end - first - 1).bit_length() - 1)
        turns.append(index < first + cut)
        first, end = (first, first + cut) if turns[-1] else (first + cut, end)
    if len(turns) != len(steps):
        return None
    for goes_left, step in zip(reversed(turns), steps, strict=True):
        hashed = node(hashed, step) if goes_left else node(step, hashed)
    return hashed


# ---- reading -----------------------------------------------------------------------------------


def lines_of(path: str) -> Iterator[Line]:
    """The objects of a file of JSON lines."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield parsed(line, f"{path}, line {number}")
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{path}: {error}") from error


def parsed(text: str, where: str) -> Line:
    """A piece of JSON that is an object of a known type."""
    try:
        thing = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{where}: not JSON ({error})") from error
    if not isinstance(thing, dict) or thing.get("type") not in ("entry", "head", "proof"):
        raise Unreadable(f"{where}: neither an entry nor a head nor a proof")
    return {**thing, "where": where}


def field(thing: Line, name: str, kind: type) -> Any:
    """One value of a line, of the right sort."""
    value = thing.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Unreadable(f"{thing['where']}: {name} is missing or not {kind.__name__}")
    return value


def raw(thing: Line, name: str) -> bytes:
    """One hash or salt of a line."""
    try:
        value = bytes.fromhex(field(thing, name, str))
    except ValueError as error:
        raise Unreadable(f"{thing['where']}: {name} is not hexadecimal") from error
    if len(value) != 32:
        raise Unreadable(f"{thing['where']}: {name} is not 32 bytes long")
    return value


def gather(paths: Sequence[str]) -> Heads:
    """All the heads in some files."""
    heads: Heads = {}
    for thing in (line for path in paths for line in lines_of(path)):
        if thing["type"] == "head":
            size = field(thing, "size", int)
            heads.setdefault(size, []).append((raw(thing, "root"), thing["where"]))
    return heads


# ---- checking ----------------------------------------------------------------------------------


def opened(thing: Line, index: int, commitment: bytes) -> bool:
    """Whether the words of this entry are shown; if so, they must be those committed to."""
    if "salt" not in thing and "text" not in thing:
        return False
    salt, text = raw(thing, "salt"), field(thing, "text", str)
    if sha256(salt + text.encode("utf-8", "surrogatepass")).digest() != commitment:
        raise Broken("the words are not those committed to", index)
    try:
        kind = json.loads(text)["kind"]
    except (ValueError, KeyError, TypeError, RecursionError):
        kind = None
    if kind is None or kind != thing.get("kind"):
        raise Broken("the kind is not the one committed to", index)
    return True


class Walk:
    """One walk through the entries, compared with the heads on the way."""

    def __init__(self, heads: Heads) -> None:
        self.log, self.heads = Log(), heads
        self.agreed = self.opened = self.compared = 0
        self.compare()

    def compare(self) -> None:
        """Every head of this size must have this root."""
        agreed = self.agreed
        for root, where in self.heads.pop(self.log.size, []):
            if root != self.log.root():
                # One of the entries since the last head that agreed, or that head, was altered.
                why = f"entries {self.agreed} to {self.log.size - 1} do not lead to the head ({where})"
                raise Broken(why, self.agreed, to=self.log.size - 1)
            self.compared += 1
            agreed = self.log.size
        self.agreed = agreed

    def step(self, thing: Line) -> None:
        """The next entry."""
        index, due = field(thing, "index", int), self.log.size
        if index != due:
            raise Broken(f"entry {due} is missing: {index} stands in its place", due)
        commitment = raw(thing, "commitment")
        self.opened += opened(thing, index, commitment)
        self.log.append(commitment)
        self.compare()

    def end(self) -> Line:
        """What was found; no head may speak of entries that are not there."""
        size, root = self.log.size, self.log.root().hex()
        for more in sorted(self.heads):
            why = f"a head knows {more} entries ({self.heads[more][0][1]}): the rest is missing"
            raise Broken(why, size)
        found = {"entries": size, "opened": self.opened, "closed": size - self.opened}
        return {"holds": True, **found, "heads": self.compared, "root": root}


def check_ledger(path: str, witnesses: Sequence[str] = ()) -> Line:
    """Walk through an exported ledger; raises Broken at the first broken entry."""
    walk = Walk(gather([path, *witnesses]))
    for thing in lines_of(path):
        if thing["type"] == "entry":
            walk.step(thing)
    return walk.end()


def check_proof(path: str, witnesses: Sequence[str] = ()) -> Line:
    """Check the proof of one entry, against heads kept elsewhere if there are any."""
    try:
        proof = parsed(Path(path).read_text(encoding="utf-8"), path)
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{path}: {error}") from error
    index, size = field(proof, "index", int), field(proof, "size", int)
    root, commitment = raw(proof, "root"), raw(proof, "commitment")
    shown = opened(proof, index, commitment)
    steps = [raw({"step": s, "where": path}, "step") for s in field(proof, "proof", list)]
    if not 0 <= index < size < 2**63 or climb(leaf(commitment), index, size, steps) != root:
        raise Broken("the proof does not lead from the entry to the root", index)
    kept = [head for head, _ in gather(witnesses).get(size, [])]
    if any(head != root for head in kept):
        raise Broken("a head kept elsewhere has another root", index)
    if witnesses and not kept:
        raise Broken(f"no head of {size} entries is kept elsewhere", index)
    return {"holds": True, "index": index, "opened": shown, "witnessed": bool(kept)}


# ---- the command -------------------------------------------------------------------------------


def say(finding: Line) -> str:
    """The finding as a sentence."""
    if finding["holds"] is None:
        return f"UNREADABLE: {finding['why']}"
    if not finding["holds"]:
        return f"BROKEN at entry {finding['index']}: {finding['why']}"
    if "entries" not in finding:
        against = "a head kept elsewhere" if finding["witnessed"] else "its own head only"
        return f"It holds: entry {finding['index']} is in the log, by {against}."
    counts = "{entries} entries, {opened} with their words, {heads} heads compared"
    return f"It holds: {counts.format(**finding)}.\nRoot: {finding['root']}"


def asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Check an exported ledger, or one entry's proof.")
    more = parser.add_argument
    more("ledger", nargs="?", help="the exported ledger (JSON lines)")
    more("--proof", metavar="FILE", help="check this proof instead of a ledger")
    more("--witness", metavar="FILE", action="append", default=[], help="heads kept elsewhere")
    more("--json", action="store_true", help="answer in JSON")
    options = parser.parse_args(arguments)
    if bool(options.ledger) == bool(options.proof):
        parser.error("give either a ledger or --proof")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit code is the answer."""
    options = asked(arguments)
    check = check_proof if options.proof else check_ledger
    try:
        finding, code = check(options.proof or options.ledger, options.witness), 0
    except Broken as broken:
        finding, code = broken.finding, 1
    except Unreadable as error:
        finding, code = {"holds": None, "index": None, "why": str(error)}, 2
    answer = json.dumps(finding, ensure_ascii=False) if options.json else say(finding)
    sys.stdout.write(answer + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
