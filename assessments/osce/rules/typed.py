"""Times, breaks and rests as officers type them."""

import re
import unicodedata

_CLOCK = re.compile(r"(\d{1,2})\s*[:.时点]\s*(\d{2})?\s*分?|(\d{2})(\d{2})")
_BETWEEN = re.compile(r"\s*(?:-|–|—|~|〜|至|到)\s*")
_APART = re.compile(r"\s*[,;、\n]\s*|\s{2,}")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def clock_of(text: str) -> int | None:
    """The minute of the day that somebody wrote (8:30, 0830, 8点30分), or None; 24:00 is the end of the day."""
    found = _CLOCK.fullmatch(_plain(text))
    if found is None:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
    whole = hour * 60 + minute
    return whole if minute < 60 and whole <= 24 * 60 else None


def breaks_of(text: str) -> tuple[tuple[int, int], ...] | None:
    """Breaks like “12:00-13:00, 15:10-15:20”, or None where one of them is no time span."""
    found = []
    for part in _APART.split(_plain(text)):
        if not part:
            continue
        sides = [clock_of(side) for side in _BETWEEN.split(part)]
        if len(sides) != 2 or sides[0] is None or sides[1] is None:
            return None
        found.append((sides[0], sides[1]))
    return tuple(found)


def rests_of(text: str) -> tuple[int, ...] | None:
    """Ordinals like “4, 8”, each once, or None where one of them is no number."""
    parts = [part for part in re.split(r"[\s,;、]+", _plain(text)) if part]
    if not all(re.fullmatch(r"\d{1,3}", part) for part in parts):
        return None
    return tuple(sorted({int(part) for part in parts}))


def breaks_written(breaks: tuple[tuple[int, int], ...]) -> str:
    """Breaks as they are typed."""
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in breaks)
