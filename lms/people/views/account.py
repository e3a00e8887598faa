"""One's own account: password, second factor, and where one is signed in."""

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from lms.authz import Open
from lms.errors import Refused
from lms.i18n import _
from lms.people.forms.signing_in import ChangePasswordForm, ForgottenForm, ResetForm
from lms.people.models import Person, SignIn
from lms.people.policy import People
from lms.people.queries import access as access_of
from lms.people.rules import accounts, keys
from lms.people.rules.sessions import Ended, Step
from lms.people.rules.words import role_name
from lms.people.services import own_password, signing_in
from lms.people.views import pages, sessions
from lms.people.views.second_factor import oneself
from lms.people.views.signing_in import WINDOW, counted, mend, on_the_way, unfinished
from lms.web import limits
from lms.web.pages import actor, one

#: Letters asked for in a quarter of an hour: for one account, and from one address.
LETTERS, LETTERS_FROM = 3, 30


@pages.page("/account", needs=People.KEEP_ACCOUNT, on=oneself)
def account(person: Person) -> ResponseReturnValue:
    """Where one is signed in, and by what."""
    asking = sessions.now()
    return render_template(
        "people/account.html",
        person=person,
        roles=access_of.roles_of(person.id),
        role_name=role_name,
        sign_ins=access_of.sign_ins_of(person.id),
        here=asking.sign_in_id if asking else None,
        has=access_of.factor_kinds(person.id),
        keys=access_of.passkeys_of(person.id),
        passkeys=keys.site(current_app.config["LMS"].public_url, "") is not None,
    )


@pages.page("/account/sign-ins/<int:id>/end", needs=People.END_SIGN_IN, on=one(SignIn), methods=("POST",))
def end_sign_in(sign_in: SignIn) -> ResponseReturnValue:
    """Sign one browser out: one's own elsewhere, or as administrator somebody else's."""
    own = sign_in.person_id == actor().person_id
    signing_in.end_sign_in(actor(), sign_in, why=Ended.BY_OWNER if own else Ended.BY_ADMINISTRATOR)
    flash(_("That browser is signed out."), "done")
    return redirect(
        url_for("people.account") if own else url_for("people.person", id=sign_in.person_id, _anchor="access"), 303
    )


@pages.page("/account/sign-ins/end", needs=People.KEEP_ACCOUNT, on=oneself, methods=("POST",))
def end_other_sign_ins(person: Person) -> ResponseReturnValue:
    """Sign all other browsers out."""
    asking = sessions.now()
    signing_in.end_sign_ins(actor(), person, why=Ended.BY_OWNER, but=asking.sign_in_id if asking else None)
    flash(_("All other browsers are signed out."), "done")
    return redirect(url_for("people.account"), 303)


@pages.page("/account/password", needs=People.CHANGE_PASSWORD, on=oneself, methods=("GET", "POST"))
def change_password(person: Person) -> ResponseReturnValue:
    """Choose a new password."""
    form, status, asking = ChangePasswordForm(), unfinished(), sessions.now()
    due = asking is not None and asking.step is Step.CHANGE_PASSWORD
    if form.validate_on_submit():
        try:
            with counted("password", str(person.id)):
                own_password.change_password(
                    actor(),
                    person,
                    current=form.current.data or "",
                    new=form.new.data or "",
                    here=asking.sign_in_id if asking else None,
                )
            flash(_("The password is changed. All other browsers are signed out."), "done")
            return redirect(on_the_way() if due else url_for("people.account"), 303)
        except Refused as refused:
            status = mend(form, refused)
    return render_template("people/change_password.html", form=form, due=due, person=person), status


@pages.page("/forgotten-password", needs=Open.EVERYONE, methods=("GET", "POST"))
def forgotten() -> ResponseReturnValue:
    """Ask for a letter; the answer is the same whether there is such an account or not."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("people/forgotten.html", form=form, asked=False), 422 if form.errors else 200
    name = accounts.normal(form.account.data or "")
    limits.count("reset", name, most=LETTERS, per=WINDOW)
    limits.count("reset from", request.remote_addr or "", most=LETTERS_FROM, per=WINDOW)
    own_password.ask_for_reset(actor(), name)
    return render_template("people/forgotten.html", form=form, asked=True)


@pages.page("/reset-password", needs=Open.EVERYONE, methods=("GET", "POST"))
def reset() -> ResponseReturnValue:
    """Set a new password by the link in the letter."""
    form, status = ResetForm(), unfinished()
    if request.method == "GET":
        form.token.data = request.args.get("token", "")
    elif form.validate_on_submit():
        try:
            own_password.reset_password(actor(), form.token.data or "", new=form.new.data or "")
            session.clear()
            flash(_("The password is set. Sign in with it."), "done")
            return redirect(url_for("people.sign_in"), 303)
        except Refused as refused:
            status = mend(form, refused)
    return render_template("people/reset.html", form=form), status
