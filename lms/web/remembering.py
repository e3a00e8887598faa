"""Signatures that were looked at a moment ago need not be looked at again: a small memory, and sessions that use it."""

import time
from collections import OrderedDict
from typing import Any, Generic, TypeVar

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

K = TypeVar("K")
V = TypeVar("V")
#: Seconds, and how many: what was true of a text with a signature is true of the same text a minute later.
_TRUSTED, _MOST = 60.0, 20_000


class Memory(Generic[K, V]):
    """What was found out a moment ago, by the very text it was found out about; the oldest is forgotten first."""

    def __init__(self, most: int = _MOST, trusted: float = _TRUSTED) -> None:
        self._held: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._most, self._trusted = most, trusted

    def get(self, key: K) -> V | None:
        """What is known, if it is fresh."""
        found = self._held.get(key)
        return found[1] if found is not None and time.monotonic() - found[0] < self._trusted else None

    def put(self, key: K, value: V) -> None:
        """Remember it from now on."""
        self._held[key] = time.monotonic(), value
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)


class RememberedSessions(SecureCookieSessionInterface):
    """Flask's signed cookie; the same cookie is not unpacked and checked again for a minute.

    The cookie holds no right: who is signed in stands on the server and is asked there. It carries the CSRF token's
    other half and messages to show once.
    """

    def __init__(self) -> None:
        self._known: Memory[str, dict[str, Any]] = Memory()
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Made once: the key is a setting."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; nothing of one that was not signed here."""
        shown = request.cookies.get(self.get_cookie_name(app))
        known = self._known.get(shown) if shown else None
        if known is not None:
            return self.session_class(known)
        opened = super().open_session(app, request)
        # Only what holds plain texts: a list of messages would be added to where it is remembered.
        if shown and opened and all(isinstance(value, str) for value in opened.values()):
            self._known.put(shown, dict(opened))
        return opened
