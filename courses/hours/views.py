"""My hours, somebody's hours, and how many are asked."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from courses.hours import queries, services
from courses.hours.forms import ReverseForm, TargetForm
from courses.hours.models import HoursEntry
from courses.hours.policy import Hours
from courses.hours.rules import HoursKind, hours
from lms import clock
from lms.db import db
from lms.i18n import _, _l
from lms.people.models import Person
from lms.people.policy import People
from lms.web.pages import Pages, actor, one

pages = Pages("hours", __name__)
KINDS = {HoursKind.THEORY: _l("Theory"), HoursKind.SIMULATION: _l("Simulation"), HoursKind.PRACTICE: _l("Practice")}
PER_PAGE = 50


def _me() -> Person | None:
    return db.session.get(Person, actor().person_id) if actor().person_id else None


@pages.page("/hours", needs=Hours.READ, on=_me, relation="oneself")
def mine(person: Person) -> ResponseReturnValue:
    """My statement of a year."""
    return render_template("hours/statement.html", **_statement(person), own=True)


@pages.page("/people/<int:id>/hours", needs=Hours.READ, on=one(Person))
def statement(person: Person) -> ResponseReturnValue:
    """The statement of somebody within reach."""
    return render_template("hours/statement.html", **_statement(person), own=person.id == actor().person_id)


def _statement(person: Person) -> dict[str, Any]:
    this = clock.today().year
    year = request.args.get("year", this, type=int)
    year = year if 2000 <= year <= this else this
    stand = queries.statement(person.id, year)
    query = queries.entries(person.id, year)
    number = max(1, request.args.get("page", 1, type=int))
    rows = db.session.execute(query.limit(PER_PAGE + 1).offset((min(number, 10**6) - 1) * PER_PAGE)).all()
    return {
        "person": person,
        "year": year,
        "years": sorted({this, *queries.years(person.id)}, reverse=True),
        "stand": stand,
        "rows": rows[:PER_PAGE],
        "number": number,
        "more": len(rows) > PER_PAGE,
        "kinds": KINDS,
        "hours": hours,
        "may_reverse": actor().may(Hours.REVERSE, person),
        "may_read_person": actor().may(People.READ, person),
    }


@pages.page("/hours/entries/<int:id>/reverse", needs=Hours.REVERSE, on=one(HoursEntry), methods=("GET", "POST"))
def reverse(entry: HoursEntry) -> ResponseReturnValue:
    """Take an entry back, with a reason."""
    form = ReverseForm()
    if form.validate_on_submit():
        services.reverse(actor(), entry, reason=form.reason.data or "")
        flash(_("The hours have been taken back."), "done")
        return redirect(url_for("hours.statement", id=entry.person_id, year=entry.on_day.year), 303)
    person = db.session.get_one(Person, entry.person_id)
    return render_template(
        "hours/reverse.html", entry=entry, person=person, form=form, kinds=KINDS, hours=hours
    ), 422 if form.errors else 200


@pages.page("/hours/target", needs=Hours.SET_TARGET, methods=("GET", "POST"))
def target() -> ResponseReturnValue:
    """Say how many hours a year are asked."""
    form = TargetForm()
    if form.validate_on_submit():
        services.set_target(actor(), None, minutes=60 * (form.hours.data or 0), valid_from=form.valid_from.data)
        flash(_("Saved."), "done")
        return redirect(url_for("hours.target"), 303)
    now = queries.target(clock.today())
    return render_template("hours/target.html", form=form, now=hours(now)), 422 if form.errors else 200
