"""Signing in and out; and signing in again without leaving the page one is working in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from lms.authz import Open
from lms.errors import Refused
from lms.people.forms.signing_in import SignInForm
from lms.people.rules import accounts, browsers
from lms.people.rules.sessions import Step
from lms.people.services import signing_in
from lms.people.views import pages, sessions
from lms.web import limits
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
    """The door."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        asking = sessions.now()
        return _form(form) if asking is None else redirect(onward(asking.step, form.next.data or ""), 303)
    if not form.validate_on_submit():
        return _form(form, 422)
    try:
        token = try_password(form.account.data or "", form.password.data or "")
    except Refused as refused:
        form.form_errors = [str(refused)]
        return _form(form, refused.status)
    return sessions.remember(make_response(redirect(local_path(form.next.data or ""), 303)), token)


def _form(form: SignInForm, status: int = 200) -> ResponseReturnValue:
    return render_template("people/sign_in.html", form=form), status


def try_password(account: str, password: str) -> str:
    """The token of a new sign-in from this browser; counts the try unless it was right."""
    with counted("sign-in", accounts.normal(account)):
        return signing_in.sign_in(
            actor(),
            account,
            password=password,
            browser=browsers.browser(request.user_agent.string),
            network=browsers.shortened(request.remote_addr),
            instead_of=sessions.token(),
        )


@contextmanager
def counted(what: str, whose: str) -> Iterator[None]:
    """Count a try against account and address before it is made; a right one is not counted."""
    counts = [(what, whose, PER_ACCOUNT), (f"{what} from", request.remote_addr or "", PER_ADDRESS)]
    for name, key, most in counts:
        limits.count(name, key, most=most, per=WINDOW)
    yield
    for name, key, _most in counts:
        limits.forgive(name, key, per=WINDOW)


def onward(step: Step | None, after: str) -> str:
    """Where somebody who has signed in goes next: to what is still due, else where they wanted to go."""
    return local_path(after) if step is None else url_for(DOORS[step], next=after or None)


@pages.page("/sign-out", needs=Open.EVERYONE, methods=("POST",))
def sign_out() -> ResponseReturnValue:
    """Leave: the session ends, and what this browser kept for its owner is wiped."""
    token = sessions.token()
    if token:
        signing_in.sign_out(actor(), token)
    session.clear()
    answer = make_response(redirect(url_for("people.sign_in"), 303))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return sessions.forget(answer)
