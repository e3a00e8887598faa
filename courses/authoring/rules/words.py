"""What is wrong with a course in the making, in words of its editor: where, and what to do. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from lms.i18n import _, _l

Place = tuple[str | int, ...]

FIELDS: dict[str, Any] = {
    "code": _l("Code"),
    "title": _l("Title"),
    "summary": _l("Summary of the course"),
    "categories": _l("For whom"),
    "hours_kind": _l("Kind of hours"),
    "techniques": _l("Techniques it teaches"),
    "prerequisites": _l("Courses that come before"),
    "sources": _l("What it rests on"),
    "lessons": _l("Lessons"),
    "minutes": _l("Minutes"),
    "attachments": _l("Files"),
    "self_check": _l("Check yourself"),
    "body": _l("Text"),
    "stem": _l("Question"),
    "options": _l("Answers"),
    "right": _l("Right answers"),
    "explanation": _l("Explanation"),
    "year": _l("Year"),
    "where": _l("Publisher and place"),
    "zh": _l("Chinese"),
    "en": _l("English"),
}


def where(place: Sequence[str | int]) -> str:
    """A place as the editor knows it: `Lesson 2 · Question 1 · Explanation`."""
    words: list[str] = []
    for before, part in zip(("", *place), place, strict=False):
        if isinstance(part, int):
            if before in ("lesson", "self_check"):
                words[-1] = str(
                    _("Lesson %(number)s", number=part + 1)
                    if before == "lesson"
                    else _("Question %(number)s", number=part + 1)
                )
        else:
            words.append(str(FIELDS.get(part, part)))
    return " · ".join(words)


def said(kind: str, context: Mapping[str, Any], text: str = "") -> str:
    """What is wrong, from the schema's own word for it."""
    if kind == "value_error":
        return str(_RIGHT if text.startswith("Value error, right") else _DIFFERS % {"why": text[13:200]})
    words = str(_SAID.get(kind, _DIFFERS))
    return words % {"why": text[:200], "code": context.get("code", ""), "most": context.get("max_length", 0)}


_RIGHT = _l("Mark at least one answer as right, and not all of them.")
_DIFFERS = _l("This does not fit: %(why)s")
_MISSING, _NUMBER = _l("This is still missing."), _l("This number does not fit.")
_SAID: dict[str, Any] = {
    **dict.fromkeys(("missing", "string_too_short", "too_short", "none_required", "literal_error", "enum"), _MISSING),
    **dict.fromkeys(("less_than_equal", "greater_than_equal", "int_parsing", "int_type", "int_from_float"), _NUMBER),
    "string_too_long": _l("At most %(most)s characters."),
    "string_pattern_mismatch": _l("Lowercase letters, digits and hyphens only."),
    "unknown": _l("There is no %(code)s here."),
}
