"""What a curriculum may ask, in which order, and how somebody stands to it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

STARS = range(1, 6)
#: A requirement is called due so many days before its day.
SOON = 30


@dataclass(frozen=True)
class Grammar:
    """What a requirement of one kind must and may name, and what its amount counts."""

    needs: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    what: tuple[str, ...] = ()
    #: the amount where none is given; None: it must be given
    amount: int | None = None
    most: int = 10_000
    #: percent where none is given
    percent: int | None = None


GRAMMAR: Mapping[str, Grammar] = {
    "course": Grammar(needs=frozenset({"course"}), amount=1, most=1),
    "hours": Grammar(may=frozenset({"yearly"}), what=("any", "theory", "simulation", "practice")),
    "rotation": Grammar(),
    "technique": Grammar(needs=frozenset({"technique"}), most=5),
    "cases": Grammar(may=frozenset({"technique", "percent"}), percent=60),
    "exam": Grammar(
        may=frozenset({"technique", "percent"}), what=("theory", "practical", "practice"), amount=1, percent=60
    ),
}


class Wrong(StrEnum):
    """What can be wrong with what a requirement names."""

    MISSING = "missing"
    STRANGE = "strange"
    NOT_OF_THESE = "not_of_these"
    NOT_IN_RANGE = "not_in_range"


def wrong(kind: str, named: Iterable[str], what: str, amount: int | None) -> tuple[str, Wrong] | None:
    """The first thing that does not fit the kind: at which of `course`, `technique`, `what` … and why."""
    grammar, given = GRAMMAR[kind], frozenset(named)
    if missing := sorted(grammar.needs - given):
        return missing[0], Wrong.MISSING
    if strange := sorted(given - grammar.needs - grammar.may):
        return strange[0], Wrong.STRANGE
    if what not in (grammar.what or ("",)):
        return "what", Wrong.NOT_OF_THESE if grammar.what else Wrong.STRANGE
    asked = grammar.amount if amount is None else amount
    return ("amount", Wrong.NOT_IN_RANGE) if asked is None or not 1 <= asked <= grammar.most else None


class Moving(StrEnum):
    """Who goes over to a new version, of those under way."""

    NOBODY = "nobody"
    NOT_BEGUN = "not_begun"
    EVERYBODY = "everybody"


class Begins(StrEnum):
    """From which day the months of a rule count."""

    JOINING = "joining"
    ASSIGNMENT = "assignment"


def cycle(after: Mapping[str, Iterable[str]]) -> list[str]:
    """The first circle among what must come before what, its beginning named again at its end; empty where none is."""
    done: set[str] = set()
    for start in after:
        trail: list[str] = []
        found = _walk(start, after, trail, done)
        if found:
            return found
    return []


def _walk(at: str, after: Mapping[str, Iterable[str]], trail: list[str], done: set[str]) -> list[str]:
    """Depth first without recursion: a chain may be longer than Python's stack."""
    stack: list[tuple[str, list[str]]] = [(at, list(after.get(at, ())))]
    trail.append(at)
    while stack:
        name, rest = stack[-1]
        if name in done or not rest:
            done.add(name)
            stack.pop()
            trail.pop()
            continue
        following = rest.pop()
        if following in trail:
            return [*trail[trail.index(following) :], following]
        if following not in done:
            stack.append((following, list(after.get(following, ()))))
            trail.append(following)
    return []


class State(StrEnum):
    """How somebody stands to one requirement."""

    DONE = "done"
    OVERDUE = "overdue"
    DUE = "due"
    UNDER_WAY = "under_way"
    OPEN = "open"
    BLOCKED = "blocked"
    LIFTED = "lifted"


@dataclass(frozen=True)
class Asked:
    """One requirement of a tier, as far as its state depends on it."""

    code: str
    star: int
    amount: int
    after: tuple[str, ...] = ()
    yearly: bool = False
    months: int | None = None
    #: names a course that is out of use and was not begun: nobody can ask it, as long as that is so
    closed: bool = False


@dataclass(frozen=True)
class Stand:
    """How somebody stands to one requirement, until when it is due, and what must come first."""

    state: State
    have: Decimal
    due_on: date | None
    blocked_by: tuple[str, ...] = ()


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month, as PostgreSQL counts."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, month + 1, last)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")


def due(asked: Asked, begins_on: date, tiers: Sequence[date], today: date) -> date:
    """Until when: the tier's day, earlier where the requirement says so; what is asked each year by the year's end."""
    if asked.yearly:
        return date(today.year, 12, 31)
    day = tiers[asked.star - 1]
    return day if asked.months is None else min(day, months_later(begins_on, asked.months))


def stands(
    asked: Sequence[Asked], have: Mapping[str, Decimal], begins_on: date, tiers: Sequence[date], today: date
) -> dict[str, Stand]:
    """How somebody stands to every requirement of a curriculum, by its code."""
    met = {one.code for one in asked if have.get(one.code, Decimal()) >= one.amount}
    past = met | {one.code for one in asked if one.closed}
    return {one.code: _stand(one, have.get(one.code, Decimal()), (met, past), due(one, begins_on, tiers, today), today)
            for one in asked}  # fmt: skip


def _stand(one: Asked, have: Decimal, gone: tuple[set[str], set[str]], day: date, today: date) -> Stand:
    """What is met is done; what is lifted holds nothing up that comes after it."""
    met, past = gone
    blocked = tuple(code for code in one.after if code not in past)
    if one.code in met:
        return Stand(State.DONE, have, day)
    if one.closed:
        return Stand(State.LIFTED, have, None)
    if day < today:
        return Stand(State.OVERDUE, have, day, blocked)
    if blocked:
        return Stand(State.BLOCKED, have, day, blocked)
    if (day - today).days <= SOON:
        return Stand(State.DUE, have, day)
    return Stand(State.UNDER_WAY if have else State.OPEN, have, day)


def tier_at(asked: Sequence[Asked], found: Mapping[str, Stand]) -> int:
    """The first tier in which something is left; the last one when all is done (what is asked yearly holds none up)."""
    past = {State.DONE, State.LIFTED}
    left = [one.star for one in asked if found[one.code].state not in past and not one.yearly]
    return min(left, default=max((one.star for one in asked), default=1))


@dataclass(frozen=True)
class Differences:
    """Codes of requirements that are new, changed or gone between two versions."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]


def differ(before: Mapping[str, object], after: Mapping[str, object]) -> Differences:
    """From what each requirement asks, by its code."""
    return Differences(
        new=tuple(code for code in after if code not in before),
        changed=tuple(code for code in after if code in before and after[code] != before[code]),
        gone=tuple(code for code in before if code not in after),
    )


def heads_that_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What else two documents say differently than what is asked: title, summary, names of tiers, works."""
    names = ("title", "summary", "tiers", "sources")
    said = [[tier["title"] for tier in one["tiers"]] for one in (before, after)]
    return [name for name in names if (said[0] != said[1] if name == "tiers" else before[name] != after[name])]
