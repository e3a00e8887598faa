"""Keys as editors type them, one thing a line, and back again; what cannot be read raises ValueError."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assessments.bank.rules.content import fraction

_SEPARATOR = re.compile(r"[\n,，、;；]+")
_SHAPES = {"circle": 3, "rect": 4}


def listed(text: str | None) -> list[str]:
    """Short things, each on a line of its own or behind a comma, each once."""
    return list(dict.fromkeys(one.strip() for one in _SEPARATOR.split(text or "") if one.strip()))


def accepted(text: str | None) -> dict[str, str]:
    """Wordings that earn points, one a line; `= 1/2` behind one says which share."""
    found: dict[str, str] = {}
    for line in (text or "").splitlines():
        words, equals, share = line.rpartition("=")
        words, share = (words.strip(), share.strip()) if equals else (line.strip(), "1")
        if not words and not share.strip():
            continue
        if words and (fraction(share) is None or words in found):
            raise ValueError(line.strip())
        if words:
            found[words] = share
    return found


def accepted_lines(key: Mapping[str, str]) -> str:
    """The same as it is typed."""
    return "\n".join(words if share == "1" else f"{words} = {share}" for words, share in key.items())


def areas(text: str | None) -> list[dict[str, Any]]:
    """Areas of a picture, one a line, per mille: `circle x y r`, `rect x0 y0 x1 y1` or `polygon x y x y x y …`."""
    found: list[dict[str, Any]] = []
    for line in (text or "").splitlines():
        parts = line.replace(",", " ").replace("，", " ").split()
        if not parts:
            continue
        shape, numbers = parts[0].lower(), [_number(part, line) for part in parts[1:]]
        if shape == "polygon" and len(numbers) >= 6 and len(numbers) % 2 == 0:
            found.append({shape: [list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]})
        elif _SHAPES.get(shape) == len(numbers):
            found.append({shape: numbers})
        else:
            raise ValueError(line.strip())
    return found


def _number(part: str, line: str) -> int:
    if re.fullmatch(r"[0-9]{1,4}", part) is None or int(part) > 1000:
        raise ValueError(line.strip())
    return int(part)


def area_lines(key: Sequence[Mapping[str, Any]]) -> str:
    """The same as it is typed."""
    lines = []
    for area in key:
        ((shape, numbers),) = area.items()
        flat = [one for point in numbers for one in point] if shape == "polygon" else numbers
        lines.append(" ".join(map(str, [shape, *flat])))
    return "\n".join(lines)
