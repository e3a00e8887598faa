"""What strangers see: the page behind the QR code, and the question by number and name."""

from datetime import timedelta

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from assessments.certification.forms import VerifyForm
from assessments.certification.queries import public
from assessments.certification.rules.status import Status
from assessments.certification.views import pages
from lms import clock
from lms.authz import Open
from lms.db import db
from lms.web import limits
from lms.web.written import plain

LOOKS, ASKS, PER = 60, 10, timedelta(minutes=1)


@pages.page("/v/<public_id>", needs=Open.EVERYONE)
def verify() -> ResponseReturnValue:
    """What a certificate is worth today, in the little the law lets us show."""
    limits.count("verify-look", request.remote_addr or "", most=LOOKS, per=PER)
    shown = public.by_address(db.session, str((request.view_args or {})["public_id"]), clock.today())
    if shown is None or shown.status is Status.UNSIGNED:
        return _quiet("certification/unknown.html", 404)
    return _quiet("certification/verify.html", shown=shown, now=clock.now())


@pages.page("/verify", needs=Open.EVERYONE, methods=("GET", "POST"))
def ask() -> ResponseReturnValue:
    """Whether a number and a name belong together; nothing more is said."""
    form, match = VerifyForm(), None
    if form.validate_on_submit():
        limits.count("verify-ask", request.remote_addr or "", most=ASKS, per=PER)
        match = public.matches(db.session, plain(form.number.data or ""), form.name.data or "")
    return _quiet("certification/ask.html", form=form, match=match)


@pages.page("/verify/keys", needs=Open.EVERYONE)
def keys() -> ResponseReturnValue:
    """The public keys, so that a certificate can be checked without this site."""
    return _quiet("certification/keys.html", keys=public.keys(db.session))


def _quiet(template: str, status: int = 200, **shown: object) -> ResponseReturnValue:
    """Not kept by caches, not found by search engines, no address passed on."""
    answer = make_response(render_template(template, **shown), status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    # Not no-referrer: a browser would then send the form of this page with no origin, and it would be refused.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer
