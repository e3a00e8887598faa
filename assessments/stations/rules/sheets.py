"""The sheet engine: pure arithmetic over a checklist and what was marked on it. Whole numbers and Decimal only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from lms.texts import can_be_kept

#: Says by which arithmetic a mark was made; raise it with every change of `score`.
RULES = 1
_CENT = Decimal("0.01")


class Kind(StrEnum):
    """What a form is used for: at a practical exam, or at the workplace between exams."""

    STATION = "station"
    #: direct observation of procedural skills
    DOPS = "dops"
    #: mini clinical evaluation exercise
    MINI_CEX = "mini_cex"
    #: case-based discussion
    CBD = "cbd"


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
    NO_COMMENT = "no_comment"
    NO_TIME = "no_time"


class WrongSheet(ValueError):
    """A sheet that breaks a rule; `item` says where."""

    def __init__(self, wrong: Wrong, item: str = "") -> None:
        super().__init__(wrong.value)
        self.wrong, self.item = wrong, item


@dataclass(frozen=True)
class Item:
    """One line of a checklist; `steps` are the points that can be given, none first, all last.

    An optional item may stay without a mark (it was not seen); then it counts neither way.
    """

    code: str
    text: str
    points: int
    critical: bool
    key: bool
    steps: tuple[int, ...]
    optional: bool = False


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
                    optional=one.get("optional", False),
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
    """Points, percent (rounded once, half up, to two places), critical items, key rule, and whether it is a pass.

    What was not seen (an optional item without a mark) counts neither as done nor as missed.
    """
    seen = [item for item in checklist.items if item.code in marks]
    points, maximum = sum(marks[item.code] for item in seen), sum(item.points for item in seen)
    full = [item for item in seen if marks[item.code] == item.points]
    keys = sum(item.key for item in full)
    failed = critical_failed(checklist, marks)
    rule = checklist.key_rule
    met = rule is None or (len(full) >= rule.at_least and keys >= rule.with_keys)
    percent = percentage(points, maximum)
    passed = percent >= checklist.pass_percent and met and not failed
    return Score(points, maximum, percent, len(full), keys, failed, met, passed)


def critical_failed(checklist: Checklist, marks: Mapping[str, int]) -> tuple[str, ...]:
    """The critical items that were not fully done: any of them fails the whole."""
    items = (item for item in checklist.items if item.critical)
    return tuple(sorted(item.code for item in items if marks[item.code] < item.points))


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
        if item.code not in marks:
            continue
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
    comment = _text(sent.get("comment", ""))
    if not comment and critical_failed(checklist, marks):
        raise WrongSheet(Wrong.NO_COMMENT, critical_failed(checklist, marks)[0])
    return Written(marks, rating, comment, begun, own_clock, _text(sent.get("reason", "")))


def _marks(checklist: Checklist, sent: Any) -> dict[str, int]:
    if not isinstance(sent, dict):
        raise WrongSheet(Wrong.NOT_A_SHEET)
    known = {item.code: item for item in checklist.items}
    for code in sent:
        if code not in known:
            raise WrongSheet(Wrong.UNKNOWN_ITEM, str(code)[:80])
    for item in checklist.items:
        if item.code in sent:
            _check(item, sent[item.code])
        elif not item.optional:
            raise WrongSheet(Wrong.MISSING_ITEM, item.code)
    marks = {item.code: sent[item.code] for item in checklist.items if sent.get(item.code) is not None}
    if not marks:
        raise WrongSheet(Wrong.MISSING_ITEM, checklist.items[0].code)
    return marks


def _check(item: Item, given: Any) -> None:
    if given is None and item.optional:
        return
    if type(given) is not int or given < 0:
        raise WrongSheet(Wrong.NOT_WHOLE, item.code)
    if given > item.points:
        raise WrongSheet(Wrong.ABOVE_MAXIMUM, item.code)
    if given not in item.steps:
        raise WrongSheet(Wrong.NOT_A_STEP, item.code)


def _text(sent: Any) -> str:
    if not isinstance(sent, str) or not can_be_kept(sent):
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
