"""The arithmetic of the ledger: commitments and the Merkle tree of RFC 9162 over them.

A tree of n entries is never held in memory. It is addressed by *nodes*: `Node(level, number)` is the
perfect subtree over the entries [number * 2**level, (number + 1) * 2**level). Every root and every proof
is put together from the hashes of O(log n) nodes, which the caller looks up wherever it keeps them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lms import digests

SALT_BYTES = 32
HASH_BYTES = 32


class Node(NamedTuple):
    """A perfect subtree: 2**level entries, the `number`-th of its level."""

    level: int
    number: int

    @property
    def last(self) -> int:
        """The index of its last entry: the append that completes it."""
        return ((self.number + 1) << self.level) - 1


class Span(NamedTuple):
    """The entries from `first` up to and without `end`."""

    first: int
    end: int


Lookup = Callable[[Node], bytes]


# ---- commitments -------------------------------------------------------------------------------


def canonical(text: dict[str, object]) -> bytes:
    """The one byte string (RFC 8785) that stands for these words."""
    return digests.canonical(text)  # it refuses what JSON cannot say


def commitment(salt: bytes, words: bytes) -> bytes:
    """Bind someone to the words without showing them: SHA-256(salt ‖ words)."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(salt + words).digest()


def head_words(size: int, root: bytes, at: str) -> bytes:
    """What is signed of a head: its size, its root and the moment it was written down."""
    return b"skills-ledger-head\n" + canonical({"at": at, "root": root.hex(), "size": size})


def signature_holds(public_key: bytes, signature: bytes, words: bytes) -> bool:
    """Whether the owner of this Ed25519 key signed these words."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, words)
    except (InvalidSignature, ValueError):
        return False
    return True


# ---- hashes ------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry of the log."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a subtree from those of its two halves."""
    return sha256(b"\x01" + left + right).digest()


EMPTY_ROOT = sha256(b"").digest()


# ---- appending ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frontier:
    """All that must be known of a log in order to append: its size and the roots of its peaks.

    The peaks are the perfect subtrees a log of this size decomposes into, the largest first: one for
    each 1 in the binary form of the size.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.peaks) != self.size.bit_count():
            raise ValueError(f"a log of {self.size} has {self.size.bit_count()} peaks")

    def append(self, entry: bytes) -> tuple["Frontier", tuple[bytes, ...]]:
        """The log with one entry more, and the hashes of the nodes it completed, leaf first."""
        peaks = list(self.peaks)
        completed = [leaf_hash(entry)]
        for _ in range(trailing_ones(self.size)):
            completed.append(node_hash(peaks.pop(), completed[-1]))
        return Frontier(self.size + 1, (*peaks, completed[-1])), tuple(completed)

    def root(self) -> bytes:
        """The hash that stands for the whole log."""
        return _bagged(self.peaks)


def trailing_ones(index: int) -> int:
    """How many nodes above the leaf the entry at this index completes."""
    return (~index & (index + 1)).bit_length() - 1


def root_of(entries: Iterable[bytes]) -> bytes:
    """The root of a log with these entries."""
    log = Frontier()
    for entry in entries:
        log, _ = log.append(entry)
    return log.root()


def _bagged(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return EMPTY_ROOT
    *others, bag = peaks
    for peak in reversed(others):
        bag = node_hash(peak, bag)
    return bag


# ---- nodes a span is made of -------------------------------------------------------------------


def nodes_of(span: Span) -> Iterator[Node]:
    """The perfect subtrees that make up a span of a tree, from left to right, the largest first.

    Only for spans that are subtrees of an RFC 9162 tree: their start is aligned to their width.
    """
    first, left = span.first, span.end - span.first
    while left:
        level = left.bit_length() - 1
        yield Node(level, first >> level)
        first += 1 << level
        left -= 1 << level


def hash_of(span: Span, look_up: Lookup) -> bytes:
    """The hash of one subtree, perfect or ragged."""
    return _bagged([look_up(node) for node in nodes_of(span)])


# ---- proofs ------------------------------------------------------------------------------------


def _split(size: int) -> int:
    """The largest power of two smaller than the size: where RFC 9162 cuts a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose hashes prove that the entry at `index` is in the log of `size`."""
    if not 0 <= index < size:
        raise ValueError(f"no entry {index} in a log of {size}")
    spans, first, end = list[Span](), 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """The subtrees whose hashes prove that the log of `new` begins with the log of `old`."""
    if not 0 <= old <= new:
        raise ValueError(f"a log of {new} cannot be shown to go on from one of {old}")
    spans, first, end = list[Span](), 0, new
    while old and end != old:
        middle = first + _split(end - first)
        if old <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(first, middle))
            first = middle
    if old and first:  # else the old log is itself a node of the new tree, and its root is known
        spans.append(Span(first, end))
    return spans[::-1]


def needed(spans: Iterable[Span]) -> set[Node]:
    """All the nodes that must be looked up in order to hash these spans."""
    return {node for span in spans for node in nodes_of(span)}


def inclusion_holds(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Does the proof show that this leaf hash stands at `index` of the log with this root?

    RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    number, last, hashed = index, size - 1, leaf
    for step in proof:
        if not last:
            return False
        if number & 1 or number == last:
            hashed = node_hash(step, hashed)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        number, last = number >> 1, last >> 1
    return not last and hashed == root


def consistency_holds(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does the proof show that the log of `new` entries begins with the log of `old` entries?

    RFC 9162, 2.1.4.2; two logs of one size must be the same, an empty one begins every log.
    """
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    if not 0 < old < new:
        return False
    return _grows(old, new, old_root, new_root, proof)


def _grows(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    if not proof:
        return False
    steps = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, step)
        number, last = number >> 1, last >> 1
    return not last and before == old_root and after == new_root
