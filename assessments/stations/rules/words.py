"""What is wrong with a station, in words for a pack's author (English) and for a reader of a page (translated)."""

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from assessments.stations.rules.flaws import Flaw, Wrong
from lms.i18n import _l

#: For packs: the line of a file is said beside it.
_ENGLISH = {
    Wrong.ITEM_TWICE: "{code}: this item is there already",
    Wrong.OPTIONAL_AND_NEEDED: "{code}: what must be seen is not optional",
    Wrong.STEPS: "{code}: steps rise from 0 to {points}, two to five of them",
    Wrong.STEP_BETWEEN: "{code}: a critical item is done or not done; it has no step between",
    Wrong.RULE_OF: "the rule speaks of {of} items, there are {items}",
    Wrong.RULE_AT_LEAST: "{at_least} of {of} cannot be reached",
    Wrong.RULE_KEYS: "{with_keys} key items are asked for, there are {keys}",
    Wrong.RULE_UNSEEN: "{at_least} items are asked for, only {surely_seen} are seen every time",
    Wrong.LEVEL_TWICE: "two levels have the same code",
    Wrong.BORDERLINE: "exactly one level is the borderline",
    Wrong.NO_TECHNIQUE: "a station belongs to a technique",
}
#: For pages: each stands where the mistake is mended.
SAID: dict[Wrong, LazyString] = {
    Wrong.ITEM_TWICE: _l("This item is there twice."),
    Wrong.OPTIONAL_AND_NEEDED: _l("What is critical or key must be seen: it cannot be optional."),
    Wrong.STEPS: _l("Steps rise from 0 to the full points (%(points)s), two to five of them."),
    Wrong.STEP_BETWEEN: _l("A critical item is done or not done: no step between."),
    Wrong.RULE_OF: _l("The rule speaks of %(of)s items, there are %(items)s."),
    Wrong.RULE_AT_LEAST: _l("%(at_least)s of %(of)s items cannot be reached."),
    Wrong.RULE_KEYS: _l("%(with_keys)s key items are asked for, only %(keys)s are marked as key."),
    Wrong.RULE_UNSEEN: _l("%(at_least)s items are asked for, only %(surely_seen)s are seen every time."),
    Wrong.LEVEL_TWICE: _l("Two levels have the same name."),
    Wrong.BORDERLINE: _l("Exactly one level is the borderline."),
    Wrong.NO_TECHNIQUE: _l("A station belongs to a technique."),
}


def english(flaw: Flaw) -> str:
    """For the author of a pack."""
    return _ENGLISH[flaw.wrong].format(**flaw.values)


def said(flaw: Flaw) -> str:
    """For the reader of a page, in their language."""
    return str(SAID[flaw.wrong]) % flaw.values


#: What the schema finds in a single field, by pydantic's name of it, for the reader of a page.
_FIELD: dict[str, LazyString] = {
    "missing": _l("Must be filled in."),
    "string_too_short": _l("Must be filled in."),
    "string_too_long": _l("At most %(max_length)s characters."),
    "string_pattern_mismatch": _l("Only lowercase letters, digits and hyphens."),
    "too_short": _l("At least %(min_length)s are needed."),
    "too_long": _l("At most %(max_length)s are possible."),
    "greater_than": _l("Must be more than %(gt)s."),
    "greater_than_equal": _l("Must be at least %(ge)s."),
    "less_than_equal": _l("Must be at most %(le)s."),
    "enum": _l("Choose one of the list."),
}
_NUMBERS = ("int_", "decimal_", "finite_number")


def plainly(wrong: str, values: Mapping[str, Any]) -> str:
    """What is wrong with one field, in the reader's language."""
    if wrong.startswith(_NUMBERS):
        return str(_l("Not a number that can stand here."))
    words = _FIELD.get(wrong)
    return str(words) % values if words is not None else str(_l("This cannot be read."))
