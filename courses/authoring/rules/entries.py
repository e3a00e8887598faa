"""From what an editor typed to what a lesson's file says, and back. Pure.

Only what stands on the form is changed; what else an entry holds stays as it is.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST_QUESTIONS, MOST_OPTIONS = 12, 8
#: What a page offers for one more question.
BLANK = {"stem": "", "options": [], "right": [], "explanation": ""}


def questions(sent: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The self-check out of fields `q<n>-stem`, `q<n>-option` (several), `q<n>-right`, `q<n>-explanation`.

    A question of which nothing was typed is none; options left empty are none either.
    """
    numbers = sorted({int(found[1]) for name in sent if (found := re.fullmatch(r"q(\d{1,3})-stem", name))})
    read = (_question(sent, f"q{number}") for number in numbers)
    return [one for one in read if one["stem"] or one["options"] or one["explanation"]][:MOST_QUESTIONS]


def _question(sent: Mapping[str, Sequence[str]], name: str) -> dict[str, Any]:
    typed = [clean(text) for text in sent.get(f"{name}-option", ())][:MOST_OPTIONS]
    kept = [at for at, text in enumerate(typed) if text]
    ticked = {int(at) for at in sent.get(f"{name}-right", ()) if at.isdigit()}
    return {
        "stem": clean(_first(sent, f"{name}-stem")),
        "options": [typed[at] for at in kept],
        "right": [place for place, at in enumerate(kept) if at in ticked],
        "explanation": clean(_first(sent, f"{name}-explanation")),
    }


def works(sent: Mapping[str, Sequence[str]], known: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """The works a course rests on: rows `work-code`, `-title`, `-year`, `-where` side by side, then those taken over.

    A row without a title is none; a new one gets a code of its own.
    """
    columns = [sent.get(f"work-{name}", ()) for name in ("code", "title", "year", "where")]
    found: dict[str, dict[str, str]] = {}
    for code, title, year, where in zip(*columns, strict=False):
        if clean(title):
            name = code if code and code not in found else free("work", found)
            found[name] = {"code": name, "title": clean(title), "year": clean(year), "where": clean(where)}
    for code in sent.get("take", ()):
        if code in known and code not in found:
            found[code] = dict(known[code])
    return list(found.values())


def free(stem: str, taken: Iterable[str]) -> str:
    """The first of `stem-1`, `stem-2` … that nothing bears yet."""
    there = set(taken)
    return next(name for n in range(1, len(there) + 2) if (name := f"{stem}-{n}") not in there)


def moved(ids: Sequence[int], one: int, by: int) -> list[int]:
    """A list with one of its members some places further down (or up), never over its ends."""
    at = ids.index(one)
    rest = [other for other in ids if other != one]
    place = min(max(at + by, 0), len(rest))
    return [*rest[:place], one, *rest[place:]]


def clean(text: str) -> str:
    """A text as it is kept: one kind of line end, no character that a file or the database cannot hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "".join(c for c in lines if c in "\n\t" or c.isprintable() or c in "\u3000\u00a0")


def _first(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(sent.get(name, ())), "")
