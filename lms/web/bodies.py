"""JSON in requests and answers."""

from typing import Any

from flask.json.provider import DefaultJSONProvider


class Bodies(DefaultJSONProvider):
    """Flask's, in Chinese as it is; what nobody could read or write down is no JSON either."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """What the text says; raises ValueError, also for what is nested without end and for halves of characters."""
        try:
            said = super().loads(s, **kwargs)
            # Only what is written with an escape can be such a letter: a look at the whole is seldom needed.
            escaped = b"\\u" in s if isinstance(s, bytes) else "\\u" in s
            if escaped and not _can_be_kept(said):
                raise ValueError("no text")
        except RecursionError as wrong:
            raise ValueError("nested too deeply") from wrong
        return said


def _can_be_kept(said: Any) -> bool:
    """Whether the database can hold every text in it: half of a character and the character 0 are nobody's words."""
    if isinstance(said, str):
        return "\0" not in said and not any("\ud800" <= letter <= "\udfff" for letter in said)
    if isinstance(said, dict):
        return all(map(_can_be_kept, (*said, *said.values())))
    return not isinstance(said, list) or all(map(_can_be_kept, said))
