#!/usr/bin/env python3
"""Check an exported ledger without trusting the system that wrote it.

This file stands alone: it needs Python 3.10 or newer and nothing else. Copy it, read it, and run it:

    python3 verifier.py ledger.jsonl                          does the log agree with itself?
    python3 verifier.py ledger.jsonl --witness heads.jsonl    and with the heads kept elsewhere (--key: signed)?
    python3 verifier.py --proof proof.json --witness heads.jsonl    is it in the log, did the log go on?

A ledger file has one JSON object a line:
    {"type": "head", "size": 1, "root": "<hex>", "at": "…"}
    {"type": "entry", "index": 0, "kind": "…", "commitment": "<hex>", "salt": "<hex>", "text": "…"}

`salt` and `text` are missing where the words are not shown or were erased. Where they are shown,
SHA-256(salt ‖ text) is the commitment, and the text is a JSON object that names the kind. The root of
`size` entries is the Merkle tree hash of RFC 9162 over the first `size` commitments. A head may carry
`key` and `signature` (Ed25519). A `sum` is the SHA-256 of the sum before and of the line up to it.
Exit code: 0 it holds, 1 it does not (the first broken entry is named), 2 the file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

Line = dict[str, Any]
SUM = ', "sum": "'
Heads = dict[int, list[tuple[bytes, str]]]  # size → (root, where it was kept)


class Broken(Exception):
    """Something recorded is not as it was."""

    def __init__(self, why: str, index: int, **more: int) -> None:
        super().__init__(why)
        self.finding: Line = {"holds": False, "index": index, "why": why, **more}


class Unreadable(Exception):
    """The file is not what it should be; nothing can be said."""


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
        bag = self.peaks[-1][1] if self.peaks else sha256(b"").digest()
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


def grown(old: int, new: int, roots: tuple[bytes, bytes], steps: Sequence[bytes]) -> bool:
    """Whether the log with the second root begins with the log with the first."""
    turns, first, end = [], 0, new
    while end != old:
        cut = 1 << ((end - first - 1).bit_length() - 1)
        turns.append(old <= first + cut)
        first, end = (first, first + cut) if turns[-1] else (first + cut, end)
    path = list(steps) if first else [roots[0], *steps]
    if len(path) != len(turns) + 1:
        return False
    before = after = path[0]
    for goes_left, step in zip(reversed(turns), path[1:], strict=True):
        before, after = (before, node(after, step)) if goes_left else (node(step, before), node(step, after))
    return (before, after) == roots


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z


def add(a: Point, b: Point) -> Point:
    """The sum of two points of the curve."""
    low, high = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = high - low, d - c, d + c, high + low
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    total: Point = (0, 1, 1, 0)
    while number:
        total = add(total, point) if number & 1 else total
        point, number = add(point, point), number >> 1
    return total


def point_in(data: bytes) -> Point | None:
    """The point that 32 bytes stand for."""
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (not x and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_in((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def signed(public: bytes, signature: bytes, words: bytes) -> bool:
    """Whether the owner of this key signed these words."""
    key, start, answer = point_in(public), point_in(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or start is None or BASE is None or len(signature) != 64 or answer >= ORDER:
        return False
    asked = int.from_bytes(sha512(signature[:32] + public + words).digest(), "little") % ORDER
    one, other = times(answer, BASE), add(start, times(asked, key))
    return all((one[i] * other[2] - other[i] * one[2]) % P == 0 for i in (0, 1))


def lines_of(path: str) -> Iterator[Line]:
    """The objects of a file of JSON lines; where lines carry sums, they are checked on the way."""
    total, due = b"", 0
    try:
        with Path(path).open(encoding="utf-8", newline="\n") as file:
            for number, text in enumerate(file, 1):
                where = f"{path}, line {number}"
                if total or SUM in text:
                    total = sha256(total + text.rpartition(SUM)[0].encode()).digest()
                    if not text.rstrip("\n").endswith(f'{SUM}{total.hex()}"}}'):
                        raise Broken(f"{where}: something was changed here", due)
                if text.strip():
                    line = parsed(text, where)
                    due += line["type"] == "entry"
                    yield line
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{path}, at entry {due}: {error}") from error


def parsed(text: str, where: str) -> Line:
    """A piece of JSON that is an object of a known type."""
    try:
        thing = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{where}: not JSON ({error})") from error
    if not isinstance(thing, dict) or thing.get("type") not in ("entry", "head", "proof", "growth"):
        raise Unreadable(f"{where}: neither an entry nor a head nor a proof")
    return {**thing, "where": where}


def field(thing: Line, name: str, kind: type) -> Any:
    """One value of a line, of the right sort."""
    value = thing.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Unreadable(f"{thing['where']}: {name} is missing or not {kind.__name__}")
    return value


def raw(thing: Line, name: str, length: int = 32) -> bytes:
    """One hash, salt or signature of a line."""
    try:
        value = bytes.fromhex(field(thing, name, str))
    except ValueError as error:
        raise Unreadable(f"{thing['where']}: {name} is not hexadecimal") from error
    if len(value) != length:
        raise Unreadable(f"{thing['where']}: {name} is not {length} bytes long")
    return value


def raws(thing: Line, name: str) -> list[bytes]:
    """The hashes of a proof."""
    return [raw({name: one, "where": thing["where"]}, name) for one in field(thing, name, list)]


def gather(paths: Sequence[str]) -> Heads:
    """All the heads in some files."""
    heads: Heads = {}
    for thing in (line for path in paths for line in lines_of(path) if line["type"] == "head"):
        heads.setdefault(field(thing, "size", int), []).append((raw(thing, "root"), thing["where"]))
    return heads


def signers(paths: Sequence[str], keys: Sequence[bytes]) -> Line:
    """Up to where the heads in each of these files are signed with one of these keys; nothing if no key is given."""
    known, until = {sha256(key).hexdigest()[:16]: key for key in keys}, 0
    for path in paths if known else ():
        heads = [line for line in lines_of(path) if line["type"] == "head" and line.get("key") in known]
        if not heads:
            raise Broken(f"{path}: no head is signed with a key you named", 0)
        last = max(heads, key=lambda line: int(field(line, "size", int)))
        said = {"at": field(last, "at", str), "root": raw(last, "root").hex(), "size": last["size"]}
        words = b"skills-ledger-head\n" + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        if not signed(known[last["key"]], raw(last, "signature", 64), words):
            raise Broken(f"{last['where']}: the signature is not the key's", max(last["size"] - 1, 0))
        until = max(until, last["size"])
    return {"signed": until} if known else {}


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
        heads = self.heads.pop(self.log.size, [])
        for root, where in heads:
            if root != self.log.root():  # one of the entries since the last head that agreed, or that head
                why = f"entries {self.agreed} to {self.log.size - 1} do not lead to the head ({where})"
                raise Broken(why, self.agreed, to=self.log.size - 1)
        self.compared, self.agreed = self.compared + len(heads), self.log.size if heads else self.agreed

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
        found = {"opened": self.opened, "closed": size - self.opened, "heads": self.compared}
        return {"holds": True, "entries": size, **found, "root": root}


def check_ledger(path: str, witnesses: Sequence[str] = ()) -> Line:
    """Walk through an exported ledger; raises Broken at the first broken entry."""
    walk = Walk(gather([path, *witnesses]))
    for thing in (line for line in lines_of(path) if line["type"] == "entry"):
        walk.step(thing)
    return walk.end()


def check_proof(path: str, witnesses: Sequence[str] = ()) -> Line:
    """Check the proof of one entry or of a longer log, against heads kept elsewhere if there are any."""
    try:
        proof = parsed(Path(path).read_text(encoding="utf-8"), path)
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"{path}: {error}") from error
    return check_growth(proof, witnesses) if proof["type"] == "growth" else check_entry(proof, witnesses)


def kept(size: int, root: bytes, witnesses: Sequence[str], index: int) -> bool:
    """Whether a head kept elsewhere knows this root; none may know another one."""
    heads = [head for head, _ in gather(witnesses).get(size, [])]
    if any(head != root for head in heads):
        raise Broken("a head kept elsewhere has another root", index)
    if witnesses and not heads:
        raise Broken(f"no head of {size} entries is kept elsewhere", index)
    return bool(heads)


def check_entry(proof: Line, witnesses: Sequence[str]) -> Line:
    """The proof that one entry, and perhaps one row that it commits to, is in the log."""
    index, size = field(proof, "index", int), field(proof, "size", int)
    root, commitment = raw(proof, "root"), raw(proof, "commitment")
    shown = opened(proof, index, commitment)
    if not 0 <= index < size < 2**63 or climb(leaf(commitment), index, size, raws(proof, "proof")) != root:
        raise Broken("the proof does not lead from the entry to the root", index)
    row = check_row({**proof["row"], "where": proof["where"]}, proof, index) if "row" in proof else {}
    return {"holds": True, "index": index, "opened": shown, "witnessed": kept(size, root, witnesses, index), **row}


def check_row(row: Line, proof: Line, index: int) -> Line:
    """One row of a table must be among those whose root stands in the words of the entry."""
    digest = sha256(raw(row, "salt") + field(row, "text", str).encode()).digest()
    try:
        words, place = json.loads(field(proof, "text", str))["words"], field(row, "place", int)
        values = dict(zip(words["columns"], json.loads(row["text"]), strict=True))
        named = words["table"] == row["table"] and values["id"] == str(row["id"]) and 0 <= place < words["rows"]
        root = climb(leaf(digest), place, words["rows"], raws(row, "proof")) if named else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"{row['where']}: this is no row ({error})") from error
    if root is None or root.hex() != words["root"]:
        raise Broken("the row is not one of those that the entry commits to", index)
    return {"row": values, "table": words["table"]}


def check_growth(proof: Line, witnesses: Sequence[str]) -> Line:
    """The proof that the longer log begins with the shorter one."""
    old, new = field(proof, "old", int), field(proof, "new", int)
    roots = raw(proof, "old_root"), raw(proof, "new_root")
    if not 0 < old <= new < 2**63 or not grown(old, new, roots, raws(proof, "proof")):
        raise Broken(f"the log of {new} entries is not shown to begin with that of {old}", old - 1)
    found = [kept(old, roots[0], witnesses, old - 1), kept(new, roots[1], witnesses, new - 1)]
    return {"holds": True, "old": old, "new": new, "witnessed": all(found)}


def say(finding: Line) -> str:
    """The finding as a sentence."""
    if not finding["holds"]:
        return ("BROKEN at entry {index}: {why}" if finding["index"] is not None else "UNREADABLE: {why}").format(
            **finding
        )
    if "old" in finding:
        return f"It holds: the log of {finding['new']} entries begins with that of {finding['old']}."
    if "entries" not in finding:
        against = "a head kept elsewhere" if finding["witnessed"] else "its own head only"
        return f"It holds: entry {finding['index']} is in the log, by {against}."
    counts = "{entries} entries, {opened} with their words, {heads} heads compared"
    return f"It holds: {counts.format(**finding)}.\nRoot: {finding['root']}"


def asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description="Check an exported ledger, or a proof.")
    parser.add_argument("ledger", nargs="?", help="the exported ledger (JSON lines)")
    parser.add_argument("--proof", metavar="FILE", help="check this proof instead of a ledger")
    parser.add_argument("--witness", metavar="FILE", action="append", default=[], help="heads kept elsewhere")
    parser.add_argument("--key", type=bytes.fromhex, action="append", default=[], help="whose heads must be signed")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
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
        finding |= signers(options.witness or [options.ledger or options.proof], options.key)
    except Broken as broken:
        finding, code = broken.finding, 1
    except Unreadable as error:
        finding, code = {"holds": None, "index": None, "why": str(error)}, 2
    sys.stdout.write((json.dumps(finding, ensure_ascii=False) if options.json else say(finding)) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
