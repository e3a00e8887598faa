"""Marking a station: pure arithmetic over a checklist and a sheet. Whole numbers and Decimal only."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import rfc8785

#: Says by which arithmetic a mark was made; raise it with every change of `score`.
RULES = 1
_CENT = Decimal("0.01")


class Wrong(StrEnum):
    """Why a sheet is not taken."""

    NOT_A_SHEET = "not_a_sheet"
    UNKNOWN_ITEM = "unknown_item"
    MISSING_ITEM = "missing_item"
    NOT_WHOLE = "not_whole"
    ABOVE_MAXIMUM = "above_maximum"
    NOT_A_STEP = "not_a_step"
    NO_RATING = "no_rating"
    UNKNOWN_RATING = "unknown_rating"
    TOO_LONG = "too_long"
    NO_TIME = "no_time"


class WrongSheet(ValueError):
    """A sheet that breaks a rule; `item` says where."""

    def __init__(self, wrong: Wrong, item: str = "") -> None:
        super().__init__(wrong.value)
        self.wrong, self.item = wrong, item


@dataclass(frozen=True)
class Item:
    """One line of a checklist; `steps` are the points that can be given, none first, all last."""

    code: str
    text: str
    points: int
    critical: bool
    key: bool
    steps: tuple[int, ...]


@dataclass(frozen=True)
class KeyRule:
    """So many items fully done, and among them so many key items."""

    at_least: int
    with_keys: int


@dataclass(frozen=True)
class Level:
    """One word of the global rating."""

    code: str
    zh: str
    en: str
    borderline: bool


@dataclass(frozen=True)
class Checklist:
    """What of a station's version decides about a mark."""

    items: tuple[Item, ...]
    key_rule: KeyRule | None
    pass_percent: Decimal
    levels: tuple[Level, ...]

    @property
    def maximum(self) -> int:
        """All points."""
        return sum(item.points for item in self.items)

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Checklist":
        """From the body of a station's version."""
        rule = body.get("key_rule")
        return cls(
            items=tuple(
                Item(
                    code=one["code"],
                    text=one["text"],
                    points=one["points"],
                    critical=one["critical"],
                    key=one["key"],
                    steps=tuple(one["steps"]),
                )
                for one in body["items"]
            ),
            key_rule=KeyRule(rule["at_least"], rule["with_keys"]) if rule else None,
            pass_percent=Decimal(str(body["pass_percent"])),
            levels=tuple(
                Level(one["code"], one["title"]["zh"], one["title"]["en"], one["borderline"]) for one in body["levels"]
            ),
        )


