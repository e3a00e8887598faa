"""A star policy as plain values: which evidence each star asks for, and nothing about anybody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from typing import Any

from lms.digests import digest

HIGHEST_STAR = 5
#: No number of a policy is greater, so that exact arithmetic carries it; a certificate's days stay in the calendar.
MOST = 10**9
MOST_DAYS = 36_500
MOST_YEARS = 100


class PolicyWrong(ValueError):
    """The text is no policy; `where` is the way to the place (`stars`, 0, `requires`, …)."""

    def __init__(self, message: str, *where: str | int) -> None:
        super().__init__(message)
        self.where = where


class Measure(StrEnum):
    """How evidence of a kind adds up."""

    MARKS = "marks"  # results at or above `min` percent are counted
    SUM = "sum"  # hours or days are added until they reach `min`
    NUMBER = "number"  # encounters are counted until they reach `min`
    SIGN_OFFS = "sign_offs"  # sign-offs of one technique at `level` are counted until they reach `min`
    PROOFS = "proofs"  # proofs of one technique, of whatever kind, are counted until they reach `min`
    CLEAR = "clear"  # critical failures that no later pass has made good: none may be open


#: What a requirement may ask for: how it is measured, and which kinds of results feed it.
KINDS: dict[str, tuple[Measure, tuple[str, ...]]] = {
    "theory_exam": (Measure.MARKS, ("theory_exam",)),
    "practical_exam": (Measure.MARKS, ("practical_exam",)),
    "practice_evaluation": (Measure.MARKS, ("practice_evaluation",)),
    "simulation_hours": (Measure.SUM, ("simulation_hours",)),
    "education_hours": (Measure.SUM, ("theory_hours",)),
    "rotation_days": (Measure.SUM, ("rotation_days",)),
    "workplace_encounters": (Measure.NUMBER, ("workplace_encounter",)),
    "entrustment": (Measure.SIGN_OFFS, ("entrustment",)),
    "skill_currency": (
        Measure.PROOFS,
        ("practical_exam", "practice_evaluation", "workplace_encounter", "simulated_case", "entrustment"),
    ),
    "no_open_critical_failure": (
        Measure.CLEAR,
        ("practical_exam", "practice_evaluation", "workplace_encounter", "simulated_case"),
    ),
}


@dataclass(frozen=True)
class Title:
    """What a requirement or a star is called."""

    zh: str
    en: str


@dataclass(frozen=True)
class Leaf:
    """One requirement over evidence."""

    kind: str
    title: Title
    min: Decimal
    within_days: int | None = None
    count: int = 1
    technique: str | None = None
    level: int | None = None
    distinct_assessors: int | None = None
    no_critical_failure: bool = False

    @cached_property
    def measure(self) -> Measure:
        """How its evidence adds up."""
        return KINDS[self.kind][0]

    @cached_property
    def needed(self) -> Decimal:
        """The number that must be reached."""
        return Decimal(self.count) if self.measure is Measure.MARKS else self.min


@dataclass(frozen=True)
class Group:
    """At least `needed` of the parts; all of them, any of them, or a number in between."""

    word: str
    needed: int
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Weighted:
    """Points: every part gives its weight times how far it is reached, and together they make at least `needed`.

    The share of a requirement over marks is the mean of its best `count` marks, of any other what there is of what
    is asked, of a group one or nothing.
    """

    needed: Decimal
    parts: tuple[tuple[Decimal, "Node"], ...]
    title: Title | None = None

    @property
    def most(self) -> Decimal:
        """All the points there are."""
        return sum((weight for weight, _ in self.parts), Decimal(0))


@dataclass(frozen=True)
class LowerStar:
    """A lower star must be held."""

    star: int


Node = Leaf | Group | Weighted | LowerStar


@dataclass(frozen=True)
class Star:
    """One star and what it asks for."""

    star: int
    title: Title
    requires: Node


@dataclass(frozen=True)
class Policy:
    """One version of a policy."""

    code: str
    version: int
    valid_from: date
    title: Title
    stars: tuple[Star, ...]
    certificate_years: int | None = None
    number_rule: str = "{division}{year}{serial:06}"
    #: A certificate is due for renewal so many days before its end, and can be renewed so many days after it.
    renew_days: int = 90
    grace_days: int = 90
    #: So many of the star's techniques must be proved anew for a renewal; whose turn it is goes round.
    refreshers: int = 3
    #: The holder is reminded so many days before the end.
    remind_days: tuple[int, ...] = (30, 7)
    #: Percent: a decision less certain than this is borderline; None marks nothing.
    certainty: Decimal | None = None
    #: Whether a borderline decision waits for a second look before it is proposed.
    second_look: bool = False

    def leaves(self) -> Iterator[Leaf]:
        """Every requirement, whatever star asks for it."""
        return iter(self._leaves)

    @cached_property
    def _leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for star in self.stars for leaf in leaves_of(star.requires))

    @cached_property
    def pass_marks(self) -> dict[str, Decimal]:
        """The lowest mark that counts for each kind of marks: what makes a result a proof.

        What merely gives points is no pass mark.
        """
        marks: dict[str, Decimal] = {}
        for star in self.stars:
            for leaf in leaves_of(star.requires, points=False):
                if leaf.measure is Measure.MARKS:
                    marks[leaf.kind] = min(leaf.min, marks.get(leaf.kind, leaf.min))
        return marks


def leaves_of(node: Node, *, points: bool = True) -> Iterator[Leaf]:
    """The requirements in a tree, from the top down; with or without those that give points."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Group) or (points and isinstance(node, Weighted)):
        for part in children(node):
            yield from leaves_of(part, points=points)


