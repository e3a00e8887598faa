"""For administrators: all rotations, who owes, planning, departments and their places, what is asked."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.hours.queries import root
from courses.rotations import forms, services
from courses.rotations.models import Rotation, RotationDepartment, RotationReceiver
from courses.rotations.policy import Rotations
from courses.rotations.queries import owing, places, stays
from courses.rotations.rules import Numbers, Opens, Outcome, State
from courses.rotations.views import pages
from courses.rotations.views.mine import drawn, shown_from
from lms import clock
from lms.authz import Actor, only
from lms.db import db
from lms.db.paging import cut
from lms.i18n import _, pick
from lms.institutions.models import Institution, Kind
from lms.institutions.queries import tree
from lms.people.models import Person
from lms.web import exports
from lms.web.forms import attempted
from lms.web.pages import actor, one


@pages.page("/rotations/desk", needs=Rotations.BROWSE)
def desk() -> ResponseReturnValue:
    """The rotations of one's doctors; or the same as a file."""
    asked = request.args
    words, sort = asked.get("q", "").strip()[:60], asked.get("sort", "-from")
    sought = stays.Sought(words, asked.get("state", ""), sort, asked.get("written", ""))
    query = stays.listing(sought)
    if kind := exports.wanted():
        columns = [
            _("Doctor"), _("Institution"), _("Receiving hospital"), _("Department"), _("First day"), _("Last day"),
            _("State"), _("Days present"), _("Outcome"), _("Recorded afterwards"),
        ]  # fmt: skip
        return exports.answer(kind, _("Rotations"), columns, [_cells(row) for row in db.session.execute(query)])
    return render_template("rotations/desk.html", shown=cut(query, asked.get("page", 1, int)))


def _cells(row: Any) -> list[Any]:
    stay: Rotation = row.Rotation
    return [
        stay.doctor_name, pick(row.place, row.place_en), pick(row.host, row.host_en),
        pick(row.department, row.department_en), stay.begins_on, stay.last_on, str(forms.STATES[State(stay.state)]),
        stay.present_days, str(forms.OUTCOMES[Outcome(stay.outcome)]) if stay.outcome else "",
        clock.local(stay.recorded_at).date() if stay.recorded_at else None,
    ]  # fmt: skip


@pages.page("/rotations/owed", needs=Rotations.BROWSE)
def owed() -> ResponseReturnValue:
    """Which doctors owe how much, those furthest from it first; or the same as a file."""
    asked = request.args
    query, numbers = owing.listing(asked.get("q", "").strip()[:60], asked.get("state", "")), owing.numbers()
    if kind := exports.wanted():
        columns = [
            _("Doctor"), _("Institution"), _("Days that count"), _("Days ahead"), _("Asked"),
            _("Inside the consortium this year"), _("Asked"),
        ]  # fmt: skip
        rows = [
            [
                row.Person.name, pick(row.place, row.place_en), row.stay, row.ahead, numbers.stay_days,
                row.year if row.member else None, numbers.consortium_days if row.member else None,
            ]
            for row in db.session.execute(query)
        ]  # fmt: skip
        return exports.answer(kind, _("Rotation owed"), columns, rows)
    return render_template("rotations/owed.html", shown=cut(query, asked.get("page", 1, int)), numbers=numbers)


@pages.page("/rotations/people/<int:id>/plan", needs=Rotations.PLAN, on=one(Person), methods=("GET", "POST"))
def plan(doctor: Person) -> ResponseReturnValue:
    """Give a doctor a place."""
    today = clock.today()
    form = forms.WishForm()
    found = places.departments_for(doctor.institution, form.begins_on.data or today)
    form.department.choices = [
        (one.id, f"{pick(one.institution.name, one.institution.name_en)} · {pick(one.name, one.name_en)}")
        for one in found
    ]
    made: list[Rotation] = []

    def act() -> None:
        department = only(db.session.get(RotationDepartment, form.department.data))
        wish = services.Wish(form.begins_on.data, form.last_on.data, form.goal.data or "")
        made.append(services.plan(actor(), doctor, department=department, wish=wish))

    if form.validate_on_submit() and attempted(form, act):
        flash(_("Planned. Both sides are told."), "done")
        return redirect(url_for("rotations.rotation", id=made[0].id), 303)
    half = [(one, places.filling(one.id, today, today + timedelta(days=182))) for one in found]
    page = render_template("rotations/plan.html", form=form, doctor=doctor, owed=owing.owed(doctor), filling=half)
    return page, 422 if request.method == "POST" else 200


@pages.page("/rotations/departments", needs=Rotations.PLACES)
def departments() -> ResponseReturnValue:
    """All departments that take doctors, and how full they are today."""
    asked = request.args
    query = places.listing(asked.get("q", "").strip()[:60], free=asked.get("free") == "1")
    shown = cut(query, asked.get("page", 1, int))
    return render_template("rotations/departments.html", shown=shown)


