"""What makes one version of a question, the hash that names it, and what its key must be; nothing but Python."""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

from assessments.bank.rules.kinds import CHOICES, ONE_RIGHT, Kind
from lms import digests

#: The right answer to one question: the right options of a choice, or an object whose shape its kind says.
Key = Collection[str] | Mapping[str, Any]


class Fault(StrEnum):
    """Why a key cannot be used."""

    NO_KEY = "no_key"
    NOT_AN_OPTION = "not_an_option"
    NOT_ONE = "not_one"
    EVERYTHING_RIGHT = "everything_right"
    OPTIONS_REPEAT = "options_repeat"
    PROMPT_OPEN = "prompt_open"
    NOT_AN_ORDER = "not_an_order"
    NOTHING_ACCEPTED = "nothing_accepted"
    NOT_A_NUMBER = "not_a_number"
    UNIT_NOT_OFFERED = "unit_not_offered"
    NO_AREA = "no_area"


@dataclass(frozen=True)
class Content:
    """All that makes one version of a question; two versions with the same content have the same hash.

    `body` holds what only some kinds have: `prompts` [{"key", "text"}] of a matching question, the `picture` of a
    hotspot, `units` to choose from. `shared_stem` is the hash of the case that a series of questions stands under.
    """

    kind: str
    level: str
    topic: str
    technique: str
    stem: str
    options: tuple[tuple[str, str], ...]
    key: Key
    explanation: str
    source: str
    passage: str
    body: Mapping[str, Any] = field(default_factory=dict)
    shared_stem: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The stable keys of the options, in the order in which they were written."""
        return tuple(key for key, _ in self.options)

    def digest(self) -> bytes:
        """SHA-256 over the canonical JSON; the order of the right options does not matter."""
        told = {name: getattr(self, name) for name in ("kind", "level", "topic", "technique", "stem")}
        told |= {name: getattr(self, name) for name in ("explanation", "source", "passage")}
        told["options"] = [list(pair) for pair in self.options]
        # what a question does not have is not in its hash, so that a kind that comes later renames nothing
        told |= {"right": sorted(self.key)} if self.kind in CHOICES else {"key": self.key}
        told |= {name: value for name in ("body", "shared_stem") if (value := getattr(self, name))}
        return digest(told)

    def fault(self) -> Fault | None:
        """Why this cannot be a question, or None."""
        texts = [text.strip() for _, text in self.options]
        if len(set(texts)) != len(texts) or len(set(self.keys)) != len(self.keys):
            return Fault.OPTIONS_REPEAT
        return key_fault(self.kind, self.keys, self.key, self.body)

    def unit_fault(self) -> Fault | None:
        """A unit that must be named can be chosen on the page; a number without one has none to choose."""
        if self.kind != Kind.NUMERIC or not isinstance(self.key, Mapping):
            return None
        right, offered = ({normal(unit) for unit in side.get("units", ())} for side in (self.key, self.body))
        return Fault.UNIT_NOT_OFFERED if right and not right & offered else None


def digest(plain: Mapping[str, Any]) -> bytes:
    """SHA-256 over RFC 8785 JSON."""
    return digests.digest(dict(plain))


def case_digest(text: str) -> bytes:
    """The hash that names what the case of a series says."""
    return digest({"text": text})


def plain_key(key: Key) -> Any:
    """A key as plain JSON, the right options of a choice in order."""
    return dict(key) if isinstance(key, Mapping) else sorted(key)


def key_fault(kind: str, options: Sequence[str], key: Key, body: Mapping[str, Any] | None = None) -> Fault | None:
    """Why this key cannot mark answers to a question with these options, or None."""
    if kind in CHOICES:
        return _choice_fault(kind, options, key)
    if not isinstance(key, Mapping):
        return Fault.NO_KEY
    return _FAULTS[Kind(kind)](options, key, body or {})


def _choice_fault(kind: str, options: Sequence[str], key: Key) -> Fault | None:
    if isinstance(key, Mapping) or not key or len(set(key)) != len(key):
        return Fault.NO_KEY
    if not set(key) <= set(options):
        return Fault.NOT_AN_OPTION
    if kind in ONE_RIGHT and len(key) != 1:
        return Fault.NOT_ONE
    if len(key) == len(options):
        return Fault.EVERYTHING_RIGHT
    return None


def _matching_fault(options: Sequence[str], key: Mapping[str, Any], body: Mapping[str, Any]) -> Fault | None:
    pairs, prompts = key.get("pairs"), [one["key"] for one in body.get("prompts", ())]
    if not isinstance(pairs, Mapping) or not prompts or len(set(prompts)) != len(prompts) or set(pairs) != set(prompts):
        return Fault.PROMPT_OPEN
    return None if set(pairs.values()) <= set(options) else Fault.NOT_AN_OPTION


def _ordering_fault(options: Sequence[str], key: Mapping[str, Any], _body: Mapping[str, Any]) -> Fault | None:
    order = key.get("order")
    whole = isinstance(order, Sequence) and sorted(order) == sorted(options) and len(options) > 1
    return None if whole else Fault.NOT_AN_ORDER


def _short_fault(_options: Sequence[str], key: Mapping[str, Any], _body: Mapping[str, Any]) -> Fault | None:
    accepted = key.get("accepted")
    if not isinstance(accepted, Mapping):
        return Fault.NOTHING_ACCEPTED
    words, shares = {normal(word) for word in accepted}, [fraction(share) for share in accepted.values()]
    whole = "" not in words and len(words) == len(accepted) and 1 in shares
    fair = all(share is not None and 0 < share <= 1 for share in shares)
    return None if whole and fair else Fault.NOTHING_ACCEPTED


def _numeric_fault(_options: Sequence[str], key: Mapping[str, Any], _body: Mapping[str, Any]) -> Fault | None:
    value, tolerance, units = number(key.get("value")), number(key.get("tolerance", "0")), key.get("units", [])
    if value is None or tolerance is None or tolerance < 0:
        return Fault.NOT_A_NUMBER
    named = isinstance(units, list) and all(isinstance(unit, str) and normal(unit) for unit in units)
    return None if named else Fault.NOT_A_NUMBER


def _hotspot_fault(_options: Sequence[str], key: Mapping[str, Any], body: Mapping[str, Any]) -> Fault | None:
    areas = key.get("areas")
    fine = isinstance(areas, list) and areas and all(_is_area(area) for area in areas) and body.get("picture")
    return None if fine else Fault.NO_AREA


def _is_area(area: Any) -> bool:
    if not isinstance(area, Mapping) or len(area) != 1:
        return False
    ((shape, numbers),) = area.items()
    if shape == "polygon":
        fine = isinstance(numbers, list) and len(numbers) >= 3
        return fine and all(isinstance(point, list) and len(point) == 2 and _per_mille(point) for point in numbers)
    if not isinstance(numbers, list) or not _per_mille(numbers):
        return False
    if shape == "circle":
        return len(numbers) == 3 and numbers[2] > 0
    return shape == "rect" and len(numbers) == 4 and numbers[0] < numbers[2] and numbers[1] < numbers[3]


def _per_mille(numbers: Sequence[Any]) -> bool:
    return all(type(one) is int and 0 <= one <= 1000 for one in numbers)


_FAULTS: dict[Kind, Callable[[Sequence[str], Mapping[str, Any], Mapping[str, Any]], Fault | None]] = {
    Kind.MATCHING: _matching_fault,
    Kind.ORDERING: _ordering_fault,
    Kind.SHORT: _short_fault,
    Kind.NUMERIC: _numeric_fault,
    Kind.HOTSPOT: _hotspot_fault,
}


def normal(text: str) -> str:
    """Words as they are compared: full-width as half-width, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def number(text: Any) -> Decimal | None:
    """A finite number of at most 30 digits as people write it, full-width digits too; None for anything else."""
    if not isinstance(text, str) or len(text) > 60:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    try:
        found = Decimal(plain) if "_" not in plain else None
    except InvalidOperation:
        return None
    if found is None or not found.is_finite() or len(found.as_tuple().digits) > 30 or abs(found.adjusted()) > 30:
        return None
    return found


def fraction(text: Any) -> Fraction | None:
    """A share as it is written, "1" or "1/2"; None for anything else."""
    try:
        return Fraction(text) if isinstance(text, str) and len(text) <= 20 else None
    except (ValueError, ZeroDivisionError):
        return None
