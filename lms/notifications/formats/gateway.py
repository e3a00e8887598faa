"""Text messages through a gateway that takes JSON over HTTPS, whoever runs it.

One message is one POST of `{"id", "to", "text"}` with a bearer token. An answer of the two hundreds means that it was
taken; 408, 429 and the five hundreds that it was not and may be later; anything else that it never will be. The id is
also sent as `Idempotency-Key`: a gateway that knows it does not send twice what was handed over twice.
"""

import json
import ssl
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from lms.mail import Away, NotTaken, Rejected, Unclear
from lms.notifications.formats.texting import Text

#: How long a gateway may take to answer.
PATIENCE_SECONDS: Final = 20
#: Answers that say: not now.
_LATER: Final = frozenset((408, 425, 429))


@dataclass(frozen=True)
class Gateway:
    """Where messages are posted, and the token that says who we are."""

    url: str
    token: str = field(repr=False)

    def send(self, text: Text) -> None:
        """Hand one message over; whatever cannot be known after it has left here is Unclear, and is not repeated."""
        line = self._line()
        try:
            line.connect()
        except (OSError, ssl.SSLError) as wrong:
            raise Away(f"no gateway: {type(wrong).__name__}") from wrong
        try:
            line.request("POST", self._path(), self._body(text), self._head(text))
            status = line.getresponse().status
        except (OSError, HTTPException) as wrong:
            raise Unclear("the line to the gateway broke") from wrong
        finally:
            line.close()
        _judge(status)

    def _line(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return HTTPSConnection(host, parts.port, timeout=PATIENCE_SECONDS, context=context)
        return HTTPConnection(host, parts.port, timeout=PATIENCE_SECONDS)

    def _path(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    def _head(self, text: Text) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": text.number,
        }

    def _body(self, text: Text) -> bytes:
        return json.dumps({"id": text.number, "to": text.to, "text": text.text}, ensure_ascii=False).encode()


def _judge(status: int) -> None:
    """What an answer means; a redirection is no answer: nobody else is told the number and the words."""
    if 200 <= status < 300:
        return
    if status in _LATER or status >= 500:
        raise NotTaken(f"the gateway answered {status}")
    raise Rejected(f"the gateway refused with {status}")
