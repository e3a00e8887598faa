"""Cookie ↔ signed-in browser: the one place where Flask-Login is spoken to."""

import time
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask, Request, Response, current_app, g, request
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user

from config import Settings
from lms import clock
from lms.authz import Actor
from lms.db import Everything, db
from lms.people import queries
from lms.people.rules.sessions import LONGEST, SEEN_EVERY


class Visitor(AnonymousUserMixin):
    """Whoever has not signed in."""

    asking: queries.Asking | None = None


class SignedIn(UserMixin):
    """Whoever gave a password; what they may do depends on what is still due."""

    def __init__(self, asking: queries.Asking) -> None:
        self.asking = asking

    def get_id(self) -> str:
        """The sign-in, not the person: each browser is ended by itself."""
        return str(self.asking.sign_in_id)


def install(app: Flask) -> None:
    """Let the app ask who it is that asks."""
    manager = LoginManager()
    manager.session_protection = None  # our sign-ins live on the server
    manager.anonymous_user = Visitor
    manager.init_app(app)
    manager.request_loader(_load)
    app.extensions["identify"] = _identify
    app.extensions["identify_from_memory"] = _from_memory


def _identify() -> Actor:
    asking = now()
    if asking is None:
        return Actor.PUBLIC
    _note(asking)
    return asking.actor


@dataclass(frozen=True)
class _Known:
    """Who showed a token a moment ago."""

    at: float
    sign_in_id: int
    actor: Actor


#: By the hash of the token; for pages that check in their own statement that the sign-in still holds.
_KNOWN: OrderedDict[bytes, _Known] = OrderedDict()
_TRUSTED, _MOST = 60.0, 20_000


def _from_memory() -> Actor:
    shown = token()
    key = queries.hash_of(shown) if shown else b""
    known = _KNOWN.get(key)
    if known is not None and time.monotonic() - known.at < _TRUSTED:
        g.sign_in_to_check = known.sign_in_id
        return known.actor
    actor: Actor = current_app.extensions["identify"]()
    return actor


def _note(asking: queries.Asking) -> None:
    _KNOWN[queries.hash_of(token() or "")] = _Known(time.monotonic(), asking.sign_in_id, asking.actor)
    while len(_KNOWN) > _MOST:
        _KNOWN.popitem(last=False)


def now() -> queries.Asking | None:
    """The signed-in browser that sent this request."""
    return current_user.asking  # type: ignore[no-any-return]


def _load(sent: Request) -> SignedIn | None:
    token = sent.cookies.get(cookie_name())
    asking = queries.who_asks(token) if token else None
    if asking is None:
        return None
    if clock.now() - asking.last_seen > SEEN_EVERY:
        # On the request's own connection: a second one each could empty the pool under load.
        db.session.execute(queries.seen_now(asking.sign_in_id), execution_options=Everything)
        db.session.commit()
    return SignedIn(asking)


def cookie_name() -> str:
    """`__Host-` where there is TLS: no other site, subdomain or plain connection can set it."""
    return "__Host-session" if _settings().https else "session_id"


def token() -> str | None:
    """What this browser shows, signed in or not."""
    return request.cookies.get(cookie_name())


def remember(answer: Response, token: str) -> Response:
    """Hand the token to the browser; how long it is worth something, the server decides."""
    answer.set_cookie(
        cookie_name(),
        token,
        max_age=LONGEST,
        path="/",
        secure=_settings().https,
        httponly=True,
        samesite="Lax",
    )
    return answer


def forget(answer: Response) -> Response:
    """Take the token back from the browser."""
    answer.delete_cookie(cookie_name(), path="/", secure=_settings().https, httponly=True, samesite="Lax")
    return answer


def _settings() -> Settings:
    return current_app.config["LMS"]  # type: ignore[no-any-return]
