"""What follows from stars: the monthly subsidy, titles one may be promoted to, honours. Pure; numbers are data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from lms.content.formats import CODE, SourceRef, Strict, Title
from lms.institutions.models import Kind
from lms.people.models import Category

Star = Annotated[int, Field(ge=0, le=5)]


class Rate(Strict):
    """What one star is worth a month."""

    star: int = Field(ge=1, le=5)
    yuan: Decimal = Field(gt=0, max_digits=8, decimal_places=2)


class Subsidy(Strict):
    """On which day of a month stars are looked at, and their worth; one not named gets what the one below gets."""

    counted_on: Literal["first", "last"] = "last"
    monthly: list[Rate] = Field(min_length=1, max_length=5)

    @model_validator(mode="after")
    def _never_less_for_more(self) -> "Subsidy":
        stars, paid = [one.star for one in self.monthly], [one.yuan for one in self.monthly]
        if stars != sorted(set(stars)) or paid != sorted(paid):
            raise ValueError("stars go up, each once, and a higher star is never worth less")
        return self


class Claim(Strict):
    """Something a person may have after years in primary care, with a star, or with a star held for months."""

    code: str = Field(pattern=CODE, max_length=60)
    title: Title
    star: Star = 0
    years: int = Field(default=0, ge=0, le=60)
    months: int = Field(default=0, ge=0, le=600)

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Claim":
        if not (self.star or self.years):
            raise ValueError("a star or years must be asked for")
        if self.months and not self.star:
            raise ValueError("months are those a star was held for: say which")
        return self


class Follows(Strict):
    """One version of the policy on what follows from stars; never edited once it is loaded."""

    code: str = Field(pattern=CODE)
    version: int = Field(ge=1)
    valid_from: date
    title: Title
    sources: list[SourceRef] = Field(min_length=1)
    primary: list[Kind] = Field(min_length=1)
    categories: list[Category] = Field(min_length=1)
    subsidy: Subsidy
    promotions: list[Claim] = Field(max_length=20)
    honours: list[Claim] = Field(max_length=20)

    @model_validator(mode="after")
    def _each_once(self) -> "Follows":
        codes = [one.code for one in (*self.promotions, *self.honours)]
        if len(codes) != len(set(codes)):
            raise ValueError("a code stands twice")
        return self

    def plain(self) -> dict[str, Any]:
        """As it is kept and hashed."""
        return self.model_dump(mode="json")


# ---- what is known of one person on one day -----------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A post that counts, from its first day up to and without its end; no end means to this day."""

    begins_on: date
    ends_on: date | None = None
    #: Whether it is in primary care.
    primary: bool = True


@dataclass(frozen=True)
class Held:
    """The highest certificate in force on a day; for each star up to its own, since when that is held unbroken."""

    star: int
    number: str
    since: Mapping[int, date]
    until: date | None = None
    certificate_id: int = 0


@dataclass(frozen=True)
class Facts:
    """What is known of a person on a day."""

    on: date
    held: Held | None = None
    posts: Sequence[Served] = field(default_factory=tuple)
    #: Where the person works on the day.
    primary_now: bool = False
    active: bool = True

    @property
    def star(self) -> int:
        """The star that is in force on the day."""
        return self.held.star if self.held else 0


# ---- years in primary care ----------------------------------------------------------------------


def days_served(posts: Iterable[Served], on: date) -> int:
    """Days in primary care before a day; two posts at once count once."""
    spans = sorted((one.begins_on, min(one.ends_on or on, on)) for one in posts if one.primary and one.begins_on < on)
    total, reached = 0, date.min
    for begin, end in spans:
        first = max(begin, reached)
        total += max(0, (end - first).days)
        reached = max(reached, end)
    return total


def began(posts: Iterable[Served], on: date) -> date:
    """The day on which somebody who never left would have begun, to have served as many days."""
    return on - timedelta(days=days_served(posts, on))


def years_between(first: date, on: date) -> int:
    """Full years from a day to another; begun on 29 February, they are full on 1 March."""
    return on.year - first.year - ((on.month, on.day) < (first.month, first.day))


