"""Making a paper: what is chosen from a bank, its hash, and what two officers approve."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from assessments.bank.rules.content import digest
from assessments.exams.rules.scoring import RULES, Key, key_plain

T = TypeVar("T")


@dataclass(frozen=True)
class Shortage(Exception):
    """A cell of the blueprint that the bank cannot fill."""

    topic: str
    wanted: int
    there: int


def choose(
    wanted: Mapping[str, int], offered: Sequence[tuple[T, str]], pick: Callable[[Sequence[T], int], Sequence[T]]
) -> list[T]:
    """So many of each topic, in the order of the bank; raises Shortage naming the first cell that cannot be filled."""
    chosen: set[int] = set()
    for topic, count in wanted.items():
        there = [number for number, (_, its) in enumerate(offered) if its == topic]
        if count < 0 or len(there) < count:
            raise Shortage(topic, count, len(there))
        chosen |= set(pick(there, count))  # type: ignore[arg-type]
    return [thing for number, (thing, _) in enumerate(offered) if number in chosen]


def paper_hash(items: Iterable[tuple[bytes, int]], multiple: str) -> bytes:
    """The hash of a paper: its questions by their own hashes, in order, with their points, and the marking rule."""
    return digest({"items": [[content.hex(), points] for content, points in items], "multiple": multiple})


def key_hash(paper: bytes, key: Key) -> bytes:
    """The hash of a key, which is a key to one paper."""
    return digest({"paper": paper.hex(), "key": key_plain(key)})


def seal(paper: bytes, key: bytes, minutes: int, cut: Decimal) -> bytes:
    """What two officers approve: paper, key, time, cut and the version of the marking rules."""
    plain = {"paper": paper.hex(), "key": key.hex(), "minutes": minutes, "cut": f"{cut:.2f}", "rules": RULES}
    return digest(plain)


def receipt_key(secret: str, attempt: str) -> bytes:
    """The secret by which one attempt's page knows that an acknowledgement is the centre's."""
    return hmac.new(secret.encode(), b"exam receipt\0" + attempt.encode(), hashlib.sha256).digest()


def receipt(key: bytes, attempt: str, ids: Iterable[str]) -> str:
    """The proof that the centre holds these events: a MAC over their ids."""
    text = "\n".join([attempt, *sorted(ids)])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
