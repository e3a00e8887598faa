"""What every answer carries and every unsafe request must show: headers, CSP, CSRF, Origin."""

from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, g, request, session
from flask_wtf.csrf import CSRFProtect

from lms import ids
from lms.web.remembering import Memory, RememberedSessions

POLICY: Final = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Csrf(CSRFProtect):
    """CSRF as ever; that one session has shown one token with a good signature is remembered for a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._good: Memory[tuple[str, str], bool] = Memory()

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse what does not show the session's token."""
        shown = session.get("csrf_token", ""), request.headers.get("X-CSRFToken", "")
        if all(shown) and self._good.get(shown):
            g.csrf_valid = True
            return
        super().protect(apply_exemptions=apply_exemptions)
        if all(shown) and g.get("csrf_valid"):
            self._good.put(shown, value=True)

    def _get_csrf_token(self) -> str | None:
        """The header first: no other site can set it, and a form need not be looked for in JSON."""
        sent: str | None = request.headers.get("X-CSRFToken") or super()._get_csrf_token()
        return sent


csrf = _Csrf()


def install(app: Flask, public_url: str) -> None:
    """Guard every request and dress every answer."""
    csrf.init_app(app)
    app.session_interface = RememberedSessions()
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(public_url))

    @app.before_request
    def begin() -> None:
        g.request_id = ids.uuid7().hex
        structlog.contextvars.bind_contextvars(request=g.request_id, path=request.path)

    @app.before_request
    def same_origin() -> None:
        sent = request.headers.get("Origin")
        if request.method in {"GET", "HEAD", "OPTIONS"} or sent is None:
            return
        if sent not in {origin, request.host_url.rstrip("/")}:
            abort(400)

    app.after_request(_dress)

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        structlog.contextvars.clear_contextvars()


def _dress(answer: Response) -> Response:
    there = {name.lower() for name, _value in answer.headers}
    answer.headers.extend([pair for pair in _ALWAYS if pair[0].lower() not in there])
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer


def policy(**more: str) -> str:
    """The content security policy; a page that must widen one directive names it: `img_src="blob:"`."""
    widened = {name.replace("_", "-"): value for name, value in more.items()}
    return "; ".join(f"{name} {value} {widened.get(name, '')}".strip() for name, value in POLICY.items())


_ALWAYS: Final = (*HEADERS.items(), ("Content-Security-Policy", policy()))
