"""What a text must be for the database to hold it."""

import re

_NOBODYS = re.compile("[\0\ud800-\udfff]")


def can_be_kept(text: str) -> bool:
    """Whether all of it are words: half of a character and the character 0 are nobody's."""
    return _NOBODYS.search(text) is None
