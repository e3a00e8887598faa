"""What others decide about an account: roles, a password on paper, a lost phone, browsers left signed in."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.authz import Role
from lms.db import db
from lms.errors import NotFound, Refused
from lms.i18n import _
from lms.institutions.models import Institution
from lms.people.forms.access import GrantForm, ReasonForm
from lms.people.models import Person, RoleGrant
from lms.people.policy import People
from lms.people.queries import access as access_of
from lms.people.rules.granting import may_give
from lms.people.rules.sessions import Ended
from lms.people.rules.words import role_name
from lms.people.services import own_password, roles, second_factor, signing_in
from lms.people.views import pages
from lms.people.views.signing_in import mend
from lms.web.forms import options
from lms.web.pages import actor, one


@pages.page("/people/<int:id>/access", needs=People.SEE_ACCESS, on=one(Person))
def access(person: Person) -> ResponseReturnValue:
    """Roles and access of one person."""
    return _access(person)


def _access(person: Person, grant: GrantForm | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("people/access.html", person=person, **around(person, grant)), status


def around(person: Person, grant: GrantForm | None = None) -> dict[str, Any]:
    """What the partial `people/access_panel.html` shows of a person."""
    who = actor()
    return {
        "roles": access_of.roles_of(person.id),
        "role_name": role_name,
        "today": clock.today(),
        "may_end": [g.id for g in person.roles if _may_end(g)],
        "grant_form": grant or _grant_form(person),
        "reason_form": ReasonForm(formdata=None),
        "sign_ins": access_of.sign_ins_of(person.id) if who.may(People.SEE_SIGN_INS, person) else None,
        "may_issue": who.may(People.ISSUE_PASSWORD, person) and not access_of.decides(person.id),
        "may_reset": who.may(People.RESET_SECOND_FACTOR, person) and who.person_id != person.id,
        "has": access_of.factor_kinds(person.id) if who.may(People.SEE_SIGN_INS, person) else set(),
    }


def _may_end(grant: RoleGrant) -> bool:
    who, role = actor(), Role(grant.role)
    over = grant.ends_on is None or grant.ends_on > clock.today()
    return over and who.person_id != grant.person_id and may_give(who, role, grant.institution.path)


def _grant_form(person: Person) -> GrantForm | None:
    """None for who may give nothing here, and for oneself."""
    who = actor()
    if who.person_id == person.id or not who.may(People.GRANT_ROLE, person):
        return None
    places = access_of.line_above(person.institution)
    form = GrantForm()
    giveable = [role for role in Role if any(may_give(who, role, place.path) for place in places)]
    form.role.choices = options((role.value, role_name(role)) for role in giveable)
    reach = [place for place in places if any(may_give(who, role, place.path) for role in giveable)]
    form.over.choices = options((place.id, place.name) for place in reach)
    return form if giveable else None


@pages.page("/people/<int:id>/roles", needs=People.GRANT_ROLE, on=one(Person), methods=("POST",))
def grant_role(person: Person) -> ResponseReturnValue:
    """Give a role."""
    form = _grant_form(person)
    if form is None:
        raise NotFound
    if not form.validate_on_submit():
        return _access(person, form, 422)
    over = db.session.get_one(Institution, form.over.data)
    try:
        roles.grant_role(actor(), person, role=Role(form.role.data), over=over, ends_on=form.ends_on.data)
    except Refused as refused:
        return _access(person, form, mend(form, refused))
    flash(_("The role is given. The person signs in anew."), "done")
    return redirect(url_for("people.person", id=person.id, _anchor="roles"), 303)


@pages.page("/people/roles/<int:id>/end", needs=People.GRANT_ROLE, on=one(RoleGrant), methods=("POST",))
def end_role(grant: RoleGrant) -> ResponseReturnValue:
    """End a role."""
    person_id, form = grant.person_id, ReasonForm()
    if form.validate_on_submit():
        roles.end_role(actor(), grant, reason=form.reason.data or "")
        flash(_("The role has ended."), "done")
    else:
        flash(_("Say why, so that it can be understood later. Nothing was changed."), "attention")
    return redirect(url_for("people.person", id=person_id, _anchor="roles"), 303)


@pages.page("/people/<int:id>/password", needs=People.ISSUE_PASSWORD, on=one(Person), methods=("POST",))
def issue_password(person: Person) -> ResponseReturnValue:
    """A password on paper; shown this once."""
    drawn = own_password.issue_password(actor(), person)
    return render_template("people/issued_password.html", person=person, drawn=drawn)


@pages.page("/people/<int:id>/second-factor/reset", needs=People.RESET_SECOND_FACTOR, on=one(Person), methods=("POST",))
def reset_second_factor(person: Person) -> ResponseReturnValue:
    """Take away second factors that are lost."""
    form = ReasonForm()
    if form.validate_on_submit():
        second_factor.reset_second_factor(actor(), person, reason=form.reason.data or "")
        flash(_("The second factor is taken away. The person sets up a new one at the next sign-in."), "done")
    else:
        flash(_("Say why, so that it can be understood later. Nothing was changed."), "attention")
    return redirect(url_for("people.person", id=person.id, _anchor="roles"), 303)


@pages.page("/people/<int:id>/sign-ins/end", needs=People.END_SIGN_IN, on=one(Person), methods=("POST",))
def end_sign_ins(person: Person) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    signing_in.end_sign_ins(actor(), person, why=Ended.BY_ADMINISTRATOR)
    flash(_("The person is signed out everywhere."), "done")
    return redirect(url_for("people.person", id=person.id, _anchor="roles"), 303)
