"""Indicators against their targets, and the whole out of its parts by stated weights; exact until rounded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from assessments.practice.rules.records import Form

_CENT = Decimal("0.01")


class Unit(StrEnum):
    """What an indicator is counted in."""

    #: numerator / denominator as percent
    PERCENT = "percent"
    #: a mean: points, minutes, days
    MEAN = "mean"


class Better(StrEnum):
    """In which direction an indicator is better."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True)
class Definition:
    """What an indicator counts, where it should be, and how many cases it needs to say anything."""

    unit: Unit
    better: Better
    target: Decimal
    least_count: int
    unit_words: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Definition":
        """From the body of a version."""
        return cls(
            Unit(body["unit"]),
            Better(body["better"]),
            Decimal(body["target"]),
            body["least_count"],
            body.get("unit_words", ""),
        )


@dataclass(frozen=True)
class Counted:
    """What was counted of one indicator: the sum over `count` cases."""

    numerator: Decimal
    count: int

    def value(self, unit: Unit) -> Fraction:
        """Share in percent, or mean."""
        return Fraction(self.numerator) * (100 if unit is Unit.PERCENT else 1) / self.count


def together(counted: Sequence[Counted]) -> Counted | None:
    """Several periods as one: sums over sums, so that a quarter with few cases weighs little."""
    if not counted:
        return None
    return Counted(sum((one.numerator for one in counted), Decimal(0)), sum(one.count for one in counted))


def reached(value: Fraction, definition: Definition) -> Fraction:
    """How much of its target an indicator reaches, in percent, at most 100.

    Better high: value / target. Better low: 100 at or under the target, above it target / value.
    """
    target = Fraction(definition.target)
    if definition.better is Better.HIGH:
        return min(Fraction(100), 100 * value / target)
    return Fraction(100) if value <= target else 100 * target / value


@dataclass(frozen=True)
class Part:
    """One part of the whole: its weight and its percent, with what it came from."""

    name: str
    weight: int
    percent: Decimal
    count: int = 0
    value: Decimal | None = None


@dataclass(frozen=True)
class Whole:
    """A result: one percentage and its parts."""

    percent: Decimal
    parts: tuple[Part, ...]
    indicators: tuple[Part, ...]

    def as_json(self) -> dict[str, Any]:
        """As a version of the result keeps it."""

        def plain(one: Part) -> dict[str, Any]:
            value = None if one.value is None else str(one.value)
            return {
                "name": one.name, "weight": one.weight, "percent": str(one.percent), "count": one.count, "value": value,
            }  # fmt: skip

        return {"parts": [plain(one) for one in self.parts], "indicators": [plain(one) for one in self.indicators]}


@dataclass(frozen=True)
class Missing:
    """What has not been counted (enough) for a result: codes of indicators."""

    codes: tuple[str, ...]


def rounded(value: Fraction) -> Decimal:
    """Half up, to two places."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_CENT, ROUND_HALF_UP)


def whole(
    form: Form,
    records: Sequence[Mapping[str, int]],
    counted: Mapping[str, Counted],
    definitions: Mapping[str, Definition],
) -> Whole | Missing:
    """The result of an evaluation: the weighted mean of records, satisfaction and indicators.

    Records: all points / all points possible. Satisfaction and indicators: how much of the target is reached, the
    indicators counting alike. What is wanted and not there, or of too few cases, makes the result missing.
    """
    lacking = tuple(code for code in form.wanted if not _enough(counted.get(code), definitions.get(code)))
    if lacking:
        return Missing(lacking)
    shares = {code: reached(counted[code].value(definitions[code].unit), definitions[code]) for code in form.wanted}
    points = sum(record[one.code] for record in records for one in form.criteria)
    exact = {"records": Fraction(100 * points, form.maximum * len(records))}
    if form.satisfaction:
        exact["satisfaction"] = shares[form.satisfaction]
    if form.indicators:
        exact["indicators"] = sum((shares[code] for code in form.indicators), Fraction(0)) / len(form.indicators)
    weights = {name: getattr(form.weights, name) for name in exact}
    total = sum((exact[name] * weights[name] for name in exact), Fraction(0)) / sum(weights.values())
    parts = tuple(Part(name, weights[name], rounded(share)) for name, share in exact.items())
    return Whole(rounded(total), parts, tuple(_shown(code, counted, definitions, shares) for code in form.wanted))


def _enough(counted: Counted | None, definition: Definition | None) -> bool:
    return counted is not None and definition is not None and counted.count >= definition.least_count


def _shown(
    code: str, counted: Mapping[str, Counted], definitions: Mapping[str, Definition], shares: Mapping[str, Fraction]
) -> Part:
    value = rounded(counted[code].value(definitions[code].unit))
    return Part(code, 0, rounded(shares[code]), counted[code].count, value)
