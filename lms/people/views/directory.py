"""The directory of persons, and one person in it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock
from lms.authz import Actor, Role
from lms.db import db
from lms.errors import Refused
from lms.i18n import _
from lms.institutions.models import Institution
from lms.institutions.queries.tree import institution
from lms.people.formats.words import CATEGORIES
from lms.people.forms.directory import LeavingForm, MovePersonForm, PersonForm, places
from lms.people.models import Person
from lms.people.policy import People
from lms.people.queries import directory as queries
from lms.people.queries.roster import kept_institutions
from lms.people.rules.identity import masked
from lms.people.rules.words import role_name
from lms.people.services import register
from lms.people.views import access, pages
from lms.people.views.signing_in import mend
from lms.web import exports, nav
from lms.web.pages import actor, one


@pages.page("/people", needs=People.LIST)
def directory() -> ResponseReturnValue:
    """Who works where, within the reader's reach."""
    asked, kind = _asked(), exports.wanted()
    if kind:
        return _export(kind, asked)
    number = max(1, min(request.args.get("page", 1, type=int), 100_000))
    rows, total = queries.people(actor(), asked, number)
    under = institution(actor(), asked.under) if asked.under is not None else None
    return render_template(
        "people/directory.html",
        rows=rows,
        total=total,
        number=number,
        pages=max(1, -(-total // queries.PAGE)),
        asked=asked,
        under=under,
        categories=CATEGORIES,
        role_names={role.value: role_name(role) for role in Role},
        may_manage=actor().may(People.MANAGE),
    )


def _asked() -> queries.Filters:
    given = request.args
    return queries.Filters(
        words=given.get("q", "")[:60],
        category=given.get("category", ""),
        role=given.get("role", ""),
        under=given.get("under", type=int),
        active=given.get("active", ""),
        sort=given.get("sort", ""),
    )


def _export(kind: str, asked: queries.Filters) -> ResponseReturnValue:
    heads = [
        _("Full name"),
        _("Account"),
        _("Category"),
        _("Institution"),
        _("Code"),
        _("Post"),
        _("In post since"),
        _("Roles"),
        _("Active"),
    ]
    rows: list[list[exports.Cell]] = [
        [
            row.name,
            row.account,
            str(CATEGORIES[row.category]),
            row.institution,
            row.institution_code,
            row.title,
            row.since,
            "、".join(role_name(role) for role in row.roles or ()),
            row.active,
        ]
        for row in queries.all_people(actor(), asked)
    ]
    return exports.answer(kind, _("People"), heads, rows)


@pages.page("/people/<int:id>", needs=People.READ, on=one(Person))
def person(found: Person) -> ResponseReturnValue:
    """One person: posts, category, masked numbers, roles."""
    return _person(found)


def _person(
    found: Person, mover: MovePersonForm | None = None, leaver: LeavingForm | None = None, status: int = 200
) -> ResponseReturnValue:
    may = actor().may(People.MANAGE, found)
    html = render_template(
        "people/person.html",
        person=found,
        categories=CATEGORIES,
        masked=masked,
        posts=queries.posts_of(found.id),
        may_manage=may,
        about=nav.about(actor(), found),
        mover=mover or (_mover(None) if may and found.active else None),
        leaver=leaver or LeavingForm(None, prefix="leave"),
        may_see_access=actor().may(People.SEE_ACCESS, found),
        **(access.around(found) if actor().may(People.SEE_ACCESS, found) else {}),
    )
    return html, status


def _mover(sent: object) -> MovePersonForm:
    form = MovePersonForm(sent, prefix="move")
    form.to.choices = places(kept_institutions(actor()))
    if form.since.data is None and sent is None:
        form.since.data = clock.today()
    return form


@pages.page("/people/new", needs=People.MANAGE, methods=("GET", "POST"))
def new_person() -> ResponseReturnValue:
    """Enter one person, by the same rules as a roster."""
    form = PersonForm()
    kept = kept_institutions(actor())
    form.institution.choices = places(kept)
    if request.method == "GET":
        form.institution.data = request.args.get("institution", type=int)
    if not form.validate_on_submit():
        return render_template("people/new_person.html", form=form), 422 if request.method == "POST" else 200
    at = next(place for place in kept if place.id == form.institution.data)
    try:
        made = register.add(actor(), at, typed=form.typed())
    except Refused as refused:
        return render_template("people/new_person.html", form=form), mend(form, refused)
    flash(_("%(name)s has been entered.", name=form.name.data), "done")
    return redirect(url_for("people.person", id=made), 303)


@pages.page("/people/<int:id>/move", needs=People.MANAGE, on=one(Person), methods=("POST",))
def move_person(found: Person) -> ResponseReturnValue:
    """Give a person another main post."""
    form = _mover(request.form)
    if not form.validate_on_submit():
        return _person(found, mover=form, status=422)
    to = db.session.get_one(Institution, form.to.data)
    try:
        register.move(actor(), found, to=to, since=form.since.data, title=form.title.data or "")
    except Refused as refused:
        return _person(found, mover=form, status=mend(form, refused))
    flash(_("%(name)s now works at %(place)s.", name=found.name, place=to.name), "done")
    return redirect(url_for("people.person", id=found.id), 303)


@pages.page("/people/<int:id>/deactivate", needs=People.MANAGE, on=one(Person), methods=("POST",))
def deactivate_person(found: Person) -> ResponseReturnValue:
    """Let a person go."""
    form = LeavingForm(prefix="leave")
    if not form.validate_on_submit():
        return _person(found, leaver=form, status=422)
    try:
        register.deactivate(actor(), found, reason=form.reason.data or "")
    except Refused as refused:
        return _person(found, leaver=form, status=mend(form, refused))
    flash(_("%(name)s can no longer sign in. What they did stays.", name=found.name), "done")
    return redirect(url_for("people.person", id=found.id), 303)


@pages.page("/people/<int:id>/reactivate", needs=People.MANAGE, on=one(Person), methods=("POST",))
def reactivate_person(found: Person) -> ResponseReturnValue:
    """Undo a deactivation."""
    register.reactivate(actor(), found)
    flash(_("%(name)s is active again.", name=found.name), "done")
    return redirect(url_for("people.person", id=found.id), 303)


def part_of_institution(who: Actor, found: Institution) -> tuple[str, dict[str, Any]] | None:
    """The way from an institution to the people who work there."""
    if not who.may(People.LIST, found):
        return None
    return "people/at_institution.html", {"found": found, "may_manage": who.may(People.MANAGE, found)}
