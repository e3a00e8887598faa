"""A key as an officer writes it in one field, for every kind of question; reading what was written gives it back.

Choices `A C`; matching `1=C 2=A`; ordering `C A B`; numbers `12.5 ± 0.5 mmHg / 毫米汞柱`; short answers one to a line,
`words` or `words = 1/2`; places in a picture one to a line, `circle 431 220 40`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assessments.bank.rules.content import Key, fraction
from assessments.bank.rules.kinds import CHOICES, Kind


def written(kind: str, key: Key) -> str:
    """The key as text."""
    if not isinstance(key, Mapping):
        return " ".join(sorted(key))
    if kind == Kind.MATCHING:
        return " ".join(f"{prompt}={option}" for prompt, option in key["pairs"].items())
    if kind == Kind.ORDERING:
        return " ".join(key["order"])
    if kind == Kind.SHORT:
        return "\n".join(words if share == "1" else f"{words} = {share}" for words, share in key["accepted"].items())
    if kind == Kind.NUMERIC:
        return _number_written(key)
    return "\n".join(_area_written(area) for area in key["areas"])


def _number_written(key: Mapping[str, Any]) -> str:
    tolerance = key.get("tolerance", "0")
    told = [key["value"]] + ([f"± {tolerance}"] if tolerance != "0" else [])
    return " ".join(told + ([" / ".join(key["units"])] if key.get("units") else []))


def _area_written(area: Mapping[str, Any]) -> str:
    ((shape, numbers),) = area.items()
    flat = [one for point in numbers for one in point] if shape == "polygon" else numbers
    return " ".join([shape, *map(str, flat)])


def read(kind: str, text: str) -> Any | None:
    """The key that was written, as plain JSON; None for what cannot be read. Whether it fits is asked elsewhere."""
    if kind in CHOICES:
        return sorted(set(_marks(text))) or None
    return _READ[Kind(kind)](text.strip())


def _marks(text: str) -> list[str]:
    """Words apart by blanks, commas or semicolons of any width; letters written together are one each."""
    found = re.split(r"[\s,;，；、]+", text.strip())
    joined = len(found) == 1 and re.fullmatch(r"[A-Za-z]{2,}", found[0])
    return [one.upper() if re.fullmatch(r"[A-Za-z]", one) else one for one in (found[0] if joined else found) if one]


def _matching(text: str) -> Any | None:
    said = [re.split(r"[=＝]", one) for one in _marks(text)]
    if not said or any(len(one) != 2 or not all(one) for one in said) or len({one[0] for one in said}) != len(said):
        return None
    return {"pairs": {prompt: option.upper() if len(option) == 1 else option for prompt, option in said}}


def _ordering(text: str) -> Any | None:
    return {"order": _marks(text)} if _marks(text) else None


def _short(text: str) -> Any | None:
    accepted = {}
    for line in text.splitlines():
        words, equals, share = (part.strip() for part in line.rpartition("="))
        known = equals and words and fraction(share) is not None
        words, share = (words, share) if known else (line.strip(), "1")
        if words:
            accepted[words] = share
    return {"accepted": accepted} if accepted else None


def _numeric(text: str) -> Any | None:
    found = re.fullmatch(r"(\S+)(?:\s*(?:±|\+-|\+/-)\s*(\S+))?(?:\s+(.+))?", text)
    if found is None:
        return None
    units = [unit.strip() for unit in (found[3] or "").split("/") if unit.strip()]
    return {"value": found[1], "tolerance": found[2] or "0"} | ({"units": units} if units else {})


def _hotspot(text: str) -> Any | None:
    areas = [_area(line.split()) for line in text.splitlines() if line.strip()]
    return {"areas": areas} if areas and all(areas) else None


def _area(words: Sequence[str]) -> dict[str, Any] | None:
    if len(words) < 2 or not all(re.fullmatch(r"[0-9]{1,4}", one) for one in words[1:]):
        return None
    numbers = [int(one) for one in words[1:]]
    if words[0] != "polygon":
        return {words[0]: numbers}
    return (
        {"polygon": [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]}
        if not len(numbers) % 2
        else None
    )


_READ: dict[Kind, Callable[[str], Any | None]] = {
    Kind.MATCHING: _matching,
    Kind.ORDERING: _ordering,
    Kind.SHORT: _short,
    Kind.NUMERIC: _numeric,
    Kind.HOTSPOT: _hotspot,
}
