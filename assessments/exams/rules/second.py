"""The second scorer: every mark worked out anew, another way, before anything is released.

It shares no line with `rules.scoring` and `bank.rules.marking`: it reads rows as the database gives them, counts in
whole numbers over a common denominator, and must come to the same points for every question and the same percentage.
What it knows of the rules it has from their words, not from their code.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

Part = tuple[int, int]
_WRITTEN = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """One question as the database holds it: what is asked, for how many points, and what is right."""

    item: int
    kind: str
    points: int
    options: int
    key: Any


@dataclass(frozen=True)
class Second:
    """What the second scorer comes to for one candidate: points by question, as text, and the percentage."""

    points: Mapping[int, str]
    percent: str


def second(
    sat: Sequence[Row], answers: Mapping[int, Sequence[str]], multiple: str, dropped: Collection[int] = ()
) -> Second:
    """Mark one candidate from the current answers."""
    found, earned, below, most = {}, 0, 1, 0
    for row in sat:
        up, down = (1, 1) if row.item in dropped else worth(row, answers.get(row.item, ()), multiple)
        up *= row.points
        found[row.item] = _as_text(up, down)
        earned, below, most = earned * down + up * below, below * down, most + row.points
        shrink = gcd(earned, below)
        earned, below = earned // shrink, below // shrink
    return Second(found, _thousandths(earned, below * most))


def _as_text(up: int, down: int) -> str:
    shrink = gcd(up, down)
    return str(up // shrink) if down == shrink else f"{up // shrink}/{down // shrink}"


def _thousandths(earned: int, of: int) -> str:
    """Percent with three places; what is left over counts as one more from the half on."""
    whole, left = divmod(earned * 100_000, of) if of else (0, 0)
    whole += 2 * left >= of > 0
    return f"{whole // 1000}.{whole % 1000:03d}"


def worth(row: Row, answer: Sequence[str], multiple: str) -> Part:
    """The part of its points that an answer earns, as numerator and denominator."""
    if len(answer) == 0:
        return 0, 1
    if row.kind in ("single", "true_false", "multiple"):
        return _options(row, answer, multiple)
    if row.kind in ("matching", "ordering"):
        return (_pairs if row.kind == "matching" else _order)(answer, row.key, multiple)
    if row.kind == "short":
        return _words(answer[0], row.key["accepted"])
    return (1, 1) if (_near(answer, row.key) if row.kind == "numeric" else _spot(answer[0], row.key)) else (0, 1)


def _pairs(answer: Sequence[str], key: Mapping[str, Any], multiple: str) -> Part:
    said: dict[str, str] = {}
    for one in answer:
        prompt, equals, option = one.partition("=")
        if equals:
            said[prompt] = option
    hits = [prompt for prompt, option in key["pairs"].items() if prompt in said and said[prompt] == option]
    return _of_parts(len(hits), len(key["pairs"]), multiple)


def _order(answer: Sequence[str], key: Mapping[str, Any], multiple: str) -> Part:
    order = key["order"]
    if len(answer) != len(order) or any(answer.count(one) != order.count(one) for one in order):
        return 0, 1
    return _of_parts([a == b for a, b in zip(answer, order, strict=True)].count(True), len(order), multiple)


def _options(row: Row, answer: Sequence[str], multiple: str) -> Part:
    right = list(dict.fromkeys(row.key))
    hit, miss = 0, 0
    for option in dict.fromkeys(answer):
        hit, miss = (hit + 1, miss) if option in right else (hit, miss + 1)
    if hit == len(right) and miss == 0:
        return 1, 1
    if row.kind != "multiple" or multiple == "exact":
        return 0, 1
    if multiple == "partial":
        return (0, 1) if miss else (hit, len(right))
    wrong = max(1, row.options - len(right), miss)
    return max(0, hit * wrong - miss * len(right)), len(right) * wrong


def _of_parts(hits: int, of: int, multiple: str) -> Part:
    if hits < of and multiple == "exact":
        return 0, 1
    return hits, of


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _words(answer: str, accepted: Mapping[str, str]) -> Part:
    for words, part in accepted.items():
        if _plain(words) == _plain(answer):
            up, _, down = part.partition("/")
            exact = Fraction(up) / Fraction(down or "1")
            return exact.numerator, exact.denominator
    return 0, 1


def _value(text: Any) -> tuple[int, int] | None:
    """A number as digits and a power of ten."""
    if not isinstance(text, str) or len(text) > 60:
        return None
    found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-"))
    if found is None or not (found[2] or found[3]):
        return None
    after = found[3] or ""
    digits, power = int((found[2] or "") + after), int(found[4] or "0") - len(after)
    length = len(str(digits))
    if length > 30 or abs(length - 1 + power) > 30:
        return None
    return (-digits if found[1] == "-" else digits), power


def _near(answer: Sequence[str], key: Mapping[str, Any]) -> bool:
    numbers = [_value(answer[0]), _value(key["value"]), _value(key.get("tolerance", "0"))]
    if any(one is None for one in numbers):
        return False
    units = [_plain(unit) for unit in key.get("units", [])]
    if units and (len(answer) == 1 or _plain(answer[1]) not in units):
        return False
    least = min(power for _, power in numbers)  # type: ignore[misc]
    said, value, tolerance = (digits * 10 ** (power - least) for digits, power in numbers)  # type: ignore[misc]
    return bool(value - tolerance <= said <= value + tolerance)


def _spot(answer: str, key: Mapping[str, Any]) -> bool:
    parts = answer.split(",")
    found = [_value(part) for part in parts]
    if len(parts) != 2 or found[0] is None or found[1] is None:
        return False
    least = min(0, found[0][1], found[1][1])
    x, y = (digits * 10 ** (power - least) for digits, power in found)  # type: ignore[misc]
    return any(_inside(x, y, 10**-least, shape, numbers) for area in key["areas"] for shape, numbers in area.items())


def _inside(x: int, y: int, unit: int, shape: str, numbers: Sequence[Any]) -> bool:
    """Everything in the smallest unit of the answer, so that nothing is divided."""
    if shape == "polygon":
        return _crossings(x, y, [(a * unit, b * unit) for a, b in numbers]) % 2 == 1
    scaled = [one * unit for one in numbers]
    if shape == "circle":
        return bool((x - scaled[0]) ** 2 + (y - scaled[1]) ** 2 <= scaled[2] * scaled[2])
    left, top, right, bottom = scaled
    return bool(left <= x <= right and top <= y <= bottom)


def _crossings(x: int, y: int, corners: Sequence[tuple[int, int]]) -> int:
    """How often a ray to the right crosses the border, by the side of each edge on which the point lies."""
    count = 0
    for number, (x1, y1) in enumerate(corners):
        x0, y0 = corners[number - 1]
        if (y0 > y) == (y1 > y):
            continue
        side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
        count += side > 0 if y1 > y0 else side < 0
    return count
