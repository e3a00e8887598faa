"""What a text must be for the database to hold it."""

import re
from collections.abc import Mapping
from typing import Any

_NOBODYS = re.compile("[\0\ud800-\udfff]")


def can_be_kept(text: str) -> bool:
    """Whether all of it are words: half of a character and the character 0 are nobody's."""
    return _NOBODYS.search(text) is None


def all_can_be_kept(value: Any) -> bool:
    """The same of every text in plain values, however deep, and of the names in them."""
    if isinstance(value, str):
        return can_be_kept(value)
    if isinstance(value, Mapping):
        return all(map(all_can_be_kept, (*value, *value.values())))
    return not isinstance(value, list | tuple) or all(map(all_can_be_kept, value))
