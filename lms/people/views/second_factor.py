"""The second factor: shown at sign-in, and enrolled."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import segno
from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.db import db
from lms.errors import NotFound, Refused
from lms.i18n import _
from lms.people.forms.signing_in import AppCodeForm, CodeForm
from lms.people.models import Passkey, Person, SignIn
from lms.people.policy import People
from lms.people.queries import access as access_of
from lms.people.rules import codes, keys
from lms.people.rules.sessions import Step, recent
from lms.people.services import passkeys
from lms.people.services import second_factor as factors
from lms.people.views import pages, sessions
from lms.people.views.signing_in import counted, mend, on_the_way, unfinished, wants_json
from lms.web.pages import actor, one

P = ParamSpec("P")
T = TypeVar("T")

#: Wrong codes in a quarter of an hour: at any moment three of a million are right.
WRONG_CODES = 5


def oneself() -> Person | None:
    """Whoever asks."""
    person_id = actor().person_id
    return db.session.get(Person, person_id) if person_id is not None else None


def here() -> SignIn | None:
    """The signed-in browser that asks."""
    asking = sessions.now()
    return db.session.get(SignIn, asking.sign_in_id) if asking is not None else None


def site() -> keys.Site:
    """The site that passkeys are for; where there can be none, their addresses are not there."""
    found = keys.site(current_app.config["LMS"].public_url, _("Clinical Skills"))
    if found is None:
        raise NotFound
    return found


def _passkeys_can_be() -> bool:
    return keys.site(current_app.config["LMS"].public_url, "") is not None


def just_signed_in(
    view: Callable[Concatenate[T, P], ResponseReturnValue],
) -> Callable[Concatenate[T, P], ResponseReturnValue]:
    """A page that changes how one signs in: whoever came in longer ago signs in once more first."""

    @wraps(view)
    def guarded(on: T, /, *args: P.args, **more: P.kwargs) -> ResponseReturnValue:
        asking = sessions.now()
        if asking is None or recent(asking.began, clock.now()):
            return view(on, *args, **more)
        flash(_("Sign in once more before you change how you sign in."), "info")
        back = request.full_path if request.method == "GET" else url_for("people.account")
        return redirect(url_for("people.sign_in", again=1, next=back), 303)

    return guarded


@pages.page("/sign-in/second-factor", needs=People.PASS_SECOND_FACTOR, on=here, methods=("GET", "POST"))
def second_factor(sign_in: SignIn) -> ResponseReturnValue:
    """The second door: a code from the app, a code from the paper, or a passkey."""
    asking, form, status = sessions.now(), CodeForm(), unfinished()
    if asking is None or asking.step is not Step.SECOND_FACTOR:
        return redirect(on_the_way(), 303)
    if form.validate_on_submit():
        try:
            with counted("second factor", str(sign_in.person_id), WRONG_CODES):
                factors.pass_code(actor(), sign_in, code=form.code.data or "")
            return jsonify(passed=True) if wants_json() else redirect(on_the_way(), 303)
        except Refused as refused:
            status = mend(form, refused)
    if wants_json():
        return jsonify(passed=False, detail=" ".join(map(str, form.code.errors or form.form_errors))), status
    has = access_of.factor_kinds(sign_in.person_id)
    return render_template("people/second_factor.html", form=form, has=has, passkeys=_passkeys_can_be()), status


@pages.page("/sign-in/passkey/question", needs=People.PASS_SECOND_FACTOR, on=here, methods=("POST",))
def passkey_question(sign_in: SignIn) -> ResponseReturnValue:
    """What the browser's key is to sign."""
    return _json(passkeys.ask_passkey(actor(), sign_in, site=site()))


@pages.page("/sign-in/passkey", needs=People.PASS_SECOND_FACTOR, on=here, methods=("POST",))
def pass_passkey(sign_in: SignIn) -> ResponseReturnValue:
    """What the key has signed."""
    with counted("second factor", str(sign_in.person_id), WRONG_CODES):
        passkeys.pass_passkey(actor(), sign_in, site=site(), answer=request.get_data(as_text=True))
    return jsonify(passed=True)


