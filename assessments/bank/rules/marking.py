"""What an answer is worth: `(kind, rule, answer, key) → share of the points`, exact, for every kind of question.

An answer is a list of strings, as it is kept: chosen option keys; "prompt=option" for each prompt of a matching
question; all option keys in order; the words of a short answer; a number as typed, with its unit; "x,y" per mille of
a picture. What cannot be read as such an answer earns nothing and raises nothing.

Where several things can be right, the paper says by which rule: `exact` (everything right, or nothing), `partial`
(a choice with anything wrong in it: nothing; else the share of the right options chosen) or `less_wrong` (the share of
the right options chosen less the share of the wrong ones chosen, not below nothing). Prompts that match and options
that stand in their place count one by one under the last two.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from assessments.bank.rules.content import Key, fraction, normal, number
from assessments.bank.rules.kinds import CHOICES, Kind

NOTHING, EVERYTHING = Fraction(0), Fraction(1)


class Multiple(StrEnum):
    """How an answer with several parts is marked."""

    EXACT = "exact"
    PARTIAL = "partial"
    LESS_WRONG = "less_wrong"


def share(kind: str, rule: str, answer: Sequence[str], key: Key, options: int = 0) -> Fraction:
    """Which part of a question's points this answer earns, 0 to 1; `options` is how many options there were."""
    if not answer:
        return NOTHING
    if kind in CHOICES:
        return _chosen(kind, rule, frozenset(answer), frozenset(key), options)
    if not isinstance(key, Mapping):
        return NOTHING
    return _SHARES[Kind(kind)](rule, answer, key)


def _chosen(kind: str, rule: str, chosen: frozenset[str], right: frozenset[str], options: int) -> Fraction:
    if chosen == right:
        return EVERYTHING
    if kind != Kind.MULTIPLE or rule == Multiple.EXACT:
        return NOTHING
    if rule == Multiple.PARTIAL:
        return Fraction(len(chosen), len(right)) if chosen <= right else NOTHING
    wrong = max(options - len(right), len(chosen - right), 1)
    return max(NOTHING, Fraction(len(chosen & right), len(right)) - Fraction(len(chosen - right), wrong))


def _counted(rule: str, right: int, of: int) -> Fraction:
    if right == of:
        return EVERYTHING
    return NOTHING if rule == Multiple.EXACT else Fraction(right, of)


def _matching(rule: str, answer: Sequence[str], key: Mapping[str, Any]) -> Fraction:
    pairs = key["pairs"]
    said = dict(one.split("=", 1) for one in answer if "=" in one)
    return _counted(rule, sum(said.get(prompt) == option for prompt, option in pairs.items()), len(pairs))


def _ordering(rule: str, answer: Sequence[str], key: Mapping[str, Any]) -> Fraction:
    order = key["order"]
    if sorted(answer) != sorted(order):
        return NOTHING
    return _counted(rule, sum(said == right for said, right in zip(answer, order, strict=True)), len(order))


def _short(_rule: str, answer: Sequence[str], key: Mapping[str, Any]) -> Fraction:
    accepted = {normal(words): fraction(worth) for words, worth in key["accepted"].items()}
    return accepted.get(normal(answer[0])) or NOTHING


def _numeric(_rule: str, answer: Sequence[str], key: Mapping[str, Any]) -> Fraction:
    said, value, tolerance = number(answer[0]), number(key["value"]), number(key.get("tolerance", "0"))
    if said is None or value is None or tolerance is None:
        return NOTHING
    units = {normal(unit) for unit in key.get("units", ())}
    if units and (len(answer) < 2 or normal(answer[1]) not in units):
        return NOTHING
    # as fractions, because a subtraction of decimals rounds to the context's digits
    return EVERYTHING if abs(Fraction(said) - Fraction(value)) <= Fraction(tolerance) else NOTHING


def _hotspot(_rule: str, answer: Sequence[str], key: Mapping[str, Any]) -> Fraction:
    spot = [number(part) for part in answer[0].split(",")]
    if len(spot) != 2 or None in spot:
        return NOTHING
    x, y = spot
    return EVERYTHING if any(_within(x, y, area) for area in key["areas"]) else NOTHING  # type: ignore[arg-type]


def _within(x: Decimal, y: Decimal, area: Mapping[str, Any]) -> bool:
    ((shape, numbers),) = area.items()
    if shape == "circle":
        return bool((x - numbers[0]) ** 2 + (y - numbers[1]) ** 2 <= numbers[2] ** 2)
    if shape == "rect":
        return bool(numbers[0] <= x <= numbers[2] and numbers[1] <= y <= numbers[3])
    return _within_polygon(Fraction(x), Fraction(y), numbers)


def _within_polygon(x: Fraction, y: Fraction, corners: Sequence[Sequence[int]]) -> bool:
    """By the even-odd rule: a ray to the right crosses the border an odd number of times."""
    inside = False
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y0 > y) != (y1 > y) and x < Fraction(x1 - x0, y1 - y0) * (y - y0) + x0:
            inside = not inside
    return inside


_SHARES: dict[Kind, Callable[[str, Sequence[str], Mapping[str, Any]], Fraction]] = {
    Kind.MATCHING: _matching,
    Kind.ORDERING: _ordering,
    Kind.SHORT: _short,
    Kind.NUMERIC: _numeric,
    Kind.HOTSPOT: _hotspot,
}