def steps_for(points: int, critical: bool) -> tuple[int, ...]:
    """The cells of an item that names none: nothing, half where half is a whole number, all.

    A critical item is done or not done; there is nothing between.
    """
    if critical or points % 2:
        return (0, points)
    return (0, points // 2, points)


@dataclass(frozen=True)
class Score:
    """What a sheet comes to."""

    points: int
    maximum: int
    percent: Decimal
    done: int
    keys_done: int
    critical_failed: tuple[str, ...]
    key_rule_met: bool
    passed: bool

    @property
    def critical(self) -> bool:
        """Whether the station is failed whatever the percent: a critical item, or too few key items."""
        return bool(self.critical_failed) or not self.key_rule_met


def score(checklist: Checklist, marks: Mapping[str, int]) -> Score:
    """Points, percent (rounded once, half up, to two places), critical items, key rule, and whether it is a pass."""
    points = sum(marks[item.code] for item in checklist.items)
    full = [item for item in checklist.items if marks[item.code] == item.points]
    keys = sum(item.key for item in full)
    failed = tuple(sorted(item.code for item in checklist.items if item.critical and marks[item.code] < item.points))
    rule = checklist.key_rule
    met = rule is None or (len(full) >= rule.at_least and keys >= rule.with_keys)
    percent = percentage(points, checklist.maximum)
    passed = percent >= checklist.pass_percent and met and not failed
    return Score(points, checklist.maximum, percent, len(full), keys, failed, met, passed)


class Group(StrEnum):
    """What kind of items a line of a profile sums up."""

    CRITICAL = "critical"
    KEY = "key"
    OTHER = "other"


@dataclass(frozen=True)
class Line:
    """One group of items in a profile."""

    group: Group
    points: int
    maximum: int


def profile(checklist: Checklist, marks: Mapping[str, int]) -> list[Line]:
    """How many points each group of items came to; groups without items are left out."""
    grouped: dict[Group, list[Item]] = {group: [] for group in Group}
    for item in checklist.items:
        grouped[Group.CRITICAL if item.critical else Group.KEY if item.key else Group.OTHER].append(item)
    return [
        Line(group, sum(marks[item.code] for item in items), sum(item.points for item in items))
        for group, items in grouped.items()
        if items
    ]


def percentage(points: int, maximum: int) -> Decimal:
    """A share in percent, rounded half up to two places."""
    return (Decimal(points * 100) / Decimal(maximum)).quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Written:
    """A sheet as it was handed in, every value checked."""

    marks: Mapping[str, int]
    rating: str
    comment: str
    begun_at: datetime
    own_clock: bool
    reason: str


_LONGEST = 2000


def read(checklist: Checklist, sent: Any) -> Written:
    """A sheet out of what a tablet sent; raises WrongSheet naming what is wrong and where."""
    if not isinstance(sent, dict):
        raise WrongSheet(Wrong.NOT_A_SHEET)
    marks = _marks(checklist, sent.get("marks"))
    rating = sent.get("rating")
    if rating in (None, ""):
        raise WrongSheet(Wrong.NO_RATING)
    if rating not in {level.code for level in checklist.levels}:
        raise WrongSheet(Wrong.UNKNOWN_RATING)
    own_clock = sent.get("own_clock")
    if not isinstance(own_clock, bool):
        raise WrongSheet(Wrong.NO_TIME)
    begun = _moment(sent.get("begun_at"))
    return Written(marks, rating, _text(sent.get("comment", "")), begun, own_clock, _text(sent.get("reason", "")))


def _marks(checklist: Checklist, sent: Any) -> dict[str, int]:
    if not isinstance(sent, dict):
        raise WrongSheet(Wrong.NOT_A_SHEET)
    known = {item.code: item for item in checklist.items}
    for code in sent:
        if code not in known:
            raise WrongSheet(Wrong.UNKNOWN_ITEM, str(code)[:80])
    for item in checklist.items:
        if item.code not in sent:
            raise WrongSheet(Wrong.MISSING_ITEM, item.code)
        given = sent[item.code]
        if type(given) is not int or given < 0:
            raise WrongSheet(Wrong.NOT_WHOLE, item.code)
        if given > item.points:
            raise WrongSheet(Wrong.ABOVE_MAXIMUM, item.code)
        if given not in item.steps:
            raise WrongSheet(Wrong.NOT_A_STEP, item.code)
    return {item.code: sent[item.code] for item in checklist.items}


def _text(sent: Any) -> str:
    if not isinstance(sent, str) or "\x00" in sent or any("\ud800" <= letter <= "\udfff" for letter in sent):
        raise WrongSheet(Wrong.NOT_A_SHEET)
    if len(sent) > _LONGEST:
        raise WrongSheet(Wrong.TOO_LONG)
    return sent.strip()


def _moment(sent: Any) -> datetime:
    try:
        at = datetime.fromisoformat(sent)
    except (TypeError, ValueError):
        raise WrongSheet(Wrong.NO_TIME) from None
    if at.tzinfo is None or not 2000 <= at.year <= 2200:
        raise WrongSheet(Wrong.NO_TIME)
    return at


def digest(content: Any) -> bytes:
    """SHA-256 of the RFC 8785 form of plain values."""
    return hashlib.sha256(rfc8785.dumps(content)).digest()


@dataclass(frozen=True)
class Handed:
    """A sheet that stands, as far as it decides: whose, what, and its hash."""

    id: str
    examiner: int
    marks: Mapping[str, int]
    rating: str
    content_hash: bytes


class Cell(StrEnum):
    """How one candidate stands at one station."""

    MISSING = "missing"
    MARKED = "marked"
    AGREED = "agreed"
    DIFFERENT = "different"
    SETTLED = "settled"


@dataclass(frozen=True)
class Judged:
    """Which sheet counts for one candidate at one station, if one does."""

    cell: Cell
    counts: str | None
    over: bytes


def judge(sheets: Sequence[Handed], settled: Mapping[bytes, str]) -> Judged:
    """One sheet, several that say the same, or several that differ until somebody settles just these.

    `settled` names the sheet that counts by the hash over the sheets that differed. The order of sheets, and who
    wrote which, changes nothing about the mark.
    """
    over = digest(sorted(sheet.content_hash.hex() for sheet in sheets))
    if not sheets:
        return Judged(Cell.MISSING, None, over)
    first = min(sheets, key=lambda sheet: sheet.id)
    if all(sheet.marks == first.marks and sheet.rating == first.rating for sheet in sheets):
        return Judged(Cell.MARKED if len(sheets) == 1 else Cell.AGREED, first.id, over)
    chosen = settled.get(over)
    if chosen in {sheet.id for sheet in sheets}:
        return Judged(Cell.SETTLED, chosen, over)
    return Judged(Cell.DIFFERENT, None, over)


def whole_hash(cells: Iterable[tuple[int, int, Judged]]) -> bytes:
    """The hash of all that counts in a circuit: (station, candidate, judgement) in any order."""
    return digest(
        {f"{station}:{candidate}": [judged.over.hex(), judged.counts or ""] for station, candidate, judged in cells}
    )


def receipt_key(secret: str, station: int, examiner: int) -> bytes:
    """The key by which a page knows the centre's answers from those of something in between."""
    return hmac.digest(secret.encode(), f"osce receipt {station} {examiner}".encode(), "sha256")


def receipt(key: bytes, sheet: str) -> str:
    """The proof that the centre holds this sheet."""
    return hmac.digest(key, sheet.encode(), "sha256").hex()
