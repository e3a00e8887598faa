"""Marking: `(events, paper, key, rules) → result`, a pure function with exact arithmetic.

What is stated here is the rule: the current answer to an item is the event with the greatest (epoch, seq, id). What
an answer is worth, question by question, says `assessments.bank.rules.marking`. Sums are exact fractions; the
percentage is rounded once, half up, to three places, and the cut is held against it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessments.bank.rules import content, marking
from assessments.bank.rules.content import digest, plain_key
from assessments.bank.rules.kinds import CHOICES
from assessments.bank.rules.marking import Multiple

#: Raise it when anything in this file changes what somebody gets.
RULES = 1


@dataclass(frozen=True)
class Event:
    """One answer as it arrived; `answer` are the chosen options, none for an answer that was taken back."""

    id: str
    item: int
    seq: int
    epoch: int
    answer: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One question on the paper."""

    id: int
    kind: str
    points: int
    topic: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """What a candidate sat, named by its hash."""

    hash: str
    items: tuple[Item, ...]
    multiple: Multiple

    @property
    def maximum(self) -> int:
        """All points there are."""
        return sum(item.points for item in self.items)

    def sat(self, items: Collection[int]) -> "Paper":
        """The paper as one candidate had it: a paper may be a pool from which everybody gets their own draw."""
        return replace(self, items=tuple(item for item in self.items if item.id in items))


@dataclass(frozen=True)
class Marked:
    """What one item earned."""

    item: int
    answer: tuple[str, ...]
    points: Fraction
    of: int
    dropped: bool = False


@dataclass(frozen=True)
class Score:
    """The whole result of one candidate, with the hash of everything it rests on."""

    items: tuple[Marked, ...]
    points: Fraction
    maximum: int
    percent: Decimal
    input_hash: bytes


Key = Mapping[int, content.Key]


def current(events: Iterable[Event]) -> dict[int, Event]:
    """The event that counts for each item, in whatever order they came."""
    found: dict[int, Event] = {}
    for event in events:
        held = found.get(event.item)
        if held is None or _place(event) > _place(held):
            found[event.item] = event
    return found


def _place(event: Event) -> tuple[int, int, str]:
    return event.epoch, event.seq, event.id


def percent_of(points: Fraction, maximum: int) -> Decimal:
    """Percent, rounded once, half up, to three places."""
    return _rounded(100 * points / maximum if maximum else Fraction(0), 3)


def _rounded(exact: Fraction, places: int) -> Decimal:
    """The decimal nearest to a fraction that is not negative, half up, decided on the fraction itself."""
    units = (2 * exact.numerator * 10**places + exact.denominator) // (2 * exact.denominator)
    return Decimal(units).scaleb(-places)


def score(events: Iterable[Event], paper: Paper, key: Key, dropped: Collection[int] = ()) -> Score:
    """Mark one candidate on the paper as they had it; answers to items that are not on it count for nothing.

    For a dropped item everybody gets all its points, whatever they answered: so nobody loses by it, and the maximum
    stays what it was.
    """
    answers = current(events)
    marked = tuple(_mark(item, answers.get(item.id), paper.multiple, key, item.id in dropped) for item in paper.items)
    points = sum((one.points for one in marked), Fraction(0))
    plain: dict[str, Any] = {
        "rules": RULES,
        "paper": paper.hash,
        "key": key_plain(key),
        "answers": {str(one.item): list(one.answer) for one in marked},
    }
    if given := sorted(one.item for one in marked if one.dropped):
        plain["dropped"] = given
    return Score(marked, points, paper.maximum, percent_of(points, paper.maximum), digest(plain))


def _mark(item: Item, event: Event | None, multiple: str, key: Key, dropped: bool) -> Marked:
    given = event.answer if event else ()
    answer = tuple(sorted(set(given))) if item.kind in CHOICES else given
    if dropped:
        return Marked(item.id, answer, Fraction(item.points), item.points, dropped=True)
    points = item.points * marking.share(item.kind, multiple, answer, key[item.id], len(item.options))
    return Marked(item.id, answer, points, item.points)


def key_plain(key: Key) -> dict[str, Any]:
    """A key as plain JSON."""
    return {str(item): plain_key(right) for item, right in key.items()}


def passed(percent: Decimal, cut: Decimal) -> bool:
    """Whether the cut is reached; the percentage is the rounded one that everybody sees."""
    return percent >= cut


def plain(percent: Decimal) -> str:
    """A percentage as people read it: without zeros at the end."""
    return f"{percent:f}".rstrip("0").rstrip(".") if "." in f"{percent:f}" else f"{percent:f}"


@dataclass(frozen=True)
class Topic:
    """One topic's part of a result: what was earned of what could be."""

    name: str
    points: Decimal
    of: int
    percent: Decimal


def by_topic(marked: Sequence[Marked], topics: Mapping[int, str]) -> list[Topic]:
    """The result topic by topic, weakest first; the items themselves stay hidden."""
    sums: dict[str, list[Marked]] = {}
    for one in marked:
        sums.setdefault(topics[one.item], []).append(one)
    found = []
    for name, part in sums.items():
        points, of = sum((one.points for one in part), Fraction(0)), sum(one.of for one in part)
        found.append(Topic(name, _rounded(points, 1), of, percent_of(points, of)))
    return sorted(found, key=lambda topic: (topic.percent, topic.name))
