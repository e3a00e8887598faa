"""JSON in requests and answers."""

from typing import Any

from flask.json.provider import DefaultJSONProvider

from lms.texts import all_can_be_kept


class Bodies(DefaultJSONProvider):
    """Flask's, in Chinese as it is; what nobody could read or write down is no JSON either."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """What the text says; raises ValueError, also for what is nested without end and for halves of characters."""
        try:
            said = super().loads(s, **kwargs)
            # Only what is written with an escape can be such a letter: a look at the whole is seldom needed.
            escaped = b"\\u" in s if isinstance(s, bytes) else "\\u" in s
            if escaped and not all_can_be_kept(said):
                raise ValueError("no text")
        except RecursionError as wrong:
            raise ValueError("nested too deeply") from wrong
        return said
