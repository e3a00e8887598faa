"""Signing in and out; and signing in again without leaving the page one is working in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import jsonify, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from lms.authz import Open
from lms.errors import Refused
from lms.people import queries
from lms.people.forms.signing_in import SignInForm
from lms.people.rules import accounts, browsers
from lms.people.rules.sessions import Step
from lms.people.services import signing_in
from lms.people.views import pages, sessions
from lms.web import limits, nav
from lms.web.forms import Form
from lms.web.pages import actor
from lms.web.shell import local_path

#: Wrong tries: ten a quarter of an hour for one account, and for one address as many as a hospital behind it may need.
PER_ACCOUNT, PER_ADDRESS, WINDOW = 10, 200, timedelta(minutes=15)
#: Where each step that is still due is taken.
DOORS = {
    Step.SECOND_FACTOR: "people.second_factor",
    Step.CHANGE_PASSWORD: "people.change_password",
    Step.ENROL: "people.enrol",
}


@pages.page("/sign-in", needs=Open.EVERYONE, methods=("GET", "POST"))
def sign_in() -> ResponseReturnValue:
    """The door; with Accept: application/json, the door inside a page (static/sign_in_again.js)."""
    form = SignInForm()
    if request.method == "GET":
        return _ask(form)
    if not form.validate_on_submit():
        return _refuse(form, 422)
    account = form.account.data or ""
    try:
        with counted("sign-in", accounts.normal(account)):
            token = _try(account, form.password.data or "")
    except Refused as refused:
        return _refuse(form, mend(form, refused))
    return sessions.remember(make_response(_stand(token, form.next.data or "")), token)


def _ask(form: SignInForm) -> ResponseReturnValue:
    asking = sessions.now()
    if wants_json():
        account = asking.account if asking else queries.last_account(sessions.token() or "")
        return jsonify(signed_in=bool(asking and not asking.step), account=account, csrf_token=generate_csrf())
    form.next.data = request.args.get("next", "")
    if asking is not None and not request.args.get("again"):
        return redirect(onward(asking.step, form.next.data or ""), 303)
    if asking is not None and nav.SHARED not in request.cookies:
        form.account.data = asking.account
    return render_template("people/sign_in.html", form=form)


def _refuse(form: SignInForm, status: int) -> ResponseReturnValue:
    if wants_json():
        words = [str(word) for word in [*form.form_errors, *(w for f in form for w in f.errors)]]
        return jsonify(signed_in=False, detail=" ".join(words), csrf_token=generate_csrf()), status
    return render_template("people/sign_in.html", form=form), status


def _try(account: str, password: str) -> str:
    return signing_in.sign_in(
        actor(),
        account,
        password=password,
        browser=browsers.browser(request.user_agent.string),
        network=browsers.shortened(request.remote_addr),
        instead_of=sessions.token(),
    )


def _stand(token: str, after: str) -> ResponseReturnValue:
    """Go on to what comes next; a script is told whether its page's work can go on, and is the same person's."""
    asking = queries.who_asks(token)
    step = asking.step if asking else None
    if not wants_json():
        return redirect(onward(step, after), 303)
    before = queries.person_of(sessions.token() or "")
    return jsonify(
        signed_in=asking is not None and step is None,
        same_person=asking is not None and before in (None, asking.person_id),
        step=step,
        address=onward(step, after),
        csrf_token=generate_csrf(),
    )


def unfinished() -> int:
    """The status of a form that is shown: for the first time, or again because something in it is wrong."""
    return 422 if request.method == "POST" else 200


def mend(form: Form, refused: Refused) -> int:
    """Say in the form what was refused, at the field it is about; the status of the answer."""
    field = form._fields.get(str(refused.where.get("field")))
    if field is not None:
        field.errors = [*field.errors, str(refused)]
    else:
        form.form_errors = [str(refused)]
    return refused.status


def wants_json() -> bool:
    """Whether a script asks, not a person."""
    return request.accept_mimetypes.best == "application/json" or request.is_json


@contextmanager
def counted(what: str, whose: str, most: int = PER_ACCOUNT) -> Iterator[None]:
    """Count a try against account and address before it is made; a right one is not counted."""
    counts = [(what, whose, most), (f"{what} from", request.remote_addr or "", PER_ADDRESS)]
    for name, key, limit in counts:
        limits.count(name, key, most=limit, per=WINDOW)
    yield
    for name, key, _limit in counts:
        limits.forgive(name, key, per=WINDOW)


def onward(step: Step | None, after: str) -> str:
    """Where somebody who has signed in goes next: to what is still due, else where they wanted to go."""
    return local_path(after) if step is None else url_for(DOORS[step], next=after or None)


def on_the_way() -> str:
    """Back through the door, which knows what comes next."""
    return url_for("people.sign_in", next=request.args.get("next") or None)


@pages.page("/sign-out", needs=Open.EVERYONE, methods=("POST",))
def sign_out() -> ResponseReturnValue:
    """Leave: the session ends, and what this browser kept for its owner is wiped.

    A browser that serves several people keeps what is sealed for each of them; its page wipes the rest (leaving.js).
    """
    token = sessions.token()
    if token:
        signing_in.sign_out(actor(), token)
    session.clear()
    answer = make_response(redirect(url_for("people.sign_in"), 303))
    answer.headers["Clear-Site-Data"] = '"cache"' if nav.SHARED in request.cookies else '"cache", "storage"'
    return sessions.forget(answer)