def after_years(first: date, years: int) -> date:
    """The day on which so many years are full."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:  # 29 February
        return date(first.year + years, 3, 1)


def after_months(first: date, months: int) -> date:
    """The day on which so many months are full; where the month has no such day, the first of the next."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    try:
        return date(year, month + 1, first.day)
    except ValueError:
        return date(year, month + 2, 1)  # never December: it has every day


# ---- what follows -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """One condition of a row: which, whether it is met, what is asked and what there is."""

    what: Literal["star", "held", "years", "post", "active", "rate"]
    met: bool
    asked: int | Decimal | None = None
    have: int | Decimal | None = None
    #: For a star: the certificate. For years and months: the day on which they are or were full, if that can be said.
    number: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Row:
    """What one person gets, or not, and why."""

    reasons: tuple[Reason, ...]
    yuan: Decimal = Decimal(0)

    @property
    def met(self) -> bool:
        """Whether every condition is met."""
        return all(one.met for one in self.reasons)

    @property
    def missing(self) -> tuple[Reason, ...]:
        """The conditions that are not met."""
        return tuple(one for one in self.reasons if not one.met)


def day_of(subsidy: Subsidy, month: date) -> date:
    """The day of a month on which stars are looked at."""
    first = month.replace(day=1)
    return first if subsidy.counted_on == "first" else after_months(first, 1) - timedelta(days=1)


def rate_of(subsidy: Subsidy, star: int) -> Decimal:
    """What a star is worth a month."""
    return max((one.yuan for one in subsidy.monthly if one.star <= star), default=Decimal(0))


def subsidy_of(policy: Follows, facts: Facts) -> Row:
    """The subsidy of one month, on the facts of its day."""
    least = policy.subsidy.monthly[0].star
    yuan = rate_of(policy.subsidy, facts.star)
    reasons = (
        _star(facts, least),
        Reason("post", facts.primary_now),
        Reason("active", facts.active),
        Reason("rate", yuan > 0, have=yuan),
    )
    return Row(reasons, yuan if all(one.met for one in reasons) else Decimal(0))


def claim_of(claim: Claim, facts: Facts) -> Row:
    """Whether one person may have a title or an honour, on the facts of a day."""
    reasons = [Reason("active", facts.active)]
    if claim.years:
        reasons.append(_years(facts, claim.years))
    if claim.star:
        reasons.append(_star(facts, claim.star))
    if claim.months:
        reasons.append(_held(facts, claim))
    return Row(tuple(reasons))


def _star(facts: Facts, least: int) -> Reason:
    return Reason("star", facts.star >= least, least, facts.star, facts.held.number if facts.held else "")


def _years(facts: Facts, years: int) -> Reason:
    first = began(facts.posts, facts.on)
    full, have = after_years(first, years), years_between(first, facts.on)
    serves = any(one.primary and one.begins_on <= facts.on < (one.ends_on or date.max) for one in facts.posts)
    return Reason("years", have >= years, years, have, day=full if have >= years or serves else None)


def _held(facts: Facts, claim: Claim) -> Reason:
    if facts.held is None or facts.star < claim.star:
        return Reason("held", False, claim.months, 0)
    since = facts.held.since[claim.star]
    full, have = after_months(since, claim.months), _months_between(since, facts.on)
    return Reason("held", full <= facts.on, claim.months, have, facts.held.number, full)


def _months_between(first: date, on: date) -> int:
    return 12 * (on.year - first.year) + on.month - first.month - (on.day < first.day)


def unbroken(spans: Iterable[tuple[date, date | None]], on: date) -> tuple[date, date | None] | None:
    """The span without a gap, made of these (last days count), in which a day lies; None where it lies in none."""
    first: date | None = None
    last: date | None = None
    for begins, ends in sorted(spans, key=lambda span: (span[0], span[1] or date.max)):
        if first is None or (last is not None and begins > last + timedelta(days=1)):
            if first is not None and first <= on <= (last or date.max):
                break
            first, last = begins, ends
        else:
            last = None if last is None or ends is None else max(last, ends)
    if first is None or not first <= on <= (last or date.max):
        return None
    return first, last