@pages.page("/rotations/departments/new", needs=Rotations.OFFER, methods=("GET", "POST"))
def new_department() -> ResponseReturnValue:
    """A department that takes doctors from now on."""
    form = forms.NewDepartmentForm(number=2, valid_from=clock.today())
    hosts = [
        Kind.CITY_HOSPITAL, Kind.COUNTY_HOSPITAL, Kind.COMMUNITY_CENTRE, Kind.TOWNSHIP_HOSPITAL,
    ]  # fmt: skip
    form.institution.choices = tree.choices(actor(), hosts)
    made: list[RotationDepartment] = []
    if form.validate_on_submit() and attempted(form, lambda: made.append(_offer(form))):
        flash(_("Saved. Name who receives doctors there."), "done")
        return redirect(url_for("rotations.department", id=made[0].id), 303)
    return render_template("rotations/new_department.html", form=form), 422 if request.method == "POST" else 200


def _offer(form: forms.NewDepartmentForm) -> RotationDepartment:
    host = only(tree.institution(actor(), form.institution.data))
    made = services.offer_department(
        actor(), host, name=form.name.data or "", name_en=form.name_en.data or "", teaches=form.teaches.data or "",
        opens_to=Opens(form.opens_to.data),
    )  # fmt: skip
    services.set_places(actor(), made, number=form.number.data or 0, valid_from=form.valid_from.data)
    return made


@pages.page("/rotations/departments/<int:id>", needs=Rotations.PLACES, on=one(RotationDepartment))
def department(found: RotationDepartment) -> ResponseReturnValue:
    """One department: its calendar, its places, who receives there."""
    return _department(found)


def _department(found: RotationDepartment, **wrong: Any) -> ResponseReturnValue:
    today, first = clock.today(), shown_from()
    may_offer = actor().may(Rotations.OFFER, found)
    naming = forms.ReceiverForm(formdata=None, begins_on=today)
    shown = {"places": forms.PlacesForm(formdata=None, valid_from=today), "receiver": naming} | wrong
    if may_offer:
        shown["receiver"].person.choices = _candidates(found)
    page = render_template(
        "rotations/department.html", department=found, calendar=drawn(found, first), first=first,
        step=timedelta(days=91), may_offer=may_offer, today=today, forms=shown,
        receivers=places.receivers(found.id), filling=places.filling(found.id, today, today + timedelta(days=182)),
    )  # fmt: skip
    return page, 422 if wrong else 200


def _candidates(found: RotationDepartment) -> list[tuple[int, str]]:
    people = {one.id: one.name for one in places.colleagues(found.institution)}
    me = db.session.get(Person, actor().person_id or 0)
    return list((({me.id: me.name} if me else {}) | people).items())


@pages.page(
    "/rotations/departments/<int:id>/places", needs=Rotations.OFFER, on=one(RotationDepartment), methods=("POST",)
)
def set_places(found: RotationDepartment) -> ResponseReturnValue:
    """Have more or fewer places from a day on."""
    form = forms.PlacesForm()

    def act() -> None:
        services.set_places(actor(), found, number=form.number.data or 0, valid_from=form.valid_from.data)

    if form.validate_on_submit() and attempted(form, act):
        flash(_("Saved."), "done")
        return redirect(url_for("rotations.department", id=found.id), 303)
    return _department(found, places=form)


@pages.page(
    "/rotations/departments/<int:id>/receivers", needs=Rotations.OFFER, on=one(RotationDepartment), methods=("POST",)
)
def appoint(found: RotationDepartment) -> ResponseReturnValue:
    """Name who receives doctors."""
    form = forms.ReceiverForm()
    form.person.choices = _candidates(found)

    def act() -> None:
        person = only(db.session.get(Person, form.person.data))
        services.appoint(actor(), found, person=person, begins_on=form.begins_on.data, ends_on=form.ends_on.data)

    if form.validate_on_submit() and attempted(form, act):
        flash(_("Saved."), "done")
        return redirect(url_for("rotations.department", id=found.id), 303)
    return _department(found, receiver=form)


@pages.page("/rotations/receivers/<int:id>/end", needs=Rotations.OFFER, on=one(RotationReceiver), methods=("POST",))
def dismiss(found: RotationReceiver) -> ResponseReturnValue:
    """End a term as receiver."""
    services.dismiss(actor(), found)
    flash(_("Saved."), "done")
    return redirect(url_for("rotations.department", id=found.department_id), 303)


@pages.page("/rotations/policy", needs=Rotations.SET_POLICY, on=root, methods=("GET", "POST"))
def policy(top: Institution) -> ResponseReturnValue:
    """What is asked of doctors, from a day on."""
    form = forms.PolicyForm(**asdict(owing.numbers()), valid_from=clock.today())

    def act() -> None:
        found = Numbers(
            form.stay_days.data or 0,
            form.stay_years.data or 0,
            form.consortium_days.data or 0,
            form.star_days.data or 0,
        )
        services.set_policy(actor(), top, numbers=found, valid_from=form.valid_from.data)

    if form.validate_on_submit() and attempted(form, act):
        flash(_("Saved."), "done")
        return redirect(url_for("rotations.policy"), 303)
    return render_template("rotations/policy.html", form=form), 422 if request.method == "POST" else 200


def panel(who: Actor) -> str | None:
    """For the home page of managers: how many rotations recorded afterwards wait for their word."""
    count = stays.to_confirm(who)
    return render_template("rotations/confirm_panel.html", count=count) if count else None