def children(node: Group | Weighted) -> tuple[Node, ...]:
    """The parts of a group, without their weights."""
    return node.parts if isinstance(node, Group) else tuple(part for _, part in node.parts)


def content_hash(content: Mapping[str, Any]) -> bytes:
    """SHA-256 over the RFC 8785 form: what a decision and a certificate refer to."""
    return digest(dict(content))


# ---- reading -----------------------------------------------------------------------------------


def parse(content: Mapping[str, Any]) -> Policy:
    """A policy from plain values; raises PolicyWrong with the place of the first thing that is wrong."""
    _map(content, ())
    stars = [_star(raw, ("stars", n)) for n, raw in enumerate(_list(content, "stars", ()))]
    numbers = [star.star for star in stars]
    for place, number in enumerate(numbers):
        if number in numbers[:place]:
            raise PolicyWrong(f"star {number} is described twice", "stars", place, "star")
    about = _map(content.get("certificate") or {}, ("certificate",))
    deciding = _map(content.get("decision") or {}, ("decision",))
    return Policy(
        code=_text(content, "code", ()),
        version=_whole(content, "version", (), least=1),
        valid_from=_day(content.get("valid_from"), ("valid_from",)),
        title=_title(content.get("title"), ("title",)),
        stars=tuple(sorted(stars, key=lambda one: one.star)),
        certificate_years=_years(about) if about.get("valid_years") else None,
        number_rule=_number_rule(about.get("number")),
        **_renewal(about),
        certainty=_percent(deciding, "certainty", ("decision",)) if deciding.get("certainty") is not None else None,
        second_look=bool(deciding.get("second_look")),
    )


_Where = tuple[str | int, ...]


def _years(about: Mapping[str, Any]) -> int:
    return _whole(about, "valid_years", ("certificate",), least=1, most=MOST_YEARS)


def _renewal(about: Mapping[str, Any]) -> dict[str, Any]:
    """What is said about renewing, where anything is."""
    names = ("renew_days", "grace_days", "refreshers")
    said: dict[str, Any] = {
        name: _whole(about, name, ("certificate",), least=0, most=MOST_DAYS) for name in names if name in about
    }
    if "remind_days" in about:
        days = {"days": about["remind_days"]}
        said["remind_days"] = tuple(
            _whole({"days": one}, "days", ("certificate", "remind_days", n), least=1, most=MOST_DAYS)
            for n, one in enumerate(_list(days, "days", ("certificate", "remind_days")))
        )
    return said


def _star(raw: Any, where: _Where) -> Star:
    given = _map(raw, where)
    star = _whole(given, "star", where, least=1)
    if star > HIGHEST_STAR:
        raise PolicyWrong(f"there is no star {star}", *where, "star")
    return Star(star, _title(given.get("title"), (*where, "title")), _node(given.get("requires"), (*where, "requires")))