@pages.page("/account/second-factor", needs=People.ENROL, on=oneself)
@just_signed_in
def enrol(person: Person) -> ResponseReturnValue:
    """Choose a second factor: an app on the phone, or a passkey."""
    asking = sessions.now()
    return render_template(
        "people/enrol.html",
        has=access_of.factor_kinds(person.id),
        due=asking is not None and asking.step is Step.ENROL,
        passkeys=_passkeys_can_be(),
    )


@pages.page("/account/second-factor/app", needs=People.ENROL, on=oneself, methods=("POST",))
@just_signed_in
def begin_app(person: Person) -> ResponseReturnValue:
    """Draw a secret, then show it."""
    factors.begin_generator(actor(), person)
    return redirect(url_for("people.app", next=request.args.get("next") or None), 303)


@pages.page("/account/second-factor/app/code", needs=People.ENROL, on=oneself, methods=("GET", "POST"))
@just_signed_in
def app(person: Person) -> ResponseReturnValue:
    """Put the secret into the app, and show by a code that it is there."""
    form, status, secret = AppCodeForm(), unfinished(), access_of.waiting_secret(person.id)
    if secret is None:
        return redirect(url_for("people.enrol", next=request.args.get("next") or None), 303)
    if form.validate_on_submit():
        asking = sessions.now()
        try:
            with counted("second factor", str(person.id), WRONG_CODES):
                fresh = factors.confirm_generator(
                    actor(), person, code=form.code.data or "", here=asking.sign_in_id if asking else None
                )
            return _recovery(fresh)
        except Refused as refused:
            status = mend(form, refused)
    picture = segno.make(codes.address(secret, person.account, _("Clinical Skills")), error="m")
    return render_template(
        "people/app.html",
        form=form,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        picture=picture.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"),
    ), status


def _recovery(fresh: list[str] | None) -> ResponseReturnValue:
    return render_template("people/recovery_codes.html", codes=fresh, onward=on_the_way())


@pages.page("/account/recovery-codes", needs=People.KEEP_ACCOUNT, on=oneself, methods=("GET", "POST"))
@just_signed_in
def recovery_codes(person: Person) -> ResponseReturnValue:
    """Make recovery codes; they are shown this once."""
    return _recovery(factors.renew_recovery_codes(actor(), person) if request.method == "POST" else None)


@pages.page("/account/second-factor/app/remove", needs=People.KEEP_ACCOUNT, on=oneself, methods=("POST",))
@just_signed_in
def remove_app(person: Person) -> ResponseReturnValue:
    """Take the app for codes away."""
    factors.remove_generator(actor(), person)
    flash(_("The app no longer makes codes for this account."), "done")
    return redirect(url_for("people.account"), 303)


@pages.page("/account/passkeys/question", needs=People.ENROL, on=here, methods=("POST",))
@just_signed_in
def new_passkey_question(sign_in: SignIn) -> ResponseReturnValue:
    """What the browser needs to make a key."""
    return _json(passkeys.begin_passkey(actor(), sign_in, site=site()))


@pages.page("/account/passkeys", needs=People.ENROL, on=here, methods=("POST",))
def add_passkey(sign_in: SignIn) -> ResponseReturnValue:
    """Keep the key that the browser has made."""
    answer = request.get_data(as_text=True)
    label = request.args.get("label", "") or sign_in.browser
    passkeys.finish_passkey(actor(), sign_in, site=site(), answer=answer, label=label)
    return jsonify(next=url_for("people.recovery_codes"))


@pages.page("/account/passkeys/<int:id>/remove", needs=People.KEEP_ACCOUNT, on=one(Passkey), methods=("POST",))
@just_signed_in
def remove_passkey(passkey: Passkey) -> ResponseReturnValue:
    """Take one passkey away."""
    factors.remove_passkey(actor(), passkey)
    flash(_("The passkey was removed."), "done")
    return redirect(url_for("people.account"), 303)


def _json(text: str) -> ResponseReturnValue:
    return current_app.response_class(text, mimetype="application/json")
