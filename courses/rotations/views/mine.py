"""For the doctor: what I owe, where I go; for the receiving side: who comes, who is there, who waits for a word."""

from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from courses.rotations import charts
from courses.rotations.models import RotationDepartment
from courses.rotations.policy import Rotations
from courses.rotations.queries import owing, places, stays
from courses.rotations.rules import OPEN, State
from courses.rotations.views import pages
from lms import clock
from lms.authz import Actor
from lms.db import db
from lms.people.models import Person
from lms.web.pages import actor
from lms.web.written import read_day


@pages.page("/rotations", needs=Rotations.OWN)
def mine() -> ResponseReturnValue:
    """What I owe, what is planned, where I was."""
    me = actor().person_id or 0
    return render_template(
        "rotations/mine.html",
        owed=owing.owed(db.session.get_one(Person, me)),
        rows=stays.of_person(me),
        open_states=OPEN,
    )


@pages.page("/rotations/receiving", needs=Rotations.RECEIVE)
def receiving() -> ResponseReturnValue:
    """The desk of whoever receives doctors, with a calendar for each department."""
    me = actor().person_id or 0
    departments = places.received_departments(me)
    first = shown_from()
    return render_template(
        "rotations/receiving.html",
        desk=stays.received(me),
        departments=[(one, drawn(one, first)) for one in departments],
        first=first,
        step=timedelta(days=91),
    )


def shown_from() -> date:
    """The first day of the calendar that was asked for: this month unless said."""
    today = clock.today()
    asked = read_day(request.args.get("from", "")) or today.replace(day=1)
    return min(max(asked, today - timedelta(days=1500)), today + timedelta(days=1500))


def drawn(department: RotationDepartment, first: date) -> charts.Calendar:
    """The calendar of a department; names stand on it where the reader reaches them."""
    last = first + timedelta(days=charts.DAYS - 1)
    known = {one.id: one for one in stays.bars(department.id, first, last)}
    taken, there = places.stays(department.id, first), places.places(department.id, first)
    return charts.calendar(there, taken, known, first, clock.today())


def panel(who: Actor) -> str | None:
    """For the home page of the receiving side: who is to come today and who waits for a word."""
    desk: dict[str, list[Any]] = stays.received(who.person_id or 0)
    if not desk["begin"] and not desk["evaluate"]:
        return None
    return render_template("rotations/panel.html", desk=desk)


def my_panel(who: Actor) -> str | None:
    """For the doctor's home page: the rotation that is under way or comes next."""
    rows = [row for row in stays.of_person(who.person_id or 0) if row.Rotation.state in OPEN]
    if not rows:
        return None
    under_way = [row for row in rows if row.Rotation.state == State.UNDER_WAY]
    return render_template("rotations/my_panel.html", row=(under_way or rows)[-1])