def _node(raw: Any, where: _Where) -> Node:
    given = _map(raw, where)
    if "kind" in given:
        return _leaf(given, where)
    if "star" in given:
        return LowerStar(_whole(given, "star", where, least=1))
    if "weighted" in given:
        return _weighted(given, where)
    if "at_least" in given:
        parts = _parts(given, "of", where)
        return Group("at_least", _whole(given, "at_least", where, least=1), parts)
    if "all" in given:
        parts = _parts(given, "all", where)
        return Group("all", len(parts), parts)
    if "any" in given:
        return Group("any", 1, _parts(given, "any", where))
    raise PolicyWrong("neither a requirement nor all, any, at_least, weighted, star", *where)


def _parts(given: Mapping[str, Any], key: str, where: _Where) -> tuple[Node, ...]:
    return tuple(_node(raw, (*where, key, n)) for n, raw in enumerate(_list(given, key, where)))


def _weighted(given: Mapping[str, Any], where: _Where) -> Weighted:
    parts = list[tuple[Decimal, Node]]()
    for n, raw in enumerate(_list(given, "of", where)):
        part = _map(raw, (*where, "of", n))
        weight = _number(part, "weight", (*where, "of", n))
        parts.append((weight, _node(part.get("requires"), (*where, "of", n, "requires"))))
    title = _title(given["title"], (*where, "title")) if given.get("title") else None
    return Weighted(_number(given, "weighted", where), tuple(parts), title)


def _leaf(given: Mapping[str, Any], where: _Where) -> Leaf:
    kind = _text(given, "kind", where)
    if kind not in KINDS:
        raise PolicyWrong(f"nothing records {kind!r}", *where, "kind")
    return Leaf(
        kind=kind,
        title=_title(given.get("title"), (*where, "title")),
        min=Decimal(0) if KINDS[kind][0] is Measure.CLEAR else _number(given, "min", where),
        within_days=_optional(given, "within_days", where, least=1),
        count=_optional(given, "count", where, least=1) or 1,
        technique=None if given.get("technique") is None else _text(given, "technique", where),
        level=_optional(given, "level", where, least=1),
        distinct_assessors=_optional(given, "distinct_assessors", where, least=1),
        no_critical_failure=bool(given.get("no_critical_failure")),
    )


def _map(raw: Any, where: _Where) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise PolicyWrong("keys and values are expected here", *where)
    return raw


def _list(given: Mapping[str, Any], key: str, where: _Where) -> list[Any]:
    raw = given.get(key)
    if not isinstance(raw, list) or not raw:
        raise PolicyWrong(f"{key} needs at least one entry", *where, key)
    return raw


def _text(given: Mapping[str, Any], key: str, where: _Where) -> str:
    raw = given.get(key)
    if not isinstance(raw, str) or not raw:
        raise PolicyWrong(f"{key} is missing", *where, key)
    return raw


def _whole(given: Mapping[str, Any], key: str, where: _Where, *, least: int, most: int = MOST) -> int:
    raw = given.get(key)
    if not isinstance(raw, int) or isinstance(raw, bool) or not least <= raw <= most:
        raise PolicyWrong(f"{key} must be a whole number from {least} to {most}", *where, key)
    return raw


def _optional(given: Mapping[str, Any], key: str, where: _Where, *, least: int) -> int | None:
    return None if given.get(key) is None else _whole(given, key, where, least=least)


def _number(given: Mapping[str, Any], key: str, where: _Where) -> Decimal:
    try:
        value = Decimal(str(given.get(key)))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 < value <= MOST:
        raise PolicyWrong(f"{key} must be a number above 0 and at most {MOST}", *where, key)
    return value


def _percent(given: Mapping[str, Any], key: str, where: _Where) -> Decimal:
    value = _number(given, key, where)
    if value > 100:
        raise PolicyWrong(f"{key} is a percentage", *where, key)
    return value


def _title(raw: Any, where: _Where) -> Title:
    given = _map(raw, where)
    return Title(_text(given, "zh", where), _text(given, "en", where))


def _day(raw: Any, where: _Where) -> date:
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise PolicyWrong("a day such as 2026-01-31 is expected", *where) from None


def _number_rule(raw: Any) -> str:
    rule = Policy.number_rule if raw is None else str(raw)
    try:
        one, other = (rule.format(division="000000", year=2000, serial=n) for n in (1, 2))
    except (KeyError, IndexError, ValueError):
        raise PolicyWrong("only {division}, {year} and {serial} may stand in it", "certificate", "number") from None
    if one == other:
        raise PolicyWrong("{serial} must stand in it, else two certificates had one number", "certificate", "number")
    return rule
